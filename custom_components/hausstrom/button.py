"""Something that the device does when asked."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import Platform

from .entity import HausstromEntity, Traits, entities_of

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class HausstromButtonDescription(ButtonEntityDescription, Traits):
    """What a reading is as a button."""


class HausstromButton(HausstromEntity, ButtonEntity):
    """Something that the device does when asked."""

    entity_description: HausstromButtonDescription

    @override
    async def async_press(self) -> None:
        """Have the device do it."""
        await self.async_write(None)


async_setup_entry = entities_of(Platform.BUTTON, HausstromButton)
