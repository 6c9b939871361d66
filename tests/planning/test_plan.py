from copy import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from custom_components.hausstrom.planning.day import MOST_WRITES
from custom_components.hausstrom.planning.decision import Act, DecisionReason
from custom_components.hausstrom.planning.forecast import Errors
from custom_components.hausstrom.planning.lever import LevelLever, Sense, Setting
from custom_components.hausstrom.planning.model import STEP, Battery, Site
from custom_components.hausstrom.planning.observing import Observed
from custom_components.hausstrom.planning.outlook import look_ahead
from custom_components.hausstrom.planning.plan import LEAST_SAVING, decide, series
from custom_components.hausstrom.planning.prices import Prices
from custom_components.hausstrom.planning.search import Search

from .homes import BATTERY, MORNING, SEEN, SITE, VIENNA, day_of_sun, live, situation

# A day takes some 20 plans: shrinking an example would take minutes.
WITHOUT_SHRINKING = (Phase.explicit, Phase.generate)
LEVERS = [LevelLever(sense, takes) for sense in Sense for takes in (None, True, False)]


def test_a_clear_day_is_planned_with_room_for_noon_and_an_end_in_the_afternoon() -> None:
    decision = decide(situation())
    assert decision.act is Act.SET
    assert decision.reason is DecisionReason.PLANNED
    assert decision.setting is not None
    assert decision.setting.limit < 100
    end = decision.setting.end.astimezone(VIENNA)
    assert 11 <= end.hour <= 17
    assert end.date() == MORNING.date()
    assert decision.saving > 3000


def test_a_clear_day_ends_with_a_full_battery_and_little_lost() -> None:
    begin = situation()
    none, _, _ = live(begin, day_of_sun(MORNING, 8200), plan=False)
    lost, level, decisions = live(begin, day_of_sun(MORNING, 8200))
    assert none > 5000
    assert lost < 0.1 * none
    assert level >= 95
    assert sum(decision.act is not Act.NOTHING for decision in decisions) <= 3


@pytest.mark.parametrize("real", [Sense.FILLED, Sense.KEPT_FREE])
def test_while_nobody_knows_which_way_the_limit_counts_both_ways_do_little_harm(
    real: Sense,
) -> None:
    begin = situation(7800, lever=LevelLever())
    decision = decide(begin)
    assert decision.setting is not None
    assert 40 <= decision.setting.limit <= 60
    assert decision.setting.limit != 50  # it would never be seen
    truth = day_of_sun(MORNING, 7800)
    none, _, _ = live(begin, truth, plan=False)
    lost, level, _ = live(begin, truth, real=LevelLever(real))
    assert lost <= 0.45 * none
    assert level >= 95


def test_a_limit_that_counts_the_other_way_is_set_the_other_way() -> None:
    filled = decide(situation()).setting
    free = decide(situation(lever=LevelLever(Sense.KEPT_FREE, takes_excess=True))).setting
    assert filled is not None
    assert free is not None
    assert (free.limit, free.end) == (100 - filled.limit, filled.end)


@pytest.mark.parametrize("peak", [0.0, 984.0, 4000.0, 5000.0])
def test_where_nothing_is_lost_nothing_is_written(peak: float) -> None:
    decision = decide(situation(peak))
    assert decision.act is Act.NOTHING
    assert decision.reason in {
        DecisionReason.NOTHING_LOST,
        DecisionReason.UNLIKELY,
        DecisionReason.TOO_LITTLE,
    }


def test_without_any_forecast_of_sun_nothing_is_written() -> None:
    assert decide(replace(situation(), forecast={})).act is Act.NOTHING


def test_an_empty_battery_that_cannot_fill_otherwise_is_not_held_back() -> None:
    """Noon is just above the limit, and the battery would not be full anyway."""
    slow = Site(Battery(30_000, 2500, 2500), 10_000, 6000)
    assert decide(situation(6700, site=slow, level=0)).act is Act.NOTHING


def test_the_limit_stays_above_the_reserve() -> None:
    with_reserve = Site(replace(BATTERY, reserve=30.0), 10_000, 5000)
    decision = decide(situation(9500, site=with_reserve, level=31))
    assert decision.setting is not None
    assert decision.setting.limit >= 50
    unknown = decide(situation(9500, site=with_reserve, level=31, lever=LevelLever()))
    assert unknown.setting is None or min(unknown.setting.limit, 100 - unknown.setting.limit) >= 50


def test_a_plan_ends_when_its_end_has_come_and_when_the_sun_has_gone() -> None:
    noon = MORNING.replace(hour=14)
    over = Setting(30, noon.astimezone(UTC) - timedelta(minutes=1))
    assert decide(replace(situation(now=noon), current=over)).reason is DecisionReason.ENDED
    later = Setting(30, noon.astimezone(UTC) + timedelta(hours=3))
    dark = replace(situation(2500, now=noon, level=50), current=later)
    released = decide(dark)
    assert (released.act, released.reason) == (Act.RELEASE, DecisionReason.RELEASED)


def test_a_good_plan_is_kept() -> None:
    first = decide(situation())
    assert first.setting is not None
    again = decide(
        replace(situation(now=MORNING + timedelta(hours=1)), current=first.setting, spent=1)
    )
    assert (again.act, again.setting) == (Act.NOTHING, first.setting)


def test_no_plan_begins_or_changes_without_a_write_left_for_the_way_back() -> None:
    assert (
        decide(replace(situation(), spent=MOST_WRITES - 1)).reason is DecisionReason.NO_WRITES_LEFT
    )
    poor = Setting(90, MORNING.astimezone(UTC) + timedelta(hours=5))
    change = replace(situation(), current=poor, spent=1)
    assert decide(change).act is Act.SET
    assert decide(replace(change, spent=MOST_WRITES - 1)).act is Act.NOTHING


def test_a_morning_that_brings_a_quarter_of_the_forecast_ends_the_plan() -> None:
    noon = MORNING.replace(hour=11, minute=0)
    begin = situation(8200, now=noon, level=30)
    plan = Setting(30, noon.astimezone(UTC) + timedelta(hours=5))
    hours = day_of_sun(MORNING, 8200)
    seen = tuple(
        Observed(hour, energy, 0.25 * energy) for hour, energy in hours.items() if hour < begin.now
    )
    assert decide(replace(begin, current=plan, spent=1)).act is not Act.RELEASE
    assert decide(replace(begin, current=plan, spent=1, observed=seen)).act is Act.RELEASE


def test_the_rows_reach_from_now_to_the_next_sunrise_and_fit_together() -> None:
    begin = situation()
    decision = decide(begin)
    rows = series(begin, decision.outlook, decision.setting)
    assert len(rows) == (decision.outlook.sunrise - decision.outlook.start) // STEP
    assert rows[0].level == pytest.approx(begin.level)
    assert rows[0].level_without == pytest.approx(begin.level)
    assert max(row.export for row in rows) <= SITE.export_limit + 1
    assert max(row.level for row in rows) == pytest.approx(100, abs=1)
    noon = next(
        row for row in rows if decision.outlook.start + STEP * row.step >= MORNING.replace(hour=11)
    )
    assert noon.level < noon.level_without


@pytest.mark.parametrize(("capacity", "act"), [(10_000, Act.NOTHING), (5_000, Act.SET)])
def test_what_is_little_for_a_large_battery_is_much_for_a_small_one(
    capacity: float, act: Act
) -> None:
    site = Site(Battery(capacity, 2500, 2500), 10_000, 6000)
    decision = decide(replace(situation(6750, site=site), errors=Errors(0.02, 0.02)))
    assert 500 < decision.lost_without < 1000
    assert decision.act is act


@pytest.mark.parametrize("lever", LEVERS)
@settings(max_examples=8, deadline=None, phases=WITHOUT_SHRINKING)
@given(
    peak=st.floats(0, 12_000),
    level=st.floats(0, 100),
    hour=st.integers(0, 23),
    limit=st.floats(0.3, 1.0),
    capacity=st.floats(2_000, 30_000),
    power=st.floats(500, 10_000),
    reserve=st.sampled_from([0.0, 10.0, 30.0, 60.0, 90.0]),
)
def test_whatever_the_home_a_plan_harms_nobody(
    lever: LevelLever,
    peak: float,
    level: float,
    hour: int,
    limit: float,
    capacity: float,
    power: float,
    reserve: float,
) -> None:
    site = Site(Battery(capacity, power, power, reserve), 10_000, 10_000 * limit)
    begin = situation(peak, MORNING.replace(hour=hour), level, lever=lever, site=site)
    decision = decide(begin)
    if decision.act is Act.NOTHING:
        assert decision.setting is None
        return
    assert decision.act is Act.SET
    assert decision.setting is not None
    assert 0 <= decision.setting.limit <= 90 or lever.sense is Sense.KEPT_FREE
    lowest = min(decision.setting.limit, 100 - decision.setting.limit)
    ceiling = lowest if lever.sense is Sense.UNKNOWN else lever.turned(decision.setting.limit)
    assert ceiling >= reserve + 20
    assert begin.now < decision.setting.end <= decision.outlook.dusk
    assert decision.saving >= min(LEAST_SAVING, capacity / 10)
    assert decision.gain > 0
    # No scenario loses more than the plan is expected to gain.
    search = Search(begin, decision.outlook)
    cost = search.cost(decision.setting.limit, search.step(decision.setting.end))
    assert cost.worst <= max(decision.gain, 0.01) + 1e-9


@settings(max_examples=10, deadline=None, phases=WITHOUT_SHRINKING)
@given(
    forecast=st.floats(6500, 10_000),
    truth=st.floats(1000, 10_000),
    level=st.floats(0, 90),
)
def test_a_day_that_comes_otherwise_costs_little(
    forecast: float, truth: float, level: float
) -> None:
    """Whatever comes instead of the forecast: the evening's battery is as full, or nearly so."""
    begin = situation(forecast, level=level)
    sun = day_of_sun(MORNING, truth)
    lost_without, level_without, _ = live(begin, sun, plan=False)
    lost, level_with, decisions = live(begin, sun)
    assert lost <= lost_without + 300
    # The worst is a day that brings an eighth of its forecast: held back what never comes again.
    assert level_with >= level_without - 25
    assert sum(decision.act is not Act.NOTHING for decision in decisions) <= MOST_WRITES


def test_dear_energy_makes_careful() -> None:
    begin = situation(6800, level=0)
    free = replace(begin, prices=Prices(buy=0.32, sell=0.08))
    dear = replace(begin, prices=Prices(buy=3.2, sell=0.0))
    bold, careful = decide(free), decide(dear)
    assert careful.setting is None or (
        bold.setting is not None and careful.setting.end <= bold.setting.end
    )


def test_two_mornings_alike_are_planned_alike() -> None:
    assert decide(situation()) == decide(situation())


def test_at_night_there_is_nothing_to_hold() -> None:
    late = situation(now=datetime(2026, 6, 10, 23, 50, tzinfo=VIENNA), level=60)
    decision = decide(late)
    assert decision.act is Act.NOTHING
    assert decision.lost_without == 0
    outlook = look_ahead(late)
    assert outlook.dusk == outlook.start
    assert len(series(late, outlook, None)) >= 20


def test_a_day_of_25_hours_has_100_quarters() -> None:
    begin = datetime(2026, 10, 25, 0, 0, tzinfo=VIENNA)
    outlook = look_ahead(situation(now=begin))
    assert outlook.sunrise - outlook.start > timedelta(hours=29)
    assert len(outlook.pv) == len(outlook.load) == (outlook.sunrise - outlook.start) // STEP


def test_what_is_planned_for_a_seen_lever_is_the_best_of_all_settings() -> None:
    """Beside every limit and every quarter hour: the search misses next to nothing."""
    begin = situation()
    decision = decide(begin)
    search = Search(begin, decision.outlook)
    best = min(
        search.cost(limit, end).euros
        for limit in range(20, 91, 2)
        for end in range(1, len(decision.outlook.surplus) + 1)
    )
    assert decision.setting is not None
    chosen = search.cost(decision.setting.limit, search.step(decision.setting.end)).euros
    assert chosen <= best + 0.01
    assert SEEN.sense is Sense.FILLED
