"""What the simulated devices of a house share: ports, a broker, Home Assistant's environment."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from simulators.household import Shaving
from simulators.mosquitto import Mosquitto, free_port


@dataclass(slots=True)
class House:
    """The surroundings of the simulated devices.

    `broker` is the one that Home Assistant's MQTT integration uses; a device adds to
    `environment` what Home Assistant has to be started with, and keeps in `folder` what it
    has to know at the next start.
    """

    broker: Mosquitto
    ports: Ports
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    behind_the_meter: list[Callable[[], float]] = field(default_factory=list)
    """What other systems than the SENEC take from the grid now (W, + = import): the meter sees it."""
    shaving: Shaving = field(default_factory=Shaving)
    """What the battery of the home's SENEC is told by its cloud."""
    meter: str = "noe"
    """Whose smart meter it is (`evn_meters`)."""
    wire: str = "mqtt"
    """How its telegrams come: mqtt, serial or tcp."""

    def port(self, name: str, preferred: int) -> int:
        """Return the TCP port for the server called `name`, the same at every start."""
        return self.ports.get(name, preferred)


class Ports:
    """Ports by name, remembered in a file: a config entry still finds its device at the next start."""

    def __init__(self, file: Path | None) -> None:
        """Take the file; None: nothing is remembered, and no preferred port is taken."""
        self._file = file
        self._ports: dict[str, int] = {}
        if file is not None and file.exists():
            self._ports = json.loads(file.read_text())

    def get(self, name: str, preferred: int) -> int:
        """Return the remembered port, else the preferred one if it is free, else a free one."""
        if name not in self._ports:
            taken = self._file is None or preferred in self._ports.values() or in_use(preferred)
            self._ports[name] = free_port() if taken else preferred
            if self._file is not None:
                self._file.write_text(json.dumps(self._ports, indent=2))
        return self._ports[name]


def in_use(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether something listens on a TCP port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


@asynccontextmanager
async def in_background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run a device's own loop beside everything else, until the context is left."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
