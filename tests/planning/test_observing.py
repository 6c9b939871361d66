from datetime import UTC, datetime, timedelta

import pytest

from custom_components.hausstrom.planning.observing import HourMeter, SeenHour

NINE = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


def see(
    meter: HourMeter, minutes: range, power: float = 3000.0, export: float = 0.0
) -> list[SeenHour]:
    hours = []
    for minute in minutes:
        seen = meter.see(NINE + timedelta(minutes=minute), power, export, 6000)
        if seen is not None:
            hours.append(seen)
    return hours


def test_hours_that_were_seen_are_told_when_they_are_over() -> None:
    hours = see(HourMeter(), range(0, 130, 5))
    assert [hour.hour.hour for hour in hours] == [9, 10]
    assert [hour.energy for hour in hours] == [pytest.approx(3000), pytest.approx(3000)]


def test_an_hour_seen_in_part_is_none() -> None:
    assert see(HourMeter(), range(30, 70, 5)) == []
    assert [hour.hour.hour for hour in see(HourMeter(), range(10, 70, 5))] == [9]


def test_a_rising_morning_is_shared_between_its_hours() -> None:
    meter = HourMeter()
    hours = []
    for minute in range(0, 121, 10):
        seen = meter.see(NINE + timedelta(minutes=minute), minute * 10.0, 0, 6000)
        if seen is not None:
            hours.append(seen.energy)
    assert hours == [pytest.approx(300), pytest.approx(900)]


def test_a_night_without_readings_is_not_filled() -> None:
    meter = HourMeter()
    see(meter, range(0, 30, 5))
    assert meter.see(NINE + timedelta(hours=5), 3000, 0, 6000) is None
    assert see(meter, range(305, 330, 5)) == []


def test_an_hour_at_the_limit_was_throttled() -> None:
    meter = HourMeter()
    see(meter, range(0, 30, 5))
    see(meter, range(30, 40, 5), export=5990)
    hours = see(meter, range(40, 130, 5))
    assert [hour.throttled for hour in hours] == [True, False]


def test_a_clock_that_goes_back_counts_nothing() -> None:
    meter = HourMeter()
    see(meter, range(0, 60, 5))
    assert meter.see(NINE - timedelta(hours=2), 3000, 0, 6000) is None
