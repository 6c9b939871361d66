"""A quantity looks the same wherever it comes from: one table for all kinds."""

from collections.abc import Iterator
from unittest.mock import AsyncMock

import pytest
from homeassistant.const import Platform
from homeassistant.helpers.entity import EntityDescription

from custom_components.hausstrom.common import quantities
from custom_components.hausstrom.common.quantities import Quantity
from custom_components.hausstrom.evn.descriptions import MEASUREMENTS
from custom_components.hausstrom.senec.cloud.descriptions import DASHBOARD, DETAILS
from custom_components.hausstrom.senec.connect.descriptions import SYSTEM
from custom_components.hausstrom.senec.local.descriptions import Writes, describe
from custom_components.hausstrom.senec.local.protocol.counters import EnergyMeters
from custom_components.hausstrom.senec.local.protocol.roster import all_points
from custom_components.hausstrom.sensor import HausstromSensorDescription
from custom_components.hausstrom.victron.protocol.catalogue import FAMILIES

TABLE = [one for one in vars(quantities).values() if isinstance(one, Quantity)]


def local() -> list[EntityDescription]:
    writes = Writes(AsyncMock(), AsyncMock(), AsyncMock())
    described = describe(all_points().values(), EnergyMeters(longest_gap=60), writes)
    return described[Platform.SENSOR]


def sensors() -> Iterator[tuple[str, HausstromSensorDescription]]:
    """Yield the sensors of the kinds whose rows are known beforehand, with the kind's name."""
    tables: dict[str, list[EntityDescription]] = {
        "evn": [*MEASUREMENTS],
        "senec_local": local(),
        "senec_cloud": [row.description for row in (*DASHBOARD, *DETAILS)],
        "senec_connect": [row.description for row in SYSTEM],
    }
    for kind, descriptions in tables.items():
        for description in descriptions:
            if isinstance(description, HausstromSensorDescription):
                yield kind, description


def precision_of(kind: str, key: str) -> int | None:
    """Return the digits after the point of a sensor."""
    (found,) = {
        one.suggested_display_precision for name, one in sensors() if (name, one.key) == (kind, key)
    }
    return found


def victron(service: str, path: str) -> int | None:
    """Return the digits after the point of a value of a GX."""
    found: set[int | None] = {
        point.quantity.precision for point in FAMILIES[service].points if point.path == path
    }
    assert len(found) == 1
    return found.pop()


def test_a_battery_has_a_voltage_of_two_digits_everywhere() -> None:
    assert {
        precision_of("senec_local", "bat_voltage"),
        precision_of("senec_cloud", "bat_voltage"),
        precision_of("senec_connect", "bat_voltage"),
        precision_of("senec_local", "bms_voltage_0"),
        victron("battery", "Dc/0/Voltage"),
        victron("system", "Dc/Battery/Voltage"),
    } == {2}


def test_mains_have_a_voltage_of_one_digit_everywhere() -> None:
    assert {
        precision_of("evn", "voltage_l1"),
        precision_of("senec_local", "pm1obj1_u_ac_0"),
        victron("grid", "Ac/L{phase}/Voltage"),
        victron("vebus", "Ac/ActiveIn/L{phase}/V"),
    } == {1}


def test_currents_have_the_same_digits_everywhere() -> None:
    assert {
        precision_of("evn", "current_l1"),
        precision_of("senec_local", "pm1obj1_i_ac_0"),
        precision_of("senec_local", "bat_charge_current"),
        precision_of("senec_cloud", "bat_charge_current"),
        victron("battery", "Dc/0/Current"),
        victron("grid", "Ac/L{phase}/Current"),
    } == {2}


@pytest.mark.parametrize(
    ("key", "digits"), [("bat_fuel_charge", 1), ("house_power", 0), ("bat_capacity", 1)]
)
def test_a_senec_looks_the_same_whichever_way_it_is_read(key: str, digits: int) -> None:
    ways = {kind for kind, one in sensors() if one.key == key}
    assert {precision_of(kind, key) for kind in ways} == {digits}
    assert len(ways) >= 2


def test_classes_and_units_are_those_of_the_table() -> None:
    known = {(one.device_class, one.unit) for one in TABLE}
    odd = {
        (kind, one.key, one.device_class, one.native_unit_of_measurement)
        for kind, one in sensors()
        if one.native_unit_of_measurement is not None
        if (one.device_class, one.native_unit_of_measurement) not in known
    }
    # Of one device alone, in the unit that it counts in.
    assert {(device_class, unit) for _, _, device_class, unit in odd} <= {
        ("current", "mA"),
        ("volume_storage", "L"),
        ("duration", "ms"),
    }, odd
