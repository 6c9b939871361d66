"""Several changes within a moment, made as one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

MOMENT: Final = 1.0


class Gathering[Change]:
    """Gathers changes for a second after the first one, then writes them together.

    Each caller waits for the one write and gets its error.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        join: Callable[[Change, Change], Change],
        write: Callable[[Change], Awaitable[None]],
    ) -> None:
        """Take how two changes become one, and what writes the whole."""
        self._hass = hass
        self._join = join
        self._write = write
        self._change: Change | None = None
        self._done: asyncio.Future[None] | None = None
        self._timer: CALLBACK_TYPE | None = None

    async def add(self, change: Change) -> None:
        """Add a change and return when it is written; raises what the write raises."""
        if self._change is None or self._done is None:
            self._change = change
            self._done = self._hass.loop.create_future()
            self._timer = async_call_later(
                self._hass,
                MOMENT,
                HassJob(self._end, "hausstrom gathering", cancel_on_shutdown=True),
            )
        else:
            self._change = self._join(self._change, change)
        await asyncio.shield(self._done)

    async def _end(self, _now: datetime) -> None:
        change, done = self._change, self._done
        self._change = self._done = self._timer = None
        if change is None or done is None:  # pragma: no cover - the timer runs after an add
            return
        try:
            await self._write(change)
        except Exception as error:  # noqa: BLE001  whoever waits for the write judges its error
            done.set_exception(error)
            done.exception()
        else:
            done.set_result(None)

    @callback
    def stop(self) -> None:
        """Give up what has not been written; whoever waits is cancelled."""
        if self._timer is not None:
            self._timer()
        if self._done is not None:
            self._done.cancel()
        self._change = self._done = self._timer = None
