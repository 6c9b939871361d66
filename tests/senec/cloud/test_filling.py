"""What was missed while Home Assistant was off, and before each midnight, is filled by itself."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from homeassistant.components.recorder.statistics import async_change_statistics_unit
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.senec.cloud import history_import, past
from custom_components.hausstrom.senec.cloud.coordinator import SenecCloudCoordinator
from custom_components.hausstrom.senec.cloud.protocol.history import hours_by_counter

from .conftest import Home
from .recording import HOUR, KEYS, RecordedHome, recorded, truth

__all__ = ["recorded"]  # a fixture

SERIES = "/app-measurements/measurements/api/v1/systems/100301/measurements"
QUARTER = timedelta(minutes=15)


type Rows = dict[str, dict[datetime, dict[str, Any]]]


async def all_rows(recorded: RecordedHome, entry: HausstromConfigEntry) -> Rows:
    return {key: await recorded.rows(entry, key) for key in KEYS}


def told_of(entry: HausstromConfigEntry) -> dict[str, Any]:
    coordinator = entry.runtime_data
    assert isinstance(coordinator, SenecCloudCoordinator)
    return coordinator.filler.diagnostics()


def asked(home: Home) -> int:
    """Return how often hours of the past were asked for."""
    return sum("/measurements?resolution=HOUR" in path for _, path in home.cloud.log)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def lag(recorded: RecordedHome, key: str, *ends: datetime) -> float:
    """Return how much the recorder may be behind at some instants, in kWh.

    A reading of a V3 is up to five minutes old, and the recorder's hour ends with the last one
    before its end; where the tests poll every ten minutes, that is a quarter of an hour.
    """
    return 0.001 + sum(truth(recorded.system, key, end - QUARTER, end + QUARTER) for end in ends)


def check_hours(recorded: RecordedHome, rows: Rows, first: str, last: str) -> None:
    """Each hour from the first to the last one has what flowed in it, and none is negative.

    The first one is partly the recorder's own.
    """
    for key in KEYS:
        assert all(row["change"] >= -1e-9 for row in rows[key].values()), key
        hour = at(first)
        while hour <= at(last):
            wanted = truth(recorded.system, key, hour, hour + HOUR)
            near = lag(recorded, key, hour) if hour == at(first) else 1e-6
            assert rows[key][hour]["change"] == pytest.approx(wanted, abs=near), (key, hour)
            hour += HOUR


def check_sum(recorded: RecordedHome, rows: Rows, first: str) -> None:
    """All hours from the first one on have together what flowed."""
    for key in KEYS:
        hours = [hour for hour in rows[key] if hour >= at(first)]
        total = sum(rows[key][hour]["change"] for hour in hours)
        begin, end = hours[0], hours[-1] + HOUR
        flowed = truth(recorded.system, key, begin, end)
        assert total == pytest.approx(flowed, abs=lag(recorded, key, begin, end)), key


@pytest.mark.parametrize("flat", [True, False])
async def test_some_hours_of_a_day(recorded: RecordedHome, flat: bool) -> None:
    home = recorded.home
    home.freezer.move_to("2026-06-11T05:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T08:20+00:00")
    await recorded.off(entry, "2026-06-11T12:40+00:00", flat=flat)
    await recorded.until("2026-06-11T13:05+00:00")
    before = await all_rows(recorded, entry)
    home.cloud.forget()
    # Twelve o'clock has the energy of four hours now: 11.4 kWh of a roof with 8.2 kWp.
    assert before["inverter_energy"][at("2026-06-11T12:00+00:00")]["change"] > 10
    await recorded.until("2026-06-11T13:20+00:00")
    after = await all_rows(recorded, entry)
    assert asked(home) == 1
    check_hours(recorded, after, "2026-06-11T08:00+00:00", "2026-06-11T11:00+00:00")
    for key in KEYS:
        hours = sorted(before[key])
        for hour in hours:
            # What was there before, and where the sum stood afterwards, is as it was.
            if hour < at("2026-06-11T08:00+00:00") or hour == hours[-1]:
                assert after[key][hour]["sum"] == before[key][hour]["sum"], (key, hour)
    # The hour after the gap keeps the rest: what flowed in it until the reading of 12:55, which is
    # its last one, and what the last hour before the gap was behind.
    noon = after["inverter_energy"][at("2026-06-11T12:00+00:00")]
    rest = [
        truth(recorded.system, "inverter_energy", at(begin), at(end))
        for begin, end in (
            ("2026-06-11T07:55+00:00", "2026-06-11T08:00+00:00"),
            ("2026-06-11T12:00+00:00", "2026-06-11T12:55+00:00"),
        )
    ]
    assert noon["change"] == pytest.approx(sum(rest), abs=1e-6)
    await recorded.until("2026-06-11T15:10+00:00")
    later = await all_rows(recorded, entry)
    assert asked(home) == 1
    assert told_of(entry)["gaps"] == []
    check_sum(recorded, later, "2026-06-11T06:00+00:00")


@pytest.mark.parametrize("flat", [True, False])
async def test_a_night_is_not_lost(recorded: RecordedHome, flat: bool) -> None:
    home = recorded.home
    home.freezer.move_to("2026-06-11T15:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T18:10+00:00")
    await recorded.off(entry, "2026-06-12T07:50+00:00", flat=flat, minutes=10)
    # Once for the day before and once for the new day, with two polls.
    await recorded.until("2026-06-12T09:20+00:00")
    rows = await all_rows(recorded, entry)
    check_hours(recorded, rows, "2026-06-11T18:00+00:00", "2026-06-12T06:00+00:00")
    check_sum(recorded, rows, "2026-06-11T16:00+00:00")
    filled = told_of(entry)
    assert filled["gaps"] == []
    assert filled["parts"] == 2
    # From 18:10 to 22:00 UTC nothing would have shown it ever.
    lost = sum(
        truth(recorded.system, key, at("2026-06-11T18:10+00:00"), at("2026-06-11T22:00+00:00"))
        for key in KEYS
    )
    assert filled["missed_kwh"] == pytest.approx(lost, abs=0.2)
    # The recorder goes on from there.
    await recorded.until("2026-06-12T11:05+00:00")
    check_sum(recorded, await all_rows(recorded, entry), "2026-06-11T16:00+00:00")


async def test_days_on_end(recorded: RecordedHome) -> None:
    home = recorded.home
    home.freezer.move_to("2026-06-11T15:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T18:10+00:00")
    await recorded.off(entry, "2026-06-14T07:40+00:00", minutes=30)
    home.cloud.forget()
    await recorded.until("2026-06-14T09:25+00:00")
    rows = await all_rows(recorded, entry)
    check_hours(recorded, rows, "2026-06-11T18:00+00:00", "2026-06-14T06:00+00:00")
    check_sum(recorded, rows, "2026-06-11T16:00+00:00")
    assert asked(home) == 4  # a day with each


async def test_the_minutes_before_midnight(recorded: RecordedHome) -> None:
    home = recorded.home
    home.freezer.move_to("2026-06-11T20:03:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-12T00:18+00:00")
    rows = await all_rows(recorded, entry)
    hour, midnight = at("2026-06-11T21:00+00:00"), at("2026-06-11T22:00+00:00")
    house = rows["house_energy"]
    lost = truth(recorded.system, "house_energy", midnight - timedelta(minutes=5), midnight)
    assert lost > 0.02
    # The row of the hour began and ended ten minutes late, and has the last minutes besides.
    begun = truth(recorded.system, "house_energy", hour - timedelta(minutes=5), midnight)
    assert house[hour]["change"] == pytest.approx(begun, abs=1e-6)
    check_sum(recorded, rows, "2026-06-11T21:00+00:00")
    filled = told_of(entry)
    assert filled["parts"] == 1
    assert filled["missed_kwh"] > lost
    assert asked(home) == 1
    total = house[midnight]["sum"] - house[hour]["sum"]
    first_hour = truth(recorded.system, "house_energy", midnight, midnight + timedelta(minutes=55))
    assert total == pytest.approx(first_hour, abs=1e-6)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/app-measurements", 503), ("/", 500)],
)
async def test_live_values_that_fail_for_hours(
    recorded: RecordedHome, path: str, status: int
) -> None:
    home = recorded.home
    home.freezer.move_to("2026-06-11T17:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T19:30+00:00", minutes=10)
    home.cloud.fail(path, status=status)
    await recorded.until("2026-06-12T04:30+00:00", minutes=10)
    home.cloud.heal()
    await recorded.until("2026-06-12T08:00+00:00", minutes=10)
    rows = await all_rows(recorded, entry)
    check_hours(recorded, rows, "2026-06-11T20:00+00:00", "2026-06-12T03:00+00:00")
    check_sum(recorded, rows, "2026-06-11T18:00+00:00")


async def test_it_goes_on_after_a_429_and_after_a_restart(recorded: RecordedHome) -> None:
    home = recorded.home
    home.freezer.move_to("2026-06-11T15:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T18:10+00:00", minutes=10)
    await recorded.off(entry, "2026-06-13T07:30+00:00", minutes=30)
    await recorded.until("2026-06-13T08:05+00:00")
    home.cloud.fail(SERIES, status=429, retry_after="2400", times=1)
    home.cloud.forget()
    await recorded.until("2026-06-13T08:45+00:00")
    assert asked(home) == 1  # not before SENEC wants it
    assert told_of(entry)["failures"] == {"rate_limit": 1}
    await recorded.until("2026-06-13T08:50+00:00")
    assert asked(home) == 2
    assert len(told_of(entry)["gaps"]) == 1
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    await recorded.until("2026-06-13T09:20+00:00")
    rows = await all_rows(recorded, entry)
    check_hours(recorded, rows, "2026-06-11T18:00+00:00", "2026-06-13T06:00+00:00")
    check_sum(recorded, rows, "2026-06-11T16:00+00:00")
    assert told_of(entry)["gaps"] == []


@pytest.mark.parametrize(
    "answer",
    [
        {"timeSeries": [], "measurements": ["GRID_IMPORT"]},
        None,
    ],
)
async def test_a_history_that_has_nothing_changes_nothing(
    recorded: RecordedHome, answer: object
) -> None:
    home = recorded.home
    home.freezer.move_to("2026-06-11T05:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T07:20+00:00")
    await recorded.off(entry, "2026-06-11T09:40+00:00")
    home.cloud.fail(SERIES, status=200, text=json.dumps(answer))
    await recorded.until("2026-06-11T10:05+00:00")
    before = await all_rows(recorded, entry)
    await recorded.until("2026-06-11T11:20+00:00")
    after = await all_rows(recorded, entry)
    assert told_of(entry)["failures"]
    for key in KEYS:
        for hour, row in before[key].items():
            assert after[key][hour] == row
    # It is asked again, and has them some hours later.
    home.cloud.heal()
    await recorded.until("2026-06-11T13:20+00:00")
    rows = await all_rows(recorded, entry)
    check_hours(recorded, rows, "2026-06-11T07:00+00:00", "2026-06-11T08:00+00:00")


@pytest.mark.parametrize("factor", [0.0, 0.3, 1000.0])
async def test_a_history_that_is_wrong_makes_no_spike(
    recorded: RecordedHome, monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    """What SENEC's series tells and its counters do not: no hour falls, the day stays the day."""
    home = recorded.home
    home.freezer.move_to("2026-06-11T05:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T07:20+00:00")
    await recorded.off(entry, "2026-06-11T09:40+00:00")
    true = hours_by_counter

    def wrong(*args: Any, **kwargs: Any) -> Any:
        told = true(*args, **kwargs)
        return {
            key: [hour._replace(energy=hour.energy * factor) for hour in hours]
            for key, hours in told.items()
        }

    monkeypatch.setattr(past, "hours_by_counter", wrong)
    await recorded.until("2026-06-11T11:20+00:00")
    assert told_of(entry)["parts"] == 1
    rows = await all_rows(recorded, entry)
    check_sum(recorded, rows, "2026-06-11T06:00+00:00")
    for key in KEYS:
        totals = [row["sum"] for row in rows[key].values()]
        assert all(after >= before - 1e-9 for before, after in pairwise(totals)), key


async def test_wallboxes_that_are_not_known_are_asked_for_first(recorded: RecordedHome) -> None:
    home = recorded.home
    home.freezer.move_to("2026-06-12T05:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-12T09:20+00:00")
    before = await all_rows(recorded, entry)
    await home.hass.config_entries.async_unload(entry.entry_id)
    data = {key: value for key, value in entry.data.items() if key != "wallbox_ids"}
    home.hass.config_entries.async_update_entry(entry, data=data)
    await recorded.until("2026-06-12T11:40+00:00")
    home.cloud.fail("/app-systems/systems/api/v1", status=503)
    home.cloud.fail("/app-wallbox", status=401)
    await home.hass.config_entries.async_setup(entry.entry_id)
    await recorded.until("2026-06-12T13:40+00:00")
    home.cloud.forget()
    assert asked(home) == 0
    assert told_of(entry)["parts"] == 0
    for key in KEYS:
        for hour, row in before[key].items():
            assert (await recorded.rows(entry, key))[hour]["change"] == row["change"]
    span = {"config_entry_id": entry.entry_id, "start": "2026-06-11 00:00:00"}
    with pytest.raises(HomeAssistantError):
        await home.hass.services.async_call(
            DOMAIN, "import_senec_history", span, blocking=True, return_response=True
        )
    home.cloud.heal()
    await recorded.until("2026-06-12T16:00+00:00")
    rows = await all_rows(recorded, entry)
    check_hours(recorded, rows, "2026-06-12T09:00+00:00", "2026-06-12T10:00+00:00")
    check_sum(recorded, rows, "2026-06-12T06:00+00:00")
    assert rows["wallbox_energy"][at("2026-06-12T10:00+00:00")]["change"] > 1


async def test_an_import_by_hand_beside_it_doubles_nothing(recorded: RecordedHome) -> None:
    home = recorded.home
    home.freezer.move_to("2026-06-11T05:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T07:20+00:00")
    await recorded.off(entry, "2026-06-11T09:40+00:00")
    await recorded.until("2026-06-11T10:05+00:00")

    async def imported() -> dict[str, Any]:
        response = await home.hass.services.async_call(
            DOMAIN,
            "import_senec_history",
            {"config_entry_id": entry.entry_id, "start": "2026-06-11 00:00:00"},
            blocking=True,
            return_response=True,
        )
        await async_wait_recording_done(home.hass)
        assert isinstance(response, dict)
        return response

    # It ends before the gap: the hour after it holds all of the gap's energy.
    assert (await imported())["end"] == "2026-06-11T07:00:00+00:00"
    await recorded.until("2026-06-11T11:20+00:00")
    assert told_of(entry)["parts"] == 1
    rows = await all_rows(recorded, entry)
    check_hours(recorded, rows, "2026-06-11T07:00+00:00", "2026-06-11T08:00+00:00")
    check_sum(recorded, rows, "2026-06-11T06:00+00:00")
    assert (await imported())["end"] == "2026-06-11T10:00:00+00:00"
    check_sum(recorded, await all_rows(recorded, entry), "2026-06-10T22:00+00:00")


async def test_what_was_filled_already_is_not_filled_again(recorded: RecordedHome) -> None:
    """As after a power cut between the recorder's write and ours."""
    home = recorded.home
    home.freezer.move_to("2026-06-11T15:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T18:10+00:00", minutes=10)
    await recorded.off(entry, "2026-06-12T07:50+00:00", minutes=10)
    coordinator = entry.runtime_data
    assert isinstance(coordinator, SenecCloudCoordinator)
    gaps = list(coordinator.filler._gaps)
    assert len(gaps) == 1
    await recorded.until("2026-06-12T09:20+00:00")
    assert told_of(entry)["gaps"] == []
    first = await all_rows(recorded, entry)
    coordinator.filler._gaps[:] = gaps
    await recorded.until("2026-06-12T09:35+00:00")
    assert told_of(entry)["gaps"] == []
    assert told_of(entry)["parts"] == 4
    again = await all_rows(recorded, entry)
    for key in KEYS:
        for hour, row in first[key].items():
            assert again[key][hour]["sum"] == pytest.approx(row["sum"], abs=1e-6), (key, hour)


async def test_statistics_in_another_unit(recorded: RecordedHome) -> None:
    home = recorded.home
    home.freezer.move_to("2026-06-11T15:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T18:10+00:00", minutes=10)
    entity_id = home.entity_id(entry, "sensor", "house_energy")
    await async_change_statistics_unit(
        home.hass, entity_id, new_unit_of_measurement="MWh", old_unit_of_measurement="kWh"
    )
    await async_wait_recording_done(home.hass)
    await recorded.off(entry, "2026-06-12T07:50+00:00", minutes=10)
    await recorded.until("2026-06-12T09:20+00:00", minutes=10)
    # Home Assistant shows the sensor's own unit, whatever the statistics are kept in.
    rows = await all_rows(recorded, entry)
    check_hours(recorded, rows, "2026-06-11T18:00+00:00", "2026-06-12T06:00+00:00")


@pytest.mark.parametrize(
    ("begin", "stop", "start", "hours"),
    [
        ("2026-03-28T20:00", "2026-03-28T22:30", "2026-03-29T04:40", 23),
        ("2026-10-24T19:00", "2026-10-24T21:30", "2026-10-25T04:40", 25),
    ],
)
async def test_nights_in_which_the_clock_changes(
    recorded: RecordedHome, begin: str, stop: str, start: str, hours: int
) -> None:
    home = recorded.home
    home.freezer.move_to(f"{begin}:00+00:00")
    entry = await home.add()
    await recorded.until(f"{stop}+00:00", minutes=10)
    await recorded.off(entry, f"{start}+00:00", minutes=10)
    end = (at(f"{start}+00:00") + timedelta(hours=1, minutes=40)).isoformat()
    await recorded.until(end, minutes=10)
    assert told_of(entry)["gaps"] == []
    rows = await all_rows(recorded, entry)
    first, last = at(f"{stop}+00:00").replace(minute=0), at(f"{start}+00:00").replace(minute=0)
    check_hours(recorded, rows, first.isoformat(), (last - HOUR).isoformat())
    assert (last - first) // HOUR > hours // 5


async def test_an_import_that_was_interrupted_goes_on(
    recorded: RecordedHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_import, "DAYS_AT_ONCE", 2)
    home = recorded.home
    entry = await home.add()
    await recorded.until("2026-06-10T10:20+00:00")
    home.cloud.fail(SERIES, status=503)
    span = {"config_entry_id": entry.entry_id, "start": "2026-06-01 00:00:00"}
    with pytest.raises(HomeAssistantError):
        await home.hass.services.async_call(
            DOMAIN, "import_senec_history", span, blocking=True, return_response=True
        )
    assert told_of(entry)["import_left"]
    home.cloud.forget()
    await recorded.until("2026-06-10T10:30+00:00")
    assert asked(home) == 0  # not at once
    await recorded.until("2026-06-10T11:00+00:00")
    assert asked(home) > 0
    # A restart does not forget it.
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    assert told_of(entry)["import_left"]
    home.cloud.heal()
    await recorded.until("2026-06-10T11:40+00:00")
    assert not told_of(entry)["import_left"]
    rows = await all_rows(recorded, entry)
    check_hours(recorded, rows, "2026-05-31T22:00+00:00", "2026-06-10T08:00+00:00")


async def test_an_import_that_is_stopped_in_the_middle_goes_on_after_the_restart(
    recorded: RecordedHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_import, "DAYS_AT_ONCE", 2)
    home = recorded.home
    entry = await home.add()
    await recorded.until("2026-06-10T10:20+00:00")
    home.cloud.fail(SERIES, status=429, retry_after="600")
    home.cloud.forget()
    span = {"config_entry_id": entry.entry_id, "start": "2026-06-01 00:00:00"}
    task = asyncio.create_task(
        home.hass.services.async_call(
            DOMAIN, "import_senec_history", span, blocking=True, return_response=True
        )
    )
    while not asked(home):
        await asyncio.sleep(0)
    task.cancel()  # Home Assistant stops while SENEC lets it wait
    await asyncio.wait([task])
    home.cloud.heal()
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    await recorded.until("2026-06-10T10:40+00:00")
    assert not told_of(entry)["import_left"]
    rows = await all_rows(recorded, entry)
    check_hours(recorded, rows, "2026-05-31T22:00+00:00", "2026-06-10T08:00+00:00")
