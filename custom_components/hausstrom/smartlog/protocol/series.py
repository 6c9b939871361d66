"""The history of a register as hourly rows: late readings insert themselves, no hour falls.

A row holds what the register showed at the end of an hour, and the sum of all that was
counted since the first row. A reading taken on the hour belongs to the hour that it closes.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .changes import RegisterReading

HOUR = 3_600
_DIGITS = 6


class RegisterHour(NamedTuple):
    """An hour: its beginning in unix seconds, the register at its end, the sum at its end."""

    hour: int
    state: float
    sum: float


def hour_of(time: int) -> int:
    """Return the beginning of the hour that a reading closes or falls into."""
    return (time - 1) // HOUR * HOUR


def merged(
    rows: Sequence[RegisterHour], readings: Iterable[RegisterReading], *, from_zero: bool, now: int
) -> tuple[list[RegisterHour], int]:
    """Return the rows that are new or others with these readings, and how many did not fit.

    `rows` are all rows from the last one before the readings on, in order; `now` is the
    present (unix seconds): rows after it were written by a clock that was ahead, and follow
    the newest reading. `from_zero` says that a register that begins anew does so at 0 (heat
    cost allocators): what it then shows was counted. Elsewhere nobody knows where the new
    register began, and nothing is invented.
    """
    future = [row for row in rows if row.hour > hour_of(now)]
    points: list[list[float]] = []  # hour, state, what was counted since the point before
    before = None
    for row in rows:
        if row.hour <= hour_of(now):
            points.append([row.hour, row.state, row.sum - before if before is not None else 0.0])
            before = row.sum
    refused = 0
    # At its due date an allocator shows what was counted until then, and begins anew: in this order.
    for reading in sorted(readings, key=lambda one: (one.time, not one.dated)):
        refused += not _insert(points, reading, from_zero)
    first = next((row.sum for row in rows if points and row.hour == points[0][0]), 0.0)
    total = first
    result: list[RegisterHour] = []
    for index, (hour, state, counted) in enumerate(points):
        total = total + counted if index else first
        result.append(RegisterHour(int(hour), state, round(total, _DIGITS)))
    if result:
        last = result[-1]
        result.extend(RegisterHour(row.hour, last.state, last.sum) for row in future)
    known = set(rows)
    return [row for row in result if row not in known], refused


def _insert(points: list[list[float]], reading: RegisterReading, from_zero: bool) -> bool:
    """Put a reading among the points; return whether it fits there."""
    hour, value = hour_of(reading.time), reading.value
    place = bisect_left([point[0] for point in points], hour)
    if place < len(points) and points[place][0] == hour:
        return _replace(points, place, reading, from_zero)
    left = points[place - 1] if place else None
    right = points[place] if place < len(points) else None
    if left is None and right is None:
        points.append([hour, value, 0.0])
        return True
    if right is None:
        assert left is not None  # noqa: S101  one of both is there
        rise = value - left[1]
        # What a meter keeps of its past is no slip of the line: it fell because it began anew.
        restart = reading.restart or (rise < 0 and reading.dated and from_zero)
        if rise < 0 and not restart:
            return False
        counted = rise if not restart else value if from_zero else 0.0
        points.append([hour, value, max(counted, 0.0)])
        return True
    if left is None:
        if value > right[1] and not from_zero:
            return False
        right[2] = right[1] - value if value <= right[1] else right[1]
        points.insert(0, [hour, value, 0.0])
        return True
    return _insert_between(points, place, reading, from_zero)


def _insert_between(
    points: list[list[float]], place: int, reading: RegisterReading, from_zero: bool
) -> bool:
    left, right = points[place - 1], points[place]
    hour, value = hour_of(reading.time), reading.value
    whole = right[2]
    if left[1] <= value <= right[1]:
        # Of what was counted between both, this is the part until now.
        counted = min(value - left[1], whole)
        rest = max(whole - counted, 0.0)
    elif right[1] < left[1] and value >= left[1]:
        # The register began anew between both, after this reading.
        counted, rest = value - left[1], right[1] if from_zero else whole
    elif right[1] < left[1] and value <= right[1]:
        rest = right[1] - value
        counted = max(whole - rest, 0.0)
    else:
        return False
    right[2] = rest
    points.insert(place, [hour, value, counted])
    return True


def _replace(
    points: list[list[float]], place: int, reading: RegisterReading, from_zero: bool
) -> bool:
    """Take a later reading of an hour that has one; an earlier one changes nothing."""
    here = points[place]
    right = points[place + 1] if place + 1 < len(points) else None
    if reading.restart:
        here[2] += reading.value if from_zero else 0.0
        here[1] = reading.value
        return True
    rise = reading.value - here[1]
    before = points[place - 1][1] if place else None
    if reading.dated and from_zero and before is not None and here[1] < before <= reading.value:
        # It began anew within this hour: this is what it had come to before.
        here[2] = max(here[2], reading.value - before + here[1])
        return True
    if rise <= 0:
        return rise == 0 or not reading.dated
    if right is not None and reading.value > right[1]:
        return False
    here[1] = reading.value
    if place:
        here[2] += rise
    if right is not None:
        right[2] = max(right[2] - rise, 0.0)
    return True


def reading_at(
    rows: Sequence[RegisterHour], time: int, now: int
) -> tuple[float, float, int, bool] | None:
    """Return reading, sum, time of the reading, and whether it is interpolated; None if unknown.

    `rows` hold at least the last row that ends at or before `time` and the first after it.
    Before the first row nothing is known. After the last one the last counts, if it is not
    older than two days: a month that is not over has no other end.
    """
    index = bisect_left(rows, time, key=lambda row: row.hour + HOUR)
    if index < len(rows) and rows[index].hour + HOUR == time:
        row = rows[index]
        return row.state, row.sum, time, False
    if index == 0:
        return None
    left = rows[index - 1]
    ended = left.hour + HOUR
    if index == len(rows):
        fresh = min(time, now) - ended <= 2 * 24 * HOUR
        return (left.state, left.sum, ended, False) if fresh else None
    right = rows[index]
    share = (time - ended) / (right.hour + HOUR - ended)
    if right.state == left.state:
        return left.state, left.sum, ended, False
    counted = (right.sum - left.sum) * share
    if right.state < left.state:
        # It began anew in between: what was counted is known, what it showed is not.
        return left.state, left.sum + counted, ended, True
    state = left.state + (right.state - left.state) * share
    return round(state, _DIGITS), round(left.sum + counted, _DIGITS), time, True
