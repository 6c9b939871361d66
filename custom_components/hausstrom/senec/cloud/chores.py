"""What is read of a system, each thing in its own rhythm, with its own back-off and its own health.

SENEC's services fail one by one. What a service gave stays shown for a few of its reads, and then
becomes unavailable; what the others give goes on.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from ...common.backoff import Backoff
from ..protocol.errors import SenecServiceError, ServiceReason
from .protocol.doors import Door

HOURLY: Final = timedelta(hours=1)
DAILY: Final = timedelta(days=1)
FIRST_RETRY: Final = timedelta(minutes=5)
LONGEST_RETRY: Final = timedelta(minutes=15)  # or the rhythm itself, if that is longer
SLACK: Final = timedelta(seconds=10)  # a poll that comes a little early is not put off to the next


class Chore:
    """One thing that is read; its name is the presence of the entities that show it.

    `read` returns until when what it read may be shown, or None for the usual: as long as `grace`
    after the next read would have been due.
    """

    def __init__(
        self,
        name: str,
        door: Door,
        every: timedelta,
        grace: timedelta,
        read: Callable[[], Awaitable[datetime | None]],
        *,
        is_proof: bool = True,
    ) -> None:
        """Begin without a read."""
        self.name = name
        self.door = door
        self.every = every
        self.grace = grace
        self.read = read
        self.is_proof = is_proof
        """Whether having read it means that the system can be read at all."""
        self.due: datetime | None = None
        self.fresh_until: datetime | None = None
        self.error: SenecServiceError | None = None
        self._backoff = Backoff()

    @property
    def failures(self) -> int:
        """How many reads failed in a row."""
        return self._backoff.failures

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to read."""
        return self.due is None or now >= self.due - SLACK

    def is_fresh(self, now: datetime) -> bool:
        """Whether what was read last may still be shown."""
        return self.fresh_until is not None and now < self.fresh_until

    def succeeded(self, now: datetime, until: datetime | None) -> None:
        """Note a read; the next one is due in its rhythm."""
        self._backoff.succeeded()
        self.due, self.error = now + self.every, None
        self.fresh_until = now + self.every + self.grace if until is None else until

    def failed(self, now: datetime, error: SenecServiceError) -> None:
        """Note a failure; the next try comes later and later, and not before the server wants it."""
        # Soon, and in the end in its rhythm, which changes: wallboxes with a vehicle are read oftener.
        self._backoff.first = min(self.every, FIRST_RETRY).total_seconds()
        self._backoff.limit = max(self.every, LONGEST_RETRY).total_seconds()
        self.due = now + timedelta(seconds=self._backoff.failed(error.retry_after))
        self.error = error

    def as_diagnostics(self, now: datetime) -> dict[str, Any]:
        """Return what helps in a bug report."""
        return {
            "fresh": self.is_fresh(now),
            "failures": self.failures,
            "error": None if self.error is None else self.error.reason.value,
            "next": None if self.due is None else self.due.isoformat(),
        }


def by_reason(chores: Iterable[Chore]) -> dict[ServiceReason, list[Chore]]:
    """Return what cannot be read, by the reason why."""
    troubles: dict[ServiceReason, list[Chore]] = {}
    for chore in chores:
        if chore.error is not None:
            troubles.setdefault(chore.error.reason, []).append(chore)
    return troubles
