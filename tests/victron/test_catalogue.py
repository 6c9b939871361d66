"""The tables themselves."""

import csv
from typing import Any
from unittest.mock import AsyncMock

import pytest
from homeassistant.components.number.const import DEVICE_CLASS_UNITS as NUMBER_UNITS
from homeassistant.components.sensor.const import (
    DEVICE_CLASS_STATE_CLASSES,
    DEVICE_CLASS_UNITS,
)
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from custom_components.hausstrom.common.throttle import Pace
from custom_components.hausstrom.victron.descriptions import Gx, describe, platform_of
from custom_components.hausstrom.victron.protocol import codes
from custom_components.hausstrom.victron.protocol.catalogue import FAMILIES, SERVICES
from custom_components.hausstrom.victron.protocol.catalogue.index import PathIndex
from custom_components.hausstrom.victron.protocol.catalogue.model import ControlForm, EntityForm
from custom_components.hausstrom.victron.protocol.codes import Codes
from custom_components.hausstrom.victron.protocol.offer import Offer
from custom_components.hausstrom.victron.protocol.service import Service
from custom_components.hausstrom.victron.protocol.topics import ServiceId
from tests.victron.gx import PORTAL, samples

WANTED = [
    "battery",
    "pvinverter",
    "grid",
    "vebus",
    "temperature",
    "solarcharger",
    "tank",
    "genset",
    "dcgenset",
    "generator",
    "evcharger",
    "heatpump",
    "acload",
    "inverter",
    "multi",
    "acsystem",
    "alternator",
    "charger",
    "dcdc",
    "dcsource",
    "dcload",
    "dcsystem",
    "fuelcell",
    "meteo",
    "gps",
    "pulsemeter",
    "digitalinput",
    "switch",
    "ev",
    "motordrive",
    "pump",
    "modem",
    "bms",
]
ROWS = [(family, point) for family in FAMILIES.values() for point in family.points]


def test_every_type_of_service_is_known() -> None:
    assert set(SERVICES) == set(WANTED)
    assert "system" in FAMILIES


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.service)
def test_no_path_twice(family: object) -> None:
    paths = [point.path for point in FAMILIES[family.service].points]  # type: ignore[attr-defined]  # a Family
    assert len(paths) == len(set(paths))


def test_names_and_slugs_are_snake_case() -> None:
    for family, point in ROWS:
        assert point.name.replace("_", "").isalnum(), (family.service, point)
        assert point.name == point.name.lower()
        for slug in point.codes.options if point.codes else ():
            assert slug.replace("_", "").isalnum()


def test_rows_make_sense() -> None:
    for _, point in ROWS:
        quantity = point.quantity
        assert (quantity.device_class == "enum") is (point.codes is not None)
        if point.form is EntityForm.BINARY:
            assert point.codes is None
        if quantity.state_class is not None and quantity.device_class == "energy":
            assert quantity.state_class.startswith("total")
        control = point.control
        if control is not None and control.form is ControlForm.SELECT:
            assert point.codes is not None
            assert point.codes.choices
        if control is not None and control.form is ControlForm.SWITCH:
            assert point.form is EntityForm.BINARY


def test_yesterday_has_no_state_class() -> None:
    past = [point for _, point in ROWS if "/1/" in point.path and "Daily" in point.path]
    assert past
    assert all(point.quantity.state_class is None for point in past)


@pytest.mark.parametrize(
    "table", [value for value in vars(codes).values() if isinstance(value, Codes)]
)
def test_what_can_be_chosen_can_be_written(table: Codes) -> None:
    for slug in table.choices:
        assert table.slugs[table.code(slug)] == slug
    with pytest.raises(KeyError):
        table.code("no such slug")


def test_units_are_those_of_the_bus() -> None:
    units = {"°C": "°C", "W": "W", "V": "V", "A": "A", "kWh": "kWh", "Hz": "Hz", "VA": "VA"}
    checked = 0
    with (samples() / "paths.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            family = FAMILIES.get(row["service"])
            if family is None or row["unit"] not in units or "{" in row["path"]:
                continue
            match = PathIndex.of(family).match(row["path"].removeprefix("/"))
            if match is None or match.point.quantity.unit is None:
                continue
            checked += 1
            assert match.point.quantity.unit == units[row["unit"]], row["path"]
    assert checked > 250


def test_placeholders_count_as_the_menus_do() -> None:
    index = PathIndex.of(FAMILIES["solarcharger"])
    match = index.match("Pv/0/P")
    assert match is not None
    assert match.placeholders == {"tracker": "1"}
    assert match.resolve("History/Daily/0/Pv/{tracker}/Yield") == "History/Daily/0/Pv/0/Yield"
    assert index.match("Pv/12/P") is None
    assert index.match("Nonsense") is None
    phase = PathIndex.of(FAMILIES["grid"]).match("Ac/L2/Power")
    assert phase is not None
    assert phase.placeholders == {"phase": "L2"}
    assert PathIndex.of(FAMILIES["grid"]).match("Ac/L4/Power") is None


def offers_of(control: bool) -> list[Offer]:
    """Return every row, sum and derived value as an offer."""
    offers = [
        Offer(
            key="key",
            label="settings_0",
            service="settings",
            instance="0",
            path=point.path,
            name=point.name,
            placeholders={},
            quantity=point.quantity,
            form=point.form,
            codes=point.codes,
            device_class=point.device_class,
            category=point.category,
            enabled=True,
            control=point.control if control else None,
        )
        for _, point in ROWS
    ]
    for family in FAMILIES.values():
        source = Service(ServiceId(family.service, "0"), family, PathIndex.of(family))
        offers += [derived.offer() for derived in source.derived]
    return offers


@pytest.mark.parametrize("control", [True, False])
async def test_home_assistant_takes_every_row(hass: HomeAssistant, control: bool) -> None:
    gx = Gx(PORTAL, AsyncMock(), controls=control)
    for offer in offers_of(control):
        platform = platform_of(offer, controls=control)
        if platform is None:
            continue
        assert await gx.async_prepare(hass, platform)
        shown: Any = describe(offer, platform, gx)
        if platform is Platform.SENSOR:
            if shown.device_class is None:
                continue
            units = DEVICE_CLASS_UNITS.get(shown.device_class, {None})
            assert shown.native_unit_of_measurement in units, offer
            if shown.suggested_unit_of_measurement is not None:
                assert shown.suggested_unit_of_measurement in units, offer
            if shown.state_class is not None:
                assert shown.state_class in DEVICE_CLASS_STATE_CLASSES[shown.device_class], offer
        if platform is Platform.NUMBER:
            if shown.device_class is not None:
                units = NUMBER_UNITS[shown.device_class]
                assert shown.native_unit_of_measurement in units, offer
            assert shown.native_min_value < shown.native_max_value


@pytest.mark.parametrize(
    ("service", "path", "unit", "state_class", "form"),
    [
        # Units: node-red-contrib-victron, services.json.
        ("temperature", "AccelX", "g", "measurement", EntityForm.SENSOR),
        ("temperature", "AccelY", "g", "measurement", EntityForm.SENSOR),
        ("temperature", "AccelZ", "g", "measurement", EntityForm.SENSOR),
        ("gps", "UtcTimestamp", None, None, EntityForm.SENSOR),
        ("vebus", "Ac/State/SplitPhaseL2Passthru", None, None, EntityForm.BINARY),
        ("vebus", "Ac/State/SplitPhaseL2L1OutSummed", None, None, EntityForm.BINARY),
    ],
)
def test_rows_that_few_want(
    service: str, path: str, unit: str | None, state_class: str | None, form: EntityForm
) -> None:
    (point,) = [one for one in FAMILIES[service].points if one.path == path]
    quantity = point.quantity
    assert (quantity.unit, quantity.state_class, point.form) == (unit, state_class, form)
    assert not point.enabled
    assert quantity.pace is not Pace.NOW or form is EntityForm.BINARY  # it moves all the time
