"""The past, hour by hour: SENEC's measurement series as energy per counter and hour.

Hours are those of UTC: each instant happens once, so neither change of the clock loses or
doubles one. Only the day that a counter belongs to is local.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from ...protocol.amounts import flow_of
from ...protocol.fields import JsonObject, moment_of, number_of, object_of, objects_of, sequence_of
from .balance import Sums, holds_wallbox, house_of

ONE_HOUR: Final = timedelta(hours=1)

# SENEC's names of the columns, from the system's side of the battery: import is charging.
COLUMNS: Final = {
    "POWER_GENERATION": "inverter_energy",
    "GRID_IMPORT": "grid_import_energy",
    "GRID_EXPORT": "grid_export_energy",
    "BATTERY_IMPORT": "bat_charge_energy",
    "BATTERY_EXPORT": "bat_discharge_energy",
    "WALLBOX_CONSUMPTION": "wallbox_energy",
}
CONSUMPTION: Final = "POWER_CONSUMPTION"
WALLBOX: Final = "WALLBOX_CONSUMPTION"
WALLBOX_KEY: Final = "wallbox_energy"
LEAST_TO_TELL: Final = 1.0  # kWh of the wallbox, from which on the balance tells


class Measurement:
    """One row of a series: its start, how long it is, and the values by SENEC's names."""

    __slots__ = ("length", "start", "values")

    def __init__(self, start: datetime, length: timedelta, values: dict[str, float | None]) -> None:
        """Keep a row."""
        self.start = start
        self.length = length
        self.values = values


class Measurements(NamedTuple):
    """A series of measurements in kWh (percentages are left as they are and not used)."""

    rows: tuple[Measurement, ...]

    @classmethod
    def from_json(cls, answer: JsonObject) -> Self | None:
        """Return the series, or None when it has no columns.

        The values of a row stand in the order of `measurements`. A row that is shorter or longer
        than that, or without a time, cannot be told apart and is left out.
        """
        names = sequence_of(answer.get("measurements"))
        rows = answer.get("timeSeries", answer.get("timeseries"))
        if not isinstance(rows, list) or not all(isinstance(name, str) for name in names):
            return None
        if rows and not names:
            return None
        return cls(tuple(_rows(rows, [str(name) for name in names])))


def _rows(rows: object, names: Sequence[str]) -> Iterator[Measurement]:
    for item in objects_of(rows):
        start = moment_of(item.get("date"))
        measured = object_of(item.get("measurements"))
        values = sequence_of(measured.get("values"))
        seconds = number_of(measured.get("durationInSeconds"))
        if start is None or len(values) != len(names) or seconds is None or seconds <= 0:
            continue
        if seconds > 366 * 86400:
            continue
        yield Measurement(
            start,
            timedelta(seconds=seconds),
            {name: flow_of(value) for name, value in zip(names, values, strict=True)},
        )


class Hour(NamedTuple):
    """The energy of one counter in one hour."""

    start: datetime  # UTC, a full hour
    energy: float  # kWh


def hours_by_counter(
    series: Measurements,
    start: datetime,
    end: datetime,
    *,
    wallboxes: bool = True,
    holds_wallbox: bool = True,
) -> dict[str, list[Hour]]:
    """Return the energy of each counter (keys of the sensors) for the hours in [start, end).

    Rows of less than an hour are added up; rows of more than an hour cannot be split and are
    left out. An hour of which only a part was measured counts with what was measured. House is
    without wallbox, as it is in the live values: the series' own energy balance says whether its
    consumption holds it, and `holds_wallbox` where that cannot tell. Without `wallboxes` nobody
    asked for them: then their column says nothing, and consumption is without them.
    """
    rows = _between(series, start, end)
    holds = wallboxes and _holds(rows, default=holds_wallbox)
    sums: dict[str, dict[datetime, float]] = {}
    for row in rows:
        hour = full_hour(row.start)
        for key, energy in _energies(row.values, holds=holds):
            if key == WALLBOX_KEY and not wallboxes:
                continue
            of_counter = sums.setdefault(key, {})
            of_counter[hour] = of_counter.get(hour, 0.0) + energy
    return {key: [Hour(hour, hours[hour]) for hour in sorted(hours)] for key, hours in sums.items()}


def hours_of_one(series: Measurements, start: datetime, end: datetime) -> list[Hour]:
    """Return the energies of a series that has one quantity, for the hours in [start, end)."""
    hours: dict[datetime, float] = {}
    for row in _between(series, start, end):
        if (energy := next(iter(row.values.values()), None)) is not None:
            hour = full_hour(row.start)
            hours[hour] = hours.get(hour, 0.0) + energy
    return [Hour(hour, hours[hour]) for hour in sorted(hours)]


def _between(series: Measurements, start: datetime, end: datetime) -> list[Measurement]:
    return [row for row in series.rows if row.length <= ONE_HOUR and start <= row.start < end]


def totals_by_counter(
    series: Measurements, *, wallboxes: bool = True, holds_wallbox: bool = True
) -> dict[str, float]:
    """Return the energy of each counter in kWh over all rows of a series, however long they are.

    For `wallboxes` and `holds_wallbox` see `hours_by_counter`.
    """
    holds = wallboxes and _holds(series.rows, default=holds_wallbox)
    totals: dict[str, float] = {}
    for row in series.rows:
        for key, energy in _energies(row.values, holds=holds):
            if wallboxes or key != WALLBOX_KEY:
                totals[key] = totals.get(key, 0.0) + energy
    return totals


def _holds(rows: Sequence[Measurement], *, default: bool) -> bool:
    def total(column: str) -> float:
        return sum(row.values.get(column) or 0.0 for row in rows)

    known = holds_wallbox(
        Sums(
            generation=total("POWER_GENERATION"),
            consumption=total(CONSUMPTION),
            feed_in=total("GRID_EXPORT"),
            draw=total("GRID_IMPORT"),
            charge=total("BATTERY_IMPORT"),
            discharge=total("BATTERY_EXPORT"),
            wallbox=total(WALLBOX),
        ),
        LEAST_TO_TELL,
    )
    return default if known is None else known


def _energies(values: dict[str, float | None], *, holds: bool) -> Iterator[tuple[str, float]]:
    for column, key in COLUMNS.items():
        if (energy := values.get(column)) is not None:
            yield key, energy
    house = house_of(values.get(CONSUMPTION), values.get(WALLBOX) or 0.0, holds=holds)
    if house is not None:
        yield "house_energy", house


class Day(NamedTuple):
    """A local day as the instants between which it lies: 23, 24 or 25 hours."""

    day: date
    start: datetime
    end: datetime


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a local day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days_between(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Day]:
    """Yield the local days from `start` to `end`, the first and last cut to these instants."""
    day = start.astimezone(zone).date()
    while (begin := local_midnight(day, zone)) < end:
        following = day + timedelta(days=1)
        yield Day(day, max(begin, start), min(local_midnight(following, zone), end))
        day = following


def full_hour(moment: datetime) -> datetime:
    """Return the UTC hour that an instant lies in: the hours before it are over."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def counted(hours: Sequence[Hour], zone: ZoneInfo) -> dict[datetime, tuple[float, datetime]]:
    """Return what a counter of the day shows at the end of each hour, and when it began."""
    counts: dict[datetime, tuple[float, datetime]] = {}
    energy, began = 0.0, None
    for hour in sorted(hours):
        midnight = local_midnight(hour.start.astimezone(zone).date(), zone)
        energy = hour.energy + (energy if midnight == began else 0.0)
        began = midnight
        counts[hour.start] = (energy, midnight)
    return counts
