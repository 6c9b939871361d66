"""A system in the cloud whose peak shaving can plan itself."""

from typing import Any, override

from homeassistant.core import HomeAssistant

from ...common.value import Values
from ...const import LOGGER
from ...coordinator import HausstromConfigEntry
from ..protocol.errors import SenecServiceError
from .coordinator import SenecCloudCoordinator
from .planner import Planner
from .planner_issues import LEFT_BEHIND, NEEDS, NO_EFFECT, STUCK, async_take_back, async_tell
from .planner_settings import async_put_back
from .planner_state import planner_store, state_from


class PlanningCoordinator(SenecCloudCoordinator):
    """Adds the planner to what reads and writes one system."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to read, and to plan."""
        super().__init__(hass, entry)
        self.planner = Planner(hass, self)

    @override
    async def _async_setup(self) -> None:
        await super()._async_setup()
        await self.planner.async_load()

    @override
    async def _async_update_data(self) -> Values:
        values = await super()._async_update_data()
        self.planner.async_sample()
        return values

    @override
    async def async_shutdown(self) -> None:
        """Stop planning; an entry that is disabled gets back what the user had."""
        await self.planner.async_stop(for_good=self.config_entry.disabled_by is not None)
        await super().async_shutdown()

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {**super().diagnostics(), "planner": self.planner.diagnostics()}


async def async_remove_planner(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Leave nothing behind when an entry is deleted: what the user had, no files, no issues."""
    store = planner_store(hass, entry.entry_id)
    ledger = state_from(await store.async_load()).ledger
    if ledger.written is not None:
        try:
            await async_put_back(hass, entry, ledger)
        except (SenecServiceError, TimeoutError) as error:
            LOGGER.warning("Peak shaving of %s was left behind: %s", entry.title, error)
            async_tell(hass, entry, LEFT_BEHIND)
    async_take_back(hass, entry, NEEDS, NO_EFFECT, STUCK)
    await store.async_remove()
