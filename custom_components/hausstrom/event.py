"""Something that a device complains of, the moment it does."""

from typing import Final, override

import orjson
from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import Platform
from homeassistant.core import callback

from .entity import HausstromEntity, Traits, entities_of

PARALLEL_UPDATES = 0

_TIME: Final = "time"


class HausstromEventDescription(Traits, EventEntityDescription):
    """What a reading is as an event: JSON of an object with its `type`, `time` and what it says.

    An empty text is none so far. `time` is ISO 8601 in UTC; of two, the later one is greater.
    """


class HausstromEvent(HausstromEntity, EventEntity):
    """Happens when a reading says something newer than what happened last."""

    entity_description: HausstromEventDescription
    _known: str | None = None
    """The time of the last event; None until something was read."""

    @override
    async def async_added_to_hass(self) -> None:
        """Go on from the last event: what came while we were away happens now, and only once."""
        await super().async_added_to_hass()
        known = self.state_attributes.get(_TIME)
        if isinstance(known, str):
            self._known = known
        self._take()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._take()
        super()._handle_coordinator_update()

    @callback
    def _take(self) -> None:
        """Have the event happen that the reading tells of, unless it did already."""
        reading = self.reading
        if not isinstance(reading, str):
            return
        event: dict[str, str] = orjson.loads(reading) if reading else {}
        before, self._known = self._known, max(event.get(_TIME, ""), self._known or "")
        # What an installation finds when it begins is old.
        if before is not None and event.get(_TIME, "") > before:
            self._trigger_event(
                event["type"], {name: said for name, said in event.items() if name != "type"}
            )


async_setup_entry = entities_of(Platform.EVENT, HausstromEvent)
