"""Hausstrom: the power of a home in Home Assistant."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType

from .const import CONF_KIND, DOMAIN
from .coordinator import HausstromConfigEntry
from .kinds import KINDS

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions; they exist whether an entry is loaded or not."""
    for kind in KINDS.values():
        if kind.setup_actions is not None:
            kind.setup_actions(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: HausstromConfigEntry) -> bool:
    """Connect to the device of an entry and make its entities."""
    kind = KINDS[entry.data[CONF_KIND]]
    coordinator = kind.coordinator(hass, entry)
    await coordinator.async_config_entry_first_refresh()
    coordinator.async_register_device()
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, kind.platforms)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: HausstromConfigEntry) -> bool:
    """Take the entities away; the coordinator closes what it opened."""
    kind = KINDS[entry.data[CONF_KIND]]
    return await hass.config_entries.async_unload_platforms(entry, kind.platforms)


async def async_remove_entry(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Clear away what an entry leaves behind."""
    kind = KINDS[entry.data[CONF_KIND]]
    if kind.async_remove is not None:
        await kind.async_remove(hass, entry)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: HausstromConfigEntry, device: DeviceEntry
) -> bool:
    """Let the user delete a device that is no longer there."""
    return entry.state is ConfigEntryState.LOADED and entry.runtime_data.may_remove(device)
