"""Variants of our own of what is kept of the past: late readings, months, due dates, exchanges."""

from datetime import UTC, datetime
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from .build import data, meter, muc
from .conftest import MQTT_DATA, make_entry, publish, set_up
from .driver import Case, Driver
from .test_cases import by_mqtt, check
from .test_upgrade import OLD
from .test_variants import HEAT, WATER, point, step

NUMBER = "70000001"
HOUR = 3_600


pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture(autouse=True)
def _clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2026-11-26 14:20:07+00:00")


def late(*readings: tuple[int, int], unit: str = "kWh", scale: str = "1", **more: Any) -> Case:
    """Return a step with the readings of hours ago (hours, value)."""
    entries = [{"T_MUC": f"@hour-{hours * HOUR}", "VAL": str(value)} for hours, value in readings]
    return step({**point(0, unit, scale, **more), "entry": entries})


def first(year: int, month: int) -> int:
    """Return the 1st of a month as loggers write it: 00:00 UTC."""
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp())


def hours(changes: dict[int, float], unit: str = "kWh") -> Case:
    """Return what the hours that began so many hours ago must have counted."""
    return {"statistics": {"meter": NUMBER, "unit": unit, "period": "hour", "change": {
        f"@hour-{ago * HOUR}": change for ago, change in changes.items()}}}  # fmt: skip


def months(changes: dict[str, float], unit: str = "kWh") -> Case:
    return {"statistics": {"meter": NUMBER, "unit": unit, "period": "month", "change": changes}}


def month_values(*values: tuple[int, int, int], unit: str = "kWh", now: int = 9_000) -> Case:
    """Return a report with the register and values of the 1st of months (year, month, value)."""
    return step(
        point(now, unit, OBIS_ID=HEAT if unit == "kWh" else "", T_MUC="@now"),
        *(
            point(value, unit, OBIS_ID=f"6-0:1.2.0*{place}" if unit == "kWh" else "",
                  T=first(year, month), T_MUC="@now")
            for place, (year, month, value) in enumerate(values)
        ),
        MEDIUM="Heat (outlet)" if unit == "kWh" else "Heat cost allocator",
    )  # fmt: skip


CASES: dict[str, tuple[list[Case], Case]] = {
    # h1: a backlog in order, twice, in pieces.
    "a backlog hour by hour": (
        [late(*((ago, 1000 - 5 * ago) for ago in range(12, 0, -1)), OBIS_ID=HEAT)],
        hours({11: 5, 5: 5, 2: 5}),
    ),
    "a backlog that is sent three times": (
        [late((6, 100), (5, 104), (4, 109), (2, 120), OBIS_ID=HEAT) for _ in range(3)],
        hours({6: 4, 5: 5, 3: 11}),
    ),
    "a backlog in pieces that overlap": (
        [late((9, 100), (8, 101), (7, 103), OBIS_ID=HEAT),
         late((8, 101), (7, 103), (6, 106), OBIS_ID=HEAT),
         late((7, 103), (6, 106), (5, 110), OBIS_ID=HEAT)],
        hours({9: 1, 8: 2, 7: 3, 6: 4}),
    ),
    "a backlog that stands still at night": (
        [late((9, 100), (8, 100), (7, 100), (6, 100), (5, 107), OBIS_ID=HEAT)],
        hours({7: 0, 6: 7}),
    ),
    # h2: behind the live reading.
    "the oldest comes last": (
        [late((2, 120), OBIS_ID=HEAT), late((5, 109), OBIS_ID=HEAT), late((8, 100), OBIS_ID=HEAT)],
        hours({6: 9, 3: 11}),
    ),
    "a gap that is filled from both ends": (
        [late((10, 100), OBIS_ID=HEAT), late((2, 180), OBIS_ID=HEAT), late((8, 120), OBIS_ID=HEAT),
         late((4, 160), OBIS_ID=HEAT), late((6, 140), OBIS_ID=HEAT)],
        hours({9: 20, 7: 20, 5: 20, 3: 20}),
    ),
    "a late reading that cannot be true": (
        [late((8, 100), OBIS_ID=HEAT), late((2, 160), OBIS_ID=HEAT), late((5, 999), OBIS_ID=HEAT),
         late((4, 40), OBIS_ID=HEAT), late((6, 120), OBIS_ID=HEAT)],
        hours({7: 20, 3: 40}),
    ),
    "litres late, cubic metres live": (
        [late((2, 12_600), unit="l", OBIS_ID=WATER),
         late((6, 12_100), (4, 12_300), unit="l", OBIS_ID=WATER),
         late((1, 12_650), unit="m^3", scale="0.001", OBIS_ID=WATER)],
        hours({5: 0.2, 3: 0.3, 2: 0.05}, "m³"),
    ),
    # h3: months.
    "six months of heat, the oldest first": (
        [month_values(*((2026, month, 1000 * month) for month in range(5, 12)), now=11_050)],
        months({"2026-05": 1000, "2026-08": 1000, "2026-10": 1000}),
    ),
    "months of an allocator, over its due date": (
        [month_values((2025, 10, 700), (2025, 11, 900), (2025, 12, 1200), (2026, 1, 1600),
                      (2026, 2, 350), (2026, 3, 600), unit="", now=900)],
        months({"2025-10": 200, "2025-11": 300, "2025-12": 400, "2026-01": 350, "2026-02": 250}, ""),
    ),
    "a month value over a summer that stands still": (
        [month_values((2026, 6, 5000), (2026, 7, 5000), (2026, 8, 5000), (2026, 9, 5010), now=5100)],
        months({"2026-06": 0, "2026-07": 0, "2026-08": 10}),
    ),
    "months that come one with each report": (
        [month_values((2026, month, 800 * month), now=9000) for month in (8, 9, 10, 11)],
        months({"2026-08": 800, "2026-09": 800, "2026-10": 800}),
    ),
    # Months of a meter that was there before, and live readings in between.
    "months that come after the live readings": (
        [late((9, 9000), (5, 9004), OBIS_ID=HEAT), month_values((2026, 10, 8000), (2026, 11, 8500), now=9010)],
        {**months({"2026-10": 500}), "state": [9010.0, "kWh"]},
    ),
    # b7 with the past.
    "an exchange, and what the old one had sent": (
        [late((20, 5000), (18, 5020), OBIS_ID=HEAT),
         *(late((16 - n, 3 + 2 * n), OBIS_ID=HEAT) for n in range(6)),
         late((9, 20), OBIS_ID=HEAT)],
        hours({19: 20}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
async def test_history(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, name: str
) -> None:
    steps, expect = CASES[name]
    await check(await by_mqtt(hass, freezer, {"id": name, "steps": steps, "expect": expect}))


# h4: due dates carry their date, whatever they are of.
DUE: dict[str, tuple[list[Case], Case]] = {
    "of an allocator, told as 23:59": (
        [step(point(80, ""), point(310, "", T=1767225540), MEDIUM="Heat cost allocator")],
        {"register": [80, "HCA"], "due_date_value": [310, "HCA"],
         "attribute_of_it_contains": "2025-12-31"},
    ),
    "of an allocator, the first of the year": (
        [step(point(310, "", T=1767225600), point(80, ""), MEDIUM="Heat cost allocator")],
        {"register": [80, "HCA"], "due_date_value": [310, "HCA"],
         "attribute_of_it_contains": "2026-01-01"},
    ),
    "that moved on": (
        [step(point(80, ""), point(310, "", T=1735689600), MEDIUM="Heat cost allocator"),
         step(point(81, ""), point(290, "", T=1767225600), MEDIUM="Heat cost allocator")],
        {"register": [81, "HCA"], "due_date_value": [290, "HCA"],
         "attribute_of_it_contains": "2026-01-01"},
    ),
    "that moved on with the same value": (
        [step(point(310, ""), point(300, "", T=1735689600), MEDIUM="Heat cost allocator"),
         step(point(311, ""), point(300, "", T=1767225600), MEDIUM="Heat cost allocator")],
        {"register": [311, "HCA"], "due_date_value": [300, "HCA"],
         "attribute_of_it_contains": "2026-01-01"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DUE)
async def test_due_dates(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, name: str
) -> None:
    steps, expect = DUE[name]
    await check(await by_mqtt(hass, freezer, {"id": name, "steps": steps, "expect": expect}))


async def test_the_past_of_a_meter_that_was_there_before(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
) -> None:
    """The version before kept meters, but nothing of their past, and no dates of their values."""
    entry = make_entry(hass, MQTT_DATA)
    hass_storage[f"hausstrom.smartlog.{entry.entry_id}"] = OLD
    await set_up(hass, entry)
    due = (("2024-01-01", 180), ("2025-01-01", 300), ("2026-01-01", 460))

    async def report(register: int, date: str, value: int) -> None:
        now = int(dt_util.utcnow().timestamp())
        stamp = int(datetime.fromisoformat(f"{date}T00:00:00+00:00").timestamp())
        await publish(hass, muc(
            meter("00000002",
                  data("Units for HCA", register, "", medium="Heat cost allocator", time=now),
                  data("Units for HCA", value, "", medium="Heat cost allocator", time=now,
                       device_time=stamp), interface="05"), time=now))  # fmt: skip

    for register, (date, value) in zip((470, 471, 472), due, strict=True):
        await report(register, date, value)
        await report(register, date, value)
        freezer.tick(3_600)
    await report(473, *due[-1])
    await entry.runtime_data.history.async_write(all_of_it=True)
    driver = Driver(hass, entry, freezer, publish, {"id": "before", "steps": []})  # type: ignore[arg-type]  # nothing is sent
    rows = await driver.own_history("00000002", "hour")
    assert [row["state"] for row in rows][:3] == [180, 300, 460]
    assert rows[-1]["state"] == 473
    assert rows[-1]["sum"] == pytest.approx(473 - 180)
    assert all(row["change"] >= 0 for row in rows)
    assert len({row["start"] for row in rows}) == len(rows)
