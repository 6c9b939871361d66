"""How often a meter is heard, and when it has been silent for too long."""

from statistics import median

_KEPT_INTERVALS = 16
_INTERVALS_TO_KNOW = 5
_PERIODS_OF_SILENCE = 3
_SHORTEST_LIMIT = 2 * 3600
_LIMIT_WHILE_LEARNING = 26 * 3600


class ReadingRhythm:
    """The times at which one meter was read; seconds throughout, now is always passed in."""

    __slots__ = ("fresh", "intervals", "last")

    def __init__(self, last: int = 0, fresh: int = 0, intervals: list[int] | None = None) -> None:
        """Begin with what was stored: newest reading, when it was true, intervals."""
        self.last = last
        self.fresh = fresh
        self.intervals = intervals or []

    def heard(self, reading: int, received: int, logger: int | None) -> bool:
        """Note the newest reading of a report; return whether it is newer than all before.

        `reading` and `logger` (the time of the report) are by the logger's clock, `received`
        by our own. A time in the future counts as now: the logger's clock is ahead, and may be
        set right at any moment.
        """
        age = max(0, logger - reading) if logger is not None else 0
        reading = min(reading, received)
        if self.last > received:
            # Our own clock was ahead when that was noted; it must not make the meter silent.
            self.last = min(self.last, reading - 1)
            self.fresh = min(self.fresh, received)
        if reading <= self.last:
            return False
        if self.last:
            self.intervals.append(reading - self.last)
            del self.intervals[:-_KEPT_INTERVALS]
        self.last = reading
        self.fresh = max(self.fresh, received - age)
        return True

    def limit(self, stale_after: int | None) -> int:
        """Return after how many seconds of silence measurements are stale; 0 means never.

        `stale_after` is the user's choice; None derives it from the rhythm.
        """
        if stale_after is not None:
            return stale_after
        if len(self.intervals) < _INTERVALS_TO_KNOW:
            return _LIMIT_WHILE_LEARNING
        return max(int(_PERIODS_OF_SILENCE * median(self.intervals)), _SHORTEST_LIMIT)

    def stale(self, now: int, stale_after: int | None = None) -> bool:
        """Return whether the meter has been silent for longer than its limit."""
        limit = self.limit(stale_after)
        return limit > 0 and now - self.fresh > limit
