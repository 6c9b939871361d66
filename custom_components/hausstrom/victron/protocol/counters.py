"""Energy counters that may fall: what of a fall is believed.

Home Assistant takes the fall of a `total_increasing` value for a new beginning at 0, and all of
the next value for new energy. A counter that says 0 for a moment (a driver that starts, a GX that
boots) and then its old value again would so put its whole life into one hour of the energy
dashboard. A VE.Bus system's counters do begin at 0 again, whenever it is switched on.
"""

from dataclasses import dataclass, field
from typing import Final

NOISE: Final = 0.001
"""kWh a counter may fall by the noise of its 32-bit float."""
RESET_SHARE: Final = 0.9
"""What stays above this share of the last value is no reset: a correction, which is waited out."""
SETTLE_TIME: Final = 60.0
"""Seconds after which a counter that began with 0 is believed to be new."""


@dataclass(slots=True)
class CounterGuard:
    """Lets through what a counter says, except a fall that may be taken back."""

    last: float | None = None
    """What was let through last."""
    fallen: float | None = field(default=None)
    """What the counter said after a fall, until it counts on from there."""
    _zero_since: float | None = None

    def accept(self, value: float, now: float) -> float | None:
        """Return what to show for a value; None while nothing can be said yet."""
        if self.last is None:
            return self._first(value, now)
        if value >= self.last - NOISE:
            self.fallen = None
            self.last = max(value, self.last)
        elif value >= self.last * RESET_SHARE:
            self.fallen = None
        elif self.fallen is None or value < self.fallen:
            self.fallen = value
        elif value > self.fallen:
            # It counts on from where it fell to: it did begin again.
            self.fallen = None
            self.last = value
        return self.last

    def _first(self, value: float, now: float) -> float | None:
        if value > 0:
            self.last = value
        elif self._zero_since is None:
            self._zero_since = now
        elif now - self._zero_since >= SETTLE_TIME:
            self.last = value
        return self.last

    @property
    def waiting(self) -> bool:
        """Whether a first 0 waits to be believed, without another message to come."""
        return self.last is None and self._zero_since is not None
