"""Variants of what users lived through: the same kinds of fault, met elsewhere."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.util import dt as dt_util

from custom_components.hausstrom.senec.cloud.coordinator import SenecCloudCoordinator
from simulators.senec_cloud_homes import wallbox

from .cases import Driver, Step
from .conftest import ANNA, Home

WAIT: Step = {"do": "wait", "minutes": 6}
PAGE = "<!DOCTYPE html><html><head><title>Wartung</title></head><body></body></html>"


def shows(key: str, state: object) -> Step:
    return {"expect": {"key": key, "state": state}}


def is_there(key: str, *, available: bool = True) -> Step:
    return {"expect": {"key": key, "available": available}}


# --- words of the cloud ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("netz_und_entladen", "grid_and_discharging"),
        (" LADEN ", "charging"),
        ("PV + ENTLADEN", "pv_and_discharging"),
        ("AKKU VOLL", "battery_full"),
        ("Etwas <b>Neues</b>", "unknown"),
        ("", "unknown"),
    ],
)
async def test_words_of_states(home: Home, word: str, state: str) -> None:
    driver = Driver(home)
    driver.system.state_word = word or "\u00a0"
    await driver.play([{"do": "set_up"}, shows("current_state", state)])


async def test_words_of_tomorrow_do_not_fill_the_diagnostics(home: Home) -> None:
    driver = Driver(home)
    await driver.play([{"do": "set_up"}])
    for number in range(30):
        await driver.play([{"do": "cloud", "state_word": f"ZUSTAND_{number}" * 40}, WAIT])
    assert driver.entry is not None
    words = driver.entry.runtime_data.diagnostics()["unknown_states"]
    assert 0 < len(words) <= 20
    assert all(len(word) <= 60 for word in words)


# --- placeholders -----------------------------------------------------------------------


@pytest.mark.parametrize("raw", [1e-05, "1e-05", None, "", -1, 101, "NaN", True, [], 1e9])
async def test_levels_that_are_none(home: Home, raw: object) -> None:
    driver = Driver(home)
    await driver.play(
        [
            {"do": "set_up"},
            {"do": "cloud", "currently": {"batteryLevelInPercent": raw}},
            WAIT,
            {"expect": {"key": "bat_fuel_charge", "not": [0, 1e-05, -1, 101, 1, 1e9]}},
            {"do": "cloud", "currently": {"batteryLevelInPercent": 42.0}},
            WAIT,
            shows("bat_fuel_charge", 42),
        ]
    )


@pytest.mark.parametrize("name", ["selfSufficiencyInPercent", "batteryLevelInPercent"])
async def test_a_percentage_of_the_day(home: Home, name: str) -> None:
    await Driver(home).play(
        [
            {"do": "set_up"},
            {"do": "cloud", "today": {name: 1e-05}},
            WAIT,
            {"expect": {"key": "self_sufficiency_today", "not": [0, 1e-05]}},
            {"expect": {"key": "bat_fuel_charge", "not": [0, 1e-05]}},
        ]
    )


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ({"gridFeedInInW": 1e-05, "gridDrawInW": 1e-05}, "grid_power"),
        ({"batteryChargeInW": 1e-05, "batteryDischargeInW": 1e-05}, "bat_power"),
        ({"powerConsumptionInW": 1e-05}, "house_power"),
    ],
)
async def test_a_flow_that_is_a_placeholder_is_zero(
    home: Home, told: dict[str, object], key: str
) -> None:
    await Driver(home).play(
        [{"do": "set_up"}, {"do": "cloud", "currently": told}, WAIT, shows(key, 0)]
    )


# --- two doors ---------------------------------------------------------------------------


@pytest.mark.parametrize("wants", ["CONFIGURE_TOTP", "configure_totp", "UPDATE_PROFILE"])
async def test_a_portal_that_wants_something_from_the_first_minute(home: Home, wants: str) -> None:
    driver = Driver(home)
    await driver.play(
        [
            {"do": "portal", "wants": wants},
            {"do": "set_up"},
            {"do": "wait", "minutes": 120},
            is_there("house_power"),
            {"expect": {"reauth": 0}},
            {"expect": {"repair_issues": 1}},
            {"expect": {"passwords_sent_at_most": 1}},
            {"do": "restart"},
            {"do": "wait", "minutes": 120},
            is_there("house_power"),
            {"expect": {"reauth": 0}},
            {"expect": {"repair_issues": 1}},
            {"expect": {"passwords_sent_at_most": 1}},
            {"do": "portal", "wants": None},
            {"do": "reload"},
            {"do": "wait", "minutes": 10},
            {"expect": {"repair_issues": 0}},
            is_there("peak_shaving_mode"),
        ]
    )


async def test_a_portal_that_answers_with_a_page_for_a_day(home: Home) -> None:
    driver = Driver(home)
    await driver.play([{"do": "set_up"}])
    home.cloud.fail("/web", status=200, text=PAGE)
    await driver.play(
        [
            {"do": "wait", "minutes": 24 * 60},
            is_there("house_power"),
            is_there("peak_shaving_mode", available=False),
            {"expect": {"passwords_sent_at_most": 1}},
            {"expect": {"reauth": 0}},
        ]
    )
    home.cloud.heal()
    await driver.play([{"do": "wait", "minutes": 70}, is_there("peak_shaving_mode")])
    await driver.play([{"expect": {"repair_issues": 0}}])


# --- health by service ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [{"status": 200, "text": PAGE}, {"status": 200, "text": "{}"}, {"cut": True}, {"status": 404}],
)
async def test_a_silent_service_of_another_kind(home: Home, fault: dict[str, Any]) -> None:
    driver = Driver(home)
    await driver.play([{"do": "set_up"}, is_there("current_state"), is_there("case_temp")])
    home.cloud.fail("/app-systems", **fault)
    await driver.play(
        [
            {"do": "wait", "minutes": 180},
            shows("current_state", None),
            shows("current_state_ok", None),
            shows("case_temp", None),
            is_there("house_power"),
            is_there("peak_shaving_mode"),
        ]
    )
    home.cloud.heal()
    await driver.play([{"do": "wait", "minutes": 24 * 60}, is_there("current_state")])
    await driver.play([is_there("case_temp")])


@pytest.mark.parametrize("minutes", [2, 24 * 60, 400 * 24 * 60])
async def test_a_report_from_the_future(home: Home, minutes: int) -> None:
    """SENEC's clock, or the device's, is ahead: what comes afterwards must still be read."""
    driver = Driver(home)
    await driver.play([{"do": "set_up"}])
    answer = {
        "currently": {"powerGenerationInW": 100.0, "batteryLevelInPercent": 50.0},
        "today": {"powerGenerationInWh": 900.0},
        "timestamp": (dt_util.utcnow() + timedelta(minutes=minutes)).isoformat(),
        "systemType": "V123",
    }
    fault = home.cloud.fail("/app-measurements", status=200, text=json.dumps(answer))
    assert driver.entry is not None
    began = home.state(driver.entry, "sensor", "inverter_energy").attributes["last_reset"]
    await driver.play([WAIT])
    shown = home.state(driver.entry, "sensor", "inverter_energy")
    # A new beginning, and then the old one again, would count the day a second time.
    assert shown.attributes["last_reset"] == began
    if minutes > 60:
        # It says nothing of now, and must not look as if it did.
        await driver.play([{"do": "wait", "minutes": 45}, shows("inverter_power", None)])
    home.cloud.faults.remove(fault)
    await driver.play([{"do": "wait", "minutes": 20}, is_there("house_power")])
    coordinator = driver.entry.runtime_data
    assert isinstance(coordinator, SenecCloudCoordinator)
    seen = coordinator.filler._watch.as_dict()["inverter_energy"]
    assert isinstance(seen, dict)
    assert datetime.fromisoformat(str(seen["measured"])) <= dt_util.utcnow()
    home.cloud.fail("/app-measurements", status=503)
    await driver.play([{"do": "wait", "minutes": 180}, shows("house_power", None)])


# --- wallboxes --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 408, 500])
async def test_a_search_that_fails_at_each_start(home: Home, status: int) -> None:
    await Driver(home).play(
        [
            {"do": "cloud", "wallbox": True},
            {"do": "set_up"},
            {"do": "wait", "minutes": 11},
            shows("wallbox_energy", 20),
            {"do": "watch"},
            {"do": "answer", "service": "wallbox", "status": status},
            {"do": "answer", "service": "systems", "status": 503},
            {"do": "restart"},
            {"do": "wait", "minutes": 31},
            {"do": "reload"},
            {"do": "wait", "minutes": 31},
            shows("wallbox_energy", 20),
            {"expect": {"key": "wallbox_energy", "never_below": 20}},
            {"expect": {"key": "ev_connected", "never": "off"}},
        ]
    )


async def test_ids_that_are_not_known_at_all(home: Home) -> None:
    """An entry of an older release, on a day on which nobody tells the ids."""
    driver = Driver(home)
    await driver.play([{"do": "cloud", "wallbox": True}, {"do": "set_up"}, WAIT, {"do": "watch"}])
    entry = driver.entry
    assert entry is not None
    await home.hass.config_entries.async_unload(entry.entry_id)
    data = {key: value for key, value in entry.data.items() if key != "wallbox_ids"}
    home.hass.config_entries.async_update_entry(entry, data=data)
    await driver.play(
        [
            {"do": "answer", "service": "wallbox", "status": 401},
            {"do": "answer", "service": "systems", "status": 503},
        ]
    )
    await home.hass.config_entries.async_setup(entry.entry_id)
    await driver.play(
        [
            {"do": "wait", "minutes": 30},
            is_there("inverter_power"),
            shows("wallbox_energy", None),
            shows("ev_connected", None),
            {"do": "answer", "service": "systems", "status": None},
            {"do": "wait", "minutes": 15},
            shows("wallbox_energy", 20),
            {"expect": {"key": "wallbox_energy", "never_below": 20}},
            {"expect": {"key": "ev_connected", "never": "off"}},
        ]
    )


async def test_a_wallbox_that_was_replaced(home: Home) -> None:
    """Its old id is refused from then on: the new one is asked for, and keeps its own number."""
    driver = Driver(home)
    await driver.play([{"do": "cloud", "wallbox": True}, {"do": "set_up"}, WAIT])
    driver.system.wallboxes[:] = [wallbox("7", "Wallbox neu", "V123")]
    await driver.play([{"do": "wait", "minutes": 120}, shows("wallbox_energy", 20)])
    assert driver.entry is not None
    assert driver.entry.data["wallbox_ids"] == ["1", "7"]
    await driver.play([is_there("wallbox_1_locked"), shows("wallbox_0_locked", None)])
    home.cloud.forget()
    await driver.play([{"do": "wait", "minutes": 60}])
    asked = [path for _, path in home.cloud.log if "dashboard" in path]
    assert all("wallboxIds=7" in path for path in asked)


# --- writes ----------------------------------------------------------------------------------


def call(key: str, action: str, *, error: bool, **data: object) -> Step:
    return {"do": "call", "action": action, "key": key, "data": data, "error": error}


@pytest.mark.parametrize(
    ("key", "action", "data", "before"),
    [
        ("peak_shaving_mode", "select.select_option", {"option": "auto"}, "deactivated"),
        ("peak_shaving_end_time", "time.set_value", {"time": "13:00:00"}, "00:00:00"),
        ("sg_ready_enabled", "switch.turn_on", {}, None),
        ("wallbox_0_locked", "switch.turn_on", {}, "off"),
        ("wallbox_0_charging_mode", "select.select_option", {"option": "fast"}, "solar"),
        ("wallbox_0_solar_min_current", "number.set_value", {"value": 8}, None),
    ],
)
async def test_other_writes_that_are_ignored(
    home: Home, key: str, action: str, data: dict[str, Any], before: str | None
) -> None:
    driver = Driver(home)
    if key == "sg_ready_enabled":
        driver.system.sg_ready["enabled"] = False
    await driver.play(
        [
            {"do": "cloud", "wallbox": True},
            {"do": "set_up"},
            {"do": "cloud", "takes": False},
            call(key, action, error=True, **data),
        ]
    )
    if before is not None:
        await driver.play([shows(key, before)])


@pytest.mark.parametrize(("seconds", "error"), [(1, False), (19, False), (58, False), (90, True)])
async def test_writes_that_are_seen_later(home: Home, seconds: float, error: bool) -> None:
    await Driver(home).play(
        [
            {"do": "set_up"},
            {"do": "cloud", "takes_after_s": seconds},
            call("emergency_reserve", "number.set_value", error=error, value=25),
            {"do": "wait", "minutes": 65},
            shows("emergency_reserve", 25),
        ]
    )


# --- a password is sent once --------------------------------------------------------------------


async def test_reloads_by_an_automation_send_no_passwords(home: Home) -> None:
    driver = Driver(home)
    await driver.play(
        [
            {"do": "set_up"},
            {"do": "page_after_password", "page": "profile"},
            {"do": "sessions_end", "of": "all"},
            {"do": "wait", "minutes": 30},
        ]
    )
    for _ in range(24):
        await driver.play([{"do": "reload"}, {"do": "wait", "minutes": 30}])
    await driver.play([{"expect": {"passwords_sent_at_most": 1, "user_is_told": True}}])
    assert home.cloud.account(ANNA.username).wrong_passwords == 0


async def test_a_page_after_the_answer_to_a_reauth_is_named(home: Home) -> None:
    driver = Driver(home)
    await driver.play(
        [
            {"do": "set_up"},
            {"do": "page_after_password", "page": "terms"},
            {"do": "sessions_end", "of": "all"},
            {"do": "wait", "minutes": 30},
        ]
    )
    (flow,) = driver._reauth_flows()
    form = await home.hass.config_entries.flow.async_configure(flow["flow_id"])
    sent = home.cloud.sso.passwords
    again = await home.enter(form, {"username": ANNA.username, "password": ANNA.password})
    assert again["type"] == "form"
    assert again["errors"]
    assert again["errors"].get("base") not in {"unknown", "cannot_connect", None}
    placeholders = again["description_placeholders"]
    assert placeholders is not None
    assert placeholders["page"] == "Terms and Conditions - SENEC"
    assert home.cloud.sso.passwords == sent + 1
