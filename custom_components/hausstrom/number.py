"""A number that the device takes."""

from typing import cast, override

from homeassistant.components.number import NumberEntity, NumberEntityDescription
from homeassistant.const import Platform

from .entity import HausstromEntity, Traits, Write, entities_of

PARALLEL_UPDATES = 1


class HausstromNumberDescription(Traits, NumberEntityDescription):
    """What a reading is as a number."""

    write: Write[float]


class HausstromNumber(HausstromEntity, NumberEntity):
    """A number that the device takes."""

    entity_description: HausstromNumberDescription

    @property
    @override
    def native_value(self) -> float | None:
        """The number that the device says it uses."""
        return cast("float | None", self.reading)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Have the device use another number."""
        await self.entity_description.write(value)


async_setup_entry = entities_of(Platform.NUMBER, HausstromNumber)
