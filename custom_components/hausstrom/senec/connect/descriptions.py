"""What of a system becomes an entity when it is read through SENEC.Connect."""

from collections.abc import Iterable
from typing import Final

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory, Platform

from ...binary_sensor import HausstromBinarySensorDescription
from ..descriptions import (
    CAPACITY,
    CURRENT,
    EV_CONNECTED,
    POWERS,
    VOLTAGE,
    WALLBOX_POWER,
    EntityRow,
    wallbox_flag,
    wallbox_power,
)

SYSTEM: Final = (
    *POWERS,
    VOLTAGE,
    CURRENT,
    CAPACITY,
    EntityRow(
        Platform.BINARY_SENSOR,
        HausstromBinarySensorDescription(
            key="online",
            device_class=BinarySensorDeviceClass.CONNECTIVITY,
            entity_category=EntityCategory.DIAGNOSTIC,
        ),
    ),
    WALLBOX_POWER,
    EV_CONNECTED,
)


def wallbox_rows(index: int) -> Iterable[EntityRow]:
    """Return the rows of one wallbox, counted from 0 in keys and from 1 in names."""
    yield wallbox_power(index)
    yield wallbox_flag(index, "ev_connected", BinarySensorDeviceClass.PLUG)
    yield wallbox_flag(index, "charging", BinarySensorDeviceClass.BATTERY_CHARGING)
