"""Variants of our own of each kind of fault that the reference cases stand for."""

import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from .build import GATEWAY, xml
from .conftest import MQTT_DATA, make_entry, publish, set_up
from .driver import Case, Driver

DAY = 86_400
WATER = "8-0:1.0.0*255"
HEAT = "6-0:1.0.0*255"


@pytest.fixture(autouse=True)
def _clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2026-11-26 14:20:07+00:00")


def point(value: object, unit: str = "kWh", scale: str = "1", **more: Any) -> Case:
    """Return a data point; t and t_muc are its times."""
    entry = {"VAL": str(value)}
    for name in ("T", "T_MUC"):
        if name in more:
            entry[name] = str(more.pop(name))
    names = {"kWh": "Energy", "MWh": "Energy", "Wh": "Energy", "GJ": "Energy", "m^3": "Volume",
             "l": "Volume", "": "Units for HCA", "W": "Power", "V": "Voltage",
             "Degree C": "Flow temperature", "m^3/h": "Volume flow"}  # fmt: skip
    return {"DESCRIPTION": names[unit], "UNIT": unit, "SCALE": scale, "OBIS_ID": "",
            "entry": [entry], **more}  # fmt: skip


def step(*points: Case, number: str = "70000001", expect: Case | None = None, **more: Any) -> Case:
    """Return a step that sends a report of one meter."""
    about: Case = {name: more.pop(name) for name in ("MEDIUM", "MANUFACTURER") if name in more}
    time = more.pop("time", "@now")
    meter: Case = {"METER_ID": number, "INTERFACE": "02", **about, "data": list(points)}
    body = {"muc": {"MUC_ID": "@id", "VERSION": "1", "TIMESTAMP": time, "meter": [meter]}}
    return {"body": body, "expect": expect or {}, "wait": 60, **more}


def shows(dimension: str, *values: float, number: str = "70000001") -> Case:
    return {"registers": {number: {dimension: list(values)}}}


VARIANTS: dict[str, list[Case]] = {
    # Identity and dates.
    "due date first and register later": [
        step(point(100, "", T=1767139200), MEDIUM="Heat cost allocator"),
        step(point(100, "", T=1767139200), point(120, ""), MEDIUM="Heat cost allocator",
             expect=shows("other", 120)),
    ],
    "a due date alone leaves the register": [
        step(point(120, ""), point(100, "", T=1735603200)),
        step(point(100, "", T=1735603200), expect=shows("other", 120)),
        step(point(100, "", T=1735603200), point(121, ""), expect=shows("other", 121)),
    ],
    "water with two due dates": [
        step(point(900, "m^3", T="@start-40000000"), point(1000, "m^3"),
             point(800, "m^3", T="@start-71000000"), expect=shows("volume", 1000)),
        step(point(1001, "m^3"), point(900, "m^3", T="@start-40000000"),
             point(800, "m^3", T="@start-71000000"), expect=shows("volume", 1001)),
    ],
    "a clock 26 years behind on every value": [
        step(point(5000, T=946684800), point(45, "Degree C", T=946684800),
             expect=shows("energy", 5000)),
        step(point(5001, T=946684860), point(46, "Degree C", T=946684860),
             expect=shows("energy", 5001)),
    ],
    "due date in 2099": [
        step(point(7, "", T=4086403200), point(55, ""), expect=shows("other", 55)),
        step(point(56, ""), point(7, "", T=4086403200), expect=shows("other", 56)),
    ],
    "nameless water with a tariff value": [
        step(point(50, "m^3"), point(40, "m^3"), MEDIUM="Water", expect=shows("volume", 50)),
        step(point(51, "m^3"), point(40, "m^3"), MEDIUM="Water", expect=shows("volume", 51)),
    ],
    "coded total behind the nameless": [
        step(point(3000), point(2000), point(5000, OBIS_ID="1-0:1.8.0*255"),
             expect=shows("energy", 5000)),
    ],
    "tariffs by code": [
        step(point(3000, OBIS_ID="1-0:1.8.1*255"), point(2000, OBIS_ID="1-0:1.8.2*255"),
             point(5000, OBIS_ID="1-0:1.8.0*255"), expect=shows("energy", 5000)),
    ],
    "tariffs by number": [
        step(point(5000), point(3000, TARIFF="1"), point(2000, TARIFF="2"),
             expect=shows("energy", 5000)),
    ],
    "storage 2 without 0": [
        step(point(812, "m^3", STORAGE="2"), MEDIUM="Gas", expect=shows("volume", 812)),
        step(point(813, "m^3", STORAGE="2"), MEDIUM="Gas", expect=shows("volume", 813)),
    ],
    "storage 1 beside 0": [
        step(point(800, "m^3", STORAGE="1"), point(813, "m^3", STORAGE="0"), MEDIUM="Water",
             expect=shows("volume", 813)),
    ],
    "group grows from two to four": [
        step(point(1000), point(600), expect=shows("energy", 1000)),
        step(point(1001), point(601), point(300), point(100), mark=True,
             expect={**shows("energy", 1001), "more_entities": {"70000001": 2}}),
    ],
    "group alternates": [
        *(
            step(*(point(1000 + n - 100 * k, "m^3") for k in range(count)), MEDIUM="Water",
                 expect=shows("volume", 1000 + n))
            for n, count in enumerate((18, 4, 18, 1, 18))
        ),
    ],
    # Gates.
    "zeros between": [
        step(point(40482, OBIS_ID=HEAT), expect=shows("energy", 40482)),
        *(step(point(0, OBIS_ID=HEAT), expect=shows("energy", 40482)) for _ in range(3)),
        step(point(40483, OBIS_ID=HEAT), expect=shows("energy", 40483)),
    ],
    "ten times as much for one reading": [
        step(point(12345, "m^3", "0.001", OBIS_ID=WATER), expect=shows("volume", 12.345)),
        step(point(123460, "m^3", "0.001", OBIS_ID=WATER), expect=shows("volume", 12.345)),
        step(point(12346, "m^3", "0.001", OBIS_ID=WATER), expect=shows("volume", 12.346)),
    ],
    "nines of six digits, full 24 bits, minus one full": [
        step(point(4000, OBIS_ID=HEAT), expect=shows("energy", 4000)),
        step(point(999999, OBIS_ID=HEAT), expect=shows("energy", 4000)),
        step(point(16777215, OBIS_ID=HEAT), expect=shows("energy", 4000)),
        step(point(-2147483648, OBIS_ID=HEAT), expect=shows("energy", 4000)),
        step(point(4001, OBIS_ID=HEAT), expect=shows("energy", 4001)),
    ],
    "a sentinel as the first reading": [
        step(point(99999999, OBIS_ID=HEAT), expect={"no_number": {"70000001": "kWh"}}),
        step(point(77, OBIS_ID=HEAT), expect=shows("energy", 77)),
    ],
    "electricity meter exchanged for one with more": [
        step(point(100, OBIS_ID="1-0:1.8.0*255")),
        *(step(point(54000 + n, OBIS_ID="1-0:1.8.0*255")) for n in range(5)),
        step(point(54005, OBIS_ID="1-0:1.8.0*255"), expect=shows("energy", 54005)),
    ],
    "allocator begins anew at its due date": [
        step(point(1500, ""), point(1400, "", T=1735603200)),
        step(point(2, ""), point(1500, "", T=1767139200), expect=shows("other", 2)),
    ],
    "litres become cubic metres": [
        step(point(99990, "l", OBIS_ID=WATER), expect=shows("volume", 99.99)),
        step(point(100, "m^3", OBIS_ID=WATER), mark=True,
             expect={**shows("volume", 100), "no_new_entities": ["70000001"]}),
    ],
    "Wh becomes kWh without a code": [
        step(point(999000, "Wh"), expect=shows("energy", 999)),
        step(point(1000), mark=True,
             expect={**shows("energy", 1000), "no_new_entities": ["70000001"]}),
    ],
    "kWh becomes GJ": [
        step(point(100000, OBIS_ID=HEAT)),
        step(point(361, "GJ", OBIS_ID=HEAT), mark=True,
             expect={**shows("energy", 361 / 0.0036), "no_new_entities": ["70000001"]}),
    ],
    "warm and cold water under one number": [
        step(point(50, "m^3"), MEDIUM="Warm water"),
        step(point(70, "m^3"), MEDIUM="Cold water", expect=shows("volume", 50, 70)),
        step(point(51, "m^3"), MEDIUM="Warm water", expect=shows("volume", 51, 70)),
    ],
    "heat and cooling said by the values": [
        step(point(5000, MEDIUM="Heat (outlet)")),
        step(point(90, MEDIUM="Cooling (outlet)"), expect=shows("energy", 5000, 90)),
        step(point(91, MEDIUM="Cooling (outlet)"), expect=shows("energy", 5000, 91)),
    ],
    "heat and cooling in one meter": [
        step(point(5000, MEDIUM="Heat (outlet)"), point(90, MEDIUM="Cooling (outlet)"),
             expect=shows("energy", 5000, 90)),
        step(point(91, MEDIUM="Cooling (outlet)"), point(5001, MEDIUM="Heat (outlet)"),
             expect=shows("energy", 5001, 91)),
    ],
    "heat falls silent beside cooling in one meter": [
        step(point(5000, MEDIUM="Heat (outlet)"), point(90, MEDIUM="Cooling (outlet)"),
             expect=shows("energy", 5000, 90)),
        step(point(91, MEDIUM="Cooling (outlet)"), expect=shows("energy", 5000, 91)),
        step(point(5002, MEDIUM="Heat (outlet)"), expect=shows("energy", 5002, 91)),
        step(point(5003, MEDIUM="Heat (outlet)"), point(92, MEDIUM="Cooling (outlet)"),
             expect=shows("energy", 5003, 92)),
    ],
    "cooling prevails in summer in one meter": [
        step(point(5000, MEDIUM="Heat (outlet)"), point(7, "W", MEDIUM="Heat (outlet)"),
             point(90, MEDIUM="Cooling (outlet)"), expect=shows("energy", 5000, 90)),
        step(point(91, MEDIUM="Cooling (outlet)"), point(8, "W", MEDIUM="Cooling (outlet)"),
             point(5000, MEDIUM="Heat (outlet)"), expect=shows("energy", 5000, 91)),
    ],
    "cooling is built into a meter of heat": [
        step(point(5000, MEDIUM="Heat (outlet)"), expect=shows("energy", 5000)),
        step(point(3, MEDIUM="Cooling (outlet)"), point(5001, MEDIUM="Heat (outlet)"),
             expect=shows("energy", 5001, 3)),
        step(point(4, MEDIUM="Cooling (outlet)"), point(5001, MEDIUM="Heat (outlet)"),
             expect=shows("energy", 5001, 4)),
    ],
    "warm and cold water in one meter": [
        step(point(10, "m^3", MEDIUM="Warm water"), point(90, "m^3", MEDIUM="Cold water"),
             expect=shows("volume", 10, 90)),
        step(point(91, "m^3", MEDIUM="Cold water"), expect=shows("volume", 10, 91)),
        step(point(92, "m^3", MEDIUM="Cold water"), point(11, "m^3", MEDIUM="Warm water"),
             expect=shows("volume", 11, 92)),
    ],
    "scale that is a word, and one that is infinite": [
        step(point(123, "m^3", "milli", OBIS_ID=WATER), expect={"no_number": {"70000001": "m³"}}),
        step(point(123, "m^3", "inf", OBIS_ID=WATER), expect={"no_number": {"70000001": "m³"}}),
        step(point(123, "m^3", "1e-400", OBIS_ID=WATER), expect={"no_number": {"70000001": "m³"}}),
        step(point(123, "m^3", "0.1", OBIS_ID=WATER), expect=shows("volume", 12.3)),
    ],
    "fractional raw value with a scale": [
        step(point(1234, "m^3", "0.01", OBIS_ID=WATER), expect=shows("volume", 12.34)),
        step(point("12.35", "m^3", "0.01", OBIS_ID=WATER), expect=shows("volume", 12.34)),
        step(point(1236, "m^3", "0.01", OBIS_ID=WATER), expect=shows("volume", 12.36)),
    ],
    # Clocks.
    "logger in 2040": [
        step(point(1000, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@now")),
        *(
            step(point(1000 + n, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@clock"), time="@clock",
                 expect=shows("volume", 1 + n / 1000))
            for n in range(1, 5)
        ),
        step(point(1005, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@clock"), time="@clock",
             expect={**shows("volume", 1.005), "issue": True}),
        step(point(1006, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@now"),
             expect={**shows("volume", 1.006), "no_issue": True}),
    ],
    "summer time": [
        *(
            step(point(1000 + n, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@now+3600"),
                 time="@now+3600", expect=shows("volume", 1 + n / 1000))
            for n in range(6)
        ),
        step(point(1006, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@now"),
             expect={**shows("volume", 1.006), "no_issue": True}),
    ],
    "an hour behind": [
        step(point(1000, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@now"), wait=900),
        *(
            step(point(1000 + n, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@now-7200"),
                 time="@now-7200", wait=900)
            for n in range(1, 5)
        ),
        step(point(1005, "m^3", "0.001", OBIS_ID=WATER, T_MUC="@now-7200"), time="@now-7200",
             expect={**shows("volume", 1.005), "issue": True}),
    ],
}  # fmt: skip
CLOCKS = {"logger in 2040": 2_208_988_800}


async def entry_of(hass: HomeAssistant) -> MockConfigEntry:
    entry = make_entry(hass, MQTT_DATA)
    await set_up(hass, entry)
    return entry


@pytest.mark.parametrize("name", VARIANTS)
async def test_variant(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, name: str
) -> None:
    entry = await entry_of(hass)

    async def send(body: bytes, topic: str) -> None:
        await publish(hass, body, topic)

    case = {"id": name, "steps": VARIANTS[name], "clock": CLOCKS.get(name, 0)}
    await Driver(hass, entry, freezer, send, case).run()


# --- d: clothing ------------------------------------------------------------------------

PLAIN = {
    "muc": {
        "MUC_ID": GATEWAY,
        "TIMESTAMP": "1795702807",
        "meter": [
            {
                "METER_ID": "70000001",
                "INTERFACE": "02",
                "data": [
                    {
                        "DESCRIPTION": "Volume",
                        "UNIT": "m^3",
                        "SCALE": "0.001",
                        "OBIS_ID": "",
                        "MEDIUM": "Water",
                        "entry": [{"T_MUC": "1795702700", "VAL": "123456"}],
                    }
                ],
            }
        ],
    }
}
_TEXT = json.dumps(PLAIN)
_POINT = PLAIN["muc"]["meter"][0]["data"][0]  # type: ignore[index]  # a report of our own


def with_entries(entries: object) -> bytes:
    tree = json.loads(_TEXT)
    tree["muc"]["meter"][0]["data"][0]["entry"] = entries
    return json.dumps(tree).encode()


CLOTHES: dict[str, bytes] = {
    "gzip": gzip.compress(_TEXT.encode()),
    "utf-16": _TEXT.encode("utf-16"),
    "utf-16 without a mark": _TEXT.encode("utf-16-le"),
    "form field": f"user=x&report={quote(_TEXT)}".encode(),
    "form of one reading": (
        f"MUC_ID={GATEWAY}&METER_ID=70000001&DESCRIPTION=Volume&UNIT=m%5E3&SCALE=0.001&VAL=123456"
    ).encode(),
    "multipart": (
        '--X1\r\nContent-Disposition: form-data; name="f"; filename="r.json"\r\n\r\n'
        f"{_TEXT}\r\n--X1--\r\n"
    ).encode(),
    "encoded twice": json.dumps(_TEXT).encode(),
    "csv with semicolons": (
        "MUC_ID;METER_ID;DESCRIPTION;UNIT;SCALE;MEDIUM;T_MUC;VAL\r\n"
        f"{GATEWAY};70000001;Volume;m^3;0.001;Water;1795702600;123455\r\n"
        f"{GATEWAY};70000001;Volume;m^3;0.001;Water;1795702700;123456\r\n"
    ).encode(),
    "csv with commas and no gateway": (
        b"meter_id,description,unit,scale,time,value\n"
        b'70000001,Volume,m3,0.001,2026-11-26T14:18:00Z,"123456"\n'
    ),
    "pairs": with_entries([[1795702600, 123455], [1795702700, 123456]]),
    "one pair": with_entries([1795702700, "123456"]),
    "value first in pairs": with_entries([["123456", 1795702700]]),
    "columns": with_entries({"T_MUC": [1795702600, 1795702700], "VAL": [123455, 123456]}),
    "a bare value": with_entries("123456"),
    "prefix in JSON": _TEXT.replace('"meter"', '"ns0:meter"')
    .replace('"muc"', '"ns0:muc"')
    .encode(),
    "namespace as default": xml(PLAIN).replace(b"<interface ", b'<interface xmlns="urn:v:1" '),
    "prefix called v": xml(PLAIN)
    .replace(b"</", b"</v:")
    .replace(b"<interface ", b'<v:interface xmlns:v="urn:v" ')
    .replace(b"<muc ", b"<v:muc ")
    .replace(b"<meter ", b"<v:meter ")
    .replace(b"<data ", b"<v:data ")
    .replace(b"<entry>", b"<v:entry>")
    .replace(b"<param ", b"<v:param "),
    "xml2js with lists everywhere": json.dumps(
        {
            "interface": {
                "$": {"MESSAGE_TYPE": "1"},
                "muc": [
                    {
                        "$": {"MUC_ID": GATEWAY},
                        "meter": [
                            {
                                "$": {"METER_ID": "70000001"},
                                "data": [
                                    {
                                        "$": {
                                            key: value
                                            for key, value in _POINT.items()
                                            if key != "entry"
                                        },
                                        "entry": [
                                            {"param": [{"_": "123456", "$": {"NAME": "VAL"}}]}
                                        ],
                                    }
                                ],
                            }
                        ],
                    }
                ],
            }
        }
    ).encode(),
    "lines": b'{"METER_ID": "70000002", "data": []}\n'
    + json.dumps({"METER_ID": "70000001", "data": [_POINT]}).encode(),
}


@pytest.mark.parametrize("name", CLOTHES)
async def test_clothing(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, name: str
) -> None:
    entry = await entry_of(hass)
    await publish(hass, CLOTHES[name])
    driver = Driver(hass, entry, freezer, publish, {"id": name, "steps": []})  # type: ignore[arg-type]  # nothing is sent
    assert driver.registers_of("70000001") == {"volume": [pytest.approx(123.456)]}


UNREAD: dict[str, bytes] = {
    "words": "Zählerstand Müller 4711".encode(),
    "a table of another kind": b"name;stand\nMueller;4711\n",
    "nothing known": b'{"geraete": [{"nr": "70004711", "stand": 4711}]}',
    "keys that are numbers": b'{"70004711": {"stand": 1}, "70004712": {"stand": 2}}',
    "keys that are names": b'{"x": {"Mueller": {"a": 1}, "Maier": {"a": 2}, "Muster": {"a": 3}}}',
    "xml": b"<haus><zaehler nummer='70004711'><stand>4711</stand></zaehler></haus>",
}


@pytest.mark.parametrize("name", UNREAD)
async def test_what_is_not_read_is_told(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, name: str
) -> None:
    entry = await entry_of(hass)
    await publish(hass, UNREAD[name])
    expect = {"issue": True, "diagnostics_lack": ["4711", "Mueller", "Müller", "70004712"]}
    driver = Driver(hass, entry, freezer, publish, {"id": name, "steps": []})  # type: ignore[arg-type]  # nothing is sent
    assert [text async for text in driver._wrong(expect)] == []


async def test_one_unreadable_value_costs_one_value(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    entry = await entry_of(hass)
    blanks = " " * 100_000
    tree = json.loads(_TEXT)
    tree["muc"]["meter"][0]["data"] += [
        {"DESCRIPTION": blanks + "x", "UNIT": blanks, "entry": [{"VAL": blanks + "1"}]},
        {"DESCRIPTION": "\x1b[31m<b>red</b>\n", "UNIT": "kWh", "entry": [{"VAL": "5"}]},
    ]
    await publish(hass, tree)
    await publish(
        hass,
        {
            "SlaveInformation": {"Id": "70000009", "Medium": "Water"},
            "DataRecord": [{"Unit": f"1e-2{blanks}m", "Value": "1"}, {"Unit": "V", "Value": "2"}],
        },
    )
    assert entry.runtime_data.data["70000001_volume_m3"] == pytest.approx(123.456)
    assert entry.runtime_data.data["70000009_voltage_v"] == 2
    for meter in entry.runtime_data.meters:
        for one in meter.points.values():
            assert one.signature.description.isprintable()
            assert len(one.signature.description) <= 120
