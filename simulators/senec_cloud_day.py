"""A believable day of a home with sun, battery and wallbox, the same every time it is asked."""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import cos, exp, pi
from typing import Final
from zoneinfo import ZoneInfo

from .household import flow_at
from .senec_local_day import House
from .zone import VARIABLE

STEP: Final = timedelta(minutes=5)
STEP_HOURS: Final = STEP.total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Home:
    """What makes one home differ from another; powers in W, capacity in Wh."""

    peak: float
    base_load: float
    capacity: float
    battery_power: float
    wallbox: float = 0.0
    zone: str = os.environ.get(VARIABLE, "Europe/Berlin")
    twin: House | None = None
    """The house whose SENEC is simulated locally too: its flows are those of the household."""


@dataclass(frozen=True, slots=True)
class Step:
    """The powers of five minutes in W, and the battery's level in percent at their end."""

    start: datetime
    generation: float
    consumption: float  # with the wallbox
    feed_in: float
    draw: float
    charge: float
    discharge: float
    wallbox: float
    level: float


def _hump(hour: float, at: float, width: float) -> float:
    return exp(-(((hour - at) / width) ** 2))


@lru_cache(maxsize=512)
def steps_of(home: Home, day: date) -> tuple[Step, ...]:
    """Return the five-minute steps of a local day: 276, 288 or 300 of them."""
    zone = ZoneInfo(home.zone)
    moment = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    if home.twin is not None:
        count = round((end - moment) / STEP)
        return tuple(_twin_step(moment + STEP * number, home.twin) for number in range(count))
    season = 0.55 - 0.45 * cos(2 * pi * (day.timetuple().tm_yday - 10) / 365)
    clouds = 0.65 + 0.35 * cos(day.toordinal() * 2.4)
    stored = home.capacity * 0.5
    steps: list[Step] = []
    while moment < end:
        local = moment.astimezone(zone)
        hour = local.hour + local.minute / 60
        sun = home.peak * season * clouds * _hump(hour, 13.2, 3.1)
        generation = sun if sun > 20 else 0.0
        house = home.base_load * (1 + 1.8 * _hump(hour, 7.3, 1.0) + 2.6 * _hump(hour, 19.2, 1.8))
        wallbox = home.wallbox if 12 <= hour < 14 and day.toordinal() % 2 else 0.0
        surplus = generation - house - wallbox
        charge = min(max(surplus, 0.0), home.battery_power, (home.capacity - stored) / STEP_HOURS)
        discharge = min(
            max(-surplus, 0.0), home.battery_power, (stored - home.capacity * 0.05) / STEP_HOURS
        )
        stored += (charge - discharge) * STEP_HOURS
        rest = surplus - charge + discharge
        steps.append(
            Step(
                moment,
                generation,
                house + wallbox,
                max(rest, 0.0),
                max(-rest, 0.0),
                charge,
                discharge,
                wallbox,
                100 * stored / home.capacity,
            )
        )
        moment += STEP
    return tuple(steps)


def _twin_step(start: datetime, house: House) -> Step:
    flow = flow_at(start, house)
    return Step(
        start,
        flow.pv,
        flow.house,
        max(-flow.grid, 0.0),
        max(flow.grid, 0.0),
        max(flow.battery, 0.0),
        max(-flow.battery, 0.0),
        flow.wallbox,
        flow.charge_level,
    )


def day_of(home: Home, moment: datetime) -> date:
    """Return the local day of an instant."""
    return moment.astimezone(ZoneInfo(home.zone)).date()


def step_at(home: Home, moment: datetime) -> Step:
    """Return the step that an instant lies in."""
    steps = steps_of(home, day_of(home, moment))
    return steps[int((moment - steps[0].start) / STEP)]


FLOWS: Final = ("generation", "consumption", "feed_in", "draw", "charge", "discharge", "wallbox")


@lru_cache(maxsize=4096)
def _energies_of_day(home: Home, day: date) -> tuple[datetime, datetime, tuple[float, ...]]:
    """Return when a day begins and ends, and the energy of each flow (Wh)."""
    steps = steps_of(home, day)
    sums = tuple(sum(getattr(step, flow) for step in steps) * STEP_HOURS for flow in FLOWS)
    return steps[0].start, steps[-1].start + STEP, sums


def energies(home: Home, start: datetime, end: datetime) -> dict[str, float]:
    """Return the energy of each flow in Wh between two instants, by whole steps."""
    sums = dict.fromkeys(FLOWS, 0.0)
    day = day_of(home, start)
    while day <= day_of(home, end):
        begins, ends, whole = _energies_of_day(home, day)
        if start <= begins and ends <= end:
            for flow, energy in zip(FLOWS, whole, strict=True):
                sums[flow] += energy
        else:
            first = max(0, -((begins - start) // STEP))
            last = max(0, -((begins - end) // STEP))
            for step in steps_of(home, day)[first:last]:
                for flow in FLOWS:
                    sums[flow] += getattr(step, flow) * STEP_HOURS
        day += timedelta(days=1)
    return sums
