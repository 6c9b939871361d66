"""A week of statistics for a simulated home, so that its first picture is that of a lived-in one.

Home Assistant takes no short statistics from outside, so they are written into its database while
it is stopped. Counters end at what they show now, and go on from there.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from .household import flow_at
from .senec_local_day import Flow, House

_SHORT: Final = timedelta(minutes=5)
_DAYS: Final = 7
_STEP: Final = timedelta(minutes=1)

type Power = Callable[[Flow], float]
"""W, %"""

POWERS: Final[dict[str, Power]] = {
    "inverter_power": lambda flow: flow.pv,
    "house_power": lambda flow: flow.house,
    "bat_power": lambda flow: -flow.battery,
    "grid_power": lambda flow: flow.grid,
    "wallbox_charge_power": lambda flow: flow.wallbox,
    "bat_fuel_charge": lambda flow: flow.charge_level,
    "power": lambda flow: flow.grid,
}
COUNTERS: Final[dict[str, Power]] = {
    "inverter_energy": lambda flow: flow.pv,
    "house_energy": lambda flow: flow.house,
    "bat_charge_energy": lambda flow: max(flow.battery, 0),
    "bat_discharge_energy": lambda flow: max(-flow.battery, 0),
    "grid_import_energy": lambda flow: max(flow.grid, 0),
    "grid_export_energy": lambda flow: max(-flow.grid, 0),
    "wallbox_energy": lambda flow: flow.wallbox,
    "energy_import": lambda flow: max(flow.grid, 0),
    "energy_export": lambda flow: max(-flow.grid, 0),
}
"""Key of a sensor → what its value is, or the power that it counts."""


@dataclass(frozen=True, slots=True)
class Series:
    """One sensor: its id, its power, and for a counter what it shows now (kWh)."""

    entity_id: str
    power: Power
    unit: str
    now: float | None = None
    rate: float | None = None
    """Of a meter that counts evenly: units per day."""


def write_history(
    database: Path, series: Iterable[Series], now: datetime, house: House | None = None
) -> int:
    """Write the statistics of the days before `now`; return how many rows. Needs it stopped."""
    rows = 0
    with sqlite3.connect(database) as connection:
        for one in series:
            meta = _meta(connection, one)
            for table, period in (("statistics_short_term", _SHORT), ("statistics", _SHORT * 12)):
                connection.execute(f"DELETE FROM {table} WHERE metadata_id = ?", (meta,))  # noqa: S608
                values = list(_rows(one, now, period, house or House()))
                connection.executemany(
                    f"INSERT INTO {table} (created_ts, metadata_id, start_ts, mean, min, max,"  # noqa: S608
                    " state, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        (start + period.total_seconds(), meta, start, *rest)
                        for start, *rest in values
                    ],
                )
                rows += len(values)
    connection.close()
    return rows


def _meta(connection: sqlite3.Connection, series: Series) -> int:
    found = connection.execute(
        "SELECT id FROM statistics_meta WHERE statistic_id = ?", (series.entity_id,)
    ).fetchone()
    if found:
        return int(found[0])
    classes = {"W": "power", "kWh": "energy", "m³": "volume"}
    counts = series.now is not None
    cursor = connection.execute(
        "INSERT INTO statistics_meta (statistic_id, source, unit_of_measurement, unit_class,"
        " has_sum, mean_type) VALUES (?, 'recorder', ?, ?, ?, ?)",
        (
            series.entity_id,
            series.unit,
            classes.get(series.unit, "unitless"),
            counts,
            int(not counts),
        ),
    )
    return int(cursor.lastrowid or 0)


def _rows(
    series: Series, now: datetime, period: timedelta, house: House
) -> Iterator[tuple[float, float | None, float | None, float | None, float | None, float | None]]:
    """Yield start, mean, least, most, state, sum of each whole period."""
    now = now.astimezone(UTC)
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=_DAYS)
    state = None if series.now is None else series.now - _energy(series, begin, now, house)
    total = 0.0
    while begin + period <= now:
        end = begin + period
        if state is None:
            values = [series.power(flow_at(moment, house)) for moment in _moments(begin, end)]
            yield begin.timestamp(), sum(values) / len(values), min(values), max(values), None, None
        else:
            energy = _energy(series, begin, end, house)
            state, total = state + energy, total + energy
            yield begin.timestamp(), None, None, None, state, total
        begin = end


def _moments(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += _STEP


def _energy(series: Series, begin: datetime, end: datetime, house: House) -> float:
    if series.rate is not None:
        return series.rate * (end - begin) / timedelta(days=1)
    return sum(series.power(flow_at(moment, house)) for moment in _moments(begin, end)) / 60_000
