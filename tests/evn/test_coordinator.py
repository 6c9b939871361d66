"""A meter in Home Assistant: from telegrams to states."""

import json
from collections.abc import Callable
from copy import replace
from typing import Any

import pytest
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, MqttMockHAClient

from custom_components.hausstrom import async_remove_config_entry_device
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.evn.coordinator import WRONG_KEYS_BEFORE_REAUTH
from custom_components.hausstrom.evn.memory import drop_handover
from custom_components.hausstrom.evn.protocol.errors import Reason
from simulators.evn_telegram import KAIFA, SAGEMCOM, TIROL, TIROL_SINGLE

from .conftest import TOPIC, MeterInFrozenTime

type EntryMaker = Callable[..., MockConfigEntry]


@pytest.fixture
def meter(frozen_meter: MeterInFrozenTime, mqtt_mock: MqttMockHAClient) -> MeterInFrozenTime:
    return frozen_meter


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def entity_id(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    found = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{entry.unique_id}_{key}")
    assert found is not None, key
    return found


def state_of(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    state = hass.states.get(entity_id(hass, entry, key))
    assert state is not None, key
    return state.state


async def test_every_value_of_a_telegram_has_its_entity(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry())
    await meter.begin()
    states = {
        item.unique_id.removeprefix(f"{entry.unique_id}_"): hass.states.get(item.entity_id)
        for item in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    }
    shown = {key: state.state for key, state in states.items() if state is not None}
    assert shown == {
        "energy_import": "12345.678",
        "energy_export": "90.123",
        "power": "690",
        "power_import": "690",
        "power_export": "0",
        "voltage_l1": "230.1",
        "voltage_l2": "231.2",
        "voltage_l3": "229.8",
        "current_l1": "1.0",
        "current_l2": "1.0",
        "current_l3": "1.0",
        "power_factor": "0.998",
        "telegrams_rejected": "0",
    }
    assert {key for key, state in states.items() if state is None} == {
        "meter_time",
        "frame_counter",
    }, "disabled by default"
    assert {
        (item.domain, item.has_entity_name) for item in er.async_get(hass).entities.values()
    } == {("sensor", True)}


@pytest.mark.parametrize("key", ["energy_import", "energy_export"])
async def test_energy_is_fit_for_the_energy_dashboard(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker, key: str
) -> None:
    entry = await set_up(hass, make_entry())
    await meter.begin()
    state = hass.states.get(entity_id(hass, entry, key))
    assert state is not None
    assert state.attributes["device_class"] == SensorDeviceClass.ENERGY
    assert state.attributes["state_class"] == SensorStateClass.TOTAL_INCREASING
    assert state.attributes["unit_of_measurement"] == "kWh"


async def test_nested_and_single_phase_meters_have_what_they_send(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry(TIROL_SINGLE))
    meter.model = TIROL_SINGLE
    meter.state = replace(meter.state, voltages=(2301,), currents=(300,))
    await meter.begin()
    keys = {
        item.unique_id.removeprefix(f"{entry.unique_id}_")
        for item in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    }
    assert {"voltage_l1", "current_l1", "reactive_energy_import"} <= keys
    assert not {"voltage_l2", "current_l3", "power_factor"} & keys


async def test_the_device(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry())
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, str(entry.unique_id)), entry.entry_id
    )
    assert device is not None
    assert device.manufacturer == "Sagemcom"
    assert device.serial_number == SAGEMCOM.meter_number
    assert device.name == "Smart meter"
    assert not await async_remove_config_entry_device(hass, entry, device)


async def test_the_meter_number_is_learned(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = make_entry()
    hass.config_entries.async_update_entry(entry, data={**entry.data, "meter_number": None})
    await set_up(hass, entry)
    await meter.begin()
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, str(entry.unique_id)), entry.entry_id
    )
    assert device is not None
    assert device.serial_number == SAGEMCOM.meter_number


async def test_silence_and_return(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry())
    assert state_of(hass, entry, "telegrams_rejected") == STATE_UNAVAILABLE
    await meter.begin()
    assert state_of(hass, entry, "power") == "690"
    await meter.wait(23)
    assert state_of(hass, entry, "power") == "690"
    await meter.wait(4)
    assert state_of(hass, entry, "power") == STATE_UNAVAILABLE
    assert state_of(hass, entry, "telegrams_rejected") == STATE_UNAVAILABLE
    await meter.send(b"\x00noise is a sign of life, and no value")
    assert state_of(hass, entry, "power") == STATE_UNAVAILABLE
    assert state_of(hass, entry, "telegrams_rejected") == "1"
    await meter.send()
    assert state_of(hass, entry, "power") == "690"
    assert state_of(hass, entry, "telegrams_rejected") == "1"


async def test_what_is_heard_and_never_believed_does_not_keep_old_values(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry())
    await meter.begin()
    for _ in range(9):
        telegram = bytearray(meter.telegram())
        telegram[100] ^= 1
        await meter.send(telegram.hex().encode())
        assert state_of(hass, entry, "telegrams_rejected") != STATE_UNAVAILABLE
    assert state_of(hass, entry, "power") == STATE_UNAVAILABLE
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"telegrams_damaged_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["refused"] == "9"
    await meter.send()
    assert state_of(hass, entry, "power") == "690"
    assert not ir.async_get(hass).issues


async def test_the_rhythm_is_learned_and_outlives_a_restart(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry())
    for _ in range(4):
        meter.publish()
        await meter.wait(900)
    assert state_of(hass, entry, "power") == "690"
    assert entry.runtime_data.diagnostics()["interval_seconds"] == 900
    assert await hass.config_entries.async_unload(entry.entry_id)
    drop_handover(hass, entry.unique_id)  # as in another process
    await set_up(hass, entry)
    meter.publish()
    await meter.wait(900)
    meter.publish()
    await hass.async_block_till_done()
    assert state_of(hass, entry, "power") == "690"
    await meter.wait(2000)
    assert state_of(hass, entry, "power") == "690"
    await meter.wait(2000)
    assert state_of(hass, entry, "power") == STATE_UNAVAILABLE


async def test_a_register_that_stays_low_is_a_question_and_not_a_value(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry(update_interval=0))
    await meter.begin()
    high = meter.state.energy_import
    meter.state = replace(meter.state, energy_import=0)
    for _ in range(10):
        await meter.send()
    assert state_of(hass, entry, "energy_import").startswith("12345.6")
    assert state_of(hass, entry, "power") == "690"
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, f"register_fell_{entry.entry_id}") is None
    for _ in range(3):
        await meter.wait(1300)
        for _ in range(3):
            await meter.send()
    assert issues.async_get_issue(DOMAIN, f"register_fell_{entry.entry_id}") is not None
    assert state_of(hass, entry, "energy_import").startswith("12345.6")
    meter.state = replace(meter.state, energy_import=high + 2000)
    for _ in range(3):
        await meter.send()
    assert issues.async_get_issue(DOMAIN, f"register_fell_{entry.entry_id}") is None
    assert float(state_of(hass, entry, "energy_import")) * 1000 >= high + 2000


async def test_a_new_start_compares_with_the_stands_of_the_last(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry(update_interval=0))
    await meter.begin()
    assert await hass.config_entries.async_unload(entry.entry_id)
    drop_handover(hass, entry.unique_id)  # as in another process
    await set_up(hass, entry)
    true = meter.state
    meter.state = replace(true, energy_import=true.energy_import + 2**24)
    await meter.send()
    assert state_of(hass, entry, "energy_import") == STATE_UNAVAILABLE
    meter.state = true
    await meter.begin()
    assert state_of(hass, entry, "energy_import").startswith("12345.6")
    assert await hass.config_entries.async_unload(entry.entry_id)
    drop_handover(hass, entry.unique_id)
    await set_up(hass, entry)
    meter.state = replace(true, energy_import=5)
    for _ in range(5):
        await meter.send()
        assert state_of(hass, entry, "energy_import") in {STATE_UNAVAILABLE, STATE_UNKNOWN}


async def test_a_restart_needs_nothing_but_the_next_telegram(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry())
    await meter.begin()
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert state_of(hass, entry, "power") == STATE_UNAVAILABLE
    await set_up(hass, entry)
    await meter.send()
    assert state_of(hass, entry, "power") == "690"


async def test_numbers_are_written_once_per_interval(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry(update_interval=20))
    written: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        if event.data["entity_id"] == entity_id(hass, entry, "power"):
            written.append(event.data["new_state"].state)

    hass.bus.async_listen("state_changed", note)
    for watts in (700, 710, 720, 730, 740, 750):
        meter.state = replace(
            meter.state, power_import=watts, energy_import=meter.state.energy_import + 1
        )
        await meter.begin()
    await meter.wait(20)
    assert written[0] == "700"
    assert written[-1] == "750", "the last value is never lost"
    assert len(written) <= 5
    assert entry.state is ConfigEntryState.LOADED


async def test_values_are_published_as_the_evn_reader_did(
    hass: HomeAssistant,
    meter: MeterInFrozenTime,
    mqtt_mock: MqttMockHAClient,
    make_entry: EntryMaker,
) -> None:
    await set_up(hass, make_entry(publish_topic="sensors/smartmeter/values"))
    await meter.begin()
    topic, payload, _qos, retain = mqtt_mock.async_publish.call_args.args
    assert (topic, retain) == ("sensors/smartmeter/values", False)
    assert json.loads(payload) == {
        "WIn": {"value": 12345678, "unit": "Wh"},
        "WOut": {"value": 90123, "unit": "Wh"},
        "PIn": {"value": 690, "unit": "W"},
        "POut": {"value": 0, "unit": "W"},
        "U1": {"value": 230.1, "unit": "V"},
        "U2": {"value": 231.2, "unit": "V"},
        "U3": {"value": 229.8, "unit": "V"},
        "I1": {"value": 1.0, "unit": "A"},
        "I2": {"value": 1.0, "unit": "A"},
        "I3": {"value": 1.0, "unit": "A"},
        "PF": {"value": 0.998, "unit": "1"},
        "timestamp": {"value": 1791972005, "unit": "s"},
    }
    assert mqtt_mock.async_publish.call_count == 1
    await meter.send(b"noise")
    assert mqtt_mock.async_publish.call_count == 1


async def test_a_voltage_that_leaps_alone_waits_for_the_next_telegram(
    hass: HomeAssistant,
    meter: MeterInFrozenTime,
    mqtt_mock: MqttMockHAClient,
    make_entry: EntryMaker,
) -> None:
    entry = await set_up(hass, make_entry(publish_topic="values", update_interval=0))
    await meter.begin()
    first, second, third = meter.state.voltages
    meter.state = replace(meter.state, power_import=691, voltages=(first, second + 11, third))
    await meter.send()
    assert state_of(hass, entry, "power") == "691"
    assert state_of(hass, entry, "voltage_l2") == "231.2"
    published = json.loads(mqtt_mock.async_publish.call_args.args[1])
    assert (published["PIn"]["value"], published["U2"]["value"]) == (691, 231.2)
    for _ in range(13):  # voltages are written about once a minute
        await meter.send()
    assert state_of(hass, entry, "voltage_l2") == "232.3"


async def test_what_waits_after_a_silence_shows_no_old_value(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry(update_interval=0))
    await meter.begin()
    await meter.wait(120)
    assert state_of(hass, entry, "voltage_l2") == STATE_UNAVAILABLE
    first, second, third = meter.state.voltages
    meter.state = replace(meter.state, voltages=(first, second + 40, third))
    shown = set()
    for _ in range(4):
        await meter.send()
        shown.add(state_of(hass, entry, "voltage_l2"))
    assert "231.2" not in shown
    assert "235.2" in shown


async def test_a_publication_that_fails_is_said_once(
    hass: HomeAssistant,
    meter: MeterInFrozenTime,
    make_entry: EntryMaker,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await set_up(hass, make_entry(publish_topic="values"))
    entry.runtime_data.transport.link.connected = False
    for _ in range(3):
        await meter.begin()
    assert caplog.text.count("could not be published") == 1
    entry.runtime_data.transport.link.connected = True
    await meter.send()
    entry.runtime_data.transport.link.connected = False
    await meter.send()
    assert caplog.text.count("could not be published") == 2


async def test_a_key_that_stops_fitting_asks_once(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    await set_up(hass, make_entry())
    await meter.begin()
    meter.model = replace(SAGEMCOM, key=bytes(16))
    for _ in range(12):
        await meter.send()
    flows = hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == ["reauth"]


async def test_a_good_telegram_ends_a_streak_of_wrong_keys(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    """Noise that looks like a wrong key now and then is no reason to ask for the key."""
    entry = await set_up(hass, make_entry())
    await meter.begin()
    right = meter.model
    counted = entry.runtime_data._reader.rejected
    for _ in range(4):
        meter.model = replace(SAGEMCOM, key=bytes(16))
        before = counted[Reason.WRONG_KEY]
        for _ in range(20):
            if counted[Reason.WRONG_KEY] == before + WRONG_KEYS_BEFORE_REAUTH - 1:
                break
            await meter.send()
        assert counted[Reason.WRONG_KEY] == before + WRONG_KEYS_BEFORE_REAUTH - 1
        meter.model = right
        for _ in range(4):
            await meter.send()
    assert not hass.config_entries.flow.async_progress()


async def test_another_meter_on_the_topic_is_ignored_and_reported(
    hass: HomeAssistant, meter: MeterInFrozenTime, make_entry: EntryMaker
) -> None:
    entry = await set_up(hass, make_entry())
    await meter.begin()
    meter.model, meter.state = KAIFA, replace(meter.state, power_import=5000)
    for _ in range(4):
        await meter.send()
    assert state_of(hass, entry, "power") == "690"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"foreign_meter_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders == {"name": "My meter", "topic": TOPIC}
    await hass.config_entries.async_remove(entry.entry_id)
    assert not ir.async_get(hass).issues


async def test_rejections_are_counted_by_cause_and_logged_once(
    hass: HomeAssistant,
    meter: MeterInFrozenTime,
    make_entry: EntryMaker,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await set_up(hass, make_entry(update_interval=0))
    await meter.begin()
    for _ in range(5):
        telegram = bytearray(meter.telegram())
        telegram[100] ^= 1
        await meter.send(telegram.hex().encode())
    await meter.send(b"zz")
    await meter.send()
    assert state_of(hass, entry, "telegrams_rejected") == "6"
    assert caplog.text.count("was rejected: checksum") == 1

    diagnostics: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert diagnostics["device"]["telegrams_rejected"] == {
        "checksum": 5,
        "not_hex": 1,
        "unconfirmed": 1,
    }
    assert diagnostics["device"]["telegrams_accepted"] == 2
    assert diagnostics["available"] is True
    text = json.dumps(diagnostics)
    for secret in (
        SAGEMCOM.key.hex(),
        SAGEMCOM.meter_number,
        SAGEMCOM.system_title.hex(),
        str(entry.unique_id),
    ):
        assert secret not in text
    assert SAGEMCOM.key.hex() not in caplog.text.lower()


async def test_diagnostics_of_a_silent_meter(
    hass: HomeAssistant,
    meter: MeterInFrozenTime,
    make_entry: EntryMaker,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await set_up(hass, make_entry(TIROL))
    before: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert (before["available"], before["last_error"]) == (False, None)
    meter.model = TIROL
    await meter.begin()
    await meter.wait(60)
    after: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert (after["available"], after["last_error"]) == (False, "UpdateFailed(silent)")


async def test_without_mqtt_the_entry_waits(hass: HomeAssistant, make_entry: EntryMaker) -> None:
    entry = make_entry()
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "mqtt_not_set_up"


async def test_an_entry_that_does_not_come_up_can_be_looked_into(
    hass: HomeAssistant, make_entry: EntryMaker, hass_client: ClientSessionGenerator
) -> None:
    entry = make_entry()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    diagnostics: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert (diagnostics["state"], diagnostics["last_error"]) == ("setup_retry", "mqtt_not_set_up")
    assert SAGEMCOM.key.hex() not in json.dumps(diagnostics)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "meter")}
    )
    assert not await async_remove_config_entry_device(hass, entry, device)
