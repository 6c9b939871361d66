"""A GX on this machine: the publishing part of Venus OS (dbus-flashmq) before a real MQTT broker."""

import asyncio
import contextlib
import json
import shutil
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import aiomqtt

from simulators.home_assistant_client import FlowSteps
from simulators.house import House
from simulators.mosquitto import Mosquitto
from simulators.victron_door import GxDoor
from simulators.victron_home import Day
from simulators.victron_home_values import LIMITS, Address, Json, home_values
from simulators.victron_past import gx_at
from simulators.zone import at_home

PORTAL_ID: Final = "c0619ab1f00d"
ALIVE_TIME: Final = 60.0
HEARTBEAT_INTERVAL: Final = 3.0
FULL_PUBLISHES_PER_SECOND: Final = 3
_READ_ONLY: Final = ("system/0/Serial",)


class GxPlugin:
    """Publishes a GX's values on a broker, by the rules of dbus-flashmq.

    Changes are published for 60 s after a keepalive; a keepalive without suppress-republish has
    everything published once; the heartbeat beats meanwhile; only the serial is retained. Values
    can be written, and answer on their N topic when they change.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        portal_id: str = PORTAL_ID,
        prefix: str = "",
        heartbeat_interval: float = HEARTBEAT_INTERVAL,
    ) -> None:
        """Publish on the broker at host and port, below `prefix` as a bridge would."""
        self._where = (host, port)
        self.portal_id = portal_id
        self._base = f"{prefix}/" if prefix else ""
        self._heartbeat_interval = heartbeat_interval
        self.values: dict[Address, Json] = home_values(portal_id)
        self.keepalives: list[bytes] = []
        self.writes: list[tuple[str, bytes]] = []
        self.deaf = False
        """Plays a GX that is told nothing any more: keepalives and writes are lost."""
        self.stubborn: set[str] = set()
        """Paths that do not take what is written to them."""
        self._alive_until = 0.0
        self._tokens = float(FULL_PUBLISHES_PER_SECOND)
        self._tokens_at = 0.0
        self._client: aiomqtt.Client | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect, and go on when the serial is published."""
        ready = asyncio.Event()
        self._tasks = [
            asyncio.create_task(self._run(ready)),
            asyncio.create_task(self._beat()),
        ]
        async with asyncio.timeout(10):
            await ready.wait()

    async def stop(self) -> None:
        """Go away without a word."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self._client = None

    @property
    def alive(self) -> bool:
        """Whether somebody keeps us publishing."""
        return time.monotonic() < self._alive_until

    async def change(self, values: dict[Address, Json]) -> None:
        """Set values; publish those that changed."""
        for address, value in values.items():
            if address in self.values and self.values[address] != value:
                self.values[address] = value
                if self.alive:
                    await self._publish(address)

    async def remove(self, service: str, instance: str) -> dict[Address, Json]:
        """Have a service leave the bus: an empty payload on each of its topics; return it."""
        gone = {key: value for key, value in self.values.items() if key[:2] == (service, instance)}
        for address in gone:
            del self.values[address]
            if self.alive:
                await self._send(self._topic(address), b"")
        return gone

    async def add(self, values: dict[Address, Json]) -> None:
        """Have a service join the bus."""
        self.values |= values
        if self.alive:
            for address in values:
                await self._publish(address)

    async def replay(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Publish recorded messages as they are; the portal id is put in place of theirs."""
        for topic, payload in messages:
            _, _, rest = topic.split("/", 2)
            await self._send(f"{self._base}N/{self.portal_id}/{rest}", payload)

    # --- the broker's side ----------------------------------------------------------------

    async def _run(self, ready: asyncio.Event) -> None:
        while True:
            try:
                async with aiomqtt.Client(*self._where) as client:
                    self._client = client
                    await client.subscribe(f"{self._base}R/{self.portal_id}/#")
                    await client.subscribe(f"{self._base}W/{self.portal_id}/#")
                    serial = self._topic(("system", "0", "Serial"))
                    await client.publish(serial, _payload(self.portal_id), retain=True)
                    await client.publish(f"{self._base}N/{self.portal_id}/keepalive", b"1")
                    ready.set()
                    async for message in client.messages:
                        if not self.deaf:
                            await self._hear(message.topic.value, bytes(message.payload))
            except aiomqtt.MqttError:
                self._client = None
                await asyncio.sleep(0.2)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_interval)
            if self.alive:
                topic = f"{self._base}N/{self.portal_id}/heartbeat"
                await self._send(topic, _payload(int(time.time())))

    async def _hear(self, topic: str, payload: bytes) -> None:
        verb, _, rest = topic.removeprefix(self._base).split("/", 2)
        if verb == "R" and rest == "keepalive":
            await self._keepalive(payload)
        elif verb == "R":
            await self._read(rest)
        elif verb == "W":
            self.writes.append((rest, payload))
            await self._write(rest, payload)

    async def _keepalive(self, payload: bytes) -> None:
        self.keepalives.append(payload)
        self._alive_until = time.monotonic() + ALIVE_TIME
        options = json.loads(payload or b"{}").get("keepalive-options", [])
        if "suppress-republish" in options or not self._may_publish_all():
            return
        echo = {
            key: value
            for option in options
            if isinstance(option, dict)
            for key, value in option.items()
        }
        for address in list(self.values):
            await self._publish(address)
        await self._send(
            f"{self._base}N/{self.portal_id}/full_publish_completed",
            json.dumps({**echo, "value": int(time.time())}).encode(),
        )

    def _may_publish_all(self) -> bool:
        now = time.monotonic()
        gained = (now - self._tokens_at) * FULL_PUBLISHES_PER_SECOND
        self._tokens = min(float(FULL_PUBLISHES_PER_SECOND), self._tokens + gained)
        self._tokens_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def _read(self, rest: str) -> None:
        for address in list(self.values):
            name = "/".join(address)
            if name == rest or name.startswith(f"{rest}/"):
                await self._publish(address)

    @property
    def power_of_grid(self) -> float:
        """What the home takes from the grid (W, + = import)."""
        power = self.values["grid", "30", "Ac/Power"]
        return float(power) if isinstance(power, int | float) else 0.0

    async def _write(self, rest: str, payload: bytes) -> None:
        service, instance, path = rest.split("/", 2)
        address = (service, instance, path)
        if rest in _READ_ONLY or address not in self.values or path in self.stubborn:
            return
        with contextlib.suppress(ValueError, KeyError, TypeError):
            value = json.loads(payload)["value"]
            if isinstance(value, str) is not isinstance(self.values[address], str):
                return
            low, high = LIMITS.get(path, (float("-inf"), float("inf")))
            if isinstance(value, (int, float)) and not low <= value <= high:
                return
            await self.change({address: value})

    async def _publish(self, address: Address) -> None:
        await self._send(
            self._topic(address), _payload(self.values[address], LIMITS.get(address[2]))
        )

    async def _send(self, topic: str, payload: bytes) -> None:
        if self._client is not None:
            with contextlib.suppress(aiomqtt.MqttError):
                await self._client.publish(topic, payload)

    def _topic(self, address: Address) -> str:
        return f"{self._base}N/{self.portal_id}/{'/'.join(address)}"


def _payload(value: Json, limits: tuple[float, float] | None = None) -> bytes:
    message: dict[str, Json] = {"value": value}
    if limits is not None:
        message = {"max": limits[1], "min": limits[0], "value": value}
    return json.dumps(message, separators=(",", ":")).encode()


@dataclass(slots=True)
class Recorded:
    """One message of a recording, and when it came (s)."""

    at: float
    topic: str
    payload: bytes


def read_recording(*files: Path) -> list[Recorded]:
    """Return the messages of recordings (JSON lines), one file after the other."""
    return [
        Recorded(row.get("t", 0.0), row["topic"], row["payload"].encode())
        for file in files
        for row in map(json.loads, file.read_text().splitlines())
        if row.get("dir", "rx") == "rx"
    ]


class SimulatedGx:
    """A whole GX: broker, front door and values. An async context manager.

    `password` is asked for on both ports; `plain_port` is closed when `secured`.
    """

    def __init__(
        self,
        *,
        plain_port: int = 0,
        tls_port: int = 0,
        password: str | None = None,
        secured: bool = False,
        heartbeat_interval: float = HEARTBEAT_INTERVAL,
        folder: Path | None = None,
    ) -> None:
        """Take the settings; ports that are 0 are free ones, the certificate is kept in `folder`."""
        self.host = "127.0.0.1"
        self.plain_port = plain_port
        self.tls_port = tls_port
        self._secured = secured
        self._broker = Mosquitto()
        self._certificates = Mosquitto(tls=True)
        if folder is not None:
            _keep(self._certificates.certificate, folder)
        self.door = GxDoor(self._broker.host, self._broker.port, password=password)
        self.plugin = GxPlugin(
            self._broker.host, self._broker.port, heartbeat_interval=heartbeat_interval
        )
        self._day: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Switch on."""
        await self._broker.start()
        await self.plugin.start()
        await self._open()
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Switch off."""
        if self._day is not None:
            self._day.cancel()
            await asyncio.gather(self._day, return_exceptions=True)
        await self.door.close()
        await self.plugin.stop()
        await self._broker.__aexit__(None, None, None)
        await self._certificates.__aexit__(None, None, None)

    async def switch_off(self) -> None:
        """Go off the network, as a GX that reboots does."""
        await self.door.close()
        await self.plugin.stop()

    async def switch_on(self) -> None:
        """Come back, on the same ports."""
        await self.plugin.start()
        await self._open()

    def renew_certificate(self) -> None:
        """Show another certificate from the next switch_on() on."""
        self._certificates.renew_certificate()

    async def live(
        self, *, speed: float = 1.0, start: float | None = None, soc: float = 60.0
    ) -> None:
        """Let the day pass in the background, `speed` times as fast.

        It begins at a time of day (s), with the battery at a state of charge (%).
        """
        self._day = asyncio.create_task(self._pass_day(speed, start, soc))

    async def _pass_day(self, speed: float, start: float | None, soc: float) -> None:
        day = Day(soc=soc)
        clock = seconds_of_day(at_home(datetime.now(UTC))) if start is None else start
        while True:
            await self.plugin.change(day.step(clock % 86_400, speed))
            await asyncio.sleep(1)
            clock += speed

    async def _open(self) -> None:
        if not self._secured:
            self.plain_port = await self.door.open(self.host, self.plain_port)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate = self._certificates.certificate
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        self.tls_port = await self.door.open(self.host, self.tls_port, context)


def _keep(certificate: Path, folder: Path) -> None:
    """Put a certificate and its key into a folder, or replace them by those that are there."""
    folder.mkdir(exist_ok=True)
    for made in (certificate, certificate.with_name("key.pem")):
        kept = folder / made.name
        shutil.copyfile(*((kept, made) if kept.exists() else (made, kept)))


def seconds_of_day(now: datetime) -> float:
    """Return the time of day (s)."""
    return now.hour * 3600.0 + now.minute * 60 + now.second


@contextlib.asynccontextmanager
async def run_gx(house: House) -> AsyncIterator[FlowSteps]:
    """Run a GX with TLS and a password, with the day going on from now."""
    password = "victron-simulated"
    gx = SimulatedGx(
        plain_port=house.port("victron_mqtt", 11_883),
        tls_port=house.port("victron_mqtts", 18_883),
        password=password,
        # Home Assistant remembers the certificate, and would not trust another one at the next start.
        folder=house.folder / "victron",
    )
    async with gx:
        now = datetime.now(UTC)
        await gx.live(start=seconds_of_day(at_home(now)), soc=gx_at(now)["soc"])
        house.behind_the_meter.append(lambda: gx.plugin.power_of_grid)
        yield {
            "victron": {"source": "gx"},
            "victron_gx": {
                "host": gx.host,
                "port": gx.tls_port,
                "tls": True,
                "password": password,
            },
        }
