"""Plays a case (topics, steps, what a user has to see) through Home Assistant, in driven time."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_registry import RegistryEntry
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_mqtt_message,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from tests.victron.bridged import start_in_driven_time

type Json = Any
type Case = dict[str, Any]

_REAL_SLEEP = time.sleep
STEP = 0.5
HEARTBEAT = 3.0
_PER_UNIT = {"h": 3600.0, "min": 60.0, "kW": 1000.0, "L": 0.001, "kWh": 1.0}


def shared_case(name: str) -> Case:
    """Return one of the cases that lie beside the project; skip where they do not."""
    for parent in Path(__file__).resolve().parents:
        file = parent / "shared" / "cases" / "victron" / f"{name}.json"
        if file.is_file():
            case: Case = orjson.loads(file.read_bytes())
            return case
    pytest.skip("no cases beside the project")


class Player:
    """A GX that says what a case tells, and Home Assistant in front of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        client: MqttMockHAClient | None,
        freezer: FrozenDateTimeFactory,
        case: Case,
        *,
        prefix: str = "",
    ) -> None:
        self.hass = hass
        self._client = client
        self._freezer = freezer
        self._heard = 0
        self.case = case
        self.portal: str = case["portal"]
        self._base = f"{prefix}/" if prefix else ""
        self._prefix = prefix
        self.values: dict[str, dict[str, Json]] = {
            path: dict(payload) for path, payload in case["start"].items()
        }
        self.written: dict[str, Json] = {}
        self.full_publishes = 0
        self.writes: Counter[str] = Counter()
        self.now = -1e9
        self._next_beat = 0.0
        self._alive = False
        self.on = True
        self.each_step: list[Callable[[], None]] = []
        self.entry: MockConfigEntry | None = None
        self.first_ids: dict[str, str] = {}

    @property
    def entry_data(self) -> dict[str, Any]:
        """What the config entry says of the way to the GX."""
        return {
            "kind": "victron",
            "source": "homeassistant",
            "portal_id": self.portal,
            "topic_prefix": self._prefix,
        }

    # --- life -----------------------------------------------------------------------------

    async def set_up(self, options: Mapping[str, Json]) -> None:
        """Add the entry, and wait until everything of the start is there."""
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            unique_id=f"victron_{self.portal}",
            data=self.entry_data,
            options=dict(options),
        )
        self.entry.add_to_hass(self.hass)

        @callback
        def count(event: Event[EventStateChangedData]) -> None:
            entity = er.async_get(self.hass).async_get(event.data["entity_id"])
            if entity is not None and entity.platform == DOMAIN:
                self.writes[self._key(entity)] += 1

        self.hass.bus.async_listen("state_changed", count)
        await self._start()
        await self.hass.async_block_till_done()
        await self.pass_time(4)
        self.first_ids = self.ids()
        self.now = 0.0
        self._next_beat = 0.0

    async def _start(self) -> None:
        assert self.entry is not None
        await start_in_driven_time(self.hass, self.entry, self._freezer)

    async def restart(self) -> None:
        """Stop the integration and start it, as a restart of Home Assistant does."""
        assert self.entry is not None
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.hass.async_block_till_done()
        await self._start()
        await self.hass.async_block_till_done()
        await self.pass_time(4)

    async def pass_time(self, seconds: float, step: float = STEP) -> None:
        """Let time pass, a step at a time."""
        for _ in range(round(seconds / step)):
            self.now += step
            self._freezer.tick(timedelta(seconds=step))
            if self.on:
                if self._alive and self.now >= self._next_beat:
                    self._next_beat = self.now + HEARTBEAT
                    self.publish("heartbeat", b'{"value":1795000000}')
                await self._asked_for()
                self._answer()
            await self._delivered()
            for _turn in range(3):
                await asyncio.sleep(0)
            async_fire_time_changed(self.hass)
            await self.hass.async_block_till_done()
            for listener in self.each_step:
                listener()

    async def until(self, at: float) -> None:
        """Go on to a time of the case."""
        if at > self.now:
            await self.pass_time(at - self.now)

    async def asked_for_everything(self, times: int) -> None:
        """Let time pass until the GX has been asked for everything so often.

        That a subscription stands is awaited by a thread, which knows no driven time.
        """
        for _ in range(100):
            if self.full_publishes >= times:
                break
            await self.hass.async_add_executor_job(_REAL_SLEEP, 0.01)
            await self.pass_time(0.1, step=0.1)
        assert self.full_publishes == times

    # --- the GX ---------------------------------------------------------------------------

    def publish(self, rest: str, payload: bytes, *, retain: bool = False) -> None:
        """Have any message of the GX arrive."""
        async_fire_mqtt_message(
            self.hass, f"{self._base}N/{self.portal}/{rest}", payload, retain=retain
        )

    def say(self, path: str) -> None:
        """Publish a value."""
        self.publish(path, orjson.dumps(self.values[path]))

    def set(self, values: Mapping[str, Json]) -> None:
        """Change values, in the payloads they had."""
        for path, value in values.items():
            self.values[path] = {**self.values.get(path, {}), "value": value}
            self.say(path)

    def appear(self, payloads: Mapping[str, dict[str, Json]]) -> None:
        """Add topics, or replace their payloads."""
        for path, payload in payloads.items():
            self.values[path] = dict(payload)
            self.say(path)

    def leave(self, service: str) -> None:
        """Have a service leave."""
        for path in [path for path in self.values if path.startswith(f"{service}/")]:
            del self.values[path]
            self.publish(path, b"")

    def _fresh_calls(self) -> list[tuple[str, bytes]]:
        """Return what was published to the GX since this was last asked."""
        assert self._client is not None
        calls = self._client.async_publish.call_args_list
        fresh, self._heard = calls[self._heard :], len(calls)
        return [(call.args[0], call.args[1]) for call in fresh]

    async def _asked_for(self) -> None:
        """Return when all that was asked for has reached the GX: here it is soon published.

        Home Assistant's `async_block_till_done` waits for a service call, which waits for the
        GX: what is not answered before would not be answered any more.
        """
        for _ in range(5):
            await asyncio.sleep(0)

    async def _delivered(self) -> None:
        """Return when all that was published has arrived: here it has at once."""

    def _answer(self) -> None:
        for topic, payload in self._fresh_calls():
            if not topic.startswith(
                (f"{self._base}R/{self.portal}", f"{self._base}W/{self.portal}")
            ):
                continue
            verb, _, rest = topic.removeprefix(self._base).split("/", 2)
            if verb == "W":
                self.written[rest] = orjson.loads(payload)
                self.set({rest: self.written[rest]["value"]})
            elif rest == "keepalive" and payload:
                self._alive = True
                option = orjson.loads(payload)["keepalive-options"][0]
                if option != "suppress-republish":
                    self.full_publishes += 1
                    for path in self.values:
                        self.say(path)
                    self.publish("full_publish_completed", orjson.dumps({**option, "value": 1}))

    # --- what a user sees -----------------------------------------------------------------

    def _key(self, entity: RegistryEntry) -> str:
        return entity.unique_id.removeprefix(f"victron_{self.portal}_")

    def entities(self, key: str) -> list[RegistryEntry]:
        """Return the entities of a key; one per platform, as a rule one."""
        assert self.entry is not None
        registry = er.async_get(self.hass)
        return [
            entity
            for entity in er.async_entries_for_config_entry(registry, self.entry.entry_id)
            if self._key(entity) == key
        ]

    def ids(self) -> dict[str, str]:
        """Return unique id and entity id of everything."""
        assert self.entry is not None
        entities = er.async_entries_for_config_entry(er.async_get(self.hass), self.entry.entry_id)
        return {entity.unique_id: entity.entity_id for entity in entities}

    def state(self, key: str) -> State:
        """Return the state of a key's entity."""
        for entity in self.entities(key):
            if (state := self.hass.states.get(entity.entity_id)) is not None:
                return state
        return pytest.fail(f"{key} is not shown")

    def states_of(self, device: str | None, *, live: bool = True) -> list[State]:
        """Return the states of a device's entities (None: the GX's), those with a value."""
        assert self.entry is not None
        identifier = f"victron_{self.portal}" + (f"_{device}" if device else "")
        found = dr.async_get(self.hass).async_get_device_by_identifier(
            (DOMAIN, identifier), self.entry.entry_id
        )
        if found is None:
            return []
        entities = er.async_entries_for_device(er.async_get(self.hass), found.id)
        states = [self.hass.states.get(entity.entity_id) for entity in entities]
        dead = {STATE_UNAVAILABLE, STATE_UNKNOWN} if live else set()
        return [state for state in states if state is not None and state.state not in dead]


def number_of(state: State) -> float | None:
    """Return a state in the unit of the topic; None where it is no number."""
    try:
        value = float(state.state)
    except ValueError:
        return None
    return value * _PER_UNIT.get(str(state.attributes.get("unit_of_measurement")), 1.0)


def is_shown(state: State, value: Json) -> bool:
    """Return whether a state shows a value of a topic."""
    if isinstance(value, str):
        return state.state == value
    shown = number_of(state)
    return shown is not None and shown == pytest.approx(value, rel=1e-3, abs=1e-6)
