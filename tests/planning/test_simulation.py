import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.planning.lever import Hold
from custom_components.hausstrom.planning.model import STEP_HOURS, Battery
from custom_components.hausstrom.planning.simulation import SpanFlows, run_free, run_held

BATTERY = Battery(10_000, 2500, 3000, reserve=10.0)
surpluses = st.lists(st.floats(-8000, 12_000), min_size=1, max_size=96)
holds = st.builds(
    Hold,
    ceiling=st.floats(0, 12_000),
    free_power=st.floats(0, 5000),
    takes_excess=st.booleans(),
)


@given(surpluses, st.floats(0, 10_000), st.none() | holds, st.floats(0, 9000))
def test_no_energy_comes_from_nowhere_or_goes_there(
    surplus: list[float], level: float, hold: Hold | None, limit: float
) -> None:
    trace = run_held(surplus, level, BATTERY, limit, hold)
    for step, power in enumerate(surplus):
        before, after = trace.at(step), trace.at(step + 1)
        stored = after.level - before.level
        at_the_grid = stored / BATTERY.efficiency if stored > 0 else stored * BATTERY.efficiency
        fed, bought, lost = (
            after.fed - before.fed,
            after.bought - before.bought,
            after.lost - before.lost,
        )
        assert fed + lost - bought + at_the_grid == pytest.approx(power * STEP_HOURS, abs=1e-6)
        assert -1e-9 <= fed <= limit * STEP_HOURS + 1e-6
        assert lost >= -1e-9
        assert bought >= -1e-9
        assert -1e-6 <= after.level <= max(level, BATTERY.capacity) + 1e-6
        assert at_the_grid <= BATTERY.max_charge * STEP_HOURS + 1e-6
        assert at_the_grid >= -BATTERY.max_discharge * STEP_HOURS - 1e-6


@given(surpluses, st.floats(0, 10_000), st.floats(0, 9000))
def test_free_is_a_hold_of_nothing(surplus: list[float], level: float, limit: float) -> None:
    held = run_held(surplus, level, BATTERY, limit, None).at(len(surplus))
    free = run_free(surplus, 0, SpanFlows(0, 0, 0, level), BATTERY, limit)
    for name in ("fed", "bought", "lost", "level"):
        assert getattr(free, name) == pytest.approx(getattr(held, name), abs=1e-6)


@given(surpluses, st.floats(0, 10_000), holds)
def test_a_hold_never_touches_discharging(surplus: list[float], level: float, hold: Hold) -> None:
    deficits = [-abs(power) for power in surplus]
    held = run_held(deficits, level, BATTERY, 6000, hold)
    assert held.level == run_held(deficits, level, BATTERY, 6000, None).level


@given(surpluses, holds)
def test_above_the_ceiling_only_what_exceeds_the_limit_goes_in(
    surplus: list[float], hold: Hold
) -> None:
    below = [min(power, 6000.0) for power in surplus]
    trace = run_held(below, 2000, BATTERY, 6000, hold)
    assert max(trace.level) <= max(2000, hold.ceiling) + 1e-6


def test_a_held_battery_takes_the_excess_and_a_free_one_has_no_room_for_it() -> None:
    noon = [4000.0] * 16 + [8000.0] * 8
    free = run_held(noon, 1000, BATTERY, 6000, None).at(24)
    hold = Hold(3000, 2500, takes_excess=True)
    held = run_held(noon, 1000, BATTERY, 6000, hold).at(24)
    assert free.lost == pytest.approx(4000, abs=600)
    assert held.lost == pytest.approx(0)
    refusing = Hold(3000, 2500, takes_excess=False)
    assert run_held(noon, 1000, BATTERY, 6000, refusing).at(24).lost == pytest.approx(4000)


def test_the_reserve_is_never_touched() -> None:
    trace = run_held([-3000.0] * 96, 5000, BATTERY, 6000, None)
    assert trace.level[-1] == pytest.approx(BATTERY.floor)
    below = run_held([-3000.0] * 4, 500, BATTERY, 6000, None)
    assert below.level[-1] == 500
