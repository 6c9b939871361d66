"""A system of a SENEC account: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from ...coordinator import HausstromConfigEntry
from ...kinds import Kind, Later
from .filling import gap_store, history_store
from .planner_coordinator import PlanningCoordinator, async_remove_planner
from .session import account_store


async def async_remove(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Undo a plan; forget the tokens, what is to be filled, and the state of an import."""
    await async_remove_planner(hass, entry)
    await account_store(hass, entry.entry_id).async_remove()
    await history_store(hass, entry.entry_id).async_remove()
    await gap_store(hass, entry.entry_id).async_remove()


KIND: Final = Kind(
    coordinator=PlanningCoordinator,
    set_up=Later(__package__, "flow", "SETUP"),
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.NUMBER,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SWITCH,
        Platform.TIME,
    ),
    async_remove=async_remove,
    actions=Later(__package__, "actions", "ACTIONS"),
    energy_rows=Later(__package__, ".energy_rows", "CLOUD_ROWS"),
    energy_rank=3,
    may_be_shown=frozenset(
        {
            "scan_interval",
            "generation",
            "model",
            "timezone",
            "pv_peak_power",
            "export_limit",
            "buy_price",
            "sell_price",
        }
    ),
)
