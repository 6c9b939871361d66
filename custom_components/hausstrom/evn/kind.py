"""A smart meter: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from ..certificates import async_clear_certificate
from ..coordinator import HausstromConfigEntry
from ..kinds import Kind, Later
from .coordinator import EvnCoordinator
from .issues import async_clear_all
from .memory import drop_handover, store_of


async def async_remove(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw the questions about a meter that is deleted, and what was kept of it."""
    async_clear_all(hass, entry)
    async_clear_certificate(hass, entry)
    drop_handover(hass, entry.unique_id)
    await store_of(hass, entry.entry_id, dict).async_remove()


KIND: Final = Kind(
    coordinator=EvnCoordinator,
    set_up=Later(__package__, "flow", "SETUP"),
    platforms=(Platform.SENSOR,),
    async_remove=async_remove,
    energy_rows=Later(__package__, "energy_rows", "ENERGY_ROWS"),
    energy_rank=0,
    may_be_shown=frozenset({"source", "update_interval", "tls", "line"}),
)
