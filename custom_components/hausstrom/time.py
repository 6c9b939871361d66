"""A time of day that the device takes."""

from datetime import time
from typing import cast, override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.const import Platform

from .entity import HausstromEntity, Traits, Write, entities_of

PARALLEL_UPDATES = 1


class HausstromTimeDescription(Traits, TimeEntityDescription):
    """What a reading is as a time."""

    write: Write[time]


class HausstromTime(HausstromEntity, TimeEntity):
    """A time of day that the device takes."""

    entity_description: HausstromTimeDescription

    @property
    @override
    def native_value(self) -> time | None:
        """The time of day that the device says it uses."""
        return cast("time | None", self.reading)

    @override
    async def async_set_value(self, value: time) -> None:
        """Have the device use another time of day."""
        await self.entity_description.write(value)


async_setup_entry = entities_of(Platform.TIME, HausstromTime)
