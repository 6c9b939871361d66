"""A solar forecast for the simulated home: the part of a forecast integration that Energy asks.

Home Assistant loads it as an integration of its own, so nothing of the simulators is imported here.
"""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Have nothing to set up: Energy asks `energy.py`."""
    return True


async def async_unload_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Have nothing to take down."""
    return True
