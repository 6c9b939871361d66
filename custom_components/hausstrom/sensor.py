"""Sensors of all kinds of devices."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .coordinator import HausstromConfigEntry
from .entity import HausstromEntity, Traits

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class HausstromSensorDescription(SensorEntityDescription, Traits):
    """What a reading is as a sensor."""

    last_reset_key: str | None = None
    """The key of the time (datetime) at which a counter that restarts began."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: HausstromConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the sensors that the entry's coordinator offers, now and later."""
    coordinator = entry.runtime_data
    coordinator.async_attach(
        Platform.SENSOR,
        lambda descriptions: async_add_entities(
            HausstromSensor(coordinator, description) for description in descriptions
        ),
    )


class HausstromSensor(HausstromEntity, SensorEntity):
    """A reading."""

    entity_description: HausstromSensorDescription

    @staticmethod
    @override
    def is_paced(description: EntityDescription) -> bool:
        """Numbers are paced, states are not."""
        return isinstance(description, SensorEntityDescription) and (
            description.state_class is not None
            or description.native_unit_of_measurement is not None
            or description.suggested_display_precision is not None
        )

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """The reading in its native unit."""
        return cast("StateType | datetime", self.value)

    @property
    @override
    def last_reset(self) -> datetime | None:
        """When a counter that restarts began."""
        if self.entity_description.last_reset_key is None:
            return None
        return cast(
            "datetime | None", self.coordinator.data.get(self.entity_description.last_reset_key)
        )
