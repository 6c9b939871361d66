"""What was not read: how much is missing, and into which hours it goes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.senec.cloud.filled_rows import energies_with
from custom_components.hausstrom.senec.cloud.protocol.gaps import (
    Gap,
    GapWatch,
    first_part,
    missed,
    spread,
)

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
FIRST = datetime(2026, 6, 11, 18, tzinfo=UTC)
energies = st.floats(0, 20)


@pytest.mark.parametrize(
    ("counter", "lost"),
    [
        (9.0, 1.0),  # the day had ten, and nine were seen
        (10.5, 0.0),  # SENEC's series has less than its counter: nothing is taken back
        (2.0, 3.0),  # it has far more: not more than flowed in the hours that nobody read
    ],
)
def test_what_was_missed_is_never_negative_and_never_a_spike(counter: float, lost: float) -> None:
    hours = [FIRST + 2 * HOUR, FIRST + 3 * HOUR]
    told = {FIRST: 5.0, FIRST + HOUR: 2.0, hours[0]: 2.0, hours[1]: 1.0}
    assert missed(told, hours, counter) == lost


@given(
    recorded=st.lists(energies, min_size=2, max_size=12),
    told=st.lists(st.none() | energies, min_size=12, max_size=12),
    more=energies,
    ends_day=st.booleans(),
)
def test_nothing_is_lost_made_or_negative(
    recorded: list[float], told: list[float | None], more: float, ends_day: bool
) -> None:
    hours = [FIRST + number * HOUR for number in range(len(recorded))]
    there = dict(zip(hours, recorded, strict=True))
    series = {hour: energy for hour, energy in zip(hours, told, strict=False) if energy is not None}
    found = spread(there, series, hours, more, ends_day=ends_day)
    assert sum(found.values()) == pytest.approx(sum(recorded) + more)
    assert all(energy >= -1e-9 for energy in found.values())
    caught_up = hours[0] if ends_day else hours[-1]
    assert all(found[hour] >= there[hour] - 1e-9 for hour in hours if hour != caught_up or ends_day)


@pytest.mark.parametrize(
    ("before", "after", "gaps"),
    [
        ("2026-06-11T21:55+00:00", "2026-06-11T22:00+00:00", 1),  # each midnight
        ("2026-06-11T10:55+00:00", "2026-06-11T11:05+00:00", 0),
        ("2026-06-11T10:05+00:00", "2026-06-11T10:55+00:00", 0),  # within an hour
        ("2026-06-11T10:55+00:00", "2026-06-11T11:10+00:00", 1),
        ("2026-06-11T11:10+00:00", "2026-06-11T10:55+00:00", 0),  # an older one says nothing
    ],
)
def test_what_is_a_gap(before: str, after: str, gaps: int) -> None:
    watch = GapWatch()
    for moment in (before, after):
        at = datetime.fromisoformat(moment)
        found = watch.see(at, at + timedelta(minutes=1), {"house_energy": 1.0}, BERLIN)
    assert len(found) == gaps


@pytest.mark.parametrize("stored", [None, [], "x", {"a": 1}, {"a": {"measured": "soon"}}])
def test_what_cannot_be_read_of_a_store(stored: object) -> None:
    assert GapWatch(stored).as_dict() == {}
    assert Gap.from_dict(stored) is None


def test_a_gap_as_it_is_stored() -> None:
    gap = Gap(FIRST, FIRST + HOUR, FIRST + 2 * HOUR, {"house_energy": 1.5})
    assert Gap.from_dict(gap.as_dict()) == gap
    begun = gap._replace(sums={"house_energy": 7.5})
    assert Gap.from_dict(begun.as_dict()) == begun
    assert begun.key == gap.key
    watch = GapWatch()
    watch.see(FIRST, FIRST, {"house_energy": 1.5}, BERLIN)
    assert GapWatch(watch.as_dict()).as_dict() == watch.as_dict()


def test_a_midnight_within_an_hour_of_utc() -> None:
    """A night in Adelaide (UTC+9:30): its last row of the old day is the first one of the new."""
    start = datetime(2026, 6, 11, 10, 10, tzinfo=UTC)
    gap = Gap(start, start + 8 * HOUR, start + 8 * HOUR, {"house_energy": 1.0})
    evening = first_part(gap, ZoneInfo("Australia/Adelaide"))
    shared = datetime(2026, 6, 11, 14, tzinfo=UTC)
    assert evening.ends_day
    assert evening.end == shared + HOUR / 2
    assert evening.hours[-1] == shared
    assert evening.rest is not None
    morning = first_part(evening.rest, ZoneInfo("Australia/Adelaide"))
    assert morning.midnight == evening.end
    assert morning.hours[0] == shared
    assert not morning.ends_day
    # What the shared row has is another day's, for both: nobody read in it on this day.
    recorded = {shared: 2.0}
    assert evening.of_this_day(recorded, 1.0) == {shared: 0.0}
    assert morning.of_this_day(recorded, 0.0) == {shared: 0.0}
    assert first_part(gap, BERLIN).is_of_full_hours
    assert not evening.is_of_full_hours


def test_a_row_with_two_days_gets_what_the_old_day_had_in_it() -> None:
    """Home Assistant is back ten minutes after a midnight at half past: the row has the new day's."""
    start = datetime(2026, 6, 11, 16, 40, tzinfo=UTC)
    back = datetime(2026, 6, 11, 18, 50, tzinfo=UTC)
    gap = Gap(start, back, back, {"house_energy": 5.0})
    part = first_part(gap, ZoneInfo("Asia/Kolkata"))
    first, second, shared = part.hours
    told = {first: 0.9, second: 0.6, shared: 0.3}  # of the shared row the old day's half hour
    recorded = {first: 0.5, shared: 0.2}  # the new day's twenty minutes
    energies = energies_with(part, recorded, told, 5.0, more=1.3)
    assert energies == pytest.approx({first: 0.9, second: 0.6, shared: 0.5})
    # What is left of the gap is nothing: the new day's counter has caught up in the same row.
    assert part.rest is not None
    assert first_part(part.rest, ZoneInfo("Asia/Kolkata")).is_nothing


def test_a_morning_that_begins_in_a_row_of_the_day_before() -> None:
    midnight = datetime(2026, 6, 11, 18, 30, tzinfo=UTC)
    back = datetime(2026, 6, 11, 20, 50, tzinfo=UTC)
    part = first_part(Gap(midnight, back, back, {"house_energy": 0.0}), ZoneInfo("Asia/Kolkata"))
    shared, second, last = part.hours
    told = {shared: 0.3, second: 0.6, last: 0.5}
    recorded = {shared: 0.4, last: 1.35}  # the old day's half hour; all that the counter shows
    energies = energies_with(part, recorded, told, 0.0, more=0.0)
    assert energies == pytest.approx({shared: 0.7, second: 0.6, last: 0.45})
