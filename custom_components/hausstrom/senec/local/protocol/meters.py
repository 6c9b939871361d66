"""A hint that the meters are swapped: a house that gives power for long has none that does so.

The house power is made of the meters (sun + grid - battery). Where the grid meter sits the wrong way
round, or two of them are swapped, it is negative for hours.
"""

from typing import Final

NEGATIVE: Final = -50.0
"""W below which a house power is not noise."""
LASTING: Final = 15 * 60.0
"""Seconds for which it has to be so."""
CALM: Final = 6 * 3600.0
"""Seconds without a negative house power after which the hint is withdrawn."""


class SwappedMeters:
    """Watches the house power (W); `now` is seconds on a steady clock."""

    def __init__(self) -> None:
        """Begin without a suspicion."""
        self._negative_since: float | None = None
        self._negative_at = float("-inf")
        self.suspected = False

    def look(self, power: float | None, now: float) -> bool:
        """Take a house power (None: missing); return whether meters seem swapped."""
        if power is None:
            return self.suspected
        if power < NEGATIVE:
            if self._negative_since is None:
                self._negative_since = now
            self._negative_at = now
            if now - self._negative_since >= LASTING:
                self.suspected = True
        else:
            self._negative_since = None
            if now - self._negative_at >= CALM:
                self.suspected = False
        return self.suspected
