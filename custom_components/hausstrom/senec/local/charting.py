"""Which values a system has: charted once, looked at anew when something may have changed.

What is known stays until something else is known: of the system, from the store of an earlier start;
of a section, until it has answered.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, Final
from zlib import crc32

import orjson

from .const import CHART_AGE
from .protocol.client import LalaError
from .protocol.codec import Answer
from .protocol.hardware import sections_to_look_at, version_of
from .protocol.inventory import Inventory
from .protocol.points import Readout
from .protocol.roster import all_points

_PAUSES: Final = (0.0, 0.0, 0.0, 10.0, 20.0, 30.0, 60.0, 120.0)
"""Seconds to wait after so many requests in a row that were not answered."""


class Chart:
    """The points of one system. `now` is seconds on a steady clock, `wall` seconds since 1970."""

    def __init__(self, query: Callable[[bytes], Awaitable[Answer]]) -> None:
        """Begin with nothing known."""
        self._query = query
        self._inventory = Inventory()
        self._failures = 0
        self._not_before = float("-inf")
        self._charted_at = 0.0
        self.points: dict[str, Readout] = {}
        self.hardware: dict[str, str] = {}

    # --- what outlives a stop -------------------------------------------------------

    def restore(self, stored: Mapping[str, Any], wall: float) -> bool:
        """Take what was stored; return whether it is complete and of this release's catalogue."""
        keys, hardware = stored.get("points"), stored.get("hardware")
        everything = all_points()
        if isinstance(keys, list):
            known = (key for key in keys if isinstance(key, str) and key in everything)
            self.points = {key: everything[key] for key in known}
        if isinstance(hardware, dict):
            self.hardware = {str(name): str(words) for name, words in hardware.items()}
        charted_at = stored.get("charted_at")
        if isinstance(charted_at, int | float) and charted_at <= wall:
            self._charted_at = float(charted_at)
        return bool(self.points) and stored.get("catalogue") == _mark_of(self.points)

    def stored(self) -> dict[str, Any]:
        """Return what has to outlive a stop; without a mark as long as the chart is not complete."""
        return {
            "firmware": version_of(self.hardware),
            "points": sorted(self.points),
            "hardware": dict(sorted(self.hardware.items())),
            "catalogue": None if self.left else _mark_of(self.points),
            "charted_at": self._charted_at,
        }

    # --- looking --------------------------------------------------------------------

    @property
    def left(self) -> int:
        """How many requests are still to be sent."""
        return self._inventory.left

    @property
    def failures(self) -> int:
        """How many requests in a row were not answered."""
        return self._failures

    def is_old(self, wall: float) -> bool:
        """Whether everything should be looked at anew, for the last time is long ago."""
        return wall - self._charted_at > CHART_AGE

    def begin(self, first: Collection[str] = (), *, one_at_a_time: bool = False) -> None:
        """Look at everything anew, beginning with these sections; what is known stays meanwhile."""
        self._inventory.begin(first, one_at_a_time=one_at_a_time)
        self._failures = 0
        self._not_before = float("-inf")

    def note(self, words: Mapping[str, str]) -> frozenset[str]:
        """Take what is installed now; return the sections that should be looked at for it."""
        sections = sections_to_look_at(self.hardware, words)
        self.hardware.update(words)
        return sections

    def is_due(self, now: float) -> bool:
        """Whether the next request may be sent."""
        return self.left > 0 and now >= self._not_before

    async def step(self, now: float, wall: float) -> bool:
        """Send the next request; return whether the points are others now. Raises LalaError."""
        try:
            answer = await self._query(self._inventory.body())
        except LalaError:
            self._inventory.give_up()
            self._not_before = now + _PAUSES[min(self._failures, len(_PAUSES) - 1)]
            self._failures += 1
            raise
        self._failures = 0
        self._inventory.take(answer)
        points = self._inventory.points(self.points)
        changed = points.keys() != self.points.keys()
        self.points = points
        if not self.left:
            self._charted_at = wall
            self._inventory.end()
        return changed


def _mark_of(keys: Iterable[str]) -> int:
    """Return what tells this release's catalogue, and these points of it, from others."""
    return crc32(orjson.dumps([sorted(all_points()), sorted(keys)]))
