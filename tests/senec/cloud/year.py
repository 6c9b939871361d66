"""SENEC cloud: the energy of a V3 over a year with restarts, against what flowed.

Every reading of the year goes through the product's own decoding, its watch over gaps and its
filling. Home Assistant's recorder is modelled: of a counter of the day it adds what the counter
rises, begins anew with `last_reset`, and makes no row of an hour in which nothing was read
(`tests/senec/cloud/test_filling.py` does the same with the real one, for some days).

Home Assistant is restarted every other day at random, for minutes or hours; once a month it is off
for one to four days, and SENEC's live values are down for some hours each week.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from custom_components.hausstrom.senec.cloud.filled_rows import (
    energies_of,
    energies_with,
    last_counter,
    rows_of,
)
from custom_components.hausstrom.senec.cloud.own_statistics import Level
from custom_components.hausstrom.senec.cloud.protocol.gaps import (
    Gap,
    GapWatch,
    first_part,
    missed,
)
from custom_components.hausstrom.senec.cloud.protocol.history import local_midnight
from simulators.senec_cloud_day import Home, energies, step_at
from simulators.senec_cloud_homes import accounts

from .recording import COUNTERS, HOUR

POLL = timedelta(minutes=5)
# A reading is up to five minutes old, and a pause of less than twelve is none: at the 8 kW of this
# roof that alone puts some of an hour's energy into the next one (0.65 kWh at most in this year).
SPIKE = 1.0
V3 = accounts()[0].systems[0].home


def hour_of(moment: datetime) -> datetime:
    """Return the full hour of UTC."""
    return moment.replace(minute=0, second=0, microsecond=0)


@dataclass
class Recorder:
    """Home Assistant's sums of one counter of the day, by the hour."""

    rows: dict[datetime, Level] = field(default_factory=dict)
    total: float = 0.0
    state: float | None = None
    began: datetime | None = None

    def note(self, at: datetime, state: float, began: datetime) -> None:
        """Take a state: `sensor.recorder` for a total with last_reset."""
        if self.state is not None:
            self.total += state - (self.state if began == self.began else 0.0)
        self.state, self.began = state, began
        self.rows[hour_of(at)] = Level(self.total, state, began)

    def fill(self, gap: Gap, key: str, home: Home) -> None:
        """Do what `Filler` does with a gap, a day at a time."""
        zone = ZoneInfo(home.zone)
        left: Gap | None = gap
        while left is not None:
            part = first_part(left, zone)
            if not part.is_nothing:
                level = self._level_before(part.hours[0])
                rows = {hour: row for hour in part.hours if (row := self.rows.get(hour))}
                of_day = told_between(home, part.midnight, part.end)[key]
                recorded = energies_of(rows, level)
                more = 0.0
                if part.ends_day:
                    more = missed(of_day, part.hours, last_counter(part, left.counters[key], rows))
                filled = energies_with(part, recorded, of_day, left.counters[key], more)
                written = rows_of(part, level, filled, of_day, rows)
                hour = part.hours[-1]
                while (hour := hour + HOUR) <= gap.read:
                    if (row := self.rows.get(hour)) is not None:
                        self.rows[hour] = row._replace(total=row.total + more)
                self.total += more
                self.rows |= written
            left = part.rest

    def _level_before(self, hour: datetime) -> float:
        for _ in range(24 * 7):
            hour -= HOUR
            if (row := self.rows.get(hour)) is not None:
                return row.total
        return 0.0


def off_times(
    start: datetime, end: datetime, chance: random.Random
) -> Iterator[tuple[datetime, datetime]]:
    """Yield when nothing is read."""
    moment = start + timedelta(hours=7)
    number = 0
    while moment < end:
        number += 1
        if number % 15 == 0:
            span = timedelta(hours=chance.uniform(24, 96))
        elif number % 3 == 0:
            span = timedelta(hours=chance.uniform(1, 14))
        else:
            span = timedelta(minutes=chance.uniform(2, 40))
        yield moment, moment + span
        moment += span + timedelta(hours=chance.uniform(20, 76))


def readings(
    home: Home, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, dict[str, float]]]:
    """Yield each poll at which something was read: when, of when it is, the day's counters (kWh)."""
    pauses = list(off_times(start, end, random.Random(2026)))
    moment = start + timedelta(minutes=2, seconds=17)
    counters = dict.fromkeys(COUNTERS, 0.0)
    zone = ZoneInfo(home.zone)
    midnight, counted = local_midnight(start.astimezone(zone).date(), zone), start
    while moment < end:
        measured = moment - timedelta(seconds=moment.timestamp() % 300)
        began = local_midnight(measured.astimezone(zone).date(), zone)
        if began != midnight:
            counters, midnight, counted = dict.fromkeys(COUNTERS, 0.0), began, began
        while counted < measured:
            step = step_at(home, counted)
            for key, flow in COUNTERS.items():
                counters[key] += getattr(step, flow) / 12_000
            counted += POLL
        while pauses and moment >= pauses[0][1]:
            pauses.pop(0)
        if not pauses or moment < pauses[0][0]:
            yield moment, measured, dict(counters)
        moment += POLL


def told_between(home: Home, start: datetime, end: datetime) -> dict[str, dict[datetime, float]]:
    """Return SENEC's series by hours of UTC (kWh) by the keys of the counters, cut at both ends."""
    told: dict[str, dict[datetime, float]] = {key: {} for key in COUNTERS}
    hour = hour_of(start)
    while hour < end:
        flowed = energies(home, max(hour, start), min(hour + HOUR, end))
        for key, flow in COUNTERS.items():
            told[key][hour] = flowed[flow] / 1000
        hour += HOUR
    return told


@dataclass(frozen=True, slots=True)
class Year:
    """What came of one counter in a year."""

    flowed: float  # kWh
    missing: float  # percent
    spikes: int  # hours with a kWh more than flowed in them
    worst: float  # kWh: most that an hour has too much
    negative: int  # hours


@dataclass(slots=True)
class Played:
    """What came of a year: each counter without filling, and with it."""

    readings: int = 0
    gaps: int = 0
    plain: dict[str, Year] = field(default_factory=dict)
    filled: dict[str, Year] = field(default_factory=dict)


def play(days: int, home: Home = V3) -> Played:
    """Play some days from the first of January 2026 on."""
    zone = ZoneInfo(home.zone)
    start = local_midnight(date(2026, 1, 1), zone)
    end = start + timedelta(days=days)
    played, watch = Played(), GapWatch()
    plain = {key: Recorder() for key in COUNTERS}
    filled = {key: Recorder() for key in COUNTERS}
    read = start
    for at, measured, counters in readings(home, start, end):
        played.readings += 1
        read = measured
        began = local_midnight(measured.astimezone(zone).date(), zone)
        for key in COUNTERS:
            plain[key].note(at, counters[key], began)
            filled[key].note(at, counters[key], began)
        for gap in watch.see(measured, at, counters, zone):
            played.gaps += 1
            for key in gap.counters:
                filled[key].fill(gap, key, home)
    # What flowed after the last reading is filled with the next one.
    flowed = told_between(home, start, read)
    for key in COUNTERS:
        played.plain[key] = _year(plain[key], flowed[key])
        played.filled[key] = _year(filled[key], flowed[key])
    return played


def _year(recorder: Recorder, flowed: dict[datetime, float]) -> Year:
    found = energies_of(dict(sorted(recorder.rows.items())), 0.0)
    whole = sum(flowed.values())
    return Year(
        whole,
        100 * (whole - sum(found.values())) / whole,
        sum(energy > flowed.get(hour, 0.0) + SPIKE for hour, energy in found.items()),
        max(energy - flowed.get(hour, 0.0) for hour, energy in found.items()),
        sum(energy < -1e-9 for energy in found.values()),
    )
