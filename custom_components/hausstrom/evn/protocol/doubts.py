"""What of a telegram waits for the next one by itself: a voltage, a current, a power factor.

The gates hold back whole telegrams, and may not do so often. A voltage that moves alone by
half a volt is seen in every tenth telegram of a healthy house, and is what two flipped bits
look like too. Nobody needs it at once: it is left out of this reading, and shown with the
next telegram, which is compared with this one. Power and energy wait in one case only:
where three telegrams in a row are unlike each other, and the third is shown all the same.
"""

from typing import Final

from .habits import CURRENTS, FACTOR, HABITS, VOLTAGES, GatedQuantity
from .sample import REGISTERS, Sample

_PLACES: Final = (VOLTAGES, CURRENTS, FACTOR)
_FLOORS: Final = (0.15, 0.25, 0.05)
"""What moves by so little is never in doubt: the last digits of what a meter sends."""
_STARTS: Final = (0.35, 1.6, 0.2)
"""The bounds as long as nothing was learned."""
_RISE: Final = 1.05
_FALL: Final = 1.0 - 0.05 * 0.1
"""A bound settles where ten of a hundred telegrams exceed it."""
_STEP: Final = 8
"""Calm telegrams after which the bounds follow."""
_MOST: Final = 2
"""So many telegrams in a row something may be left out of; then it is shown in any case."""

_CLOCK: Final = "meter_time"
_POWER: Final = "power"
_MUCH: Final = 4.0
_LATE_BY: Final = 3.0
"""Seconds that a telegram may be under way longer than the one before."""
_USUAL_PACES: Final = frozenset({1.0, 5.0, 6.0, 10.0, 30.0, 60.0, 900.0})
_NAMED: Final = (
    GatedQuantity.VOLTAGE,
    GatedQuantity.CURRENT,
    GatedQuantity.POWER_FACTOR,
    GatedQuantity.POWER,
)
"""What keys begin with; a power factor is no power."""


class Doubts:
    """Says what is left out, and learns how restless this house is."""

    def __init__(self) -> None:
        """Begin with what is usual anywhere."""
        self._bounds = _STARTS
        self._times = (0, 0, 0)
        self._calm = 0
        """Telegrams in a row that gave no reason; the bounds follow them in steps."""

    def of(self, scores: list[float], now: Sample) -> tuple[str, ...]:
        """Return the keys that wait for the next telegram; scores as those of the gates."""
        first, second, third = self._bounds
        if (
            self._calm < _STEP
            and scores[VOLTAGES] <= first
            and scores[CURRENTS] <= second
            and scores[FACTOR] <= third
        ):
            # The usual case.
            self._calm += 1
            return ()
        fall = _FALL ** (self._calm + 1)
        bounds: list[float] = []
        times: list[int] = []
        doubt = False
        known = (0, 0, 0) if self._calm else self._times
        for place, bound, before, floor in zip(_PLACES, self._bounds, known, _FLOORS, strict=True):
            if scores[place] <= bound:
                bounds.append(max(bound * fall, floor))
                times.append(0)
                continue
            bounds.append(bound * _RISE)
            times.append(0 if before >= _MOST else before + 1)
            doubt = doubt or before < _MOST
        self._calm = 0
        self._bounds = (bounds[0], bounds[1], bounds[2])
        self._times = (times[0], times[1], times[2])
        # Two bits that compensate change two places: all that waits waits together.
        return now.details if doubt else ()


def much_unlike(
    now: Sample, scores: list[float], bounds: list[float], before: list[float]
) -> tuple[str, ...]:
    """Return the keys that wait when three telegrams in a row are unlike each other.

    The third is shown, so that nothing is silenced; but for what is far more unlike the
    second than that was unlike the first (`before`: its scores).
    """
    odd = {
        habit.quantity
        for habit, score, bound, usual in zip(HABITS, scores, bounds, before, strict=True)
        if score > max(bound, _MUCH * usual) and not habit.level
    }
    if GatedQuantity.POWER in odd:
        # A power that leaps explains a current that leaps along: neither is shown.
        odd |= {GatedQuantity.CURRENT, GatedQuantity.POWER_FACTOR}
    # The power of both directions is made of the two, and waits with them.
    return tuple([key for key in (_CLOCK, _POWER, *now.values) if _quantity_of(key) in odd])


def _quantity_of(key: str) -> GatedQuantity | None:
    if key == _CLOCK:
        return GatedQuantity.CLOCK
    for quantity in _NAMED:
        if key.startswith(quantity.value):
            return quantity
    return GatedQuantity.ENERGY if key in REGISTERS else None


def of_the_clock(now: Sample, first: Sample) -> tuple[str, ...]:
    """Return the key of the clock, unless it moved as clocks do between the first two telegrams.

    Those go with ours, by a usual interval, or not at all.
    """
    if now.time is None or first.time is None:
        return ()
    shown = now.time - first.time
    goes = (
        shown == 0
        or abs(shown - (now.received - first.received)) <= _LATE_BY
        or shown / max(now.counter - first.counter, 1) in _USUAL_PACES
    )
    return () if goes else (_CLOCK,)
