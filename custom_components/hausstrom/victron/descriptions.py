"""Offers of a system as descriptions of entities: what every GX has, and where the rest stands."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from copy import replace
from datetime import UTC, datetime, time
from enum import Enum, auto
from typing import Final, TypedDict

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import EntityDescription

from ..binary_sensor import HausstromBinarySensorDescription
from ..common import quantities as q
from ..common.throttle import Pacing
from ..common.value import Value
from ..const import LOGGER
from ..kinds import Later
from ..sensor import HausstromSensorDescription, measured
from .protocol.catalogue import GX_SERVICES, Category, ControlForm, EntityForm
from .protocol.metering import (
    BATTERY_CHARGE_ENERGY,
    BATTERY_DISCHARGE_ENERGY,
    DC_PV_ENERGY,
    GRID_EXPORT_ENERGY,
    GRID_IMPORT_ENERGY,
)
from .protocol.offer import Offer

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
ON_DEMAND: Final = frozenset(PLATFORMS) - {Platform.BINARY_SENSOR, Platform.SENSOR}
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


class Gx:
    """What the descriptions of a system's values need to know of it."""

    def __init__(
        self,
        portal_id: str,
        set_value: Callable[[str, float | str | bool], Awaitable[None]],
        *,
        controls: bool,
    ) -> None:
        """Take what sets the value of a key, and whether settings may be changed."""
        self.portal_id = portal_id
        self.set = set_value
        self.controls = controls
        self._broken: set[Platform] = set()

    async def async_prepare(self, hass: HomeAssistant, platform: Platform) -> bool:
        """Load what describes the entities of a platform; at once, once it is there.

        False: it does not load, which is logged once, and tried again with the next Gx.
        """
        if platform not in _DESCRIBERS and platform not in self._broken:
            try:
                _DESCRIBERS[platform] = await LATER[platform].async_get(hass)
            except Exception:  # noqa: BLE001  loading runs whatever is there; the others stay
                self._broken.add(platform)
                LOGGER.exception("Unexpected error loading what shows a %s", platform)
        return platform in _DESCRIBERS


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


type Describer = Callable[[Offer, Gx], EntityDescription]


def describe(offer: Offer, platform: Platform, gx: Gx) -> EntityDescription:
    """Return the description of an offer for a platform that is prepared."""
    return _DESCRIBERS[platform](offer, gx)


def device_of(offer: Offer) -> str | None:
    """Return the device that shows an offer: None for the GX itself."""
    return None if offer.service in GX_SERVICES else offer.label


def _name(offer: Offer) -> str:
    return f"{NAME_PREFIX}{offer.name}"


def category(offer: Offer, *, writable: bool = False) -> EntityCategory | None:
    """Return where an entity stands on its device's page."""
    if offer.category is None:
        return None
    if offer.category is Category.CONFIG and not writable:
        # A setting that we only show tells how the device is set.
        return EntityCategory.DIAGNOSTIC
    return EntityCategory(offer.category)


class Common(TypedDict):
    """What the descriptions of all platforms say alike."""

    key: str
    translation_key: str
    placeholders: Mapping[str, str] | None
    device: str | None
    presence: str
    entity_registry_enabled_default: bool
    attributes: Mapping[str, str]
    pacing: Pacing


def common(offer: Offer, gx: Gx) -> Common:
    """Return what the description of an offer says on every platform."""
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
        **common(offer, gx),
        **measured(quantity),
        options=None if offer.codes is None else list(offer.codes.options),
        entity_category=category(offer),
    )


def _binary_sensor(offer: Offer, gx: Gx) -> EntityDescription:
    return HausstromBinarySensorDescription(
        **common(offer, gx),
        device_class=BinarySensorDeviceClass(offer.device_class) if offer.device_class else None,
        entity_category=category(offer),
    )


_DESCRIBERS: Final[dict[Platform, Describer]] = {
    Platform.BINARY_SENSOR: _binary_sensor,
    Platform.SENSOR: _sensor,
}
LATER: Final[Mapping[Platform, Later[Describer]]] = {
    Platform.BUTTON: Later(__package__, "controls", "button"),
    Platform.DEVICE_TRACKER: Later(__package__, "trackers", "tracker"),
    Platform.EVENT: Later(__package__, "events", "event"),
    Platform.LIGHT: Later(__package__, "lights", "light"),
    Platform.NUMBER: Later(__package__, "controls", "number"),
    Platform.SELECT: Later(__package__, "controls", "select"),
    Platform.SWITCH: Later(__package__, "controls", "switch"),
    Platform.TIME: Later(__package__, "controls", "time_of_day"),
    Platform.UPDATE: Later(__package__, "updates", "update"),
}
"""What describes the entities that not every GX has, by platform."""

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
