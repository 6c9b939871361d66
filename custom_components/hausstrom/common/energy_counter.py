"""Energy from power: counters that survive restarts, gaps and a change of source.

Pure: the clock and the storage are the caller's.
"""

from collections.abc import Mapping
from typing import Final

JOULES_PER_KWH: Final = 3_600_000.0
LONGEST_GAP: Final = 60.0


def trapezoid(before: float, after: float, seconds: float) -> float:
    """Return the energy (J) above zero between two samples of power (W).

    The power is taken to run straight from one sample to the other; where it crosses
    zero, only the part above counts, so that the two directions of a signed power never
    count the same moment.
    """
    if before >= 0 and after >= 0:
        return (before + after) / 2 * seconds
    if before <= 0 and after <= 0:
        return 0.0
    above, below = max(before, after), min(before, after)
    return above / 2 * seconds * above / (above - below)


class EnergyCounter:
    """A total in kWh that only rises.

    It follows the device's own counter while there is one, and integrates power while
    there is none; a change between the two adds nothing.
    """

    __slots__ = ("_device_total", "_fallen_from", "_longest_gap", "_sample", "total")

    def __init__(self, total: float = 0.0, *, longest_gap: float = LONGEST_GAP) -> None:
        """Begin at total (kWh); between samples further apart than longest_gap (s) nothing counts."""
        self.total = total
        self._longest_gap = longest_gap
        self._sample: tuple[float, float] | None = None
        self._device_total: float | None = None
        self._fallen_from: float | None = None

    def integrate(self, power: float | None, at: float) -> float:
        """Add what flowed since the last sample (W, at s on a steady clock); return the total.

        Missing power (None) is a gap; negative power counts as none.
        """
        sample, self._sample = self._sample, None if power is None else (power, at)
        self._device_total = None
        if sample is not None and power is not None:
            before, then = sample
            if 0 < at - then <= self._longest_gap:
                self.total += trapezoid(before, power, at - then) / JOULES_PER_KWH
        return self.total

    def follow(self, device_total: float) -> float:
        """Add what the device's own counter (kWh) rose by; return the total.

        The first value only marks where the device's counter stands, unless ours is still
        at zero: then it is taken over whole. A counter that fell begins anew, unless its
        next rise leads back to where it was: then it only stumbled, as devices do that
        show zero while they start.
        """
        self._sample = None
        before, self._device_total = self._device_total, device_total
        if before is None:
            self._fallen_from = None
            if self.total == 0:
                self.total = device_total
            elif device_total == 0:
                self._device_total = None  # no mark: the next value may be the real one
        elif device_total < before:
            self._fallen_from = max(before, self._fallen_from or 0.0)
        elif device_total > before:
            fallen_from, self._fallen_from = self._fallen_from, None
            if fallen_from is not None and device_total >= fallen_from:
                before = fallen_from
            self.total += device_total - before
        return self.total


class EnergyLedger:
    """The named counters of one device, in a form that can be stored."""

    def __init__(self, keys: tuple[str, ...], *, longest_gap: float = LONGEST_GAP) -> None:
        """Keep one counter per key."""
        self.counters: Final = {key: EnergyCounter(longest_gap=longest_gap) for key in keys}

    def restore(self, totals: Mapping[str, object]) -> None:
        """Go on from stored totals; what is no sensible total is left at zero."""
        for key, counter in self.counters.items():
            total = totals.get(key)
            if isinstance(total, int | float) and not isinstance(total, bool) and total > 0:
                counter.total = float(total)

    def totals(self) -> dict[str, float]:
        """Return the totals (kWh) by key."""
        return {key: counter.total for key, counter in self.counters.items()}
