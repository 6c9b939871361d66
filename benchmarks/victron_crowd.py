"""Victron: 4,000 services on one broker, of which a GX is shown up to the bound.

The longest piece of the event loop without a break while they come, are renamed, leave and
return, and the longest pass of Python's collector of garbage, which stops any piece to look at all
of Home Assistant (how long that takes before there is a GX is printed first). The services are
published by another process, through a real broker.
"""

import asyncio
import contextlib
import gc
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from time import thread_time
from typing import Any

import aiomqtt
import orjson
from homeassistant import loader
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from benchmarks.smartlog_load import LoopTime, measured
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.victron.coordinator import TOO_MANY
from simulators.mosquitto import Mosquitto

PORTAL = "c0619ab0c4ad"
SERVICES = 4_000
SETTLE = 20
"""Seconds after which everything that a change sets off has happened."""


class GarbagePasses:
    """How long Python's collector of garbage took (s), all together and at most."""

    def __init__(self) -> None:
        """Listen to it."""
        self.total = self.longest = self._began = 0.0
        gc.callbacks.append(self._heard)

    def _heard(self, phase: str, _info: dict[str, Any]) -> None:
        if phase == "start":
            self._began = thread_time()
        else:
            took = thread_time() - self._began
            self.total += took
            self.longest = max(self.longest, took)

    def clock(self) -> float:
        """Return the thread's time without what was spent here."""
        return thread_time() - self.total


GARBAGE = GarbagePasses()


def values(word: str) -> Iterator[tuple[str, object]]:
    """Return path and value of everything; `word` is a part of each name and number."""
    yield "system/0/Serial", PORTAL
    yield "system/0/Dc/Battery/Power", 100
    for number in range(SERVICES):
        service = f"battery/{number}"
        yield f"{service}/CustomName", f"Battery {number} {word}"
        yield f"{service}/ProductName", "Crowd battery"
        yield f"{service}/Serial", f"HQ{number:08d}"
        yield f"{service}/Soc", 50 + len(word)
        yield f"{service}/Dc/0/Power", number + len(word)
        yield f"{service}/Dc/0/Voltage", 52 + len(word) / 10
        yield f"{service}/History/ChargedEnergy", 1000 + number


async def play_gx(port: int) -> None:
    """Be the GX: publish all when asked, and what is told on a topic of our own."""
    async with aiomqtt.Client("127.0.0.1", port, identifier="crowd") as client:
        await client.subscribe([(f"R/{PORTAL}/#", 0), ("crowd/#", 0)])
        await client.publish("crowd-ready", retain=True)

        async def publish(word: str, *, gone: bool = False) -> None:
            for path, value in values(word):
                if not gone or path.startswith("battery"):
                    payload = b"" if gone else orjson.dumps({"value": value})
                    await client.publish(f"N/{PORTAL}/{path}", payload)

        async def beat() -> None:
            while True:
                await client.publish(f"N/{PORTAL}/heartbeat", b'{"value":1}')
                await asyncio.sleep(3)

        beating = asyncio.create_task(beat())
        async for message in client.messages:
            topic, payload = str(message.topic), bytes(message.payload)
            if topic == "crowd/word":
                await publish(payload.decode())
            elif topic == "crowd/gone":
                await publish("", gone=True)
            elif topic.endswith("keepalive"):
                option = orjson.loads(payload)["keepalive-options"][0]
                if option != "suppress-republish":
                    await publish("first")
                    done = orjson.dumps({**option, "value": 1})
                    await client.publish(f"N/{PORTAL}/full_publish_completed", done)
        beating.cancel()


async def measure() -> None:
    """Print the longest piece of each change."""
    async with Mosquitto() as broker, AsyncExitStack() as stack:

        async def start_gx() -> None:
            gx = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "benchmarks.victron_crowd", str(broker.port)
            )
            stack.push_async_callback(gx.wait)
            stack.callback(_terminate, gx)

        async def lose() -> None:
            await stack.aclose()
            await broker.stop()
            await broker.start()
            await start_gx()
            await _ready(broker)

        await start_gx()
        with tempfile.TemporaryDirectory() as folder:
            await _in_home_assistant(folder, broker, lose)


async def _ready(broker: Mosquitto) -> None:
    """Wait until the GX listens; its process takes some seconds to begin."""
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.subscribe("crowd-ready")
        await anext(client.messages)


def _terminate(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()


async def _in_home_assistant(
    folder: str, broker: Mosquitto, lose: Callable[[], Awaitable[None]]
) -> None:
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=f"victron_{PORTAL}",
        title="Crowd",
        data={
            "kind": "victron",
            "source": "gx",
            "portal_id": PORTAL,
            "topic_prefix": "",
            "broker": {"host": broker.host, "port": broker.port, "tls": False},
        },
    )
    async with (
        async_test_home_assistant(config_dir=folder) as hass,
        aiomqtt.Client(broker.host, broker.port) as client,
    ):
        await _ready(broker)
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
        await async_setup_component(hass, "http", {})
        entry.add_to_hass(hass)
        gc.collect()
        print(f"garbage, before there is a GX: {GARBAGE.longest * 1000:.0f} ms")
        print(f"{'':34}{'longest ms':>11}{'garbage ms':>11}{'busy s':>8}{'writes':>8}")
        with looked_at(hass) as result:
            assert await hass.config_entries.async_setup(entry.entry_id)
            await asyncio.sleep(SETTLE)
        show(f"{SERVICES:,} services come", result)
        for name, topic, payload in (
            ("all say another name and value", "crowd/word", "second"),
            ("all leave", "crowd/gone", ""),
            ("all return", "crowd/word", "second"),
        ):
            with looked_at(hass) as result:
                await client.publish(topic, payload)
                await asyncio.sleep(SETTLE)
            show(name, result)
        with looked_at(hass) as result:
            await lose()
            await asyncio.sleep(2 * SETTLE)
        show("broker and GX restart", result)
        live = sum(state.state != "unavailable" for state in hass.states.async_all("sensor"))
        print(f"{live} sensors are there again")
        devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        issue = ir.async_get(hass).async_get_issue(DOMAIN, f"{TOO_MANY}_{entry.entry_id}")
        print(f"{len(devices)} devices, {len(entities)} entities, issue: {issue is not None}")
        with looked_at(hass) as result:
            await hass.config_entries.async_unload(entry.entry_id)
        show("unload", result)
        await hass.async_stop(force=True)


@contextlib.contextmanager
def looked_at(hass: HomeAssistant) -> Iterator[LoopTime]:
    """Time each piece of work, and the passes of the collector of garbage apart."""
    with measured(hass, GARBAGE.clock) as result:
        GARBAGE.longest = 0.0
        yield result


def show(name: str, result: LoopTime) -> None:
    """Print one line."""
    garbage = GARBAGE.longest * 1000
    print(f"{name:34}{result.longest_ms:11.1f}{garbage:11.1f}{result.total:8.2f}{result.writes:8}")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(play_gx(int(sys.argv[1])) if sys.argv[1:] else measure())
