"""A GX through Home Assistant: a real broker, and everything that can go wrong with it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.device_registry import DeviceEntry
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.mqtt_link import broker as mqtt_module
from custom_components.hausstrom.victron import coordinator as coordinator_module
from custom_components.hausstrom.victron import setting
from custom_components.hausstrom.victron.coordinator import VictronCoordinator
from custom_components.hausstrom.victron.protocol import session as session_module
from custom_components.hausstrom.victron.protocol.session import Phase
from simulators.victron_gx import PORTAL_ID, SimulatedGx
from tests.waiting import until

from .direct import entry_of

pytestmark = pytest.mark.usefixtures("socket_enabled")

PASSWORD = "gx-password"
SOC = "battery_512_soc"


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """Have everything that waits wait a tenth as long."""
    with (
        patch.object(mqtt_module, "FIRST_RETRY", 0.05),
        patch.object(mqtt_module, "LONGEST_RETRY", 0.1),
        patch.object(session_module, "HEARTBEAT_TIMEOUT", 1.0),
        patch.object(session_module, "KEEPALIVE_INTERVAL", 0.4),
        patch.object(coordinator_module, "TICK", coordinator_module.TICK / 10),
        patch.object(setting, "CONFIRM_TIMEOUT", 1.0),
        patch.object(coordinator_module, "CALM_INTERVAL", 0.5),
    ):
        yield


@pytest.fixture
async def gx() -> AsyncIterator[SimulatedGx]:
    async with SimulatedGx(password=PASSWORD, heartbeat_interval=0.1) as simulated:
        yield simulated


@pytest.fixture
async def entry(hass: HomeAssistant, gx: SimulatedGx) -> AsyncIterator[MockConfigEntry]:
    made = await entry_of(gx, PASSWORD, options={"controls": True, "update_interval": 0.3})
    made.add_to_hass(hass)
    yield made
    if made.state is ConfigEntryState.LOADED:
        assert await hass.config_entries.async_unload(made.entry_id)
    await hass.async_block_till_done()


def state_of(hass: HomeAssistant, key: str, platform: str = "sensor") -> str | None:
    entity_id = er.async_get(hass).async_get_entity_id(
        platform, DOMAIN, f"victron_{PORTAL_ID}_{key}"
    )
    state = hass.states.get(entity_id) if entity_id else None
    return None if state is None else state.state


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> VictronCoordinator:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: state_of(hass, SOC) == "60.0")
    coordinator = entry.runtime_data
    assert isinstance(coordinator, VictronCoordinator)
    return coordinator


async def test_a_home_appears(hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry) -> None:
    await set_up(hass, entry)
    registry = dr.async_get(hass)

    def devices() -> dict[str | None, DeviceEntry]:
        found = dr.async_entries_for_config_entry(registry, entry.entry_id)
        return {device.name: device for device in found}

    await until(
        lambda: (
            set(devices())
            == {
                "Cerbo GX",
                "Cellar battery",
                "MultiPlus-II 48/3000/35-32",
                "Roof south",
                "Roof west",
                "Fronius Symo 5.0-3-M",
                "Energy Meter EM24",
                "Carport",
                "Cellar",
                "Water tank",
                "Rain water",
            }
        )
    )
    main = devices()["Cerbo GX"]
    assert main.sw_version == "v3.70"
    assert main.serial_number == "HQ2144BBBBB"
    assert devices()["Cellar battery"].via_device_id == main.id
    assert devices()["Roof south"].sw_version == "v1.0d.3f"
    await gx.plugin.change({("battery", "512", "Soc"): 61.5})
    await until(lambda: state_of(hass, SOC) == "61.5")


async def test_a_gx_that_reboots(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    await gx.switch_off()
    await until(lambda: state_of(hass, SOC) == STATE_UNAVAILABLE)
    gx.plugin.values["battery", "512", "Soc"] = 42.0
    await gx.switch_on()
    await until(lambda: state_of(hass, SOC) == "42.0")


async def test_a_network_that_swallows_packets(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, entry)
    gx.door.frozen = True
    await until(lambda: state_of(hass, SOC) == STATE_UNAVAILABLE)
    assert coordinator.transport.connected
    gx.door.frozen = False
    gx.plugin.values["battery", "512", "Soc"] = 43.0
    gx.door.drop_all()
    await until(lambda: state_of(hass, SOC) == "43.0")


async def test_a_gx_that_hears_no_keepalive(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, entry)
    gx.plugin.deaf = True
    gx.plugin._alive_until = 0.0
    await until(lambda: state_of(hass, SOC) == STATE_UNAVAILABLE)
    assert coordinator.system.session.phase is Phase.SILENT
    gx.plugin.deaf = False
    await until(lambda: state_of(hass, SOC) == "60.0")


async def test_another_password(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    gx.door.password = "another"
    gx.door.drop_all()
    await until(lambda: list(entry.async_get_active_flows(hass, {SOURCE_REAUTH})))
    mqtt = [task for task in asyncio.all_tasks() if task.get_name().startswith("hausstrom mqtt")]
    await until(lambda: all(task.done() for task in mqtt))  # nobody is left who would try again
    assert state_of(hass, SOC) == STATE_UNAVAILABLE


async def test_another_certificate(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    await gx.switch_off()
    gx.renew_certificate()
    await gx.switch_on()
    issue = f"certificate_changed_{entry.entry_id}"
    await until(lambda: ir.async_get(hass).async_get_issue(DOMAIN, issue))
    assert state_of(hass, SOC) == STATE_UNAVAILABLE


async def test_a_service_that_leaves_and_returns(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, entry)
    await gx.plugin.change({("pvinverter", "20", "Ac/Energy/Forward"): 12.5})
    await until(lambda: state_of(hass, "pvinverter_20_ac_energy_forward") == "12.5")
    gone = await gx.plugin.remove("pvinverter", "20")
    await until(lambda: state_of(hass, "pvinverter_20_ac_energy_forward") == STATE_UNAVAILABLE)
    assert state_of(hass, SOC) == "60.0"
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"victron_{PORTAL_ID}_pvinverter_20"), entry.entry_id
    )
    assert device is not None
    assert coordinator.may_remove(device)
    await gx.plugin.add(gone)
    await until(lambda: state_of(hass, "pvinverter_20_ac_energy_forward") == "12.5")
    assert not coordinator.may_remove(device)


async def test_a_service_that_gets_another_number(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, entry)
    gone = await gx.plugin.remove("battery", "512")
    await gx.plugin.add({("battery", "1", path): value for (_, _, path), value in gone.items()})
    await until(lambda: state_of(hass, "battery_1_soc") == "60.0")
    assert state_of(hass, SOC) == STATE_UNAVAILABLE
    registry = dr.async_get(hass)
    old = registry.async_get_device_by_identifier(
        (DOMAIN, f"victron_{PORTAL_ID}_battery_512"), entry.entry_id
    )
    new = registry.async_get_device_by_identifier(
        (DOMAIN, f"victron_{PORTAL_ID}_battery_1"), entry.entry_id
    )
    assert old is not None
    assert new is not None
    assert coordinator.may_remove(old)
    assert not coordinator.may_remove(new)


async def test_home_assistant_starts_while_the_gx_is_off(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    await gx.switch_off()
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await gx.switch_on()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: state_of(hass, SOC) == "60.0")


async def test_a_name_given_in_the_gx_is_followed(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    await gx.plugin.change({("tank", "22", "CustomName"): "Cistern"})
    registry = dr.async_get(hass)

    def name() -> str | None:
        device = registry.async_get_device_by_identifier(
            (DOMAIN, f"victron_{PORTAL_ID}_tank_22"), entry.entry_id
        )
        return None if device is None else device.name

    await until(lambda: name() == "Cistern")


async def call(hass: HomeAssistant, key: str, platform: str, service: str, **data: object) -> None:
    # Home Assistant leaves out, without a word, what is not there yet.
    await until(lambda: state_of(hass, key, platform) not in (None, STATE_UNAVAILABLE))
    entity_id = er.async_get(hass).async_get_entity_id(
        platform, DOMAIN, f"victron_{PORTAL_ID}_{key}"
    )
    await hass.services.async_call(
        platform, service, {"entity_id": entity_id, **data}, blocking=True
    )


async def test_settings_are_set_when_the_gx_says_so(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    setpoint = "settings_0_settings_cgwacs_acpowersetpoint"
    await call(hass, setpoint, "number", "set_value", value=-50)
    assert gx.plugin.writes == [("settings/0/Settings/CGwacs/AcPowerSetPoint", b'{"value":-50}')]
    await until(lambda: state_of(hass, setpoint, "number") in ("-50", "-50.0"))
    await call(hass, "settings_0_essmode", "select", "select_option", option="keep_charged")
    await until(lambda: state_of(hass, "settings_0_essmode", "select") == "keep_charged")
    relay = "system_0_switchableoutput_0_state"
    await call(hass, relay, "switch", "turn_on")
    await until(lambda: state_of(hass, relay, "switch") == "on")
    await call(hass, "vebus_276_mode", "select", "select_option", option="inverter_only")
    assert gx.plugin.values["vebus", "276", "Mode"] == 2


async def test_a_setting_that_the_gx_does_not_take(
    hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    gx.plugin.stubborn.add("Mode")
    with pytest.raises(HomeAssistantError) as failed:
        await call(hass, "vebus_276_mode", "select", "select_option", option="off")
    assert failed.value.translation_key == "gx_write_not_confirmed"
    with pytest.raises(HomeAssistantError) as refused:
        await call(hass, "vebus_276_mode", "select", "select_option", option="passthrough")
    assert refused.value.translation_key == "gx_write_refused"
    assert state_of(hass, "vebus_276_mode", "select") == "on"
    gx.door.drop_all()
    await until(lambda: state_of(hass, SOC) == STATE_UNAVAILABLE)


async def test_a_day_goes_by(hass: HomeAssistant, gx: SimulatedGx, entry: MockConfigEntry) -> None:
    await gx.live(speed=600, start=10 * 3600)
    assert await hass.config_entries.async_setup(entry.entry_id)

    def power() -> float:
        state = state_of(hass, "system_0_pv_power")
        return 0.0 if state in (None, "unknown", STATE_UNAVAILABLE) else float(state)

    await until(lambda: power() > 5_000)
