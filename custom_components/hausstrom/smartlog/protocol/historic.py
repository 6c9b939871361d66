"""Values of the past among a meter's data points: billing dates, storages, extremes."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ...common.slug import slug
from .model import DataPoint, Signature
from .units import Group, normalise

_CURRENT = 255
_DUE_DATE_BY = 36 * 3600
"""Seconds by which T has to differ from the time of the reading to be more than a clock."""
_LATER_BY = 3600
_HOUR, _DAY = 3600, 86_400
_OBIS = re.compile(r"(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:[*.](\d{1,3}))?")
_EXTREME_FUNCTIONS = frozenset({"1", "2", "3"})

type QuantityKey = tuple[str, Group]
"""What makes two points siblings: the same words, the same kind of unit."""


class Obis(NamedTuple):
    """The value groups A to F of an OBIS code (IEC 62056-61)."""

    a: int
    b: int
    c: int
    d: int
    e: int
    f: int


def parse_obis(text: str) -> Obis | None:
    """Return the groups of `A-B:C.D.E*F` (F may be missing: 255), None if it is none."""
    match = _OBIS.fullmatch(text)
    if match is None:
        return None
    a, b, c, d, e, f = match.groups()
    return Obis(int(a), int(b), int(c), int(d), int(e), _CURRENT if f is None else int(f))


def quantity_key(signature: Signature) -> QuantityKey:
    """Return what a point and its siblings have in common."""
    return slug(signature.description), normalise(signature.unit).group


def is_historic(signature: Signature, siblings: Iterable[Signature]) -> bool:
    """Return whether what is known of a point and its meter makes it a value of the past.

    OBIS group F 255 is the present, whatever else is said. A storage number or a group F
    other than that is the past only where the meter has a present value beside it: the only
    register of a gas meter may well have storage number 1.
    """
    obis = parse_obis(signature.obis)
    function = signature.function.casefold()
    if function in _EXTREME_FUNCTIONS or any(word in function for word in ("min", "max", "error")):
        return True
    if obis is not None and obis.f == _CURRENT and not _stored(signature):
        return False
    if _stored(signature):
        return any(
            not _stored(other) and not other.function and _counts_the_same(signature, other)
            for other in siblings
        )
    if obis is None or obis.f == _CURRENT:
        return False
    return obis.d == 2 or any(_is_current_of(obis, signature.unit, other) for other in siblings)


def _counts_the_same(signature: Signature, other: Signature) -> bool:
    """Return whether two points count the same thing, one now and one at some date.

    Where every field has a name of its own (wmbusmeters), that is all that tells them apart.
    """
    key, present = quantity_key(signature), quantity_key(other)
    return key == present or bool(signature.point_id and key[1] is present[1] is not Group.NONE)


def _stored(signature: Signature) -> bool:
    return bool(signature.storage.strip("0"))


def _is_current_of(obis: Obis, unit: str, other: Signature) -> bool:
    """Return whether another point is the present register of the same quantity."""
    if normalise(other.unit).group is not normalise(unit).group:
        return False
    current = parse_obis(other.obis)
    return current is not None and current.f == _CURRENT and current[:3] == obis[:3]


def says_when(signature: Signature) -> bool:
    """Return whether the code of a point says by itself whether it is present or past."""
    obis = parse_obis(signature.obis)
    return obis is not None and (obis.f == _CURRENT or obis.d == 2)


class Sibling(NamedTuple):
    """A known point of a meter, as judging its siblings needs it; times in unix seconds."""

    signature: Signature
    device_time: int | None
    dated: bool


def dated_points(
    points: Sequence[DataPoint], known: Mapping[QuantityKey, Sequence[Sibling]]
) -> list[bool]:
    """Return for each point of a meter's report whether its T makes it a value of a due date.

    T is the date of a value, or the meter's own clock at the time of reading: the newest T of
    a meter, or one that all points share, is its clock, however wrong. `known` are the points
    that the meter had before, by quantity: a due date may come alone.
    """
    if all(point.device_time is None for point in points):
        return [False] * len(points)
    groups: defaultdict[QuantityKey, list[DataPoint]] = defaultdict(list)
    for point in points:
        if not point.signature.function:
            groups[quantity_key(point.signature)].append(point)
    clocks = Counter(point.device_time for point in points if point.device_time is not None)
    return [
        _is_dated(point, groups, points, known, clocks)
        if point.device_time is not None and not says_when(point.signature)
        else False
        for point in points
    ]


def _is_dated(
    point: DataPoint,
    groups: Mapping[QuantityKey, list[DataPoint]],
    points: Sequence[DataPoint],
    known: Mapping[QuantityKey, Sequence[Sibling]],
    clocks: Counter[int],
) -> bool:
    date = point.device_time
    assert date is not None  # noqa: S101  the caller has looked
    if date > point.time + _DUE_DATE_BY:
        # A due date that was never set, or a clock that is far ahead: then all points have it.
        return not _is_clock(date, point, points, clocks)
    if date >= point.time - _DUE_DATE_BY:
        return False
    key = quantity_key(point.signature)
    siblings = [other for other in groups.get(key, ()) if other is not point]
    if siblings:
        return any(
            other.device_time is None
            or date + _LATER_BY < other.device_time <= other.time + _DUE_DATE_BY
            for other in siblings
        )
    before = known.get(key, ())
    if any(one.dated and one.device_time == date for one in before):
        return True
    if any(
        not one.dated
        and one.signature.function == ""
        and (one.device_time is None or date + _DUE_DATE_BY < one.device_time)
        for one in before
    ):
        # It comes alone: the register of before with its clock gone wrong, or the value of a
        # due date. Due dates are midnights, clocks hardly ever.
        return is_midnight(date)
    if before:
        return False
    if _is_clock(date, point, points, clocks):
        return False
    others = [other for other in points if other is not point]
    later = sum(
        other.device_time is None or other.device_time > date + _LATER_BY for other in others
    )
    return bool(others) and later * 2 > len(others)


def _is_clock(
    date: int, point: DataPoint, points: Sequence[DataPoint], clocks: Counter[int]
) -> bool:
    """Return whether T is the meter's clock: every point has it, or several and none a later."""
    own = [other for other in points if other.device_time is not None]
    if len(own) == len(points) and all(
        abs((other.device_time or 0) - date) <= _LATER_BY for other in own
    ):
        return True
    shared = clocks[date] > 1 and not is_midnight(date)
    return shared and all((other.device_time or 0) <= date + _LATER_BY for other in own)


def is_midnight(seconds: int) -> bool:
    """Return whether a time is that of a date: a full hour around midnight UTC, or 23:59."""
    of_day = seconds % _DAY
    if of_day % _HOUR == 0:
        return of_day <= 3 * _HOUR or of_day >= 21 * _HOUR
    return (of_day % _HOUR in {59 * 60, _HOUR - 1} and of_day >= 20 * _HOUR) or (
        of_day % _HOUR in {59 * 60, _HOUR - 1} and of_day < 3 * _HOUR
    )
