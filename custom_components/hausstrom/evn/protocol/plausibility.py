"""The gates between a telegram that is well formed and one that is believed.

There is no tag in these telegrams: two flipped bits that compensate in an 8-bit sum pass
every check before. What is left is what a house can do. Some gates are laws (a register
never falls); the others compare a telegram with the habits of this meter in this house,
which are learned: how far the voltages drift apart within five seconds, how well power and
currents agree, how the registers follow the power. A telegram that breaks a habit is held
back once. When the next one tells the same, the change was real, five seconds late.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import lt
from typing import Final, NamedTuple

from .notification import Number

EXCHANGE: Final = 3
"""Telegrams that must agree before a change is believed that only a new meter explains."""

REPEATED: Final = 2
"""Telegrams that must agree before something unusual is believed."""

_MOST_POWER: Final = 100_000
_MOST_CURRENT: Final = 200
_LEAST_VOLTAGE: Final = 100
_MOST_VOLTAGE: Final = 300
_SMALL_POWER: Final = 1_000
_REGISTERS: Final = (
    "energy_import",
    "energy_export",
    "reactive_energy_import",
    "reactive_energy_export",
)
_MISSING: Final = (math.nan,) * len(_REGISTERS)
_PHASES: Final = tuple((f"voltage_l{n}", f"current_l{n}") for n in (1, 2, 3))
_IMPEDANCE: Final = 0.6  # ohm; more than any house has between itself and the transformer
_PERIOD: Final = 5.0  # s between telegrams
_STEADY: Final = 15.0  # s; between telegrams further apart the power is unknown
_CLOCK_SET: Final = 600.0


@dataclass(slots=True)
class Sample:
    """One telegram as the gates see it. Units: W, V, A, Wh, seconds since 1970."""

    values: Mapping[str, Number]
    counter: int
    invoke: int
    time: float | None
    received: float
    clocks_agree: bool = True
    imported: float = 0.0
    exported: float = 0.0
    phases: tuple[tuple[float, float], ...] = ()
    factor: float = 1.0
    apparent: float = 0.0
    """VA of all phases."""
    apart: float = 0.0
    """W by which the power is more than voltages times currents times power factor."""
    coarseness: float = 1.0
    """W that rounding alone may add to that."""
    power: float = 0.0
    loads: tuple[float, ...] = ()
    """VA of each phase."""
    event: float = 0.0
    """VA by which the phases changed, each for itself, since the sample before."""
    seconds: float = 0.0
    """Since the sample before."""
    stands: tuple[Number, ...] = ()
    """Of all registers; not a number where one is missing, which compares as neither."""
    spans: tuple[_Span | None, _Span | None] = (None, None)
    """For import and export, in which range the stand before rounding must lie."""

    @classmethod
    def of(
        cls,
        values: Mapping[str, Number],
        counter: int,
        invoke: int,
        time: float | None,
        received: float,
        *,
        clocks_agree: bool,
    ) -> Sample:
        """Collect what the gates look at more than once."""
        get = values.get
        imported, exported = get("power_import", 0), get("power_export", 0)
        factor = abs(get("power_factor", 1.0))
        phases = tuple([(values[u], get(i, 0.0)) for u, i in _PHASES if u in values])
        loads = tuple([u * i for u, i in phases])
        apparent = sum(loads)
        return cls(
            values,
            counter,
            invoke,
            time,
            received,
            clocks_agree,
            imported,
            exported,
            phases,
            factor,
            apparent,
            imported + exported - apparent * factor,
            2.0 + 0.0005 * apparent,
            imported - exported,
            loads,
            stands=tuple(map(get, _REGISTERS, _MISSING, strict=True)),
        )

    def follow(self, before: Sample) -> None:
        """Take the measure of what happened since the sample before."""
        self.seconds = _elapsed(self, before)
        self.event = sum([abs(a - b) for a, b in zip(self.loads, before.loads, strict=False)])


type _Span = tuple[float, float]
type _Law = Callable[[Sample], bool]
type _Change = Callable[[Sample, Sample], bool]
type _Habit = Callable[[Sample, Sample], float]


# Laws: what no healthy meter sends. Never accepted.


def _voltage(now: Sample) -> bool:
    for u, _ in now.phases:  # noqa: SIM110 (any() takes twice as long)
        if not _LEAST_VOLTAGE <= u <= _MOST_VOLTAGE and u != 0:
            return True
    return False


def _current(now: Sample) -> bool:
    for _, i in now.phases:  # noqa: SIM110 (as above)
        if not 0 <= i <= _MOST_CURRENT:
            return True
    return False


def _power(now: Sample) -> bool:
    return not (0 <= now.imported <= _MOST_POWER and 0 <= now.exported <= _MOST_POWER)


def _power_factor(now: Sample) -> bool:
    return now.factor > 1


def _both_directions(now: Sample) -> bool:
    return now.imported > _SMALL_POWER and now.exported > _SMALL_POWER


# Changes that only a new meter or a clock that was set explains: believed when repeated.


def _register_falls(now: Sample, last: Sample) -> bool:
    return any(map(lt, now.stands, last.stands, strict=True))


def _register_leaps(now: Sample, last: Sample) -> bool:
    most = _MOST_POWER * _elapsed(now, last) / 3600 + 2
    for stand, before in zip(now.stands, last.stands, strict=True):  # noqa: SIM110 (as above)
        if stand - before > most:
            return True
    return False


def _clock(now: Sample, last: Sample) -> bool:
    if now.time is None or last.time is None:
        return (now.time is None) != (last.time is None)
    passed = now.time - last.time
    return passed < 0 or abs(passed - (now.received - last.received)) > _CLOCK_SET


def _elapsed(now: Sample, last: Sample) -> float:
    """Seconds between two telegrams, by the meter's clock where it has one."""
    if now.time is None or last.time is None:
        return max(now.received - last.received, 0.0)
    return max(now.time - last.time, 0.0)


# Habits: each returns how unusual a telegram is after the last one; 0 is perfectly usual.


def _pace(now: Sample, last: Sample) -> float:
    """Seconds by which clock and frame counter disagree, five seconds a telegram."""
    if now.time is None or last.time is None:
        return 0.0
    return abs((now.time - last.time) / max(now.counter - last.counter, 1) - _PERIOD)


def _invoke_counts(now: Sample, last: Sample) -> float:
    """Whether the invoke id does not count along with the telegrams."""
    return float((now.invoke - now.counter - last.invoke + last.counter) & 0xFFFFFF != 0)


def _invoke_flags(now: Sample, last: Sample) -> float:
    """Whether the part of the invoke id changed that tells how a telegram is sent."""
    return float((now.invoke ^ last.invoke) & 0xFF000000 != 0)


def _clocks(now: Sample, last: Sample) -> float:
    """Whether the two clocks of a telegram disagree."""
    return float(now.clocks_agree != last.clocks_agree)


def _voltages(now: Sample, last: Sample) -> float:
    """Volts by which one phase moved without the others and without a current to explain it."""
    if len(now.phases) != len(last.phases):
        return 0.0
    moves = [u - v for (u, _), (v, _) in zip(now.phases, last.phases, strict=True)]
    common = sorted(moves)[1] if len(moves) == 3 else 0.0
    most = 0.0
    for move, (_, i), (_, j) in zip(moves, now.phases, last.phases, strict=True):
        alone = abs(move - common)
        if alone > most:
            most = max(most, alone - _IMPEDANCE * abs(i - j))
    # What wanders goes with the root of time.
    return most if now.seconds <= _PERIOD else most / math.sqrt(now.seconds / _PERIOD)


def _agreement(now: Sample, _last: Sample) -> float:
    """How far the power is from voltages times currents times power factor."""
    return abs(now.apart) / now.coarseness


def _balance(now: Sample, last: Sample) -> float:
    """How much that changed since the last telegram, against the size of the change."""
    return abs(now.apart - last.apart) / (now.coarseness + 0.1 * now.event)


def _currents(now: Sample, last: Sample) -> float:
    """How much the currents moved, each for itself, without the power."""
    idle = now.event - 1.3 * abs(now.power - last.power)
    return max(idle, 0.0) / (now.coarseness + 0.003 * now.apparent)


def _factor(now: Sample, last: Sample) -> float:
    """How much the power factor moved without power and currents."""
    event = 2.0 + now.event + abs(now.power - last.power)
    return abs(now.factor - last.factor) / (0.001 + event / (now.apparent + 20.0))


def _opposed(now: Sample, _last: Sample) -> float:
    """Watts that flow in both directions at once."""
    return min(now.imported, now.exported)


def _registers(now: Sample, last: Sample) -> float:
    """Wh by which a register and the power of its direction disagree.

    The stand is cut to whole Wh, so that it only tells a range; what flowed since moves
    and widens it, the next stand narrows it. An idle register's range stays where it is.
    """
    seconds = now.seconds
    hours = seconds / 3600
    get = now.values.get
    worst = 0.0
    spans: list[_Span | None] = []
    for key, p, q, before in (
        ("energy_import", now.imported, last.imported, last.spans[0]),
        ("energy_export", now.exported, last.exported, last.spans[1]),
    ):
        stand = get(key)
        if stand is None:
            spans.append(None)
            continue
        low, high = stand, stand + 1.0
        if before is not None:
            least, most = (p, q) if p < q else (q, p)
            if seconds > _STEADY:
                least, most = 0, _MOST_POWER
            slack = 0.003 + 0.01 * most * hours if most else 0.0
            first = before[0] + least * hours - slack
            final = before[1] + most * hours + slack
            if first >= high or final <= low:
                worst = max(worst, 0.05 + first - high, 0.05 + low - final)
            else:
                low, high = max(low, first), min(high, final)
        spans.append((low, high))
    now.spans = (spans[0], spans[1])
    return worst


class Gate[Check](NamedTuple):
    """One gate: a name for the log, and what opens it."""

    name: str
    check: Check


class HabitGate(NamedTuple):
    """A gate that learns which scores are usual in this house."""

    name: str
    score: _Habit
    floor: float
    """Scores up to this one are never unusual."""
    start: float
    """The bound as long as nothing was learned."""
    held: float
    """How many of 1,000 good telegrams it may hold back; the bound settles there."""
    level: bool = False
    """Whether it scores a state, not a change: what is held back scores as high again."""


LAWS: Final[tuple[Gate[_Law], ...]] = (
    Gate("voltage of a phase: 0 or 100 to 300 V", _voltage),
    Gate("current of a phase: up to 200 A", _current),
    Gate("power: up to 100 kW", _power),
    Gate("power factor: -1 to 1", _power_factor),
    Gate("import and export: not both large", _both_directions),
)
CHANGES: Final[tuple[Gate[_Change], ...]] = (
    Gate("a register never falls", _register_falls),
    Gate("a register grows by 100 kW at most", _register_leaps),
    Gate("the clock goes forward, as fast as ours", _clock),
)
HABITS: Final = (
    HabitGate("clock and frame counter go together", _pace, 0.5, 5.0, 1.0),
    HabitGate("the invoke id counts along", _invoke_counts, 0.5, 2.0, 1.0),
    HabitGate("the invoke id keeps its flags", _invoke_flags, 0.5, 2.0, 1.0),
    HabitGate("both clocks of a telegram agree", _clocks, 0.5, 2.0, 1.0),
    HabitGate("voltages move together or with their current", _voltages, 0.15, 6.0, 2.5),
    HabitGate("power agrees with the currents", _agreement, 0.3, 1e9, 1.0, level=True),
    HabitGate("power moves with the currents", _balance, 0.3, 40.0, 1.0),
    HabitGate("currents move with the power", _currents, 0.3, 40.0, 1.0),
    HabitGate("the power factor moves with the currents", _factor, 0.3, 40.0, 1.0),
    HabitGate("power flows in one direction", _opposed, 0.5, 20.0, 1.0, level=True),
    HabitGate("registers follow the power", _registers, 0.02, 3.0, 1.0),
)
_SCORES: Final = tuple(habit.score for habit in HABITS)
_NAMES: Final = tuple(habit.name for habit in HABITS)
_FLOORS: Final = tuple(habit.floor for habit in HABITS)
_HELD: Final = tuple(habit.held for habit in HABITS)
_TOGETHER: Final = "nothing is rather unusual in several places at once"
_TOGETHER_HELD: Final = 3.0

_WARM_UP: Final = 60
"""Telegrams that only teach (five minutes)."""
_SETTLED: Final = 2_000
_HASTE: Final = 2.0
"""How much faster a bound falls until then."""
_RISE: Final = 1.2
_FALL: Final = math.log(_RISE) / 1_000
_PROBATION: Final = 0.75


def _scores(now: Sample, last: Sample) -> list[float]:
    now.follow(last)
    return [score(now, last) for score in _SCORES]


class Suspicion(NamedTuple):
    """Why a telegram is not used."""

    gate: str
    patience: int
    """How many telegrams must tell the same before it is believed; 0: never."""


class Plausibility:
    """Decides for each telegram of one meter whether it is believed."""

    def __init__(self) -> None:
        """Begin without a past: only the laws hold for the first telegram."""
        self._last: Sample | None = None
        self._bounds = list(_FLOORS)
        self._together = float(len(HABITS))
        self._heard = 0
        self._held: Sample | None = None
        self._held_times = 0
        self._patience = 0
        self.probation = False

    @property
    def last(self) -> Sample | None:
        """The last telegram that was believed."""
        return self._last

    def judge(self, now: Sample) -> Suspicion | None:
        """Return None for a telegram that is believed, else what stands against it."""
        for gate in LAWS:
            if gate.check(now):
                return Suspicion(gate.name, 0)
        last = self._last
        if last is None:
            self._last = now
            return None
        suspicion = self._suspect(now, last)
        if suspicion is not None and not self._confirmed(now, suspicion):
            return suspicion
        self._held, self._held_times = None, 0
        self._last = now
        self.probation = False
        return None

    def _suspect(self, now: Sample, last: Sample) -> Suspicion | None:
        """Return the first gate that is closed, and learn from the scores."""
        for gate in CHANGES:
            if gate.check(now, last):
                return Suspicion(gate.name, EXCHANGE)
        self._heard += 1
        scores = _scores(now, last)
        if self._heard <= _WARM_UP:
            self._bounds = [
                max(bound, 1.5 * score) for bound, score in zip(self._bounds, scores, strict=True)
            ]
            strange = [h.name for h, score in zip(HABITS, scores, strict=True) if score > h.start]
        else:
            strange = self._compare(scores)
        return Suspicion(strange[0], REPEATED) if strange else None

    def _compare(self, scores: list[float]) -> list[str]:
        """Name the habits that a telegram breaks, and let their bounds follow.

        A bound rises by a fifth when it is exceeded and falls a little when it is not, so
        that it settles where the gate holds back as many good telegrams as it may.
        """
        strictness = _PROBATION if self.probation else 1.0
        fall = _FALL if self._heard > _SETTLED else _FALL * _HASTE
        strange: list[str] = []
        bounds: list[float] = []
        together = 0.0
        for name, score, bound, floor, held in zip(
            _NAMES, scores, self._bounds, _FLOORS, _HELD, strict=True
        ):
            if score:
                together += (score / bound) ** 2
                if score > floor and score > bound * strictness:
                    strange.append(name)
                    bounds.append(bound * _RISE)
                    continue
            bounds.append(bound * (1 - fall * held) if bound > floor else bound)
        self._bounds = bounds
        if together > self._together * strictness**2:
            strange.append(_TOGETHER)
            self._together *= _RISE
        else:
            self._together *= 1 - fall * _TOGETHER_HELD
        return strange

    def _confirmed(self, now: Sample, suspicion: Suspicion) -> bool:
        """Whether the telegrams held back before tell the same as this one."""
        held, self._held = self._held, now
        patience = max(suspicion.patience, self._patience)
        if held is None or any(gate.check(now, held) for gate in CHANGES):
            self._held_times, self._patience = 1, suspicion.patience
            return False
        self._held_times += 1
        self._patience = patience
        scores = _scores(now, held)
        if any(
            score > bound and not habit.level
            for habit, score, bound in zip(HABITS, scores, self._bounds, strict=True)
        ):
            patience = max(patience, EXCHANGE)
        if self._held_times < patience:
            return False
        # What is confirmed is usual from now on, if it lasts; a single step leaves no trace.
        self._bounds = [max(pair) for pair in zip(scores, self._bounds, strict=True)]
        return True
