from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.hausstrom.planning.load import UNKNOWN_LOAD, kind_of_day, load_profile

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 6, 1, 0, 0, tzinfo=BERLIN)


def weeks(count: int) -> list[tuple[datetime, float]]:
    """A house that uses 200 Wh, at 18 h 1,000, on Sundays at noon 3,000."""
    hours = []
    for index in range(count * 7 * 24):
        start = MONDAY.astimezone(UTC) + timedelta(hours=index)
        local = start.astimezone(BERLIN)
        energy = 1000.0 if local.hour == 18 else 200.0
        hours.append((start, 3000.0 if kind_of_day(local) == 2 and local.hour == 12 else energy))
    return hours


def test_a_house_has_its_habits() -> None:
    profile = load_profile(weeks(4), BERLIN)
    later = MONDAY + timedelta(days=28)
    assert profile.at(later.replace(hour=18)) == 1000
    assert profile.at(later.replace(hour=12)) == 200
    assert profile.at((later + timedelta(days=6)).replace(hour=12)) == 3000
    assert profile.days == 28


def test_one_day_of_guests_is_no_habit() -> None:
    hours = [
        (start, 9000.0 if 24 <= index < 48 else e) for index, (start, e) in enumerate(weeks(4))
    ]
    assert load_profile(hours, BERLIN).at(MONDAY + timedelta(days=29, hours=9)) == 200


def test_under_a_week_the_mean_of_what_there_is() -> None:
    profile = load_profile(weeks(1)[:48], BERLIN)
    assert profile.at(MONDAY) == profile.at(MONDAY.replace(hour=18))
    assert profile.at(MONDAY) == pytest.approx((23 * 200 + 1000) / 24)


def test_without_history_half_a_kilowatt() -> None:
    assert load_profile([], BERLIN).quarters(MONDAY, 3) == [UNKNOWN_LOAD] * 3


def test_what_cannot_be_a_load_is_left_out() -> None:
    hours = [*weeks(4), (MONDAY, -5.0), (MONDAY, 4e9), (MONDAY, float("nan"))]
    assert load_profile(hours, BERLIN) == load_profile(weeks(4), BERLIN)
