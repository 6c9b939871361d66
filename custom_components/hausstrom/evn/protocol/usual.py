# ruff: noqa: FURB136, PLR1730 (a comparison takes a third of a call of min or max)
"""The usual telegram, scored in one go: three phases, all that counts and ticks in step.

Nine of ten telegrams of most meters are such. For them the habits of `habits` that look at
what moves are counted here without a call for each, and what they share is taken once; the
tests hold both against each other. Everything else is scored there, habit by habit.
"""

import math
from typing import Final

from .habits import (
    ALL_STILL,
    CLOCK_SET,
    FLAGS,
    HABITS,
    IMPEDANCE,
    LEAST_VOLTAGE,
    MOST_CURRENT,
    MOST_FACTOR,
    MOST_POWER,
    MOST_VOLTAGE,
    PERIOD,
    STILL,
    STILL_FLOORS,
)
from .sample import SAME_PACE, Sample

SAME_LEVEL: Final = 1.2
"""By how much a state may be odder than before and still be the same one."""

_ALONE, _AGREEMENT, _BALANCE, _CURRENTS, _FACTOR, _OPPOSED, _FLOW = (
    habit.floor for habit in HABITS[STILL:]
)
_, _agreement, _balance, _currents, _factor, _opposed, _flow = (
    habit.score for habit in HABITS[STILL:]
)


def usual_scores(now: Sample, last: Sample) -> list[float] | None:
    """Return what `scores_of` does, and note in `now` what it notes.

    None, and nothing noted, where a telegram is odd by itself or not in step with the last.
    """
    if now.checked or len(now.voltages) != 3 or len(last.voltages) != 3:
        return None
    time, time_before, period = now.time, last.time, last.period
    if time is None or time_before is None or period is None:
        return None
    shown, passed = time - time_before, now.received - last.received
    counted, invoke = now.counter - last.counter, now.invoke
    if (
        counted < 1
        or shown < 0.0
        or abs(shown - passed) > CLOCK_SET
        or abs(shown / counted - period) > SAME_PACE
        or invoke - last.invoke != counted
        or (invoke ^ last.invoke) & FLAGS
        or now.clocks_agree != last.clocks_agree
        or now.status != last.status
    ):
        return None
    (u, v, w), (i, j, k) = now.voltages, now.currents
    if (
        not 0 <= now.imported <= MOST_POWER
        or not 0 <= now.exported <= MOST_POWER
        or now.factor > MOST_FACTOR
        or not LEAST_VOLTAGE <= u <= MOST_VOLTAGE
        or not LEAST_VOLTAGE <= v <= MOST_VOLTAGE
        or not LEAST_VOLTAGE <= w <= MOST_VOLTAGE
        or not 0.0 <= i <= MOST_CURRENT
        or not 0.0 <= j <= MOST_CURRENT
        or not 0.0 <= k <= MOST_CURRENT
    ):
        return None
    now.period, now.odd_pace, now.invoke_counts = period, None, True
    if passed < shown:
        now.seconds = seconds = shown
        now.surely = passed if passed > 0.0 else 0.0
    else:
        now.seconds = seconds = passed
        now.surely = shown

    # Voltages against each other: the one in the middle is what all of them do.
    a, b, c = last.voltages
    a, b, c = u - a, v - b, w - c
    low, high = (a, b) if a < b else (b, a)
    common = low if c < low else high if c > high else c
    one, two, three = last.currents
    a = abs(a - common) - IMPEDANCE * abs(i - one)
    b = abs(b - common) - IMPEDANCE * abs(j - two)
    c = abs(c - common) - IMPEDANCE * abs(k - three)
    if b > a:
        a = b
    if c > a:
        a = c
    if a < 0.0:
        a = 0.0
    alone = a if seconds <= PERIOD else a / math.sqrt(seconds / PERIOD)

    # The loads, each for itself.
    a, b, c = now.loads
    one, two, three = last.loads
    a, b, c = abs(a - one), abs(b - two), abs(c - three)
    event = a + b + c
    if b > a:
        a = b
    if c > a:
        a = c
    now.event, now.leap, now.earlier = event, a, last.apart
    return [
        *ALL_STILL,
        alone,
        _agreement(now, last),
        _balance(now, last),
        _currents(now, last),
        _factor(now, last),
        _opposed(now, last),
        _flow(now, last),
    ]


def calm_bounds(
    scores: list[float],
    bounds: list[float],
    before: list[float],
    falls: tuple[float, ...],
    strictness: float,
) -> list[float] | None:
    """Return what the bounds of the habits fall to; None where a score exceeds one.

    None as well where a habit that stands still did not. `before`: the scores of the telegram
    before this one; `falls`: of each bound.
    """
    alone, agreement, balance, currents, factor, opposed, flow = scores[STILL:]
    a, b, c, d, e, f, g = bounds[STILL:]
    if (
        any(scores[:STILL])
        or bounds[:STILL] != STILL_FLOORS
        or (alone > _ALONE and alone > a * strictness)
        or (balance > _BALANCE and balance > c * strictness)
        or (currents > _CURRENTS and currents > d * strictness)
        or (factor > _FACTOR and factor > e * strictness)
        or (flow > _FLOW and flow > g * strictness)
    ):
        return None
    fall_a, fall_b, fall_c, fall_d, fall_e, fall_f, fall_g = falls[STILL:]
    # Two look at a state: it may be what it was, and then teaches nothing.
    if not agreement or agreement > before[STILL + 1] * SAME_LEVEL:
        if agreement > _AGREEMENT and agreement > b * strictness:
            return None
        b *= fall_b
        if b < _AGREEMENT:
            b = _AGREEMENT
    if not opposed or opposed > before[STILL + 5] * SAME_LEVEL:
        if opposed > _OPPOSED and opposed > f * strictness:
            return None
        f *= fall_f
        if f < _OPPOSED:
            f = _OPPOSED
    a *= fall_a
    if a < _ALONE:
        a = _ALONE
    c *= fall_c
    if c < _BALANCE:
        c = _BALANCE
    d *= fall_d
    if d < _CURRENTS:
        d = _CURRENTS
    e *= fall_e
    if e < _FACTOR:
        e = _FACTOR
    g *= fall_g
    if g < _FLOW:
        g = _FLOW
    return [*STILL_FLOORS, a, b, c, d, e, f, g]
