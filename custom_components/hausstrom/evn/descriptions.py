"""What of a smart meter becomes an entity."""

from dataclasses import replace
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfReactiveEnergy,
    UnitOfReactivePower,
)

from ..common.throttle import Pace, Pacing
from ..sensor import HausstromSensorDescription
from .const import PRESENCE


def _energy(key: str) -> HausstromSensorDescription:
    # A meter exchange begins a new count: total_increasing, where total would jump.
    return HausstromSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=3,
    )


def _reactive_energy(key: str) -> HausstromSensorDescription:
    return HausstromSensorDescription(
        key=key,
        device_class=SensorDeviceClass.REACTIVE_ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfReactiveEnergy.VOLT_AMPERE_REACTIVE_HOUR,
        suggested_unit_of_measurement=UnitOfReactiveEnergy.KILO_VOLT_AMPERE_REACTIVE_HOUR,
        suggested_display_precision=3,
        entity_registry_enabled_default=False,
    )


def _power(key: str, pacing: Pacing | None = None) -> HausstromSensorDescription:
    return HausstromSensorDescription(
        key=key,
        pacing=pacing,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
    )


def _reactive_power(key: str) -> HausstromSensorDescription:
    return HausstromSensorDescription(
        key=key,
        device_class=SensorDeviceClass.REACTIVE_POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfReactivePower.VOLT_AMPERE_REACTIVE,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
    )


def _voltage(phase: int) -> HausstromSensorDescription:
    return HausstromSensorDescription(
        key=f"voltage_l{phase}",
        translation_key="voltage_phase",
        placeholders={"phase": str(phase)},
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
    )


def _current(phase: int) -> HausstromSensorDescription:
    return HausstromSensorDescription(
        key=f"current_l{phase}",
        translation_key="current_phase",
        placeholders={"phase": str(phase)},
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=2,
    )


_MEASUREMENTS: Final = (
    _energy("energy_import"),
    _energy("energy_export"),
    _power("power"),
    # Halves of the one above: not worth its pace.
    _power("power_import", Pacing(Pace.CALM, 0.5)),
    _power("power_export", Pacing(Pace.CALM, 0.5)),
    _voltage(1),
    _voltage(2),
    _voltage(3),
    _current(1),
    _current(2),
    _current(3),
    HausstromSensorDescription(
        key="power_factor",
        device_class=SensorDeviceClass.POWER_FACTOR,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=3,
        pacing=Pacing(Pace.RARE, 0.005),
    ),
    _reactive_energy("reactive_energy_import"),
    _reactive_energy("reactive_energy_export"),
    _reactive_power("reactive_power_import"),
    _reactive_power("reactive_power_export"),
)

# What a telegram says is true as long as telegrams are believed; what is refused is counted as
# long as anything is heard.
MEASUREMENTS: Final = tuple(replace(one, presence=PRESENCE) for one in _MEASUREMENTS)
"""Entities for what the meter sends; what it does not send has none."""

DIAGNOSTICS: Final = (
    HausstromSensorDescription(
        key="meter_time",
        presence=PRESENCE,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    HausstromSensorDescription(
        key="frame_counter",
        presence=PRESENCE,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    HausstromSensorDescription(
        key="telegrams_rejected",
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)
"""Entities for the reception itself."""
