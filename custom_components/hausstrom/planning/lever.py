"""The lever: what a device lets others set so that its battery keeps room.

A lever turns each of its settings into a `Hold`: what the battery may do until the hold's end. The
planner simulates holds and knows no device. Whatever a lever is, three things must be true of it:

- it ends by itself (an end on the device, or a watchdog), so that a dead planner leaves a battery
  that charges;
- it never touches discharging, so that the house and the reserve are safe;
- it can be read back, so that a write is confirmed and the hand of a person is seen.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from .model import Battery

MOST_OF_A_BATTERY: Final = 90  # percent; mein-senec.de takes no limit above
ABOVE_RESERVE: Final = 20  # percent: a limit stays so far above the reserve
LOWEST: Final = 20  # percent
BOTH_READINGS: Final = (40, 45, 55, 60)  # 50 would never tell which of the two it is
STEP_OF_LEVEL: Final = 10


class Hold(NamedTuple):
    """What a battery does until the end of a setting.

    ceiling (Wh): up to here it takes surplus freely, with at most free_power (W); above only what
    exceeds the export limit, and that only if takes_excess.
    """

    ceiling: float
    free_power: float
    takes_excess: bool = True


class Setting(NamedTuple):
    """What is set at the device: a limit in percent that holds until an end."""

    limit: int
    end: datetime


class Lever(Protocol):
    """What the planner asks of a lever."""

    def limits(self, battery: Battery, level: float) -> Sequence[int]:
        """Return the limits worth trying with the battery at a level (percent)."""

    def holds(self, limit: int, battery: Battery) -> Sequence[tuple[float, Hold]]:
        """Return what a limit may mean, each with its likelihood; they add up to 1."""

    def cautious(self, limit: int, battery: Battery) -> Hold | None:
        """Return the worst that a limit may mean, while it is not known to be better."""


class Sense(StrEnum):
    """What a capacity limit says: what may be filled, or what is kept free."""

    UNKNOWN = "unknown"
    FILLED = "filled"
    KEPT_FREE = "kept_free"


class LevelLever(NamedTuple):
    """A SENEC's lever: a capacity limit and an end; which way the limit counts has to be seen.

    takes_excess: whether the battery was seen to take what exceeds the export limit above its
    limit; None until that has been seen.
    """

    sense: Sense = Sense.UNKNOWN
    takes_excess: bool | None = None

    def limits(self, battery: Battery, level: float) -> Sequence[int]:
        """Return the limits worth trying; below the level they all mean the same."""
        lowest = max(LOWEST, battery.reserve + ABOVE_RESERVE)
        if self.sense is Sense.UNKNOWN:
            return [limit for limit in BOTH_READINGS if min(limit, 100 - limit) >= lowest]
        kept = list(self._ceilings(lowest, level))
        return [self.turned(ceiling) for ceiling in kept]

    @staticmethod
    def _ceilings(lowest: float, level: float) -> Iterator[int]:
        first = int(-(-lowest // STEP_OF_LEVEL) * STEP_OF_LEVEL)
        below = [
            step for step in range(first, MOST_OF_A_BATTERY + 1, STEP_OF_LEVEL) if step > level
        ]
        if int(level) >= first:
            yield min(MOST_OF_A_BATTERY, int(level) // STEP_OF_LEVEL * STEP_OF_LEVEL)
        yield from below

    def turned(self, percent: int) -> int:
        """Return a limit as a ceiling, or a ceiling as the limit to set."""
        return 100 - percent if self.sense is Sense.KEPT_FREE else percent

    def holds(self, limit: int, battery: Battery) -> Sequence[tuple[float, Hold]]:
        """Return one reading once the sense is known, both until then."""
        takes = self.takes_excess is not False
        ceilings = (
            ((0.5, limit), (0.5, 100 - limit))
            if self.sense is Sense.UNKNOWN
            else ((1.0, self.turned(limit)),)
        )
        return [
            (likely, Hold(battery.capacity * ceiling / 100, battery.max_charge, takes))
            for likely, ceiling in ceilings
        ]

    def cautious(self, limit: int, battery: Battery) -> Hold | None:
        """Return the hold of a battery that takes no excess, until it was seen to take it."""
        if self.takes_excess is not None:
            return None
        unknown = self.sense is Sense.UNKNOWN
        ceiling = min(limit, 100 - limit) if unknown else self.turned(limit)
        return Hold(battery.capacity * ceiling / 100, battery.max_charge, takes_excess=False)
