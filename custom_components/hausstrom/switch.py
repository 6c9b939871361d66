"""Something of the device that is on or off."""

from typing import Any, cast, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import Platform

from .entity import HausstromEntity, Traits, Write, entities_of

PARALLEL_UPDATES = 1


class HausstromSwitchDescription(Traits, SwitchEntityDescription):
    """What a reading is as a switch."""

    write: Write[bool]


class HausstromSwitch(HausstromEntity, SwitchEntity):
    """Something of the device that is on or off."""

    entity_description: HausstromSwitchDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the device says it is on."""
        return cast("bool | None", self.reading)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Have the device switch it on."""
        await self.entity_description.write(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Have the device switch it off."""
        await self.entity_description.write(False)


async_setup_entry = entities_of(Platform.SWITCH, HausstromSwitch)
