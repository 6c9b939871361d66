"""The energy of a V3 over a year with restarts, against what flowed: all of it, where it belongs."""

from dataclasses import replace

import pytest

from .recording import COUNTERS
from .year import V3, Played, play


def judge(played: Played) -> None:
    """Judge each counter once what was missed is filled in."""
    for key in COUNTERS:
        year = played.filled[key]
        assert abs(year.missing) <= 0.2, (key, year)
        assert year.spikes == 0, (key, year)
        assert year.negative == 0, (key, year)


@pytest.mark.timeout(300)
def test_a_year_with_restarts() -> None:
    played = play(365)
    judge(played)
    # Without filling the same year loses much, and shows hours of several kWh at once.
    assert max(year.missing for year in played.plain.values()) > 2
    assert max(year.spikes for year in played.plain.values()) > 20


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("zone", "days"), [("Australia/Adelaide", 120), ("Asia/Kolkata", 120), ("Asia/Kathmandu", 120)]
)
def test_where_midnight_is_within_an_hour_of_utc(zone: str, days: int) -> None:
    """A row of the statistics has two days in it there; in Adelaide the clock changes, too."""
    played = play(days, replace(V3, zone=zone))
    judge(played)
    assert max(year.missing for year in played.plain.values()) > 2
