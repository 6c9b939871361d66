"""Counters that fall."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.victron.protocol.counters import SETTLE_TIME, CounterGuard


def shown(*values: float, step: float = 10) -> list[float | None]:
    guard = CounterGuard()
    return [guard.accept(value, step * index) for index, value in enumerate(values)]


def statistics(values: list[float | None]) -> float:
    """Return what Home Assistant counts from the states of a total_increasing sensor."""
    total, last = 0.0, None
    for value in values:
        if value is None:
            continue
        if last is not None:
            total += value - last if value >= last * 0.9 else value
        last = value
    return total


def test_a_counter_that_rises_is_shown_as_it_is() -> None:
    assert shown(100, 100.5, 101) == [100, 100.5, 101]


def test_float_noise_is_no_fall() -> None:
    assert shown(8742.099609, 8742.099121, 8742.2) == [8742.099609, 8742.099609, 8742.2]


def test_a_dip_to_zero_and_back_counts_nothing() -> None:
    values = shown(100, 0, 0, 100, 100.5)
    assert values == [100, 100, 100, 100, 100.5]


def test_a_vebus_that_begins_again_counts_on_from_zero() -> None:
    values = shown(100, 0, 0.02, 0.5)
    assert values == [100, 100, 0.02, 0.5]
    assert abs(statistics(values) - 0.5) < 1e-9


@pytest.mark.parametrize("share", [0.02, 0.5, 0.89])
def test_whatever_it_fell_to_a_counter_that_counts_on_from_there_began_anew(share: float) -> None:
    begun = 100 * share
    assert shown(100, begun, begun + 0.02, begun + 0.5) == [100, 100, begun + 0.02, begun + 0.5]


def test_a_correction_is_waited_out() -> None:
    assert shown(5000, 4999, 4999.5, 5000.2) == [5000, 5000, 5000, 5000.2]


def test_a_first_zero_waits_to_be_believed() -> None:
    guard = CounterGuard()
    assert guard.accept(0, 0) is None
    assert guard.waiting
    assert guard.accept(5276.4, 5) == 5276.4
    assert not guard.waiting


def test_a_new_counter_is_zero_after_a_while() -> None:
    guard = CounterGuard()
    guard.accept(0, 0)
    assert guard.accept(0, SETTLE_TIME) == 0
    assert guard.accept(0.1, SETTLE_TIME + 1) == 0.1


@given(
    start=st.floats(1, 1e5),
    steps=st.lists(st.tuples(st.floats(0, 0.5), st.booleans()), max_size=50),
)
def test_dips_never_put_a_spike_into_the_energy_dashboard(
    start: float, steps: list[tuple[float, bool]]
) -> None:
    readings = [start]
    value = start
    for gained, dips in steps:
        if dips:
            readings.append(0.0)
        value += gained
        readings.append(value)
    counted = statistics(shown(*readings))
    assert abs(counted - (value - start)) < 0.01 + 0.001 * len(steps)
