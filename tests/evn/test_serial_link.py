"""A port that is lost: when it is tried again, what is said of it, and what is left at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import Mock, patch

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.evn import serial_link
from custom_components.hausstrom.evn.serial_link import LINES, PortError, PortReason, SerialLink

HOUR = 3600.0
_SLEEP = asyncio.sleep


class Line:
    """A port of which is said how long each of its lives lasts, on a clock that jumps.

    A life of None: it does not open.
    """

    def __init__(self, *lives: float | None) -> None:
        self.lives = list(lives)
        self.now = 1000.0
        self.waited: list[float] = []
        self.opened = 0
        self.left = 0
        self.ended = asyncio.Event()

    async def open(self, _url: str, _line: object) -> Any:
        if not self.lives:
            self.ended.set()
            await asyncio.Event().wait()
        life = self.lives.pop(0)
        if life is None:
            raise PortError(PortReason.MISSING, "unplugged")
        self.opened += 1
        return _Life(self, life)

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.waited.append(seconds)
            self.now += seconds
        await _SLEEP(0)


class _Life:
    def __init__(self, line: Line, seconds: float) -> None:
        self._line = line
        self._seconds = seconds

    async def read(self) -> bytes:
        self._line.now += self._seconds
        raise PortError(PortReason.UNREACHABLE, "the other end has closed the connection")

    async def close(self) -> None:
        self._line.left += 1


@asynccontextmanager
async def passing(line: Line) -> AsyncIterator[None]:
    """Have time pass as the line says, and ports open."""
    with (
        patch.object(serial_link.Port, "open", line.open),
        patch("asyncio.sleep", line.sleep),
    ):
        yield


async def waits(line: Line, *meant: float) -> bool:
    """Whether a link waits so long (at most a fifth less) between the lives of a port."""
    hass = Mock(loop=Mock(time=lambda: line.now))
    hass.async_create_background_task = lambda work, name, eager_start: asyncio.create_task(
        work, name=name
    )
    link = SerialLink(hass, "/dev/meter", LINES[0], lambda _: b"", lambda _: None)
    async with passing(line):
        await link.async_start()
        await asyncio.wait_for(line.ended.wait(), 10)
        await link.async_stop()
    assert line.left == line.opened, "each that was opened is closed"
    assert len(line.waited) == len(meant)
    return all(
        0.8 * most <= waited <= most for waited, most in zip(line.waited, meant, strict=True)
    )


async def test_each_try_waits_twice_as_long_up_to_a_minute() -> None:
    assert await waits(Line(HOUR, *[None] * 9), 1, 2, 4, 8, 16, 32, 60, 60, 60, 60)


async def test_a_port_that_lets_in_and_throws_out_is_not_tried_all_the_time() -> None:
    assert await waits(Line(HOUR, *[0.1] * 8), 1, 2, 4, 8, 16, 32, 60, 60, 60)


async def test_what_lasted_begins_anew() -> None:
    assert await waits(Line(HOUR, None, None, HOUR, None, None), 1, 2, 4, 1, 2, 4)


async def test_a_lost_port_is_said_once_however_often_it_is_tried(
    hass: HomeAssistant,
    entry_on_port: Callable[[str], MockConfigEntry],
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = entry_on_port("/dev/meter")
    line = Line(HOUR, *[None] * 20, 0.1, *[None] * 20)
    async with passing(line):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await asyncio.wait_for(line.ended.wait(), 10)
        assert await hass.config_entries.async_unload(entry.entry_id)
    said = [
        one.getMessage()
        for one in caplog.records
        if one.levelno > logging.INFO and one.name.startswith("custom_components.hausstrom")
    ]
    assert len(said) == 1
    assert "/dev/meter" in said[0]
    assert entry.state is ConfigEntryState.NOT_LOADED
