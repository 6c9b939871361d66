"""What is known of a gateway's meters, on disk: all of them, and those that changed since.

A building has a thousand meters. Rewriting all for the sake of a few is what wears out memory
cards, so the few go into a file of their own until they are many. Both files belong together
by a number; what changed for an older file than is there is left alone.
"""

from collections.abc import Iterable
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store

from ..const import DOMAIN, LOGGER
from .protocol.gateway import Gateway, load_gateway

STORE_VERSION: Final = 1
SAVE_DELAY: Final = 60.0
"""Seconds after a change at which it is written: what a power cut may take."""
_FEW: Final = 20
_SHARE: Final = 4


def store_of(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where the meters of an entry are kept."""
    return Store(hass, STORE_VERSION, f"{DOMAIN}.smartlog.{entry_id}")


def changes_of(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where the meters are kept that changed since."""
    return Store(hass, STORE_VERSION, f"{DOMAIN}.smartlog_changes.{entry_id}")


class Memory:
    """Keeps a gateway on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str, name: str) -> None:
        """Prepare to load."""
        self._hass = hass
        self._name = name
        self._all = store_of(hass, entry_id)
        self._few = changes_of(hass, entry_id)
        self._gateway = Gateway()
        self._more: dict[str, Any] = {}
        self._generation = 0
        self._changed: set[str] = set()
        self._unsaved = False
        self._loaded = False
        self._timer: CALLBACK_TYPE | None = None
        self.writes = 0

    async def async_load(self) -> tuple[Gateway, dict[str, Any]]:
        """Return the gateway that was kept, and what else was.

        Damaged files are told in the log and begin anew: they must not keep an entry away.
        """
        stored = await self._async_read(self._all)
        if isinstance(stored, dict):
            generation = stored.get("generation")
            self._generation = generation if isinstance(generation, int) else 0
            more = stored.get("more")
            self._more = more if isinstance(more, dict) else {}
            kept = stored.get("gateway")
            changes = await self._async_read(self._few)
            if isinstance(changes, dict) and changes.get("generation") == self._generation:
                kept = _with_changes(kept, changes.get("meters"))
                more = changes.get("more")
                self._more = more if isinstance(more, dict) else self._more
            self._gateway, lost = load_gateway(kept)
            if lost:
                LOGGER.warning("%s: %d stored meters could not be read", self._name, lost)
        self._loaded = True
        return self._gateway, self._more

    async def _async_read(self, store: Store[dict[str, Any]]) -> object:
        try:
            return await store.async_load()
        except (OSError, ValueError, NotImplementedError) as error:
            LOGGER.warning("%s: %s could not be read: %s", self._name, store.key, error)
            return None

    @callback
    def async_note(self, uids: Iterable[str], more: dict[str, Any] | None = None) -> None:
        """Have what changed written soon: these meters, and what is kept beside them."""
        self._changed.update(uids)
        if more is not None and more != self._more:
            self._more = more
            self._unsaved = True
        if (self._changed or self._unsaved) and self._timer is None and self._loaded:
            self._timer = async_call_later(self._hass, SAVE_DELAY, self._async_due)

    async def _async_due(self, _now: object) -> None:
        self._timer = None
        await self._async_write()

    async def async_write_all(self) -> None:
        """Write everything now: new identities, before they are offered."""
        self._stop_timer()
        if not self._loaded:
            return
        self._generation += 1
        self._changed.clear()
        self._unsaved = False
        self.writes += 1
        await self._all.async_save(
            {"gateway": self._gateway.dump(), "generation": self._generation, "more": self._more}
        )

    async def async_finish(self) -> None:
        """Write what is not written yet; times of last readings are worth it now."""
        self._stop_timer()
        if self._loaded:
            await self.async_write_all()

    async def _async_write(self) -> None:
        meters = self._gateway.meters
        if not self._changed and not self._unsaved:
            return
        if len(self._changed) > max(_FEW, len(meters) // _SHARE):
            await self.async_write_all()
            return
        self.writes += 1
        self._unsaved = False
        # The set stays: the file holds all that changed since the other was written.
        await self._few.async_save(
            {
                "generation": self._generation,
                "more": self._more,
                "meters": [meters[uid].dump() for uid in sorted(self._changed) if uid in meters],
            }
        )

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None

    @staticmethod
    async def async_remove(hass: HomeAssistant, entry_id: str) -> None:
        """Delete what was kept of an entry."""
        await store_of(hass, entry_id).async_remove()
        await changes_of(hass, entry_id).async_remove()


def _with_changes(kept: object, changed: object) -> object:
    """Return a stored gateway with the meters that changed since in their places."""
    if not isinstance(kept, dict) or not isinstance(changed, list):
        return kept
    meters = kept.get("meters")
    if not isinstance(meters, list):
        return kept
    newer = {item["uid"]: item for item in changed if isinstance(item, dict) and "uid" in item}
    merged = [
        newer.get(item["uid"], item) if isinstance(item, dict) and "uid" in item else item
        for item in meters
    ]
    return {**kept, "meters": merged}
