"""What was missed is filled, too, where a row of the statistics has two days, and per wallbox."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.senec.cloud.coordinator import SenecCloudCoordinator
from simulators.senec_cloud_homes import wallbox

from .recording import HOUR, KEYS, RecordedHome, recorded, truth
from .test_filling import Rows, all_rows, at, check_hours, check_sum, lag, told_of

__all__ = ["recorded"]  # a fixture

WALLBOXES = ("wallbox_energy0", "wallbox_energy1")
HISTORY = "/app-measurements/measurements/api/v1/systems/100301/wallboxes"


def move_to(recorded: RecordedHome, zone: str) -> None:
    recorded.system.home = replace(recorded.system.home, zone=zone)


@pytest.mark.parametrize(
    ("zone", "begin", "stop", "start", "flat"),
    [
        # Midnight at 14:30 UTC, 18:30 and 18:15.
        ("Australia/Adelaide", "2026-06-11T11:00", "2026-06-11T12:20", "2026-06-11T19:40", True),
        ("Australia/Adelaide", "2026-06-11T11:00", "2026-06-11T12:20", "2026-06-11T19:40", False),
        ("Asia/Kolkata", "2026-06-11T14:00", "2026-06-11T16:40", "2026-06-11T18:50", True),
        ("Asia/Kathmandu", "2026-06-11T15:00", "2026-06-11T17:50", "2026-06-12T02:20", False),
    ],
)
async def test_a_night_whose_midnight_is_within_an_hour(
    recorded: RecordedHome, zone: str, begin: str, stop: str, start: str, flat: bool
) -> None:
    home = recorded.home
    move_to(recorded, zone)
    home.freezer.move_to(f"{begin}:00+00:00")
    entry = await home.add()
    await recorded.until(f"{stop}+00:00", minutes=10)
    await recorded.off(entry, f"{start}+00:00", flat=flat, minutes=10)
    # Where it ends in the hour of midnight, what is missed has to wait for the recorder.
    end = at(f"{start}+00:00") + timedelta(hours=2, minutes=40)
    await recorded.until(end.isoformat(), minutes=10)
    assert told_of(entry)["gaps"] == []
    rows = await all_rows(recorded, entry)
    first, last = at(f"{stop}+00:00").replace(minute=0), at(f"{start}+00:00").replace(minute=0)
    check_hours(recorded, rows, first.isoformat(), (last - HOUR).isoformat())
    check_sum(recorded, rows, (at(f"{begin}:00+00:00") + HOUR).isoformat())
    # The recorder goes on from there.
    await recorded.until((end + timedelta(hours=2)).isoformat(), minutes=10)
    check_sum(
        recorded, await all_rows(recorded, entry), (at(f"{begin}:00+00:00") + HOUR).isoformat()
    )


async def test_the_minutes_before_such_a_midnight(recorded: RecordedHome) -> None:
    home = recorded.home
    move_to(recorded, "Australia/Adelaide")
    home.freezer.move_to("2026-06-11T12:03:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T16:18+00:00")
    filled = told_of(entry)
    assert filled["parts"] == 1
    shared = at("2026-06-11T14:00+00:00")
    midnight = shared + HOUR / 2
    lost = truth(recorded.system, "house_energy", midnight - timedelta(minutes=5), midnight)
    assert filled["missed_kwh"] > lost > 0.02
    rows = await all_rows(recorded, entry)
    check_sum(recorded, rows, "2026-06-11T13:00+00:00")
    # The state of the row is the new day's, as the recorder made it.
    row = rows["house_energy"][shared]
    assert row["last_reset"] == midnight.timestamp()
    for hour in (shared - HOUR, shared, shared + HOUR):
        wanted = truth(recorded.system, "house_energy", hour, hour + HOUR)
        near = lag(recorded, "house_energy", hour, hour + HOUR)
        assert rows["house_energy"][hour]["change"] == pytest.approx(wanted, abs=near)


async def test_a_power_cut_while_it_is_filled_fills_nothing_twice(
    recorded: RecordedHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = recorded.home
    move_to(recorded, "Australia/Adelaide")
    home.freezer.move_to("2026-06-11T12:03:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-11T15:05+00:00")
    coordinator = entry.runtime_data
    assert isinstance(coordinator, SenecCloudCoordinator)
    filler = coordinator.filler
    (gap,) = filler._gaps
    kept: list[Any] = []
    put = filler._put

    def remember(*args: Any) -> None:
        put(*args)
        kept.append(list(filler._gaps))

    monkeypatch.setattr(filler, "_put", remember)
    await recorded.until("2026-06-11T15:20+00:00")
    assert told_of(entry)["gaps"] == []
    first = await all_rows(recorded, entry)
    # What the disk had when it was cut off: the sums were noted, and the rows written.
    assert kept[0][0].key == gap.key
    filler._gaps[:] = kept[0]
    await recorded.until("2026-06-11T15:25+00:00")
    assert told_of(entry)["gaps"] == []
    again = await all_rows(recorded, entry)
    for key in KEYS:
        for hour, row in first[key].items():
            assert again[key][hour]["sum"] == pytest.approx(row["sum"], abs=1e-6), (key, hour)


# --- each of several wallboxes ------------------------------------------------------------


def with_two_wallboxes(recorded: RecordedHome) -> None:
    recorded.system.wallboxes.append(wallbox("2", "Carport", "V123"))


async def wallbox_rows(
    recorded: RecordedHome, entry: HausstromConfigEntry
) -> dict[str, dict[datetime, dict[str, Any]]]:
    return {key: await recorded.rows(entry, key) for key in WALLBOXES}


def check_wallboxes(
    recorded: RecordedHome,
    rows: dict[str, dict[datetime, dict[str, Any]]],
    first: str,
    last: str,
) -> float:
    """Each hour of each wallbox has what flowed in it; return the energy of all these hours."""
    total = 0.0
    for key in WALLBOXES:
        hour = at(first)
        while hour <= at(last):
            wanted = truth(recorded.system, "wallbox_energy", hour, hour + HOUR) / 2
            assert rows[key][hour]["change"] == pytest.approx(wanted, abs=1e-6), (key, hour)
            total += rows[key][hour]["change"]
            hour += HOUR
    return total


@pytest.mark.parametrize("flat", [True, False])
async def test_each_wallbox_gets_its_hours(recorded: RecordedHome, flat: bool) -> None:
    home = recorded.home
    with_two_wallboxes(recorded)
    # A day on which a vehicle is charged from 12 to 14 o'clock.
    home.freezer.move_to("2026-06-12T06:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-12T08:20+00:00")
    await recorded.off(entry, "2026-06-12T13:40+00:00", flat=flat)
    await recorded.until("2026-06-12T14:05+00:00")
    before = await wallbox_rows(recorded, entry)
    spike = before["wallbox_energy0"][at("2026-06-12T13:00+00:00")]["change"]
    assert spike > 3
    await recorded.until("2026-06-12T14:30+00:00")
    rows = await wallbox_rows(recorded, entry)
    charged = check_wallboxes(recorded, rows, "2026-06-12T09:00+00:00", "2026-06-12T12:00+00:00")
    assert charged == pytest.approx(2 * spike, abs=1e-6)
    assert rows["wallbox_energy0"][at("2026-06-12T13:00+00:00")]["change"] < 0.001
    assert told_of(entry)["gaps"] == []


async def test_what_a_wallbox_charges_while_all_is_off_over_midnight(
    recorded: RecordedHome,
) -> None:
    home = recorded.home
    with_two_wallboxes(recorded)
    home.freezer.move_to("2026-06-12T06:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-12T08:20+00:00", minutes=10)
    await recorded.off(entry, "2026-06-13T05:40+00:00", minutes=30)
    await recorded.until("2026-06-13T07:40+00:00", minutes=10)
    assert told_of(entry)["gaps"] == []
    rows = await wallbox_rows(recorded, entry)
    charged = check_wallboxes(recorded, rows, "2026-06-12T09:00+00:00", "2026-06-13T04:00+00:00")
    assert charged > 5


async def test_no_midnight_counts_a_wallboxs_day_a_second_time(recorded: RecordedHome) -> None:
    """The day's energy of each wallbox is read in another rhythm than what the day begins with."""
    home = recorded.home
    with_two_wallboxes(recorded)
    home.freezer.move_to("2026-06-12T11:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-12T21:50+00:00", minutes=10)
    home.cloud.fail(HISTORY, status=503)
    await recorded.until("2026-06-13T00:10+00:00")
    for key in WALLBOXES:
        for row in (await recorded.rows(entry, key)).values():
            if row["start"] >= at("2026-06-12T14:00+00:00").timestamp():
                assert row["change"] == pytest.approx(0.0, abs=1e-9), (key, row)
    home.cloud.heal()
    await recorded.until("2026-06-13T02:30+00:00", minutes=10)
    rows = await wallbox_rows(recorded, entry)
    check_wallboxes(recorded, rows, "2026-06-12T14:00+00:00", "2026-06-13T00:00+00:00")


@pytest.mark.parametrize("status", [None, 403, 404])
async def test_an_import_has_each_wallbox_too(recorded: RecordedHome, status: int | None) -> None:
    home = recorded.home
    with_two_wallboxes(recorded)
    home.freezer.move_to("2026-06-12T06:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-12T08:10+00:00")
    if status is not None:
        home.cloud.fail(HISTORY, status=status)
    response = await home.hass.services.async_call(
        DOMAIN,
        "import_senec_history",
        {"config_entry_id": entry.entry_id, "start": "2026-06-08 00:00:00"},
        blocking=True,
        return_response=True,
    )
    await async_wait_recording_done(home.hass)
    assert isinstance(response, dict)
    energies = response["energy_kwh"]
    assert isinstance(energies, dict)
    flowed = truth(
        recorded.system,
        "wallbox_energy",
        datetime(2026, 6, 7, 22, tzinfo=UTC),
        datetime(2026, 6, 12, 7, tzinfo=UTC),
    )
    assert flowed > 5
    assert energies["wallbox_energy"] == pytest.approx(flowed, abs=0.01)
    for key in WALLBOXES:
        if status is None:
            assert energies[key] == pytest.approx(flowed / 2, abs=0.01)
        else:
            assert energies.get(key, 0.0) == 0.0


@pytest.mark.parametrize("zone", ["Australia/Adelaide", "Asia/Kathmandu"])
async def test_an_import_where_midnight_is_within_an_hour(
    recorded: RecordedHome, zone: str
) -> None:
    home = recorded.home
    move_to(recorded, zone)
    home.freezer.move_to("2026-06-12T06:00:00+00:00")
    entry = await home.add()
    await recorded.until("2026-06-12T08:10+00:00")
    first: Rows | None = None
    for _ in range(2):
        await home.hass.services.async_call(
            DOMAIN,
            "import_senec_history",
            {"config_entry_id": entry.entry_id, "start": "2026-06-10 00:00:00"},
            blocking=True,
            return_response=True,
        )
        await async_wait_recording_done(home.hass)
        rows = await all_rows(recorded, entry)
        for key in KEYS:
            hours = sorted(rows[key])
            last = at("2026-06-12T06:00+00:00")
            imported = [hour for hour in hours[1:] if hour < last]
            assert len(imported) > 50
            for hour in imported:
                wanted = truth(recorded.system, key, hour, hour + HOUR)
                assert rows[key][hour]["change"] == pytest.approx(wanted, abs=1e-6), (key, hour)
        assert first is None or first == rows
        first = rows
