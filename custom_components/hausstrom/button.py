"""Something that the device does when asked."""

from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import Platform

from .entity import HausstromEntity, Press, Traits, entities_of

PARALLEL_UPDATES = 1


class HausstromButtonDescription(Traits, ButtonEntityDescription):
    """What a reading is as a button."""

    write: Press


class HausstromButton(HausstromEntity, ButtonEntity):
    """Something that the device does when asked."""

    entity_description: HausstromButtonDescription

    @override
    async def async_press(self) -> None:
        """Have the device do it."""
        await self.entity_description.write()


async_setup_entry = entities_of(Platform.BUTTON, HausstromButton)
