"""A Home Assistant with a simulated device of every kind, and a browser to look at it.

Only scripts/test --browser runs these tests: they take minutes, and want a Chromium.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest
import pytest_asyncio

from simulators.browser import Browser
from simulators.develop import use_broker
from simulators.devices import DEVICES, HOMES
from simulators.home_assistant import HomeAssistant
from simulators.home_assistant_client import USERNAME, FlowSteps, HomeAssistantClient
from simulators.house import House, Ports
from simulators.mosquitto import Mosquitto

BOARD = "hausstrom-home"
LANGUAGES = {"family": "de"}
"""Of Home Assistant, and so of the names of entities; a browser has its own."""

if "HAUSSTROM_BROWSER_TESTS" not in os.environ:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations() -> None:
    """Take the place of the fixture for Home Assistants inside the test's own process."""


@dataclass
class Home:
    """The running Home Assistant, and what to enter to add each device."""

    hass: HomeAssistant
    steps: dict[str, FlowSteps]
    name: str = "all"
    complete: float = 0.0
    """When (s, monotonic) its last device had been added."""

    @property
    def client(self) -> HomeAssistantClient:
        """Somebody who is logged in."""
        return self.hass.client

    @asynccontextmanager
    async def browser(
        self,
        path: str,
        *,
        language: str = "en",
        width: int = 1280,
        height: int = 1000,
        dark: bool = False,
        username: str = USERNAME,
    ) -> AsyncIterator[Browser]:
        """Open a page; hold at the end that our module wrote no error to the console."""
        async with HomeAssistantClient(self.hass.url) as person:
            tokens = await person.log_in(username)
        async with Browser(width=width, height=height, dark=dark) as browser:
            await browser.log_in(self.hass.url, tokens, language)
            await browser.goto(self.hass.url + path)
            yield browser
            assert [error for error in browser.errors if "hausstrom" in error] == []


@asynccontextmanager
async def start(state: Path, home: str = "all") -> AsyncIterator[Home]:
    """Start everything, as scripts/develop does, but add no device."""
    ports = Ports(None)
    environment: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(
            Mosquitto(port=ports.get("mqtt", 1883), log=state / "mosquitto.log")
        )
        house = House(broker, ports, state, environment)
        steps = {
            device.name: await stack.enter_async_context(device.run(house))
            for device in DEVICES
            if device.name in HOMES[home]
        }
        hass = await stack.enter_async_context(
            HomeAssistant(
                state,
                port=ports.get("web", 8123),
                language=LANGUAGES.get(home, "en"),
                environment=environment,
            )
        )
        await use_broker(hass.client, broker)
        yield Home(hass, steps)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """Run every device, with a Home Assistant that knows none of them yet."""
    async with start(tmp_path_factory.mktemp("state")) as started:
        yield started


@pytest_asyncio.fixture(
    scope="module", loop_scope="session", params=["family", "victron", "building", "home"]
)
async def household(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Home]:
    """Run one of the consistent homes, set up, with our dashboard and a guest."""
    async with start(tmp_path_factory.mktemp(request.param), request.param) as started:
        for steps in started.steps.values():
            await started.client.add_entry("hausstrom", steps)
        started.name, started.complete = request.param, monotonic()
        await started.client.add_guest()
        await started.client.command(
            "lovelace/dashboards/create", url_path=BOARD, title="Hausstrom", mode="storage"
        )
        await started.client.command(
            "lovelace/config/save",
            url_path=BOARD,
            config={"strategy": {"type": "custom:hausstrom"}},
        )
        yield started
