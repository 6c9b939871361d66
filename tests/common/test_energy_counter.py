"""Energy from power."""

import math
from collections.abc import Callable
from math import sin
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.common.energy_counter import EnergyCounter, EnergyLedger, trapezoid

watts = st.floats(-20_000, 20_000)


def test_constant_power_for_an_hour() -> None:
    counter = EnergyCounter()
    for second in range(0, 3601, 10):
        counter.integrate(1000.0, second)
    assert counter.total == pytest.approx(1.0)


@given(watts, watts, st.floats(0.1, 60))
def test_both_directions_together_are_the_signed_energy(
    before: float, after: float, seconds: float
) -> None:
    up = trapezoid(before, after, seconds)
    down = trapezoid(-before, -after, seconds)
    assert up >= 0
    assert down >= 0
    assert up - down == pytest.approx((before + after) / 2 * seconds, abs=1e-3)


def counted(power: Callable[[float], float], seconds: int, every: int) -> tuple[float, float]:
    """Return what is counted of a power (W) from samples, and what really flowed (kWh)."""
    counter = EnergyCounter()
    for at in range(0, seconds + 1, every):
        counter.integrate(power(at), at)
    truth = sum(max(power(at), 0.0) for at in range(seconds)) / 3_600_000
    return counter.total, truth


def test_a_power_that_trembles_around_zero_is_counted_in_full() -> None:
    chance = Random(7)
    trembling = [chance.gauss(0, 6) for _ in range(86_401)]
    total, truth = counted(lambda at: trembling[int(at)], 86_400, 10)
    assert total == pytest.approx(truth, rel=0.03)


def test_a_power_that_swings_through_zero_is_not_counted_too_high() -> None:
    total, truth = counted(lambda at: 500 * sin(at / 97), 86_400, 10)
    assert total == pytest.approx(truth, rel=0.003)


def test_a_gap_does_not_count() -> None:
    counter = EnergyCounter(longest_gap=30)
    counter.integrate(1000, 0)
    counter.integrate(1000, 31)
    assert counter.total == 0
    counter.integrate(None, 40)
    counter.integrate(1000, 50)
    assert counter.total == 0
    counter.integrate(1000, 60)
    assert counter.total == pytest.approx(10_000 / 3_600_000)


def test_a_clock_that_stands_or_runs_back_counts_nothing() -> None:
    counter = EnergyCounter()
    for at in (10, 10, 5):
        counter.integrate(1000, at)
    assert counter.total == 0


def test_following_takes_over_and_then_adds() -> None:
    counter = EnergyCounter()
    assert counter.follow(1234.5) == 1234.5
    assert counter.follow(1235.0) == 1235.0


def test_a_change_of_source_never_jumps() -> None:
    counter = EnergyCounter(1000.0)
    assert counter.follow(5.0) == 1000.0
    assert counter.follow(5.5) == 1000.5
    counter.integrate(1000, 0)
    assert counter.integrate(1000, 36) == pytest.approx(1000.51)
    assert counter.follow(7.0) == pytest.approx(1000.51), "what passed meanwhile is counted"
    assert counter.follow(7.25) == pytest.approx(1000.76)


def test_a_device_counter_that_fell_begins_anew() -> None:
    counter = EnergyCounter()
    counter.follow(100.0)
    assert counter.follow(0.0) == 100.0
    assert counter.follow(1.0) == 101.0


@given(st.lists(st.tuples(st.one_of(st.none(), watts), st.floats(0, 120)), max_size=50))
def test_a_total_never_falls(samples: list[tuple[float | None, float]]) -> None:
    counter, at, before = EnergyCounter(), 0.0, 0.0
    for power, pause in samples:
        at += pause
        total = counter.integrate(power, at)
        assert total >= before
        assert math.isfinite(total)
        before = total


def test_a_ledger_goes_on_where_it_was() -> None:
    ledger = EnergyLedger(("import", "export"))
    ledger.counters["import"].follow(12.0)
    restored = EnergyLedger(("import", "export", "new"))
    restored.restore(ledger.totals())
    assert restored.totals() == {"import": 12.0, "export": 0.0, "new": 0.0}


@pytest.mark.parametrize("nonsense", ["12", None, True, -3, [1]])
def test_a_ledger_ignores_nonsense(nonsense: object) -> None:
    ledger = EnergyLedger(("import",))
    ledger.restore({"import": nonsense})
    assert ledger.totals() == {"import": 0.0}


def test_a_counter_that_stumbles_adds_nothing() -> None:
    counter = EnergyCounter(50.0)
    for device_total in (1000.0, 0.0, 0.0, 1000.5):  # zero while the device starts
        counter.follow(device_total)
    assert counter.total == pytest.approx(50.5)
    for device_total in (0.1, 0.2, 0.4):  # a counter that really began anew
        counter.follow(device_total)
    assert counter.total == pytest.approx(50.8)


def test_a_counter_that_is_zero_while_the_device_starts_marks_nothing() -> None:
    counter = EnergyCounter(50.0)
    for device_total in (0.0, 0.0, 1000.0, 1000.5):
        counter.follow(device_total)
    assert counter.total == pytest.approx(50.5)


def test_a_fall_is_forgotten_when_the_source_changed_meanwhile() -> None:
    counter = EnergyCounter(50.0)
    counter.follow(10.0)
    counter.follow(0.0)
    counter.integrate(0.0, 0)
    counter.follow(1000.0)
    assert counter.follow(1000.5) == pytest.approx(50.5)


def followed(*readings: tuple[float, float], most_power: float = 100_000) -> EnergyCounter:
    counter = EnergyCounter(100.0, most_power=most_power)
    for at, total in readings:
        counter.follow(total, at)
    return counter


def test_a_leap_that_no_device_can_make_adds_nothing_until_it_is_gone() -> None:
    counter = followed((0, 5000.0), (10, 5000.1), (20, 99_999.0), (30, 5000.2))
    assert counter.total == pytest.approx(100.2)


def test_a_leap_that_stays_is_a_new_mark_and_adds_nothing() -> None:
    counter = followed((0, 5000.0), (10, 8000.0), (20, 8000.1), (30, 8000.2), (40, 8000.3))
    assert counter.total == pytest.approx(100.1)


def test_what_a_device_can_move_in_an_outage_counts() -> None:
    counter = followed((0, 5000.0), (86_400, 5200.0))
    assert counter.total == pytest.approx(300)


def test_the_rating_of_the_device_bounds_a_leap() -> None:
    assert followed((0, 50.0), (3600, 58.0), most_power=5_000).total == pytest.approx(100)
    assert followed((0, 50.0), (3600, 54.0), most_power=5_000).total == pytest.approx(104)


def test_power_beyond_the_device_is_no_power() -> None:
    counter = EnergyCounter(1.0, most_power=10_000)
    for second, power in enumerate([1000.0, 5e9, float("nan"), float("inf"), 1000.0]):
        counter.integrate(power, float(second))
    assert counter.total == 1.0


def test_a_ledger_never_resumes_lower() -> None:
    ledger = EnergyLedger(("a", "b"))
    ledger.restore({"a": 12.0, "b": 3.0})
    ledger.restore({"a": 11.0, "b": 3.5})
    ledger.restore({"a": float("inf"), "b": float("nan")})
    assert ledger.totals() == {"a": 12.0, "b": 3.5}


@pytest.mark.parametrize("fallen_to", [0.0, 1.0, 40.0, 50.0, 60.0, 99.0])
def test_a_device_whose_counter_fell_goes_on_from_there_wherever_that_is(fallen_to: float) -> None:
    """A new firmware, a new module, a clone: what it counts from then on is counted, no more."""
    counter = EnergyCounter()
    at = 0.0
    for device_total in (100.0, 100.5, fallen_to, fallen_to + 0.2, fallen_to + 0.5):
        at += 600
        counter.follow(device_total, at)
    assert counter.total == pytest.approx(101.0)
