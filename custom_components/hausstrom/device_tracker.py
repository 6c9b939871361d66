"""Where something is: a boat, a caravan, a car."""

from typing import override

from homeassistant.components.device_tracker.const import SourceType
from homeassistant.components.device_tracker.entity import TrackerEntity, TrackerEntityDescription
from homeassistant.const import Platform

from .entity import HausstromEntity, Traits, entities_of

PARALLEL_UPDATES = 0


class HausstromTrackerDescription(Traits, TrackerEntityDescription):
    """What a reading (`latitude longitude`, degrees) is as a tracker."""


class HausstromTracker(HausstromEntity, TrackerEntity):
    """A position on the map."""

    entity_description: HausstromTrackerDescription
    _attr_source_type = SourceType.GPS

    @property
    def _position(self) -> tuple[float, float] | None:
        try:
            latitude, longitude = (float(part) for part in str(self.reading).split())
        except ValueError:
            return None
        return latitude, longitude

    @property
    @override
    def latitude(self) -> float | None:
        """Degrees north; None while the position is not known."""
        return None if self._position is None else self._position[0]

    @property
    @override
    def longitude(self) -> float | None:
        """Degrees east."""
        return None if self._position is None else self._position[1]


async_setup_entry = entities_of(Platform.DEVICE_TRACKER, HausstromTracker)
