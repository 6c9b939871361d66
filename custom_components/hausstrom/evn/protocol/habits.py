"""How unusual a telegram is after the last one, in this house: one score for each habit.

There is no tag in most telegrams: two flipped bits that compensate in an 8-bit sum pass
every check before. What is left is what a house can do: how far the voltages drift apart
within five seconds, how well power and currents agree, how the registers follow the power.
"""

import math
from collections.abc import Callable
from enum import StrEnum
from operator import sub
from typing import Final

from .sample import Sample, Span

MOST_POWER: Final = 100_000
MOST_CURRENT: Final = 200.0
LEAST_VOLTAGE: Final = 100.0
MOST_VOLTAGE: Final = 300.0
MOST_FACTOR: Final = 1.0
IMPEDANCE: Final = 0.6  # ohm; more than any house has between itself and the transformer
PERIOD: Final = 5.0  # s within which the other bounds were found
_STEADY: Final = 15.0  # s; between telegrams further apart the power is unknown
CLOCK_SET: Final = 600.0
FLAGS: Final = 0xFF000000
"""The part of the invoke id that tells how a telegram is sent."""
_STEP: Final = 3.0  # VA; a current's last digit is 2.3
_LARGE: Final = 10_000.0  # VA of a house that is no house any more

type _Habit = Callable[[Sample, Sample], float]


# What a house rarely has and a transformer meter, a lost phase or a meter that does not net
# its phases has all day: a state, believed when it is repeated.


def _odd_voltage(now: Sample, _last: Sample) -> float:
    """Volts by which a phase is outside of 100 to 300; 0 V is a phase that is not connected."""
    worst = 0.0
    for u in now.voltages:
        if not LEAST_VOLTAGE <= u <= MOST_VOLTAGE and u != 0:
            worst = max(worst, LEAST_VOLTAGE - u, u - MOST_VOLTAGE)
    return worst


def _odd_current(now: Sample, _last: Sample) -> float:
    """Amperes above 200, or below 0."""
    worst = 0.0
    for i in now.currents:
        if not 0 <= i <= MOST_CURRENT:
            worst = max(worst, -i, i - MOST_CURRENT)
    return worst


def _odd_power(now: Sample, _last: Sample) -> float:
    """Kilowatts above 100, or below 0."""
    if 0 <= now.imported <= MOST_POWER and 0 <= now.exported <= MOST_POWER:
        return 0.0
    most = max(now.imported, now.exported) - MOST_POWER
    return max(most, -now.imported, -now.exported) / 1000


def _odd_factor(now: Sample, _last: Sample) -> float:
    """How far the power factor is beyond 1."""
    return max(now.factor - MOST_FACTOR, 0.0)


def _clock_set(now: Sample, last: Sample) -> float:
    """Whether the clock came, went, went back, or was set."""
    if now.time is None or last.time is None:
        return float((now.time is None) != (last.time is None))
    passed = now.time - last.time
    return float(passed < 0 or abs(passed - (now.received - last.received)) > CLOCK_SET)


# Habits: each returns how unusual a telegram is after the last one; 0 is perfectly usual.


def _pace(now: Sample, last: Sample) -> float:
    """Seconds by which clock and frame counter disagree with what is usual for the meter."""
    if now.odd_pace is None or now.period is None:
        return 0.0
    return abs(now.odd_pace - now.period)


def _invoke_counts(now: Sample, last: Sample) -> float:
    """Whether the invoke id neither counts along with the telegrams nor stands still.

    Of one that counts, a changed bit makes the one before in every second telegram.
    """
    if now.invoke == last.invoke and not last.invoke_counts:
        return 0.0
    return float(not now.invoke_counts)


def _invoke_flags(now: Sample, last: Sample) -> float:
    """Whether the part of the invoke id changed that tells how a telegram is sent."""
    return float((now.invoke ^ last.invoke) & FLAGS != 0)


def _clocks(now: Sample, last: Sample) -> float:
    """Whether the two clocks of a telegram disagree, or say something else of themselves."""
    return float(now.clocks_agree != last.clocks_agree or now.status != last.status)


def _voltages(now: Sample, last: Sample) -> float:
    """Volts by which one phase moved without the others and without a current to explain it."""
    if len(now.voltages) != len(last.voltages):
        return 0.0
    moves = list(map(sub, now.voltages, last.voltages, strict=True))
    if len(moves) == 3:
        a, b, c = moves
        common = sorted(moves)[1]
        i, j, k = map(sub, now.currents, last.currents, strict=True)
        most: float = max(
            0.0,
            abs(a - common) - IMPEDANCE * abs(i),
            abs(b - common) - IMPEDANCE * abs(j),
            abs(c - common) - IMPEDANCE * abs(k),
        )
    else:
        steps = map(sub, now.currents, last.currents, strict=True)
        alone = [abs(u) - IMPEDANCE * abs(i) for u, i in zip(moves, steps, strict=True)]
        most = max([0.0, *alone])
    # What wanders goes with the root of time.
    return most if now.seconds <= PERIOD else most / math.sqrt(now.seconds / PERIOD)


def _agreement(now: Sample, _last: Sample) -> float:
    """How far the power is from voltages times currents times power factor."""
    return abs(now.apart) / now.coarseness


def _balance(now: Sample, last: Sample) -> float:
    """How much that differs from what it was in two telegrams, against what happened since."""
    # Without a power factor a load that shifts its phase moves them apart.
    share = 0.2 if "power_factor" in now.values else 0.3
    happened = share * (now.event + last.event)
    coarseness = now.coarseness
    away = abs(now.apart - (last.apart + last.earlier) / 2)
    return away / math.sqrt(coarseness * coarseness + happened * happened)


def _currents(now: Sample, last: Sample) -> float:
    """How much the current of one phase moved without the power."""
    idle = _STEP if now.apparent < _LARGE else _STEP + 0.002 * (now.apparent - _LARGE)
    return now.leap / (idle + 0.5 * abs(now.power - last.power))


def _factor(now: Sample, last: Sample) -> float:
    """How much the power factor moved without power and currents."""
    event = 2.0 + now.event + abs(now.power - last.power)
    return abs(now.factor - last.factor) / (0.001 + event / (now.apparent + 20.0))


def _opposed(now: Sample, _last: Sample) -> float:
    """Watts that flow in both directions at once."""
    return min(now.imported, now.exported)


def _span(  # noqa: PLR0917  (what is known of one register)
    stand: float | None,
    shown: float | None,
    power: float,
    power_before: float,
    span: Span | None,
    now: Sample,
) -> tuple[Span | None, float]:
    """Return in which range a stand must lie, and by how much it does not."""
    if stand is None:
        return None, 0.0
    if span is None:
        if shown is None:
            return (stand, stand + 1.0), 0.0
        span = (shown, shown + 1.0)
    elif not power and not power_before and stand == shown:
        return span, 0.0  # idle: nothing moves it
    least, most = (power, power_before) if power < power_before else (power_before, power)
    hours = now.seconds / 3600
    if now.seconds > _STEADY:
        least, most = 0.0, max(MOST_POWER, 2 * most)
    slack = 0.003 + 0.01 * most * hours if most else 0.0
    first, final = span
    first += least * now.surely / 3600 - slack
    final += most * hours + slack
    low = stand + 0.0
    high = low + 1.0
    if first >= high or final <= low:
        return (low, high), max(0.05 + first - high, 0.05 + low - final)
    return (low if low > first else first, high if high < final else final), 0.0  # noqa: FURB136


def _registers(now: Sample, last: Sample) -> float:
    """Wh by which a register and the power of its direction disagree.

    The stand is cut to whole Wh, so that it only tells a range; what flowed since moves
    and widens it, the next stand narrows it. An idle register's range stays where it is.
    """
    hours = now.seconds / 3600
    stand, shown = now.values.get, last.values.get
    one, two = last.spans
    one, worst = _span(
        stand("energy_import"), shown("energy_import"), now.imported, last.imported, one, now
    )
    two, worse = _span(
        stand("energy_export"), shown("energy_export"), now.exported, last.exported, two, now
    )
    now.spans = (one, two)
    if worse > worst:  # noqa: PLR1730 (max takes longer)
        worst = worse
    if "reactive_energy_import" in now.values and now.voltages:
        # What is reactive is less than what flows in all.
        most = max(now.apparent, last.apparent) * max(hours, (now.received - last.stood) / 3600)
        for reached, before in zip(now.stands[2:], last.stands[2:], strict=True):
            if reached - before > most + 1:
                worst = max(worst, 0.05 + reached - before - most - 1)
    return worst


class GatedQuantity(StrEnum):
    """What a gate looks at, in words stable enough to be translated."""

    VOLTAGE = "voltage"
    CURRENT = "current"
    POWER = "power"
    POWER_FACTOR = "power_factor"
    ENERGY = "energy"
    CLOCK = "clock"
    SEVERAL = "several"


class HabitGate:
    """A gate that learns which scores are usual in this house."""

    __slots__ = ("floor", "held", "level", "name", "quantity", "score", "start")

    def __init__(  # noqa: PLR0917  (a row of the table below)
        self,
        name: str,
        quantity: GatedQuantity,
        score: _Habit,
        floor: float,
        start: float,
        held: float,
        *,
        level: bool = False,
    ) -> None:
        """`floor`: scores up to this one are never unusual. `start`: the bound as long as nothing was learned.

        `held`: how many of 1,000 good telegrams it may hold back; the bound settles there.
        `level`: whether it scores a state, not a change: what is held back scores as high again.
        """
        self.name, self.quantity, self.score = name, quantity, score
        self.floor, self.start, self.held, self.level = floor, start, held, level


HABITS: Final = (
    HabitGate(
        "voltage of a phase: 0 or 100 to 300 V",
        GatedQuantity.VOLTAGE,
        _odd_voltage,
        0.001,
        0.001,
        1.0,
        level=True,
    ),
    HabitGate(
        "current of a phase: up to 200 A",
        GatedQuantity.CURRENT,
        _odd_current,
        0.001,
        0.001,
        1.0,
        level=True,
    ),
    HabitGate(
        "power: up to 100 kW", GatedQuantity.POWER, _odd_power, 0.001, 0.001, 1.0, level=True
    ),
    HabitGate(
        "power factor: -1 to 1",
        GatedQuantity.POWER_FACTOR,
        _odd_factor,
        0.001,
        0.001,
        1.0,
        level=True,
    ),
    HabitGate(
        "the clock goes forward, as fast as ours", GatedQuantity.CLOCK, _clock_set, 0.5, 0.5, 1.0
    ),
    HabitGate("clock and frame counter go together", GatedQuantity.CLOCK, _pace, 0.5, 5.0, 1.0),
    HabitGate("the invoke id counts along", GatedQuantity.SEVERAL, _invoke_counts, 0.5, 0.5, 1.0),
    HabitGate("the invoke id keeps its flags", GatedQuantity.SEVERAL, _invoke_flags, 0.5, 0.5, 1.0),
    HabitGate("both clocks of a telegram agree", GatedQuantity.CLOCK, _clocks, 0.5, 0.5, 1.0),
    HabitGate(
        "voltages move together or with their current",
        GatedQuantity.VOLTAGE,
        _voltages,
        0.15,
        1.2,
        0.5,
    ),
    HabitGate(
        "power agrees with the currents", GatedQuantity.POWER, _agreement, 0.3, 1e9, 0.5, level=True
    ),
    HabitGate("power moves with the currents", GatedQuantity.POWER, _balance, 2.5, 3.0, 0.5),
    HabitGate("currents move with the power", GatedQuantity.CURRENT, _currents, 2.1, 3.0, 0.5),
    HabitGate(
        "the power factor moves with the currents",
        GatedQuantity.POWER_FACTOR,
        _factor,
        0.3,
        1.2,
        0.5,
    ),
    HabitGate(
        "power flows in one direction", GatedQuantity.POWER, _opposed, 0.5, 0.5, 1.0, level=True
    ),
    HabitGate("registers follow the power", GatedQuantity.ENERGY, _registers, 0.02, 1.0, 1.0),
)
"""In the order in which they are named when several are closed."""

VOLTAGES, CURRENTS, FACTOR, AGREEMENT, BALANCE, FOLLOWING = (
    [habit.score for habit in HABITS].index(one)
    for one in (_voltages, _currents, _factor, _agreement, _balance, _registers)
)
"""Where the scores stand that are weighed against each other, too."""

ODD: Final = 4
"""How many of them look at what is odd by itself."""
STILL: Final = 9
"""How many of them look at that, or at clocks and numbers that count: 0 as a rule."""
_NOT_ODD: Final = [0.0] * ODD
ALL_STILL: Final = [0.0] * STILL
STILL_FLOORS: Final = [habit.floor for habit in HABITS[:STILL]]
_UNCOMPARED: Final = [0.0] * (len(HABITS) - ODD - 1)
_SCORES: Final = tuple(habit.score for habit in HABITS)
_MOVING: Final = _SCORES[STILL:]


def scores_of(now: Sample, last: Sample) -> list[float]:
    """Return how unusual a telegram is after another one, for each habit.

    What a check sequence of 16 bits holds needs no comparison but that of the clock: what is
    left of damage then is random, and a random power is not one of a house.
    """
    usual = _is_usual(now)
    if now.checked:
        odd = _NOT_ODD if usual else [score(now, last) for score in _SCORES[:ODD]]
        return [*odd, _clock_set(now, last), *_UNCOMPARED]
    now.follow(last)
    if usual and _is_in_step(now, last):
        return ALL_STILL + [score(now, last) for score in _MOVING]
    return [score(now, last) for score in _SCORES]


def _is_usual(now: Sample) -> bool:
    """Whether nothing about a telegram is odd by itself, found in one go."""
    voltages, currents = now.voltages, now.currents
    if not (
        0 <= now.imported <= MOST_POWER
        and 0 <= now.exported <= MOST_POWER
        and now.factor <= MOST_FACTOR
    ):
        return False
    return not voltages or (
        min(voltages) >= LEAST_VOLTAGE
        and max(voltages) <= MOST_VOLTAGE
        and min(currents) >= 0
        and max(currents) <= MOST_CURRENT
    )


def _is_in_step(now: Sample, last: Sample) -> bool:
    """Whether clocks, counter and invoke id went on as they do, found in one go."""
    if now.time is None or last.time is None:
        return False
    passed = now.time - last.time
    return (
        now.odd_pace is None
        and passed >= 0
        and abs(passed - (now.received - last.received)) <= CLOCK_SET
        and now.invoke - last.invoke == now.counter - last.counter
        and not (now.invoke ^ last.invoke) & FLAGS
        and now.clocks_agree == last.clocks_agree
        and now.status == last.status
    )
