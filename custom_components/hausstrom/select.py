"""A choice that the device takes."""

from typing import cast, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import Platform

from .entity import HausstromEntity, Traits, Write, entities_of

PARALLEL_UPDATES = 1


class HausstromSelectDescription(Traits, SelectEntityDescription):
    """What a reading is as a select."""

    write: Write[str]


class HausstromSelect(HausstromEntity, SelectEntity):
    """A choice that the device takes."""

    entity_description: HausstromSelectDescription

    @property
    @override
    def current_option(self) -> str | None:
        """The option that the device says it follows."""
        return cast("str | None", self.reading)

    @override
    async def async_select_option(self, option: str) -> None:
        """Have the device follow another option."""
        await self.entity_description.write(option)


async_setup_entry = entities_of(Platform.SELECT, HausstromSelect)
