"""A SENEC on the local network: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from ...coordinator import HausstromConfigEntry
from ...kinds import Kind
from ...repairs import async_clear_certificate
from ..energy_rows import senec_rows
from .actions import ACTIONS
from .coordinator import SenecLocalCoordinator, store_of
from .flow import SenecLocalFlow, options_schema


async def async_remove(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Clear away counters and questions of a system that is deleted."""
    async_clear_certificate(hass, entry)
    await store_of(hass, entry.entry_id).async_remove()


KIND: Final = Kind(
    coordinator=SenecLocalCoordinator,
    flow=SenecLocalFlow,
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.NUMBER,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SWITCH,
    ),
    options=options_schema,
    async_remove=async_remove,
    actions=ACTIONS,
    energy_rows=senec_rows("senec_local"),
    may_be_shown=frozenset({"scan_interval"}),
)
