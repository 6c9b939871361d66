"""What a house uses, by hour and kind of day, from what it used in the last weeks."""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from statistics import fmean, median
from typing import Final, NamedTuple

from .model import STEP

UNKNOWN_LOAD: Final = 500.0  # W, where nothing is known
ENOUGH: Final = timedelta(days=7)  # of history for kinds of days


def kind_of_day(moment: datetime) -> int:
    """Return 0 for Monday to Friday, 1 for Saturday, 2 for Sunday (local time)."""
    return max(0, moment.weekday() - 4)


class LoadProfile(NamedTuple):
    """W by kind of day and hour of the day, by hour alone, and altogether."""

    zone: tzinfo
    by_kind: dict[tuple[int, int], float]
    by_hour: dict[int, float]
    mean: float
    days: int  # of history

    def at(self, moment: datetime) -> float:
        """Return the load that is usual then, in W."""
        local = moment.astimezone(self.zone)
        hour = self.by_hour.get(local.hour, self.mean)
        return self.by_kind.get((kind_of_day(local), local.hour), hour)

    def quarters(self, start: datetime, steps: int) -> list[float]:
        """Return the load of so many quarter hours from a start, in W."""
        return [self.at(start + STEP * index) for index in range(steps)]


def load_profile(hours: Iterable[tuple[datetime, float]], zone: tzinfo) -> LoadProfile:
    """Return the profile of hours (start, Wh); what is negative or beyond 100 kW is no load."""
    by_kind: dict[tuple[int, int], list[float]] = {}
    by_hour: dict[int, list[float]] = {}
    values: list[float] = []
    first: datetime | None = None
    last: datetime | None = None
    for start, energy in hours:
        if not 0.0 <= energy <= 100_000.0:
            continue
        local = start.astimezone(zone)
        by_kind.setdefault((kind_of_day(local), local.hour), []).append(energy)
        by_hour.setdefault(local.hour, []).append(energy)
        values.append(energy)
        first = start if first is None or start < first else first
        last = start if last is None or start > last else last
    if first is None or last is None:
        return LoadProfile(zone, {}, {}, UNKNOWN_LOAD, 0)
    span = last - first + timedelta(hours=1)
    if span < ENOUGH:
        return LoadProfile(zone, {}, {}, fmean(values), span.days)
    return LoadProfile(
        zone,
        {key: median(energies) for key, energies in by_kind.items()},
        {hour: median(energies) for hour, energies in by_hour.items()},
        fmean(values),
        span.days,
    )
