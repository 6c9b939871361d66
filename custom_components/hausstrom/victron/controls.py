"""What of a GX can be set, as descriptions of entities: loaded when the user allows it."""

from datetime import time
from functools import partial

from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.helpers.entity import EntityDescription

from ..button import HausstromButtonDescription
from ..number import HausstromNumberDescription
from ..select import HausstromSelectDescription
from ..switch import HausstromSwitchDescription
from ..time import HausstromTimeDescription
from .descriptions import Gx, category, common
from .protocol.codes import Codes
from .protocol.offer import Offer
from .protocol.payload import Limits


def switch(offer: Offer, gx: Gx) -> EntityDescription:
    """Return the description of what is on or off."""
    return HausstromSwitchDescription(
        **common(offer, gx),
        write=partial(gx.set, offer.key),
        entity_category=category(offer, writable=True),
    )


def number(offer: Offer, gx: Gx) -> EntityDescription:
    """Return the description of a number, between what the GX lets it be."""
    quantity = offer.quantity
    control = offer.control
    assert control is not None  # noqa: S101  platform_of chose numbers by it
    allowed = offer.limits or Limits(control.minimum, control.maximum)
    # Not every class of a sensor is one of a number.
    known = quantity.device_class in NumberDeviceClass
    return HausstromNumberDescription(
        **common(offer, gx),
        write=partial(gx.set, offer.key),
        device_class=NumberDeviceClass(quantity.device_class)
        if known and quantity.device_class
        else None,
        native_unit_of_measurement=quantity.unit,
        native_min_value=allowed.minimum,
        native_max_value=allowed.maximum,
        native_step=control.step,
        mode=NumberMode.BOX,
        entity_category=category(offer, writable=True),
    )


def select(offer: Offer, gx: Gx) -> EntityDescription:
    """Return the description of a choice."""
    codes = offer.codes or Codes({})
    return HausstromSelectDescription(
        **common(offer, gx),
        write=partial(gx.set, offer.key),
        # What the GX may say but nobody may choose is an option too: it has to be shown.
        options=list(codes.options),
        entity_category=category(offer, writable=True),
    )


def button(offer: Offer, gx: Gx) -> EntityDescription:
    """Return the description of what is set off."""
    return HausstromButtonDescription(
        **common(offer, gx),
        write=partial(gx.set, offer.key, True),
        entity_category=category(offer, writable=True),
    )


def time_of_day(offer: Offer, gx: Gx) -> EntityDescription:
    """Return the description of a time of day."""

    async def write(value: time) -> None:
        await gx.set(offer.key, value.hour * 3600 + value.minute * 60 + value.second)

    return HausstromTimeDescription(
        **common(offer, gx),
        write=write,
        entity_category=category(offer, writable=True),
    )
