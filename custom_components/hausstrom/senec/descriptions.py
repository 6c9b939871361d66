"""Entities of what every way to a SENEC measures: one set of keys, local or cloud."""

from typing import Final, NamedTuple

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory, Platform
from homeassistant.helpers.entity import EntityDescription

from ..binary_sensor import HausstromBinarySensorDescription
from ..common import quantities as q
from ..common.quantities import Quantity
from ..sensor import HausstromSensorDescription, measured
from .protocol.state_words import P4_STATES
from .protocol.states import STATE_SLUGS

STATE_SENSOR: Final = HausstromSensorDescription(
    key="current_state",
    device_class=SensorDeviceClass.ENUM,
    options=[*STATE_SLUGS, *P4_STATES],  # one set, whichever way the state came
)
VEHICLE_SENSOR: Final = HausstromBinarySensorDescription(
    key="ev_connected", device_class=BinarySensorDeviceClass.PLUG
)


def energy_counter(key: str) -> HausstromSensorDescription:
    """Return the sensor of an energy counter; its total stays true while the device is silent."""
    return HausstromSensorDescription(
        key=key,
        outlives_silence=True,
        **measured(q.ENERGY),
    )


class EntityRow(NamedTuple):
    """A description and the platform that it is for."""

    platform: Platform
    description: EntityDescription


def sensor(key: str, quantity: Quantity, *, enabled: bool = True) -> EntityRow:
    """Return the row of a quantity."""
    return EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=key, entity_registry_enabled_default=enabled, **measured(quantity)
        ),
    )


def wallbox_power(index: int) -> EntityRow:
    """Return the row of one wallbox's charging power in W."""
    return EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=f"wallbox_charge_power{index}",
            translation_key="wallbox_charge_power_of",
            placeholders={"number": str(index + 1)},
            **measured(q.POWER),
        ),
    )


def wallbox_flag(
    index: int,
    name: str,
    device_class: BinarySensorDeviceClass,
    *,
    diagnostic: bool = False,
    presence: str | None = None,
) -> EntityRow:
    """Return the row of what is so or not of one wallbox, counted from 0 (in its name from 1)."""
    return EntityRow(
        Platform.BINARY_SENSOR,
        HausstromBinarySensorDescription(
            key=f"wallbox_{index}_{name}",
            translation_key=f"wallbox_of_{name}",
            placeholders={"number": str(index + 1)},
            device_class=device_class,
            entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
            presence=presence,
        ),
    )


def percent(
    key: str,
    category: EntityCategory | None = None,
    *,
    enabled: bool = True,
    presence: str | None = None,
) -> EntityRow:
    """Return the row of a part of a whole, which SENEC gives in whole percent."""
    return EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=key,
            entity_category=category,
            entity_registry_enabled_default=enabled,
            presence=presence,
            **measured(q.PERCENT, precision=0),
        ),
    )


VOLTAGE: Final = sensor("bat_voltage", q.VOLTAGE)
CURRENT: Final = sensor("bat_charge_current", q.CURRENT)
CAPACITY: Final = EntityRow(
    Platform.SENSOR,
    HausstromSensorDescription(
        key="bat_capacity",
        entity_category=EntityCategory.DIAGNOSTIC,
        **measured(q.ENERGY_STORAGE),
    ),
)
EV_CONNECTED: Final = EntityRow(Platform.BINARY_SENSOR, VEHICLE_SENSOR)
POWERS: Final = (
    sensor("inverter_power", q.POWER),
    sensor("house_power", q.POWER),
    sensor("grid_power", q.POWER),
    sensor("grid_power_plus", q.POWER, enabled=False),
    sensor("grid_power_minus", q.POWER, enabled=False),
    sensor("bat_power", q.POWER),
    sensor("bat_power_plus", q.POWER, enabled=False),
    sensor("bat_power_minus", q.POWER, enabled=False),
    sensor("bat_fuel_charge", q.STATE_OF_CHARGE),
)
WALLBOX_POWER: Final = sensor("wallbox_charge_power", q.POWER)
