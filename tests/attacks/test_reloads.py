"""Reloads leave nothing behind: no socket, task, thread, timer, nor memory.

Twenty-five of each kind in every run; HAUSSTROM_RELOADS=200 for the long one.
"""

import asyncio
import gc
import os
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.tls import async_fetch_certificate
from simulators.mosquitto import Mosquitto
from simulators.victron_gx import PORTAL_ID, SimulatedGx
from tests.evn.conftest import MeterOnTopic
from tests.senec.cloud.conftest import Home
from tests.senec.local.conftest import Site
from tests.years.books import Year
from tests.years.fixtures import Ways

from .posting import posting_smartlog

RELOADS = int(os.environ.get("HAUSSTROM_RELOADS", "25"))
WARM_UP = 5
MOST_MEMORY = 2 * 1024 * 1024
OURS = str(Path(__file__).parents[2] / "custom_components" / "*")


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave the loop's debug mode off: it keeps where each task was made, and takes its time."""


class Remains:
    """What there is of things that a reload could leave behind."""

    def __init__(self, hass: HomeAssistant) -> None:
        gc.collect()
        self.sockets = len([1 for file in Path("/proc/self/fd").iterdir() if _is_socket(file)])
        self.threads = {
            thread.name for thread in threading.enumerate() if "hausstrom" in thread.name
        }
        self.tasks = len(asyncio.all_tasks())
        self.listeners = sum(hass.bus.async_listeners().values())
        self.timers = len(
            [handle for handle in hass.loop._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]  # asyncio has no other way to count
        )


def _is_socket(file: Path) -> bool:
    try:
        return str(file.readlink()).startswith("socket:")
    except OSError:
        return False


def forget_calls(hass: HomeAssistant) -> None:
    """Have the mocks of the test forget what they were called with: contents of files, subscribers.

    Traced: all of the 3.3 MB that 200 reloads of a SENEC once left were arguments of the mocked
    write; a store that was read stays with the mocked reading, and with it whose it was.
    """
    mocks: list[Any] = [
        Store._async_load,
        Store._async_write_data,
        getattr(hass.data.get("mqtt"), "client", None),
    ]
    for mock in mocks:
        if hasattr(mock, "reset_mock"):
            mock.reset_mock()


async def reload_often(hass: HomeAssistant, entry: Any, after: Callable[[], None]) -> None:
    """Reload an entry until what grows would show."""

    async def again(times: int) -> None:
        for _ in range(times):
            assert await hass.config_entries.async_reload(entry.entry_id)
            after()
            await hass.async_block_till_done()
            forget_calls(hass)
        assert entry.state is ConfigEntryState.LOADED

    # Traced from before the warm-up: else the entry that lives now would count as growth.
    tracemalloc.start()
    try:
        await again(WARM_UP)
        before = Remains(hass)
        first = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, OURS)])
        await again(RELOADS)
        now = Remains(hass)  # collects what is only garbage
        last = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, OURS)])
    finally:
        tracemalloc.stop()
    assert now.sockets <= before.sockets + 1
    assert now.threads == before.threads
    assert now.tasks <= before.tasks + 1
    assert now.listeners <= before.listeners
    assert now.timers <= before.timers + 3
    growth = last.compare_to(first, "lineno")
    grown = sum(line.size_diff for line in growth)
    print(f"\n{entry.title}: {RELOADS} reloads, {grown / 1024:.0f} KiB")  # noqa: T201  with -s
    assert grown < MOST_MEMORY, growth[:10]


def meter_entry(hass: HomeAssistant, meter: MeterOnTopic, **data: Any) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Meter",
        unique_id=f"evn_{meter.model.system_title.hex()}",
        data={
            "kind": "evn",
            "source": "homeassistant",
            "topic": "sensors/smartmeter",
            "key": meter.model.key.hex(),
            "system_title": meter.model.system_title.hex(),
            "meter_number": None,
            **data,
        },
    )
    entry.add_to_hass(hass)
    return entry


async def test_a_meter_at_home_assistants_broker(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    meter = MeterOnTopic(hass)
    entry = meter_entry(hass, meter)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await reload_often(hass, entry, meter.publish)


async def test_a_meter_at_a_broker_of_its_own(hass: HomeAssistant, socket_enabled: None) -> None:
    async with Mosquitto() as broker:
        entry = meter_entry(
            hass,
            MeterOnTopic(hass),
            source="broker",
            broker={"host": broker.host, "port": broker.port, "tls": False},
        )
        assert await hass.config_entries.async_setup(entry.entry_id)
        await reload_often(hass, entry, lambda: None)


async def test_a_senec(site: Site) -> None:
    entry = await site.add(site.device())
    await reload_often(site.hass, entry, lambda: None)


async def test_a_smartlog(hass: HomeAssistant) -> None:
    entry = await posting_smartlog(hass, "only for tests", local_only=True)
    await reload_often(hass, entry, lambda: None)


async def test_a_system_in_the_cloud(home: Home) -> None:
    entry = await home.add()
    await reload_often(home.hass, entry, lambda: None)


async def test_a_gx(hass: HomeAssistant, socket_enabled: None) -> None:
    """Over TLS, with its certificate pinned and its password."""
    async with SimulatedGx(password="only for tests") as gx:
        certificate = await async_fetch_certificate(gx.host, gx.tls_port)
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="GX",
            unique_id=f"victron_{PORTAL_ID}",
            data={
                "kind": "victron",
                "source": "gx",
                "portal_id": PORTAL_ID,
                "broker": {
                    "host": gx.host,
                    "port": gx.tls_port,
                    "tls": True,
                    "username": "admin",
                    "password": "only for tests",
                    "certificate": certificate,
                },
            },
            options={"services": ["system", "grid", "battery"]},
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await reload_often(hass, entry, lambda: None)


async def test_a_bridged_gx(ways: Ways) -> None:
    year = await ways.gx(10)
    await reload_often(ways.hass, entry_of(year), lambda: None)


async def test_a_system_of_senec_connect(ways: Ways, home: Home) -> None:
    year = await ways.connect(home)
    await reload_often(ways.hass, entry_of(year), lambda: None)


def entry_of(year: Year[Any]) -> ConfigEntry:
    """Return the entry of a life."""
    entry = year.hass.config_entries.async_get_entry(year.way.entry_id)
    assert entry is not None
    return entry
