"""Choose what of a home's sensors belongs into the energy dashboard."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from homeassistant.components.energy.data import EnergyPreferences, SourceType
from homeassistant.components.sensor.const import SensorDeviceClass, SensorStateClass

from .preferences import (
    battery,
    device,
    extended,
    foreign_statistics,
    gas,
    grid,
    solar,
    statistics_in,
    water,
)
from .rows import Role, Sensor, Several, SourceRow

_COUNTING: Final = frozenset({SensorStateClass.TOTAL, SensorStateClass.TOTAL_INCREASING})
_BESIDE_OTHERS: Final = frozenset({Role.DEVICE, Role.WATER_DEVICE})
"""Roles of which the user's own sources do not stand in the way of ours."""


class SkipReason(StrEnum):
    """Why a source is not added; keys of texts."""

    IN_USE = "in_use"
    OTHER_SOURCE = "other_source"
    MEASURED_ALREADY = "measured_already"
    MEASURED_BETTER = "measured_better"
    USER_CHOOSES = "user_chooses"


class Source(NamedTuple):
    """A source that the sensors of one device make."""

    role: Role
    row: SourceRow
    device_name: str
    system: str
    unique_id: str
    """Of the energy: what the source is known by, whatever its entities are called."""
    energy: str
    back: str | None = None
    power: str | None = None
    soc: str | None = None
    name: str = ""
    """What it is called in the energy dashboard."""
    forecasts: tuple[str, ...] = ()
    """Config entries that forecast it."""

    @property
    def statistics(self) -> list[str]:
        """All sensors that it takes."""
        return [one for one in (self.energy, self.back, self.power, self.soc) if one]

    @property
    def subject(self) -> tuple[str, str]:
        """What it measures."""
        return self.row.subject, "" if self.row.across_entries else self.system


class Skipped(NamedTuple):
    """A source that is not added, why, and what stands in its place."""

    source: Source
    reason: SkipReason
    instead: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Plan:
    """What to add to the energy dashboard, and what not."""

    added: list[Source] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, sources: Iterable[Source], reason: SkipReason, instead: str = "") -> None:
        """Note sources that are not added."""
        self.skipped += [Skipped(source, reason, instead) for source in sources]


def plan_sources(
    sensors: Iterable[Sensor], preferences: EnergyPreferences, rows: Iterable[SourceRow]
) -> Plan:
    """Choose what to add to the user's preferences, which it leaves as they are.

    Of rows about the same subject the first that finds its sensors counts.
    """
    sensors = list(sensors)
    plan = Plan()
    used = set(statistics_in(preferences))
    foreign = foreign_statistics(preferences, {sensor.entity_id for sensor in sensors})
    subjects: dict[tuple[str, str], dict[SourceRow, list[Source]]] = {}
    for source in sources_of(sensors, rows):
        by_row = subjects.setdefault(source.subject, {})
        by_row.setdefault(source.row, []).append(source)
    for by_row in subjects.values():
        _choose(plan, list(by_row.values()), used, foreign)
    # A power that the user shows somewhere already is not shown twice.
    plan.added = [
        replace(source, power=None) if source.power in used else source for source in plan.added
    ]
    return plan


def with_sources(preferences: EnergyPreferences, sources: Sequence[Source]) -> EnergyPreferences:
    """Return the preferences with these sources behind what is there."""
    return extended(
        preferences,
        [_as_energy_source(one) for one in sources if one.role not in _BESIDE_OTHERS],
        [
            device(one.energy, one.name or one.device_name, one.power)
            for one in sources
            if one.role is Role.DEVICE
        ],
        [
            device(one.energy, one.name or one.device_name, one.power)
            for one in sources
            if one.role is Role.WATER_DEVICE
        ],
    )


def _as_energy_source(source: Source) -> SourceType:
    match source.role:
        case Role.GRID:
            return grid(source.energy, source.back, source.power)
        case Role.SOLAR:
            return solar(source.energy, source.power, source.forecasts)
        case Role.GAS:
            return gas(source.energy, source.power)
        case Role.WATER:
            return water(source.energy, source.power)
        case _:
            return battery(
                source.energy,
                source.back or "",
                source.power,
                source.soc,
                inverted=source.row.inverted,
            )


def _choose(
    plan: Plan,
    ranked: Sequence[list[Source]],
    used: set[str],
    foreign: Mapping[str, str],
) -> None:
    """Choose among the sources of one subject, row by row, the best row first."""
    in_use: list[Source] = []
    unused: list[list[Source]] = []
    for sources in ranked:
        mine = [source for source in sources if used & {source.energy, source.back}]
        in_use += mine
        unused.append([source for source in sources if source not in mine])
    plan.skip(in_use, SkipReason.IN_USE)
    best = next((sources for sources in unused if sources), None)
    if best is None:
        return
    role = best[0].role
    rest = [source for sources in unused if sources is not best for source in sources]
    everything = [*best, *rest]
    if role not in _BESIDE_OTHERS and role in foreign:
        plan.skip(everything, SkipReason.OTHER_SOURCE, foreign[role])
        return
    if in_use and in_use[0].row is not best[0].row:
        plan.skip(everything, SkipReason.MEASURED_ALREADY, in_use[0].device_name)
        return
    chosen, left = _several(best, in_use)
    plan.added += chosen
    names = ", ".join(source.device_name for source in (chosen or in_use))
    if best[0].row.several is Several.CHOOSE:
        plan.skip(left, SkipReason.USER_CHOOSES)
    else:
        plan.skip(
            left, SkipReason.MEASURED_ALREADY if in_use else SkipReason.MEASURED_BETTER, names
        )
    plan.skip(rest, SkipReason.MEASURED_BETTER if chosen else SkipReason.USER_CHOOSES, names)


def _several(best: list[Source], in_use: list[Source]) -> tuple[list[Source], list[Source]]:
    """Return which sources of a row to add, and which not."""
    alone = len(best) + len(in_use) == 1
    match best[0].row.several:
        case Several.FIRST:
            return ([], best) if in_use else (best[:1], best[1:])
        case Several.CHOOSE:
            return (best, []) if alone else ([], best)
        case Several.AS_DEVICES if not alone:
            return [replace(source, role=Role.WATER_DEVICE) for source in best], []
        case _:
            return best, []


def sources_of(sensors: Iterable[Sensor], rows: Iterable[SourceRow]) -> Iterator[Source]:
    """Yield what the sensors of each device make, in the order of the rows."""
    devices: defaultdict[tuple[str, str], list[Sensor]] = defaultdict(list)
    for sensor in sorted(sensors, key=lambda sensor: sensor.entity_id):
        devices[sensor.kind, sensor.device_id].append(sensor)
    for row in rows:
        for (kind, _), own in devices.items():
            if kind == row.kind and (source := _source_of(row, own)) is not None:
                yield source


def _source_of(row: SourceRow, sensors: Sequence[Sensor]) -> Source | None:
    counters = [
        sensor
        for sensor in sensors
        if sensor.device_class == row.device_class and sensor.state_class in _COUNTING
    ]
    energy = _first(row.energy, counters)
    back = _first((row.back,), counters) if row.back else None
    if energy is None or (row.role is Role.BATTERY and back is None):
        return None
    rates = [
        sensor
        for sensor in sensors
        if sensor.device_class == row.power_class
        and sensor.state_class == SensorStateClass.MEASUREMENT
    ]
    levels = [sensor for sensor in sensors if sensor.device_class == SensorDeviceClass.BATTERY]
    return Source(
        role=row.role,
        row=row,
        device_name=energy.device_name,
        system=energy.system,
        unique_id=energy.unique_id,
        energy=energy.entity_id,
        back=_id(back),
        power=_id(_first(row.power, rates)),
        soc=_id(_first((row.soc,), levels) if row.soc else None),
    )


def _first(patterns: Iterable[str], sensors: Sequence[Sensor]) -> Sensor | None:
    """Return the one sensor that the first fitting pattern fits; None if it fits several."""
    for pattern in patterns:
        fitting = [sensor for sensor in sensors if re.fullmatch(pattern, sensor.key)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def _id(sensor: Sensor | None) -> str | None:
    return None if sensor is None else sensor.entity_id
