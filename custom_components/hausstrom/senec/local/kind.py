"""A SENEC on the local network: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ...const import DOMAIN
from ...coordinator import HausstromConfigEntry
from ...kinds import Kind, Later
from ...storage import EntryStore
from .coordinator import SenecLocalCoordinator, store_name
from .hints import HINTS
from .hold import async_let_go
from .trust import withdraw


async def async_remove(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Clear away counters and questions of a system that is deleted, and let go of its battery."""
    withdraw(hass, entry)
    for hint in HINTS:
        ir.async_delete_issue(hass, DOMAIN, f"{hint}_{entry.entry_id}")
    store = EntryStore(hass, store_name(entry.entry_id), dict)
    stored = await store.async_load() or {}
    await async_let_go(hass, entry, stored.get("hold"))
    await store.async_remove()


KIND: Final = Kind(
    coordinator=SenecLocalCoordinator,
    set_up=Later(__package__, "flow", "SETUP"),
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.NUMBER,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SWITCH,
    ),
    async_remove=async_remove,
    actions=Later(__package__, "actions", "ACTIONS"),
    energy_rows=Later(__package__, ".energy_rows", "LOCAL_ROWS"),
    energy_rank=2,
    fix_flow=Later(__package__, "repair_flow", "fix_flow"),
    may_be_shown=frozenset({"scan_interval"}),
)
