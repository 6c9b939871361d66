"""Start Home Assistant with the integration and a simulated device of every kind."""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import ClientError

from simulators.devices import DEVICES, HOMES, METER, SimulatedDevice
from simulators.evn_device import USUAL, WIRES
from simulators.evn_meters import BY_NAME
from simulators.history import write_history
from simulators.history_series import series_of
from simulators.home_assistant import HomeAssistant
from simulators.home_assistant_client import (
    PASSWORD,
    USERNAME,
    EntityValue,
    Entry,
    FlowSteps,
    HomeAssistantClient,
    HomeAssistantError,
)
from simulators.house import House, Ports, in_use
from simulators.mosquitto import Mosquitto, MosquittoError

DOMAIN: Final = "hausstrom"
FORECAST: Final = "simulated_sun"
PEAKS: Final = {"victron": "9600"}
"""W at noon of the roof that the forecast is for, where it is not the SENEC's."""
STATE: Final = Path(__file__).resolve().parent.parent / ".config"
PORT: Final = 8123
POLL_INTERVAL: Final = 1.0


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="scripts/develop", description=__doc__)
    parser.add_argument("--port", type=int, help=f"of the web page (default {PORT})")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (0.0.0.0: all)")
    parser.add_argument("--language", default="en", help="of entity names (en, de, it, ro)")
    parser.add_argument("--no-simulators", action="store_true", help="for people with the devices")
    parser.add_argument(
        "--home",
        choices=HOMES,
        default="",
        help="which home: home (smart meter, SENEC, Victron and SmartLog in one house; the default), "
        "family (meter and SENEC, locally and in the cloud), victron, building, meter, "
        "or all: that house and further SENECs beside it (the default with --once)",
    )
    parser.add_argument(
        "--meter",
        choices=list(BY_NAME),
        help=f"whose smart meter it is (default {USUAL[0]}; alone, unless you say --home too)",
    )
    parser.add_argument("--wire", choices=WIRES, help=f"of the smart meter (default {USUAL[1]})")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier starts kept")
    parser.add_argument(
        "--once",
        action="store_true",
        help="start in a temporary folder, wait for every value, print them, stop; "
        "exit 1 if an entry failed or an enabled entity has no value",
    )
    parser.add_argument("--timeout", type=float, default=120, help="seconds to wait for values")
    return parser.parse_args(arguments)


@dataclass(frozen=True, slots=True)
class Running:
    """A home that runs; `complete`: whether every device could be added."""

    hass: HomeAssistant
    broker: Mosquitto | None
    complete: bool


class Development:
    """One run of scripts/develop."""

    def __init__(self, options: argparse.Namespace, state: Path) -> None:
        """Take the command line, and the folder that keeps Home Assistant's state."""
        self._options = options
        self._state = state
        self._meter = (options.meter or USUAL[0], options.wire or USUAL[1])
        alone = "meter" if options.meter or options.wire else ""
        self._home: str = options.home or alone or ("all" if options.once else "home")
        self._ports = Ports(None if options.once else state / "ports.json")
        self._added_file = state / "entries.json"

    async def run(self) -> bool:
        """Run until stopped, or with --once until every value is there; tell success."""
        async with self.running() as home:
            return await while_alive(
                self._show(home.hass.client, complete=home.complete),
                children_of(home.hass, home.broker),
            )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        """Run the devices and Home Assistant, with everything added and a history."""
        options = self._options
        async with AsyncExitStack() as stack:
            devices: list[tuple[SimulatedDevice, FlowSteps]] = []
            environment: dict[str, str] = {}
            if self._home in PEAKS:
                environment["SIMULATED_SUN_PEAK"] = PEAKS[self._home]
            broker = None
            if not options.no_simulators:
                broker = await stack.enter_async_context(
                    Mosquitto(port=self._ports.get("mqtt", 1883), log=self._state / "mosquitto.log")
                )
                meter, wire = self._meter
                house = House(broker, self._ports, self._state, environment, meter=meter, wire=wire)
                devices = [
                    (device, await stack.enter_async_context(device.run(house)))
                    for device in DEVICES
                    if device.name in HOMES[self._home]
                ]
            say(f"Starting Home Assistant in {self._state} …")
            hass = await stack.enter_async_context(
                HomeAssistant(
                    self._state,
                    port=self._web_port(),
                    host=options.host,
                    language=options.language,
                    environment=environment,
                )
            )
            say(f"{hass.url}  (no login from this machine; elsewhere {USERNAME} / {PASSWORD})")
            complete = await while_alive(
                self._add_all(hass.client, broker, devices), children_of(hass, broker)
            )
            if not options.once and not options.no_simulators:
                await add_forecast(hass.client)
                await self._give_history(hass)
            yield Running(hass, broker, complete)

    async def _add_all(
        self,
        client: HomeAssistantClient,
        broker: Mosquitto | None,
        devices: Sequence[tuple[SimulatedDevice, FlowSteps]],
    ) -> bool:
        """Add what is missing; tell success."""
        if broker is not None:
            await use_broker(client, broker)
        return await self._add(client, devices)

    async def _show(self, client: HomeAssistantClient, *, complete: bool) -> bool:
        """Print the values, and stay unless told --once."""
        complete &= await self._show_values(client)
        if not self._options.once:
            say(f"Log: {self._state / 'home-assistant.log'}. Ctrl-C stops everything.")
            await asyncio.Event().wait()
        return complete

    async def _give_history(self, hass: HomeAssistant) -> None:
        """Write a week of statistics into a home that has none yet."""
        done = self._state / "history"
        if done.exists():
            return
        say("Giving the home a week of history …")
        await self._wait_for_values(hass.client)
        series = await series_of(hass.client)
        await hass.stop()
        rows = await asyncio.to_thread(
            write_history, self._state / "home-assistant_v2.db", series, datetime.now(UTC)
        )
        done.write_text(f"{rows} rows")
        await hass.start()

    def _web_port(self) -> int:
        """Return the port of the web page, checked: Home Assistant would quietly take another."""
        port: int = self._options.port or (
            self._ports.get("web", PORT) if self._options.once else PORT
        )
        if in_use(port, self._options.host):
            message = f"Port {port} is in use. Another instance? Say --port for another one."
            raise HomeAssistantError(message)
        return port

    async def _add(
        self, client: HomeAssistantClient, devices: Sequence[tuple[SimulatedDevice, FlowSteps]]
    ) -> bool:
        """Add the devices that are not there yet, through the config flow; tell success."""
        added: dict[str, str] = {}
        if self._added_file.exists():
            added = json.loads(self._added_file.read_text())
        there = {entry.entry_id for entry in await client.entries(DOMAIN)}
        complete = True
        for device, steps in devices:
            # Another meter is another entry; the usual one keeps its name.
            meter = device.name == METER and self._meter != USUAL
            name = f"{device.name} ({', '.join(self._meter)})" if meter else device.name
            if added.get(name) in there:
                continue
            say(f"Adding {name} …")
            try:
                entry_id = await client.add_entry(DOMAIN, steps)
            except HomeAssistantError as error:
                complain(f"{name}: {error}")
                complete = False
                continue
            if entry_id is not None:
                added[name] = entry_id
                self._added_file.write_text(json.dumps(added, indent=2))
        return complete

    async def _wait_for_values(
        self, client: HomeAssistantClient
    ) -> tuple[list[Entry], list[EntityValue], list[str]]:
        """Return entries, values and faults, as soon as there is no fault or patience ends."""
        deadline = time.monotonic() + self._options.timeout
        while True:
            entries = await client.entries(DOMAIN)
            values = await client.values(entries)
            faults = faults_of(entries, values)
            if not faults or time.monotonic() > deadline:
                return entries, values, faults
            await asyncio.sleep(POLL_INTERVAL)

    async def _show_values(self, client: HomeAssistantClient) -> bool:
        """Wait for a value of every enabled entity, print them, and tell whether all came."""
        entries, values, faults = await self._wait_for_values(client)
        if values:
            say(table(values))
        for fault in faults:
            complain(fault)
        if entries:
            say(f"Entries: {len(entries)}, values: {len(values)}, faults: {len(faults)}")
        return not faults


def faults_of(entries: Sequence[Entry], values: Sequence[EntityValue]) -> list[str]:
    """Return what is wrong: entries that are not loaded or show nothing, entities without a value."""
    faults = []
    for entry in entries:
        own = [value for value in values if value.entry_id == entry.entry_id]
        if entry.state != "loaded":
            faults.append(f"{entry.title}: {entry.state}: {entry.reason or 'no reason given'}")
        elif not own:
            faults.append(f"{entry.title}: has no entities")
        else:
            faults += [f"{value.entity_id} has no value" for value in own if value.value is None]
    return faults


def table(values: Sequence[EntityValue]) -> str:
    """Return the values as text in columns."""
    rows = [("Device", "Entity", "Value", "Unit")]
    rows += [
        (
            value.device,
            value.name.removeprefix(value.device).strip() or value.name,
            value.value if value.value is not None else "-",
            value.unit,
        )
        for value in values
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


async def add_forecast(client: HomeAssistantClient) -> None:
    """Have a forecast for the roof of the home, unless there is one."""
    if not await client.entries(FORECAST):
        await client.add_entry(FORECAST, {})


async def use_broker(client: HomeAssistantClient, broker: Mosquitto) -> None:
    """Point Home Assistant's MQTT integration at the broker, unless it has one."""
    if not await client.entries("mqtt"):
        await client.add_entry(
            "mqtt",
            {
                "broker": {
                    "broker": broker.host,
                    "port": broker.port,
                    "protocol": "5",
                    "other_settings": {
                        "set_client_cert": False,
                        "set_ca_cert": "off",
                        "transport": "tcp",
                    },
                }
            },
        )


def children_of(hass: HomeAssistant, broker: Mosquitto | None) -> list[Coroutine[None, None, None]]:
    """Return what watches over the processes that have to run."""
    return [
        watch("Home Assistant", hass),
        *([watch("mosquitto", broker)] if broker is not None else []),
    ]


async def watch(name: str, child: HomeAssistant | Mosquitto) -> None:
    """Raise when a process that has to run ends."""
    code = await child.wait()
    message = f"{name} ended with exit code {code}:\n{child.last_lines()}"
    raise HomeAssistantError(message)


async def while_alive[T](
    work: Coroutine[None, None, T], watchers: Sequence[Coroutine[None, None, None]]
) -> T:
    """Return what `work` returns, unless a watcher raises before."""
    task = asyncio.create_task(work)
    watching = [asyncio.create_task(watcher) for watcher in watchers]
    try:
        await asyncio.wait({task, *watching}, return_when=asyncio.FIRST_COMPLETED)
        if task.done() and isinstance(task.exception(), ClientError):
            # Most likely because the process at the other end has just died.
            await asyncio.wait(watching, timeout=2, return_when=asyncio.FIRST_COMPLETED)
        for watcher in watching:
            if watcher.done():
                await watcher
        return await task
    finally:
        for running in (task, *watching):
            running.cancel()
        await asyncio.gather(task, *watching, return_exceptions=True)


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print to the error stream."""
    print(text, file=sys.stderr, flush=True)


@asynccontextmanager
async def state_folder(options: argparse.Namespace) -> AsyncIterator[Path]:
    """Yield the folder for Home Assistant's state: a temporary one for --once."""
    if options.once:
        with tempfile.TemporaryDirectory(
            prefix="hausstrom-", ignore_cleanup_errors=True
        ) as temporary:
            yield Path(temporary)
        return
    # Entries of simulated devices would only fail beside real ones.
    folder = STATE / ("hardware" if options.no_simulators else options.home or "family")
    if options.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


async def develop(options: argparse.Namespace) -> int:
    """Run until done or stopped by a signal; return the exit code."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(run(options))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Only the first one: a second Ctrl-C shall not interrupt the stopping.
        loop.add_signal_handler(number, lambda: task.cancelling() or task.cancel())
    try:
        return 0 if await task else 1
    except asyncio.CancelledError:
        say("Stopped.")
        return 130 if options.once else 0
    except (HomeAssistantError, MosquittoError) as error:
        complain(str(error))
        return 1


async def run(options: argparse.Namespace) -> bool:
    """Run in the right folder; tell success."""
    async with state_folder(options) as state:
        return await Development(options, state).run()


def main() -> None:
    """Be scripts/develop."""
    sys.exit(asyncio.run(develop(parse_arguments())))


if __name__ == "__main__":
    main()
