"""The energy of a V3 over a year with restarts, against what flowed: all of it, where it belongs."""

import pytest

from .year import KEYS, play


@pytest.mark.timeout(300)
def test_a_year_with_restarts() -> None:
    played = play(365)
    for key in KEYS:
        year = played.filled[key]
        assert abs(year.missing) <= 0.2, (key, year)
        assert year.spikes == 0, (key, year)
        assert year.negative == 0, (key, year)
    # Without filling the same year loses much, and shows hours of several kWh at once.
    assert max(year.missing for year in played.plain.values()) > 2
    assert max(year.spikes for year in played.plain.values()) > 20
