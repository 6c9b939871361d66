"""Which of a meter's known data points a report's points are.

Position, order and number of points change from report to report, labels and OBIS codes are
the user's own and may be missing or double. So points are matched by all they say about
themselves, to keys that are written once and never recomputed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .model import Point
from .point import Identity, KnownPoint, identity_of
from .values import decimal, scale_of

type Groups[T] = dict[Identity, list[T]]


@dataclass(slots=True)
class Matching:
    """The result: for each point its known one (or None), and the groups that are new."""

    known: list[KnownPoint | None]
    new: list[list[int]]
    skipped: int = 0
    collapsed: bool = False


def _without_scale(identity: Identity) -> Identity:
    return identity._replace(scale="")


def _without_label(identity: Identity) -> Identity:
    return identity._replace(scale="", label="")


def _obis_and_unit(identity: Identity) -> Identity | None:
    if not identity.obis:
        return None
    return Identity(identity.obis, "", identity.unit, "", "", "", "", "", "", "")


def match(points: Sequence[Point], known: Iterable[KnownPoint], previous: int) -> Matching:
    """Match the points of a report to the known points of its meter.

    Points that nothing tells apart form a group: assigned by order while their number is the
    known one, else left out of this report. `previous` is the number of the report before.
    """
    result = Matching([None] * len(points), [])
    incoming = _collapse(points, result)
    groups: Groups[KnownPoint] = defaultdict(list)
    for known_point in known:
        groups[known_point.identity].append(known_point)
    leftover: Groups[int] = {}
    for identity, indexes in incoming.items():
        candidates = groups.pop(identity, None)
        if candidates is None:
            leftover[identity] = indexes
        elif len(candidates) == len(indexes):
            _assign(result, points, indexes, candidates)
        else:
            result.skipped += len(indexes)
    if leftover and groups:
        _match_loosely(result, points, leftover, groups, previous)
    result.new = list(leftover.values())
    return result


def _collapse(points: Sequence[Point], result: Matching) -> Groups[int]:
    """Group points by identity; one that meters repeat in several telegrams counts once."""
    groups: Groups[int] = {}
    seen: dict[Identity, list[Point]] = {}
    for index, point in enumerate(points):
        identity = identity_of(point.signature)
        if identity.obis:
            twins = seen.setdefault(_without_scale(identity), [])
            if any(_is_repetition(point, twin) for twin in twins):
                result.collapsed = True
                continue
            twins.append(point)
        groups.setdefault(identity, []).append(index)
    return groups


def _is_repetition(point: Point, twin: Point) -> bool:
    """Return whether two points of one OBIS code say the same at the same time."""
    times = {point.device_time, twin.device_time}
    if len(times) > 1 and None not in times:
        return False
    return (point.raw == twin.raw and point.signature.scale == twin.signature.scale) or (
        (scaled := _exact(point)) is not None and scaled == _exact(twin)
    )


def _exact(point: Point) -> object:
    number, scale = decimal(point.raw), scale_of(point.signature.scale)
    return None if number is None or scale is None else number * scale


def _assign(
    result: Matching, points: Sequence[Point], indexes: list[int], candidates: list[KnownPoint]
) -> None:
    for index, candidate in zip(indexes, candidates, strict=True):
        if candidate.signature != points[index].signature:
            candidate.take_signature(points[index].signature)
        result.known[index] = candidate


def _match_loosely(
    result: Matching,
    points: Sequence[Point],
    leftover: Groups[int],
    groups: Groups[KnownPoint],
    previous: int,
) -> None:
    """Match by less and less, only ever where one candidate is left on either side."""
    steps: tuple[Callable[[Identity], Identity | None], ...] = (
        _without_scale,
        _without_label,
        _obis_and_unit,
    )
    for reduce in steps:
        incoming, candidates = _by(reduce, leftover), _by(reduce, groups)
        for reduced, identities in incoming.items():
            others = candidates.get(reduced, [])
            if len(identities) != 1 or len(others) != 1:
                continue
            indexes, known = leftover[identities[0]], groups[others[0]]
            if len(indexes) != len(known) or (len(known) > 1 and reduce is not _without_scale):
                continue
            if reduce is _without_label and not reduced.obis and known[0].seen < previous:
                # It had already gone before: the newcomer is no new name of it.
                continue
            _assign(result, points, indexes, known)
            del leftover[identities[0]], groups[others[0]]


def _by[T](
    reduce: Callable[[Identity], Identity | None], groups: Groups[T]
) -> dict[Identity, list[Identity]]:
    reduced: dict[Identity, list[Identity]] = defaultdict(list)
    for identity in groups:
        key = reduce(identity)
        if key is not None:
            reduced[key].append(identity)
    return reduced
