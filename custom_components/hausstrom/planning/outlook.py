"""What lies ahead of a battery until the sun comes again: surplus by scenario, load, night."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from .forecast import DRAWS, Belief, Errors, believe, expected, quarters_of, scenario
from .lever import LevelLever, Lever, Setting
from .load import LoadProfile
from .model import STEP, STEP_HOURS, Site
from .observing import HOUR, Observed
from .prices import Prices

SUN: Final = 20.0  # W: below it is night
USUAL_SUNRISE: Final = 6  # local hour, where no forecast tells


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a plan rests on.

    forecast: Wh by the (aware) start of the hour, all roofs together, of today and if known of
    tomorrow. observed: the hours of today that are over. level: percent. current: what the planner
    has set at the device, if anything; spent: how many writes of today's are used up.
    """

    now: datetime
    zone: tzinfo
    site: Site
    level: float
    forecast: Mapping[datetime, float]
    load: LoadProfile
    observed: Sequence[Observed] = ()
    errors: Errors = field(default_factory=Errors)
    prices: Prices = field(default_factory=Prices)
    lever: Lever = field(default_factory=LevelLever)
    current: Setting | None = None
    spent: int = 0


class Outlook(NamedTuple):
    """What lies ahead, by quarter hours from a start until dusk (surplus in W) and beyond."""

    start: datetime
    dusk: datetime  # the sun's end today: no surplus after it
    sunrise: datetime  # the sun's next beginning
    pv: list[float]  # W as expected, until the next sunrise
    load: list[float]  # W, the same
    surplus: list[float]  # W as expected, until dusk
    scenarios: list[tuple[float, list[float]]]  # likelihood and surplus until dusk
    night: float  # Wh the house needs between dusk and sunrise
    belief: Belief

    def step_of(self, moment: datetime) -> int:
        """Return the step that begins at or after a moment, within this day."""
        step = -((self.start - moment) // STEP)
        return max(0, min(len(self.surplus), step))


def floor_to_step(moment: datetime) -> datetime:
    """Return the beginning of a moment's quarter hour."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def _sun(forecast: Mapping[datetime, float], begin: datetime, end: datetime) -> list[datetime]:
    return sorted(h for h, energy in forecast.items() if energy >= SUN and begin <= h < end)


def look_ahead(situation: Situation) -> Outlook:
    """Return what lies ahead, with the forecast corrected by what came."""
    start = floor_to_step(situation.now)
    local = start.astimezone(situation.zone)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0)
    tonight = midnight.astimezone(start.tzinfo)
    sun = _sun(situation.forecast, start - HOUR, tonight)
    dusk = max(start, sun[-1] + HOUR) if sun else start
    morrow = _sun(situation.forecast, tonight, tonight + timedelta(days=1))
    sunrise = morrow[0] if morrow else tonight + timedelta(hours=USUAL_SUNRISE)
    belief = believe(situation.observed, situation.errors, situation.now)
    most = min(situation.site.peak_power, situation.errors.most or situation.site.peak_power)
    hours = {h: e for h, e in sorted(situation.forecast.items()) if h >= start - HOUR}
    steps, all_steps = (dusk - start) // STEP, (sunrise - start) // STEP
    load = situation.load.quarters(start, all_steps)
    pv = quarters_of(expected(hours, belief, situation.errors, most), start, all_steps)
    today = {h: e for h, e in hours.items() if h < dusk}
    scenarios = []
    for draw in DRAWS:
        drawn = scenario(today, belief, situation.errors, most, draw)
        sunny = quarters_of(drawn, start, steps)
        scenarios.append((draw.weight, [p - u for p, u in zip(sunny, load, strict=False)]))
    return Outlook(
        start,
        dusk,
        sunrise,
        pv,
        load,
        [p - u for p, u in zip(pv[:steps], load, strict=False)],
        scenarios,
        sum(load[steps:]) * STEP_HOURS,
        belief,
    )
