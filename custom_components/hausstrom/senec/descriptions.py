"""Entities of what every way to a SENEC measures: one set of keys, local or cloud."""

from typing import Final, NamedTuple

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
)
from homeassistant.helpers.entity import EntityDescription

from ..binary_sensor import HausstromBinarySensorDescription
from ..sensor import HausstromSensorDescription
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
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        outlives_silence=True,
    )


class Row(NamedTuple):
    """A description and the platform that it is for."""

    platform: Platform
    description: EntityDescription


def power(key: str, *, enabled: bool = True) -> Row:
    """Return the row of a power in W."""
    return Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=key,
            device_class=SensorDeviceClass.POWER,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=UnitOfPower.WATT,
            suggested_display_precision=0,
            entity_registry_enabled_default=enabled,
        ),
    )


def wallbox_power(index: int) -> Row:
    """Return the row of one wallbox's charging power in W."""
    return Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=f"wallbox_charge_power{index}",
            translation_key="wallbox_charge_power_of",
            placeholders={"number": str(index + 1)},
            device_class=SensorDeviceClass.POWER,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=UnitOfPower.WATT,
            suggested_display_precision=0,
        ),
    )


def percent(
    key: str,
    device_class: SensorDeviceClass | None = None,
    category: EntityCategory | None = None,
    *,
    enabled: bool = True,
    presence: str | None = None,
) -> Row:
    """Return the row of a part of a whole."""
    return Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=key,
            device_class=device_class,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=PERCENTAGE,
            suggested_display_precision=0,
            entity_category=category,
            entity_registry_enabled_default=enabled,
            presence=presence,
        ),
    )


VOLTAGE: Final = Row(
    Platform.SENSOR,
    HausstromSensorDescription(
        key="bat_voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
    ),
)
CURRENT: Final = Row(
    Platform.SENSOR,
    HausstromSensorDescription(
        key="bat_charge_current",
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=1,
    ),
)
CAPACITY: Final = Row(
    Platform.SENSOR,
    HausstromSensorDescription(
        key="bat_capacity",
        device_class=SensorDeviceClass.ENERGY_STORAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)
EV_CONNECTED: Final = Row(
    Platform.BINARY_SENSOR,
    HausstromBinarySensorDescription(key="ev_connected", device_class=BinarySensorDeviceClass.PLUG),
)
POWERS: Final = (
    power("inverter_power"),
    power("house_power"),
    power("grid_power"),
    power("grid_power_plus", enabled=False),
    power("grid_power_minus", enabled=False),
    power("bat_power"),
    power("bat_power_plus", enabled=False),
    power("bat_power_minus", enabled=False),
    percent("bat_fuel_charge", SensorDeviceClass.BATTERY),
)
WALLBOX_POWER: Final = power("wallbox_charge_power")
