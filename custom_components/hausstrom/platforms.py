"""The platforms of an entry: set up with it, or when there is something for them to show."""

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, OperationNotAllowed
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.loader import async_get_integration

from .const import DOMAIN, LOGGER

if TYPE_CHECKING:
    from .coordinator import HausstromConfigEntry
    from .kinds import Kind


class EntryPlatforms:
    """Has Home Assistant set up the platforms of an entry, and take them down again.

    Those that few devices need (`Kind.on_demand`) are loaded with their first description. What
    Home Assistant knows from before is set up with the entry, though: its entities come back, and
    can be called, as those of any platform.
    """

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry, kind: Kind) -> None:
        """Begin with none set up."""
        self._hass = hass
        self._entry: ConfigEntry = entry
        self._kind = kind
        self._asked: set[Platform] = set()
        """What is set up, or on its way."""
        self._loaded: set[Platform] = set()
        self._coming: set[asyncio.Task[None]] = set()
        self._closed = False
        entry.async_on_unload(self._close)

    async def async_set_up(self, offered: Collection[Platform]) -> None:
        """Set up what is needed from the beginning; called while the entry is set up."""
        known = {
            entity.domain
            for entity in er.async_entries_for_config_entry(
                er.async_get(self._hass), self._entry.entry_id
            )
        }
        needed = self._kind.on_demand.intersection({*offered, *known})
        first = [one for one in self._kind.platforms if one in needed | self._always]
        self._asked.update(first)
        await self._hass.config_entries.async_forward_entry_setups(self._entry, first)
        self._loaded.update(first)

    @property
    def _always(self) -> set[Platform]:
        return {*self._kind.platforms} - self._kind.on_demand

    @callback
    def want(self, platform: Platform) -> None:
        """Have a platform set up as soon as the entry is, unless it was asked for already."""
        if self._closed or platform in self._asked:
            return
        self._asked.add(platform)
        task = self._entry.async_create_task(
            self._hass, self._async_forward(platform), f"hausstrom {platform}", eager_start=False
        )
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)

    async def _async_forward(self, platform: Platform) -> None:
        try:
            await (await async_get_integration(self._hass, DOMAIN)).async_get_platforms((platform,))
            # Home Assistant holds this lock while it sets up, unloads or reloads the entry. It takes
            # it for what follows, too, so it is only waited for; nothing is awaited in between.
            while self._entry.setup_lock.locked():
                async with self._entry.setup_lock:
                    pass
            if self._closed or self._entry.state is not ConfigEntryState.LOADED:
                return
            await self._hass.config_entries.async_forward_entry_setups(self._entry, [platform])
        except OperationNotAllowed:
            return  # unloaded while it waited
        except Exception:  # noqa: BLE001  loading runs whatever a platform does; the others stay
            LOGGER.exception("Unexpected error setting up %s of %s", platform, self._entry.title)
            return
        self._loaded.add(platform)

    async def async_unload(self) -> bool:
        """Take down what is set up; called while the entry is unloaded. False: it stayed."""
        self._close()
        return await self._hass.config_entries.async_unload_platforms(self._entry, self._loaded)

    @callback
    def _close(self) -> None:
        """Set up nothing any more: what waits for the lock would only hold up the unloading."""
        self._closed = True
        for task in self._coming:
            task.cancel()
