"""Sensors of all kinds of devices."""

from datetime import datetime
from typing import TypedDict, cast, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import Platform
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.typing import StateType

from .common.quantities import Quantity, usual_pacing
from .common.throttle import Pace, Pacing
from .coordinator import Watch
from .entity import HausstromEntity, Traits, entities_of

PARALLEL_UPDATES = 0


class Measured(TypedDict):
    """What a quantity says of a sensor that shows it."""

    device_class: SensorDeviceClass | None
    native_unit_of_measurement: str | None
    state_class: SensorStateClass | None
    suggested_display_precision: int | None
    suggested_unit_of_measurement: str | None


def measured(quantity: Quantity, *, precision: int | None = None) -> Measured:
    """Return what the common table says of a quantity, as the fields of a description.

    precision: where a device gives fewer digits than others.
    """
    return {
        "device_class": SensorDeviceClass(quantity.device_class) if quantity.device_class else None,
        "native_unit_of_measurement": quantity.unit,
        "state_class": SensorStateClass(quantity.state_class) if quantity.state_class else None,
        "suggested_display_precision": quantity.precision if precision is None else precision,
        "suggested_unit_of_measurement": quantity.suggested_unit,
    }


class HausstromSensorDescription(Traits, SensorEntityDescription):
    """What a reading is as a sensor."""

    last_reset_key: str | None = None
    """The key of the time (datetime) at which a counter that restarts began."""


class HausstromSensor(HausstromEntity, SensorEntity):
    """A reading."""

    entity_description: HausstromSensorDescription

    @staticmethod
    @override
    def pacing_of(description: EntityDescription) -> Pacing:
        """Return what the row says, else what its quantity has in the common table."""
        if not isinstance(description, HausstromSensorDescription):
            return Pacing()
        if description.pacing is not None:
            return description.pacing
        return usual_pacing(
            description.device_class,
            description.native_unit_of_measurement,
            is_number=description.state_class is not None
            or description.native_unit_of_measurement is not None
            or description.suggested_display_precision is not None
            or description.device_class is SensorDeviceClass.TIMESTAMP,
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the beginning of the count too: it may change where the count does not."""
        await super().async_added_to_hass()
        if (key := self.entity_description.last_reset_key) is not None:
            self.async_on_remove(
                self.coordinator.async_add_listener(
                    self._handle_coordinator_update, Watch(key, Pacing(Pace.CALM))
                )
            )

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """The reading in its native unit."""
        return cast("StateType | datetime", self.reading)

    @property
    @override
    def last_reset(self) -> datetime | None:
        """When a counter that restarts began."""
        if self.entity_description.last_reset_key is None:
            return None
        return cast(
            "datetime | None", self.coordinator.data.get(self.entity_description.last_reset_key)
        )


async_setup_entry = entities_of(Platform.SENSOR, HausstromSensor)
