"""What a house is billed by: history, exchanges, and consumption between two dates."""

import csv
import io
import json
from datetime import datetime
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from .build import data, meter, muc
from .conftest import MQTT_DATA, make_entry, publish, set_up
from .driver import Driver, reference_cases

NOW = datetime.fromisoformat("2026-11-26 14:20:07+00:00")


pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture(autouse=True)
def _clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NOW)


@pytest.fixture
async def house(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> Driver:
    """Return an entry by MQTT in a house in Vienna."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    entry = make_entry(hass, MQTT_DATA)
    await set_up(hass, entry)

    async def send(raw: bytes, topic: str) -> None:
        await publish(hass, raw, topic)

    return Driver(hass, entry, freezer, send, {"id": "house", "steps": []})


async def consumption(driver: Driver, start: str, end: str, **more: str) -> Any:
    """Call the action."""
    return await driver.hass.services.async_call(
        "hausstrom",
        "get_consumption",
        {"config_entry_id": driver.entry.entry_id, "start": start, "end": end, **more},
        blocking=True,
        return_response=True,
    )


def months(number: str, *values: int, label: str = "") -> dict[str, Any]:
    """Return a heat meter with its values of the 1st of months, the newest first."""
    points = [data("Energy", 22_095, obis="6-0:1.0.0*255", medium="Heat (outlet)",
                   time=int(NOW.timestamp()))]  # fmt: skip
    year, month = 2026, 10
    for place, value in enumerate(values):
        first = datetime(year, month, 1, tzinfo=dt_util.UTC)
        points.append(
            data("Energy", value, obis=f"6-0:1.2.0*{place}", medium="Heat (outlet)",
                 time=int(NOW.timestamp()), device_time=int(first.timestamp()))
        )  # fmt: skip
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return meter(number, *points, USER=label)


VALUES = (21795, 21535, 21500, 21500, 21500, 21410, 21000, 20020, 18750, 17240, 15820, 14640, 14000)


async def test_between_two_dates(house: Driver) -> None:
    report = muc(months("00000031", *VALUES, label='Top 3, "Süd"\n'), time=int(NOW.timestamp()))
    await publish(house.hass, report)
    found = await consumption(house, "2026-01-01 00:00:00", "2026-04-01 00:00:00")
    (row,) = found["meters"]
    assert (row["number"], row["medium"], row["unit"]) == ("00000031", "Heat (outlet)", "kWh")
    assert (row["reading_start"], row["reading_end"], row["consumption"]) == (17240, 21000, 3760)
    assert row["interpolated"] is False
    assert row["reading_start_date"] == "2026-01-01T00:00:00+01:00"
    (row,) = (await consumption(house, "2026-01-16 12:00:00", "2026-04-01 00:00:00"))["meters"]
    assert 17240 < row["reading_start"] < 18750
    assert row["interpolated"] is True
    (row,) = (await consumption(house, "2025-01-01 00:00:00", "2025-04-01 00:00:00"))["meters"]
    assert (row["reading_start"], row["reading_end"], row["consumption"]) == (None, None, None)
    answer = await consumption(house, "2026-01-01 00:00:00", "2026-04-01 00:00:00", format="csv")
    table = list(csv.DictReader(io.StringIO(answer["csv"])))
    assert table[0]["label"] == 'Top 3, "Süd"'
    assert (table[0]["number"], float(table[0]["consumption"])) == ("00000031", 3760)
    with pytest.raises(ServiceValidationError):
        await consumption(house, "2026-04-01 00:00:00", "2026-01-01 00:00:00")


@pytest.mark.skipif(reference_cases() is None, reason="the reference cases are not here")
async def test_the_reference_calls(house: Driver) -> None:
    folder = reference_cases()
    assert folder is not None
    house.case = json.loads((folder / "h3-thirteen-month-values.json").read_text())
    await house.run()
    for call in json.loads((folder / "h5-consumption-between-two-dates.json").read_text())["calls"]:
        given = call["data"]
        more = {"format": given["format"]} if "format" in given else {}
        found = await consumption(house, given["start"], given["end"], **more)
        if more:
            assert found["csv"].splitlines()[1].startswith("61730001")
            continue
        (wanted,), (row,) = call["response"]["meters"], found["meters"]
        for name, value in wanted.items():
            if isinstance(value, str) and value.startswith("between"):
                low, high = (float(word) for word in value.split() if word.isdigit())
                assert low < row[name] < high
            else:
                assert row[name] == value, name


async def test_a_formula_in_a_label_stays_text(house: Driver) -> None:
    await publish(
        house.hass, muc(months("00000031", *VALUES, label="=1+1"), time=int(NOW.timestamp()))
    )
    answer = await consumption(house, "2026-01-01 00:00:00", "2026-04-01 00:00:00", format="csv")
    assert "'=1+1" in answer["csv"]


async def test_an_exchanged_meter_goes_on(house: Driver) -> None:
    hass, entry = house.hass, house.entry
    base = int(NOW.timestamp()) // 3600 * 3600 - 10 * 3600

    def water(number: str, value: int, hour: int) -> dict[str, Any]:
        point = data("Volume", value, "m^3", obis="8-0:1.0.0*255", medium="Water",
                     time=base + hour * 3600)  # fmt: skip
        return muc(meter(number, point), time=int(NOW.timestamp()))

    for hour, value in enumerate((500, 501, 502)):
        await publish(hass, water("00000001", value, hour))
    for hour, value in ((4, 3), (5, 4)):
        await publish(hass, water("00000002", value, hour))
    hass.config_entries.async_update_entry(
        entry, options={"replaced": "00000001", "replacement": "00000002"}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await house.settle()
    assert "replaced" not in entry.options
    for hour, value in ((6, 5), (7, 6)):
        await publish(hass, water("00000002", value, hour))
    (one,) = entry.runtime_data.meters
    assert (one.uid, one.id) == ("00000001", "00000002")
    assert entry.runtime_data.data["00000001_8_0_1_0_0_255"] == 6
    rows = await house.own_history("00000001", "hour")
    assert [row["change"] >= 0 for row in rows].count(False) == 0
    assert rows[-1]["sum"] == pytest.approx(3)
