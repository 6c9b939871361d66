"""Cases of users, played through Home Assistant: a set-up, then telegrams at their times."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_mqtt_message,
    async_fire_time_changed,
)

from custom_components.hausstrom.const import DOMAIN

from .conftest import TOPIC

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
_KILO = frozenset(
    {"energy_import", "energy_export", "reactive_energy_import", "reactive_energy_export"}
)


@dataclass
class Step:
    """What happens at one moment of a case."""

    at: float
    payload: bytes | None
    sent: dict[str, float] | None = None
    note: str | None = None
    restart: bool = False


@dataclass
class Case:
    """A meter, and what its reader publishes when."""

    name: str
    key: str
    system_title: str
    meter_number: str
    steps: list[Step]
    expect: dict[str, Any] = field(default_factory=dict)
    authentication_key: str | None = None


@cache
def folder(*parts: str) -> Path | None:
    """Return a folder that lies beside the project; None where it does not."""
    for parent in Path(__file__).parents:
        path = parent.joinpath("shared", *parts)
        if path.is_dir():
            return path
    return None


def read_case(name: str) -> Case:
    """Read a case beside the project; skip without it."""
    where = folder("cases", "evn")
    if where is None or not (where / f"{name}.json").exists():
        pytest.skip("no cases beside the project")
    content = json.loads((where / f"{name}.json").read_text())
    steps = [
        Step(
            step["at"],
            bytes.fromhex(step["payload_hex"])
            if "payload_hex" in step
            else step["payload"].encode()
            if "payload" in step
            else None,
            step.get("sent"),
            step.get("note"),
            step.get("restart", False),
        )
        for step in content["steps"]
    ]
    return Case(
        name,
        content["key"],
        content["system_title"],
        content["meter_number"],
        steps,
        content["expect"],
        content.get("authentication_key"),
    )


class Player:
    """Plays a case in frozen time and keeps what the entities showed."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, case: Case) -> None:
        self.hass = hass
        self.case = case
        self._freezer = freezer
        freezer.move_to(START)
        self._now = 0.0
        self.entry: ConfigEntry | None = None
        self.result: Any = None
        self.shown: dict[str, list[tuple[float, str]]] = {}
        self.values: dict[str, list[tuple[float, float]]] = {}
        self.new: dict[str, list[float]] = {}

    async def until(self, at: float) -> None:
        """Let time pass, in steps as small as Home Assistant's timers need."""
        while self._now < at - 1e-9:
            step = min(5.0, at - self._now)
            self._now += step
            self._freezer.tick(timedelta(seconds=step))
            async_fire_time_changed(self.hass)
            await self.hass.async_block_till_done()

    def publish(self, payload: bytes) -> None:
        async_fire_mqtt_message(self.hass, TOPIC, payload)

    def make_entry(self) -> MockConfigEntry:
        """Add the entry without a set-up."""
        case = self.case
        data = {
            "kind": "evn",
            "source": "homeassistant",
            "topic": TOPIC,
            "key": case.key.lower(),
            "system_title": case.system_title.lower(),
            "meter_number": case.meter_number,
        }
        if case.authentication_key:
            data["authentication_key"] = case.authentication_key.lower()
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="My meter",
            unique_id=f"evn_{case.system_title.lower()}",
            data=data,
            options={"update_interval": 0},
        )
        entry.add_to_hass(self.hass)
        self.entry = entry
        return entry

    async def set_up(self) -> None:
        entry = self.make_entry()
        assert await self.hass.config_entries.async_setup(entry.entry_id)
        await self.hass.async_block_till_done()

    async def play(self, steps: list[Step] | None = None) -> None:
        """Play the steps; each is looked at as soon as it has happened."""
        for step in self.case.steps if steps is None else steps:
            await self.until(step.at)
            if step.restart:
                assert self.entry is not None
                assert await self.hass.config_entries.async_reload(self.entry.entry_id)
            elif step.payload is not None:
                self.publish(step.payload)
            await self.hass.async_block_till_done()
            self.look(step.at)

    def look(self, at: float) -> None:
        """Note what every entity shows now."""
        for key, state in self.states():
            self.shown.setdefault(key, []).append((at, state.state))
            try:
                value = float(state.state)
            except ValueError:
                continue
            value = round(value * 1000) if key in _KILO else value
            self.values.setdefault(key, []).append((at, value))
            stamp = state.last_reported.timestamp()
            stamps = self.new.setdefault(key, [])
            if not stamps or stamps[-1] != stamp:
                stamps.append(stamp)

    def states(self) -> Iterator[tuple[str, Any]]:
        entries = self.hass.config_entries.async_entries(DOMAIN)
        for entry in entries:
            for item in er.async_entries_for_config_entry(er.async_get(self.hass), entry.entry_id):
                if (state := self.hass.states.get(item.entity_id)) is not None:
                    yield item.unique_id.removeprefix(f"{entry.unique_id}_"), state

    async def set_up_by_flow(self, steps: list[Step] | None = None) -> None:
        """Set the meter up in the form, while the steps are played; go on when it is done."""
        flow = self.hass.config_entries.flow
        result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        result = await flow.async_configure(result["flow_id"], {"next_step_id": "evn"})
        task = asyncio.create_task(
            flow.async_configure(
                result["flow_id"],
                {"source": "homeassistant", "topic": TOPIC, "key": self.case.key}
                | (
                    {"authentication_key": self.case.authentication_key}
                    if self.case.authentication_key
                    else {}
                ),
            )
        )
        while not task.done() and not self.hass.data["mqtt"].client.subscriptions:
            await asyncio.sleep(0)  # a thread loads the code of the kind; time is frozen
        left = list(self.case.steps if steps is None else steps)
        while left and self.entry is None and self.result is None:
            step = left.pop(0)
            await self.until(step.at)
            if step.payload is not None:
                self.publish(step.payload)
            await self.settle(task)
        for _ in range(60):
            if self.entry is not None or self.result is not None:
                break
            await self.until(self._now + 5)
            await self.settle(task)
        if self.entry is not None:
            self.look(self._now)
            self.hass.config_entries.async_update_entry(self.entry, options={"update_interval": 0})
            assert await self.hass.config_entries.async_reload(self.entry.entry_id)
            await self.hass.async_block_till_done()
            self.look(self._now)
            await self.play(left)

    async def settle(self, task: asyncio.Task[Any]) -> None:
        for _ in range(10):
            await asyncio.sleep(0)
        await self.hass.async_block_till_done()
        entries = self.hass.config_entries.async_entries(DOMAIN)
        if entries:
            self.entry = entries[0]
            await self.hass.async_block_till_done()
        elif task.done():
            result: Any = task.result()
            flows = self.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
            if result["type"] is not FlowResultType.SHOW_PROGRESS:
                self.result = result
            elif flows and flows[0].get("step_id") != "listen":
                self.result = await self.hass.config_entries.flow.async_configure(result["flow_id"])
                if entries := self.hass.config_entries.async_entries(DOMAIN):
                    self.entry = entries[0]

    # --- what must have come out ----------------------------------------------------

    def check(self) -> None:
        expect = self.case.expect
        sent = [step for step in self.case.steps if step.sent]
        for key in expect.get("follows", ()):
            last = sent[-1].sent
            assert last is not None
            assert self.values[key][-1][1] == last[key], (
                f"{key} ends as sent: {self.values[key][-4:]}"
            )
            if "longest_gap_s" in expect:
                assert self.longest_gap(key) <= expect["longest_gap_s"] + 0.5, key
        for key in expect.get("only_sent", ()):
            known = {step.sent[key] for step in sent if step.sent}
            assert {value for _, value in self.values[key]} <= known, key
        for key in expect.get("never_falls", ()):
            values = [value for _, value in self.values[key]]
            assert values == sorted(values), key
        for key in expect.get("never_unavailable_after_setup", ()):
            assert self.shown[key]
            assert not {state for _, state in self.shown[key]} & {
                STATE_UNAVAILABLE,
                STATE_UNKNOWN,
            }

    def longest_gap(self, key: str) -> float:
        """The longest time in which what was shown is not what was sent last, in s."""
        shown = dict(self.values[key])
        longest, right = 0.0, None
        for step in self.case.steps:
            if step.sent is None or step.at < min(shown):
                continue
            if shown.get(step.at) == step.sent[key]:
                longest = max(longest, step.at - (step.at if right is None else right))
                right = step.at
        return longest

    def issues(self) -> dict[str, ir.IssueEntry]:
        """What is said about the entry, by issue id."""
        assert self.entry is not None
        return {
            issue.issue_id: issue
            for issue in ir.async_get(self.hass).issues.values()
            if issue.active and issue.domain == DOMAIN and self.entry.entry_id in issue.issue_id
        }
