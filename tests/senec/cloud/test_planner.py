import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.diagnostics import async_get_config_entry_diagnostics

from .conftest import Home
from .planning import BERLIN, CLEAR, DARK, MIXED, LivingHome, name_forecasts, set_options

pytestmark = pytest.mark.usefixtures("recorder_mock", "quick_loop")

DAWN = datetime(2026, 6, 10, 6, 25, tzinfo=BERLIN)


@pytest.fixture(name="living")
async def living_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> LivingHome:
    await home.hass.config.async_set_time_zone("Europe/Berlin")
    home.freezer.move_to(DAWN)
    system = home.cloud.system(100301)
    system.wallboxes.clear()
    living = LivingHome(home, system, lived=DAWN - timedelta(minutes=5))
    living.live(DAWN)
    monkeypatch.setattr("simulators.senec_cloud_services.step_at", living.step_at)
    return living


async def set_up(living: LivingHome, *, options: bool = True) -> HausstromConfigEntry:
    """Set the system up, with forecasts and options, planner off."""
    await name_forecasts(living.home.hass, living.solar_forecast)
    entry = await living.home.add()
    if options:
        set_options(living.home.hass, entry, pv_peak_power=10.0, export_limit=60)
        await living.home.hass.config_entries.async_reload(entry.entry_id)
        await living.home.settle()
    return entry


async def switch(living: LivingHome, entry: HausstromConfigEntry, to: str = "on") -> None:
    entity_id = living.home.entity_id(entry, "switch", "peak_shaving_planner")
    data = {"entity_id": entity_id}
    await living.home.hass.services.async_call("switch", f"turn_{to}", data, blocking=True)
    await living.home.settle()


def plan_of(living: LivingHome, entry: HausstromConfigEntry) -> str:
    return living.home.state(entry, "sensor", "peak_shaving_plan").state


async def get_plan(living: LivingHome, entry: HausstromConfigEntry) -> dict[str, Any]:
    response = await living.home.hass.services.async_call(
        DOMAIN,
        "get_peak_shaving_plan",
        {"config_entry_id": entry.entry_id},
        blocking=True,
        return_response=True,
    )
    assert isinstance(response, dict)
    return response


async def test_a_clear_day_is_planned_within_minutes_and_put_back(living: LivingHome) -> None:
    entry = await set_up(living)
    assert living.home.state(entry, "switch", "peak_shaving_planner").state == "off"
    assert plan_of(living, entry) == "idle"
    await switch(living, entry)
    await living.until(6, 40)
    mode, limit, end = living.settings()
    assert mode == "MANUAL"
    assert 40 <= limit <= 60
    assert "11:00" <= end <= "17:00"
    assert plan_of(living, entry) == "planned"
    assert living.home.state(entry, "sensor", "peak_shaving_planned_limit").state == str(limit)
    assert float(living.home.state(entry, "sensor", "peak_shaving_expected_saving").state) > 1
    await living.until(20)
    assert living.lost <= 2200
    assert living.level >= 9500
    assert living.settings()[0] == "DEACTIVATED"
    assert plan_of(living, entry) == "not_needed"
    assert living.saves <= 4
    assert float(living.home.state(entry, "sensor", "peak_shaving_saved_energy").state) > 2
    assert living.home.state(entry, "switch", "peak_shaving_planner").state == "on"


async def test_a_dark_day_is_left_alone(living: LivingHome) -> None:
    living.sun = living.forecast = DARK
    living.set_in_app("MANUAL", 30, 9)
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(21)
    assert plan_of(living, entry) == "not_needed"
    assert living.saves == 0
    assert living.settings() == ("MANUAL", 30, "09:00")


async def test_who_changes_peak_shaving_in_the_app_is_left_in_peace(living: LivingHome) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(9)
    saves = living.saves
    living.set_in_app("AUTO")
    await living.until(10, 5)
    assert plan_of(living, entry) == "paused"
    await living.until(22)
    assert living.saves == saves
    assert living.settings()[0] == "AUTO"
    # The next day begins with what the person chose, and goes back to it.
    await living.until(7, days=1)
    assert plan_of(living, entry) == "planned"
    assert living.settings()[0] == "MANUAL"
    await living.until(20)
    assert living.settings()[0] == "AUTO"


async def test_who_changes_it_in_home_assistant_is_left_in_peace(living: LivingHome) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(9)
    living.set_in_app("MANUAL", 80, 10)  # any other way leads here, too
    await living.until(9, 30)
    assert plan_of(living, entry) == "paused"
    assert living.settings() == ("MANUAL", 80, "10:00")


async def test_without_a_forecast_nothing_is_planned(living: LivingHome) -> None:
    living.forecast = None
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(7)
    assert plan_of(living, entry) == "no_forecast"
    assert living.saves == 0
    living.forecast = CLEAR
    await living.until(8, 10)
    assert plan_of(living, entry) == "planned"


async def test_a_forecast_that_goes_away_ends_the_plan(living: LivingHome) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(8, 30)
    assert living.settings()[0] == "MANUAL"
    living.forecast = None
    await living.until(8, 50)
    assert living.settings()[0] == "MANUAL"  # it may come back
    await living.until(10, 10)
    assert living.settings()[0] == "DEACTIVATED"
    assert plan_of(living, entry) == "no_forecast"


async def test_switched_off_it_goes_back_at_once(living: LivingHome) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(9)
    assert living.settings()[0] == "MANUAL"
    await switch(living, entry, "off")
    await living.until(9, 10)
    assert living.settings()[0] == "DEACTIVATED"
    assert plan_of(living, entry) == "idle"
    assert living.saves == 2


async def restart(living: LivingHome, entry: HausstromConfigEntry) -> None:
    await living.home.hass.config_entries.async_unload(entry.entry_id)
    await living.home.settle()
    await living.home.hass.config_entries.async_setup(entry.entry_id)
    await living.home.settle()


async def test_a_restart_in_the_middle_of_a_plan_changes_nothing(living: LivingHome) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(11, 40)
    settings, saves = living.settings(), living.saves
    await restart(living, entry)
    await living.until(11, 55)
    assert plan_of(living, entry) == "planned"
    assert (living.settings(), living.saves) == (settings, saves)
    assert living.home.state(entry, "switch", "peak_shaving_planner").state == "on"
    await living.until(20)
    assert living.settings()[0] == "DEACTIVATED"


async def test_after_a_crash_the_next_start_puts_right_what_is_left(
    living: LivingHome, hass_storage: dict[str, Any]
) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(12)
    assert living.settings()[0] == "MANUAL"
    # The power goes: what is on the disk is what there is.
    key = f"{DOMAIN}.{entry.entry_id}.planner"
    disk = json.loads(json.dumps(hass_storage[key]))
    await living.home.hass.config_entries.async_unload(entry.entry_id)
    hass_storage[key] = disk
    living.home.freezer.move_to(DAWN + timedelta(days=1))
    living.lived = dt_util.utcnow() - timedelta(minutes=5)
    living.live(dt_util.utcnow())
    living.sun = living.forecast = DARK
    await living.home.hass.config_entries.async_setup(entry.entry_id)
    await living.home.settle()
    await living.until(6, 45)
    assert living.settings()[0] == "DEACTIVATED"


async def test_a_cloud_that_is_down_when_the_plan_ends_is_asked_again_and_an_hour_later_said(
    living: LivingHome,
) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(10)
    end = living.settings()[2]
    living.home.cloud.fail("/web", status=503)
    await living.until(int(end[:2]), 55)
    issues = ir.async_get(living.home.hass)
    issue = f"planner_stuck_{entry.entry_id}"
    assert issues.async_get_issue(DOMAIN, issue) is None
    await living.until(int(end[:2]) + 2, 30)
    assert issues.async_get_issue(DOMAIN, issue) is not None
    assert living.settings()[0] == "MANUAL"
    living.home.cloud.heal()
    await living.until(int(end[:2]) + 4)
    assert living.settings()[0] == "DEACTIVATED"
    assert issues.async_get_issue(DOMAIN, issue) is None


@pytest.mark.parametrize("missing", ["pv_peak_power", "export_limit"])
async def test_what_is_missing_is_said(living: LivingHome, missing: str) -> None:
    living.system.peak_shaving["einspeisebegrenzungKwpInPercent"] = None
    entry = await set_up(living, options=False)
    other = {"pv_peak_power": 10.0, "export_limit": 60}
    del other[missing]
    set_options(living.home.hass, entry, **other)
    await restart(living, entry)
    await switch(living, entry)
    await living.until(6, 40)
    assert plan_of(living, entry) == "no_data"
    issues = ir.async_get(living.home.hass)
    assert issues.async_get_issue(DOMAIN, f"planner_needs_{entry.entry_id}") is not None
    assert living.saves == 0
    plan = await get_plan(living, entry)
    assert plan["series"] == []
    assert plan["explanation"] != plan["reason"]
    set_options(living.home.hass, entry, pv_peak_power=10.0, export_limit=60)
    await restart(living, entry)
    await living.until(7, 5)
    assert plan_of(living, entry) == "planned"
    assert issues.async_get_issue(DOMAIN, f"planner_needs_{entry.entry_id}") is None


async def test_the_action_tells_the_curves(living: LivingHome) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(7)
    saves = living.saves
    plan = await get_plan(living, entry)
    assert plan["state"] == "planned"
    assert plan["mode"] == "manual"
    assert plan["capacity_limit"] == living.settings()[1]
    assert plan["end_time"] == f"{living.settings()[2]}:00"
    rows = plan["series"]
    assert datetime.fromisoformat(rows[0]["time"]).utcoffset() == timedelta(hours=2)
    assert datetime.fromisoformat(rows[0]["time"]) == dt_util.utcnow()
    last = datetime.fromisoformat(rows[-1]["time"]).astimezone(BERLIN)
    assert last.date() > dt_util.utcnow().astimezone(BERLIN).date()
    # Two forecasts add up, and none exceeds the limit of the connection.
    assert max(row["forecast"] for row in rows) == pytest.approx(8150, rel=0.03)
    assert max(row["export"] for row in rows) <= 6001
    noon = next(row for row in rows if "T11:00" in row["time"])
    assert noon["level"] < noon["level_without"] - 20
    assert living.saves == saves
    found = await async_get_config_entry_diagnostics(living.home.hass, entry)
    assert (
        found["coordinator"]["planner"]["plans"]
        if "coordinator" in found
        else "plans" in str(found)
    )


async def test_the_action_of_another_entry_is_refused(living: LivingHome) -> None:
    entry = await set_up(living)
    with pytest.raises(ServiceValidationError):
        await living.home.hass.services.async_call(
            DOMAIN,
            "get_peak_shaving_plan",
            {"config_entry_id": "no such entry"},
            blocking=True,
            return_response=True,
        )
    plan = await get_plan(living, entry)
    assert (plan["state"], plan["reason"]) == ("idle", "off")
    assert plan["series"]


async def test_a_disabled_entry_leaves_nothing_behind(living: LivingHome) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(9)
    hass = living.home.hass
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    await living.home.settle()
    assert living.settings()[0] == "DEACTIVATED"


async def test_a_deleted_entry_leaves_nothing_behind(
    living: LivingHome, hass_storage: dict[str, Any]
) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(9)
    await living.home.hass.config_entries.async_remove(entry.entry_id)
    await living.home.settle()
    assert living.settings()[0] == "DEACTIVATED"
    assert not [key for key in hass_storage if entry.entry_id in key and "planner" in key]


async def test_a_deleted_entry_whose_cloud_is_down_says_what_is_left(living: LivingHome) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(9)
    living.home.cloud.fail("/web", status=503)
    await living.home.hass.config_entries.async_remove(entry.entry_id)
    await living.home.settle()
    issue = f"planner_left_behind_{entry.entry_id}"
    assert ir.async_get(living.home.hass).async_get_issue(DOMAIN, issue) is not None


async def test_a_limit_that_counts_the_other_way_is_seen_and_turned_round(
    living: LivingHome,
) -> None:
    living.kept_free = True
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(20)
    assert living.lost <= 2500
    assert living.level >= 9500
    evidence = entry.runtime_data.diagnostics()["planner"]["evidence"]
    assert evidence["sense"] == "kept_free"
    await living.until(7, days=1)
    assert living.settings()[0] == "MANUAL"
    level = living.level
    await living.until(10)
    assert living.level <= level + 200  # what was free stays free


async def test_a_battery_that_does_not_obey_is_given_up_after_three_days(
    living: LivingHome,
) -> None:
    living.obeys = False
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(21)
    assert living.home.state(entry, "switch", "peak_shaving_planner").state == "on"
    for _ in range(3):
        await living.until(6, 30, days=1)
        await living.until(21)
    assert plan_of(living, entry) == "failed"
    assert living.home.state(entry, "switch", "peak_shaving_planner").state == "off"
    issues = ir.async_get(living.home.hass)
    assert issues.async_get_issue(DOMAIN, f"planner_failed_{entry.entry_id}") is not None
    assert living.settings()[0] == "DEACTIVATED"


async def test_a_mixed_week_stays_within_four_writes_a_day(living: LivingHome) -> None:
    entry = await set_up(living)
    await switch(living, entry)
    for sun, forecast in ((MIXED, CLEAR), (CLEAR, MIXED), (DARK, CLEAR)):
        living.sun, living.forecast = sun, forecast
        before = living.saves
        await living.until(22)
        assert living.saves - before <= 4
        assert living.settings()[0] == "DEACTIVATED"
        await living.until(6, 25, days=1)


async def test_writes_that_senec_forgets_are_not_taken_for_a_person(living: LivingHome) -> None:
    living.home.cloud.writing.takes = False
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(8)
    assert plan_of(living, entry) == "failed"
    await living.until(21)
    assert living.saves <= 4
    assert plan_of(living, entry) != "paused"
    assert living.settings()[0] == "DEACTIVATED"


def test_the_week_of_the_tests_is_summer(hass: HomeAssistant) -> None:
    assert DAWN.utcoffset() == timedelta(hours=2)
