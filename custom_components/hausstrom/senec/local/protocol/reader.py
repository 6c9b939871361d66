"""Reading what is wanted: live values at every poll, slow ones seldom, all of it in few requests.

What is read in one request is of one moment, so as much as possible goes into one. A device that is
too slow for that is asked section by section: the energy flow always, the others in turn. Nothing is
concluded from what did not answer, but a value that has not been heard of for long is none any more.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from math import ceil
from typing import Final

from ....common.value import Value
from .client import LalaError
from .codec import Answer
from .points import Readout
from .request import Batch, RequestPlan

SLOW_INTERVAL: Final = 300.0
"""Seconds after which the slow values are asked for again."""
TURN: Final = 60.0
"""Seconds in which every section of a slow device has its turn."""
STALE_LIVE: Final = 90.0
"""Seconds after which a live value that was not read is none."""
STALE_SLOW: Final = 2.5 * SLOW_INTERVAL
_TOGETHER_AFTER: Final = 3600.0
_TOGETHER_AT_MOST: Final = 24 * 3600.0
_RETRY: Final = 60.0

type Query = Callable[[bytes], Awaitable[Answer]]


class Reader:
    """Reads one device through `query`; `interval` is the time between two polls in seconds.

    `now` is always seconds on a steady clock.
    """

    def __init__(self, query: Query, *, interval: float) -> None:
        """Begin with nothing planned."""
        self._query = query
        self._interval = interval
        self.plan = RequestPlan((), ())
        self.is_divided = False
        """Whether the device is asked section by section, for it is too slow for more."""
        self._together_at = 0.0
        self._together_pause = _TOGETHER_AFTER
        self._turns: deque[Batch] = deque()
        self._queue: deque[Batch] = deque()
        self._slow_at = float("-inf")
        self._failed: list[Batch] = []
        self._retry_at = 0.0
        self._retry_pause = _RETRY
        self._heard: dict[str, float] = {}
        self._silent: set[str] = set()

    def want(self, points: Iterable[Readout], now: float) -> None:
        """Plan for these points; the slow ones are read anew as soon as may be."""
        self.plan = RequestPlan.of(points)
        self._turns = deque()
        self._queue = deque(self.plan.slow)
        self._failed = []
        self._slow_at = now
        keys = {
            point.key
            for batches in (self.plan.live, self.plan.slow)
            for b in batches
            for point in b.points
        }
        self._heard = {key: self._heard.get(key, now) for key in keys}
        self._silent &= keys

    def divide(self, now: float) -> None:
        """Ask for one section at a time, for a while."""
        self.is_divided = True
        self._together_at = now + self._together_pause
        self._together_pause = min(2 * self._together_pause, _TOGETHER_AT_MOST)

    # --- live ---------------------------------------------------------------------

    async def read_live(self, now: float) -> dict[str, Value]:
        """Return the live readings that were answered. Raises LalaError where nothing was."""
        if self.is_divided and now < self._together_at:
            values = await self._read_in_turns(now)
        else:
            values = {}
            for batch in self.plan.live:
                values.update(await self._read_together(batch, now))
        return values

    async def _read_together(self, batch: Batch, now: float) -> dict[str, Value]:
        try:
            values = await self._read(batch, now)
        except LalaError as error:
            parts = batch.split()
            if not error.fault.is_slowness or len(parts) == 1:
                raise
            # Slow, or gone? The first section alone, which is the energy flow, tells.
            values = await self._read(parts[0], now)
            self.divide(now)
            for part in parts[1:]:
                values.update(await self._try(part, now))
            return values
        if self.is_divided:
            self.is_divided = False
            self._together_pause = _TOGETHER_AFTER
        return values

    async def _read_in_turns(self, now: float) -> dict[str, Value]:
        parts = [part for batch in self.plan.live for part in batch.split()]
        if not parts:
            return {}
        values = await self._read(parts[0], now)
        if not self._turns:
            self._turns = deque(parts[1:])
        each = ceil((len(parts) - 1) * self._interval / TURN)
        for _ in range(min(each, len(self._turns))):
            values.update(await self._try(self._turns.popleft(), now))
        return values

    async def _try(self, batch: Batch, now: float) -> dict[str, Value]:
        try:
            return await self._read(batch, now)
        except LalaError as error:
            if not error.fault.is_slowness:
                raise
            return {}

    async def _read(self, batch: Batch, now: float) -> dict[str, Value]:
        values = batch.read(await self._query(batch.body))
        for key in values:
            self._heard[key] = now
        self._silent.difference_update(values)
        return values

    # --- slow ---------------------------------------------------------------------

    async def read_slow(self, now: float) -> dict[str, Value]:
        """Send the slow request that is due; with long intervals several. Raises LalaError."""
        values: dict[str, Value] = {}
        each = ceil(len(self._slow_batches()) * self._interval / SLOW_INTERVAL)
        for turn in range(max(1, each)):
            batch = self._next_slow(now)
            if batch is None:
                break
            try:
                values.update(await self._read(batch, now))
            except LalaError:
                self._failed.extend(batch.split())
                self._retry_at = now + self._retry_pause
                self._retry_pause = min(2 * self._retry_pause, SLOW_INTERVAL)
                if turn == 0:
                    raise
                break
        return values

    def _slow_batches(self) -> tuple[Batch, ...]:
        if not self.is_divided:
            return self.plan.slow
        return tuple(part for batch in self.plan.slow for part in batch.split())

    def _next_slow(self, now: float) -> Batch | None:
        if not self._queue and now - self._slow_at >= SLOW_INTERVAL:
            self._queue = deque(self._slow_batches())
            self._slow_at = now
            self._failed = []
            self._retry_pause = _RETRY
        if self._queue:
            batch = self._queue.popleft()
            if not self.is_divided:
                return batch
            first, *others = batch.split()
            self._queue.extendleft(reversed(others))
            return first
        if self._failed and now >= self._retry_at:
            return self._failed.pop(0)
        return None

    # --- what was not heard of ------------------------------------------------------

    def gone_silent(self, now: float) -> frozenset[str]:
        """Return the keys that have not been heard of for too long; each once."""
        live = {point.key for batch in self.plan.live for point in batch.points}
        patience = max(STALE_LIVE, 1.5 * self._interval)
        silent = {
            key
            for key, heard in self._heard.items()
            if key not in self._silent and now - heard > (patience if key in live else STALE_SLOW)
        }
        self._silent |= silent
        return frozenset(silent)

    def all_heard(self, now: float) -> None:
        """Begin to wait anew, after a time in which nothing could be heard at all."""
        self._heard = dict.fromkeys(self._heard, now)
