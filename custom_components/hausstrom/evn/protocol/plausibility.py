"""The gates between a telegram that is well formed and one that is believed.

A gate may delay what is odd; it may not silence what persists. Damage does not repeat, the
world does: what breaks a habit of this house (`habits`) is held back until the next
telegram tells the same, or the third in a row whatever it tells. Where energy is at stake
three must agree. Only one thing is never believed: a register that falls under the same
title and number. It keeps its last stand, and the rest of the telegram is read.
What was held back was right in nearly all cases, and is five seconds late.
"""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from .doubts import Doubts, much_unlike, of_an_odd_clock, of_the_clock
from .growth import creep, falls, goes_on, is_repeated, leaps, same_meter
from .habits import HABITS, STILL, STILL_FLOORS, GatedQuantity, scores_of
from .notification import Number
from .sample import REGISTERS, Sample, without
from .usual import SAME_LEVEL, calm_bounds, usual_scores

EXCHANGE: Final = 3
"""Telegrams that must agree before a change is believed that only a new meter explains."""

REPEATED: Final = 2
"""Telegrams that must agree before something unusual is believed."""

_AT_ONCE: Final = 0.2
"""Seconds within which telegrams come at once; no meter sends so often."""

FALLS: Final = "a register never falls"
LEAPS: Final = "a register grows by what flows"
_FIRST: Final = "the first telegram waits for one that agrees"

_QUANTITIES: Final = {
    **{habit.name: habit.quantity for habit in HABITS},
    FALLS: GatedQuantity.ENERGY,
    LEAPS: GatedQuantity.ENERGY,
}
_NAMES: Final = tuple(habit.name for habit in HABITS)
_FLOORS: Final = tuple(habit.floor for habit in HABITS)
_ROWS: Final = tuple(
    (habit.name, habit.floor, habit.level, habit.quantity is GatedQuantity.CLOCK)
    for habit in HABITS
)
_LEVELS: Final = tuple(habit.level for habit in HABITS)
_STARTS: Final = tuple(habit.start for habit in HABITS)
_CLOCKS: Final = tuple(clock for _, _, _, clock in _ROWS)
_TOGETHER: Final = "nothing is rather unusual in several places at once"

_WARM_UP: Final = 60
"""Telegrams that only teach (five minutes)."""
_SETTLED: Final = 2_000
_HASTE: Final = 2.0
"""How much faster a bound falls until then."""
_RISE: Final = 1.2
_RISE_IN_NOISE: Final = 1.1
"""What is odd while bytes are lost is less of a habit."""
_FALL: Final = math.log(_RISE) / 1_000
_SLOW, _FAST = (
    tuple(1 - fall * habit.held for habit in HABITS) for fall in (_FALL, _FALL * _HASTE)
)
"""What a bound falls to with a telegram that does not exceed it."""
_ALIKE: Final = [0.0] * len(HABITS)
_PROBATION: Final = 0.75


def quantity_of(gate: str) -> GatedQuantity:
    """Return what a gate looks at that held telegrams back."""
    return _QUANTITIES.get(gate, GatedQuantity.SEVERAL)


class Suspicion(NamedTuple):
    """Why a telegram is not used."""

    gate: str
    patience: int
    """How many telegrams must tell the same before it is believed."""


class Judgement(NamedTuple):
    """What becomes of a telegram."""

    suspicion: Suspicion | None = None
    """What stands against it; None: it is believed."""
    without: tuple[str, ...] = ()
    """Keys of registers that are left out of what is believed, since they fell."""
    late: tuple[str, ...] = ()
    """Keys that are left out this time, until the next telegram tells the same."""


_BELIEVED: Final = Judgement()


class MeterMemory(NamedTuple):
    """What is kept beside the entry, so that the first telegram is judged by it."""

    stands: Mapping[str, Number]
    """Wh (varh) by key."""
    received: float
    number: str | None
    bounds: tuple[float, ...]
    """What is usual in this house; empty as long as it is not known."""
    waited: int = 0
    """Telegrams that were held back since the last one that was believed."""


class Plausibility:
    """Decides for each telegram of one meter whether it is believed."""

    def __init__(self, memory: MeterMemory | None = None) -> None:
        """`memory`: what was known before the last stop."""
        self._last: Sample | None = None
        self._before: Sample | None = None
        self._bounds = list(_FLOORS)
        self._levels = [0.0] * len(HABITS)
        self._heard = 0
        self._held: Sample | None = None
        self._held_times = 0
        self._low: Sample | None = None
        self._doubts = Doubts()
        self._late: tuple[str, ...] = ()
        self._reference: Sample | None = None
        self._unlike = _ALIKE
        self._waited = 0
        """Telegrams held back in a row, here or before they came here, also before a stop."""
        self._waited_at = 0.0
        self.fallen_since: float | None = None
        """When a register began to show less than before; None: it does not."""
        self.probation = False
        if memory is not None:
            self._remember(memory)

    def _remember(self, memory: MeterMemory) -> None:
        self._waited = memory.waited
        if len(memory.bounds) == len(HABITS):
            self._bounds = [max(pair) for pair in zip(memory.bounds, _FLOORS, strict=True)]
            self._heard = _WARM_UP
        if memory.stands:
            self._before = Sample(memory.stands, 0, 0, None, memory.received, number=memory.number)

    @property
    def last(self) -> Sample | None:
        """The last telegram that was believed."""
        return self._last

    @property
    def memory(self) -> MeterMemory | None:
        """What the next start should know; None as long as nothing was believed, nor held back."""
        last = self._last or self._before
        if last is None:
            return MeterMemory({}, 0.0, None, (), self._waited) if self._waited else None
        stands = {
            key: stand
            for key, stand in zip(REGISTERS, last.stands, strict=True)
            if not math.isnan(stand)
        }
        settled = tuple(self._bounds) if self._heard > _WARM_UP else ()
        return MeterMemory(stands, last.stood, last.number, settled, self._waited)

    def wait(self, received: float) -> None:
        """Note that a telegram that may be right was held back, for whatever reason.

        Of several that come at once, as a broker plays the past, one counts.
        """
        if received - self._waited_at >= _AT_ONCE:
            self._waited, self._waited_at = self._waited + 1, received

    @property
    def waited_enough(self) -> bool:
        """Whether so many were held back in a row that the next one is believed, if it can be."""
        return self._waited >= EXCHANGE

    def noise(self) -> None:
        """Note that bytes were lost or changed on the line: what is odd is odder now."""
        self.probation = True
        self._held_times = min(self._held_times, 1)
        self._waited = min(self._waited, 1)

    def doubt(self) -> None:
        """Begin again: the next telegram waits for one that agrees, as after any start."""
        self._before = self._last or self._before
        self._last = None
        self.forget_held()

    def forget_held(self) -> None:
        """Drop what was held back: what comes now looks different altogether."""
        self._held, self._held_times = None, 0

    def judge(self, now: Sample) -> Judgement:
        """Say whether a telegram is believed, and without which registers."""
        self._late = ()
        last = self._last or self._before
        if last is None:
            return self._hold_first(now)
        if now.number != last.number and not same_meter(now, last) and self._last is not None:
            # Another number: the telegrams themselves had to be repeated before they came here.
            return self._believe(now)
        if now.stands == last.stands or creep(now, last):
            return self._judge(now, last)
        if falls(now.stands, last.stands) and same_meter(now, last):
            return self._fallen(now, last)
        return self._judge(now, last, too_fast=leaps(now, last))

    def _judge(self, now: Sample, last: Sample, *, too_fast: bool = False) -> Judgement:
        suspicion = None
        if too_fast and same_meter(now, last):
            suspicion = Suspicion(LEAPS, REPEATED if now.proven else EXCHANGE)
        elif self._last is None:
            return self._hold_first(now)
        elif not now.proven:
            suspicion = self._suspect(now, last)
        if suspicion is not None and not self._confirmed(now, suspicion):
            return Judgement(suspicion)
        return self._believe(now)

    def _believe(self, now: Sample) -> Judgement:
        late = self._late
        if late and (stands := [key for key in late if key in REGISTERS]):
            known = self._last or self._before or self._reference
            now = now if known is None else without(now, known, stands)
        self._held, self._held_times, self._waited = None, 0, 0
        self._last = now
        self.probation = False
        if self._low is not None and now.stood == now.received:
            self._low, self.fallen_since = None, None
        return Judgement(None, (), late) if late else _BELIEVED

    def _hold_first(self, now: Sample) -> Judgement:
        """Wait until two telegrams agree: the first is as doubtful as any."""
        held = self._held
        if now.proven or (
            held is not None and held.counter == now.counter and is_repeated(now, held)
        ):
            return self._believe(now)
        suspicion = Suspicion(_FIRST, REPEATED)
        if not self._confirmed(now, suspicion):
            return Judgement(suspicion)
        return self._believe(now)

    def _fallen(self, now: Sample, last: Sample) -> Judgement:
        """Leave out registers that show less than before, once they do so for a while."""
        keys = [
            key
            for key, stand, before in zip(REGISTERS, now.stands, last.stands, strict=True)
            if stand < before
        ]
        low = self._low
        if low is None or not goes_on(now, low):
            suspicion = Suspicion(FALLS, EXCHANGE)
            if not self._confirmed(now, suspicion):
                return Judgement(suspicion)
            self.fallen_since = now.received if self.fallen_since is None else self.fallen_since
        self._low = now
        rest = without(now, last, keys)
        too_fast = leaps(rest, last)
        if self.waited_enough and not too_fast:
            return self._believe(rest)._replace(without=tuple(keys))
        judgement = self._judge(rest, last, too_fast=too_fast)
        return judgement if judgement.suspicion else judgement._replace(without=tuple(keys))

    def _suspect(self, now: Sample, last: Sample) -> Suspicion | None:
        """Return the first habit that is broken, and learn from the scores."""
        self._heard += 1
        scores = usual_scores(now, last) or scores_of(now, last)
        if now.checked and self._bounds[:STILL] == STILL_FLOORS and not any(scores):
            self._levels = scores  # nothing is odd, nor was, and nothing else is looked at
            return None
        if self._heard <= _WARM_UP:
            strange = [
                name
                for name, score, start, bound, level, usual in zip(
                    _NAMES, scores, _STARTS, self._bounds, _LEVELS, self._levels, strict=True
                )
                if score > max(start, bound) and not (level and score <= usual * SAME_LEVEL)
            ]
            if not strange:
                self._bounds = [max(b, 1.5 * s) for b, s in zip(self._bounds, scores, strict=True)]
            else:
                self._bounds = [
                    max(bound, _RISE * score) if clock else bound
                    for bound, score, clock in zip(self._bounds, scores, _CLOCKS, strict=True)
                ]
        else:
            strange = self._compare(scores)
        if self._doubts.weigh(
            scores, now, last, self._bounds, _PROBATION if self.probation else 1.0
        ):
            strange.append(_TOGETHER)
        # What repeats itself is not held back again.
        self._doubts.learn(scores, now, bool(strange) and self._held is None)
        if not strange:
            self._levels = scores
            self._late = self._doubts.late(now)
            if self._heard <= _WARM_UP:
                self._late += of_an_odd_clock(now)
            return None
        return Suspicion(strange[0], REPEATED)

    def _compare(self, scores: list[float]) -> list[str]:
        """Name the habits that a telegram breaks, and let their bounds follow.

        A bound rises by a fifth when it is exceeded and falls a little when it is not, so
        that it settles where the gate holds back as many good telegrams as it may.
        """
        strictness = _PROBATION if self.probation else 1.0
        rise = _RISE_IN_NOISE if self.probation else _RISE
        falls = _SLOW if self._heard > _SETTLED else _FAST
        calm = calm_bounds(scores, self._bounds, self._levels, falls, strictness)
        if calm is not None:
            self._bounds = calm
            return []
        strange: list[str] = []
        bounds: list[float] = []
        for (name, floor, level, clock), score, bound, usual, fall in zip(
            _ROWS, scores, self._bounds, self._levels, falls, strict=True
        ):
            if score:
                if level and score <= usual * SAME_LEVEL:
                    bounds.append(bound)
                    continue
                if score > floor and score > bound * strictness:
                    strange.append(name)
                    # A clock that was odd of late is odd by habit, and only describes the rest.
                    again = clock and bound > floor and not self.probation
                    bounds.append(score * rise if again else bound * rise)
                    continue
            bounds.append(max(bound * fall, floor))
        self._bounds = bounds
        return strange

    def _confirmed(self, now: Sample, suspicion: Suspicion) -> bool:
        """Whether the telegrams held back before tell the same as this one.

        Two that agree; three in a row, with nothing damaged between them, need not. No more than
        three are held back in a row, whatever each of them was held back for.
        """
        held, self._held = self._held, now
        now.earlier = now.apart  # what was before is no measure for what comes after
        if held is None or not goes_on(now, held):
            self._held_times = 1
            self._unlike = _ALIKE
            return held is None and self.waited_enough and suspicion.patience < EXCHANGE
        self._held_times += 1
        first = suspicion.gate == _FIRST
        if first:
            self._doubts.begin(held)
        scores = scores_of(now, held)
        strange = self._doubts.weigh(scores, now, held, self._bounds)
        bounds = self._bounds
        if self._heard <= _WARM_UP:
            bounds = [max(pair) for pair in zip(bounds, _STARTS, strict=True)]
        unlike, self._unlike = self._unlike, scores
        agree = not (first and strange) and all(
            score <= bound
            or (level and not (first and score > SAME_LEVEL * habit.score(held, held)))
            for habit, score, bound, level in zip(HABITS, scores, bounds, _LEVELS, strict=True)
        )
        patience = suspicion.patience if agree else EXCHANGE
        if self._held_times < patience and not self.waited_enough:
            return False
        self._doubts.confirm()
        late = self._doubts.late(now)
        if first:
            late += of_the_clock(now, held)
        self._reference = held
        if not agree:
            late += much_unlike(now, scores, bounds, unlike)
        self._late = late
        # What is confirmed is usual from now on, if it lasts; a single step leaves no trace.
        self._bounds = [max(_RISE * s, b) for s, b in zip(scores, self._bounds, strict=True)]
        self._levels = scores
        return True
