"""The devices of a GX in Home Assistant's registry, and what is remembered of them."""

from collections.abc import Callable
from typing import Any

from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntry, DeviceInfo
from yarl import URL

from ..const import CONF_BROKER, DOMAIN
from ..coordinator import HausstromConfigEntry
from ..storage import EntryStore
from .const import CONF_VRM, MANUFACTURER
from .protocol.identity import DeviceIdentity
from .protocol.naming import Names


def names_store(
    hass: HomeAssistant,
    entry_id: str,
    collect: Callable[[], dict[str, Any]] = dict,
    title: str = "",
) -> EntryStore:
    """Return where it is kept which serial number has which name."""
    return EntryStore(hass, f"victron_names.{entry_id}", collect, title=title)


def name_of(entry: HausstromConfigEntry, device: DeviceEntry) -> str | None:
    """Return what a device under the GX is called in keys (`battery_512`); None for the GX."""
    prefix = f"{entry.unique_id}_"
    for domain, identifier in device.identifiers:
        if domain == DOMAIN and identifier.startswith(prefix):
            return identifier.removeprefix(prefix)
    return None


async def async_load_names(hass: HomeAssistant, entry: HausstromConfigEntry) -> Names:
    """Return which devices are known; those of a version that stored none stand in the registry."""
    names = Names()
    names.restore(await names_store(hass, entry.entry_id, title=entry.title).async_load())
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
        if (name := name_of(entry, device)) is not None:
            names.adopt(name, device.serial_number)
    return names


@callback
def forget_unwanted(hass: HomeAssistant, entry: HausstromConfigEntry, wanted: list[str]) -> None:
    """Remove the devices of types that the user has deselected."""
    registry = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
        name = name_of(entry, device)
        if name is not None and name.split("_", 1)[0] not in wanted:
            registry.async_remove_device(device.id)


def info_of(identity: DeviceIdentity) -> DeviceInfo:
    """Return what the registry is told of a device, without its name and identifiers."""
    info = DeviceInfo(manufacturer=MANUFACTURER)
    if identity.model is not None:
        info["model"] = identity.model
    if identity.serial_number is not None:
        info["serial_number"] = identity.serial_number
    if identity.software is not None:
        info["sw_version"] = identity.software
    if identity.hardware is not None:
        info["hw_version"] = identity.hardware
    return info


def gx_info(entry: HausstromConfigEntry, identity: DeviceIdentity) -> DeviceInfo:
    """Return what the registry is told of the GX itself."""
    info = info_of(identity)
    info["identifiers"] = {(DOMAIN, str(entry.unique_id))}
    info["name"] = identity.name or entry.title
    broker = entry.data.get(CONF_BROKER)
    if broker is not None and not entry.data.get(CONF_VRM):
        info["configuration_url"] = str(URL.build(scheme="http", host=broker[CONF_HOST]))
    return info
