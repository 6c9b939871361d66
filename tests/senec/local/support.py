"""What the tests of the local SENEC share."""

import asyncio
import json
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, Self

import pytest
from freezegun.api import real_monotonic

from custom_components.hausstrom.senec.local.protocol.catalogue import SECTIONS
from custom_components.hausstrom.senec.local.protocol.codec import Answer, Decoder
from simulators.senec_local import Faults, Model, SenecDevice, SenecSimulator
from simulators.senec_local_tls import server_context

NOON = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)


def shared(folder: str) -> Path:
    """Return a folder of the shared reference data; skips the test where there is none."""
    for parent in Path(__file__).resolve().parents:
        found = parent / "shared" / folder
        if found.is_dir():
            return found
    pytest.skip(f"no shared/{folder} here")


def device(
    model: Model = Model.V3, application: str = "0826", when: datetime = NOON
) -> SenecDevice:
    """Return a device whose clock stands still."""
    return SenecDevice(model, application=application, clock=lambda: when)


def everything(of: SenecDevice) -> Answer:
    """Return the decoded answer to a request for everything."""
    return decoded(of.answer({section: {} for section in SECTIONS}, Faults()))


def decoded(raw: dict[str, object]) -> Answer:
    """Return a simulated answer as the codec understands it."""
    return Decoder().decode(json.dumps(raw).encode())


# The first certificate is made while time is real: cryptography remembers what a datetime is.
with TemporaryDirectory() as _folder:
    server_context(Path(_folder))


class Server(Protocol):
    """Something that is switched on and off."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class InThread[S: Server]:
    """A simulator in a thread of its own: its trouble is not the test's event loop's.

    Usage: `with InThread(simulator) as running: …`; `call` runs a coroutine of the simulator.
    """

    def __init__(self, simulator: S) -> None:
        self.simulator = simulator
        self._loop = asyncio.new_event_loop()
        # Time stands still in tests, but not for a device.
        self._loop.time = real_monotonic  # type: ignore[method-assign]  # of this loop alone
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def call[T](self, coroutine: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.call(self.simulator.start())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.call(self.simulator.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class Running(InThread[SenecSimulator]):
    """The simulated SENEC in a thread of its own."""
