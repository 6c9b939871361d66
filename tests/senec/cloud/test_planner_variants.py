"""The planner in homes other than that of its case: forecasts, clocks, restarts, two systems."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.senec.cloud.planner_coordinator import PlanningCoordinator

from .conftest import BERT
from .planning import BERLIN, CLEAR, DARK, STEP, LivingHome, name_forecasts, set_options
from .test_planner import DAWN, get_plan, living_home, plan_of, restart, set_up, switch

__all__ = ["living_home"]  # fixtures

pytestmark = pytest.mark.usefixtures("recorder_mock", "quick_loop")


type Told = Mapping[object, object]


def hours_of(day: datetime, sun: Mapping[int, float]) -> dict[datetime, float]:
    """Return the Wh of both roofs' halves by local hour."""
    return {
        day.replace(hour=hour, minute=0, second=0, microsecond=0): energy / 2
        for hour, energy in sun.items()
    }


def in_utc(hours: Mapping[datetime, float]) -> Told:
    return {at.astimezone(UTC).isoformat(): wh for at, wh in hours.items()}


def with_z(hours: Mapping[datetime, float]) -> Told:
    return {at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"): wh for at, wh in hours.items()}


def in_tokyo(hours: Mapping[datetime, float]) -> Told:
    return {at.astimezone(ZoneInfo("Asia/Tokyo")).isoformat(): wh for at, wh in hours.items()}


def without_zone(hours: Mapping[datetime, float]) -> Told:
    return {at.strftime("%Y-%m-%d %H:%M:%S"): wh for at, wh in hours.items()}


def as_datetimes(hours: Mapping[datetime, float]) -> Told:
    return {at: wh for at, wh in hours.items()}  # noqa: C416  of any type


def by_half_hours(hours: Mapping[datetime, float]) -> Told:
    half = timedelta(minutes=30)
    return {
        (at + part).isoformat(): wh / 2 for at, wh in hours.items() for part in (0 * half, half)
    }


def by_quarters_in_whole_numbers(hours: Mapping[datetime, float]) -> Told:
    quarter = timedelta(minutes=15)
    return {
        (at + quarter * part).isoformat(): round(wh / 4)
        for at, wh in hours.items()
        for part in range(4)
    }


def with_what_is_no_number(hours: Mapping[datetime, float]) -> Told:
    night = min(hours) - timedelta(hours=3)
    broken: dict[object, object] = dict(in_utc(hours))
    broken |= {night.isoformat(): None, "soon": 5.0, (night - STEP).isoformat(): float("nan")}
    return broken | {(night + STEP).isoformat(): -5.0, 7: 1.0}


@pytest.mark.parametrize(
    "written",
    [
        in_utc,
        with_z,
        in_tokyo,
        without_zone,
        as_datetimes,
        by_half_hours,
        by_quarters_in_whole_numbers,
        with_what_is_no_number,
    ],
)
async def test_forecasts_of_several_kinds(
    living: LivingHome, written: Callable[[Mapping[datetime, float]], Told]
) -> None:
    async def answer(_hass: HomeAssistant, _entry_id: str) -> dict[str, Told]:
        return {"wh_hours": written(hours_of(dt_util.utcnow().astimezone(BERLIN), CLEAR))}

    hass = living.home.hass
    await name_forecasts(hass, answer)
    entry = await living.home.add()
    set_options(hass, entry, pv_peak_power=10.0, export_limit=60)
    await switch(living, entry)
    await living.until(6, 40)
    assert plan_of(living, entry) == "planned"
    noon = dt_util.utcnow().astimezone(BERLIN).replace(hour=12, minute=0)
    rows = (await get_plan(living, entry))["series"]
    (at_noon,) = [row for row in rows if datetime.fromisoformat(row["time"]) == noon]
    assert at_noon["forecast"] == pytest.approx(CLEAR[12], rel=0.15)


@pytest.mark.parametrize("how", ["silent", "raises", "yesterday", "not set up"])
async def test_of_two_roofs_one_has_no_forecast(living: LivingHome, how: str) -> None:
    """A sum that lacks a roof would be worse than none."""
    hass = living.home.hass
    named: list[str] = []

    async def answer(_hass: HomeAssistant, entry_id: str) -> dict[str, Told] | None:
        day = dt_util.utcnow().astimezone(BERLIN)
        if entry_id == named[1]:
            if how == "raises":
                raise KeyError(how)
            if how == "silent":
                return None
            day -= timedelta(days=how == "yesterday")
        return {"wh_hours": in_utc(hours_of(day, CLEAR))}

    named += await name_forecasts(hass, answer)
    if how == "not set up":
        (second,) = [e for e in hass.config_entries.async_entries() if e.entry_id == named[1]]
        object.__setattr__(second, "domain", "cloudy_oracle")
    entry = await living.home.add()
    set_options(hass, entry, pv_peak_power=10.0, export_limit=60)
    await switch(living, entry)
    await living.until(8)
    assert plan_of(living, entry) == "no_forecast"
    assert living.saves == 0


async def test_a_roof_that_was_taken_away_or_switched_off_is_none(living: LivingHome) -> None:
    entry = await set_up(living)
    hass = living.home.hass
    (first, _second) = hass.config_entries.async_entries("sun_oracle")
    await hass.config_entries.async_set_disabled_by(first.entry_id, ConfigEntryDisabler.USER)
    living.forecast = {hour: 2 * wh for hour, wh in CLEAR.items()}  # the other one has it all
    await switch(living, entry)
    await living.until(6, 40)
    assert plan_of(living, entry) == "planned"


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
async def test_the_days_on_which_the_clock_changes(living: LivingHome, day: str) -> None:
    await living.home.hass.config.async_set_time_zone("Europe/Berlin")
    dawn = datetime.fromisoformat(f"{day}T06:25:00").replace(tzinfo=BERLIN)
    living.home.freezer.move_to(dawn)
    living.lived = dawn - STEP
    living.live(dawn)
    living.set_in_app("MANUAL", 80, 9)
    entry = await set_up(living)
    await switch(living, entry)
    for _ in range(2):
        saves = living.saves
        await living.until(9, 30)
        mode, limit, end = living.settings()
        assert mode == "MANUAL"
        assert limit < 80
        assert "11:00" <= end <= "17:00"
        shown = living.home.state(entry, "sensor", "peak_shaving_planned_end").state
        assert datetime.fromisoformat(shown).astimezone(BERLIN).strftime("%H:%M") == end
        await living.until(20)
        assert living.settings() == ("MANUAL", 80, "09:00")
        assert living.level >= 9400
        assert living.saves - saves <= 4
        await living.until(6, 25, days=1)


@pytest.mark.parametrize("hour", [7, 9, 13, 15, 19, 22])
async def test_a_restart_at_any_moment(living: LivingHome, hour: int) -> None:
    living.set_in_app("AUTO")
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(hour, 2)
    before = living.settings(), plan_of(living, entry)
    await restart(living, entry)
    await living.until(hour, 14)
    assert (living.settings(), plan_of(living, entry)) == before
    await living.until(23)
    assert living.settings()[0] == "AUTO"
    assert living.saves <= 4


async def test_the_plan_of_yesterday_is_found_in_the_morning(living: LivingHome) -> None:
    """Home Assistant is off from ten o'clock on until the next, dark day."""
    living.set_in_app("AUTO")
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(10)
    assert living.settings()[0] == "MANUAL"
    await living.home.hass.config_entries.async_unload(entry.entry_id)
    living.home.freezer.move_to(DAWN + timedelta(days=1, hours=4))
    living.live(dt_util.utcnow())
    living.sun = living.forecast = DARK
    await living.home.hass.config_entries.async_setup(entry.entry_id)
    await living.home.settle()
    await living.until(10, 40)
    assert living.settings()[0] == "AUTO"
    assert plan_of(living, entry) == "not_needed"


async def test_what_a_person_set_while_home_assistant_was_off_stays(living: LivingHome) -> None:
    living.set_in_app("AUTO")
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(10)
    await living.home.hass.config_entries.async_unload(entry.entry_id)
    living.set_in_app("MANUAL", 85, 10)
    saves = living.saves
    living.home.freezer.tick(timedelta(minutes=40))
    living.live(dt_util.utcnow())
    await living.home.hass.config_entries.async_setup(entry.entry_id)
    await living.home.settle()
    await living.until(12)
    assert plan_of(living, entry) == "paused"
    await living.until(23)
    assert living.settings() == ("MANUAL", 85, "10:00")
    assert living.saves == saves


async def test_two_systems_plan_each_for_itself(living: LivingHome) -> None:
    other = await living.home.add(BERT, "400204")
    entry = await set_up(living)
    before = dict(living.home.cloud.system(400204).peak_shaving)
    await switch(living, entry)
    await living.until(9)
    assert plan_of(living, entry) == "planned"
    assert living.home.state(other, "sensor", "peak_shaving_plan").state == "idle"
    assert living.home.cloud.system(400204).peak_shaving == before
    await switch(living, entry, "off")
    await living.until(9, 30)
    assert living.settings()[0] == "DEACTIVATED"


async def test_a_battery_that_takes_no_excess_is_given_up_after_three_days(
    living: LivingHome,
) -> None:
    """What exceeds the limit is lost above it: no saving where one was expected."""
    living.takes_excess = False
    entry = await set_up(living)
    await switch(living, entry)
    for day in range(6):
        await living.until(21)
        assert living.level >= 9000, day  # never worse than that, whatever it does
        if living.home.state(entry, "switch", "peak_shaving_planner").state == "off":
            break
        await living.until(6, 30, days=1)
    assert day >= 3  # one day closes on the next one
    assert plan_of(living, entry) == "failed"
    issues = ir.async_get(living.home.hass)
    assert issues.async_get_issue(DOMAIN, f"planner_failed_{entry.entry_id}") is not None
    assert living.settings()[0] == "DEACTIVATED"
    saves = living.saves
    await living.until(6, 30, days=1)
    await living.until(15)
    assert living.saves == saves


def hours_seen(entry: HausstromConfigEntry) -> dict[date, list[datetime]]:
    coordinator = entry.runtime_data
    assert isinstance(coordinator, PlanningCoordinator)
    by_day = coordinator.planner._state.hours.items()
    return {day: [seen.hour for seen in hours] for day, hours in by_day}


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo"])
async def test_home_assistant_in_another_time_zone_than_the_system(
    living: LivingHome, zone: str
) -> None:
    """The day is the system's: its end is a time of day there, and so is what has been seen."""
    await living.home.hass.config.async_set_time_zone(zone)
    living.set_in_app("AUTO")
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(10)
    mode, _limit, end = living.settings()
    assert mode == "MANUAL"
    assert "11:00" <= end <= "17:00"
    hours = hours_seen(entry)
    assert list(hours) == [DAWN.date()]
    seen = list(hours[DAWN.date()])
    assert len(seen) == 3
    await restart(living, entry)
    assert hours_seen(entry) == hours
    await living.until(20)
    assert living.settings()[0] == "AUTO"
    assert living.level >= 9400
    assert living.lost < 2500
    assert living.saves <= 4
