"""A system from the cloud in Home Assistant: set up, read, left alone, asked for again."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.senec.cloud.coordinator import SenecCloudCoordinator
from custom_components.hausstrom.senec.cloud.protocol.sign_in import Credentials

from .conftest import ANNA, BERT, Home, fields_of

FORM = "login-actions/authenticate"
TOKEN = "openid-connect/token"
DASHBOARD = "/dashboard"
V3_ID = "senec_cloud_S123456789012345678900301"
P4_ID = "senec_cloud_S4H0P4X20204"


async def test_a_system_alone_needs_no_choice(home: Home) -> None:
    entry = await home.add()
    assert entry.unique_id == V3_ID
    assert entry.title == "SENEC.Home V3 hybrid duo"
    assert "tokens" not in entry.data
    # One sign-in for the flow, the entry and mein-senec.de together.
    assert home.cloud.count(FORM) == 1
    assert home.cloud.count(TOKEN) == 1
    assert home.state(entry, "sensor", "house_power").state not in ("unknown", "unavailable")
    assert home.state(entry, "sensor", "current_state").state in ("charging", "passive")
    (device,) = dr.async_entries_for_config_entry(dr.async_get(home.hass), entry.entry_id)
    assert device.serial_number == "123456789012345678900301"
    assert device.sw_version == "833"


async def test_several_systems_are_each_an_entry(home: Home) -> None:
    flow = await home.enter(await home.begin("senec_cloud"), fields_of(BERT))
    assert flow["step_id"] == "senec_system"
    flow = await home.enter(flow, {"system_id": "400204"})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    p4 = flow["result"]
    assert p4.unique_id == P4_ID
    home.freezer.tick(60)  # a one-time code is good for one sign-in
    v21 = await home.add(BERT, "210107")
    assert home.state(p4, "sensor", "bat_voltage").state == "412.5"
    assert home.state(p4, "sensor", "current_state").state == "run_grid"
    assert home.state(v21, "sensor", "inverter_power").state != "unknown"
    home.freezer.tick(60)
    flow = await home.enter(await home.begin("senec_cloud"), fields_of(BERT))
    flow = await home.enter(flow, {"system_id": "400204"})
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "already_configured")


@pytest.mark.parametrize(
    ("fields", "errors", "forms"),
    [
        (fields_of(Credentials(ANNA.username, "wrong")), {"base": "invalid_auth"}, 1),
        (
            fields_of(Credentials(BERT.username, BERT.password)),
            {"totp_secret": "totp_required"},
            1,
        ),
        (
            fields_of(Credentials(BERT.username, BERT.password, "AAAAAAAA")),
            {"totp_secret": "invalid_auth"},
            2,
        ),
        (
            fields_of(Credentials(BERT.username, BERT.password, "123456!")),
            {"totp_secret": "invalid_totp_secret"},
            0,
        ),
    ],
)
async def test_refused_and_then_right(
    home: Home, fields: dict[str, object], errors: dict[str, str], forms: int
) -> None:
    flow = await home.enter(await home.begin("senec_cloud"), fields)
    assert (flow["step_id"], flow["errors"]) == ("senec_cloud", errors)
    assert home.cloud.count(FORM) == forms
    flow = await home.enter(flow, fields_of(ANNA))
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_other_trouble_in_the_flow(home: Home) -> None:
    flow = await home.begin("senec_cloud")
    home.cloud.account(ANNA.username).locked = True
    flow = await home.enter(flow, fields_of(ANNA))
    assert flow["errors"] == {"base": "senec_locked"}
    home.cloud.account(ANNA.username).locked = False
    home.cloud.account(ANNA.username).must_enrol = True
    flow = await home.enter(flow, fields_of(ANNA))
    assert flow["errors"] == {"totp_secret": "totp_required"}
    home.cloud.account(ANNA.username).must_enrol = False
    for fault in ({"cut": True}, {"status": 503}, {"status": 200, "html": True}):
        home.cloud.fail("/sso", **fault)
        flow = await home.enter(flow, fields_of(ANNA))
        assert flow["errors"] == {"base": "cannot_connect"}
        home.cloud.heal()
    home.cloud.fail("/app-systems", status=200, text="[]", times=1)
    flow = await home.enter(flow, fields_of(ANNA))
    assert flow["errors"] == {"base": "no_system"}
    flow = await home.enter(flow, fields_of(ANNA))
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_energies_count_from_local_midnight(home: Home) -> None:
    home.freezer.move_to("2026-10-24T21:57:00+00:00")  # 23:57, the night before the clocks go back
    entry = await home.add()
    before = home.state(entry, "sensor", "house_energy")
    assert before.attributes["last_reset"] == "2026-10-23T22:00:00+00:00"
    assert before.attributes["state_class"] == "total"
    await home.wait(minutes=10)
    after = home.state(entry, "sensor", "house_energy")
    assert after.attributes["last_reset"] == "2026-10-24T22:00:00+00:00"
    assert float(after.state) < float(before.state)
    home.freezer.move_to("2026-10-25T23:02:00+00:00")
    await home.wait(minutes=5)
    next_day = home.state(entry, "sensor", "house_energy")
    assert next_day.attributes["last_reset"] == "2026-10-25T23:00:00+00:00"


async def test_a_new_day_under_the_old_days_time_takes_nothing_back(home: Home) -> None:
    home.freezer.move_to("2026-10-24T21:56:00+00:00")  # 23:56
    entry = await home.add()
    before = home.state(entry, "sensor", "house_energy")
    told = {"powerConsumptionInWh": 0.0, "wallboxInWh": 0.0, "gridDrawInWh": 90_000.0}
    dashboard = {"timestamp": "2026-10-24T21:59:00Z", "currently": {}, "today": told}
    home.cloud.fail("/app-measurements", status=200, text=json.dumps(dashboard), times=1)
    await home.wait(minutes=5)
    assert home.state(entry, "sensor", "house_energy") == before
    assert float(home.state(entry, "sensor", "grid_import_energy").state) == 90.0
    await home.wait(minutes=5)
    after = home.state(entry, "sensor", "house_energy")
    assert after.attributes["last_reset"] == "2026-10-24T22:00:00+00:00"
    assert float(after.state) < float(before.state)


async def test_up_to_when_it_was_read_is_on_the_disk_as_soon_as_the_entry_is_unloaded(
    home: Home, hass_storage: dict[str, Any]
) -> None:
    """Or the history would be asked again for what the recorder has."""
    entry = await home.add()
    await home.wait(minutes=5)
    store = f"hausstrom.{entry.entry_id}.senec_gaps"
    before = hass_storage.get(store, {}).get("data")
    coordinator = entry.runtime_data
    assert isinstance(coordinator, SenecCloudCoordinator)
    known = coordinator.filler._collect()
    assert known["seen"]
    assert known != before, "nothing is open: the test would notice nothing"
    await home.hass.config_entries.async_unload(entry.entry_id)
    assert hass_storage[store]["data"] == known


async def test_what_was_seen_of_the_battery_is_on_the_disk_while_it_runs(
    home: Home, hass_storage: dict[str, Any]
) -> None:
    """A planner that is off learns too, and a power cut takes some minutes of it at most."""
    home.freezer.move_to("2026-06-10T06:30:00+00:00")
    entry = await home.add()
    for _ in range(7):
        await home.wait(minutes=5)
    assert float(home.state(entry, "sensor", "bat_power").state) < 0  # it is charged
    stored = hass_storage[f"hausstrom.{entry.entry_id}.planner"]["data"]
    assert stored["most_charge"] > 0


async def test_a_system_without_abilities_still_has_what_the_site_shows(home: Home) -> None:
    home.cloud.fail("/app-abilities", status=404)
    entry = await home.add()
    assert home.state(entry, "select", "peak_shaving_mode").state == "deactivated"


async def test_each_thing_in_its_own_rhythm(home: Home) -> None:
    await home.add()
    home.cloud.forget()
    for _ in range(12 * 24):
        await home.wait(minutes=5)
    asked = {
        part: home.cloud.count(part)
        for part in (
            DASHBOARD,
            "wallboxes/search",
            "/details",
            "getSettings",
            "sgready/state",
            "reserve-in-percent",
            "findByGeraetenummer",
            "packages",
            TOKEN,
            FORM,
        )
    }
    assert asked == {
        DASHBOARD: 288,
        "wallboxes/search": 68,  # every half hour, every five minutes while a vehicle is there
        "/details": 24,
        "getSettings": 24,
        "sgready/state": 24,
        "reserve-in-percent": 24,
        "findByGeraetenummer": 24,
        "packages": 1,
        TOKEN: 288,  # tokens live five minutes, and so does the rhythm
        FORM: 0,
    }


async def test_an_outage_is_waited_for_with_patience(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await home.add()
    home.cloud.fail("/", cut=True)
    home.cloud.forget()
    for _ in range(6 * 60):
        await home.wait(minutes=1)
    assert home.state(entry, "sensor", "house_power").state == STATE_UNAVAILABLE
    assert home.cloud.requests.total() <= 130  # of eleven things that are read
    assert home.cloud.count(FORM) == 0
    assert caplog.text.count("Error fetching") == 1
    assert caplog.text.count("cannot be read") == 1  # one line for all that is not read
    home.cloud.heal()
    for _ in range(60):
        await home.wait(minutes=1)
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE
    assert caplog.text.count("can be read again") == 1
    assert home.cloud.count(FORM) == 0


async def test_a_server_that_asks_for_patience_gets_it(home: Home) -> None:
    entry = await home.add()
    fault = home.cloud.fail("/app-measurements", status=429)
    await home.wait(minutes=5)
    home.cloud.forget()
    fault.status = 500
    await home.wait(seconds=110)
    assert home.cloud.count(DASHBOARD) == 0
    home.cloud.heal()
    await home.wait(minutes=10)
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE


async def test_a_system_that_is_silent_is_unavailable(home: Home) -> None:
    entry = await home.add()
    system = home.cloud.system(100301)
    system.silent_since = datetime.fromisoformat("2026-06-10T10:00:00+00:00")
    for _ in range(8):
        await home.wait(minutes=5)
    assert home.state(entry, "sensor", "house_power").state == STATE_UNAVAILABLE
    system.silent_since = None
    for _ in range(6):
        await home.wait(minutes=5)
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE


async def test_one_thing_that_fails_takes_nothing_with_it(home: Home) -> None:
    entry = await home.add()
    home.cloud.fail("/web", status=500)
    await home.wait(hours=1)
    # What was read an hour ago is shown for a few more tries.
    assert home.state(entry, "select", "peak_shaving_mode").state == "deactivated"
    await home.wait(hours=1)
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE
    assert home.state(entry, "select", "peak_shaving_mode").state == STATE_UNAVAILABLE
    home.cloud.heal()
    for _ in range(12):
        await home.wait(minutes=5)
    assert home.state(entry, "select", "peak_shaving_mode").state == "deactivated"


async def test_a_restart_signs_in_nowhere(home: Home) -> None:
    entry = await home.add()
    await home.wait(minutes=5)
    home.cloud.forget()
    assert await home.hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    assert entry.state is ConfigEntryState.LOADED
    assert home.cloud.count(FORM) == 0
    assert home.state(entry, "select", "peak_shaving_mode").state == "deactivated"


async def test_a_changed_password_asks_the_user_once(home: Home) -> None:
    entry = await home.add()
    await home.wait(hours=2)
    home.cloud.account(ANNA.username).password = "anders"
    home.cloud.sso.forget_sessions()
    home.cloud.web.end_sessions()
    home.cloud.forget()
    for _ in range(24):
        await home.wait(hours=1)
    flows = home.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert [flow["context"]["source"] for flow in flows] == ["reauth"]
    assert home.cloud.count(FORM) == 1
    assert home.state(entry, "sensor", "house_power").state == STATE_UNAVAILABLE
    flow = await home.hass.config_entries.flow.async_configure(flows[0]["flow_id"])
    assert flow["step_id"] == "reauth_confirm"
    flow = await home.enter(flow, fields_of(Credentials(ANNA.username, "falsch")))
    assert flow["errors"] == {"base": "invalid_auth"}
    flow = await home.enter(flow, fields_of(Credentials(ANNA.username, "anders")))
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    await home.settle()
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE
    assert home.cloud.count(FORM) == 3


async def test_reconfigure_keeps_the_system(home: Home) -> None:
    entry = await home.add(BERT, "400204")
    home.freezer.tick(60)
    flow = await home.visit(entry)
    flow = await home.enter(flow, fields_of(ANNA))
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "wrong_device")
    flow = await home.visit(entry)
    flow = await home.enter(flow, fields_of(BERT))
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.data["system_id"] == "400204"


async def test_options_change_the_rhythm(home: Home) -> None:
    entry = await home.add()
    flow = await home.hass.config_entries.options.async_init(entry.entry_id)
    schema = flow["data_schema"]
    assert schema is not None
    assert schema({}) == {"scan_interval": 300}
    await home.hass.config_entries.options.async_configure(flow["flow_id"], {"scan_interval": 600})
    await home.settle()
    assert entry.runtime_data.update_interval == timedelta(minutes=10)


async def test_removal_leaves_nothing(home: Home, hass_storage: dict[str, object]) -> None:
    entry = await home.add()
    assert any("senec_tokens" in key for key in hass_storage)
    await home.hass.config_entries.async_remove(entry.entry_id)
    await home.settle()
    assert not any("senec_tokens" in key for key in hass_storage)


async def test_diagnostics_tell_no_secrets(home: Home, hass_client: ClientSessionGenerator) -> None:
    entry = await home.add(BERT, "400204")
    diagnostics = await get_diagnostics_for_config_entry(home.hass, hass_client, entry)
    text = str(diagnostics)
    for secret in (BERT.password, BERT.username, str(BERT.totp_secret), "S4H0P4X", "400204"):
        assert secret not in text
    assert diagnostics["device"]["requests_in_the_last_hour"] > 0
    assert diagnostics["device"]["sign_ins"] == 0  # the flow's sign-in served
    assert diagnostics["device"]["abilities"] == ["MOBILITY", "PEAK_SHAVING"]


async def test_setup_tries_again_when_senec_is_down(home: Home) -> None:
    entry = await home.add()
    home.cloud.fail("/", status=503)
    assert not await home.hass.config_entries.async_reload(entry.entry_id)
    states = [entry.state]
    home.cloud.heal()
    await home.wait(minutes=2)
    states.append(entry.state)
    assert states == [ConfigEntryState.SETUP_RETRY, ConfigEntryState.LOADED]


async def test_a_system_that_the_site_does_not_show(home: Home) -> None:
    home.cloud.system(100301).web_number = 99
    entry = await home.add()
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE
    assert "peak_shaving_mode" not in entry.runtime_data.data
    assert "emergency_reserve" not in entry.runtime_data.data
    coordinator = entry.runtime_data
    assert isinstance(coordinator, SenecCloudCoordinator)
    with pytest.raises(HomeAssistantError) as error:
        await coordinator.writing.set_reserve(20)
    assert error.value.translation_key == "senec_not_found"


async def test_a_system_without_backup_power(home: Home) -> None:
    home.cloud.fail("/web/endkunde/api/senec/1/emergencypower", status=404)
    entry = await home.add()
    assert "emergency_reserve" not in entry.runtime_data.data
    assert home.state(entry, "select", "peak_shaving_mode").state == "deactivated"
    home.cloud.heal()
    home.cloud.fail("/web/endkunde/api/senec/1/emergencypower", status=500)
    await home.wait(hours=1)
    await home.wait(minutes=5)
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE


async def test_later_tokens_win(home: Home, hass_storage: dict[str, Any]) -> None:
    entry = await home.add()
    await home.wait(minutes=5)
    (key,) = (key for key in hass_storage if "senec_tokens" in key)
    stored = hass_storage[key]["data"]
    old = {**stored, "tokens": {**stored["tokens"], "obtained": "2020-01-01T00:00:00+00:00"}}
    home.hass.config_entries.async_update_entry(entry, data={**entry.data, "tokens": old})
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    assert "tokens" not in entry.data
    assert home.state(entry, "sensor", "house_power").state != STATE_UNAVAILABLE
    assert home.cloud.count(FORM) == 1


async def test_the_site_comes_back_after_the_start(home: Home) -> None:
    home.cloud.fail("/web", status=503)
    entry = await home.add()
    assert "peak_shaving_mode" not in entry.runtime_data.data
    home.cloud.heal()
    await home.wait(minutes=6)
    assert home.state(entry, "select", "peak_shaving_mode").state == "deactivated"
    assert home.state(entry, "number", "emergency_reserve").state == "10"
