"""The bill of a simulated house: what each meter counted, month by month, is the simulator's truth."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from simulators.smartlog import as_json
from simulators.smartlog_building import HEAT, HEAT_COST, Building, month

from .build import GATEWAY
from .conftest import MQTT_DATA, make_entry, publish, set_up

DAY = 86_400
BEGIN = month(2025, 10)
END = month(2026, 11)
MONTHS = [(month(2025, number), month(2025, number + 1)) for number in range(10, 23)]


pytestmark = pytest.mark.usefixtures("recorder_mock")


class House:
    """A house that is read for more than a year."""

    def __init__(
        self, hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
    ) -> None:
        self.hass = hass
        self.entry = entry
        self.freezer = freezer
        self.building = Building(GATEWAY)

    async def report(self, read: int, arrives: int | None = None) -> None:
        """Have a report of `read` arrive, four minutes later or at another time."""
        arrives = read + 240 if arrives is None else arrives
        self.freezer.move_to(datetime.fromtimestamp(arrives, UTC))
        await publish(self.hass, as_json(self.building.report(read)))

    async def consumption(self, start: int, end: int, **more: str) -> Any:
        """Call the action."""
        data = {
            "config_entry_id": self.entry.entry_id,
            "start": datetime.fromtimestamp(start, UTC).isoformat(),
            "end": datetime.fromtimestamp(end, UTC).isoformat(),
            **more,
        }
        return await self.hass.services.async_call(
            "hausstrom", "get_consumption", data, blocking=True, return_response=True
        )


@pytest.fixture
async def house(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> House:
    await hass.config.async_set_time_zone("Europe/Vienna")
    freezer.move_to(datetime.fromtimestamp(BEGIN, UTC))
    entry = make_entry(hass, MQTT_DATA)
    await set_up(hass, entry)
    return House(hass, entry, freezer)


def reading_times() -> list[int]:
    """Return when the house is read: each first of a month, and every eighth day in between."""
    firsts = [start for start, _ in MONTHS] + [END]
    between = range(BEGIN + 8 * DAY + 21_600, END, 8 * DAY)
    return sorted({*firsts, *between})


async def as_it_comes(house: House) -> None:
    """Every report arrives."""
    for read in reading_times():
        await house.report(read)


async def with_outages(house: House) -> None:
    """The line is down for ten days around each third first; then all comes, the newest first."""
    waiting: list[int] = []
    for read in reading_times():
        day = (read - BEGIN) // DAY
        if day % 90 > 78:
            waiting.append(read)
            continue
        await house.report(read)
        for number, late in enumerate(reversed(waiting)):
            await house.report(late, read + 300 + number)
        waiting.clear()


async def with_restarts(house: House) -> None:
    """The entry is set up anew between reports, and reports come twice."""
    for number, read in enumerate(reading_times()):
        await house.report(read)
        if number % 9 == 4:
            await house.hass.config_entries.async_reload(house.entry.entry_id)
            await house.hass.async_block_till_done(wait_background_tasks=True)
        if number % 5 == 2:
            await house.report(read, read + 3_700)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("life", "flats"), [(as_it_comes, 20), (with_outages, 4), (with_restarts, 4)]
)
async def test_the_bill_is_the_truth(
    house: House, life: Callable[[House], Any], flats: int
) -> None:
    house.building = Building(GATEWAY, flats=flats)
    await life(house)
    truth = {meter.number: meter for meter in house.building.meters}
    assert len(truth) == 4 * flats
    for start, end in MONTHS:
        found = await house.consumption(start, end)
        assert {row["number"] for row in found["meters"]} == truth.keys()
        for row in found["meters"]:
            meter = truth[row["number"]]
            about = (row, datetime.fromtimestamp(start, UTC))
            assert row["consumption"] == pytest.approx(meter.consumption(start, end), abs=1e-6), (
                about
            )
            assert row["interpolated"] is False, about
            assert (row["label"], row["unit"]) == (meter.label, meter.unit)
    await check_the_year(house)


async def check_the_year(house: House) -> None:
    """A year is the sum of its months, as a table too; a heat meter knew a year before."""
    start, end = MONTHS[0][0], MONTHS[11][1]
    answer = await house.consumption(start, end, format="csv")
    table = {row["number"]: row for row in csv.DictReader(io.StringIO(answer["csv"]))}
    for meter in house.building.meters:
        row = table[meter.number]
        assert float(row["consumption"]) == pytest.approx(meter.consumption(start, end), abs=1e-6)
        assert row["label"] == meter.label
    before = await house.consumption(month(2024, 11), month(2025, 10))
    for row in before["meters"]:
        (meter,) = (one for one in house.building.meters if one.number == row["number"])
        if meter.kind is HEAT:
            wanted = meter.consumption(month(2024, 11), month(2025, 10))
            assert row["consumption"] == pytest.approx(wanted)
        elif meter.kind is not HEAT_COST:
            assert row["consumption"] is None
