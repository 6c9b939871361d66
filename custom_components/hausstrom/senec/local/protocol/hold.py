"""Holding the battery: what was set for it, and how it is set back, whatever happens meanwhile.

Two means hold a SENEC's battery: the forced charge, which keeps it full until it is released (and
fills it first, from the grid if need be), and a reserve for backup power that is not below its level.
What was there before is remembered before anything is set, and set back until the device shows it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple, Self

LONGEST: Final = 24 * 3600.0
"""Seconds after which a hold ends by itself: one that was forgotten is of no use to the house."""
SETTLES: Final = 180.0
"""Seconds in which the device may not show the hold yet; afterwards somebody else has ended it."""


class Means(StrEnum):
    """What a battery is held with."""

    FORCED_CHARGE = "forced_charge"
    RESERVE = "reserve"


class SenecHold(NamedTuple):
    """A hold: `before` is what was set then (the reserve in %, the forced charge as 0 or 1).

    `since` is in seconds since 1970, for it outlives a restart; `ending` says that it is to be set
    back and that this is not yet certain.
    """

    means: Means
    before: float
    since: float
    ending: bool = False

    @classmethod
    def restored(cls, stored: object) -> Self | None:
        """Return what `stored()` gave; None for anything else."""
        if not isinstance(stored, Mapping):
            return None
        means, before, since = stored.get("means"), stored.get("before"), stored.get("since")
        if not isinstance(means, str) or means not in set(Means):
            return None
        if not isinstance(before, int | float) or not isinstance(since, int | float):
            return None
        return cls(Means(means), float(before), float(since), stored.get("ending") is True)

    def stored(self) -> dict[str, object]:
        """Return it in a form that can be stored."""
        return self._asdict()

    @property
    def changes_anything(self) -> bool:
        """Whether something has to be set back: a forced charge of the user's own stays."""
        return self.means is Means.RESERVE or self.before == 0

    def ended(self) -> Self:
        """Return it as one that is to be set back."""
        return self._replace(ending=True)

    def is_over(self, now: float, *, holds: bool | None) -> bool:
        """Whether it has lasted long enough, or somebody else has ended it.

        `holds` is whether the device shows it, None where that is not known.
        """
        return now - self.since > LONGEST or self.was_taken_away(now, holds=holds)

    def was_taken_away(self, now: float, *, holds: bool | None) -> bool:
        """Whether the device does not show it any more, though it had the time to."""
        return holds is False and now - self.since > SETTLES


def reserve_for(level: float | None, highest: float) -> float | None:
    """Return the reserve (%) that holds a battery at this level; None where none can."""
    if level is None or level < 0:
        return None
    wanted = float(-(-level // 1))  # rounded up: nothing of it is to be used
    return wanted if wanted <= highest else None
