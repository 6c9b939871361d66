"""Waiting after failures: longer each time, with some jitter, up to a limit."""

import random
from collections.abc import Callable


class Backoff:
    """How long (s) to wait after each failure in a row. A success ends it.

    `first` doubles up to `limit`. `jitter` gives numbers from 0 to 1 and takes off up to a fifth,
    so that many clients do not come back in the same instant; never more than was meant, or a poll
    in a rhythm of its own would miss its turn.
    """

    __slots__ = ("failures", "first", "jitter", "limit")

    def __init__(
        self,
        *,
        first: float = 10,
        limit: float = 300,
        jitter: Callable[[], float] = random.random,
        failures: int = 0,
    ) -> None:
        """Begin without failures, or with those of before."""
        self.first = first
        self.limit = limit
        self.jitter = jitter
        self.failures = failures

    def failed(self, at_least: float | None = None) -> float:
        """Count a failure; return the seconds to wait before the next try.

        at_least: what the server asked for (Retry-After, s), which is bounded where it is read.
        """
        delay = min(self.first * 2.0 ** min(self.failures, 30), self.limit)
        self.failures += 1
        return max(delay * (1 - 0.2 * self.jitter()), at_least or 0.0)

    def succeeded(self) -> None:
        """Forget the failures."""
        self.failures = 0
