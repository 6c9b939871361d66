"""Where a GX is, as descriptions of entities."""

from homeassistant.helpers.entity import EntityDescription

from ..device_tracker import HausstromTrackerDescription
from .descriptions import Gx, common
from .protocol.offer import Offer


def tracker(offer: Offer, gx: Gx) -> EntityDescription:
    """Return the description of a position."""
    # A position goes nowhere by itself: no attributes for exports.
    said = common(offer, gx)
    return HausstromTrackerDescription(
        key=said["key"],
        translation_key=said["translation_key"],
        device=said["device"],
        presence=said["presence"],
        entity_registry_enabled_default=said["entity_registry_enabled_default"],
    )
