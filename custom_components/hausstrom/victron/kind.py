"""A GX: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..coordinator import HausstromConfigEntry
from ..kinds import Kind
from ..repairs import async_clear_certificate
from .coordinator import TOO_MANY, VictronCoordinator, energy_store
from .descriptions import PLATFORMS
from .devices import names_store
from .energy_rows import ENERGY_ROWS
from .flow import VictronFlow
from .schemas import options_schema


async def async_remove(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Forget the counters and questions of a GX that is deleted."""
    await energy_store(hass, entry.entry_id).async_remove()
    await names_store(hass, entry.entry_id).async_remove()
    ir.async_delete_issue(hass, DOMAIN, f"{TOO_MANY}_{entry.entry_id}")
    async_clear_certificate(hass, entry)


KIND: Final = Kind(
    coordinator=VictronCoordinator,
    flow=VictronFlow,
    platforms=PLATFORMS,
    options=options_schema,
    async_remove=async_remove,
    energy_rows=ENERGY_ROWS,
    may_be_shown=frozenset({"source", "services", "update_interval", "controls", "tls"}),
)
