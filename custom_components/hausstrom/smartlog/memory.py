"""What is known of a gateway's meters, on disk: all of them, and those that changed since.

A building has a thousand meters. Rewriting all for the sake of a few is what wears out memory
cards, so the few go into a file of their own until they are many. Both files belong together
by a number; what changed for an older file than is there is left alone.
"""

from collections.abc import Iterable
from typing import Any

from homeassistant.core import HomeAssistant, callback

from ..const import LOGGER
from ..storage import EntryStore
from .protocol.gateway import Gateway, load_gateway

_FEW = 20
_SHARE = 4
"""More than one in so many changed meters are worth writing all."""


class GatewayMemory:
    """Keeps a gateway on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str, title: str = "") -> None:
        """Prepare to load; `title` is the entry's, for what has to be told of a file."""
        self._hass = hass
        self._title = title
        self._all = EntryStore(hass, f"smartlog.{entry_id}", self._collect_all, title=title)
        self._few = EntryStore(hass, f"smartlog_changes.{entry_id}", self._collect_few, title=title)
        self._gateway = Gateway()
        self._beside: dict[str, Any] = {}
        self._generation = 0
        self._changed: set[str] = set()
        self._loaded = False

    async def async_load(self) -> tuple[Gateway, dict[str, Any]]:
        """Return the gateway that was kept, and what else was.

        Damaged files are told and begin anew: they must not keep an entry away.
        """
        stored = await self._all.async_load()
        if stored is not None:
            # It is counted up: what could not be written any more is none.
            match stored.get("generation"):
                case int(generation) if 0 <= generation < 1 << 62:
                    self._generation = generation
            self._beside = _mapping(stored.get("beside"))
            kept = stored.get("gateway")
            changes = await self._few.async_load()
            if changes is not None and changes.get("generation") == self._generation:
                kept = _with_changes(kept, changes.get("meters"))
                self._beside = _mapping(changes.get("beside")) or self._beside
            # A building's ten thousand registers take half a second: beside the event loop.
            self._gateway, lost = await self._hass.async_add_executor_job(load_gateway, kept)
            if lost:
                LOGGER.warning("%s: %d stored meters could not be read", self._title, lost)
        self._loaded = True
        return self._gateway, self._beside

    @callback
    def async_note(self, uids: Iterable[str], beside: dict[str, Any]) -> None:
        """Have what changed written soon: these meters, and what is kept beside them."""
        if not self._loaded:
            return
        before = len(self._changed)
        self._changed.update(uids)
        if beside != self._beside:
            self._beside = beside
        elif len(self._changed) == before and not self._changed.intersection(uids):
            return
        # Reports are rare, and what is stored is shown after a start: at once, or a power cut
        # between two reports would show a register as it was before the last one.
        if len(self._changed) > max(_FEW, len(self._gateway.meters) // _SHARE):
            self._all.changed(urgent=True)
        else:
            self._few.changed(urgent=True)

    async def async_write_all(self) -> None:
        """Write everything now: new identities, before they are offered."""
        if self._loaded:
            await self._all.async_save()

    async def async_close(self) -> None:
        """Write what is not written yet; called when the entry is unloaded."""
        if self._loaded:
            # With the times of the last readings, which alone were not worth it before.
            await self._all.async_save()
        await self._all.async_close()
        await self._few.async_close()

    @callback
    def _collect_all(self) -> dict[str, Any]:
        self._generation += 1
        self._changed.clear()
        return {
            "gateway": self._gateway.dump(),
            "generation": self._generation,
            "beside": self._beside,
        }

    @callback
    def _collect_few(self) -> dict[str, Any]:
        # The set stays: this file holds all that changed since the other was written.
        meters = self._gateway.meters
        return {
            "generation": self._generation,
            "beside": self._beside,
            "meters": [meters[uid].dump() for uid in sorted(self._changed) if uid in meters],
        }

    async def async_remove(self) -> None:
        """Delete both files; called when the entry is deleted."""
        await self._all.async_remove()
        await self._few.async_remove()


def _mapping(stored: object) -> dict[str, Any]:
    return stored if isinstance(stored, dict) else {}


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
