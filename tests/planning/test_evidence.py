from copy import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.planning.evidence import TIMES, DayWatch, Evidence, Observation
from custom_components.hausstrom.planning.lever import LevelLever, Sense, Setting

MORNING = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)
PLAN = Setting(40, MORNING + timedelta(hours=6))
FREE = Setting(60, MORNING + timedelta(hours=6))


NOTHING = Evidence()


def watch(evidence: Evidence = NOTHING) -> DayWatch:
    return DayWatch(evidence, export_limit=6000, capacity=10_000)


def see(
    watch: DayWatch,
    level: float,
    charge: float,
    export: float,
    setting: Setting = PLAN,
    times: int = 3,
) -> Evidence:
    """See the same for a while, five minutes apart, after what was seen before."""
    begin = MORNING if watch._last is None else watch._last.at + timedelta(minutes=5)
    for number in range(times):
        at = begin + timedelta(minutes=5 * number)
        watch.see(Observation(at, level, charge, export), setting)
    return watch.evidence


@pytest.mark.parametrize(
    ("setting", "level", "charge", "export", "sense"),
    [
        (PLAN, 40.5, 0, 2000, Sense.FILLED),  # stops at 40
        (PLAN, 50, 2400, 500, Sense.KEPT_FREE),  # goes on beyond 40
        (FREE, 40.5, 0, 2000, Sense.KEPT_FREE),
        (FREE, 50, 2400, 500, Sense.FILLED),
    ],
)
def test_where_charging_stops_or_goes_on_tells_which_way_the_limit_counts(
    setting: Setting, level: float, charge: float, export: float, sense: Sense
) -> None:
    assert see(watch(), level, charge, export, setting).sense is sense


@pytest.mark.parametrize(
    ("level", "charge", "export"),
    [
        (20, 2400, 500),  # below both: says nothing
        (30, 0, 2000),  # rests for another reason
        (50, 2400, 5900),  # at the limit of the connection it may charge anyway
        (40, 0, 100),  # nothing to charge with
        (97, 500, 2000),  # nearly full: it charges as it likes
    ],
)
def test_what_has_other_reasons_tells_nothing(level: float, charge: float, export: float) -> None:
    assert see(watch(), level, charge, export).sense is Sense.UNKNOWN


def test_one_reading_tells_nothing() -> None:
    assert see(watch(), 40.5, 0, 2000, times=1).sense is Sense.UNKNOWN


def test_a_limit_of_a_half_tells_nothing() -> None:
    half = Setting(50, PLAN.end)
    assert see(watch(), 50, 0, 2000, half).sense is Sense.UNKNOWN


def test_what_is_known_stays_known() -> None:
    known = Evidence(Sense.FILLED)
    assert see(watch(known), 50, 2400, 500).sense is Sense.FILLED


@pytest.mark.parametrize(("charge", "takes"), [(1500, True), (0, False)])
def test_above_its_limit_the_battery_takes_the_excess_or_not(charge: float, takes: bool) -> None:
    known = Evidence(Sense.FILLED)
    assert see(watch(known), 45, charge, 5950).takes_excess is takes


def test_a_battery_that_was_seen_to_take_the_excess_is_not_doubted_for_a_pause() -> None:
    day = watch(Evidence(Sense.FILLED))
    assert see(day, 45, 1500, 5950).takes_excess is True
    assert see(day, 46, 0, 5950).takes_excess is True


def test_what_is_charged_above_the_limit_at_the_connections_limit_is_saved() -> None:
    day = watch(Evidence(Sense.FILLED))
    see(day, 45, 1200, 5950, times=13)
    assert day.saved == pytest.approx(1200)
    free = watch(Evidence(Sense.FILLED))
    see(free, 30, 2400, 5950, times=13)  # below the limit it had charged without a plan, too
    see(free, 45, 1200, 3000, times=13)
    assert free.saved == 0


def test_a_gap_is_not_filled_with_savings() -> None:
    day = watch(Evidence(Sense.FILLED))
    day.see(Observation(MORNING, 45, 1200, 5950), PLAN)
    day.see(Observation(MORNING + timedelta(hours=2), 60, 1200, 5950), PLAN)
    assert day.saved == 0


def test_three_days_without_the_saving_that_was_expected_are_enough() -> None:
    evidence = Evidence(Sense.FILLED)
    for number in range(TIMES):
        assert not evidence.failed
        day = watch(evidence)
        see(day, 45, 0, 5950)
        evidence = day.close(expected=3000)
        assert evidence.unsaved == number + 1
    assert evidence.failed


def test_a_day_without_the_sun_that_was_forecast_is_not_held_against_the_lever() -> None:
    day = watch(Evidence(Sense.FILLED, unsaved=2))
    see(day, 45, 0, 2000)
    assert not day.close(expected=3000).failed


def test_a_day_with_a_saving_begins_anew() -> None:
    day = watch(Evidence(Sense.FILLED, unsaved=2))
    see(day, 45, 2000, 5950, times=13)
    assert day.close(expected=3000).unsaved == 0


def test_a_battery_that_charges_past_both_readings_is_given_up_after_three_days() -> None:
    evidence = Evidence()
    for _ in range(TIMES):
        assert not evidence.failed
        day = watch(evidence)
        see(day, 70, 2400, 500)
        evidence = day.close(expected=0)
    assert evidence.failed
    assert evidence.sense is Sense.UNKNOWN


@given(st.sampled_from(Sense), st.none() | st.booleans(), st.integers(0, 5), st.integers(0, 5))
def test_what_is_stored_comes_back(
    sense: Sense, takes: bool | None, unseen: int, unsaved: int
) -> None:
    evidence = Evidence(sense, takes, unseen, unsaved)
    assert Evidence.from_dict(evidence.as_dict()) == evidence


@given(st.dictionaries(st.sampled_from(["sense", "takes_excess", "unseen", "unsaved"]), st.text()))
def test_what_cannot_be_read_has_not_been_seen(stored: dict[str, str]) -> None:
    read = Evidence.from_dict(dict(stored))
    assert replace(read, sense=Sense.UNKNOWN) == Evidence()


def test_the_lever_follows_the_evidence() -> None:
    assert Evidence(Sense.KEPT_FREE, True).lever == LevelLever(Sense.KEPT_FREE, True)
