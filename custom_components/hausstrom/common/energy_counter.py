"""Energy from power: counters that survive restarts, gaps, leaps and a change of source.

Pure: the clock and the store are the caller's.
"""

from collections.abc import Mapping
from typing import Final

JOULES_PER_KWH: Final = 3_600_000.0
LONGEST_GAP: Final = 60.0
MOST_POWER: Final = 100_000.0
"""W: what no device of a home moves, where nothing better is known of it."""
MOST_TOTAL: Final = 1e8
"""kWh: what no home has moved in all its life; a stored total beyond it is none."""
CONFIRMATIONS: Final = 3
"""Readings in a row that go on from a leap before the counter follows it."""


def trapezoid(before: float, after: float, seconds: float) -> float:
    """Return the energy (J) above zero between two samples of power (W).

    The mean of what lies above zero in both samples. Where a power crosses zero this counts more
    than a straight line would, and where it peaks, less: over many samples both cancel, whatever
    the power does in between. A straight line counts too little of a power that trembles around
    zero, as that of a grid does which a battery holds at zero. The difference of both directions
    is that of the signed power, exactly.
    """
    return (max(before, 0.0) + max(after, 0.0)) / 2 * seconds


class EnergyCounter:
    """A total in kWh that only rises, and by no more than its device can move.

    It follows the device's own counter while there is one, and integrates power while
    there is none; a change between the two adds nothing.
    """

    __slots__ = (
        "_at",
        "_device_total",
        "_fallen_from",
        "_leapt_to",
        "_longest_gap",
        "_most_power",
        "_sample",
        "_seen",
        "total",
    )

    def __init__(
        self,
        total: float = 0.0,
        *,
        longest_gap: float = LONGEST_GAP,
        most_power: float = MOST_POWER,
    ) -> None:
        """Begin at total (kWh); between samples further apart than longest_gap (s) nothing counts.

        most_power (W) is what the device can move at most.
        """
        self.total = total
        self._longest_gap = longest_gap
        self._most_power = most_power
        self._sample: tuple[float, float] | None = None
        self._device_total: float | None = None
        self._at: float | None = None
        self._fallen_from: float | None = None
        self._leapt_to: float | None = None
        self._seen = 0

    def integrate(self, power: float | None, at: float) -> float:
        """Add what flowed since the last sample (W, at s on a steady clock); return the total.

        Missing power (None) is a gap; negative power counts as none; more than the device can
        move is no power.
        """
        if power is not None and not -self._most_power <= power <= self._most_power:
            power = None
        sample, self._sample = self._sample, None if power is None else (power, at)
        self._device_total = None
        if sample is not None and power is not None:
            before, then = sample
            if 0 < at - then <= self._longest_gap:
                self.total += trapezoid(before, power, at - then) / JOULES_PER_KWH
        return self.total

    def follow(self, device_total: float, at: float | None = None) -> float:
        """Add what the device's own counter (kWh) rose by until `at` (s); return the total.

        The first value only marks where the device's counter stands, unless ours is still
        at zero: then it is taken over whole. A first 0 is no start. A counter that fell begins
        anew, unless its next rise leads back to where it was: then it only stumbled, as devices
        do that show zero while they start. A rise beyond what the device can move is held until
        the next readings go on from there; then it is the new mark, and adds nothing.
        """
        self._sample = None
        before = self._device_total
        if before is None:
            self._mark(device_total or None, at)
            self._fallen_from = None
            if self.total == 0:
                self.total = device_total
            return self.total
        if device_total < before:
            if self._leapt_to is not None:
                self._leapt_to = None  # back from the leap: it never was
            self._fallen_from = max(before, self._fallen_from or 0.0)
            self._mark(device_total, at)
        elif device_total > before:
            start = before
            if self._fallen_from is not None and device_total >= self._fallen_from:
                start = self._fallen_from
            if self._is_leap(device_total - start, at):
                self._hold(device_total, at)
            else:
                self._leapt_to = None
                self._fallen_from = None
                self.total += device_total - start
                self._mark(device_total, at)
        else:
            self._leapt_to = None
            self._at = at
        return self.total

    def _mark(self, device_total: float | None, at: float | None) -> None:
        self._device_total, self._at = device_total, at

    def _is_leap(self, rise: float, at: float | None) -> bool:
        """Tell whether a rise (kWh) is more than the device can move in the time it had."""
        if at is None or self._at is None:
            return False
        # A minute more than passed: a device may write its counters in steps of its own.
        seconds = max(0.0, at - self._at) + 60.0
        return rise * JOULES_PER_KWH > self._most_power * seconds

    def _hold(self, device_total: float, at: float | None) -> None:
        if self._leapt_to is not None and device_total >= self._leapt_to:
            self._seen += 1
        else:
            self._seen = 1
        self._leapt_to = device_total
        if self._seen >= CONFIRMATIONS:
            self._leapt_to = None
            self._fallen_from = None
            self._mark(device_total, at)


class EnergyLedger:
    """The named counters of one device, in a form that can be stored."""

    def __init__(
        self,
        keys: tuple[str, ...],
        *,
        longest_gap: float = LONGEST_GAP,
        most_power: float = MOST_POWER,
    ) -> None:
        """Keep one counter per key."""
        self.counters: Final = {
            key: EnergyCounter(longest_gap=longest_gap, most_power=most_power) for key in keys
        }

    def restore(self, totals: Mapping[str, object]) -> None:
        """Go on from stored totals; what is no sensible total is left where it is.

        May be called again with what the recorder holds: a total never resumes below what was
        once shown, since that fall would be booked as the reset of a meter.
        """
        for key, counter in self.counters.items():
            total = totals.get(key)
            if (
                isinstance(total, int | float)
                and not isinstance(total, bool)
                and counter.total < total < MOST_TOTAL
            ):
                counter.total = float(total)

    def totals(self) -> dict[str, float]:
        """Return the totals (kWh) by key."""
        return {key: counter.total for key, counter in self.counters.items()}
