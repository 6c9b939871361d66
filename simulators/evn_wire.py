"""A meter on a wire: a pseudo-terminal, or a TCP server as ser2net and esp-link are."""

import asyncio
import contextlib
import os
import re
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, override


class Wire:
    """Where bytes go in and whoever listens gets them."""

    url: str
    """What is entered as port in the form."""

    def write(self, data: bytes) -> None:
        """Send bytes to whoever listens."""
        raise NotImplementedError


class PtyWire(Wire):
    """A pseudo-terminal, which looks like a USB adapter."""

    def __init__(self) -> None:
        """Make the terminal; `url` is the end that is read."""
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.url = os.ttyname(self._theirs)

    @override
    def write(self, data: bytes) -> None:
        """Send bytes; what nobody reads is lost, as on a wire."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._ours, data)

    def close(self) -> None:
        """Unplug it."""
        for end in (self._ours, self._theirs):
            with contextlib.suppress(OSError):
                os.close(end)


class TcpWire(Wire):
    """A serial server."""

    def __init__(self) -> None:
        """Make a server that `start` opens."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.url = ""
        self.answers = 0
        """Bytes that were sent back: an AMIS waits for them."""

    @property
    def listeners(self) -> int:
        """How many are connected."""
        return len(self._writers)

    async def start(self, port: int = 0) -> None:
        """Listen on a port of this machine; 0: any."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"socket://127.0.0.1:{self.port}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(OSError):
            while data := await reader.read(256):
                self._take(data, writer)
        self._writers.discard(writer)
        writer.close()

    def _take(self, data: bytes, _writer: asyncio.StreamWriter) -> None:
        self.answers += len(data)

    @override
    def write(self, data: bytes) -> None:
        """Send bytes to all."""
        for writer in self._writers:
            writer.write(data)

    async def stop(self) -> None:
        """Unplug it: connections end, and none is accepted."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.close()
            self._writers.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._server.wait_closed()
            self._server = None


class Rfc2217Wire(TcpWire):
    """A serial server whose speed is set over the network (RFC 2217)."""

    _COMMAND = re.compile(rb"\xff(?:([\xfb-\xfe])(.)|\xfa\x2c(.)(.*?)\xff\xf0)", re.DOTALL)
    _ANSWERS: Final = {0xFB: 0xFD, 0xFD: 0xFB}
    """WILL is answered with DO, and DO with WILL."""

    def __init__(self) -> None:
        """Make a server that has been told nothing."""
        super().__init__()
        self.baudrates: list[int] = []
        self.parities: list[int] = []

    @override
    async def start(self, port: int = 0) -> None:
        """Listen on a port of this machine; 0: any."""
        await super().start(port)
        self.url = f"rfc2217://127.0.0.1:{self.port}"

    @override
    def _take(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        for verb, option, command, value in self._COMMAND.findall(data):
            if verb:
                if (answer := self._ANSWERS.get(verb[0])) is not None:
                    writer.write(bytes((0xFF, answer)) + option)
                continue
            if command == b"\x01":
                self.baudrates.append(int.from_bytes(value))
            elif command == b"\x03":
                self.parities.append(value[0])
            # What is set is confirmed with the number of the command plus 100.
            reply = bytes((command[0] + 100,)) + value
            writer.write(b"\xff\xfa\x2c" + reply + b"\xff\xf0")

    @override
    def write(self, data: bytes) -> None:
        """Send bytes to all; 255 is sent twice."""
        super().write(data.replace(b"\xff", b"\xff\xff"))


@asynccontextmanager
async def pty_wire() -> AsyncIterator[PtyWire]:
    """Run a pseudo-terminal."""
    wire = PtyWire()
    try:
        yield wire
    finally:
        wire.close()


@asynccontextmanager
async def tcp_wire(port: int = 0) -> AsyncIterator[TcpWire]:
    """Run a serial server."""
    wire = TcpWire()
    await wire.start(port)
    try:
        yield wire
    finally:
        await wire.stop()
