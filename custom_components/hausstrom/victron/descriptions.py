"""Offers of a system as descriptions of entities."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from copy import replace
from datetime import UTC, datetime, time
from enum import Enum, auto
from functools import partial
from typing import Final, NamedTuple, TypedDict

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.light.const import ColorMode
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import EntityCategory, Platform
from homeassistant.helpers.entity import EntityDescription

from ..binary_sensor import HausstromBinarySensorDescription
from ..button import HausstromButtonDescription
from ..common import quantities as q
from ..common.throttle import Pacing
from ..common.value import Value
from ..device_tracker import HausstromTrackerDescription
from ..event import HausstromEventDescription
from ..light import HausstromLightDescription
from ..number import HausstromNumberDescription
from ..select import HausstromSelectDescription
from ..sensor import HausstromSensorDescription, measured
from ..switch import HausstromSwitchDescription
from ..time import HausstromTimeDescription
from ..update import HausstromUpdateDescription
from .protocol.catalogue import GX_SERVICES, Category, ControlForm, EntityForm
from .protocol.codes import Codes
from .protocol.metering import (
    BATTERY_CHARGE_ENERGY,
    BATTERY_DISCHARGE_ENERGY,
    DC_PV_ENERGY,
    GRID_EXPORT_ENERGY,
    GRID_IMPORT_ENERGY,
)
from .protocol.notifications import NOTIFICATION_TYPES
from .protocol.offer import Offer
from .protocol.payload import Limits

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.DEVICE_TRACKER,
    Platform.EVENT,
    Platform.LIGHT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
    Platform.UPDATE,
)
CONTROL_PLATFORMS: Final = {
    ControlForm.BUTTON: Platform.BUTTON,
    ControlForm.LIGHT: Platform.LIGHT,
    ControlForm.NUMBER: Platform.NUMBER,
    ControlForm.SELECT: Platform.SELECT,
    ControlForm.SWITCH: Platform.SWITCH,
    ControlForm.TIME: Platform.TIME,
    ControlForm.UPDATE: Platform.UPDATE,
}
# How a name is told from those of other kinds of devices among the translations.
NAME_PREFIX: Final = "gx_"
_COLOR_MODES: Final = {
    "hs": frozenset({ColorMode.HS}),
    "color_temp": frozenset({ColorMode.COLOR_TEMP}),
    "hs_white": frozenset({ColorMode.HS, ColorMode.WHITE}),
}
_PRESSED: Final = frozenset({ControlForm.BUTTON, ControlForm.LIGHT})
"""What is nothing without being allowed to set it."""


class ValueShape(Enum):
    """Values that the wire has as a number and Home Assistant as something else."""

    TIME_OF_DAY = auto()
    TIMESTAMP = auto()

    @classmethod
    def of(cls, offer: Offer, platform: Platform) -> ValueShape | None:
        """Return how the value of an offer is shown, if not as it is."""
        if platform is Platform.TIME:
            return cls.TIME_OF_DAY
        return cls.TIMESTAMP if offer.quantity.device_class == "timestamp" else None

    def as_shown(self, value: Value) -> Value:
        """Return seconds after midnight, or since 1970, as Home Assistant shows them."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        if self is ValueShape.TIME_OF_DAY:
            if not 0 <= value < 86_400:
                return None
            minutes, second = divmod(int(value), 60)
            return time(minutes // 60, minutes % 60, second)
        return datetime.fromtimestamp(value, UTC) if 0 < value < 1e11 else None


class Gx(NamedTuple):
    """What the descriptions of a system's values need to know of it."""

    portal_id: str
    controls: bool
    """Whether settings may be changed."""
    set: Callable[[str, float | str | bool], Awaitable[None]]
    """Sets the value of a key, see `Setting`."""


def platform_of(offer: Offer, *, controls: bool) -> Platform | None:
    """Return where an offer is shown; None for what is nothing without being allowed to set it."""
    if offer.form is EntityForm.TRACKER:
        return Platform.DEVICE_TRACKER
    if offer.form is EntityForm.EVENT:
        return Platform.EVENT
    if offer.control is not None:
        if controls or offer.control.form is ControlForm.UPDATE:
            return CONTROL_PLATFORMS[offer.control.form]
        if offer.control.form in _PRESSED:
            return None
    return Platform.BINARY_SENSOR if offer.form is EntityForm.BINARY else Platform.SENSOR


def describe(offer: Offer, platform: Platform, gx: Gx) -> EntityDescription:
    """Return the description of an offer for a platform."""
    return _DESCRIBERS[platform](offer, gx)


def device_of(offer: Offer) -> str | None:
    """Return the device that shows an offer: None for the GX itself."""
    return None if offer.service in GX_SERVICES else offer.label


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
    attributes: Mapping[str, str]
    pacing: Pacing


def _common(offer: Offer, gx: Gx) -> _Common:
    return {
        "key": offer.key,
        "translation_key": _name(offer),
        "placeholders": offer.placeholders,
        "device": device_of(offer),
        "presence": offer.label,
        "entity_registry_enabled_default": offer.enabled,
        # Paced already, before anything was decoded: see `protocol.collecting`.
        "pacing": Pacing(),
        # The names that Telegraf gave: whoever exports the values finds them by these.
        "attributes": {
            "portal_id": gx.portal_id,
            "instance": offer.instance,
            "field": offer.path,
        },
    }


def _sensor(offer: Offer, gx: Gx) -> EntityDescription:
    quantity = offer.quantity
    if offer.control is not None:
        quantity = replace(quantity, state_class=None)  # a setting is nothing to average
    return HausstromSensorDescription(
        **_common(offer, gx),
        **measured(quantity),
        options=None if offer.codes is None else list(offer.codes.options),
        entity_category=_category(offer),
    )


def _binary_sensor(offer: Offer, gx: Gx) -> EntityDescription:
    return HausstromBinarySensorDescription(
        **_common(offer, gx),
        device_class=BinarySensorDeviceClass(offer.device_class) if offer.device_class else None,
        entity_category=_category(offer),
    )


def _switch(offer: Offer, gx: Gx) -> EntityDescription:
    return HausstromSwitchDescription(
        **_common(offer, gx),
        write=partial(gx.set, offer.key),
        entity_category=_category(offer, writable=True),
    )


def _number(offer: Offer, gx: Gx) -> EntityDescription:
    quantity = offer.quantity
    control = offer.control
    assert control is not None  # noqa: S101  platform_of chose numbers by it
    allowed = offer.limits or Limits(control.minimum, control.maximum)
    # Not every class of a sensor is one of a number.
    known = quantity.device_class in NumberDeviceClass
    return HausstromNumberDescription(
        **_common(offer, gx),
        write=partial(gx.set, offer.key),
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


def _select(offer: Offer, gx: Gx) -> EntityDescription:
    codes = offer.codes or Codes({})
    return HausstromSelectDescription(
        **_common(offer, gx),
        write=partial(gx.set, offer.key),
        # What the GX may say but nobody may choose is an option too: it has to be shown.
        options=list(codes.options),
        entity_category=_category(offer, writable=True),
    )


def _button(offer: Offer, gx: Gx) -> EntityDescription:
    return HausstromButtonDescription(
        **_common(offer, gx),
        write=partial(gx.set, offer.key, True),
        entity_category=_category(offer, writable=True),
    )


def _time(offer: Offer, gx: Gx) -> EntityDescription:
    async def write(value: time) -> None:
        await gx.set(offer.key, value.hour * 3600 + value.minute * 60 + value.second)

    return HausstromTimeDescription(
        **_common(offer, gx),
        write=write,
        entity_category=_category(offer, writable=True),
    )


def _light(offer: Offer, gx: Gx) -> EntityDescription:
    assert offer.control is not None  # noqa: S101  platform_of chose lights by it
    return HausstromLightDescription(
        **_common(offer, gx),
        write=partial(gx.set, offer.key),
        color_modes=_COLOR_MODES[offer.control.light],
    )


def _tracker(offer: Offer, gx: Gx) -> EntityDescription:
    # A position goes nowhere by itself: no attributes for exports.
    common = _common(offer, gx)
    return HausstromTrackerDescription(
        key=common["key"],
        translation_key=common["translation_key"],
        device=common["device"],
        presence=common["presence"],
        entity_registry_enabled_default=common["entity_registry_enabled_default"],
    )


def _event(offer: Offer, gx: Gx) -> EntityDescription:
    return HausstromEventDescription(**_common(offer, gx), event_types=list(NOTIFICATION_TYPES))


def _update(offer: Offer, gx: Gx) -> EntityDescription:
    return HausstromUpdateDescription(
        **_common(offer, gx),
        latest_key=f"{offer.label}_firmware_online_availableversion",
        progress_key=f"{offer.label}_firmware_progress",
        write=partial(gx.set, offer.key, True) if gx.controls else None,
        entity_category=_category(offer, writable=True),
    )


_DESCRIBERS: Final[Mapping[Platform, Callable[[Offer, Gx], EntityDescription]]] = {
    Platform.DEVICE_TRACKER: _tracker,
    Platform.EVENT: _event,
    Platform.LIGHT: _light,
    Platform.UPDATE: _update,
    Platform.SENSOR: _sensor,
    Platform.BINARY_SENSOR: _binary_sensor,
    Platform.SWITCH: _switch,
    Platform.NUMBER: _number,
    Platform.SELECT: _select,
    Platform.BUTTON: _button,
    Platform.TIME: _time,
}


_PRODUCERS: Final = frozenset({"solarcharger", "multi", "inverter"})


def energy_descriptions(
    offers: tuple[Offer, ...], portal_id: str, counted: Collection[tuple[str, str]] = ()
) -> list[EntityDescription]:
    """Return the counters that we keep ourselves, of what the GX began to say the power of.

    Those that a device counts too (`counted`: type of service, name) are there, but not enabled.
    """
    keys = {offer.key for offer in offers}
    names = {name for _, name in counted}
    found: list[EntityDescription] = []
    if "system_0_dc_pv_power" in keys:
        enabled = not any((service, "energy_produced") in counted for service in _PRODUCERS)
        found.append(_energy(DC_PV_ENERGY, "dc_pv_energy", "Dc/Pv/Energy", portal_id, enabled))
    if "system_0_dc_battery_power" in keys:
        enabled = "energy_charged" not in names
        for key, name, path in (
            (BATTERY_CHARGE_ENERGY, "battery_charge_energy", "Dc/Battery/ChargeEnergy"),
            (BATTERY_DISCHARGE_ENERGY, "battery_discharge_energy", "Dc/Battery/DischargeEnergy"),
        ):
            found.append(_energy(key, name, path, portal_id, enabled))
    if any(key.startswith("system_0_ac_grid_") for key in keys):
        enabled = ("grid", "energy_import") not in counted
        for key, name, path in (
            (GRID_IMPORT_ENERGY, "energy_import", "Ac/Grid/ImportEnergy"),
            (GRID_EXPORT_ENERGY, "energy_export", "Ac/Grid/ExportEnergy"),
        ):
            found.append(_energy(key, name, path, portal_id, enabled))
    return found


def _energy(key: str, name: str, path: str, portal_id: str, enabled: bool) -> EntityDescription:
    return HausstromSensorDescription(
        key=key,
        translation_key=f"{NAME_PREFIX}{name}",
        presence="system_0",
        pacing=Pacing(),
        outlives_silence=True,
        entity_registry_enabled_default=enabled,
        **measured(q.ENERGY),
        attributes={"portal_id": portal_id, "instance": "0", "field": path},
    )
