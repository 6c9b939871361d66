"""Which of a meter's known data points a report's points are.

Position, order and number of points change from report to report, labels and OBIS codes are
the user's own and may be missing or double. So points are matched by all they say about
themselves, to keys that are written once and never recomputed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from .mbus import DeviceType
from .model import DataPoint, Entry
from .point import KnownPoint, PointIdentity, identity_of
from .units import Group, normalise
from .values import decimal, scale_of

type Groups[T] = dict[PointIdentity, list[T]]


class Matching:
    """The result: for each point its known one (or None), and the groups that are new.

    `points` are those of the report, with the readings of one point put together.
    """

    def __init__(self, points: Iterable[DataPoint]) -> None:
        """Begin with the points of a report, none of them matched."""
        self.points = list(points)
        self.known: list[KnownPoint | None] = [None] * len(self.points)
        self.new: list[list[int]] = []
        self.skipped = 0
        self.collapsed = False


def _without_scale(identity: PointIdentity) -> PointIdentity:
    return identity._replace(scale="")


def _without_label(identity: PointIdentity) -> PointIdentity:
    return identity._replace(scale="", label="")


def _group_of_unit(identity: PointIdentity) -> PointIdentity:
    """Leave out the prefix of the unit: at 100 MWh a meter goes from kWh to MWh."""
    return identity._replace(scale="", unit=_unit_group(identity.unit))


def _unit_group(unit: str) -> str:
    """Return what a unit measures; one that no table knows stays itself."""
    group = normalise(unit).group
    return unit if group is Group.UNKNOWN else group.value


def _obis_and_unit(identity: PointIdentity) -> PointIdentity | None:
    if not identity.obis:
        return None
    return PointIdentity(
        identity.obis,
        "",
        _unit_group(identity.unit),
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        identity.dated,
        identity.medium,
    )


def _without_code(identity: PointIdentity) -> PointIdentity | None:
    """Leave out the user's own words: an OBIS code given later is a new name."""
    if identity.point_id:
        return None
    return identity._replace(obis="", scale="", label="", unit=_unit_group(identity.unit))


def match(
    points: Sequence[DataPoint],
    known: Iterable[KnownPoint],
    previous: int,
    dated: Sequence[bool],
    device: DeviceType,
) -> Matching:
    """Match the points of a report to the known points of its meter.

    Points that nothing tells apart form a group: its first is followed by order, the others
    as long as there are as many as before; more than before are new, with fewer the others
    are left alone. `previous` is the number of the report before, `dated` says which points
    are values of a due date.
    """
    result = Matching(points)
    incoming = _collapse(result, dated, device)
    groups: Groups[KnownPoint] = defaultdict(list)
    for known_point in known:
        groups[known_point.identity].append(known_point)
    _match_groups_given_codes(result, incoming, groups)
    leftover: Groups[int] = {}
    for identity, indexes in incoming.items():
        candidates = groups.pop(identity, None)
        if candidates is None:
            leftover[identity] = indexes
        else:
            _follow(result, indexes, candidates)
    if leftover and groups:
        _match_loosely(result, leftover, groups, previous)
    result.new.extend(leftover.values())
    return result


def _collapse(result: Matching, dated: Sequence[bool], device: DeviceType) -> Groups[int]:
    """Group points by identity; one that comes several times, by its code, counts once."""
    groups: Groups[int] = {}
    seen: dict[PointIdentity, list[int]] = {}
    points = result.points
    for index, point in enumerate(points):
        identity = identity_of(point.signature, dated=dated[index], device=device)
        if identity.obis:
            twins = seen.setdefault(identity._replace(scale="", dated=False), [])
            if any(_is_repetition(point, points[twin]) for twin in twins):
                result.collapsed = True
                continue
            again = groups.get(identity)
            if again and all(points[twin].time != point.time for twin in again):
                # One code, several times: the readings of one register.
                points[again[0]] = _together(points[again[0]], point)
                result.collapsed = True
                continue
            twins.append(index)
        groups.setdefault(identity, []).append(index)
    return groups


def _together(one: DataPoint, other: DataPoint) -> DataPoint:
    """Return two points that are readings of one register as one, the newest in front."""
    entries = sorted(
        [
            *one.earlier, Entry(one.raw, one.time, one.device_time),
            *other.earlier, Entry(other.raw, other.time, other.device_time),
        ],
        key=lambda entry: entry.time,
    )  # fmt: skip
    newest = entries[-1]
    return DataPoint(one.signature, *newest, tuple(entries[:-1]))


def _is_repetition(point: DataPoint, twin: DataPoint) -> bool:
    """Return whether two points of one OBIS code say the same at the same time."""
    times = {point.device_time, twin.device_time}
    if len(times) > 1 and None not in times:
        return False
    return (point.raw == twin.raw and point.signature.scale == twin.signature.scale) or (
        (scaled := _exact(point)) is not None and scaled == _exact(twin)
    )


def _exact(point: DataPoint) -> object:
    number, scale = decimal(point.raw), scale_of(point.signature.scale)
    return None if number is None or scale is None else number * scale


def _follow(result: Matching, indexes: list[int], candidates: list[KnownPoint]) -> None:
    """Assign a group by order, as far as order still says something."""
    if len(indexes) < len(candidates):
        # The first is the register; which of the others are missing nobody can say.
        _assign(result, indexes[:1], candidates[:1])
        result.skipped += len(indexes) - 1
        return
    number = len(candidates)
    _assign(result, indexes[:number], candidates)
    if len(indexes) > number:
        result.new.append(indexes[number:])


def _assign(result: Matching, indexes: list[int], candidates: list[KnownPoint]) -> None:
    for index, candidate in zip(indexes, candidates, strict=True):
        if candidate.signature != result.points[index].signature:
            candidate.take_signature(result.points[index].signature)
        result.known[index] = candidate


def _match_groups_given_codes(
    result: Matching, incoming: Groups[int], groups: Groups[KnownPoint]
) -> None:
    """Recognise a nameless group of which some have been given a code or a label since.

    Together they are as many as before, and still in the same order.
    """
    for identity, known in list(groups.items()):
        if identity.obis or identity.label or len(known) < 2:
            continue
        nameless = incoming.get(identity, [])
        if len(nameless) >= len(known):
            continue
        base = _without_code(identity)
        named = [
            other
            for other in incoming
            if other != identity and other not in groups and _without_code(other) == base
        ]
        indexes = sorted([*nameless, *(index for other in named for index in incoming[other])])
        if named and len(indexes) == len(known):
            _assign(result, indexes, known)
            del groups[identity]
            for other in (identity, *named):
                incoming.pop(other, None)


def _match_loosely(
    result: Matching,
    leftover: Groups[int],
    groups: Groups[KnownPoint],
    previous: int,
) -> None:
    """Match by less and less, only ever where one candidate is left on either side."""
    steps: tuple[Callable[[PointIdentity], PointIdentity | None], ...] = (
        _without_scale,
        _group_of_unit,
        _without_label,
        _obis_and_unit,
        _without_code,
    )
    for reduce in steps:
        incoming, candidates = _by(reduce, leftover), _by(reduce, groups)
        for reduced, identities in incoming.items():
            others = candidates.get(reduced, [])
            if len(identities) != 1 or len(others) != 1:
                continue
            indexes, known = leftover[identities[0]], groups[others[0]]
            by_scale = reduce is _without_scale or reduce is _group_of_unit
            if len(indexes) != len(known) or (len(known) > 1 and not by_scale):
                continue
            if reduce is _without_label and not reduced.obis and known[0].seen < previous:
                # It had already gone before: the newcomer is no new name of it.
                continue
            if reduce is _without_code and not _may_be_named(
                identities[0], others[0], known[0], previous
            ):
                continue
            _assign(result, indexes, known)
            del leftover[identities[0]], groups[others[0]]


def _may_be_named(new: PointIdentity, old: PointIdentity, known: KnownPoint, previous: int) -> bool:
    """Return whether a point with a code may be a nameless one that was there until now."""
    return bool(new.obis) and not old.obis and known.seen >= previous


def _by[T](
    reduce: Callable[[PointIdentity], PointIdentity | None], groups: Groups[T]
) -> dict[PointIdentity, list[PointIdentity]]:
    reduced: dict[PointIdentity, list[PointIdentity]] = defaultdict(list)
    for identity in groups:
        key = reduce(identity)
        if key is not None:
            reduced[key].append(identity)
    return reduced
