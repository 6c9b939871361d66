"""A GX bridged into Home Assistant's broker, in frozen time."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_mqtt_message,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.victron.coordinator import VictronCoordinator
from simulators.victron_gx import PORTAL_ID
from simulators.victron_home import Day
from simulators.victron_home_values import LIMITS, Address, Json, home_values

_REAL_SLEEP = time.sleep
PREFIX = "gx"


async def start_in_driven_time(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Set up an entry that waits for its subscription, which Home Assistant sends after a moment."""
    setup = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    for _ in range(100):
        if setup.done():
            break
        freezer.tick(timedelta(seconds=0.1))
        for _turn in range(5):
            await asyncio.sleep(0)
    assert await setup


class BridgedGx:
    """Plays the GX: answers keepalives, says what changes, lets a second pass."""

    def __init__(
        self, hass: HomeAssistant, client: MqttMockHAClient, freezer: FrozenDateTimeFactory
    ) -> None:
        self.hass = hass
        self._client = client
        self._freezer = freezer
        self._heard = 0
        self.values: dict[Address, Json] = home_values(PORTAL_ID)
        self.day = Day()
        self.writes: list[tuple[str, bytes]] = []
        self.obedient = True
        self.on = True
        self.seconds = 0
        self.each_second: list[Callable[[], None]] = []

    async def set_up(self, **options: object) -> MockConfigEntry:
        """Add the entry and let it hear everything."""
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            unique_id=f"victron_{PORTAL_ID}",
            data={
                "kind": "victron",
                "source": "homeassistant",
                "portal_id": PORTAL_ID,
                "topic_prefix": PREFIX,
            },
            options=options,
        )
        entry.add_to_hass(self.hass)
        await start_in_driven_time(self.hass, entry, self._freezer)
        await self.hass.async_block_till_done()
        await self.wait(3)
        return entry

    def coordinator(self, entry: MockConfigEntry) -> VictronCoordinator:
        coordinator = entry.runtime_data
        assert isinstance(coordinator, VictronCoordinator)
        return coordinator

    async def wait(self, seconds: int, *, sun: float | None = None) -> None:
        """Let time pass; with `sun` the home goes on from that time of day (s)."""
        for _ in range(seconds):
            if sun is not None:
                self.say(self.day.step(sun + self.seconds, 1))
            self.seconds += 1
            self._freezer.tick(timedelta(seconds=1))
            if self.on:
                self.beat()
            async_fire_time_changed(self.hass)
            await self.hass.async_block_till_done()
            for listener in self.each_second:
                listener()

    async def wait_for(self, key: str, state: str, most: int = 60) -> None:
        """Let time pass until a sensor has a state.

        That a subscription stands is awaited by a thread, which knows no driven time.
        """
        for _ in range(most):
            if self.state(key) == state:
                return
            await self.hass.async_add_executor_job(_REAL_SLEEP, 0.01)
            await self.wait(1)
        assert self.state(key) == state

    def beat(self) -> None:
        """Have the heart beat, and do what was asked for."""
        self._publish("heartbeat", b'{"value":1795000000}')
        self._answer()

    async def jump(self, seconds: float) -> None:
        """Let time pass in which nobody looks."""
        self._freezer.tick(timedelta(seconds=seconds))
        await self.wait(1)

    async def moment(self) -> None:
        """Let a fifth of a second pass, and all that is due happen."""
        self._freezer.tick(timedelta(seconds=0.2))
        for _ in range(20):
            await asyncio.sleep(0)

    def say(self, values: Mapping[Address, Json]) -> None:
        """Publish values that changed."""
        for address, value in values.items():
            if self.values.get(address) != value:
                self.values[address] = value
                self._say(address)

    def say_again(self, address: Address) -> None:
        """Publish a value as it is."""
        self._say(address)

    def _say(self, address: Address) -> None:
        message: dict[str, Any] = {"value": self.values[address]}
        if address[2] in LIMITS:
            low, high = LIMITS[address[2]]
            message = {"max": high, "min": low, **message}
        self._publish("/".join(address), orjson.dumps(message))

    def go(self, service: str, instance: str) -> None:
        """Have a service leave."""
        for address in [one for one in self.values if one[:2] == (service, instance)]:
            del self.values[address]
            self._publish("/".join(address), b"")

    def _publish(self, rest: str, payload: bytes) -> None:
        async_fire_mqtt_message(self.hass, f"{PREFIX}/N/{PORTAL_ID}/{rest}", payload)

    def answer(self) -> None:
        """Do what was asked for since the last time."""
        self._answer()

    def _answer(self) -> None:
        calls = self._client.async_publish.call_args_list
        for call in calls[self._heard :]:
            topic, payload = call.args[0], call.args[1]
            verb, _, rest = topic.removeprefix(f"{PREFIX}/").split("/", 2)
            if verb == "W":
                self.writes.append((rest, payload))
                service, instance, path = rest.split("/", 2)
                if self.obedient:
                    self.say({(service, instance, path): orjson.loads(payload)["value"]})
            elif (options := orjson.loads(payload)["keepalive-options"][0]) != "suppress-republish":
                for address in self.values:
                    self._say(address)
                self._publish("full_publish_completed", orjson.dumps({**options, "value": 1}))
        self._heard = len(calls)

    def forget(self) -> None:
        """Drop the record of all that was said: a month of it fills the memory."""
        self._client.reset_mock()
        self._heard = 0

    def state(self, key: str, platform: str = "sensor") -> str | None:
        """Return the state of the entity with a key; None if there is none."""
        entity_id = self.entity_id(key, platform)
        state = self.hass.states.get(entity_id) if entity_id else None
        return None if state is None else state.state

    def entity_id(self, key: str, platform: str = "sensor") -> str | None:
        """Return the entity with a key."""
        return er.async_get(self.hass).async_get_entity_id(
            platform, DOMAIN, f"victron_{PORTAL_ID}_{key}"
        )
