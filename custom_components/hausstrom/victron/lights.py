"""Lamps on an output of a GX, as descriptions of entities."""

from functools import partial
from typing import Final

from homeassistant.components.light.const import ColorMode
from homeassistant.helpers.entity import EntityDescription

from ..light import HausstromLightDescription
from .descriptions import Gx, common
from .protocol.offer import Offer

_COLOR_MODES: Final = {
    "hs": frozenset({ColorMode.HS}),
    "color_temp": frozenset({ColorMode.COLOR_TEMP}),
    "hs_white": frozenset({ColorMode.HS, ColorMode.WHITE}),
}


def light(offer: Offer, gx: Gx) -> EntityDescription:
    """Return the description of a lamp."""
    assert offer.control is not None  # noqa: S101  platform_of chose lights by it
    return HausstromLightDescription(
        **common(offer, gx),
        write=partial(gx.set, offer.key),
        color_modes=_COLOR_MODES[offer.control.light],
    )
