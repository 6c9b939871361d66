"""What of a telegram waits for the next one by itself: a voltage, a current, a power factor.

The gates hold back whole telegrams, and may not do so often. A voltage that moves alone by
half a volt is seen in every tenth telegram of a healthy house, and is what two flipped bits
look like too. Nobody needs it at once: it is left out of this reading, and shown with the
next telegram, which is compared with this one. Power and energy wait in one case only:
where three telegrams in a row are unlike each other, and the third is shown all the same.

Two flipped bits change two values a little, and a house changes one of them much: so what is
unusual is added up, and of each the logarithm (that of a density with long tails), not the
size. At the same share of refusals that leaves about a fifth fewer than a bound for each alone.
"""

from math import log1p
from typing import Final

from .habits import (
    AGREEMENT,
    BALANCE,
    CURRENTS,
    FACTOR,
    FOLLOWING,
    HABITS,
    VOLTAGES,
    GatedQuantity,
)
from .sample import REGISTERS, Sample

_PLACES: Final = (VOLTAGES, CURRENTS, FACTOR, AGREEMENT, BALANCE)
_STARTS: Final = (0.45, 0.7, 0.15, 0.6, 0.7)
"""The scales as long as nothing was learned: what 15 of 100 telegrams exceed."""
_FLOORS: Final = (0.3, 0.5, 0.05, 0.4, 0.5)
_WIDER: Final = 1.06
_NARROWER: Final = _WIDER ** (-15 / 85)
_HASTE: Final = 40
"""Telegrams that change the scales; later it is one of eight (a mask of bits)."""
_STEP: Final = 7
_VAGUE: Final = 2.0
"""Where power and currents are further apart as a rule, that tells nothing."""
_AT_MOST: Final = 1.75
"""The largest of the weights below, against that of the same quantity for what waits."""
_LOAD: Final = 0.02
"""W by which a VA that is switched on may add to that."""
_OUTSIDE: Final = 2.0
_SAME: Final = 1.2
_CONTRADICTION: Final = 0.1
"""Wh by which the registers are unlike the power, of as much weight."""

_WAIT_FIRST: Final = 3.0
"""Where the details of the second telegram wait, which shows them for the first time."""
_WAIT_STARTS: Final = (4.0, 4.0, 2.2, 1.6)
"""Where they wait from then on: with none, one, two or three kinds of them."""
_HOLD_START: Final = 3.0
_LEAST: Final = 1.0
"""What adds up to so little is never in doubt."""
_LEAST_UNREST: Final = 2.0
_WAITING: Final = (0.048, 0.062)
"""The share of telegrams whose details may wait for each kind (U, I, cos phi): of one phase, of three."""
_HOLDING: Final = 0.0085
"""The share of telegrams that may be held back by all gates; those of one habit come first."""
_RENEWED: Final = 1.1
_FADING: Final = 0.98
_GONE: Final = 0.01
_WAIT_PACE: Final = 0.015
_HOLD_PACES: Final = (0.3, 0.1)
_SETTLED: Final = 2_000
"""Telegrams after which the bound of what is held back follows slowly."""
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
        self._scales = list(_STARTS)
        self._heard = self._followed = 0
        self._most_waiting, self._most = _WAIT_FIRST, _HOLD_START
        self._doubtful = False
        self._unrest = 0.0
        self._slack = 0.0
        """What `_most` is exceeded by without a doubt, after a house was unlike itself."""
        self._size = 0
        self._share = 0.0
        self._usual_start = _WAIT_STARTS[0]
        self._times = 0
        """Telegrams in a row whose details were left out."""

    def begin(self, first: Sample) -> None:
        """Note how far power and currents of this meter are apart, and what it sends."""
        if not self._heard:
            u, i, f, a, b = _STARTS
            self._scales = [u, i, f, max(abs(first.apart) / first.coarseness, a), b]
            self._look_at(first)
            self._most_waiting = _WAIT_FIRST

    def _look_at(self, now: Sample) -> None:
        """Set which share of telegrams may wait: the more kinds of details, the more."""
        kinds = len({key.partition("_l")[0] for key in now.details})
        self._share = _WAITING[len(now.voltages) > 1] * kinds
        self._most_waiting = self._usual_start = _WAIT_STARTS[kinds]
        self._size = len(now.values)

    def weigh(
        self,
        scores: list[float],
        now: Sample,
        last: Sample,
        bounds: list[float],
        strictness: float = 1.0,
    ) -> bool:
        """Return whether a telegram is too unusual in all to be believed at once.

        `bounds`: of the gates.
        """
        u, i, f, a, b = self._scales
        u, i, f = scores[VOLTAGES] / u, scores[CURRENTS] / i, scores[FACTOR] / f
        voltages, currents, factor = log1p(u * u), log1p(i * i), log1p(f * f)
        b = scores[BALANCE] / b
        moved = log1p(b * b)
        if a < _VAGUE:
            apart = scores[AGREEMENT] / (1.0 + _LOAD * now.event / now.coarseness)
            usual = abs(last.apart) / last.coarseness
            if usual > _OUTSIDE * a:
                apart = max(apart - _SAME * usual, 0.0)  # what lasts is no damage
            apart /= a
            apart = log1p(apart * apart)
            waiting = voltages + 1.3 * currents + 0.45 * factor + apart + 0.35 * moved
        else:
            apart = None
            waiting = voltages + 1.4 * currents + 0.4 * factor + moved
        self._doubtful = waiting > self._most_waiting
        self._unrest = 0.0
        contradiction = scores[FOLLOWING]
        if not contradiction and _AT_MOST * waiting <= self._most * strictness:
            return False  # the usual case: it cannot be more than that
        if apart is None:
            unrest = 0.25 * (voltages + factor) + 0.8 * currents + 1.7 * moved
        else:
            unrest = 0.25 * (voltages + moved) + 0.2 * currents + 0.4 * factor + 1.75 * apart
        if contradiction:
            unrest += 1.7 * log1p((contradiction / max(_CONTRADICTION, bounds[FOLLOWING])) ** 2)
        self._unrest = unrest
        return unrest > (self._most + self._slack) * strictness

    def confirm(self) -> None:
        """Let pass for a while what was as unusual as the one weighed last, and was believed."""
        self._slack = max(self._slack, _RENEWED * self._unrest - self._most)
        if not self._heard:
            self._most_waiting = self._usual_start

    def learn(self, scores: list[float], now: Sample, held: bool) -> None:
        """Follow what was weighed last; `held`: whether any gate is closed to it.

        The bounds settle where as many telegrams are held back, and of as many details wait,
        as may be, the scales where 15 of 100 exceed them.
        """
        heard = self._heard = self._heard + 1
        waits = self._doubtful
        often = not heard & _STEP or heard < _HASTE
        if not (often or waits or held):
            return  # the usual case: what falls falls in steps
        if len(now.values) != self._size:
            self._look_at(now)
        passed = heard - self._followed
        self._followed = heard
        pace = _HOLD_PACES[heard > _SETTLED]
        self._most = max(self._most + pace * (held - passed * _HOLDING), _LEAST_UNREST)
        self._most_waiting = max(
            self._most_waiting + _WAIT_PACE * (waits - passed * self._share), _LEAST
        )
        if self._slack:
            self._slack = self._slack * _FADING**passed if self._slack > _GONE else 0.0
        if often:
            self._scales = [
                scale * _WIDER if scores[place] > scale else max(scale * _NARROWER, floor)
                for scale, place, floor in zip(self._scales, _PLACES, _FLOORS, strict=True)
            ]

    def late(self, now: Sample) -> tuple[str, ...]:
        """Return the keys that wait for the next telegram, of the one that was weighed."""
        if not self._doubtful or self._times >= _MOST:
            self._times = 0
            return ()
        self._times += 1
        now.earlier = now.apart  # if that lasts it is what comes next is compared with
        # Two bits that compensate change two places: all that waits waits together.
        return now.details


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
    if odd & {GatedQuantity.POWER, GatedQuantity.CURRENT}:
        # A power that leaps explains a current that leaps along: neither is shown.
        odd |= {GatedQuantity.POWER, GatedQuantity.CURRENT, GatedQuantity.POWER_FACTOR}
    # The power of both directions is made of the two, and waits with them.
    return tuple([key for key in (_CLOCK, _POWER, *now.values) if _quantity_of(key) in odd])


def _quantity_of(key: str) -> GatedQuantity | None:
    if key == _CLOCK:
        return GatedQuantity.CLOCK
    for quantity in _NAMED:
        if key.startswith(quantity.value):
            return quantity
    return GatedQuantity.ENERGY if key in REGISTERS else None


def of_an_odd_clock(now: Sample) -> tuple[str, ...]:
    """Return the key of the clock of a telegram that came out of step, as long as little is known.

    A second changed in both clocks of a telegram is no reason to hold back its values.
    """
    return (_CLOCK,) if now.odd_pace is not None else ()


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
