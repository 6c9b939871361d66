"""What Home Assistant shows of a GX: entities, devices, writes, counters."""

from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.mqtt_link.link import LinkError, LinkReason
from custom_components.hausstrom.storage import SELDOM
from simulators.victron_gx import PORTAL_ID
from tests.victron.bridged import BridgedGx

SNAPSHOT = Path(__file__).parent / "entities_of_the_home.txt"
POWER = "battery_512_dc_0_power"
GRID = "grid_30_ac_power"
SETPOINT = "settings_0_settings_cgwacs_acpowersetpoint"
NOON = 43_200.0


@pytest.fixture
def gx(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> BridgedGx:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    return BridgedGx(hass, mqtt_mock, freezer)


async def test_the_entities_of_a_home(hass: HomeAssistant, gx: BridgedGx) -> None:
    entry = await gx.set_up()
    devices = dr.async_get(hass)
    lines = []
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        device = devices.async_get(entity.device_id or "")
        unit = entity.unit_of_measurement or ""
        name = entity.name or entity.original_name
        shown = "on " if entity.disabled_by is None else "off"
        category = entity.entity_category or ""
        assert device is not None
        line = f"{shown} {device.name}: {name} [{unit}] {category}".rstrip().replace(" []", "")
        lines.append(line)
    text = "\n".join(sorted(lines, key=lambda line: line[4:])) + "\n"
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(text)
    assert text == SNAPSHOT.read_text(), f"delete {SNAPSHOT} if this is what you want"


async def test_writes_are_few_and_power_is_never_old(hass: HomeAssistant, gx: BridgedGx) -> None:
    await gx.set_up()
    writes: Counter[str] = Counter()
    written_at: dict[str, int] = {}

    @callback
    def count(event: Event[EventStateChangedData]) -> None:
        writes[event.data["entity_id"]] += 1
        written_at[event.data["entity_id"]] = gx.seconds

    hass.bus.async_listen("state_changed", count)
    entity_id = gx.entity_id(GRID)
    assert entity_id is not None
    ages = []

    def look() -> None:
        ages.append(gx.seconds - written_at.get(entity_id, gx.seconds))

    gx.each_second.append(look)
    await gx.wait(90, sun=NOON)
    assert max(ages) <= 11
    assert 7 <= writes[entity_id] <= 10
    voltage = gx.entity_id("battery_512_dc_0_voltage")
    assert voltage is not None
    assert writes[voltage] <= 4
    assert max(writes.values()) <= 10


async def test_states_do_not_wait(hass: HomeAssistant, gx: BridgedGx) -> None:
    await gx.set_up()
    assert gx.state("vebus_276_state") == "external_control"
    gx.say({("vebus", "276", "State"): 9, ("battery", "512", "Alarms/LowSoc"): 2})
    await gx.moment()
    assert gx.state("vebus_276_state") == "inverting"
    assert gx.state("battery_512_problem", "binary_sensor") == "on"


async def test_a_gx_that_falls_silent_and_is_heard_again(
    hass: HomeAssistant, gx: BridgedGx
) -> None:
    await gx.set_up()
    gx.on = False
    await gx.wait(15)
    assert gx.state(POWER) == "0.0"
    await gx.wait(2)
    assert gx.state(POWER) == STATE_UNAVAILABLE
    await gx.jump(600)
    assert gx.state(POWER) == STATE_UNAVAILABLE
    gx.values["battery", "512", "Dc/0/Power"] = 250.0
    gx.on = True
    await gx.wait(40)
    assert gx.state(POWER) == "250.0"


async def test_home_assistants_broker_goes_and_comes(hass: HomeAssistant, gx: BridgedGx) -> None:
    entry = await gx.set_up()
    coordinator = gx.coordinator(entry)
    coordinator.link._set_connected(connected=False)
    assert gx.state(POWER) == STATE_UNAVAILABLE
    gx.go("grid", "30")
    await gx.jump(600)
    coordinator.link._set_connected(connected=True)
    await gx.wait_for(POWER, "0.0")
    await gx.wait(3)
    assert gx.state("grid_30_ac_power") == STATE_UNAVAILABLE


async def test_a_keepalive_that_cannot_be_sent_is_no_error(
    hass: HomeAssistant, gx: BridgedGx
) -> None:
    entry = await gx.set_up()
    error = LinkError(LinkReason.CANNOT_CONNECT)
    with patch.object(gx.coordinator(entry).link, "async_publish", side_effect=error) as publish:
        await gx.wait(31)
    assert publish.called
    assert gx.state(POWER) == "0.0"


async def test_energy_is_counted_where_nobody_else_does(hass: HomeAssistant, gx: BridgedGx) -> None:
    entry = await gx.set_up()
    gx.say({("system", "0", "Dc/Battery/Power"): 3600.0, ("system", "0", "Dc/Pv/Power"): 1800.0})
    await gx.wait(100)
    gx.say({("system", "0", "Dc/Battery/Power"): -3600.0})
    await gx.wait(100)
    charged = "system_0_dc_battery_charge_energy"
    discharged = "system_0_dc_battery_discharge_energy"
    data = gx.coordinator(entry).data
    assert data[charged] == pytest.approx(0.1, abs=0.031)
    assert data[discharged] == pytest.approx(0.1, abs=0.031)
    # The solar chargers count for themselves, the battery does not.
    assert gx.state("system_0_dc_pv_energy") is None
    before = float(gx.state(discharged) or 0)
    gx.on = False
    await gx.jump(300)
    await gx.wait(2)
    assert float(gx.state(discharged) or 0) >= before
    total = gx.coordinator(entry)._metering.readings()[discharged]
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    gx.on = True
    gx.values["system", "0", "Dc/Battery/Power"] = 0.0
    await gx.wait(31)
    assert float(gx.state(discharged) or 0) == pytest.approx(total, abs=0.002)


async def test_without_controls_settings_are_shown(hass: HomeAssistant, gx: BridgedGx) -> None:
    await gx.set_up()
    assert gx.state(SETPOINT) == "30.0"
    assert gx.state("settings_0_essmode") == "without_battery_life"
    assert gx.state("system_0_switchableoutput_0_state", "binary_sensor") == "off"
    assert gx.entity_id(SETPOINT, "number") is None
    assert gx.entity_id("platform_0_device_reboot", "button") is None
    entry_of_setpoint = er.async_get(hass).async_get(gx.entity_id(SETPOINT) or "")
    assert entry_of_setpoint is not None
    assert entry_of_setpoint.entity_category == "diagnostic"


async def test_controls_take_the_place_of_what_is_only_shown(
    hass: HomeAssistant, gx: BridgedGx
) -> None:
    entry = await gx.set_up()
    assert gx.entity_id(SETPOINT)
    hass.config_entries.async_update_entry(entry, options={"controls": True})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await gx.wait(3)
    assert gx.entity_id(SETPOINT) is None
    assert gx.state(SETPOINT, "number") == "30.0"
    number = hass.states.get(gx.entity_id(SETPOINT, "number") or "")
    assert number is not None
    assert (number.attributes["min"], number.attributes["max"]) == (-100_000, 100_000)


async def press(
    hass: HomeAssistant, gx: BridgedGx, key: str, platform: str, service: str, **data: Any
) -> None:
    """Call an action of an entity and have the GX answer."""
    call = hass.async_create_task(
        hass.services.async_call(
            platform, service, {"entity_id": gx.entity_id(key, platform), **data}, blocking=True
        )
    )
    await gx.moment()
    gx.answer()
    await call


async def enable(hass: HomeAssistant, gx: BridgedGx, *entities: tuple[str, str]) -> None:
    registry = er.async_get(hass)
    for key, platform in entities:
        registry.async_update_entity(gx.entity_id(key, platform) or "", disabled_by=None)
    entry = hass.config_entries.async_entries(DOMAIN)[0]
    assert await hass.config_entries.async_reload(entry.entry_id)
    await gx.wait(3)


async def test_a_schedule_and_a_reboot(hass: HomeAssistant, gx: BridgedGx) -> None:
    await gx.set_up(controls=True)
    start = "settings_0_settings_cgwacs_batterylife_schedule_charge_0_start"
    reboot = "platform_0_device_reboot"
    await enable(hass, gx, (start, "time"), (reboot, "button"))
    assert gx.state(start, "time") == "02:00:00"
    await press(hass, gx, start, "time", "set_value", time="03:30:00")
    assert gx.writes[-1][1] == b'{"value":12600}'
    assert gx.state(start, "time") == "03:30:00"
    gx.say({("settings", "0", "Settings/CGwacs/BatteryLife/Schedule/Charge/0/Start"): 90_000})
    await gx.wait(31)
    assert gx.state(start, "time") == STATE_UNKNOWN
    await press(hass, gx, reboot, "button", "press")
    assert gx.writes[-1] == ("platform/0/Device/Reboot", b'{"value":1}')


async def test_a_write_without_a_connection(hass: HomeAssistant, gx: BridgedGx) -> None:
    entry = await gx.set_up(controls=True)
    error = LinkError(LinkReason.CANNOT_CONNECT)
    with (
        patch.object(gx.coordinator(entry).link, "async_publish", side_effect=error),
        pytest.raises(HomeAssistantError) as failed,
    ):
        await press(hass, gx, SETPOINT, "number", "set_value", value=50)
    assert failed.value.translation_key == "cannot_connect"


async def test_devices_that_are_not_wanted_go(hass: HomeAssistant, gx: BridgedGx) -> None:
    entry = await gx.set_up()
    devices = dr.async_get(hass)
    before = dr.async_entries_for_config_entry(devices, entry.entry_id)
    hass.config_entries.async_update_entry(entry, options={"services": ["battery"]})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await gx.wait(3)
    after = dr.async_entries_for_config_entry(devices, entry.entry_id)
    assert len(before) == 11
    assert {device.name for device in after} == {"Cerbo GX", "Cellar battery"}


async def test_a_device_of_nobody_we_know_may_be_removed(
    hass: HomeAssistant, gx: BridgedGx
) -> None:
    entry = await gx.set_up()
    coordinator = gx.coordinator(entry)
    devices = dr.async_get(hass)
    stale = devices.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, f"victron_{PORTAL_ID}_tank_99")}
    )
    main = devices.async_get_device_by_identifier((DOMAIN, f"victron_{PORTAL_ID}"), entry.entry_id)
    battery = devices.async_get_device_by_identifier(
        (DOMAIN, f"victron_{PORTAL_ID}_battery_512"), entry.entry_id
    )
    assert main is not None
    assert battery is not None
    assert coordinator.may_remove(stale)
    assert not coordinator.may_remove(main)
    assert not coordinator.may_remove(battery)


async def test_a_device_without_a_name_has_that_of_its_type(
    hass: HomeAssistant, gx: BridgedGx
) -> None:
    gx.values["genset", "9", "Ac/Power"] = 5.0
    entry = await gx.set_up()
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"victron_{PORTAL_ID}_genset_9"), entry.entry_id
    )
    assert device is not None
    assert device.name == "Genset 9"


async def test_diagnostics_tell_nothing_private(
    hass: HomeAssistant, gx: BridgedGx, hass_client: ClientSessionGenerator
) -> None:
    gx.values["gps", "0", "Position/Latitude"] = 47.123456
    entry = await gx.set_up()
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    text = str(diagnostics)
    assert PORTAL_ID not in text
    assert "47.123456" not in text
    assert "HQ2144" not in text
    device: Any = diagnostics["device"]
    assert device["phase"] == "live"
    assert device["full_publishes"] == 1
    assert device["services"]["battery_512"]["present"]
    assert device["values"]["battery/512/Soc"] == 60


async def test_unloading_while_a_change_waits(hass: HomeAssistant, gx: BridgedGx) -> None:
    entry = await gx.set_up()
    gx.say({("vebus", "276", "State"): 9})
    assert await hass.config_entries.async_unload(entry.entry_id)
    await gx.moment()
    assert gx.state("vebus_276_state") == STATE_UNAVAILABLE


async def test_energy_is_stored_while_it_flows(
    hass: HomeAssistant, gx: BridgedGx, hass_storage: dict[str, Any]
) -> None:
    entry = await gx.set_up()
    gx.say({("system", "0", "Dc/Battery/Power"): 3600.0})
    await gx.wait(int(SELDOM) + 25)
    stored = hass_storage[f"hausstrom.victron_energy.{entry.entry_id}"]["data"]
    assert stored["system_0_dc_battery_charge_energy"] > 0.03


async def test_energy_is_on_disk_as_soon_as_the_entry_is_unloaded(
    hass: HomeAssistant, gx: BridgedGx, hass_storage: dict[str, Any]
) -> None:
    entry = await gx.set_up()
    gx.say({("system", "0", "Dc/Battery/Power"): 3600.0})
    await gx.wait(int(SELDOM) + 25)
    name = f"hausstrom.victron_energy.{entry.entry_id}"
    before = hass_storage[name]["data"]["system_0_dc_battery_charge_energy"]
    await gx.wait(20)
    await hass.config_entries.async_unload(entry.entry_id)
    # No time passes: what is written later is not written when the power goes.
    after = hass_storage[name]["data"]["system_0_dc_battery_charge_energy"]
    assert after > before + 0.015


async def test_rare_writes_do_not_look_like_silence(hass: HomeAssistant, gx: BridgedGx) -> None:
    await gx.set_up(update_interval=600)
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    await gx.wait(100)
    states = {event.data["new_state"].state for event in changes}
    assert STATE_UNAVAILABLE not in states


async def test_a_device_that_was_removed_comes_back(hass: HomeAssistant, gx: BridgedGx) -> None:
    entry = await gx.set_up()
    coordinator = gx.coordinator(entry)
    kept = {address: value for address, value in gx.values.items() if address[0] == "pvinverter"}
    gx.go("pvinverter", "20")
    await gx.wait(2)
    devices = dr.async_get(hass)
    device = devices.async_get_device_by_identifier(
        (DOMAIN, f"victron_{PORTAL_ID}_pvinverter_20"), entry.entry_id
    )
    assert device is not None
    assert coordinator.may_remove(device)
    devices.async_remove_device(device.id)
    await hass.async_block_till_done()
    assert gx.entity_id("pvinverter_20_ac_power") is None
    gx.say(kept)
    await gx.wait(4)
    assert gx.state("pvinverter_20_ac_power") not in (None, STATE_UNAVAILABLE, STATE_UNKNOWN)


@pytest.mark.parametrize("damaged", [[], "", 5])
async def test_a_damaged_store_does_not_stop_the_set_up(
    hass: HomeAssistant, gx: BridgedGx, damaged: object
) -> None:
    with patch("homeassistant.helpers.storage.Store.async_load", return_value=damaged):
        entry = await gx.set_up()
    assert gx.coordinator(entry).system.session.live


async def test_diagnostics_tell_no_names(
    hass: HomeAssistant, gx: BridgedGx, hass_client: ClientSessionGenerator
) -> None:
    gx.values["battery", "512", "CustomName"] = "Annas Boot"
    gx.values["battery", "512", "DeviceName"] = "Annas Boot"
    gx.values["switch", "7", "SwitchableOutput/1/Name"] = "Annas Boot"
    entry = await gx.set_up()
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert "Annas Boot" not in str(diagnostics)


async def test_a_gx_by_its_ipv6_address(hass: HomeAssistant, gx: BridgedGx) -> None:
    entry = await gx.set_up()
    data = {**entry.data, "broker": {"host": "fd00::5"}}
    hass.config_entries.async_update_entry(entry, data=data)
    assert gx.coordinator(entry).device_info(None)["configuration_url"] == "http://[fd00::5]"
