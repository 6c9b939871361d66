"""Meters as a bug report may show them: by number, without id, label or serial."""

from collections.abc import Iterable
from typing import Any

from .meter import LAST_READING, Meter
from .point import Value
from .quantities import Kind

# Texts may be serial numbers or names.
_KINDS_WITHOUT_NAMES = frozenset({Kind.NUMBER, Kind.FLAGS, Kind.TIME})


def about_meters(meters: Iterable[Meter], stale_after: int | None) -> list[dict[str, Any]]:
    """Return what each meter is, and how often it is heard (seconds)."""
    return [_about(number, meter, stale_after) for number, meter in enumerate(meters, 1)]


def readings_by_number(meters: Iterable[Meter]) -> dict[str, Value | None]:
    """Return the values of all meters under `meter_<number>.<point key>`."""
    shown: dict[str, Value | None] = {}
    for number, meter in enumerate(meters, 1):
        for point in meter.points.values():
            if point.traits.kind in _KINDS_WITHOUT_NAMES:
                shown[f"meter_{number}.{point.key}"] = point.value
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
