"""Offers of a system as descriptions of entities."""

from collections.abc import Mapping
from typing import Final, TypedDict

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, Platform, UnitOfEnergy
from homeassistant.helpers.entity import EntityDescription

from ..binary_sensor import HausstromBinarySensorDescription
from ..button import HausstromButtonDescription
from ..number import HausstromNumberDescription
from ..select import HausstromSelectDescription
from ..sensor import HausstromSensorDescription
from ..switch import HausstromSwitchDescription
from ..time import HausstromTimeDescription
from .protocol.catalogue import GX_SERVICES, Category, ControlForm, Form
from .protocol.codes import Codes
from .protocol.offer import Offer
from .protocol.payload import Limits

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
)
CONTROL_PLATFORMS: Final = {
    ControlForm.BUTTON: Platform.BUTTON,
    ControlForm.NUMBER: Platform.NUMBER,
    ControlForm.SELECT: Platform.SELECT,
    ControlForm.SWITCH: Platform.SWITCH,
    ControlForm.TIME: Platform.TIME,
}
# How a name is told from those of other kinds of devices among the translations.
NAME_PREFIX: Final = "gx_"


def platform_of(offer: Offer, *, controls: bool) -> Platform | None:
    """Return where an offer is shown; None for what is nothing without being allowed to set it."""
    if offer.control is not None:
        if controls:
            return CONTROL_PLATFORMS[offer.control.form]
        if offer.control.form is ControlForm.BUTTON:
            return None
    return Platform.BINARY_SENSOR if offer.form is Form.BINARY else Platform.SENSOR


def describe(offer: Offer, platform: Platform, limits: Limits | None) -> EntityDescription:
    """Return the description of an offer for a platform."""
    return _DESCRIBERS[platform](offer, limits)


def device_of(offer: Offer) -> str | None:
    """Return the device that shows an offer: None for the GX itself."""
    return None if offer.service.service in GX_SERVICES else str(offer.service)


def _name(offer: Offer) -> str:
    return f"{NAME_PREFIX}{offer.name}"


def _category(offer: Offer, *, writable: bool = False) -> EntityCategory | None:
    if offer.category is None:
        return None
    if offer.category is Category.CONFIG and not writable:
        # A setting that we only show tells how the device is set.
        return EntityCategory.DIAGNOSTIC
    return EntityCategory(offer.category)


class _Common(TypedDict):
    """What the descriptions of all platforms say alike."""

    key: str
    translation_key: str
    placeholders: Mapping[str, str] | None
    device: str | None
    presence: str
    entity_registry_enabled_default: bool


def _common(offer: Offer) -> _Common:
    return {
        "key": offer.key,
        "translation_key": _name(offer),
        "placeholders": offer.placeholders,
        "device": device_of(offer),
        "presence": str(offer.service),
        "entity_registry_enabled_default": offer.enabled,
    }


def _sensor(offer: Offer, _limits: Limits | None) -> EntityDescription:
    quantity = offer.quantity
    setting = offer.control is not None
    state_class = None if setting else quantity.state_class
    return HausstromSensorDescription(
        **_common(offer),
        device_class=SensorDeviceClass(quantity.device_class) if quantity.device_class else None,
        native_unit_of_measurement=quantity.unit,
        state_class=SensorStateClass(state_class) if state_class else None,
        suggested_display_precision=quantity.precision,
        suggested_unit_of_measurement=quantity.suggested_unit,
        options=None if offer.codes is None else list(offer.codes.options),
        entity_category=_category(offer),
    )


def _binary_sensor(offer: Offer, _limits: Limits | None) -> EntityDescription:
    return HausstromBinarySensorDescription(
        **_common(offer),
        device_class=BinarySensorDeviceClass(offer.device_class) if offer.device_class else None,
        entity_category=_category(offer),
    )


def _switch(offer: Offer, _limits: Limits | None) -> EntityDescription:
    return HausstromSwitchDescription(
        **_common(offer),
        entity_category=_category(offer, writable=True),
    )


def _number(offer: Offer, limits: Limits | None) -> EntityDescription:
    quantity = offer.quantity
    control = offer.control
    assert control is not None  # noqa: S101  platform_of chose numbers by it
    allowed = limits or Limits(control.minimum, control.maximum)
    # Not every class of a sensor is one of a number.
    known = quantity.device_class in NumberDeviceClass
    return HausstromNumberDescription(
        **_common(offer),
        device_class=NumberDeviceClass(quantity.device_class)
        if known and quantity.device_class
        else None,
        native_unit_of_measurement=quantity.unit,
        native_min_value=allowed.minimum,
        native_max_value=allowed.maximum,
        native_step=control.step,
        mode=NumberMode.BOX,
        entity_category=_category(offer, writable=True),
    )


def _select(offer: Offer, _limits: Limits | None) -> EntityDescription:
    codes = offer.codes or Codes({})
    return HausstromSelectDescription(
        **_common(offer),
        # What the GX may say but nobody may choose is an option too: it has to be shown.
        options=list(codes.options),
        entity_category=_category(offer, writable=True),
    )


def _button(offer: Offer, _limits: Limits | None) -> EntityDescription:
    return HausstromButtonDescription(
        **_common(offer),
        entity_category=_category(offer, writable=True),
    )


def _time(offer: Offer, _limits: Limits | None) -> EntityDescription:
    return HausstromTimeDescription(
        **_common(offer),
        entity_category=_category(offer, writable=True),
    )


_DESCRIBERS: Final = {
    Platform.SENSOR: _sensor,
    Platform.BINARY_SENSOR: _binary_sensor,
    Platform.SWITCH: _switch,
    Platform.NUMBER: _number,
    Platform.SELECT: _select,
    Platform.BUTTON: _button,
    Platform.TIME: _time,
}


def energy_description(key: str, name: str, *, enabled: bool) -> EntityDescription:
    """Return the description of a counter that we keep ourselves."""
    return HausstromSensorDescription(
        key=key,
        translation_key=f"{NAME_PREFIX}{name}",
        presence="system_0",
        outlives_silence=True,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        entity_registry_enabled_default=enabled,
    )
