"""From the report to the entities of Home Assistant."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.diagnostics import async_get_config_entry_diagnostics
from custom_components.hausstrom.smartlog import arrivals, pieces, senders, transports
from custom_components.hausstrom.smartlog.protocol import quantities
from custom_components.hausstrom.smartlog.protocol.mbus import DeviceType

from .build import GATEWAY, NOW, data, house, meter, muc, xml
from .conftest import MQTT_DATA, Post, make_entry, publish, set_up

START = "2026-09-21 14:13:20+00:00"  # NOW


@pytest.fixture(autouse=True)
def _clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(START)


def entity_id(hass: HomeAssistant, key: str, platform: str = "sensor") -> str:
    found = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"smartlog_{GATEWAY}_{key}")
    assert found is not None, key
    return found


def device_of(hass: HomeAssistant, identifier: tuple[str, str]) -> dr.DeviceEntry | None:
    entry = hass.config_entries.async_entries(DOMAIN)[0]
    return dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)


def state(hass: HomeAssistant, key: str, platform: str = "sensor") -> State:
    found = hass.states.get(entity_id(hass, key, platform))
    assert found is not None, key
    return found


def value(hass: HomeAssistant, key: str, platform: str = "sensor") -> str:
    return state(hass, key, platform).state


def disabled(hass: HomeAssistant, key: str) -> bool:
    found = er.async_get(hass).async_get(entity_id(hass, key))
    assert found is not None
    return found.disabled_by is er.RegistryEntryDisabler.INTEGRATION


async def pass_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory, step: timedelta) -> None:
    freezer.tick(step)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_a_report_becomes_devices_and_entities(hass: HomeAssistant, post: Post) -> None:
    assert await post(house()) == 200
    assert value(hass, "46100001_6_0_1_0_0_255") == "30390"
    volume = state(hass, "46100001_6_0_2_0_0_255")
    assert volume.state == "1736.502"
    assert volume.attributes["device_class"] == "volume"
    assert volume.attributes["state_class"] == "total_increasing"
    assert volume.attributes["unit_of_measurement"] == "m³"
    assert value(hass, "46100001_flow_temperature_c") == "23.91"
    assert value(hass, "46100001_temperature_difference_k") == "0.49"
    assert value(hass, "00351800_1_0_1_8_0_0") == "154.92"
    assert value(hass, "last_message") == "2026-09-21T14:13:20+00:00"
    assert value(hass, "reporting", "binary_sensor") == "on"
    assert disabled(hass, "46100001_last_reading")

    gateway = device_of(hass, (DOMAIN, f"smartlog_{GATEWAY}"))
    kitchen = device_of(hass, (DOMAIN, f"smartlog_{GATEWAY}_46100001"))
    room = device_of(hass, (DOMAIN, f"smartlog_{GATEWAY}_00000024"))
    assert gateway is not None
    assert kitchen is not None
    assert room is not None
    assert (gateway.sw_version, gateway.serial_number) == ("1f6", GATEWAY)
    assert (kitchen.name, kitchen.model, kitchen.serial_number) == (
        "Küche",
        "Heat (outlet)",
        "46100001",
    )
    assert kitchen.via_device_id == gateway.id
    assert room.name == "Room sensor 00000024"


async def test_put_and_latin_1_and_xml(hass: HomeAssistant, post: Post) -> None:
    assert await post(xml(house(), "latin-1")) == 200
    assert value(hass, "46100001_6_0_1_0_0_255") == "30390"


async def test_mqtt(hass: HomeAssistant, mqtt_entry: MockConfigEntry) -> None:
    await publish(hass, house())
    assert value(hass, "46100001_6_0_1_0_0_255") == "30390"
    await publish(hass, b"nonsense")
    await publish(
        hass, {"data": [data("Volume", 5, "m^3", medium="Water")]}, f"smartlog/{GATEWAY}/0000ABCD"
    )
    assert value(hass, "0000abcd_volume_m3") == "5"
    await publish(hass, {"data": [data("Volume", 5, "m^3")]}, "smartlog/nobody")
    result = await async_get_config_entry_diagnostics(hass, mqtt_entry)
    counts = result["device"]["counts"]
    assert (counts["reports"], counts["refused_unsupported_format"], counts["bad_meters"]) == (
        2,
        1,
        1,
    )


async def test_retained_messages_bring_values_but_no_life(
    hass: HomeAssistant, mqtt_entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    await publish(hass, house())
    await pass_time(hass, freezer, timedelta(hours=30))
    assert value(hass, "46100001_flow_temperature_c") == STATE_UNAVAILABLE
    assert value(hass, "reporting", "binary_sensor") == "off"
    later = NOW + 2 * 3600
    tree = muc(
        meter("46100001", data("Energy", 30400, obis="6-0:1.0.0*255", time=later)), time=later
    )
    await publish(hass, tree, retain=True)
    assert value(hass, "46100001_6_0_1_0_0_255") == "30400"
    assert value(hass, "46100001_flow_temperature_c") == STATE_UNAVAILABLE
    assert value(hass, "last_message") == "2026-09-21T14:13:20+00:00"
    assert value(hass, "reporting", "binary_sensor") == "off"


async def test_silence_makes_measurements_unavailable_and_keeps_totals(
    hass: HomeAssistant, post: Post, freezer: FrozenDateTimeFactory
) -> None:
    await post(house())
    await pass_time(hass, freezer, timedelta(hours=25, minutes=58))
    assert value(hass, "46100001_flow_temperature_c") == "23.91"
    await pass_time(hass, freezer, timedelta(minutes=3))
    assert value(hass, "46100001_flow_temperature_c") == STATE_UNAVAILABLE
    assert value(hass, "46100001_6_0_1_0_0_255") == "30390"
    assert disabled(hass, "46100001_last_reading")
    assert value(hass, "reporting", "binary_sensor") == "off"
    again = NOW + 94_000
    tree = muc(
        meter("46100001", data("Return temperature", 2500, "Degree C", "0.01", time=again)),
        time=again,
    )
    await post(tree)
    # Each value for itself: this one is still missing.
    assert value(hass, "46100001_flow_temperature_c") == STATE_UNAVAILABLE
    assert value(hass, "46100001_return_temperature_c") == "25.0"
    assert value(hass, "reporting", "binary_sensor") == "on"


async def test_a_restart_keeps_everything(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    await post(house())
    assert await hass.config_entries.async_unload(webhook_entry.entry_id)
    await hass.async_block_till_done()
    await set_up(hass, webhook_entry)
    assert value(hass, "46100001_6_0_1_0_0_255") == "30390"
    assert value(hass, "46100001_flow_temperature_c") == "23.91"
    assert value(hass, "last_message") == STATE_UNKNOWN
    await hass.config_entries.async_unload(webhook_entry.entry_id)
    freezer.tick(timedelta(hours=30))
    await set_up(hass, webhook_entry)
    assert value(hass, "46100001_6_0_1_0_0_255") == "30390"
    assert value(hass, "46100001_flow_temperature_c") == STATE_UNAVAILABLE
    assert disabled(hass, "46100001_last_reading")


async def test_a_meter_that_said_the_same_again_is_not_silent_after_a_restart(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """When it was read last is kept at an unload, though nothing it said had changed."""
    await post(house())
    late = timedelta(hours=27)
    freezer.tick(late)
    tree = house()
    tree["muc"]["TIMESTAMP"] = str(NOW + int(late.total_seconds()))
    for one in tree["muc"]["meter"]:
        for point in one["data"]:
            point["entry"][0]["T_MUC"] = NOW + int(late.total_seconds())
    await post(tree)
    assert await hass.config_entries.async_unload(webhook_entry.entry_id)
    await hass.async_block_till_done()
    freezer.tick(timedelta(hours=3))
    await set_up(hass, webhook_entry)
    assert value(hass, "46100001_flow_temperature_c") == "23.91"


async def test_what_is_known_is_saved_while_running(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    await post(house())
    # At once: identities are on disk before anything is made of them.
    stored = hass_storage[f"hausstrom.smartlog.{webhook_entry.entry_id}"]["data"]
    assert [one["uid"] for one in stored["gateway"]["meters"]] == [
        "46100001",
        "00000024",
        "00351800",
    ]


async def test_a_damaged_store_is_told(
    hass: HomeAssistant, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    entry = make_entry(hass, {**MQTT_DATA, "transport": "webhook", "webhook_id": "x", "username": "a",
                              "password": "b", "local_only": True})  # fmt: skip
    hass_storage[f"hausstrom.smartlog.{entry.entry_id}"] = {
        "version": 1,
        "key": "x",
        "data": {"gateway": {"version": "", "removed": [], "meters": [{}]}},
    }
    await set_up(hass, entry)
    assert "1 stored meters could not be read" in caplog.text


async def test_a_report_without_changes_writes_only_that_it_came(
    hass: HomeAssistant, post: Post, freezer: FrozenDateTimeFactory
) -> None:
    await post(house())
    events = async_capture_events(hass, EVENT_STATE_CHANGED)
    freezer.tick(60)
    await post(house())
    # Sent a second time: it tells nothing, not even that the logger is alive.
    assert events == []
    freezer.tick(60)
    tree = house()
    for one in tree["muc"]["meter"]:
        for point in one["data"]:
            point["entry"][0]["T_MUC"] = NOW + 100
    await post(tree)
    assert [event.data["entity_id"] for event in events] == [entity_id(hass, "last_message")]


async def test_an_empty_meter_is_a_device_only(hass: HomeAssistant, post: Post) -> None:
    await post(muc(meter("62270051", USER="Attic")))
    device = device_of(hass, (DOMAIN, f"smartlog_{GATEWAY}_62270051"))
    assert device is not None
    assert device.name == "Attic"
    assert not er.async_entries_for_device(er.async_get(hass), device.id)


async def test_empty_meters_are_devices_after_a_restart(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry
) -> None:
    await post(muc(meter("62270051")))
    await hass.config_entries.async_reload(webhook_entry.entry_id)
    await post(muc(meter("62270051", USER="Attic")))
    device = device_of(hass, (DOMAIN, f"smartlog_{GATEWAY}_62270051"))
    assert device is not None
    assert device.name == "Attic"


async def test_flags_and_what_is_disabled(hass: HomeAssistant, post: Post) -> None:
    await post(
        muc(
            meter(
                "60900121",
                data("Units for H. C. A.", 61, "", obis="4-1:1.0.0*255", medium="Heat cost allocator"),
                data("Units for H. C. A.", 40, "", obis="4-1:1.2.0*0", medium="Heat cost allocator"),
                data("Error flags (Device type specific)", 2, "Bin", medium="Heat cost allocator"),
                data("Special supplier information", 0, "None"),
                data("Special supplier information", 0, "None"),
                data("Status", 1, "Bin", STORAGE="1"),
            ),
            meter("9", data("Smoke alarm", 1, "Bin", medium="Smoke detector")),
            meter("1", data("Uptime", 1_296_000, "s", medium="System"), data("Temperature", 415, "Degree C", "0.1", medium="System")),
        )
    )  # fmt: skip
    assert value(hass, "60900121_4_1_1_0_0_255") == "61"
    assert value(hass, "60900121_error_flags_device_type_specific") == "2"
    assert value(hass, "60900121_error_flags_device_type_specific_problem", "binary_sensor") == "on"
    registry = er.async_get(hass)
    for key in ("4_1_1_2_0_0", "special_supplier_information", "special_supplier_information_2"):
        found = registry.async_get(entity_id(hass, f"60900121_{key}"))
        assert found is not None
        assert found.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    smoke = state(hass, "9_smoke_alarm_alarm", "binary_sensor")
    assert (smoke.state, smoke.attributes["device_class"]) == ("on", "smoke")
    system = registry.async_get(entity_id(hass, "1_temperature_c"))
    assert system is not None
    assert system.entity_category == "diagnostic"
    uptime = state(hass, "1_uptime_s")
    assert (float(uptime.state), uptime.attributes["unit_of_measurement"]) == (15, "d")
    gateway = device_of(hass, (DOMAIN, f"smartlog_{GATEWAY}"))
    assert gateway is not None
    assert system.device_id == gateway.id


async def test_names_tell_namesakes_apart(hass: HomeAssistant, post: Post) -> None:
    await post(
        muc(
            meter(
                "1",
                data("Energy (vendor specific)", 1, label="E_L1"),
                data("Energy (vendor specific)", 2, obis="1-0:1.8.0*255"),
                data("Energy", 3, TARIFF="2"),
                data("Power", 4, "W", label="P"),
                data("Stand 2026", 5, "kWh"),
                data("Volume", 5, "m^3", label="same"),
                data("Volume", 6, "m^3", label="same"),
                data("Mass", 7, "kg", obis="6-0:3.0.0*255"),
                data("Mass", 8, "kg", obis="6-0:3.2.0*0"),
                USER="Cellar",
            )
        )
    )
    registry = er.async_get(hass)
    names = {
        key: (one := registry.async_get(entity_id(hass, f"1_{key}"))) and one.original_name
        for key in (
            "energy_vendor_specific_e_l1_kwh",
            "1_0_1_8_0_255",
            "energy_kwh",
            "power_p_w",
            "stand_2026_kwh",
            "6_0_3_0_0_255",
        )
    }
    assert names == {
        "energy_vendor_specific_e_l1_kwh": "Energy E_L1",
        "1_0_1_8_0_255": "Energy 1-0:1.8.0*255",
        "energy_kwh": "Energy T2 3",
        "power_p_w": "Power",
        "stand_2026_kwh": "Stand 2026",
        "6_0_3_0_0_255": "Mass",
    }
    enabled = [key for key in names if not disabled(hass, f"1_{key}")]
    assert enabled == ["1_0_1_8_0_255", "power_p_w", "6_0_3_0_0_255"]
    second = er.async_get(hass).async_get(entity_id(hass, "1_volume_same_m3_2"))
    assert second is not None
    assert second.original_name == "Volume same 2"
    past = er.async_get(hass).async_get(entity_id(hass, "1_6_0_3_2_0_0"))
    assert past is not None
    assert past.original_name == "Mass 6-0:3.2.0*0"


async def test_a_register_that_runs_backwards_changes_its_class(
    hass: HomeAssistant, post: Post, freezer: FrozenDateTimeFactory
) -> None:
    await post(muc(meter("1", data("Energy", 5))))
    assert state(hass, "1_energy_kwh").attributes["state_class"] == "total_increasing"
    for seconds in (60, 120):
        freezer.move_to(START)
        freezer.tick(seconds)
        await post(muc(meter("1", data("Energy", -seconds, time=NOW + seconds))))
    assert state(hass, "1_energy_kwh").attributes["state_class"] == "total"
    assert value(hass, "1_energy_kwh") == "-120"


async def test_names_that_come_late(hass: HomeAssistant, post: Post) -> None:
    await post(muc(meter("1", data("Volume", 5, "m^3", medium=""))))
    device = device_of(hass, (DOMAIN, f"smartlog_{GATEWAY}_1"))
    assert device is not None
    assert device.name == "Meter 1"
    await post(muc(meter("1", data("Volume", 5, "m^3", medium="Water"), MANUFACTURER="BMT")))
    device = device_of(hass, (DOMAIN, f"smartlog_{GATEWAY}_1"))
    assert device is not None
    assert (device.name, device.manufacturer) == ("Water meter 1", "BMeters")


async def test_without_auto_create_nothing_new_appears(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry
) -> None:
    await post(muc(meter("1", data("Energy", 5))))
    hass.config_entries.async_update_entry(webhook_entry, options={"auto_create": False})
    await hass.config_entries.async_reload(webhook_entry.entry_id)
    await post(
        muc(
            meter("1", data("Energy", 6, time=NOW), data("Power", 1, "W")),
            meter("2", data("Energy", 1)),
        )
    )
    assert value(hass, "1_energy_kwh") == "6"
    keys = {key for key in webhook_entry.runtime_data.data if not key.endswith("last_reading")}
    assert keys == {"1_energy_kwh", "last_message", "meters_seen", "reporting"}


async def test_the_user_sets_the_limit(
    hass: HomeAssistant, mqtt_mock: object, freezer: FrozenDateTimeFactory
) -> None:
    await set_up(hass, make_entry(hass, MQTT_DATA, stale_after=0.5))
    await publish(hass, house())
    await pass_time(hass, freezer, timedelta(minutes=31))
    assert value(hass, "46100001_flow_temperature_c") == STATE_UNAVAILABLE


async def test_a_removed_meter_stays_away_until_it_is_asked_for(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry
) -> None:
    await post(house())
    identifier = (DOMAIN, f"smartlog_{GATEWAY}_46100001")
    device = device_of(hass, identifier)
    assert device is not None
    coordinator = webhook_entry.runtime_data
    assert coordinator.may_remove(device)
    dr.async_get(hass).async_remove_device(device.id)
    await hass.async_block_till_done()
    await post(house())
    assert device_of(hass, identifier) is None
    assert not any(key.startswith("46100001") for key in coordinator.data)
    await hass.config_entries.async_reload(webhook_entry.entry_id)
    await post(house())
    assert device_of(hass, identifier) is None

    flow = await hass.config_entries.options.async_init(webhook_entry.entry_id)
    schema = flow["data_schema"]
    assert schema is not None
    assert "restore_meters" in schema.schema
    await hass.config_entries.options.async_configure(
        flow["flow_id"], {"auto_create": True, "restore_meters": ["46100001"]}
    )
    await hass.async_block_till_done()
    assert webhook_entry.options == {"auto_create": True}
    await post(house())
    assert device_of(hass, identifier) is not None
    assert value(hass, "46100001_6_0_1_0_0_255") == "30390"


async def test_the_gateway_itself_is_not_removed(
    hass: HomeAssistant, webhook_entry: MockConfigEntry
) -> None:
    device = device_of(hass, (DOMAIN, f"smartlog_{GATEWAY}"))
    assert device is not None
    assert not webhook_entry.runtime_data.may_remove(device)


async def test_a_foreign_gateway_is_ignored_and_told(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry
) -> None:
    other = muc(meter("5", data("Energy", 1)), gateway="0ff1ce")
    # Not 200: the other logger would take it for delivered.
    assert await post(other) == 409
    assert await post(other) == 409
    issues = ir.async_get(hass)
    issue = issues.async_get_issue(DOMAIN, f"foreign_smartlog_{webhook_entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders == {"name": f"SmartLog {GATEWAY}", "gateway_id": "0ff1ce"}
    assert value(hass, "last_message") == STATE_UNKNOWN
    await hass.config_entries.async_remove(webhook_entry.entry_id)
    assert issues.async_get_issue(DOMAIN, f"foreign_smartlog_{webhook_entry.entry_id}") is None


async def test_a_foreign_gateway_with_its_own_entry_is_no_problem(
    hass: HomeAssistant, mqtt_entry: MockConfigEntry
) -> None:
    MockConfigEntry(domain=DOMAIN, unique_id="smartlog_0ff1ce", data={}).add_to_hass(hass)
    await publish(hass, muc(meter("5", data("Energy", 1)), gateway="0FF1CE"))
    assert not ir.async_get(hass).issues


async def test_removing_the_entry_forgets_the_meters(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    await post(house())
    await hass.config_entries.async_remove(webhook_entry.entry_id)
    await hass.async_block_till_done()
    assert f"hausstrom.smartlog.{webhook_entry.entry_id}" not in hass_storage


async def test_diagnostics_name_no_meter(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry
) -> None:
    tree = house()
    tree["muc"]["meter"].append(
        meter("77777777", data("Fabrication", "SECRET42", "None"), data("Hardness", 7, "°dH"))
    )
    await post(tree)
    await post(b"a;b")
    result = await async_get_config_entry_diagnostics(hass, webhook_entry)
    text = str(result)
    for secret in ("46100001", "00351800", "Küche", "SECRET42", "gehÄim", "c0ffee", GATEWAY):
        assert secret not in text
    assert result["device"]["unknown_units"] == ["°dH"]
    assert result["device"]["shapes"] == {"muc": 1}
    assert result["device"]["counts"]["answered_400"] == 1
    assert result["readings"]["meter_1.6_0_2_0_0_255"] == "1736.502"
    assert [one["type"] for one in result["device"]["meters"]][:2] == ["heat", "room_sensor"]


async def test_the_broker_goes_away(hass: HomeAssistant, mqtt_entry: MockConfigEntry) -> None:
    coordinator = mqtt_entry.runtime_data
    coordinator.transport.link._set_connected(False)
    assert value(hass, "reporting", "binary_sensor") == STATE_UNKNOWN
    await publish(hass, house())
    coordinator.transport.link._set_connected(True)
    coordinator.transport.link._set_connected(False)
    await hass.async_block_till_done()
    assert value(hass, "reporting", "binary_sensor") == "off"
    assert value(hass, "46100001_flow_temperature_c") == "23.91"


async def test_a_flood_of_messages_is_bounded(
    hass: HomeAssistant, mqtt_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "MOST_WAITING", 0)
    await publish(hass, house())
    assert mqtt_entry.runtime_data.diagnostics()["counts"] == {"overrun": 1}


async def test_long_reports_leave_the_loop_its_turns(
    hass: HomeAssistant, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 0.0)
    monkeypatch.setattr(arrivals, "LONGEST_INLINE", 0)
    nodes = [
        meter(f"{number:08}", data("Energy", number), data("Power", 5, "W")) for number in range(60)
    ]
    assert await post(muc(*nodes)) == 200
    assert value(hass, "00000059_energy_kwh") == "59"
    await pass_time_quickly(hass)


async def pass_time_quickly(hass: HomeAssistant) -> None:
    from homeassistant.util import dt as dt_util

    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=2))
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_states_are_written_once_per_change(hass: HomeAssistant, post: Post) -> None:
    await post(house())
    written: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        written.append(event.data["entity_id"])

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    tree = house()
    tree["muc"]["meter"][0]["data"][0]["entry"][0]["VAL"] = "30391"
    await post(tree)
    assert written == [entity_id(hass, "46100001_6_0_1_0_0_255")]


async def test_many_meters_fall_silent_in_pieces(
    hass: HomeAssistant, post: Post, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(house())
    monkeypatch.setattr(pieces, "PIECE", -1.0)
    await pass_time(hass, freezer, timedelta(hours=30))
    assert value(hass, "46100001_flow_temperature_c") == STATE_UNAVAILABLE
    assert value(hass, "00000024_relative_humidity_percent") == STATE_UNAVAILABLE


async def test_foreign_gateways_are_counted_but_not_without_end(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "MOST_FOREIGN", 2)
    for number in range(4):
        await post(muc(meter("5", data("Energy", 1)), gateway=f"other{number}"))
    result = webhook_entry.runtime_data.diagnostics()
    assert (result["foreign_gateways"], result["counts"]["foreign_reports"]) == (2, 4)


async def test_mqtt_is_not_there(hass: HomeAssistant) -> None:
    entry = make_entry(hass, MQTT_DATA)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY


LANGUAGES = ("de", "en", "it", "ro")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_has_a_name(language: str) -> None:
    folder = Path(arrivals.__file__).parent.parent / "translations"
    words = json.loads((folder / f"{language}.json").read_text())
    sensors, devices = words["entity"]["sensor"], words["device"]
    assert {f"meter_{quantity}" for quantity in quantities._QUANTITIES.values()} <= set(sensors)
    assert {f"meter_{kind.value}" for kind in DeviceType} <= set(devices)
    for quantity in quantities._QUANTITIES.values():
        assert sensors[f"meter_{quantity}"]["name"].endswith("{suffix}")


async def test_meters_are_stored_while_reports_keep_coming(
    hass: HomeAssistant,
    post: Post,
    webhook_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
) -> None:
    for minute in range(8):
        await post(muc(meter("1", data("Energy", 100 + minute, time=NOW + 60 * minute))))
        await pass_time(hass, freezer, timedelta(minutes=1))
    changed = hass_storage[f"hausstrom.smartlog_changes.{webhook_entry.entry_id}"]["data"]
    assert changed["meters"][0]["points"][0][2] >= 106


async def test_a_broker_that_stays_away_stays_reported(
    hass: HomeAssistant, mqtt_entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    coordinator = mqtt_entry.runtime_data
    await publish(hass, house())
    coordinator.transport.link._set_connected(False)
    await pass_time(hass, freezer, timedelta(minutes=2))
    assert value(hass, "reporting", "binary_sensor") == "off"
    coordinator.transport.link._set_connected(True)
    await pass_time(hass, freezer, timedelta(minutes=2))
    assert value(hass, "reporting", "binary_sensor") == "on"


@pytest.mark.parametrize(
    "raw",
    [b"123456789012345678901234567890", b'"\\ud800"', b'"' + b"7" * 5000 + b'.0"'],
    ids=["long number", "half a character", "long text"],
)
async def test_whatever_comes_can_be_stored(
    hass: HomeAssistant,
    post: Post,
    webhook_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    raw: bytes,
) -> None:
    await post(
        json.dumps(muc(meter("1", data("Fabrication", "@", "None"), data("Energy", 5))))
        .encode()
        .replace(b'"@"', raw)
    )
    await post(house())
    assert await hass.config_entries.async_unload(webhook_entry.entry_id)
    stored = hass_storage[f"hausstrom.smartlog.{webhook_entry.entry_id}"]["data"]
    assert "46100001" in json.dumps(stored)
    assert len(orjson.dumps(stored)) < 5000


@pytest.mark.parametrize("damaged", [[], "", 5, {"gateway": []}])
async def test_a_damaged_store_does_not_stop_the_set_up(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    mqtt_mock: MqttMockHAClient,
    damaged: object,
) -> None:
    entry = make_entry(hass, MQTT_DATA)
    key = f"hausstrom.smartlog.{entry.entry_id}"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": damaged}
    await set_up(hass, entry)
    await publish(hass, house())
    assert value(hass, "46100001_6_0_1_0_0_255") == "30390"


async def test_a_report_that_names_no_gateway_belongs_to_that_of_its_topic(
    hass: HomeAssistant, mqtt_entry: MockConfigEntry
) -> None:
    MockConfigEntry(
        domain=DOMAIN, unique_id="smartlog_0ff1ce", data={**MQTT_DATA, "gateway_id": "0ff1ce"}
    ).add_to_hass(hass)
    tree = {"data": [data("Energy", 5)]}
    await publish(hass, tree, "smartlog/0FF1CE/00000007")
    await publish(hass, tree, "smartlog/00000008")
    assert list(mqtt_entry.runtime_data._gateway.meters) == ["00000008"]
    assert not ir.async_get(hass).issues


async def test_unloading_waits_for_a_report(
    hass: HomeAssistant,
    webhook_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pieces, "PIECE", -1.0)
    coordinator = webhook_entry.runtime_data
    nodes = [meter(f"{number:08}", data("Energy", number)) for number in range(30)]
    report = hass.async_create_task(coordinator.async_take(json.dumps(muc(*nodes)).encode()))
    await asyncio.sleep(0)
    assert await hass.config_entries.async_unload(webhook_entry.entry_id)
    await report
    stored = hass_storage.pop(f"hausstrom.smartlog.{webhook_entry.entry_id}")["data"]
    assert len(stored["gateway"]["meters"]) == 30
    await pass_time(hass, freezer, timedelta(minutes=10))
    assert f"hausstrom.smartlog.{webhook_entry.entry_id}" not in hass_storage


async def test_diagnostics_tell_no_label_of_a_point(
    hass: HomeAssistant, post: Post, webhook_entry: MockConfigEntry
) -> None:
    await post(
        muc(
            meter(
                "1",
                data("Energy", 5, label="Familie Huber"),
                data("Power", 6, "W", label="Familie Gruber"),
                data("Stand bei Maier", 7),
                data("Energy", 8, obis="1-0:1.8.0*255", label="Huber 2"),
            )
        )
    )
    result = await async_get_config_entry_diagnostics(hass, webhook_entry)
    text = str(result).lower()
    for name in ("huber", "gruber", "maier"):
        assert name not in text
    assert {"5", "6", "7", "8"} <= set(result["readings"].values())
    assert result["readings"]["meter_1.2_power"] == "6"
    assert result["readings"]["meter_1.1_0_1_8_0_255"] == "8"
