"""Meters as a bug report may show them: by number, without id, label or serial."""

from collections.abc import Iterable
from typing import Any

from ...common.value import Value
from .historic import parse_obis
from .meter import LAST_READING, Meter
from .quantities import ValueType

# Texts may be serial numbers or names.
_KINDS_WITHOUT_NAMES = frozenset({ValueType.NUMBER, ValueType.FLAGS, ValueType.TIME})


def about_meters(meters: Iterable[Meter], stale_after: int | None) -> list[dict[str, Any]]:
    """Return what each meter is, and how often it is heard (seconds)."""
    return [_about(number, meter, stale_after) for number, meter in enumerate(meters, 1)]


def readings_by_number(meters: Iterable[Meter]) -> dict[str, Value]:
    """Return the values of all meters under `meter_<number>.<point>`.

    A point goes by its OBIS code, else by its number and what it measures: keys that are made
    of descriptions and labels hold the words of the user's own, like the names of tenants.
    """
    shown: dict[str, Value] = {}
    for number, meter in enumerate(meters, 1):
        for place, point in enumerate(meter.points.values(), 1):
            traits = point.traits
            if traits.kind in _KINDS_WITHOUT_NAMES:
                coded = parse_obis(point.signature.obis) is not None
                name = point.key if coded else f"{place}_{traits.quantity or traits.kind}"
                shown[f"meter_{number}.{name}"] = point.value
        shown[f"meter_{number}.{LAST_READING}"] = meter.last_reading
    return shown


def _about(number: int, meter: Meter, stale_after: int | None) -> dict[str, Any]:
    """Return what diagnostics say of a meter."""
    return {
        "number": number,
        "type": meter.type.value,
        "medium": meter.medium,
        "manufacturer": meter.manufacturer,
        "interface": meter.interface,
        "points": len(meter.points),
        "ambiguous": sum(point.ambiguous for point in meter.points.values()),
        "historic": sum(point.historic for point in meter.points.values()),
        "intervals": meter.rhythm.intervals,
        "limit": meter.rhythm.limit(stale_after),
    }
