"""System health: how many devices of which kind, and how many of them are there."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import CONF_KIND, DOMAIN
from .coordinator import HausstromConfigEntry


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Add our lines to the system health page."""
    register.async_register_info(async_system_health_info)


async def async_system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Count the devices per kind: available of set up."""
    counts: dict[str, list[bool]] = {}
    entries: list[HausstromConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    for entry in entries:
        loaded = entry.state is ConfigEntryState.LOADED
        counts.setdefault(entry.data[CONF_KIND], []).append(loaded and entry.runtime_data.available)
    return {kind: f"{sum(states)}/{len(states)}" for kind, states in counts.items()}
