"""Waiting after failures: longer each time, with some jitter, up to a limit."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Backoff:
    """How long (s) to wait after each failure in a row.

    `first` doubles up to `limit`; `jitter` gives numbers from 0 to 1 and adds up to a tenth, so
    that many clients do not come back in the same instant. A success ends it.
    """

    first: float = 10
    limit: float = 300
    jitter: Callable[[], float] = random.random
    failures: int = 0

    def failed(self, at_least: float = 0) -> float:
        """Count a failure; return the seconds to wait before the next try.

        at_least: what the server asked for (Retry-After), honoured up to the limit.
        """
        delay = min(self.first * 2.0 ** min(self.failures, 30), self.limit)
        self.failures += 1
        return max(delay * (1 + 0.1 * self.jitter()), min(at_least, self.limit))

    def succeeded(self) -> None:
        """Forget the failures."""
        self.failures = 0
