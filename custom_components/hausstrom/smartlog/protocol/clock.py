"""The logger's clock: whether it is right, by how much it is wrong, what is only late.

A wrong clock runs on second by second, by the same amount off. What is late (a backlog after
an outage) comes faster than its own times. One report cannot tell; three in a row can.
"""

CONFIRMED_BY = 3
"""Reports in a row that are off by the same amount."""
TOLERATED = 300
"""Seconds that a clock may be off; loggers without a time server are, and nothing comes of it."""
_FIRST_CREDIBLE = 1_262_304_000  # 2010
_OLDEST_BACKLOG = 40 * 86_400


class Clock:
    """What is known of a logger's clock; all times are unix seconds."""

    def __init__(self) -> None:
        """Begin with a clock of which nothing is known."""
        self.offset = 0
        """Seconds by which it is ahead of ours (negative: behind), once that is certain."""
        self.agreed = 0
        """How many reports in a row were off by the same amount."""
        self._sent: int | None = None
        self._came = 0
        self.correction = 0
        """What to take off the times of the present report."""
        self.doubtful = False
        """The present report is either late or of a wrong clock; what comes next will tell."""

    @property
    def is_wrong(self) -> bool:
        """Return whether the clock is known to be wrong."""
        return self.offset != 0

    def hear(self, sent: int | None, received: int) -> None:
        """Compare the time of a report by the logger's clock with that of its arrival."""
        self.doubtful = False
        self.correction = 0
        if sent is None:
            self.correction = self.offset
            return
        ahead = sent - received
        if abs(ahead) <= TOLERATED:
            self.offset, self.agreed = 0, 0
            self._sent, self._came = sent, received
            return
        previous, self._sent = self._sent, sent
        came, self._came = self._came, received
        if self.is_wrong and abs(ahead - self.offset) <= _jitter(received - came):
            self.offset = self.correction = ahead
            return
        runs_on = (
            previous is not None
            and sent > previous
            and abs(previous - came) > TOLERATED
            and abs((sent - previous) - (received - came)) <= _jitter(received - came)
        )
        again = previous is not None and sent == previous and self.agreed
        self.agreed = self.agreed + 1 if runs_on else self.agreed if again else 1
        if self.agreed >= CONFIRMED_BY:
            self.offset = self.correction = ahead
        elif ahead > 0 or sent < _FIRST_CREDIBLE:
            # No report comes from the future, and none from before there were such loggers.
            self.correction = ahead
        else:
            self.doubtful = True

    def time_of(self, time: int, received: int) -> int:
        """Return when a reading was taken; that of arrival where its time cannot be true."""
        corrected = time - self.correction
        return corrected if _FIRST_CREDIBLE <= corrected <= received else received

    @property
    def late_by_too_much(self) -> bool:
        """Return whether a doubtful report is too old to be a backlog that came alone."""
        return self._sent is not None and self._came - self._sent > _OLDEST_BACKLOG


def _jitter(seconds: int) -> float:
    """Return by how much two intervals of this length may differ."""
    return max(5.0, min(60.0, 0.1 * seconds))
