"""Hausstrom: the power of a home in Home Assistant."""

from collections.abc import Awaitable, Callable
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType

from .const import CONF_KIND, DOMAIN
from .coordinator import HausstromConfigEntry
from .kinds import Later, async_find_kind, async_get_kind
from .log_filter import async_filter_log
from .platforms import EntryPlatforms
from .services import async_setup_services

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

# Not of one device: an entry that is set up neither needs nor fails by it.
_SHOW: Final[Later[Callable[[HomeAssistant, HausstromConfigEntry], Awaitable[None]]]] = Later(
    __package__, "home", "async_show"
)
_CLEAR: Final[Later[Callable[[HomeAssistant], Awaitable[None]]]] = Later(
    __package__, "home", "async_clear"
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, and what has to be there before entries are loaded."""
    async_filter_log(hass)
    async_setup_services(hass)
    entries = hass.config_entries.async_entries(DOMAIN)
    for name in dict.fromkeys(entry.data[CONF_KIND] for entry in entries):
        kind = await async_find_kind(hass, name)
        if kind is not None and kind.prepare is not None:
            kind.prepare(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: HausstromConfigEntry) -> bool:
    """Connect to the device of an entry and make its entities."""
    kind = await async_get_kind(hass, entry.data[CONF_KIND])
    coordinator = kind.coordinator(hass, entry)
    await coordinator.async_config_entry_first_refresh()
    coordinator.async_register_device()
    entry.runtime_data = coordinator
    coordinator.platforms = EntryPlatforms(hass, entry, kind)
    await coordinator.platforms.async_set_up(coordinator.offered_platforms)
    await (await _SHOW.async_get(hass))(hass, entry)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: HausstromConfigEntry) -> bool:
    """Take the entities away; the coordinator closes what it opened."""
    platforms = entry.runtime_data.platforms
    return platforms is None or await platforms.async_unload()


async def async_remove_entry(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Clear away what an entry leaves behind."""
    kind = await async_find_kind(hass, entry.data[CONF_KIND])
    if kind is not None and kind.async_remove is not None:
        await kind.async_remove(hass, entry)
    if all(other is entry for other in hass.config_entries.async_entries(DOMAIN)):
        await (await _CLEAR.async_get(hass))(hass)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: HausstromConfigEntry, device: DeviceEntry
) -> bool:
    """Let the user delete a device that is no longer there."""
    return entry.state is ConfigEntryState.LOADED and entry.runtime_data.may_remove(device)
