"""The firmware of a GX, as descriptions of entities."""

from functools import partial

from homeassistant.helpers.entity import EntityDescription

from ..update import HausstromUpdateDescription
from .descriptions import Gx, category, common
from .protocol.offer import Offer


def update(offer: Offer, gx: Gx) -> EntityDescription:
    """Return the description of a firmware."""
    return HausstromUpdateDescription(
        **common(offer, gx),
        latest_key=f"{offer.label}_firmware_online_availableversion",
        progress_key=f"{offer.label}_firmware_progress",
        write=partial(gx.set, offer.key, True) if gx.controls else None,
        entity_category=category(offer, writable=True),
    )
