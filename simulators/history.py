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
from .victron_past import gx_at

_SHORT: Final = timedelta(minutes=5)
_DAYS: Final = 7
_STEP: Final = timedelta(minutes=1)

type Power = Callable[[datetime], float]
"""What flows at a moment: W, %"""


def _of_house(power: Callable[[Flow], float]) -> Power:
    """Return a power of the home with the SENEC."""
    return lambda moment: power(flow_at(moment, House()))


def _of_gx(name: str, sign: int = 0) -> Power:
    """Return a power of the GX; with a sign only what lies on that side of zero."""
    if not sign:
        return lambda moment: gx_at(moment)[name]
    return lambda moment: max(0.0, sign * gx_at(moment)[name])


def _of_meter(sign: int, *, with_gx: bool) -> Power:
    """Return what the meter sees of one direction: the SENEC, and the GX where there is one."""

    def power(moment: datetime) -> float:
        watts = flow_at(moment, House()).grid + (gx_at(moment)["grid"] if with_gx else 0.0)
        return max(0.0, sign * watts) if sign else watts

    return power


POWERS: Final[dict[str, Power]] = {
    "inverter_power": _of_house(lambda flow: flow.pv),
    "house_power": _of_house(lambda flow: flow.house),
    "bat_power": _of_house(lambda flow: -flow.battery),
    "grid_power": _of_house(lambda flow: flow.grid),
    "wallbox_charge_power": _of_house(lambda flow: flow.wallbox),
    "bat_fuel_charge": _of_house(lambda flow: flow.charge_level),
}
COUNTERS: Final[dict[str, Power]] = {
    "inverter_energy": _of_house(lambda flow: flow.pv),
    "house_energy": _of_house(lambda flow: flow.house),
    "bat_charge_energy": _of_house(lambda flow: max(flow.battery, 0)),
    "bat_discharge_energy": _of_house(lambda flow: max(-flow.battery, 0)),
    "grid_import_energy": _of_house(lambda flow: max(flow.grid, 0)),
    "grid_export_energy": _of_house(lambda flow: max(-flow.grid, 0)),
    "wallbox_energy": _of_house(lambda flow: flow.wallbox),
}
"""Key of a sensor → what its value is, or the power that it counts."""


def meter_powers(*, with_gx: bool) -> dict[str, Power]:
    """Return what the smart meter shows: key → power, that of a counter what it counts."""
    return {
        "power": _of_meter(0, with_gx=with_gx),
        "energy_import": _of_meter(1, with_gx=with_gx),
        "energy_export": _of_meter(-1, with_gx=with_gx),
    }


@dataclass(frozen=True, slots=True)
class Series:
    """One sensor: its id, its power, and for a counter what it shows now (kWh)."""

    entity_id: str
    power: Power
    unit: str
    now: float | None = None
    rate: float | None = None
    """Of a meter that counts evenly: units per day."""


GX_POWERS: Final[dict[str, Power]] = {
    "system_0_dc_battery_power": _of_gx("battery"),
    "system_0_dc_battery_soc": _of_gx("soc"),
    "system_0_dc_pv_power": _of_gx("dc_pv"),
    "system_0_pv_power": _of_gx("pv"),
    "system_0_ac_grid_power": _of_gx("grid"),
    "system_0_ac_consumption_power": _of_gx("load"),
    "battery_512_soc": _of_gx("soc"),
    "battery_512_dc_0_power": _of_gx("battery"),
    "grid_30_ac_power": _of_gx("grid"),
    "pvinverter_20_ac_power": _of_gx("inverter"),
    "solarcharger_278_yield_power": _of_gx("south"),
    "solarcharger_279_yield_power": _of_gx("west"),
}
GX_COUNTERS: Final[dict[str, Power]] = {
    "system_0_dc_battery_charge_energy": _of_gx("battery", 1),
    "system_0_dc_battery_discharge_energy": _of_gx("battery", -1),
    "grid_30_ac_energy_forward": _of_gx("grid", 1),
    "grid_30_ac_energy_reverse": _of_gx("grid", -1),
    "pvinverter_20_ac_energy_forward": _of_gx("inverter", 1),
    # Each shows half of what both gave.
    "solarcharger_278_yield_system": lambda moment: gx_at(moment)["dc_pv"] / 2,
    "solarcharger_279_yield_system": lambda moment: gx_at(moment)["dc_pv"] / 2,
}
"""The same of a GX: service, instance and path."""


def write_history(database: Path, series: Iterable[Series], now: datetime) -> int:
    """Write the statistics of the days before `now`; return how many rows. Needs it stopped."""
    rows = 0
    with sqlite3.connect(database) as connection:
        for one in series:
            meta = _meta(connection, one)
            for table, period in (("statistics_short_term", _SHORT), ("statistics", _SHORT * 12)):
                connection.execute(f"DELETE FROM {table} WHERE metadata_id = ?", (meta,))  # noqa: S608
                values = list(_rows(one, now, period))
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
    series: Series, now: datetime, period: timedelta
) -> Iterator[tuple[float, float | None, float | None, float | None, float | None, float | None]]:
    """Yield start, mean, least, most, state, sum of each whole period."""
    now = now.astimezone(UTC)
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=_DAYS)
    state = None if series.now is None else series.now - _energy(series, begin, now)
    total = 0.0
    while begin + period <= now:
        end = begin + period
        if state is None:
            values = [series.power(moment) for moment in _moments(begin, end)]
            yield begin.timestamp(), sum(values) / len(values), min(values), max(values), None, None
        else:
            energy = _energy(series, begin, end)
            state, total = state + energy, total + energy
            yield begin.timestamp(), None, None, None, state, total
        begin = end


def _moments(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += _STEP


def _energy(series: Series, begin: datetime, end: datetime) -> float:
    if series.rate is not None:
        return series.rate * (end - begin) / timedelta(days=1)
    return sum(series.power(moment) for moment in _moments(begin, end)) / 60_000
