"""The past by hours: nothing lost and nothing doubled when the clocks change."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.senec.cloud.protocol.app import Resolution
from custom_components.hausstrom.senec.cloud.protocol.history import (
    Measurements,
    days_between,
    full_hour,
    hours_by_counter,
    local_midnight,
)
from custom_components.hausstrom.senec.protocol.errors import SenecCloudError
from simulators.senec_cloud_day import energies
from tests.senec.strategies import JSON_VALUES, objects_with

from .conftest import Stage

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
V3 = "100301"


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
async def test_days_of_every_length(stage: Stage, day: date, hours: int) -> None:
    stage.clock.now = datetime(2026, 12, 1, tzinfo=UTC)
    start, end = (local_midnight(day + timedelta(days=add), BERLIN) for add in (0, 1))
    series = await stage.account().app.measurements(V3, Resolution.HOUR, start, end, ["1"])
    counters = hours_by_counter(series, start, end)
    assert set(counters) == {
        "inverter_energy",
        "house_energy",
        "wallbox_energy",
        "grid_import_energy",
        "grid_export_energy",
        "bat_charge_energy",
        "bat_discharge_energy",
    }
    wanted = energies(stage.cloud.system(100301).home, start, end)
    for key, flow in (("inverter_energy", "generation"), ("grid_import_energy", "draw")):
        assert [hour.start for hour in counters[key]] == [start + n * HOUR for n in range(hours)]
        assert sum(hour.energy for hour in counters[key]) == pytest.approx(wanted[flow] / 1000)
    house = sum(hour.energy for hour in counters["house_energy"])
    assert house == pytest.approx((wanted["consumption"] - wanted["wallbox"]) / 1000)


def test_days_between_are_cut_at_both_ends() -> None:
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    end = datetime(2026, 3, 30, 6, tzinfo=UTC)
    days = list(days_between(start, end, BERLIN))
    assert [day.day for day in days] == [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)]
    assert days[0].start == start
    assert days[-1].end == end
    assert days[1].end - days[1].start == 23 * HOUR
    for before, after in pairwise(days):
        assert before.end == after.start
    assert list(days_between(end, start, BERLIN)) == []


@given(
    st.integers(0, 10 * 365 * 24 * 60),
    st.integers(0, 24 * 40),
)
def test_days_cover_a_time_without_gap(minutes: int, hours: int) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    end = start + hours * HOUR
    days = list(days_between(start, end, BERLIN))
    assert sum((day.end - day.start for day in days), timedelta()) == hours * HOUR


def series_of(rows: object, names: object = ("GRID_IMPORT",)) -> Measurements | None:
    return Measurements.from_json(
        {"timeSeries": rows, "measurements": list(names) if isinstance(names, tuple) else names}
    )


def row(moment: str, value: object, seconds: object = 3600) -> dict[str, object]:
    return {"date": moment, "measurements": {"durationInSeconds": seconds, "values": [value]}}


def test_short_rows_are_added_up_and_long_ones_left_out() -> None:
    rows = [row(f"2026-06-01T10:{minute:02}:00Z", 0.5, 300) for minute in range(0, 60, 5)]
    series = series_of([*rows, row("2026-06-01T11:00:00Z", 99, 7200)])
    assert series is not None
    start = datetime(2026, 6, 1, tzinfo=UTC)
    ((hour, energy),) = hours_by_counter(series, start, start + timedelta(days=1))[
        "grid_import_energy"
    ]
    assert (hour, energy) == (datetime(2026, 6, 1, 10, tzinfo=UTC), 6.0)


@pytest.mark.parametrize(
    "bad",
    [
        row("2026-06-01T10:00:00", 1),  # no instant
        row("2026-06-01T10:00:00Z", 1, 0),
        row("2026-06-01T10:00:00Z", 1, 10**12),
        row("2026-06-01T10:00:00Z", -1),
        row("2026-06-01T10:00:00Z", None),
        {
            "date": "2026-06-01T10:00:00Z",
            "measurements": {"values": [1], "durationInSeconds": None},
        },
        {
            "date": "2026-06-01T10:00:00Z",
            "measurements": {"durationInSeconds": 3600, "values": [1, 2]},
        },
        7,
    ],
)
def test_bad_rows_are_left_out(bad: object) -> None:
    series = series_of([bad, row("2026-06-01T11:00:00Z", 2.0)])
    assert series is not None
    start = datetime(2026, 6, 1, tzinfo=UTC)
    hours = hours_by_counter(series, start, start + timedelta(days=1))
    assert [hour.energy for hour in hours["grid_import_energy"]] == [2.0]


def test_hours_outside_are_left_out() -> None:
    series = series_of([row("2026-06-01T10:00:00Z", 1.0)])
    assert series is not None
    later = datetime(2026, 6, 1, 11, tzinfo=UTC)
    assert hours_by_counter(series, later, later + HOUR) == {}
    assert hours_by_counter(series, later - 2 * HOUR, later - HOUR) == {}


def test_what_is_no_series() -> None:
    assert Measurements.from_json({}) is None
    assert series_of([], ()) == Measurements(())
    assert series_of([row("2026-06-01T10:00:00Z", 1)], ()) is None
    assert series_of([], [1]) is None
    lower_case = Measurements.from_json({"timeseries": [], "measurements": []})
    assert lower_case == Measurements(())


async def test_no_series_is_an_error(stage: Stage) -> None:
    stage.cloud.fail("/app-measurements", status=200, text="{}")
    now = stage.clock.now
    with pytest.raises(SenecCloudError):
        await stage.account().app.measurements(V3, Resolution.HOUR, now - HOUR, now)


def test_the_sample_of_real_months(samples: dict[str, str]) -> None:
    series = Measurements.from_json(json.loads(samples["cloud_measurements_month.json"]))
    assert series is not None
    assert series.rows[0].start == datetime(2025, 4, 30, 22, tzinfo=UTC)
    assert series.rows[1].values["POWER_GENERATION"] == 2043.3262939453125
    assert (
        hours_by_counter(series, datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
        == {}
    )


def test_full_hours() -> None:
    moment = datetime(2026, 6, 1, 12, 59, 59, 5, tzinfo=BERLIN)
    assert full_hour(moment) == datetime(2026, 6, 1, 10, tzinfo=UTC)


@given(objects_with("timeSeries", "timeseries", "measurements"), JSON_VALUES, JSON_VALUES)
def test_hostile_series(answer: dict[str, object], date_: object, values: object) -> None:
    Measurements.from_json(answer)
    series = series_of(
        [{"date": date_, "measurements": {"durationInSeconds": 3600, "values": values}}]
    )
    assert series is not None
    start = datetime(2020, 1, 1, tzinfo=UTC)
    for hours in hours_by_counter(series, start, start + timedelta(days=9999)).values():
        assert all(hour.energy >= 0 for hour in hours)
