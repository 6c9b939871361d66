"""Several changes within a moment, made as one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

MOMENT: Final = 1.0


class Gathering[Change]:
    """Gathers changes for a second after the first one, then writes them together.

    The first caller does the writing, in its own task: a write is looked for during a minute, and
    what waits so long must not hold up Home Assistant. The others wait for it and get its error. A
    write waits for the one before: both are made on top of a fresh read, and would take back each
    other's change.
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
        self._moment: asyncio.Future[None] | None = None
        self._writing = asyncio.Lock()

    async def add(self, change: Change) -> None:
        """Add a change and return when it is written; raises what the write raises."""
        if self._change is not None and self._done is not None:
            self._change = self._join(self._change, change)
            await asyncio.shield(self._done)
            return
        self._change = change
        done = self._done = self._hass.loop.create_future()
        try:
            await self._let_a_moment_pass()
            whole = self._change
            self._change = self._done = None
            async with self._writing:
                await self._write(whole)
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                done.cancel()
            else:
                done.set_exception(error)
                done.exception()  # it may be that nobody else waits
            raise
        else:
            done.set_result(None)
        finally:
            if self._done is done:
                self._change = self._done = None

    async def _let_a_moment_pass(self) -> None:
        moment = self._moment = self._hass.loop.create_future()

        @callback
        def end(_now: datetime) -> None:
            if not moment.done():
                moment.set_result(None)

        cancel = async_call_later(
            self._hass, MOMENT, HassJob(end, "hausstrom gathering", cancel_on_shutdown=True)
        )
        try:
            await moment
        finally:
            cancel()
            self._moment = None

    @callback
    def stop(self) -> None:
        """Give up what has not been written; whoever waits is cancelled."""
        if self._moment is not None:
            self._moment.cancel()
