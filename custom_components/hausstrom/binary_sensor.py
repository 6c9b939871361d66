"""Yes or no, as a device says it."""

from typing import cast, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import Platform

from .entity import HausstromEntity, Traits, entities_of

PARALLEL_UPDATES = 0


class HausstromBinarySensorDescription(Traits, BinarySensorEntityDescription):
    """What a reading is as a binary sensor."""


class HausstromBinarySensor(HausstromEntity, BinarySensorEntity):
    """Yes or no, as a device says it."""

    entity_description: HausstromBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """The reading."""
        return cast("bool | None", self.reading)


async_setup_entry = entities_of(Platform.BINARY_SENSOR, HausstromBinarySensor)
