"""Numbers are exact, times credible, units and classes those of Home Assistant."""

import base64
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from homeassistant.components.sensor import (
    DEVICE_CLASS_STATE_CLASSES,
    SensorDeviceClass,
    SensorStateClass,
)
from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.common.slug import slug
from custom_components.hausstrom.smartlog.protocol import mbus, quantities, units
from custom_components.hausstrom.smartlog.protocol.basic_auth import is_authorized
from custom_components.hausstrom.smartlog.protocol.mbus import (
    DeviceType,
    device_type,
    manufacturer_name,
)
from custom_components.hausstrom.smartlog.protocol.model import Signature
from custom_components.hausstrom.smartlog.protocol.point import KnownPoint, load_point
from custom_components.hausstrom.smartlog.protocol.quantities import (
    PointTraits,
    ValueType,
    quantity_of,
    traits_of,
)
from custom_components.hausstrom.smartlog.protocol.rhythm import ReadingRhythm
from custom_components.hausstrom.smartlog.protocol.units import Group, normalise
from custom_components.hausstrom.smartlog.protocol.values import (
    decimal,
    decimal_places,
    digits,
    moment,
    reading_time,
    scale_of,
    scaled,
    text,
    unix_time,
    usable,
)

from .build import NOW


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("5", "5"), ("-5", "-5"), ("+5", "5"), (" 5 ", "5"), ("5.", "5"), (".5", "0.5"), ("0,25", "0.25"),
        ("1e3", "1000"), ("1.5E-2", "0.015"), (5, "5"), (0.1, "0.1"), (True, "1"),
        ("", None), ("five", None), ("1,234.5", None), ("1 2", None), ("0x10", None), ("٣", None), ("1e999", None),
        (".", None), ("nan", None), (1e300, None), (float("nan"), None), (10**41, None), ("1" * 41, None),
        (None, None), ([], None),
    ],
)  # fmt: skip
def test_numbers(raw: object, number: str | None) -> None:
    assert decimal(raw) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("raw", "scale", "value"),
    [
        ("309840", "0.0005", 154.92),
        ("1736502", "0.001", 1736.502),
        ("30390", "1", 30390),
        ("12", "100", 1200),
        ("-350", "0.1", -35.0),
        ("5.50", "1", 5.5),
        ("9007199254740993", "1", 9007199254740993),
        (3, "", 3),
        ("x", "1", None),
    ],
)
def test_value_times_scale(raw: str | int, scale: str, value: float | None) -> None:
    factor = scale_of(scale)
    assert factor is not None
    result = scaled(raw, factor)
    assert result == value
    assert type(result) is type(value)


@given(
    st.integers(-(10**18), 10**18), st.sampled_from(["1", "10", "0.1", "0.0005", "0.001", "1e-9"])
)
def test_values_are_rounded_once(raw: int, scale: str) -> None:
    factor = scale_of(scale)
    assert factor is not None
    assert scaled(str(raw), factor) == float(Fraction(raw) * Fraction(scale)) or isinstance(
        scaled(raw, factor), int
    )


def test_factors_that_are_no_decimals() -> None:
    assert scaled("3600", Decimal(1), Fraction(1, 3600)) == 1.0
    assert scaled("1", Decimal(1), Fraction(1, 3)) == 1 / 3


@pytest.mark.parametrize("scale", ["0", "x", "nan", "-"])
def test_a_scale_that_is_none(scale: str) -> None:
    assert scale_of(scale) is None


@pytest.mark.parametrize(
    ("scale", "places"),
    [("1", 0), ("100", 0), ("0.01", 2), ("0.010", 2), ("0.0005", 4), ("1e-9", 4)],
)
def test_decimal_places(scale: str, places: int) -> None:
    assert decimal_places(Decimal(scale)) == places


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        ("1524176355", 1524176355), (1524176355000, 1524176355), ("2018-04-19T22:19:15Z", 1524176355),
        ("2018-04-19", 1524096000), (0, None), (-5, None), ("", None), ("soon", None), (None, None),
        (10**30, None), ("0001-01-01", None), ({}, None),
    ],
)  # fmt: skip
def test_times(raw: object, seconds: int | None) -> None:
    assert unix_time(raw) == seconds


@pytest.mark.parametrize("raw", [0, None, "", 946_684_800, NOW + 90_000, (NOW + 90_000) * 1000])
def test_times_that_are_not_credible_are_those_of_arrival(raw: object) -> None:
    assert reading_time(raw, NOW) == NOW
    assert reading_time((NOW - 5) * 1000, NOW) == NOW - 5


def test_moments_and_texts() -> None:
    assert moment("1524176355") == datetime(2018, 4, 19, 22, 19, 15, tzinfo=UTC)
    assert moment("x") is None
    assert text("  ") is None
    assert text("a" * 300) == "a" * 255
    assert usable(True) == 1
    assert usable(1e300) is None


@pytest.mark.parametrize(
    ("raw", "group", "symbol"),
    [
        ("kWh", Group.ENERGY, "kWh"), ("KWH", Group.ENERGY, "kWh"), ("gj", Group.ENERGY, "GJ"),
        ("MJ", Group.ENERGY, "MJ"), ("mJ", Group.UNKNOWN, "mJ"), ("W", Group.POWER, "W"), ("mW", Group.POWER, "mW"),
        ("MW", Group.POWER, "MW"), ("kJ/h", Group.POWER, "W"), ("m^3", Group.VOLUME, "m³"), ("m³", Group.VOLUME, "m³"),
        ("ltr", Group.VOLUME, "L"), ("m^3/h", Group.VOLUME_FLOW, "m³/h"), ("l/h", Group.VOLUME_FLOW, "L/h"),
        ("Degree C", Group.TEMPERATURE, "°C"), ("degree  c", Group.TEMPERATURE, "°C"), ("℃", Group.TEMPERATURE, "°C"),
        ("K", Group.TEMPERATURE_DELTA, "K"), ("V", Group.VOLTAGE, "V"), ("A", Group.CURRENT, "A"),
        ("kVARh", Group.REACTIVE_ENERGY, "kvarh"), ("VAh", Group.APPARENT_ENERGY, "VAh"), ("mbar", Group.PRESSURE, "mbar"),
        ("%", Group.PERCENT, "%"), ("% rH", Group.HUMIDITY, "%"), ("t", Group.MASS, "kg"), ("days", Group.DURATION, "d"),
        ("dBm", Group.SIGNAL, "dBm"), ("ppm", Group.CONCENTRATION, "ppm"), ("lx", Group.ILLUMINANCE, "lx"),
        ("Units for H. C. A.", Group.HCA, "HCA"), ("UTC", Group.TIME_POINT, None), ("Bin", Group.BITS, None),
        ("None", Group.NONE, None), ("", Group.NONE, None), ("-", Group.NONE, None), ("°dH", Group.UNKNOWN, "°dH"),
        ("months", Group.UNKNOWN, "months"),
    ],
)  # fmt: skip
def test_units(raw: str, group: Group, symbol: str | None) -> None:
    unit = normalise(raw)
    assert (unit.group, unit.symbol) == (group, symbol)


def test_which_units_are_known() -> None:
    assert units.is_known("kWh")
    assert units.is_known("months")
    assert not units.is_known("°dH")


def traits(
    description: str,
    unit: str,
    device: DeviceType = DeviceType.ELECTRICITY,
    *,
    historic: bool = False,
    numeric: bool = True,
) -> PointTraits:
    return traits_of(
        Signature(description=description, unit=unit), device, historic=historic, numeric=numeric
    )


@pytest.mark.parametrize(
    ("description", "unit", "device", "classes"),
    [
        ("Energy", "kWh", "electricity", ("energy", "total_increasing", "kWh")),
        ("Energy", "kWh", "heat", ("energy", "total_increasing", "kWh")),
        ("Power", "W", "electricity", ("power", "measurement", "W")),
        ("Cumul. max power", "W", "electricity", ("power", None, "W")),
        ("Volume", "m^3", "water", ("water", "total_increasing", "m³")),
        ("Volume", "m^3", "warm_water", ("water", "total_increasing", "m³")),
        ("Volume", "m^3", "gas", ("gas", "total_increasing", "m³")),
        ("Volume", "ml", "gas", ("volume", "total_increasing", "mL")),
        ("Volume", "m^3", "heat", ("volume", "total_increasing", "m³")),
        ("Volume", "m^3", "unknown", ("volume", "total_increasing", "m³")),
        ("Volume flow", "m^3/h", "heat", ("volume_flow_rate", "measurement", "m³/h")),
        ("Flow temperature", "Degree C", "heat", ("temperature", "measurement", "°C")),
        ("Temperature difference", "K", "heat", ("temperature_delta", "measurement", "K")),
        ("Temperature Difference", "deg C", "heat", ("temperature_delta", "measurement", "°C")),
        ("Relative humidity", "%", "electricity", ("humidity", "measurement", "%")),
        ("Something", "%", "room_sensor", ("humidity", "measurement", "%")),
        ("Battery", "%", "room_sensor", ("battery", "measurement", "%")),
        ("CPU load", "%", "other", (None, "measurement", "%")),
        ("Volts (vendor specific)", "V", "electricity", ("voltage", "measurement", "V")),
        ("Ampere (vendor specific)", "A", "electricity", ("current", "measurement", "A")),
        ("Reactive energy", "kvarh", "electricity", ("reactive_energy", "total_increasing", "kvarh")),
        ("Apparent energy", "VAh", "electricity", (None, "total_increasing", "VAh")),
        ("Pressure", "bar", "pressure", ("pressure", "measurement", "bar")),
        ("Units for H. C. A.", "", "heat_cost_allocator", (None, "total_increasing", "HCA")),
        ("Mass", "kg", "oil", ("weight", "total_increasing", "kg")),
        ("Mass", "kg", "steam", ("weight", "measurement", "kg")),
        ("Mass flow", "t/h", "steam", (None, "measurement", "t/h")),
        ("Operating time", "h", "heat", ("duration", "total_increasing", "h")),
        ("Remaining battery life time", "d", "heat", ("duration", "measurement", "d")),
        ("Signal strength", "dBm", "water", ("signal_strength", "measurement", "dBm")),
        ("CO2", "ppm", "room_sensor", ("carbon_dioxide", "measurement", "ppm")),
        ("VOC", "ppm", "room_sensor", (None, "measurement", "ppm")),
        ("Hardness", "°dH", "water", (None, "measurement", "°dH")),
        ("Counter", "", "other", (None, None, None)),
        ("Timestamp", "UTC", "heat", ("timestamp", None, None)),
        ("Time point (date)", "-", "heat", ("timestamp", None, None)),
        ("Error flags (Device type specific)", "Bin", "heat", (None, None, None)),
    ],
)  # fmt: skip
def test_classes(description: str, unit: str, device: str, classes: tuple[str | None, ...]) -> None:
    one = traits(description, unit, DeviceType(device))
    assert (one.device_class, one.state_class, one.unit) == classes


@pytest.mark.parametrize(
    ("description", "unit", "numeric", "kind", "enabled"),
    [
        ("Fabrication", "None", True, ValueType.TEXT, False),
        ("Access number", "", True, ValueType.OPAQUE, False),
        ("Special supplier information", "None", True, ValueType.OPAQUE, False),
        ("Digital input", "", True, ValueType.OPAQUE, False),
        ("Error flags", "", True, ValueType.FLAGS, True),
        ("Status", "Bin", False, ValueType.TEXT, True),
        ("Anything", "None", True, ValueType.OPAQUE, False),
        ("Anything", "", False, ValueType.OPAQUE, False),
        ("Energy", "kWh", False, ValueType.NUMBER, True),
        ("Signal strength", "dBm", True, ValueType.NUMBER, False),
    ],
)
def test_kinds(description: str, unit: str, numeric: bool, kind: ValueType, enabled: bool) -> None:
    one = traits(description, unit, numeric=numeric)
    assert (one.kind, one.enabled) == (kind, enabled)


def test_historic_values_are_off_and_have_no_state_class() -> None:
    one = traits("Energy", "kWh", historic=True)
    assert (one.state_class, one.enabled, one.diagnostic, one.is_total) == (
        None,
        False,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("description", "alarm"),
    [
        ("Smoke alarm", True),
        ("Alarm", True),
        ("Error flags", False),
        ("Alarm counter", False),
        ("Test alarm", False),
    ],
)
def test_smoke_only_where_it_says_so(description: str, alarm: bool) -> None:
    assert traits(description, "Bin", DeviceType.SMOKE_DETECTOR).alarm is alarm
    assert not traits(description, "Bin", DeviceType.WATER).alarm


@pytest.mark.parametrize(
    ("description", "unit", "enabled"),
    [
        ("Uptime", "s", True),
        ("Temperature", "°C", True),
        ("Memory usage", "%", True),
        ("Build", "", False),
        ("Energy", "kWh", False),
    ],
)
def test_values_of_the_logger_are_diagnostics(description: str, unit: str, enabled: bool) -> None:
    one = traits(description, unit, DeviceType.SYSTEM)
    assert (one.diagnostic, one.enabled) == (True, enabled)


def test_every_class_is_one_of_home_assistant() -> None:
    """Each unit, for each type of meter, with each quantity: Home Assistant would take it."""
    names = ["", *units._UNITS, *units._BY_CASE, "°dH"]
    words = [
        "Energy",
        "Battery",
        "Humidity",
        "Temperature difference",
        "CO2",
        "Operating time",
        "x",
        "Smoke alarm",
        "Timestamp",
    ]
    for unit, device, word, numeric in product(names, DeviceType, words, (True, False)):
        one = traits(word, unit, device, numeric=numeric)
        if one.device_class is None:
            continue
        device_class = SensorDeviceClass(one.device_class)
        if device_class is SensorDeviceClass.TIMESTAMP:
            continue
        assert one.unit in DEVICE_CLASS_UNITS[device_class], (word, unit, device)
        if one.state_class is not None:
            assert SensorStateClass(one.state_class) in DEVICE_CLASS_STATE_CLASSES[device_class]


def test_quantities() -> None:
    assert quantity_of("Energy (vendor specific)") == "energy"
    assert quantity_of("Error flags (Device type specific)") == "error_flags"
    assert quantity_of("Stand 20170211_1532 = 25590 Wh") is None
    assert set(quantities._QUANTITIES) == {slug(name) for name in quantities._QUANTITIES}


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ("Electricity", "electricity"), ("Heat (outlet)", "heat"), ("Heat: Outlet", "heat"), ("Wärme", "heat"),
        ("Warm water (30-90°C)", "warm_water"), ("Hot water (>90°C)", "hot_water"), ("Kaltwasser", "cold_water"),
        ("Heat Cost Allocator", "heat_cost_allocator"), ("Heat/Cooling", "heat_cooling"), ("Bus/System", "system"),
        ("Smoke detector", "smoke_detector"), ("Raumfühler", "room_sensor"), ("A/D Converter", "ad_converter"),
        ("Gas meter", "gas"), ("7", "water"), ("0x1A", "smoke_detector"), ("0x", "unknown"), ("0xFFFF", "unknown"),
        ("9999", "unknown"), ("", "unknown"), ("Kaffee", "unknown"),
    ],
)  # fmt: skip
def test_device_types(sent: str, kind: str) -> None:
    assert device_type(sent) == kind


def test_names_of_makers() -> None:
    assert manufacturer_name("kam") == "Kamstrup"
    assert manufacturer_name("XYZ") == "XYZ"
    assert all(re.fullmatch("[A-Z]{3}", code) for code in mbus.MANUFACTURERS)
    assert all(slug(name).replace("_", " ") == name for name in mbus._NAMES)


@pytest.mark.parametrize(
    ("sent", "slugged"),
    [
        ("Straße 1", "strasse_1"),
        ("Küche", "kuche"),
        ("1-0:1.8.0*255", "1_0_1_8_0_255"),
        ("日本", ""),
    ],
)
def test_slugs(sent: str, slugged: str) -> None:
    assert slug(sent) == slugged


def known(description: str, unit: str, raw: str | int, **signature: str) -> KnownPoint:
    point = KnownPoint("k", Signature(description=description, unit=unit, **signature))
    point.classify(DeviceType.OTHER, raw)
    value = point.read(raw)
    if value is not None:
        point.accept(raw, NOW, value)
    return point


def test_flags_have_a_problem() -> None:
    flags = known("Error flags", "Bin", "2")
    assert flags.readings() == {"k": 2, "k_problem": True}
    assert known("Error flags", "Bin", "0.000").readings() == {"k": 0, "k_problem": False}
    assert flags.read("0.5") is None
    assert flags.fades
    flags.historic = True
    assert flags.problem_key is None


def test_totals_that_run_backwards() -> None:
    point = known("Energy", "kWh", "5", scale="0.1")
    assert (point.state_class, point.fades, point.precision) == ("total_increasing", False, 1)
    point.read("-5")
    assert point.state_class == "total"
    assert known("Power", "W", "-5").state_class == "measurement"


def test_precision_only_where_the_logger_says_it() -> None:
    assert known("Energy", "kWh", "5").precision is None
    assert known("Power", "kJ/h", "5", scale="0.1").precision is None
    assert known("Fabrication", "None", "5", scale="1").precision is None


def test_identification_is_text() -> None:
    assert known("Fabrication", "None", "00012").value == "00012"
    assert known("Special supplier information", "None", "AB").value == "AB"
    assert known("Special supplier information", "None", 7).value == 7
    assert known("Timestamp", "UTC", "1524176355").value == datetime(
        2018, 4, 19, 22, 19, 15, tzinfo=UTC
    )
    assert known("Timestamp", "UTC", "0").readings() == {}


def test_a_point_without_reading_survives() -> None:
    point = KnownPoint("k", Signature(description="Energy", unit="kWh"))
    assert load_point(point.dump(), DeviceType.OTHER).readings() == {}
    with pytest.raises(ValueError, match="not a stored"):
        load_point([], DeviceType.OTHER)


HOUR = 3600


def test_a_rhythm_is_learnt() -> None:
    rhythm = ReadingRhythm()
    assert rhythm.stale(NOW)
    assert rhythm.heard(NOW, NOW, NOW)
    assert rhythm.limit(None) == 26 * HOUR
    assert not rhythm.stale(NOW + 26 * HOUR)
    assert rhythm.stale(NOW + 26 * HOUR + 1)
    for turn in range(1, 6):
        assert rhythm.heard(NOW + turn * HOUR, NOW + turn * HOUR, None)
    assert rhythm.limit(None) == 3 * HOUR
    assert not rhythm.stale(NOW + 8 * HOUR)
    assert rhythm.stale(NOW + 8 * HOUR + 1)


def test_frequent_meters_have_two_hours() -> None:
    rhythm = ReadingRhythm()
    for turn in range(30):
        rhythm.heard(NOW + 60 * turn, NOW + 60 * turn, None)
    assert rhythm.limit(None) == 2 * HOUR
    assert len(rhythm.intervals) == 16


def test_daily_meters_have_three_days() -> None:
    rhythm = ReadingRhythm()
    for turn in range(6):
        rhythm.heard(NOW + 24 * HOUR * turn, NOW + 24 * HOUR * turn, None)
    assert rhythm.limit(None) == 72 * HOUR


def test_the_user_decides() -> None:
    rhythm = ReadingRhythm(NOW, NOW)
    assert rhythm.stale(NOW + 601, 600)
    assert not rhythm.stale(NOW + 10**9, 0)


def test_the_same_reading_again_is_no_sign_of_life() -> None:
    rhythm = ReadingRhythm()
    rhythm.heard(NOW, NOW, NOW)
    assert not rhythm.heard(NOW, NOW + HOUR, NOW + HOUR)
    assert not rhythm.heard(NOW - 5, NOW + HOUR, NOW + HOUR)
    assert rhythm.fresh == NOW


def test_the_age_counts_by_the_clock_of_the_logger() -> None:
    behind = ReadingRhythm()
    behind.heard(NOW - 10 * HOUR, NOW, NOW - 10 * HOUR + 60)
    assert behind.fresh == NOW - 60
    ahead = ReadingRhythm()
    ahead.heard(NOW + HOUR, NOW, NOW + HOUR + 60)
    assert (ahead.last, ahead.fresh) == (NOW, NOW - 60)


def header(name: bytes, password: bytes) -> str:
    return "Basic " + base64.b64encode(name + b":" + password).decode()


@pytest.mark.parametrize(
    ("sent", "authorized"),
    [
        (header(b"smartlog", "gehÄim:1".encode()), True),
        (header(b"smartlog", "gehÄim:1".encode("latin-1")), True),
        (header(b"smartlog", "gehÄim:1".encode()).replace("Basic", "BASIC "), True),
        (header(b"smartlog", b"wrong"), False),
        (header(b"other", "gehÄim:1".encode()), False),
        (header(b"", b""), False),
        ("Basic", False),
        ("Basic !!!", False),
        ("Basic " + base64.b64encode(b"smartlog").decode(), False),
        ("Bearer abc", False),
        ("Basic " + "A" * 5000, False),
        ("Basic ä", False),
        ("", False),
        (None, False),
    ],
)
def test_basic_authentication(sent: str | None, authorized: bool) -> None:
    assert is_authorized(sent, "smartlog", "gehÄim:1") is authorized


def test_no_password_opens_nothing() -> None:
    assert not is_authorized(header(b"", b""), "", "")
    assert not is_authorized(header(b"a", b"?"), "a", "€")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1_234_567.8, "1234567.8"), (30_390, "30390"), (0.0005, "0.0005"), (12_345_678, "12345678"),
     (0, "0"), (-3.5, "-3.5"), (154.92, "154.92")],
)  # fmt: skip
def test_numbers_are_told_with_every_digit(value: float, text: str) -> None:
    assert digits(value) == text
