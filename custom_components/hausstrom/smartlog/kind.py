"""A SmartLog: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.const import CONF_WEBHOOK_ID, Platform
from homeassistant.core import HomeAssistant

from ..coordinator import HausstromConfigEntry
from ..kinds import Kind, Later
from .const import CONF_CLOUDHOOK
from .coordinator import SmartLogCoordinator
from .issues import async_forget_issues
from .kept import KeptReports
from .memory import GatewayMemory
from .webhook import async_delete_cloudhook, async_open_doors, async_remove_door


async def async_remove(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Delete what was kept of the meters, the address in the cloud, and the repair issue."""
    async_forget_issues(hass, entry)
    await GatewayMemory(hass, entry.entry_id).async_remove()
    if webhook_id := entry.data.get(CONF_WEBHOOK_ID):
        async_remove_door(hass, webhook_id)
        await KeptReports(hass, webhook_id).async_remove()
    if entry.data.get(CONF_CLOUDHOOK):
        await async_delete_cloudhook(hass, entry.data[CONF_WEBHOOK_ID])


KIND: Final = Kind(
    coordinator=SmartLogCoordinator,
    set_up=Later(__package__, "flow", "SETUP"),
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.SENSOR,
    ),
    async_remove=async_remove,
    prepare=async_open_doors,
    actions=Later(__package__, "consumption", "ACTIONS"),
    energy_rows=Later(__package__, "energy_rows", "ENERGY_ROWS"),
    energy_rank=5,
    fix_flow=Later(__package__, "repair_flow", "fix_flow"),
    may_be_shown=frozenset(
        {
            "transport",
            "source",
            "local_only",
            "auto_create",
            "stale_after",
            "most_meters",
            "areas_by_label",
            "tls",
        }
    ),
)
