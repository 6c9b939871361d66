"""How a meter's registers go on from one telegram to the next: never down, never faster than what flows."""

from operator import lt
from typing import Final

from .habits import MOST_POWER
from .sample import Sample, Stands, elapsed

_SAME_BYTES: Final = 0.9
"""Seconds after which the same telegram again comes from the meter, not from a broker."""


def same_meter(now: Sample, last: Sample) -> bool:
    """Whether two telegrams name the same meter, or one of them none."""
    return now.number is None or last.number is None or now.number == last.number


def is_repeated(now: Sample, held: Sample) -> bool:
    """Whether the meter sent the same telegram again, and no broker delivered it twice."""
    return now.values == held.values and now.received - held.received >= _SAME_BYTES


def goes_on(now: Sample, held: Sample) -> bool:
    """Whether the registers can have come from what they were; a counter counts on."""
    return (
        now.counter != held.counter
        and not falls(now.stands, held.stands)
        and not leaps(now, held, most=100 * MOST_POWER)
    )


def falls(stands: Stands, before: Stands) -> bool:
    """Whether a register shows less; one that is missing compares as neither."""
    return any(map(lt, stands, before, strict=True))


def creep(now: Sample, last: Sample) -> bool:
    """Whether no register fell, and none grew by more than can have flowed, found in one go."""
    a, b, c, d = now.stands
    w, x, y, z = last.stands
    limit = (now.received - last.stood) * (MOST_POWER / 3600) + 2
    return not (
        a < w
        or a - w > limit
        or b < x
        or b - x > limit
        or c < y
        or c - y > limit
        or d < z
        or d - z > limit
    )


def leaps(now: Sample, last: Sample, most: float = MOST_POWER) -> bool:
    """Whether a register grew by more than can have flowed, as the meter itself says."""
    power = max(most, 2 * max(now.imported, now.exported, last.imported, last.exported))
    seconds = max(elapsed(now, last), now.received - last.stood)
    limit = power * seconds / 3600 + 2
    for stand, before in zip(now.stands, last.stands, strict=True):
        if stand - before > limit:
            return True
    return False
