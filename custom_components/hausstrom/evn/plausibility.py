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
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .notification import Number

EXCHANGE: Final = 3
"""Telegrams that must agree before a change is believed that only a new meter explains."""

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
_PHASES: Final = tuple((f"voltage_l{n}", f"current_l{n}") for n in (1, 2, 3))
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
    spans: list[tuple[float, float] | None] = field(default_factory=list)
    """For each register the range in which its unrounded stand must lie."""

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
        return cls(
            values,
            counter,
            invoke,
            time,
            received,
            clocks_agree,
            get("power_import", 0),
            get("power_export", 0),
            tuple([(values[u], get(i, 0.0)) for u, i in _PHASES if u in values]),
            abs(get("power_factor", 1.0)),
        )


type _Law = Callable[[Sample], bool]
type _Change = Callable[[Sample, Sample], bool]
type _Habit = Callable[[Sample, Sample], float]


# Laws: what no healthy meter sends. Never accepted.


def _voltage(now: Sample) -> bool:
    return any(u != 0 and not _LEAST_VOLTAGE <= u <= _MOST_VOLTAGE for u, _ in now.phases)


def _current(now: Sample) -> bool:
    return any(not 0 <= i <= _MOST_CURRENT for _, i in now.phases)


def _power(now: Sample) -> bool:
    return not (0 <= now.imported <= _MOST_POWER and 0 <= now.exported <= _MOST_POWER)


def _power_factor(now: Sample) -> bool:
    return now.factor > 1


def _both_directions(now: Sample) -> bool:
    return now.imported > _SMALL_POWER and now.exported > _SMALL_POWER


# Changes that only a new meter or a clock that was set explains: believed when repeated.


def _register_falls(now: Sample, last: Sample) -> bool:
    get = last.values.get
    return any(key in now.values and now.values[key] < get(key, -math.inf) for key in _REGISTERS)


def _register_leaps(now: Sample, last: Sample) -> bool:
    most = _MOST_POWER * _elapsed(now, last) / 3600 + 2
    get = last.values.get
    return any(
        key in now.values and now.values[key] - get(key, math.inf) > most for key in _REGISTERS
    )


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
    return abs((now.time - last.time) / max(now.counter - last.counter, 1) - 5.0)


def _invoke_id(now: Sample, last: Sample) -> float:
    """Whether the invoke id neither stands still nor counts along with the telegrams."""
    step = now.invoke - last.invoke
    return float(step not in (0, now.counter - last.counter))


def _clocks(now: Sample, last: Sample) -> float:
    """Whether the two clocks of a telegram disagree."""
    return float(now.clocks_agree != last.clocks_agree)


def _voltages(now: Sample, last: Sample) -> float:
    """Volts by which one phase moved without the others and without a current to explain it."""
    if len(now.phases) != len(last.phases):
        return 0.0
    moves = [u - v for (u, _), (v, _) in zip(now.phases, last.phases, strict=True)]
    common = sum(moves) / len(moves) if len(moves) > 1 else 0.0
    return max(
        (
            abs(move - common) - 0.6 * abs(i - j)
            for move, (_, i), (_, j) in zip(moves, now.phases, last.phases, strict=True)
        ),
        default=0.0,
    )


def _balance(now: Sample, last: Sample) -> float:
    """How far power and currents moved apart, against the size of the change."""
    if len(now.phases) != len(last.phases):
        return 0.0
    a = b = event = 0.0
    for (u, i), (v, j) in zip(now.phases, last.phases, strict=True):
        a += u * i
        b += v * j
        event += u * abs(i - j)
    apart = (
        now.imported
        + now.exported
        - a * now.factor
        - (last.imported + last.exported - b * last.factor)
    )
    return abs(apart) / (2.0 + 0.1 * event)


def _opposed(now: Sample, _last: Sample) -> float:
    """Watts that flow in both directions at once."""
    return min(now.imported, now.exported)


def _registers(now: Sample, last: Sample) -> float:
    """Wh by which a register and the power of its direction disagree."""
    seconds = _elapsed(now, last)
    worst = 0.0
    spans: list[tuple[float, float] | None] = []
    powers = ((now.imported, last.imported), (now.exported, last.exported))
    for index, (key, (p, q)) in enumerate(zip(_REGISTERS[:2], powers, strict=True)):
        stand = now.values.get(key)
        if stand is None:
            spans.append(None)
            continue
        low, high = float(stand), stand + 1.0
        before = last.spans[index] if last.spans else None
        if before is not None:
            hours = seconds / 3600
            if seconds <= _STEADY:
                least, most = (p * hours, q * hours) if p < q else (q * hours, p * hours)
            else:
                least, most = 0.0, _MOST_POWER * hours
            slack = 0.003 + 0.01 * most
            first, final = before[0] + least - slack, before[1] + most + slack
            gap = max(first - high, low - final)
            if gap > 0:
                worst = max(worst, gap)
            else:
                low, high = max(low, first), min(high, final)
        spans.append((low, high))
    now.spans = spans
    return worst


class Gate[Check](NamedTuple):
    """One gate: a name for the log, and what opens it."""

    name: str
    check: Check


class HabitGate(NamedTuple):
    """A gate that learns: what counts as usual is between `floor` and what was seen."""

    name: str
    score: _Habit
    floor: float
    start: float
    """The bound while there is little to compare with."""


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
    HabitGate("clock and frame counter go together", _pace, 1.0, 5.0),
    HabitGate("the invoke id counts along", _invoke_id, 0.5, 2.0),
    HabitGate("both clocks of a telegram agree", _clocks, 0.5, 0.5),
    HabitGate("phases' voltages move together or with their current", _voltages, 0.15, 6.0),
    HabitGate("power moves with the currents", _balance, 0.5, 20.0),
    HabitGate("power flows in one direction", _opposed, 0.5, 20.0),
    HabitGate("registers follow the power", _registers, 0.02, 3.0),
)

_WARM_UP: Final = 24
_RISE: Final = 1.5
_FALL: Final = 0.9996  # in balance with _RISE when one telegram in a thousand exceeds
_PROBATION: Final = 0.6


class Suspicion(NamedTuple):
    """Why a telegram is not used: the gate, and whether repetition would open it."""

    gate: str
    final: bool


class Plausibility:
    """Decides for each telegram of one meter whether it is believed."""

    def __init__(self) -> None:
        """Begin without a past: only the laws hold for the first telegram."""
        self._last: Sample | None = None
        self._bounds = [gate.start for gate in HABITS]
        self._learned = 0
        self._held: Sample | None = None
        self._held_times = 0
        self.probation = False

    @property
    def last(self) -> Sample | None:
        """The last telegram that was believed."""
        return self._last

    def judge(self, now: Sample) -> Suspicion | None:
        """Return None for a telegram that is believed, else what stands against it."""
        for gate in LAWS:
            if gate.check(now):
                return Suspicion(gate.name, final=True)
        last = self._last
        if last is None:
            _registers(now, now)
            self._last = now
            return None
        suspicion, patience = self._suspect(now, last)
        if suspicion is not None and not self._repeated(now, patience):
            return suspicion
        self._held, self._held_times = None, 0
        self._last = now
        self.probation = False
        return None

    def _suspect(self, now: Sample, last: Sample) -> tuple[Suspicion | None, int]:
        for gate in CHANGES:
            if gate.check(now, last):
                return Suspicion(gate.name, final=False), EXCHANGE
        bounds = self._bounds
        strictness = _PROBATION if self.probation else 1.0
        learning = self._learned < _WARM_UP
        found: Suspicion | None = None
        for index, habit in enumerate(HABITS):
            score = habit.score(now, last)
            bound = bounds[index]
            if score > bound * strictness and score > habit.floor:
                found = found or Suspicion(habit.name, final=False)
            if score > bound:
                bounds[index] = bound * _RISE
            elif bound > habit.floor:
                bounds[index] = bound * (0.9 if learning and score < bound / 2 else _FALL)
        self._learned += 1
        return found, 1

    def _repeated(self, now: Sample, patience: int) -> bool:
        """Whether telegrams held back before tell the same as this one."""
        held, self._held = self._held, now
        if held is None or any(gate.check(now, held) for gate in CHANGES):
            _registers(now, now)
            self._held_times = 1
            return False
        _registers(now, held)
        self._held_times += 1
        return self._held_times > patience if patience == 1 else self._held_times >= patience
