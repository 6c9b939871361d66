"""Frame counters that go back: the past that is played again, or a meter that begins anew."""

from datetime import datetime
from typing import Final

from .errors import Reason, TelegramError
from .plausibility import EXCHANGE, Plausibility
from .sample import Sample

_REPLAYED: Final = 30.0
"""Seconds within which the past is over that a broker has kept."""
_IN_RHYTHM: Final = 0.8
"""The part of the usual interval from which on telegrams do not come all at once."""


class LowerCounters:
    """Lets a lower frame counter pass when it goes on counting from there."""

    def __init__(self) -> None:
        """Begin without any."""
        self._before, self._times = -1, 0
        self._since: datetime | None = None
        self._last: Sample | None = None

    def check(
        self,
        counter: int,
        time: datetime | None,
        received: datetime,
        gates: Plausibility,
    ) -> None:
        """Raise TelegramError (REPLAY) for a counter below that of the last telegram believed.

        `time`: of the meter's clock; `gates`: which know that telegram. With a clock that goes
        back as well it is the past that is played again, unless it lasts: what a broker has kept
        comes all at once, not in the rhythm of the meter.
        """
        last = gates.last
        if self._since is None or self._last is not last:
            self._before, self._times, self._since, self._last = -1, 0, received, last
        self._times = self._times + 1 if counter > self._before else 1
        self._before = counter
        shown = None if last is None else last.time
        past = time is not None and shown is not None and time.timestamp() < shown
        period = None if last is None else last.period
        lasts = _REPLAYED if period is None else min(_REPLAYED, 2 * _IN_RHYTHM * period)
        enough = self._times >= EXCHANGE or gates.waited_enough
        if not enough or (past and (received - self._since).total_seconds() < lasts):
            raise TelegramError(Reason.REPLAY, "the frame counter went back")
