from copy import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.planning.day import (
    COMPLAIN_AFTER,
    MOST_WRITES,
    Ledger,
    SettingOwner,
    Settings,
)
from custom_components.hausstrom.planning.lever import Setting

TODAY = date(2026, 6, 10)
NOW = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
OFF = Settings("deactivated", 0, "00:00")
AUTO = Settings("auto", 0, "00:00")
PLAN = Settings("manual", 40, "15:00")
PLANNED = Setting(40, NOW + timedelta(hours=3))


def begun() -> Ledger:
    return Ledger().setting_out(OFF, PLAN, PLANNED, TODAY)


def test_what_nobody_set_belongs_to_the_user() -> None:
    assert Ledger().owner(AUTO, "manual") is SettingOwner.USER


def test_until_a_write_is_confirmed_either_side_of_it_is_the_planners() -> None:
    assert begun().owner(OFF, "manual") is SettingOwner.PLANNER
    assert begun().owner(PLAN, "manual") is SettingOwner.PLANNER
    assert begun().owner(AUTO, "manual") is SettingOwner.STRANGER


def test_once_it_is_confirmed_going_back_is_a_persons_hand() -> None:
    arrived = begun().arrived()
    assert arrived.owner(PLAN, "manual") is SettingOwner.PLANNER
    assert arrived.owner(OFF, "manual") is SettingOwner.STRANGER
    assert arrived.owner(replace(PLAN, limit=50), "manual") is SettingOwner.STRANGER


def test_limit_and_end_do_not_matter_where_the_mode_is_not_manual() -> None:
    assert OFF.same(Settings("deactivated", 90, "13:00"), "manual")
    assert not PLAN.same(replace(PLAN, end="14:00"), "manual")


def test_a_changed_plan_still_leads_back_to_what_the_user_had() -> None:
    changed = begun().arrived().setting_out(PLAN, replace(PLAN, limit=60), PLANNED, TODAY)
    assert changed.users == OFF
    assert changed.spent(TODAY) == 2


def test_writes_are_counted_by_day_and_one_is_left_for_the_way_back() -> None:
    ledger = Ledger()
    sets = 0
    while ledger.may_set(TODAY):
        ledger = ledger.setting_out(OFF, PLAN, PLANNED, TODAY).arrived()
        sets += 1
    assert sets == MOST_WRITES - 1
    assert ledger.may_restore(NOW, TODAY)
    ledger = ledger.restoring(TODAY)
    assert not ledger.may_restore(NOW, TODAY)
    assert ledger.may_set(TODAY + timedelta(days=1))


def test_a_person_has_the_last_word_of_the_day() -> None:
    paused = begun().arrived().hands_off(TODAY)
    assert paused.written is None
    assert not paused.may_set(TODAY)
    assert paused.may_set(TODAY + timedelta(days=1))


def test_the_way_back_is_tried_ever_more_seldom_and_after_an_hour_it_is_said() -> None:
    ledger = begun().arrived()
    now, tries = NOW, 0
    while now < NOW + timedelta(hours=3):
        if ledger.next_attempt is None or now >= ledger.next_attempt:
            ledger = ledger.not_restored(now)
            tries += 1
        assert ledger.to_complain(now) is (now - NOW >= COMPLAIN_AFTER)
        now += timedelta(minutes=1)
    assert 4 <= tries <= 7
    assert not ledger.cleared().to_complain(now)


moments = st.datetimes(timezones=st.just(UTC))
days = st.none() | st.dates()
some_settings = st.none() | st.builds(
    Settings, st.text(), st.none() | st.integers(0, 100), st.none() | st.text()
)


@given(
    st.builds(
        Ledger,
        users=some_settings,
        written=some_settings,
        before_it=some_settings,
        setting=st.none() | st.builds(Setting, st.integers(0, 100), moments),
        paused=days,
        day=days,
        writes=st.integers(0, 9),
        failing_since=st.none() | moments,
        # Not stored: after a restart the way back is tried at once.
        attempts=st.just(0),
        next_attempt=st.none(),
    )
)
def test_what_is_stored_comes_back(ledger: Ledger) -> None:
    assert Ledger.from_dict(ledger.as_dict()) == ledger


junk = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())


@given(st.dictionaries(st.sampled_from(list(Ledger().as_dict())), junk))
def test_what_cannot_be_read_is_as_if_it_had_not_been(stored: dict[str, object]) -> None:
    ledger = Ledger.from_dict(stored)
    assert ledger.written is None
    assert ledger.users is None
