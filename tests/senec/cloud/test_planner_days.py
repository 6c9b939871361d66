"""The days of the planner's case: a home that lives on under what SENEC was told."""

from typing import Any

import pytest

from .planning import LivingHome
from .test_cases import case
from .test_planner import living_home, plan_of, restart, set_up, switch

__all__ = ["living_home"]  # fixtures

pytestmark = pytest.mark.usefixtures("recorder_mock", "quick_loop")


type Sun = dict[int, float]

MOST_SAVES = 4


def sun_of(found: dict[str, Any], name: str) -> Sun:
    """Return the Wh of a day by local hour."""
    return {int(hour): float(energy) for hour, energy in found["days"][name].items()}


def expected(found: dict[str, Any], start: str) -> dict[str, Any]:
    """Return what is expected of the day whose description starts so."""
    days: list[dict[str, Any]] = [one for one in found["expect"] if "day" in one]
    exact = [day for day in days if day["day"] == start]
    (day,) = exact or [day for day in days if day["day"].startswith(start)]
    return day


def clear(living: LivingHome, found: dict[str, Any]) -> None:
    living.sun = living.forecast = sun_of(found, "clear")


async def test_clear(living: LivingHome) -> None:
    found = case("planner_days")
    wanted = expected(found, "clear")
    assert wanted["day"] == "clear"
    clear(living, found)
    living.set_in_app("AUTO")
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(6, 30 + wanted["within_minutes"])
    mode, limit, end = living.settings()
    assert mode == wanted["cloud"]["mode"]
    assert limit < float(wanted["cloud"]["capacity_limit"].removeprefix("< "))
    earliest, latest = wanted["cloud"]["end"].split(" … ")
    assert earliest <= end <= latest
    assert plan_of(living, entry) == wanted["plan"]
    # In the middle of the plan Home Assistant starts again: nothing changes by it.
    await living.until(10, 40)
    before = living.settings(), living.saves
    await restart(living, entry)
    await living.until(10, 50)
    assert (living.settings(), living.saves) == before
    assert plan_of(living, entry) == "planned"
    await living.until(20)
    assert living.lost / 1000 <= wanted["lost_at_most_kwh"]
    assert living.level / 100 >= float(wanted["level_at_20h"].removeprefix(">= "))
    assert living.saves <= MOST_SAVES
    assert living.settings()[0] == "AUTO"


async def test_dark(living: LivingHome) -> None:
    found = case("planner_days")
    wanted = expected(found, "dark")
    living.sun = living.forecast = sun_of(found, "dark")
    living.set_in_app("MANUAL", 30, 9)
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(20)
    assert plan_of(living, entry) == wanted["plan"]
    assert living.saves == wanted["saves"]
    assert living.settings() == ("MANUAL", 30, "09:00")


async def test_the_user_chooses_in_the_app(living: LivingHome) -> None:
    found = case("planner_days")
    wanted = expected(found, "clear, then the user chooses AUTO")
    clear(living, found)
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(9)
    saves = living.saves
    assert 1 <= saves <= MOST_SAVES
    living.set_in_app("AUTO")
    await living.until(10, 5)  # what the app changes is seen within the hour
    assert plan_of(living, entry) == wanted["plan"]
    await living.until(23)
    assert living.saves - saves == wanted["saves_after"]
    assert living.settings()[0] == "AUTO"
    await living.until(7, days=1)
    assert living.settings()[0] == "MANUAL"
    await living.until(20)
    assert living.settings()[0] == wanted["next_day_baseline"]
    assert living.saves - saves <= MOST_SAVES


async def test_no_forecast(living: LivingHome) -> None:
    found = case("planner_days")
    wanted = expected(found, "no forecast")
    clear(living, found)
    living.forecast = None
    living.set_in_app("MANUAL", 70, 12)
    entry = await set_up(living)
    await switch(living, entry)
    hour, minute = (int(part) for part in wanted["by"].split(":"))
    await living.until(hour, minute)
    assert plan_of(living, entry) == wanted["plan"]
    assert living.settings() == ("MANUAL", 70, "12:00")
    assert living.saves == 0


async def test_switched_off(living: LivingHome) -> None:
    found = case("planner_days")
    wanted = expected(found, "clear, switched off")
    clear(living, found)
    living.set_in_app("MANUAL", 90, 10)
    entry = await set_up(living)
    await switch(living, entry)
    await living.until(9)
    assert living.settings() != ("MANUAL", 90, "10:00")
    await switch(living, entry, "off")
    await living.until(9, wanted["within_minutes"])
    assert living.settings() == ("MANUAL", 90, "10:00")
    assert plan_of(living, entry) == wanted["plan"]
    assert living.saves <= MOST_SAVES
