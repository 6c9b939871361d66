"""Reports that came while their entry could not take them: on disk until it does."""

import asyncio
import base64
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.util import dt as dt_util

from ..storage import EntryStore

MOST_KEPT: Final = 8 * 1024 * 1024
"""Characters of reports, packed, that are kept for an entry that cannot take them."""


class _Kept(NamedTuple):
    """A report: packed, and when it came (unix seconds)."""

    packed: str
    came: int


type TakeLate = Callable[[bytes, datetime], Awaitable[None]]
"""Takes a body that came at that time."""


class KeptReports:
    """What came to the address of one entry while nobody took it, the oldest first."""

    def __init__(self, hass: HomeAssistant, webhook_id: str, title: str = "") -> None:
        """Prepare to load; `title` is the entry's, for what has to be told of a file."""
        self._hass = hass
        self._store = EntryStore(hass, f"smartlog_kept.{webhook_id}", self._content, title=title)
        self._reports: list[_Kept] | None = None
        self._loading = asyncio.Lock()

    def _content(self) -> dict[str, Any]:
        kept = self._reports or []
        return {"reports": [one.packed for one in kept], "came": [one.came for one in kept]}

    async def _async_load(self) -> list[_Kept]:
        async with self._loading:
            if self._reports is None:
                self._reports = _read(await self._store.async_load())
        return self._reports

    async def async_keep(self, body: bytes) -> bool:
        """Write a report to disk; return whether it is there."""
        reports = await self._async_load()
        packed = base64.b64encode(zlib.compress(body)).decode("ascii")
        if any(one.packed == packed for one in reports):
            return True  # sent again, since the answer did not get through
        if len(packed) + sum(len(one.packed) for one in reports) > MOST_KEPT:
            return False
        reports.append(_Kept(packed, int(dt_util.utcnow().timestamp())))
        await self._store.async_save()
        # Once Home Assistant has ended nothing is written any more.
        return self._hass.state is not CoreState.stopped

    async def async_hand_over(self, take: TakeLate) -> bool:
        """Have all reports taken, also those that come meanwhile; return whether there were any.

        They stay on disk until async_save: a power cut in between loses none, and to take one
        twice changes nothing.
        """
        reports = await self._async_load()
        found = bool(reports)
        while reports:
            try:
                body = zlib.decompress(base64.b64decode(reports[0].packed))
            except ValueError, zlib.error:
                pass
            else:
                await take(body, datetime.fromtimestamp(reports[0].came, UTC))
            del reports[0]
        return found

    async def async_save(self) -> None:
        """Write what is left."""
        await self._store.async_save()

    async def async_remove(self) -> None:
        """Delete the file; called when the entry is deleted."""
        self._reports = []
        await self._store.async_remove()


def _read(stored: dict[str, Any] | None) -> list[_Kept]:
    """Return what a file holds; the version before did not say when a report came."""
    now = int(dt_util.utcnow().timestamp())
    match stored:
        case {"reports": list(reports), **rest}:
            came = rest.get("came")
            times = came if isinstance(came, list) and len(came) == len(reports) else []
            return [
                _Kept(packed, times[place] if times and type(times[place]) is int else now)
                for place, packed in enumerate(reports)
                if isinstance(packed, str)
            ]
    return []
