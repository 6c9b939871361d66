"""What a GX complains of, as descriptions of entities."""

from homeassistant.helpers.entity import EntityDescription

from ..event import HausstromEventDescription
from .descriptions import Gx, common
from .protocol.notifications import NOTIFICATION_TYPES
from .protocol.offer import Offer


def event(offer: Offer, gx: Gx) -> EntityDescription:
    """Return the description of the newest notification."""
    return HausstromEventDescription(**common(offer, gx), event_types=list(NOTIFICATION_TYPES))
