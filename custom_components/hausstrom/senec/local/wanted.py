"""What is asked for: what enabled entities show, and what their values are worked out of."""

from collections.abc import Iterable, Mapping
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ...coordinator import HausstromConfigEntry
from .protocol import drift, hardware
from .protocol.catalogue import Axis
from .protocol.counters import SOURCES, EnergyMeters
from .protocol.limits import limit_points
from .protocol.points import Readout

_LIMITED: Final = ("set_icmax", "set_idefault", "min_charging_current")


def modules_of(points: Iterable[Readout]) -> int:
    """Return how many modules a battery has, as far as its points tell."""
    return 1 + max(
        (
            point.index
            for point in points
            if point.variable is not None
            and point.variable.section == "BMS"
            and point.variable.axis is Axis.MODULE
            and point.index is not None
        ),
        default=-1,
    )


def inner_points(keys: Iterable[str], modules: int) -> list[Readout]:
    """Return what is read beside the values that are shown."""
    shown = set(keys)
    inner = list(hardware.hardware_points())
    if modules > 1:
        inner.extend(point for point in drift.module_points() if int(point.key[-1]) < modules)
    inner.extend(
        point
        for point in limit_points()
        if any(f"wallbox_{name}_{point.index}" in shown for name in _LIMITED)
    )
    return inner


def wanted_keys(
    shown: Iterable[str], points: Mapping[str, Readout], meters: EnergyMeters
) -> frozenset[str]:
    """Return the keys of the readings that somebody wants to see, or to count with."""
    keys = set(shown)
    wanted = {key for key in keys if key in points}
    for key in keys & SOURCES.keys():
        wanted.update(meters.needed(key, points))
    return frozenset(wanted)


def expected_keys(
    hass: HomeAssistant, entry: HausstromConfigEntry, shown_by_default: Mapping[str, bool]
) -> set[str]:
    """Return what will be shown once the entities are made: by the registry, else by default."""
    prefix = f"{entry.unique_id}_"
    known = {
        entity.unique_id.removeprefix(prefix): entity.disabled
        for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    }
    return {
        key
        for key, shown in shown_by_default.items()
        if (not known[key] if key in known else shown)
    }
