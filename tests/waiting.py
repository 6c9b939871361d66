"""Waiting beside what has a time of its own: a broker, a port, a server, a browser, a thread.

Time is driven in all other tests. Here nothing is waited for blindly either: what is waited for is
said, and ends the wait. The only sleeps of all tests are in this file (tests/repository/test_time.py).
Not for a test with a frozen clock: its event loop has no time, either.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic
from typing import Final, Never, overload

import pytest

LOOK: Final = 0.01
"""Seconds between two looks at a condition."""


type Tell = Callable[[], Awaitable[str]]


@overload
async def until[T](
    ask: Callable[[], Coroutine[object, object, T | None]],
    patience: float = 60.0,
    *,
    every: float = LOOK,
    told: Tell | None = None,
) -> T: ...
@overload
async def until[T](
    ask: Callable[[], T], patience: float = 60.0, *, every: float = LOOK, told: Tell | None = None
) -> T: ...
async def until(
    ask: Callable[[], object],
    patience: float = 60.0,
    *,
    every: float = LOOK,
    told: Tell | None = None,
) -> object:
    """Return the first answer that is true, asking every so many seconds.

    Fails after `patience` seconds, with what `told` says then.
    """
    end = monotonic() + patience
    while True:
        answer = ask()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if monotonic() > end:
            pytest.fail(f"It did not come true: {'' if told is None else await told()}")
        await asyncio.sleep(every)


async def again(act: Callable[[], object], *, every: float) -> Never:
    """Have a device act again and again, every so many seconds, until this is cancelled."""
    while True:
        done = act()
        if inspect.isawaitable(done):
            await done
        await asyncio.sleep(every)
