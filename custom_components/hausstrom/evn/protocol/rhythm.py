"""How often a meter is heard, and after how long it is silent: learned, never asked.

Vienna's meters send every second, M-Bus and P1 every five or six, throttled readers once a
minute, and some readers every quarter of an hour.
"""

from collections import deque
from statistics import median
from typing import Final

LEAST_SILENCE: Final = 30.0
UNKNOWN_SILENCE: Final = 130.0
"""As long as the interval is not known: two minutes and a little."""
LONGEST_SILENCE: Final = 3 * 3600.0

_FEW: Final = 8
_SHORTEST: Final = 0.3
_QUICK: Final = 10.0
_QUICK_TELEGRAMS: Final = 6
_SLOW_TELEGRAMS: Final = 3.5


class TelegramRhythm:
    """Learns the interval between telegrams."""

    def __init__(self, interval: float | None = None) -> None:
        """`interval`: what was known before the last stop (s)."""
        self._last: float | None = None
        self._intervals: deque[float] = deque(maxlen=_FEW)
        self._known = interval

    def heard(self, now: float) -> None:
        """Note that a telegram came, whole or damaged; `now` in seconds of any clock."""
        last = self._last
        if last is not None and 0 <= now - last < _SHORTEST:
            return  # a piece of the same telegram, or the tail of a damaged one
        if last is not None and 0 < now - last <= LONGEST_SILENCE:
            self._intervals.append(now - last)
        self._last = now

    @property
    def interval(self) -> float | None:
        """The usual seconds from telegram to telegram; None as long as nothing is known."""
        return median(self._intervals) if self._intervals else self._known

    @property
    def silence(self) -> float:
        """Seconds without a telegram after which the meter counts as gone."""
        if (interval := self.interval) is None:
            return UNKNOWN_SILENCE
        telegrams = _QUICK_TELEGRAMS if interval <= _QUICK else _SLOW_TELEGRAMS
        return min(max(telegrams * interval, LEAST_SILENCE), LONGEST_SILENCE)
