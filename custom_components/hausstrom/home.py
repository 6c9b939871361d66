"""What a home gets once, whatever its devices are: the module of our dashboard, and the offers."""

from homeassistant.core import HomeAssistant

from .coordinator import HausstromConfigEntry
from .energy_dashboard.offer import async_forget_offer, async_schedule_offer
from .lovelace import async_add_module, async_remove_module


async def async_show(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Bring what the new entry measures before the user: in our dashboard, and by an offer."""
    await async_add_module(hass)
    async_schedule_offer(hass, entry)


async def async_clear(hass: HomeAssistant) -> None:
    """Take all of it back; the last entry is going."""
    await async_remove_module(hass)
    await async_forget_offer(hass)
