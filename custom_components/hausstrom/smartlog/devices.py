"""The meters in Home Assistant's registries: devices, areas, and which entities are shown."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo

from ..const import DOMAIN
from ..coordinator import HausstromConfigEntry
from .protocol.mbus import manufacturer_name
from .protocol.meter import Meter
from .protocol.point import KnownPoint


class Devices:
    """The devices of one entry."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Look at the registries of an entry."""
        self._hass = hass
        self._entry = entry

    def identifier(self, uid: str) -> str:
        """Return what identifies the device of a meter."""
        return f"{self._entry.unique_id}_{uid}"

    def uid_of(self, device: dr.DeviceEntry) -> str | None:
        """Return which meter a device is; None: none of ours."""
        start = self.identifier("")
        for domain, identifier in device.identifiers:
            if domain == DOMAIN and identifier.startswith(start):
                return identifier.removeprefix(start)
        return None

    def gateway(self, gateway_id: str, version: str) -> DeviceInfo:
        """Describe the gateway for the registry."""
        return DeviceInfo(
            identifiers={(DOMAIN, str(self._entry.unique_id))},
            name=self._entry.title,
            manufacturer="Stark Elektronik",
            model="Smart Energy Log",
            serial_number=gateway_id,
            sw_version=version or None,
        )

    def info(self, meter: Meter, main_device_id: str | None) -> DeviceInfo:
        """Describe a meter for the registry."""
        info = DeviceInfo(
            identifiers={(DOMAIN, self.identifier(meter.uid))},
            manufacturer=manufacturer_name(meter.manufacturer) or None,
            model=meter.medium or None,
            serial_number=meter.id,
        )
        if main_device_id is not None:
            info["via_device_id"] = main_device_id
        if meter.label:
            info["name"] = meter.label
        else:
            info["translation_key"] = f"meter_{meter.type.value}"
            info["translation_placeholders"] = {"meter_id": meter.id}
        return info

    @callback
    def register(self, meter: Meter, main_device_id: str) -> None:
        """Put a meter into the registry, or write there what came late."""
        if not meter.is_system:
            dr.async_get(self._hass).async_get_or_create(
                config_entry_id=self._entry.entry_id, **self.info(meter, main_device_id)
            )

    def _device(self, uid: str) -> dr.DeviceEntry | None:
        return dr.async_get(self._hass).async_get_device_by_identifier(
            (DOMAIN, self.identifier(uid)), self._entry.entry_id
        )

    @callback
    def remove(self, uid: str) -> None:
        """Take the device of a meter away."""
        if (device := self._device(uid)) is not None:
            dr.async_get(self._hass).async_remove_device(device.id)

    def place(self, meter: Meter) -> str | None:
        """Return the area of a meter's device: the flat that it belongs to."""
        device = self._device(meter.uid)
        if device is None or device.area_id is None:
            return None
        area = ar.async_get(self._hass).async_get_area(device.area_id)
        return None if area is None else area.name

    @callback
    def place_by_label(self, meter: Meter) -> None:
        """Put a meter that has no area yet into one that is called as its label."""
        device = self._device(meter.uid)
        if device is None or device.area_id is not None or not meter.label:
            return
        area = ar.async_get(self._hass).async_get_or_create(meter.label)
        dr.async_get(self._hass).async_update_device(device.id, area_id=area.id)

    @callback
    def set_enabled(self, meter: Meter, point: KnownPoint, *, enabled: bool) -> None:
        """Let the total of a meter be seen, and what was taken for it before no longer.

        What a person has decided about an entity stays as it is.
        """
        registry = er.async_get(self._hass)
        unique_id = f"{self.identifier(meter.uid)}_{point.key}"
        entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
        entry = registry.async_get(entity_id) if entity_id is not None else None
        if entry is None:
            return
        by_us = er.RegistryEntryDisabler.INTEGRATION
        if enabled and entry.disabled_by is by_us:
            registry.async_update_entity(entry.entity_id, disabled_by=None)
        elif not enabled and entry.disabled_by is None:
            registry.async_update_entity(entry.entity_id, disabled_by=by_us)
