"""A Home Assistant with a simulated device of every kind, and a browser to look at it.

Only scripts/test --browser runs these tests: they take minutes, and want a Chromium.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio

from simulators.browser import Browser
from simulators.develop import use_broker
from simulators.devices import DEVICES
from simulators.home_assistant import HomeAssistant
from simulators.home_assistant_client import FlowSteps, HomeAssistantClient
from simulators.house import House, Ports
from simulators.mosquitto import Mosquitto

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

    @property
    def client(self) -> HomeAssistantClient:
        """Somebody who is logged in."""
        return self.hass.client

    @asynccontextmanager
    async def browser(
        self, path: str, *, language: str = "en", width: int = 1280, height: int = 1000
    ) -> AsyncIterator[Browser]:
        """Open a page; hold at the end that our module wrote no error to the console."""
        tokens = await self.client.log_in()
        async with Browser(width=width, height=height) as browser:
            await browser.log_in(self.hass.url, tokens, language)
            await browser.goto(self.hass.url + path)
            yield browser
            assert [error for error in browser.errors if "hausstrom" in error] == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """Start everything, as scripts/develop does, but add no device."""
    state = tmp_path_factory.mktemp("state")
    ports = Ports(None)
    environment: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(
            Mosquitto(port=ports.get("mqtt", 1883), log=state / "mosquitto.log")
        )
        house = House(broker, ports, state, environment)
        steps = {
            device.name: await stack.enter_async_context(device.run(house)) for device in DEVICES
        }
        hass = await stack.enter_async_context(
            HomeAssistant(state, port=ports.get("web", 8123), environment=environment)
        )
        await use_broker(hass.client, broker)
        yield Home(hass, steps)
