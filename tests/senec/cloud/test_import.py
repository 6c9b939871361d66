"""The past into the statistics of the entry's own counters, across both changes of the clock."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.senec.cloud import history_import
from custom_components.hausstrom.senec.cloud.coordinator import SenecCloudCoordinator
from custom_components.hausstrom.senec.cloud.history_import import raised
from custom_components.hausstrom.senec.cloud.protocol.history import Hour
from simulators.senec_cloud_day import energies

from .conftest import Home
from .recording import COUNTERS, HOUR, rows_of
from .test_cases import case

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pause")

MEASUREMENTS = "/app-measurements/measurements/api/v1/systems/100301/measurements"


def coordinator_of(entry: HausstromConfigEntry) -> SenecCloudCoordinator:
    coordinator = entry.runtime_data
    assert isinstance(coordinator, SenecCloudCoordinator)
    return coordinator


async def with_statistics(home: Home) -> HausstromConfigEntry:
    """Add the V3 and let the recorder make the first statistics of its own."""
    entry = await home.add()
    for _ in range(3):
        await home.wait(minutes=5)
        await async_wait_recording_done(home.hass)
        now = datetime.fromtimestamp(home.freezer().timestamp(), UTC)
        start = now.replace(second=0, microsecond=0) - timedelta(minutes=5)
        do_adhoc_statistics(home.hass, start=start.replace(minute=start.minute // 5 * 5))
        await async_wait_recording_done(home.hass)
    return entry


async def imports(home: Home, entry: HausstromConfigEntry, start: str, end: str) -> dict[str, Any]:
    """Call the action and return its response."""
    response = await home.hass.services.async_call(
        DOMAIN,
        "import_senec_history",
        {"config_entry_id": entry.entry_id, "start": start, "end": end},
        blocking=True,
        return_response=True,
    )
    await async_wait_recording_done(home.hass)
    assert isinstance(response, dict)
    return response


@pytest.mark.parametrize(
    ("now", "start", "end", "hours"),
    [
        # Three local days around each change of the clock: 71 and 73 hours.
        ("2026-04-10T10:00:00+00:00", "2026-03-28 00:00:00", "2026-03-31 00:00:00", 71),
        ("2026-11-02T10:00:00+00:00", "2026-10-24 00:00:00", "2026-10-27 00:00:00", 73),
    ],
)
async def test_every_hour_across_both_changes_of_the_clock(
    home: Home, now: str, start: str, end: str, hours: int
) -> None:
    home.freezer.move_to(now)
    entry = await with_statistics(home)
    response = await imports(home, entry, start, end)
    assert (response["days"], response["hours"]) == (3, 7 * hours)
    first = datetime.fromisoformat(start).replace(tzinfo=coordinator_of(entry).zone).astimezone(UTC)
    home_of = home.cloud.system(100301).home
    for key, flow in COUNTERS.items():
        rows = await rows_of(home.hass, home.entity_id(entry, "sensor", key))
        imported = rows[:hours]
        for number, row in enumerate(imported):
            begin = first + number * HOUR
            assert row["start"] == begin.timestamp()
            wanted = energies(home_of, begin, begin + HOUR)[flow] / 1000
            assert row["change"] == pytest.approx(wanted, abs=1e-6)
        midnights = {row["last_reset"] for row in imported}
        assert len(midnights) == 3
        # What the recorder has made itself goes on from there, without a jump.
        assert all(abs(row["change"]) < 5 for row in rows[hours:])
        assert rows[-1]["sum"] >= imported[-1]["sum"]


async def test_a_second_import_changes_nothing(home: Home) -> None:
    entry = await with_statistics(home)
    span = ("2026-06-01 00:00:00", "2026-06-08 00:00:00")
    first = await imports(home, entry, *span)
    entity_id = home.entity_id(entry, "sensor", "grid_import_energy")
    before = await rows_of(home.hass, entity_id)
    second = await imports(home, entry, *span)
    assert first == second
    assert await rows_of(home.hass, entity_id) == before


async def test_earlier_days_may_come_later(home: Home) -> None:
    entry = await with_statistics(home)
    await imports(home, entry, "2026-06-05 00:00:00", "2026-06-08 00:00:00")
    await imports(home, entry, "2026-06-01 00:00:00", "2026-06-03 00:00:00")
    rows = await rows_of(home.hass, home.entity_id(entry, "sensor", "house_energy"))
    assert all(-1e-9 <= row["change"] < 6 for row in rows)
    assert all(after["sum"] >= before["sum"] for before, after in pairwise(rows))
    await imports(home, entry, "2026-06-01 00:00:00", "2026-06-08 00:00:00")
    rows = await rows_of(home.hass, home.entity_id(entry, "sensor", "house_energy"))
    assert all(-1e-9 <= row["change"] < 6 for row in rows)
    assert len([row for row in rows if row["start"] < rows[0]["start"] + 7 * 86400]) == 7 * 24


async def test_the_recorder_goes_on_where_the_import_ends(home: Home) -> None:
    entry = await with_statistics(home)
    entity_id = home.entity_id(entry, "sensor", "grid_export_energy")
    await imports(home, entry, "2026-06-01 00:00:00", "2026-06-10 00:00:00")
    total = (await rows_of(home.hass, entity_id))[-1]["sum"]
    for _ in range(24):
        await home.wait(minutes=5)
        await async_wait_recording_done(home.hass)
        now = home.freezer().replace(tzinfo=UTC, second=0, microsecond=0)
        start = now - timedelta(minutes=5)
        do_adhoc_statistics(home.hass, start=start.replace(minute=start.minute // 5 * 5))
        await async_wait_recording_done(home.hass)
    rows = await rows_of(home.hass, entity_id)
    assert rows[-1]["sum"] >= total
    assert all(-1e-9 <= row["change"] < 12 for row in rows)


async def test_an_import_that_stops_goes_on_there(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(history_import, "DAYS_AT_ONCE", 2)
    entry = await with_statistics(home)
    span = ("2026-06-01 00:00:00", "2026-06-08 00:00:00")
    home.cloud.forget()
    app = coordinator_of(entry).account.app
    whole = app.measurements
    asked = 0

    async def fails_on_the_sixth_day(*args: Any, **kwargs: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 6:
            home.cloud.fail(MEASUREMENTS, status=503, times=1)
        return await whole(*args, **kwargs)

    monkeypatch.setattr(app, "measurements", fails_on_the_sixth_day)
    with pytest.raises(HomeAssistantError) as error:
        await imports(home, entry, *span)
    assert error.value.translation_key == "senec_maintenance"
    assert home.cloud.count(MEASUREMENTS) == 6
    assert "4 of 7 days" in caplog.text
    home.cloud.forget()
    response = await imports(home, entry, *span)
    assert response["resumed_at"] == "2026-06-04T22:00:00+00:00"
    assert home.cloud.count(MEASUREMENTS) == 3
    rows = await rows_of(home.hass, home.entity_id(entry, "sensor", "bat_charge_energy"))
    assert len(rows) >= 7 * 24
    assert all(-1e-9 <= row["change"] < 4 for row in rows)


async def test_what_cannot_be_imported(home: Home) -> None:
    entry = await home.add()
    for start, end, key in (
        ("2026-06-02 00:00:00", "2026-06-01 00:00:00", "senec_empty_span"),
        ("2026-06-01 00:00:00", "2026-06-02 00:00:00", "senec_no_statistics"),
    ):
        with pytest.raises(ServiceValidationError) as error:
            await imports(home, entry, start, end)
        assert error.value.translation_key == key


async def test_a_counter_that_is_switched_off_is_left_out(home: Home) -> None:
    entry = await with_statistics(home)
    er.async_get(home.hass).async_update_entity(
        home.entity_id(entry, "sensor", "wallbox_energy"),
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    await home.settle()
    home.cloud.system(100301).wallboxes.clear()
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    response = await imports(home, entry, "2026-06-01 00:00:00", "2026-06-02 00:00:00")
    assert "wallbox_energy" not in response["energy_kwh"]
    assert response["hours"] == 6 * 24


async def test_hours_that_senec_does_not_have_stay_as_they_are(home: Home) -> None:
    entry = await with_statistics(home)
    entity_id = home.entity_id(entry, "sensor", "house_energy")
    await imports(home, entry, "2026-06-01 00:00:00", "2026-06-03 00:00:00")
    before = await rows_of(home.hass, entity_id)
    nothing = '{"timeSeries": [], "measurements": ["GRID_IMPORT"]}'
    fault = home.cloud.fail(MEASUREMENTS, status=200, text=nothing)
    response = await imports(home, entry, "2026-06-01 00:00:00", "2026-06-03 00:00:00")
    assert (response["hours"], await rows_of(home.hass, entity_id)) == (0, before)
    one_hour = {"date": "2026-06-01T10:00:00Z", "measurements": {"durationInSeconds": 3600}}
    one_hour["measurements"]["values"] = [5.0]  # type: ignore[index] # a JSON object
    fault.text = json.dumps({"timeSeries": [one_hour], "measurements": ["POWER_CONSUMPTION"]})
    await imports(home, entry, "2026-06-01 00:00:00", "2026-06-03 00:00:00")
    after = await rows_of(home.hass, entity_id)
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        if new["start"] == datetime(2026, 6, 1, 10, tzinfo=UTC).timestamp():
            assert new["change"] == pytest.approx(5.0)
        else:
            assert new["change"] == pytest.approx(old["change"], abs=1e-9)
            assert (new["state"], new["last_reset"]) == (old["state"], old["last_reset"])


async def test_two_imports_at_once(home: Home) -> None:
    entry = await with_statistics(home)
    span = {
        "config_entry_id": entry.entry_id,
        "start": "2026-06-01 00:00:00",
        "end": "2026-06-02 00:00:00",
    }
    first = home.hass.async_create_task(
        home.hass.services.async_call(DOMAIN, "import_senec_history", span, blocking=True)
    )
    with pytest.raises(ServiceValidationError) as error:
        await imports(home, entry, "2026-06-01 00:00:00", "2026-06-02 00:00:00")
    assert error.value.translation_key == "senec_import_running"
    await first


def test_sums_with_hours_put_in() -> None:
    first = datetime(2026, 6, 1, tzinfo=UTC)
    known = {first: 10.0, first + HOUR: 11.0, first + 3 * HOUR: 14.0}
    hours = [Hour(first + HOUR, 2.0), Hour(first + 2 * HOUR, 0.5)]
    assert raised(9.0, known, hours) == [
        (first, 10.0),
        (first + HOUR, 12.0),
        (first + 2 * HOUR, 12.5),
        (first + 3 * HOUR, 15.5),
    ]
    assert raised(0.0, {}, []) == []


async def test_an_import_waits_where_senec_asks_for_it(home: Home) -> None:
    entry = await with_statistics(home)
    home.cloud.fail(MEASUREMENTS, status=429, times=1)
    home.cloud.forget()
    task = asyncio.create_task(imports(home, entry, "2026-06-01 00:00:00", "2026-06-03 00:00:00"))
    await home.until_done(task, seconds=200)
    assert task.result()["days"] == 2
    assert home.cloud.count(MEASUREMENTS) == 3


async def import_on_a_bad_day(home: Home, kwh: float, status: int) -> None:
    """Import the day before, with the wallboxes and then without the service that lists them."""
    system = home.cloud.system(100301)
    system.history_wallbox_kwh = kwh
    entry = await with_statistics(home)
    entity_id = home.entity_id(entry, "sensor", "wallbox_energy")
    span = ("2026-06-08 00:00:00", "2026-06-09 00:00:00")
    midnight = datetime(2026, 6, 8, 22, tzinfo=UTC).timestamp()

    async def imported() -> float:
        rows = await rows_of(home.hass, entity_id)
        return float(sum(row["change"] for row in rows if row["start"] < midnight))

    await imports(home, entry, *span)
    assert await imported() == pytest.approx(kwh)
    before = await rows_of(home.hass, entity_id)
    home.cloud.fail("/app-wallbox", status=status)
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    await home.wait(minutes=6)
    response = await imports(home, entry, *span)
    assert response["energy_kwh"]["wallbox_energy"] == pytest.approx(kwh)
    after = {row["start"]: row["sum"] for row in await rows_of(home.hass, entity_id)}
    assert {row["start"]: after[row["start"]] for row in before} == pytest.approx(
        {row["start"]: row["sum"] for row in before}
    )


@pytest.mark.parametrize("status", [400, 401, 503])
async def test_an_import_while_wallboxes_are_not_told_takes_none_away(
    home: Home, status: int
) -> None:
    await import_on_a_bad_day(home, 5.2, status)


async def test_the_case_of_an_import_without_wallboxes(home: Home) -> None:
    steps = case("import_without_wallboxes")["steps"]
    kwh = steps[0]["history_wallbox_kwh"]
    (status,) = [step["status"] for step in steps if step.get("do") == "answer"]
    (wanted, again) = [step["expect"] for step in steps if "expect" in step]
    assert wanted == again == {"statistics": "wallbox_energy", "sum": kwh}
    await import_on_a_bad_day(home, kwh, status)
