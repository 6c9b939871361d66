"""Entities of what every way to a SENEC measures: one set of keys, local or cloud."""

from typing import Final

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfEnergy

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
