"""Energy counters that may fall: what of a fall is believed.

Home Assistant takes the fall of a `total_increasing` value for a new beginning at 0, and all of
the next value for new energy. A counter that says 0 for a moment (a driver that starts, a GX that
boots) and then its old value again would so put its whole life into one hour of the energy
dashboard. A VE.Bus system's counters do begin at 0 again, whenever it is switched on.
"""

from typing import Final

NOISE: Final = 0.001
"""kWh a counter may fall by the noise of its 32-bit float."""
RESET_SHARE: Final = 0.9
"""What stays above this share of the last value is no reset: a correction, which is waited out."""
SETTLE_TIME: Final = 60.0
"""Seconds after which a counter that began with 0 is believed to be new."""


LEAP_POWER: Final = 100.0
"""kW that no device of a home exceeds, where it does not say what it can do."""
LEAP_SLACK: Final = 1.0
"""kWh that a counter may rise in one step, whatever the time: some count whole ones."""
LEAP_MARGIN: Final = 2.0
"""How much more than its rating a device may have counted."""
LEAP_COUNTED: Final = 60.0
"""Seconds after which a leap is believed of a counter that has counted on from there."""
LEAP_STOOD: Final = 600.0
"""Seconds after which a leap is believed of a counter that stands still there."""


class CounterGuard:
    """Lets through what a counter says, except a fall that may be taken back, and a leap."""

    __slots__ = ("_at", "_leapt", "_zero_since", "fallen", "last", "rating", "resets")

    def __init__(self, *, resets: bool = False, rating: float | None = None) -> None:
        """Take what is known of the counter and its device.

        `resets`: it begins at 0 each day or with each charge; its falls are right.
        `rating` is what the device can do (kW).
        """
        self.resets = resets
        self.rating = rating
        self.last: float | None = None
        """What was let through last."""
        self.fallen: float | None = None
        """What the counter said after a fall, until it counts on from there."""
        self._at = 0.0
        self._zero_since: float | None = None
        self._leapt: tuple[float, float] | None = None
        """What a counter that leapt said, and when."""

    def accept(self, value: float, now: float) -> float | None:
        """Return what to show for a value; None while nothing can be said yet."""
        if self.last is None:
            return self._first(value, now)
        if value >= self.last - NOISE:
            self.fallen = None
            if self._may_rise(value, now):
                self._pass(max(value, self.last), now)
            return self.last
        self._leapt = None
        if self.resets:
            self._pass(value, now)
        elif value >= self.last * RESET_SHARE:
            self.fallen = None
        elif self.fallen is None or value < self.fallen:
            self.fallen = value
        elif value > self.fallen:
            # It counts on from where it fell to: it did begin again.
            self.fallen = None
            self._pass(value, now)
        return self.last

    def _pass(self, value: float, now: float) -> None:
        if value != self.last:
            self._at = now
        self.last = value

    def _may_rise(self, value: float, now: float) -> bool:
        """Return whether a value is no leap, or one that has proved to be true."""
        assert self.last is not None  # noqa: S101  accept looked
        if value - self.last <= self._most(now - self._at):
            self._leapt = None
            return True
        if self._leapt is None or not 0 <= value - self._leapt[0] <= self._most(
            now - self._leapt[1]
        ):
            self._leapt = (value, now)
            return False
        counted = value > self._leapt[0]
        if now - self._leapt[1] < (LEAP_COUNTED if counted else LEAP_STOOD):
            return False
        self._leapt = None
        return True

    def _most(self, seconds: float) -> float:
        power = LEAP_POWER if self.rating is None else min(LEAP_POWER, LEAP_MARGIN * self.rating)
        return LEAP_SLACK + power * max(0.0, seconds) / 3600

    def _first(self, value: float, now: float) -> float | None:
        if value > 0 or self.resets:
            self._pass(value, now)
        elif self._zero_since is None:
            self._zero_since = now
        elif now - self._zero_since >= SETTLE_TIME:
            self._pass(value, now)
        return self.last

    @property
    def waiting(self) -> bool:
        """Whether a value waits to be believed, without another message to come."""
        return self._leapt is not None or (self.last is None and self._zero_since is not None)
