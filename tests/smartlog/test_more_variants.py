"""Further variants of our own: what comes in a crowd, alone, late, not at all, or dressed up."""

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from .conftest import publish
from .driver import Case, Driver
from .test_variants import HEAT, WATER, entry_of, point, shows, step

NUMBER = "70000001"
HOUR = 3_600
FLOW = "6-0:9.0.0*255"
WARMTH = "6-0:10.0.0*255"


@pytest.fixture(autouse=True)
def _clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2026-11-26 14:20:07+00:00")


def many(*entries: Case, unit: str = "m^3", scale: str = "0.001", **more: Any) -> Case:
    """Return a data point with several entries."""
    return {**point(0, unit, scale, **more), "entry": list(entries)}


def entry(value: int, ago: int | None = None) -> Case:
    """Return an entry that was read so many seconds ago; None: it does not say."""
    return {"VAL": str(value)} | ({} if ago is None else {"T_MUC": f"@now-{ago}"})


def hourly(n: int, *points: Case, **more: Any) -> list[Case]:
    """Return n steps, an hour apart, of the same points."""
    return [step(*points, wait=HOUR, **more) for _ in range(n)]


def system(*points: Case) -> Case:
    return {"data": list(points)}


def raw(body: Case, expect: Case, **more: Any) -> Case:
    return {"body": body, "expect": expect, "wait": 3, **more}


def lone(number: str, value: int) -> Case:
    """Return a meter as loggers with a topic for each send it."""
    return {"METER_ID": number, "INTERFACE": "02",
            "data": [point(value, "m^3", "0.001", MEDIUM="Water")]}  # fmt: skip


def libmbus(*records: tuple[str, str], number: str = NUMBER, medium: str = "Electricity") -> str:
    """Return what libmbus writes for a meter: unit and value of each record."""
    rows = "".join(
        f'<DataRecord id="{place}"><Function>Instantaneous value</Function><StorageNumber>0'
        f"</StorageNumber><Unit>{unit}</Unit><Value>{value}</Value></DataRecord>"
        for place, (unit, value) in enumerate(records)
    )
    return (f"<MBusData><SlaveInformation><Id>{number}</Id><Medium>{medium}</Medium>"
            f"</SlaveInformation>{rows}</MBusData>")  # fmt: skip


VARIANTS: dict[str, list[Case]] = {
    # a2, a3: groups that nothing tells apart.
    "seven nameless heats": [
        step(*(point(9000 - 500 * n, MEDIUM="Heat (outlet)") for n in range(7)),
             expect=shows("energy", 9000)),
        step(*(point(9001 - 500 * n, MEDIUM="Heat (outlet)") for n in range(7)),
             expect=shows("energy", 9001)),
    ],
    "two nameless energies and two nameless volumes": [
        step(point(500), point(40, "m^3"), point(300), point(20, "m^3"), MEDIUM="Heat (outlet)",
             expect={"registers": {NUMBER: {"energy": [500], "volume": [40]}}}),
    ],
    "a labelled total among the nameless": [
        step(point(300), point(200), point(900, USER="total"), expect=shows("energy", 900)),
        step(point(301), point(200), point(901, USER="total"), expect=shows("energy", 901)),
    ],
    "one becomes three": [
        step(point(1000), expect=shows("energy", 1000)),
        step(point(1001), point(600), point(400), mark=True,
             expect={**shows("energy", 1001), "more_entities": {NUMBER: 2}}),
        step(point(1002), point(601), point(401), expect=shows("energy", 1002)),
    ],
    "a group that grows twice": [
        step(point(50, "m^3"), point(40, "m^3")),
        step(point(51, "m^3"), point(40, "m^3"), point(30, "m^3"), expect=shows("volume", 51)),
        step(*(point(52 - 10 * n, "m^3") for n in range(5)), expect=shows("volume", 52)),
        step(*(point(53 - 10 * n, "m^3") for n in range(5)), mark=True,
             expect={**shows("volume", 53), "no_new_entities": [NUMBER]}),
    ],
    "a group that shrinks to one and comes back": [
        step(*(point(5000 - 100 * n) for n in range(4))),
        step(point(5001), expect=shows("energy", 5001)),
        step(*(point(5002 - 100 * n) for n in range(4)), mark=True,
             expect={**shows("energy", 5002), "no_new_entities": [NUMBER]}),
    ],
    "five, then two of them": [
        step(*(point(80 - 10 * n, "m^3") for n in range(5)), MEDIUM="Water"),
        step(point(81, "m^3"), point(60, "m^3"), MEDIUM="Water", expect=shows("volume", 81)),
        step(point(82, "m^3"), point(70, "m^3"), MEDIUM="Water", expect=shows("volume", 82)),
    ],
    # a4: a backlog as points.
    "one code at three times, the newest in the middle": [
        step(point(5001, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@now-1800"),
             point(5003, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@now"),
             point(5002, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@now-900"),
             expect={**shows("volume", 5.003), "more_entities": {NUMBER: 2}}),
    ],
    "one code twice, each with a backlog": [
        step({**many(entry(5001, 2700), entry(5003, 900)), "OBIS_ID": WATER},
             {**many(entry(5002, 1800), entry(5004, 0)), "OBIS_ID": WATER},
             expect=shows("volume", 5.004)),
    ],
    "a meter listed three times": [
        raw({"muc": {"MUC_ID": "@id", "TIMESTAMP": "@now", "meter": [
            {"METER_ID": NUMBER, "data": [point(5000 + n, OBIS_ID=HEAT, T_MUC=f"@now-{ago}")]}
            for n, ago in ((2, 0), (0, 1800), (1, 900))]}}, shows("energy", 5002)),
    ],
    # a5: clocks and due dates of meters.
    "a clock a week behind on every value": [
        step(*(point(value, unit, T="@now-604837") for value, unit in
               ((5000, "kWh"), (45, "Degree C"), (900, "W"))), expect=shows("energy", 5000)),
        step(*(point(value, unit, T="@now-604837") for value, unit in
               ((5001, "kWh"), (46, "Degree C"), (910, "W"))), expect=shows("energy", 5001)),
    ],
    "a clock three days ahead on every value": [
        step(point(5000, T="@now+259237"), point(45, "Degree C", T="@now+259237"),
             expect=shows("energy", 5000)),
        step(point(5001, T="@now+259237"), point(46, "Degree C", T="@now+259237"),
             expect=shows("energy", 5001)),
    ],
    "a due date in 2127": [
        step(point(188888, "m^3", T=4985971200), point(12, "m^3"), MEDIUM="Water",
             expect=shows("volume", 12)),
        step(point(13, "m^3"), point(188888, "m^3", T=4985971200), MEDIUM="Water",
             expect=shows("volume", 13)),
    ],
    "a due date at the end of 32 bits": [
        step(point(0, "", T=4294967295), point(31, ""), MEDIUM="Heat cost allocator",
             expect=shows("other", 31)),
    ],
    # a6: storage 1 without 0.
    "storage 1 alone, of electricity": [
        step(point(4100, STORAGE="1"), expect=shows("energy", 4100)),
        step(point(4101, STORAGE="1"), expect=shows("energy", 4101)),
    ],
    "storage 1 of the volume beside storage 0 of the energy": [
        step(point(4100, STORAGE="0"), point(77, "m^3", STORAGE="1"), MEDIUM="Heat (outlet)",
             expect={"registers": {NUMBER: {"energy": [4100], "volume": [77]}}}),
    ],
    # b7, b9: gates.
    "half of it for one reading": [
        step(point(40000, OBIS_ID=HEAT)),
        step(point(20000, OBIS_ID=HEAT), expect=shows("energy", 40000)),
        step(point(40001, OBIS_ID=HEAT), expect=shows("energy", 40001)),
    ],
    "leaps that contradict one another": [
        step(point(40000, OBIS_ID=HEAT)),
        *(step(point(value, OBIS_ID=HEAT), expect=shows("energy", 40000))
          for value in (700000, 3, 910000, 55, 120000, 8000000)),
        step(point(40001, OBIS_ID=HEAT), expect=shows("energy", 40001)),
    ],
    "a water meter exchanged for one at nothing": [
        step(point(812345, "m^3", "0.001", OBIS_ID=WATER), wait=900),
        *(step(point(5 * n, "m^3", "0.001", OBIS_ID=WATER), wait=900) for n in range(1, 6)),
        step(point(30, "m^3", "0.001", OBIS_ID=WATER),
             expect={**shows("volume", 0.03), "or_issue": True}),
    ],
    "scales of zero, minus one, and none at all": [
        step(point(123, "m^3", "0", OBIS_ID=WATER), expect={"no_number": {NUMBER: "m³"}}),
        step(point(123, "m^3", "-1", OBIS_ID=WATER), expect={"no_number": {NUMBER: "m³"}}),
        step(point(123, "m^3", "nan", OBIS_ID=WATER), expect={"no_number": {NUMBER: "m³"}}),
        step(point(123, "m^3", "", OBIS_ID=WATER), expect=shows("volume", 123)),
    ],
    "a scale that goes wrong later": [
        step(point(5000, "m^3", "0.001", OBIS_ID=WATER), expect=shows("volume", 5)),
        step(point(5001, "m^3", "-0.001", OBIS_ID=WATER), expect=shows("volume", 5)),
        step(point(5002, "m^3", "0.001", OBIS_ID=WATER), expect=shows("volume", 5.002)),
    ],
    # b10: freshness, value by value.
    "a power that is no longer sent": [
        *hourly(8, point(4000, OBIS_ID=HEAT), point(900, "W")),
        *hourly(6, point(4001, OBIS_ID=HEAT)),
        step(point(4001, OBIS_ID=HEAT), patience=75,
             expect={**shows("energy", 4001), "no_number": {NUMBER: "W"}}),
    ],
    "a flow that comes back": [
        *hourly(8, point(4000, OBIS_ID=HEAT), point(500, "m^3/h", "0.001", OBIS_ID=FLOW)),
        *hourly(6, point(4001, OBIS_ID=HEAT)),
        step(point(4001, OBIS_ID=HEAT), patience=75, expect={"no_number": {NUMBER: "m³/h"}}),
        step(point(4001, OBIS_ID=HEAT), point(0, "m^3/h", "0.001", OBIS_ID=FLOW),
             expect={"shows": {NUMBER: [[0, "m³/h"]]}}),
    ],
    "a meter that falls silent keeps its totals": [
        *hourly(8, point(4000, OBIS_ID=HEAT), point(4500, "Degree C", "0.01", OBIS_ID=WARMTH)),
        *hourly(6, point(1, "m^3", OBIS_ID=WATER), number="70000002"),
        step(point(2, "m^3", OBIS_ID=WATER), number="70000002", patience=75,
             expect={**shows("energy", 4000), "no_number": {NUMBER: "°C"}}),
    ],
    "a temperature that is repeated with its old time": [
        *hourly(8, point(4000, OBIS_ID=HEAT, T_MUC="@now"),
                point(4500, "Degree C", "0.01", OBIS_ID=WARMTH, T_MUC="@now")),
        *hourly(6, point(4001, OBIS_ID=HEAT, T_MUC="@now"),
                point(4500, "Degree C", "0.01", OBIS_ID=WARMTH, T_MUC="@start+25200")),
        step(point(4001, OBIS_ID=HEAT, T_MUC="@now"),
             point(4500, "Degree C", "0.01", OBIS_ID=WARMTH, T_MUC="@start+25200"), patience=75,
             expect={**shows("energy", 4001), "no_number": {NUMBER: "°C"}}),
    ],
    # c13: many readings in one report.
    "entries the newest first": [
        step(many(entry(5004, 0), entry(5003, 900), entry(5002, 1800)), expect=shows("volume", 5.004)),
    ],
    "two entries of one time": [
        step(many(entry(5001, 60), entry(5002, 60)), expect=shows("volume", 5.002)),
    ],
    "an entry without a time among others": [
        step(many(entry(5001, 900), entry(5003), entry(5002, 60)), expect=shows("volume", 5.003)),
    ],
    "an unreadable entry among others": [
        step(many(entry(5001, 900), {"VAL": "---", "T_MUC": "@now-300"}, entry(5002, 60),
                  {"T_MUC": "@now"}), expect=shows("volume", 5.002)),
    ],
    # d15: half read.
    "values under another word": [
        raw({"muc": {"MUC_ID": "@id", "meter": [
            {"METER_ID": "70004711", "werte": [{"groesse": "Energie", "stand": "271828"}]}]}},
            {"diagnostics_have": ["werte", "groesse", "stand"],
             "diagnostics_lack": ["70004711", "271828", "Energie"]}),
    ],
    "values that are objects by number": [
        raw({"muc": {"MUC_ID": "@id", "meter": [
            {"METER_ID": "70004711", "kanaele": {"314159": {"messwert": 271828}}}]}},
            {"diagnostics_have": ["kanaele", "messwert"],
             "diagnostics_lack": ["70004711", "271828", "314159"]}),
    ],
    "one meter of two": [
        raw({"muc": {"MUC_ID": "@id", "meter": [
            lone(NUMBER, 1000), {"METER_ID": "70004711", "stand_heute": {"menge": 271828}}]}},
            {**shows("volume", 1), "diagnostics_have": ["stand_heute", "menge"],
             "diagnostics_lack": ["70004711", "271828"]}),
    ],
    # d16: the logger's own values.
    "the logger's values as plain pairs": [
        raw({"muc": {"MUC_ID": "@id", "meter": [lone(NUMBER, 1000)]},
             "system": {"Temperature": "45.1", "Firmware": "1.2"}},
            {**shows("volume", 1), "no_meter": ["system"]}),
    ],
    "a meter of the type System": [
        raw({"muc": {"MUC_ID": "@id", "meter": [
            lone(NUMBER, 1000),
            {"METER_ID": "00000001", "MEDIUM": "System", "data": [point(4510, "Degree C", "0.01")]},
        ]}}, {"gateway_shows": [[45.1, "°C"]], "no_meter": ["00000001"]}),
    ],
    "the logger's values inside muc": [
        raw({"muc": {"MUC_ID": "@id", "meter": [lone(NUMBER, 1000)],
                     "system": system(point(2407, "V", "0.01"))}},
            {"gateway_shows": [[24.07, "V"]], **shows("volume", 1)}),
    ],
    # d17: topics.
    "the neighbour's logger, deeper in the topic": [
        raw(lone(NUMBER, 1000), shows("volume", 1), topic="smartlog/house/@id/meter"),
        raw(lone("70000002", 2000), {"no_meter": ["70000002"], "issue": True},
            topic="smartlog/house/99a99/meter"),
    ],
    "the id in capitals": [
        raw(lone(NUMBER, 1000), shows("volume", 1), topic="smartlog/A1B2C3/70000001"),
        raw(lone("70000002", 2000), {"no_meter": ["70000002"]}, topic="smartlog/A1B2C4/70000002"),
    ],
    "the meter's number in the topic alone": [
        raw({"data": [point(1000, "m^3", "0.001")]}, shows("volume", 1),
            topic="smartlog/@id/70000001"),
        raw({"data": [point(2000, "m^3", "0.001")]}, {"no_meter": ["70000002"], "issue": True},
            topic="smartlog/99a99/70000002"),
    ],
    # e18: units of libmbus.
    "hundreds of watt hours and thousandths of cubic metres": [
        {"text": libmbus(("Energy (100 Wh)", "5000"), ("1e-3  m^3", "4711")),
         "expect": {"registers": {NUMBER: {"energy": [500], "volume": [4.711]}}}},
    ],
    "a letter before the unit": [
        {"text": libmbus(("m V", "2301"), ("k W", "3"), ("my A", "512000")),
         "expect": {"shows": {NUMBER: [[2.301, "V"], [3000, "W"], [0.512, "A"]]}}},
    ],
    "a factor in the description": [
        {"text": libmbus(("Volume (1e-2  m^3)", "123456"), ("Flow temperature (1e-1 deg C)", "451"),
                         medium="Heat: Outlet"),
         "expect": {"registers": {NUMBER: {"volume": [1234.56]}},
                    "shows": {NUMBER: [[45.1, "°C"]]}}},
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
async def test_variant(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, name: str
) -> None:
    one = await entry_of(hass)

    async def send(body: bytes, topic: str) -> None:
        await publish(hass, body, topic)

    await Driver(hass, one, freezer, send, {"id": name, "steps": VARIANTS[name]}).run()
