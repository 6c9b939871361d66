"""Hausstrom for some minutes with everything simulated, while things go wrong at random.

A real Home Assistant, a broker, a smart meter, a SENEC, a GX and a SmartLog. Every few seconds
something fails: a wire, a device, the broker, an entry is reloaded, Home Assistant is killed.
Meanwhile every counter is watched: it must not fall, nor rise by more than its device can move,
and the meter must never show a register that it did not have. Ends with a table; exit code 1 if
a value was wrong.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp

from simulators.develop import use_broker
from simulators.evn import TOPIC, EvnMeterSimulator, Fault
from simulators.home_assistant import HomeAssistant
from simulators.home_assistant_client import EntityValue, FlowSteps, HomeAssistantError
from simulators.house import House, Ports, in_background
from simulators.household import GridOfTheHome
from simulators.mosquitto import Mosquitto, free_port
from simulators.senec_local import Model, SenecDevice, SenecSimulator
from simulators.smartlog import smartlog_by_mqtt
from simulators.victron_gx import SimulatedGx

DOMAIN: Final = "hausstrom"
LOOK: Final = 2.0
PULSE: Final = 0.2
LONGEST_DELAY: Final = 300.0
"""Seconds for which the meter may be shown as it was: silence, restart, a calm pace."""
SETTLE: Final = 45.0
MOST_POWER_KW: Final = 100.0
GX_PASSWORD: Final = "victron-simulated"
# What a total may fall by without being wrong: it is shown rounded by nobody, but a float.
NOISE: Final = 1e-6
SCALES: Final = {"Wh": 0.001, "kWh": 1.0, "MWh": 1000.0}
WIRE_FAULTS: Final = (
    Fault.DROP_BYTES,
    Fault.FLIP_BITS,
    Fault.TRUNCATE,
    Fault.REPEAT,
    Fault.SILENT,
    Fault.SPLIT,
    Fault.JOINED,
    Fault.GARBAGE,
    Fault.GIBBERISH,
    Fault.RETAINED,
)

type Injection = Callable[[], Awaitable[None]]


@dataclass
class Findings:
    """What was seen: counts, and every value that was wrong."""

    looks: int = 0
    values: int = 0
    compared: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    longest_answer: float = 0.0
    worst_pause: float = 0.0
    last: dict[str, tuple[float, float]] = field(default_factory=dict)


class Soak:
    """One run."""

    def __init__(self, minutes: float, seed: int, folder: Path, stack: AsyncExitStack) -> None:
        """Run for some minutes; the same seed injects the same faults at the same times."""
        self._seconds = minutes * 60
        self._chance = Random(seed)
        self._folder = folder
        self._stack = stack
        self.found = Findings()
        self._truth: deque[float] = deque(maxlen=round(LONGEST_DELAY / LOOK))
        self._meter_entry: str | None = None

    async def run(self) -> None:
        """Start everything, add every device through its form, then let things fail."""
        enter = self._stack.enter_async_context
        self.broker = await enter(Mosquitto(log=self._folder / "mosquitto.log"))
        house = House(self.broker, Ports(None), self._folder)
        household = GridOfTheHome(datetime.now(UTC) - timedelta(seconds=60))
        self.meter = EvnMeterSimulator(self.broker.host, self.broker.port, household=household)
        self.household = household
        await enter(in_background(self.meter.run()))
        self.senec = SenecSimulator(SenecDevice(Model.V3), folder=self._folder)
        await enter(self._senec())
        self.gx = await enter(SimulatedGx(password=GX_PASSWORD, folder=self._folder / "gx"))
        await self.gx.live()
        smartlog = await enter(smartlog_by_mqtt(house))
        self.hass = await enter(
            HomeAssistant(self._folder / "config", port=free_port(), environment=house.environment)
        )
        await use_broker(self.hass.client, self.broker)
        devices: Sequence[FlowSteps] = (
            {"evn": {"source": "homeassistant", "topic": TOPIC, "key": self.meter.model.key.hex()}},
            {"senec_local": {"host": self.senec.host}},
            {
                "victron": {"source": "gx"},
                "victron_gx": {
                    "host": self.gx.host,
                    "port": self.gx.tls_port,
                    "tls": True,
                    "password": GX_PASSWORD,
                },
            },
            smartlog,
        )
        for steps in devices:
            entry_id = await self.hass.client.add_entry(DOMAIN, steps)
            if "evn" in steps:
                self._meter_entry = entry_id
        await asyncio.sleep(20)
        watching = asyncio.gather(self._watch(), self._feel_the_pulse())
        try:
            await self._disturb()
            await asyncio.sleep(SETTLE)  # everything is well again: values come back
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        await self._look()

    @asynccontextmanager
    async def _senec(self) -> AsyncIterator[None]:
        await self.senec.start()
        try:
            yield
        finally:
            await self.senec.stop()

    # --- what goes wrong ----------------------------------------------------------------

    async def _disturb(self) -> None:
        deadline = time.monotonic() + self._seconds
        killed = False
        while (left := deadline - time.monotonic()) > 0:
            await asyncio.sleep(min(left, self._chance.uniform(3, 12)))
            if not killed and left < self._seconds / 2:
                killed = True
                await self._count("Home Assistant killed (SIGKILL)", self._kill)
                continue
            name, inject = self._chance.choice(self._injections())
            await self._count(name, inject)

    def _injections(self) -> Sequence[tuple[str, Injection]]:
        return (
            ("wire of the meter", self._wire),
            ("wire of the meter", self._wire),
            ("SENEC answers 504", self._senec_504),
            ("SENEC answers nonsense", self._senec_nonsense),
            ("SENEC gone", self._senec_gone),
            ("GX switched off", self._gx_off),
            ("broker gone", self._broker_gone),
            ("entry reloaded", self._reload),
        )

    async def _count(self, name: str, inject: Injection) -> None:
        self.found.faults[name] += 1
        try:
            await inject()
        except (HomeAssistantError, aiohttp.ClientError) as error:
            say(f"{name}: {error}")

    async def _wire(self) -> None:
        self.meter.fault = self._chance.choice(WIRE_FAULTS)
        await asyncio.sleep(self._chance.uniform(5, 20))
        self.meter.fault = Fault.NONE

    async def _senec_504(self) -> None:
        self.senec.faults.status = 504
        await asyncio.sleep(self._chance.uniform(5, 40))
        self.senec.faults.status = None

    async def _senec_nonsense(self) -> None:
        self.senec.faults.garbage = self._chance.choice((b"", b"{", b"<html>", b"[1,2]", b"\xff"))
        await asyncio.sleep(self._chance.uniform(5, 20))
        self.senec.faults.garbage = None

    async def _senec_gone(self) -> None:
        port = self.senec.port
        await self.senec.stop()
        await asyncio.sleep(self._chance.uniform(2, 30))
        await self.senec.start(port)

    async def _gx_off(self) -> None:
        await self.gx.switch_off()
        await asyncio.sleep(self._chance.uniform(2, 15))
        await self.gx.switch_on()
        await self.gx.live()

    async def _broker_gone(self) -> None:
        await self.broker.stop()
        await asyncio.sleep(self._chance.uniform(1, 10))
        await self.broker.start()

    async def _reload(self) -> None:
        entries = await self.hass.client.entries(DOMAIN)
        entry = self._chance.choice(sorted(entries, key=lambda one: one.title))
        await self.hass.client.request(
            "POST", f"/api/config/config_entries/entry/{entry.entry_id}/reload"
        )

    async def _kill(self) -> None:
        os.kill(self.hass.pid, signal.SIGKILL)
        await self.hass.wait()
        # What was shown, but not yet recorded, is nowhere any more: no counter can know it.
        database = self._folder / "config" / "home-assistant_v2.db"
        now = time.monotonic()
        for entity_id, number in (await asyncio.to_thread(recorded, database)).items():
            if (before := self.found.last.get(entity_id)) is not None and number <= before[0]:
                self.found.last[entity_id] = (number, now)
        await self.hass.start()

    # --- what is seen ---------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            self._truth.append(self.household.state().energy_import / 1000)
            try:
                async with asyncio.timeout(60):
                    await self._look()
            except HomeAssistantError, aiohttp.ClientError, OSError, TimeoutError:
                continue  # killed a moment ago

    async def _feel_the_pulse(self) -> None:
        """Ask for next to nothing, all the time: the loop pauses no longer than the longest answer."""
        while True:
            await asyncio.sleep(PULSE)
            began = time.monotonic()
            try:
                async with asyncio.timeout(60):
                    await self.hass.client.request("GET", "/api/")
            except HomeAssistantError, aiohttp.ClientError, OSError, TimeoutError:
                continue  # killed, or not there yet
            self.found.worst_pause = max(self.found.worst_pause, time.monotonic() - began)

    async def _look(self) -> None:
        began = time.monotonic()
        values = await self.hass.client.values(await self.hass.client.entries(DOMAIN))
        found = self.found
        found.longest_answer = max(found.longest_answer, time.monotonic() - began)
        found.looks += 1
        found.memory.append(memory_of(self.hass.pid))
        for value in values:
            self._check(value, began)

    def _check(self, value: EntityValue, now: float) -> None:
        try:
            number = float(value.value or "")
        except ValueError:
            return
        self.found.values += 1
        scale = SCALES.get(value.unit)
        if scale is None:
            return
        key = value.entity_id
        energy = number * scale
        before = self.found.last.get(key)
        self.found.last[key] = (energy, now)
        if before is None:
            return
        rise, hours = energy - before[0], (now - before[1] + 60) / 3600
        if rise < -NOISE or rise > MOST_POWER_KW * hours:
            self.found.wrong.append(f"{key}: {before[0]} → {energy} kWh")
        if value.entry_id == self._meter_entry and key.endswith("_imported_energy") and self._truth:
            self.found.compared += 1
            if not self._truth[0] - 0.001 <= energy <= self._truth[-1] + 0.01:
                self.found.wrong.append(f"{key}: {energy}, truth {self._truth[-1]} kWh")

    def table(self) -> str:
        """Return what was found, a line each."""
        found = self.found
        half = len(found.memory) // 2
        lines = [
            ("looks at all values", f"{found.looks}"),
            ("numbers seen", f"{found.values:,}"),
            ("registers compared with the meter's truth", f"{found.compared:,}"),
            ("telegrams of the meter", f"{self.meter.published:,}"),
            ("polls of the SENEC", f"{len(self.senec.requests):,}"),
            *((f"fault: {name}", f"{count}") for name, count in sorted(found.faults.items())),
            ("faults injected", f"{found.faults.total()}"),
            ("values wrong", f"{len(found.wrong)}"),
            (
                "memory of Home Assistant, first → last (MiB)",
                f"{found.memory[0]:.0f} → {found.memory[-1]:.0f}" if found.memory else "-",
            ),
            (
                "… second half, most (MiB)",
                f"{max(found.memory[half:]):.0f}" if found.memory else "-",
            ),
            ("longest wait for all values (s)", f"{found.longest_answer:.2f}"),
            ("loop's worst pause, at most (s)", f"{found.worst_pause:.2f}"),
        ]
        width = max(len(name) for name, _ in lines)
        return "\n".join(f"{name:<{width}}  {text}" for name, text in lines)


def recorded(database: Path) -> dict[str, float]:
    """Return the last energy (kWh) that the recorder holds of each entity."""
    query = """
        select m.entity_id, s.state, a.shared_attrs from states s
        join states_meta m on m.metadata_id = s.metadata_id
        join state_attributes a on a.attributes_id = s.attributes_id
        where s.state_id in (
            select max(state_id) from states
            where state not in ('unknown', 'unavailable') group by metadata_id
        )
    """
    found = {}
    with contextlib.closing(sqlite3.connect(database)) as connection:
        for entity_id, state, attributes in connection.execute(query):
            scale = SCALES.get(json.loads(attributes).get("unit_of_measurement"))
            if scale is not None:
                with contextlib.suppress(ValueError):
                    found[entity_id] = float(state) * scale
    return found


def memory_of(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


async def soak(minutes: float, seed: int) -> int:
    """Run, print the table, and return the exit code."""
    with TemporaryDirectory(prefix="hausstrom-soak-") as folder:
        async with AsyncExitStack() as stack:
            run = Soak(minutes, seed, Path(folder), stack)
            try:
                await run.run()
            except HomeAssistantError as error:
                say(f"{error}\n{run.hass.last_lines()}")
                return 1
            say(f"seed {seed}, {minutes:g} min")
            say(run.table())
            for wrong in run.found.wrong[:20]:
                say(f"WRONG {wrong}")
            return 1 if run.found.wrong else 0


def main() -> None:
    """Soak from the command line."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    say(f"seed {options.seed}")
    sys.exit(asyncio.run(soak(options.minutes, options.seed)))


if __name__ == "__main__":
    main()
