"""A week of the planner in one Home Assistant: what SENEC has after each of its days."""

import json
from typing import Any

import pytest
from homeassistant.util import dt as dt_util

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry

from .planning import BERLIN, CLEAR, DARK, MIXED, LivingHome
from .test_planner import living_home, plan_of, restart, set_up, switch

__all__ = ["living_home"]  # fixtures

pytestmark = pytest.mark.usefixtures("recorder_mock", "quick_loop")


USERS_OWN = ("MANUAL", 80, "09:00")
FROM_THE_APP = ("MANUAL", 70, "11:00")


async def kill(
    living: LivingHome, entry: HausstromConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """Let the power go: what the disk has is what there is afterwards."""
    key = f"{DOMAIN}.{entry.entry_id}.planner"
    disk = json.loads(json.dumps(hass_storage[key]))
    await living.home.hass.config_entries.async_unload(entry.entry_id)
    hass_storage[key] = disk
    await living.home.hass.config_entries.async_setup(entry.entry_id)
    await living.home.settle()


@pytest.mark.timeout(600)
async def test_a_week(living: LivingHome, hass_storage: dict[str, Any]) -> None:
    living.set_in_app("MANUAL", 80, 9)
    entry = await set_up(living)
    await switch(living, entry)

    async def rest_of_the_day(expected: tuple[str, int, str], *, level: int = 9400) -> None:
        """Live on until the evening: the user's settings are back, and the battery is full."""
        await living.until(20)
        assert living.settings() == expected
        assert living.level >= level
        assert living.saves - saves <= 4

    async def next_morning() -> int:
        await living.until(6, 25, days=1)
        return living.saves

    # Sunny.
    saves, lost = living.saves, living.lost
    await living.until(9, 30)
    assert plan_of(living, entry) == "planned"
    assert living.settings()[0] == "MANUAL"
    assert living.settings() != USERS_OWN
    await rest_of_the_day(USERS_OWN)
    assert living.lost - lost < 2500

    # Mixed, and otherwise than forecast.
    living.sun, living.forecast = MIXED, CLEAR
    saves = await next_morning()
    await rest_of_the_day(USERS_OWN)

    # Dark: nothing is written.
    living.sun = living.forecast = DARK
    saves = await next_morning()
    await living.until(12)
    assert plan_of(living, entry) == "not_needed"
    await rest_of_the_day(USERS_OWN, level=0)
    assert living.saves == saves

    # The forecast is missing: nothing is written either.
    living.sun, living.forecast = CLEAR, None
    saves = await next_morning()
    await living.until(12)
    assert plan_of(living, entry) == "no_forecast"
    await rest_of_the_day(USERS_OWN)
    assert living.saves == saves

    # The owner uses the app at nine.
    living.sun = living.forecast = CLEAR
    saves = await next_morning()
    await living.until(9)
    assert plan_of(living, entry) == "planned"
    living.set_in_app("MANUAL", 70, 11)
    saves = living.saves
    await living.until(10, 10)
    assert plan_of(living, entry) == "paused"
    await rest_of_the_day(FROM_THE_APP)
    assert living.saves == saves

    # A restart at noon.
    saves = await next_morning()
    await living.until(12)
    before = living.settings(), plan_of(living, entry), living.saves
    assert before[1] == "planned"
    await restart(living, entry)
    await living.until(12, 15)
    assert (living.settings(), plan_of(living, entry), living.saves) == before
    await rest_of_the_day(FROM_THE_APP)

    # A kill at noon.
    saves = await next_morning()
    await living.until(12)
    before = living.settings(), plan_of(living, entry), living.saves
    assert before[1] == "planned"
    await kill(living, entry, hass_storage)
    await living.until(12, 15)
    assert (living.settings(), plan_of(living, entry), living.saves) == before
    await rest_of_the_day(FROM_THE_APP)

    # SENEC is down at the moment of restoring, and for three hours.
    saves = await next_morning()
    await living.until(10)
    assert plan_of(living, entry) == "planned"
    end = int(living.settings()[2][:2])
    living.home.cloud.fail("/web", status=503)
    now = dt_util.utcnow().astimezone(BERLIN)
    assert now.hour < end
    await living.until(end + 3)
    assert living.settings() not in {USERS_OWN, FROM_THE_APP}
    living.home.cloud.heal()
    await rest_of_the_day(FROM_THE_APP)
    await next_morning()
    assert plan_of(living, entry) != "paused"
