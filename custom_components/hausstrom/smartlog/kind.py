"""A SmartLog: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.const import CONF_WEBHOOK_ID, Platform
from homeassistant.core import HomeAssistant

from ..coordinator import HausstromConfigEntry
from ..kinds import Kind
from .const import CONF_CLOUDHOOK
from .coordinator import store_of
from .energy_rows import ENERGY_ROWS
from .flow import SmartLogFlow, options_schema
from .issues import async_clear_foreign
from .transports import make_coordinator
from .webhook import async_delete_cloudhook


async def async_remove(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Delete what was kept of the meters, the address in the cloud, and the repair issue."""
    async_clear_foreign(hass, entry)
    await store_of(hass, entry.entry_id).async_remove()
    if entry.data.get(CONF_CLOUDHOOK):
        await async_delete_cloudhook(hass, entry.data[CONF_WEBHOOK_ID])


KIND: Final = Kind(
    coordinator=make_coordinator,
    flow=SmartLogFlow,
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.SENSOR,
    ),
    options=options_schema,
    async_remove=async_remove,
    energy_rows=ENERGY_ROWS,
    may_be_shown=frozenset(
        {"transport", "source", "local_only", "auto_create", "stale_after", "tls"}
    ),
)
