"""The front door of a GX: its MQTT ports, its login rules, and what can go wrong with a network.

A broker behind it does the MQTT. The door reads no more of it than the login (MQTT 3.1.1, 3.1).
"""

import asyncio
import ssl
from functools import partial
from typing import Final

_CONNACK_BAD_LOGIN: Final = b"\x20\x02\x00\x05"
LOGIN_TRIES: Final = 20
"""New wrong passwords in a short time; after them even the right one is refused."""


class GxDoor:
    """Listens where a GX does, lets in who knows the password, and passes bytes on.

    `password` None: everybody is let in. `frozen` plays a network that swallows packets without
    closing anything. `closed` plays the port that a security profile has closed.
    """

    def __init__(self, broker_host: str, broker_port: int, *, password: str | None = None) -> None:
        """Stand before a broker."""
        self._broker = (broker_host, broker_port)
        self.password = password
        self.frozen = False
        self.logins = 0
        self._wrong: set[str] = set()
        self._servers: list[asyncio.Server] = []
        self._pipes: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self, host: str, port: int, context: ssl.SSLContext | None = None) -> int:
        """Listen on a port (0: a free one), with TLS if a context is given; return the port."""
        server = await asyncio.start_server(partial(self._enter, context), host, port)
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Close the ports and drop everybody."""
        for server in self._servers:
            server.close()
        self.drop_all()
        for pipe in list(self._pipes):
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)
        self._servers.clear()

    def drop_all(self) -> None:
        """Cut every connection."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _enter(
        self,
        context: ssl.SSLContext | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._pipes.add(task)
        self._writers.add(writer)
        try:
            if context is not None:
                # Here rather than by the server, so that a client that does not trust the
                # certificate is no error in this loop.
                await writer.start_tls(context)
            await self._serve(reader, writer)
        except OSError, asyncio.IncompleteReadError, asyncio.CancelledError:
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()
            if task is not None:
                self._pipes.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connect = await _read_packet(reader)
        self.logins += 1
        password = _password_of(connect)
        if not self._admits(password):
            writer.write(_CONNACK_BAD_LOGIN)
            await writer.drain()
            return
        broker_reader, broker_writer = await asyncio.open_connection(*self._broker)
        self._writers.add(broker_writer)
        try:
            broker_writer.write(_without_login(connect))
            async with asyncio.TaskGroup() as pipes:
                pipes.create_task(self._pipe(reader, broker_writer))
                pipes.create_task(self._pipe(broker_reader, writer))
        except* OSError, _EndOfStreamError:
            pass
        finally:
            self._writers.discard(broker_writer)
            broker_writer.transport.abort()

    def _admits(self, password: str | None) -> bool:
        if self.password is None:
            return True
        if len(self._wrong) >= LOGIN_TRIES:
            return False
        if password == self.password:
            return True
        if password is not None:
            # The same wrong password again does not count.
            self._wrong.add(password)
        return False

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if not self.frozen:
                writer.write(data)
                await writer.drain()
        raise _EndOfStreamError


class _EndOfStreamError(Exception):
    """One side has closed: so does the other."""


async def _read_packet(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(1)
    length = shift = 0
    while True:
        byte = await reader.readexactly(1)
        head += byte
        length |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            break
    return head + await reader.readexactly(length)


def _fields(connect: bytes) -> tuple[int, int, list[bytes]]:
    """Return the position of the flags, the end of the fixed part and the fields of the login."""
    start = 1
    while connect[start] & 0x80:
        start += 1
    start += 1
    flags = start + 2 + int.from_bytes(connect[start : start + 2]) + 1
    position = flags + 3
    fields = []
    while position < len(connect):
        size = int.from_bytes(connect[position : position + 2])
        fields.append(connect[position + 2 : position + 2 + size])
        position += 2 + size
    return flags, flags + 3, fields


def _password_of(connect: bytes) -> str | None:
    flags, _, fields = _fields(connect)
    return fields[-1].decode() if connect[flags] & 0x40 else None


def _without_login(connect: bytes) -> bytes:
    """Return the packet without user name and password, for the broker behind."""
    flags, payload, fields = _fields(connect)
    login = bool(connect[flags] & 0x80) + bool(connect[flags] & 0x40)
    kept = fields[: len(fields) - login]
    start = 1
    while connect[start] & 0x80:
        start += 1
    body = bytearray(connect[start + 1 : payload])
    body[flags - start - 1] &= 0x3F
    for field in kept:
        body += len(field).to_bytes(2) + field
    size = len(body)
    length = bytearray()
    while True:
        size, byte = divmod(size, 128)
        length.append(byte | (0x80 if size else 0))
        if not size:
            break
    return bytes((connect[0],)) + bytes(length) + bytes(body)
