"""A smart meter: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from ..coordinator import HausstromConfigEntry
from ..kinds import Kind
from ..repairs import async_clear_certificate
from .coordinator import EvnCoordinator, async_clear_foreign_meter
from .energy_rows import ENERGY_ROWS
from .flow import EvnFlow, check_options, options_schema


async def async_remove(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw the questions about a meter that is deleted."""
    async_clear_foreign_meter(hass, entry)
    async_clear_certificate(hass, entry)


KIND: Final = Kind(
    coordinator=EvnCoordinator,
    flow=EvnFlow,
    platforms=(Platform.SENSOR,),
    options=options_schema,
    check_options=check_options,
    async_remove=async_remove,
    energy_rows=ENERGY_ROWS,
    may_be_shown=frozenset({"source", "update_interval", "tls"}),
)
