"""Systems of SENEC.Connect in Home Assistant."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.senec.connect import coordinator as coordinator_module
from custom_components.hausstrom.senec.connect.coordinator import SenecConnectCoordinator
from simulators.senec_cloud_homes import CONNECT_KEY
from tests.senec.cloud.conftest import Home, home
from tests.senec.failures import recorded_failures

__all__ = ["home"]

P4, OFFLINE = "P4H1-SIMU00001-0000-01", "S4H1-SIMU00001-0000-02"
KEY = {"api_key": CONNECT_KEY}


async def add(place: Home, system: str) -> HausstromConfigEntry:
    flow = await place.enter(await place.begin("senec_connect"), dict(KEY))
    assert flow["step_id"] == "senec_system"
    flow = await place.enter(flow, {"system_id": system})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    entry: HausstromConfigEntry = flow["result"]
    assert entry.state is ConfigEntryState.LOADED
    return entry


async def test_a_system(home: Home) -> None:
    entry = await add(home, P4)
    assert entry.unique_id == f"senec_connect_{P4}"
    power = float(home.state(entry, "sensor", "bat_power").state)
    assert power <= 0  # charging, or full
    assert home.state(entry, "sensor", "bat_capacity").state == "17.75"
    assert home.state(entry, "binary_sensor", "online").state == "on"
    flow = await home.enter(await home.begin("senec_connect"), dict(KEY))
    flow = await home.enter(flow, {"system_id": P4})
    assert flow["reason"] == "already_configured"


async def test_entries_on_one_key_share_a_poll(home: Home) -> None:
    first = await add(home, P4)
    second = await add(home, OFFLINE)
    home.cloud.forget()
    for _ in range(60):
        await home.wait(minutes=1)
    assert home.cloud.requests.total() == 60
    assert home.state(first, "sensor", "house_power").state != STATE_UNKNOWN
    assert home.state(second, "binary_sensor", "online").state == "off"
    assert "bat_fuel_charge" not in second.runtime_data.data or (
        second.runtime_data.data["bat_fuel_charge"] is None
    )
    await home.hass.config_entries.async_unload(first.entry_id)
    home.cloud.forget()
    await home.wait(minutes=1)
    assert home.cloud.requests.total() == 1


async def test_a_wrong_key(home: Home) -> None:
    flow = await home.enter(await home.begin("senec_connect"), {"api_key": "wrong"})
    assert flow["errors"] == {"base": "invalid_auth"}
    assert flow["data_schema"] is not None
    [field] = flow["data_schema"].schema
    assert field.description == {"suggested_value": "wrong"}  # to look at, not to type again
    home.cloud.fail("/connect", status=503, times=1)
    flow = await home.enter(flow, dict(KEY))
    assert flow["errors"] == {"base": "cannot_connect"}
    home.cloud.fail("/connect", status=200, text="[]", times=1)
    flow = await home.enter(flow, dict(KEY))
    assert flow["errors"] == {"base": "no_system"}
    flow = await home.enter(flow, dict(KEY))
    assert flow["step_id"] == "senec_system"


async def test_a_key_that_is_withdrawn_asks_the_user(home: Home) -> None:
    entry = await add(home, P4)
    home.cloud.connect.key = "another"
    home.cloud.forget()
    for _ in range(10):
        await home.wait(minutes=1)
    assert home.cloud.requests.total() == 1
    assert home.state(entry, "sensor", "house_power").state == STATE_UNAVAILABLE
    (flow,) = home.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    form: ConfigFlowResult = await home.hass.config_entries.flow.async_configure(flow["flow_id"])
    assert form["step_id"] == "reauth_confirm"
    done = await home.enter(form, {"api_key": "another"})
    assert done["reason"] == "reauth_successful"
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE


async def test_a_system_that_the_key_has_no_more(home: Home) -> None:
    entry = await add(home, P4)
    home.cloud.system(400204).connect_id = "P4H1-OTHER"
    await home.wait(minutes=1)
    assert home.state(entry, "sensor", "house_power").state == STATE_UNAVAILABLE
    flow = await home.enter(await home.visit(entry), dict(KEY))
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "wrong_device")
    home.cloud.system(400204).connect_id = P4
    flow = await home.enter(await home.visit(entry), dict(KEY))
    assert flow["reason"] == "reconfigure_successful"
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE


async def test_an_outage(home: Home) -> None:
    entry = await add(home, P4)
    home.cloud.fail("/connect", status=500)
    home.cloud.forget()
    for _ in range(120):
        await home.wait(minutes=1)
    assert home.cloud.requests.total() <= 14
    home.cloud.heal()
    for _ in range(20):
        await home.wait(minutes=1)
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE


async def test_after_an_outage_the_next_one_begins_anew(home: Home) -> None:
    """A success ends the streak: one answer that is lost later costs minutes, no quarter of an hour."""
    entry = await add(home, P4)
    home.cloud.fail("/connect", status=500)
    for _ in range(60):
        await home.wait(minutes=1)
    home.cloud.heal()
    for _ in range(20):
        await home.wait(minutes=1)
    home.cloud.fail("/connect", status=500)
    await home.wait(minutes=2)
    assert home.state(entry, "sensor", "house_power").state == STATE_UNAVAILABLE
    home.cloud.heal()
    for _ in range(3):
        await home.wait(minutes=1)
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE


async def test_the_budget_is_in_the_diagnostics(
    home: Home, hass_client: ClientSessionGenerator
) -> None:
    entry = await add(home, P4)
    diagnostics = await get_diagnostics_for_config_entry(home.hass, hass_client, entry)
    assert diagnostics["device"]["calls_per_month"] == 45_000
    assert diagnostics["device"]["calls_this_month"] == 1
    text = str(diagnostics)
    assert CONNECT_KEY not in text
    assert P4 not in text


async def test_options(home: Home) -> None:
    entry = await add(home, P4)
    flow = await home.hass.config_entries.options.async_init(entry.entry_id)
    schema = flow["data_schema"]
    assert schema is not None
    assert schema({}) == {"scan_interval": 60}
    await home.hass.config_entries.options.async_configure(flow["flow_id"], {"scan_interval": 120})
    await home.settle()
    assert entry.runtime_data.update_interval == timedelta(minutes=2)


@pytest.mark.parametrize("spent", [44_700, 44_900])
async def test_a_budget_that_runs_out_is_stretched(home: Home, spent: int) -> None:
    entry = await add(home, P4)
    assert isinstance(entry.runtime_data, SenecConnectCoordinator)
    entry.runtime_data.connect.budget.spent = spent
    await home.wait(minutes=1)
    interval = entry.runtime_data.update_interval
    assert interval is not None
    if spent < 44_800:
        assert interval > timedelta(hours=4)
    else:
        assert home.state(entry, "sensor", "house_power").state == STATE_UNAVAILABLE


async def test_the_budget_outlives_a_reload_and_a_crash(
    home: Home, hass_storage: dict[str, dict[str, Any]]
) -> None:
    entry = await add(home, P4)
    for _ in range(20):
        await home.wait(minutes=1)
    (stored,) = [kept for name, kept in hass_storage.items() if "senec_connect" in name]
    assert stored["data"]["spent"] >= 16  # nobody stopped: what a crash would leave
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    assert isinstance(entry.runtime_data, SenecConnectCoordinator)
    assert entry.runtime_data.connect.budget.spent == 22


async def test_entries_on_one_key_stretch_the_budget_together(home: Home) -> None:
    first, second = await add(home, P4), await add(home, OFFLINE)
    assert isinstance(first.runtime_data, SenecConnectCoordinator)
    budget = first.runtime_data.connect.budget
    budget.spent = 45_000 - 200 - 20 * 24 * 12  # of the twenty days left: twelve calls an hour
    await home.wait(minutes=1)
    spent = budget.spent
    home.freezer.tick(timedelta(seconds=100))
    await second.runtime_data.async_refresh()
    assert budget.spent == spent
    assert second.runtime_data.last_update_success


async def test_setup_tries_again_soon_when_senec_is_down(home: Home) -> None:
    """A first failure passes no wait of our own: Home Assistant's set-up comes back in seconds."""
    entry = await add(home, P4)
    home.cloud.fail("/connect", status=503)
    assert not await home.hass.config_entries.async_reload(entry.entry_id)
    states = [entry.state]
    home.cloud.heal()
    await home.wait(seconds=30)
    states.append(entry.state)
    assert states == [ConfigEntryState.SETUP_RETRY, ConfigEntryState.LOADED]


@pytest.mark.parametrize(("status", "asked", "passed_on"), [(503, None, None), (429, "90", 90)])
async def test_a_first_failure_passes_on_what_the_server_asked_for_and_nothing_else(
    home: Home, status: int, asked: str | None, passed_on: float | None
) -> None:
    """Home Assistant 2026.11 makes the wait of a first refresh that of the set-up; 2026.10 does not."""
    entry = await add(home, P4)
    home.cloud.fail("/connect", status=status, retry_after=asked)
    with recorded_failures(coordinator_module) as failures:
        await home.hass.config_entries.async_reload(entry.entry_id)
    assert [failure.retry_after for failure in failures] == [passed_on]
    assert entry.state is ConfigEntryState.SETUP_RETRY
