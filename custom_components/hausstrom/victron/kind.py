"""A GX: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..certificates import async_clear_certificate
from ..const import DOMAIN
from ..coordinator import HausstromConfigEntry
from ..kinds import Kind, Later
from .coordinator import TOO_MANY, VictronCoordinator, energy_store
from .descriptions import ON_DEMAND, PLATFORMS
from .devices import names_store


async def async_remove(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Forget the counters and questions of a GX that is deleted."""
    await energy_store(hass, entry.entry_id).async_remove()
    await names_store(hass, entry.entry_id).async_remove()
    ir.async_delete_issue(hass, DOMAIN, f"{TOO_MANY}_{entry.entry_id}")
    async_clear_certificate(hass, entry)


KIND: Final = Kind(
    coordinator=VictronCoordinator,
    set_up=Later(__package__, "flow", "SETUP"),
    platforms=PLATFORMS,
    on_demand=ON_DEMAND,
    async_remove=async_remove,
    energy_rows=Later(__package__, "energy_rows", "ENERGY_ROWS"),
    energy_rank=1,
    may_be_shown=frozenset({"source", "services", "update_interval", "controls", "tls"}),
)
