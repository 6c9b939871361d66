"""A serial port, or its address in the network, that bytes of a meter come from.

`serialx` is what Home Assistant itself uses: a device path, `socket://`, `rfc2217://`, and the
serial proxy of an ESPHome device. It is loaded with the first port, not with Home Assistant.
"""

import asyncio
import errno
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..common.backoff import Backoff
from ..const import LOGGER

FIRST_RETRY: Final = 1.0
LONGEST_RETRY: Final = 60.0
OPENING: Final = 20.0
CHUNK: Final = 1024
_IN_USE: Final = b"in use"


class LineSpeed:
    """The speed of one kind of meter line."""

    __slots__ = ("baudrate", "name", "parity")

    def __init__(self, name: str, baudrate: int, parity: str) -> None:
        """`parity`: E or N."""
        self.name, self.baudrate, self.parity = name, baudrate, parity

    @property
    def spelled(self) -> str:
        """Return it as people write it: 2400 8E1."""
        return f"{self.baudrate} 8{self.parity}1"


LINES: Final = (
    LineSpeed("mbus", 2400, "E"),
    LineSpeed("infrared", 9600, "N"),
    LineSpeed("p1", 115200, "N"),
    LineSpeed("mbus_8n1", 2400, "N"),
    LineSpeed("amis", 9600, "E"),
)
"""In the order in which they are tried: Netz NÖ is read with 8E1 and with 8N1."""

NETWORK: Final = LineSpeed("network", 115200, "N")
"""A raw socket: the server has set its port, and nothing said here changes it."""

_BY_NAME: Final = {line.name: line for line in (*LINES, NETWORK)}


def lines_of(port: str) -> tuple[LineSpeed, ...]:
    """Return what has to be tried to read from a port."""
    return (NETWORK,) if port.startswith(("socket://", "tcp://")) else LINES


def line_named(name: str) -> LineSpeed:
    """Return the line that an entry keeps by its name."""
    return _BY_NAME.get(name, LINES[0])


class PortReason(StrEnum):
    """Why a port cannot be read; the values are keys of errors in form and log."""

    MISSING = "port_missing"
    BUSY = "port_busy"
    FORBIDDEN = "port_forbidden"
    UNREACHABLE = "port_unreachable"


class PortError(Exception):
    """A port that could not be opened, or was lost."""

    def __init__(self, reason: PortReason, detail: str) -> None:
        """Keep the reason; the detail is for the log."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


def _explain(error: BaseException) -> PortError:
    code = getattr(error, "errno", None)
    text = str(error) or type(error).__name__
    if code == errno.EBUSY or "lock" in text:
        return PortError(PortReason.BUSY, text)
    if code in {errno.EACCES, errno.EPERM}:
        return PortError(PortReason.FORBIDDEN, text)
    if code in {errno.ENOENT, errno.ENODEV, errno.ENXIO}:
        return PortError(PortReason.MISSING, text)
    return PortError(PortReason.UNREACHABLE, text)


class Port:
    """One opened port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the two ends that serialx made."""
        self._reader = reader
        self._writer = writer
        self._last = b""

    @classmethod
    async def open(cls, url: str, line: LineSpeed) -> Port:
        """Open a port at the speed of a line; raises PortError."""
        from serialx import (  # noqa: PLC0415  only who reads a port needs it
            Parity,
            SerialException,
            StopBits,
            open_serial_connection,
        )

        parities = [Parity.EVEN, Parity.NONE] if line.parity == "E" else [Parity.NONE]
        for parity in parities:
            try:
                async with asyncio.timeout(OPENING):
                    reader, writer = await open_serial_connection(
                        url=url, baudrate=line.baudrate, parity=parity, stopbits=StopBits.ONE
                    )
                return cls(reader, writer)
            except OSError as error:
                # A pseudo-terminal has no parity, and Linux says so.
                if error.errno != errno.EINVAL or parity is parities[-1]:
                    raise _explain(error) from error
            except (SerialException, TimeoutError, HomeAssistantError, ValueError) as error:
                raise _explain(error) from error
        raise AssertionError("one parity was the last")  # pragma: no cover

    async def read(self) -> bytes:
        """Return the bytes that came; raises PortError when there will be no more."""
        try:
            data = await self._reader.read(CHUNK)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # Drivers and servers fail in their own ways; the port is lost in each of them.
            raise _explain(error) from error
        if not data:
            # ser2net says so before it closes: it lets one in at a time.
            busy = _IN_USE in self._last
            raise PortError(
                PortReason.BUSY if busy else PortReason.UNREACHABLE,
                "the other end has closed the connection",
            )
        self._last = data
        return data

    async def write(self, data: bytes) -> None:
        """Send what the meter waits for; a port that is lost is noticed where it is read."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except Exception as error:  # noqa: BLE001  as in read
            LOGGER.debug("A serial port does not take bytes: %s", error)

    async def close(self) -> None:
        """Close the port, and wait until it is free for the next."""
        self._writer.close()
        try:
            async with asyncio.timeout(5):
                await self._writer.wait_closed()
        except Exception as error:  # noqa: BLE001  it is gone in any case
            LOGGER.debug("A serial port closed with: %s", error)


class SerialLink:
    """Keeps a port open, and opens it again whenever it is lost."""

    def __init__(
        self,
        hass: HomeAssistant,
        url: str,
        line: LineSpeed,
        receive: Callable[[bytes], bytes],
        lost: Callable[[PortError | None], None],
    ) -> None:
        """`receive` gets bytes and returns the answer to them; `lost` gets why the port is gone, and None when it is back."""
        self._hass = hass
        self._url = url
        self._line = line
        self._receive = receive
        self._lost = lost
        self._task: asyncio.Task[None] | None = None
        self.connected = False

    async def async_start(self) -> None:
        """Open the port and go on reading it; raises PortError if it does not open."""
        port = await Port.open(self._url, self._line)
        self.connected = True
        self._task = self._hass.async_create_background_task(
            self._run(port), "hausstrom serial port", eager_start=False
        )

    async def async_stop(self) -> None:
        """Close the port; nothing is received afterwards."""
        if (task := self._task) is not None:
            self._task = None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self, port: Port) -> None:
        backoff = Backoff(first=FIRST_RETRY, limit=LONGEST_RETRY)
        while True:
            began = self._hass.loop.time()
            try:
                while True:
                    if answer := self._hand_on(await port.read()):
                        await port.write(answer)
            except PortError as error:
                self._set_connected(error)
            finally:
                await port.close()
            if self._hass.loop.time() - began > LONGEST_RETRY:
                # Only what lasted counts: some servers let in and throw out.
                backoff.succeeded()
            while True:
                await asyncio.sleep(backoff.failed())
                try:
                    port = await Port.open(self._url, self._line)
                except PortError as error:
                    self._set_connected(error)
                else:
                    break
            self._set_connected(None)

    @callback
    def _hand_on(self, data: bytes) -> bytes:
        try:
            return self._receive(data)
        except Exception:  # noqa: BLE001  one telegram must not end the reading of all
            LOGGER.exception("Unexpected error handling bytes of a serial port")
            return b""

    @callback
    def _set_connected(self, error: PortError | None) -> None:
        self.connected = error is None
        self._lost(error)
