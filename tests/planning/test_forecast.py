from copy import replace
from datetime import UTC, datetime, timedelta
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.planning.forecast import (
    DRAWS,
    Belief,
    Errors,
    believe,
    expected,
    learn,
    quarters,
    quarters_of,
    scenario,
)
from custom_components.hausstrom.planning.observing import Observed

NOON = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
energies = st.lists(st.floats(0, 50_000), max_size=48)


@given(energies)
def test_quarters_keep_the_energy_of_each_hour_and_are_never_negative(hours: list[float]) -> None:
    fine = quarters(hours)
    assert len(fine) == 4 * len(hours)
    assert all(power >= -1e-9 for power in fine)
    for index, energy in enumerate(hours):
        assert sum(fine[4 * index : 4 * index + 4]) / 4 == pytest.approx(energy, abs=1e-6)


def test_quarters_rise_with_the_morning() -> None:
    fine = quarters([0, 1000, 2000, 3000])
    assert fine == sorted(fine)


def test_a_start_within_an_hour_begins_at_its_quarter() -> None:
    hours = {NOON + HOUR * index: 1000.0 * index for index in range(4)}
    whole = quarters_of(hours, NOON, 12)
    assert quarters_of(hours, NOON + timedelta(minutes=45), 9) == whole[3:]
    assert quarters_of({}, NOON, 3) == [0, 0, 0]


def seen(ratios: list[float], *, at_least: bool = False) -> list[Observed]:
    first = NOON - HOUR * len(ratios)
    return [
        Observed(first + HOUR * index, 3000.0, 3000.0 * ratio, at_least)
        for index, ratio in enumerate(ratios)
    ]


def test_without_anything_seen_the_forecast_is_believed_with_its_usual_spread() -> None:
    belief = believe([], Errors(day=0.3), NOON)
    assert belief.mean == 0.0
    assert belief.spread == pytest.approx(0.3)


def test_hours_that_brought_less_lower_the_rest_and_make_surer() -> None:
    errors = Errors()
    one = believe(seen([0.5]), errors, NOON)
    four = believe(seen([0.5, 0.5, 0.5, 0.5]), errors, NOON)
    assert log(0.5) < four.mean < one.mean < 0
    assert four.spread < one.spread < errors.day


def test_what_was_seen_fades() -> None:
    belief = believe(seen([0.5, 0.5, 0.5]), Errors(), NOON)
    means = [belief.ahead(hours)[0] for hours in (0, 2, 6, 12)]
    spreads = [belief.ahead(hours)[1] for hours in (0, 2, 6, 12)]
    assert means == sorted(means)
    assert spreads == sorted(spreads)
    assert means[-1] < 0.0
    assert spreads[-1] <= Errors().day


def test_an_inverter_that_was_throttled_says_nothing_against_more_sun() -> None:
    assert believe(seen([0.6, 0.6], at_least=True), Errors(), NOON).mean == 0.0
    assert believe(seen([1.4, 1.4], at_least=True), Errors(), NOON).mean > 0.0


def test_dusk_and_dawn_tell_nothing() -> None:
    tiny = Observed(NOON - 2 * HOUR, 20.0, 0.0)
    assert believe([tiny, *seen([1.0])], Errors(), NOON).mean == pytest.approx(0.0, abs=1e-6)


def test_no_hour_is_above_what_the_roof_gives() -> None:
    belief = Belief(NOON, 1.0, 0.2, 0.25)
    assert set(expected({NOON: 9000.0}, belief, Errors(), 10_000).values()) == {10_000}


def test_scenarios_are_alike_whenever_they_are_drawn_and_balanced() -> None:
    assert sum(draw.weight for draw in DRAWS) == pytest.approx(1)
    assert sum(draw.weight * draw.day for draw in DRAWS) == pytest.approx(0)
    belief = Belief(NOON, 0.0, 0.2, 0.25)
    hours = {NOON + HOUR * index: 1000.0 for index in range(3)}
    later = {NOON + HOUR * index: 1000.0 for index in range(1, 3)}
    drawn = scenario(hours, belief, Errors(), 10_000, DRAWS[0])
    assert scenario(later, belief, Errors(), 10_000, DRAWS[0]) == {
        hour: drawn[hour] for hour in later
    }


def roof(ratio: float, days: int, noise: float = 0.0) -> list[list[Observed]]:
    return [
        [
            Observed(
                NOON - timedelta(days=day) + HOUR * hour,
                3000.0,
                3000.0 * ratio * exp(noise * (-1) ** (day + hour)),
            )
            for hour in range(-3, 4)
        ]
        for day in range(days)
    ]


def test_a_roof_whose_forecast_is_always_too_high_is_learnt_in_weeks_not_in_a_day() -> None:
    day, weeks = learn(roof(0.7, 1)), learn(roof(0.7, 28))
    assert exp(weeks.bias[NOON.hour]) == pytest.approx(0.7, abs=0.06)
    assert exp(day.bias[NOON.hour]) > 0.9
    assert weeks.hour < day.hour < Errors().hour


def test_a_restless_roof_is_trusted_less() -> None:
    assert learn(roof(1.0, 28, noise=0.5)).hour > 0.4 > learn(roof(1.0, 28)).hour


def test_a_roof_that_never_gave_more_is_not_expected_to() -> None:
    known = learn(roof(1.0, 28))
    assert known.most == pytest.approx(1.15 * 3000)
    assert learn(roof(1.0, 3)).most is None
    throttled = [[replace(hour, at_least=True) for hour in day] for day in roof(1.0, 28)]
    assert learn(throttled).most is None


def test_days_of_which_nothing_is_known_teach_nothing() -> None:
    assert learn([]) == learn([[], seen([0.5])]) == Errors()


@given(
    st.lists(
        st.tuples(st.floats(0, 1e9), st.floats(0, 1e9), st.booleans(), st.integers(-30, 0)),
        max_size=30,
    )
)
def test_no_history_leads_to_an_absurd_belief(
    rows: list[tuple[float, float, bool, int]],
) -> None:
    hours = [Observed(NOON + HOUR * at, f, a, least) for f, a, least, at in rows]
    errors = learn([hours])
    belief = believe(hours, errors, NOON)
    assert -1.3 <= belief.mean <= 1.3
    assert 0 <= belief.spread <= 1.3
    assert 0 < errors.hour <= 1.3
