"""Which of a meter's registers is the one that it is billed by.

One per meter and quantity (energy drawn, energy fed in, volume, units of a heat cost
allocator), by rules that can be read: the user's choice, else the OBIS code, storage 0 and
no tariff, no due date, a name of its own, and of what is left the first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .historic import parse_obis
from .mbus import GAS_TYPES, WATER_TYPES, DeviceType
from .quantities import ValueType
from .units import Group, normalise

if TYPE_CHECKING:
    from .point import KnownPoint

FEED_IN = "feed_in"
"""The dimension of energy that goes out: a register of its own beside the energy drawn."""

_BILLED = frozenset({Group.ENERGY, Group.VOLUME, Group.HCA, Group.MASS})
# OBIS groups C.D.E of the total, best first, by group A (IEC 62056-61, EN 13757-1).
_TOTALS: Mapping[int, tuple[tuple[int, int, int], ...]] = {
    1: ((1, 8, 0), (15, 8, 0), (16, 8, 0)),
    4: ((1, 0, 0),),
    5: ((1, 0, 0), (2, 0, 0)),
    6: ((1, 0, 0), (2, 0, 0)),
    7: ((3, 0, 0), (1, 0, 0), (3, 1, 0)),
    8: ((1, 0, 0),),
    9: ((1, 0, 0),),
}
# What a meter of this type is billed by; all others by energy, then volume.
_BY_UNITS: tuple[str, ...] = (Group.HCA.value,)
_BY_VOLUME = (Group.VOLUME.value, Group.MASS.value, Group.ENERGY.value)
_BY_ENERGY = (Group.ENERGY.value, Group.VOLUME.value, Group.HCA.value, Group.MASS.value, FEED_IN)


def dimension_of(point: KnownPoint) -> str | None:
    """Return what a register counts, None for what is none or not of the present."""
    if not point.counts or point.historic:
        return None
    group = point.group
    if group not in _BILLED:
        return None
    obis = parse_obis(point.signature.obis)
    fed_in = (
        group is Group.ENERGY and obis is not None and obis.a == 1 and obis.c in {2, 22, 42, 62}
    )
    name = FEED_IN if fed_in else group.value
    return f"{name}_{point.identity.medium}" if point.identity.medium else name


def rank(point: KnownPoint) -> tuple[int, ...]:
    """Return how well a register fits to be the total; the smaller, the better."""
    signature = point.signature
    obis = parse_obis(signature.obis)
    place = 9
    if obis is not None:
        totals = _TOTALS.get(obis.a, ())
        code = (obis.c, obis.d, obis.e)
        fed_in = (2, 8, 0)
        place = totals.index(code) if code in totals else 0 if code == fed_in else 8
    return (
        int(bool(signature.function)),
        int(bool(signature.storage.strip("0"))),
        int(point.dated),
        int(bool(signature.tariff.strip("0")) or bool(signature.subunit.strip("0"))),
        place,
        int(obis is None and not signature.obis and point.ambiguous),
        int(not signature.obis and not signature.label),
    )


def is_certain(point: KnownPoint, others: Iterable[KnownPoint]) -> bool:
    """Return whether a register is the total by more than its place in the report."""
    own = rank(point)
    return all(rank(other) > own for other in others if other is not point)


def totals_of(points: Iterable[KnownPoint], choice: str | None) -> dict[str, KnownPoint]:
    """Return the total of each dimension; `choice` is the key that the user chose.

    A total stays one, until one comes that is it by its name, not only by its place.
    """
    groups: defaultdict[str, list[KnownPoint]] = defaultdict(list)
    for point in points:
        dimension = dimension_of(point)
        if dimension is not None:
            groups[dimension].append(point)
    totals: dict[str, KnownPoint] = {}
    for dimension, candidates in groups.items():
        chosen = next((point for point in candidates if point.key == choice), None)
        found = min(candidates, key=rank)
        main = chosen or next((point for point in candidates if point.main), None)
        if main is None or (chosen is None and rank(found) < rank(main)):
            main = found
        main.guessed = chosen is None and not is_certain(main, candidates)
        totals[dimension] = main
    return totals


def billed_by(device: DeviceType, dimensions: Iterable[str]) -> str | None:
    """Return by which of its registers a meter is billed."""
    known = set(dimensions)
    order: tuple[str, ...]
    if device is DeviceType.HEAT_COST_ALLOCATOR:
        order = (*_BY_UNITS, *_BY_ENERGY)
    elif device in WATER_TYPES or device in GAS_TYPES:
        order = (*_BY_VOLUME, *_BY_UNITS)
    else:
        order = _BY_ENERGY
    for name in order:
        if name in known:
            return name
    return min(known, default=None)


def principals_of(device: DeviceType, totals: Mapping[str, KnownPoint]) -> set[str]:
    """Return the keys of the totals that count: of each medium the one that is billed.

    A heat meter counts energy and volume, and is billed by energy; heat and cooling are two
    media, energy drawn and energy fed in are two as well.
    """
    media: defaultdict[tuple[str, bool], list[str]] = defaultdict(list)
    for dimension, point in totals.items():
        media[point.identity.medium, dimension.startswith(FEED_IN)].append(dimension)
    found = set()
    for (medium, _fed_in), dimensions in media.items():
        plain = {name.removesuffix(f"_{medium}") if medium else name: name for name in dimensions}
        best = billed_by(device, plain)
        if best is not None:
            found.add(totals[plain[best]].key)
    return found


def billing_unit(point: KnownPoint) -> str | None:
    """Return the unit in which a register is billed: kWh, m³, or its own."""
    group = normalise(point.signature.unit).group
    if point.traits.kind is not ValueType.NUMBER:
        return None
    return {Group.ENERGY: "kWh", Group.VOLUME: "m³"}.get(group, point.traits.unit)
