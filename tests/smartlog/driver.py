"""Runs a case through Home Assistant: what a logger sends, and what must come of it.

The form of a case is that of the folder of reference cases; `tests/smartlog/cases` has our own.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.diagnostics import async_get_config_entry_diagnostics

from .build import GATEWAY

type Case = dict[str, Any]
type Send = Callable[[bytes, str], Awaitable[None]]
"""Sends a body; the topic is of use by MQTT only."""

OWN_CASES = Path(__file__).parent / "cases"
_PLACEHOLDER = re.compile(r"@(id|now|start|hour|clock)([+-]\d+)?")
_KWH = {"Wh": 0.001, "kWh": 1, "MWh": 1000, "GJ": 1000 / 3.6, "MJ": 1 / 3.6}
_M3 = {"m³": 1, "L": 0.001, "mL": 1e-6}


def reference_cases() -> Path | None:
    """Return the folder of the reference cases, None where there is none."""
    for folder in Path(__file__).resolve().parents:
        found = folder / "shared" / "cases" / "smartlog"
        if found.is_dir():
            return found
    return None


def all_cases() -> Iterator[Path]:
    """Yield our own cases and those of reference."""
    for folder in (OWN_CASES, reference_cases()):
        if folder is not None:
            yield from sorted(folder.glob("*.json"))


@dataclass
class Driver:
    """One case on its way through Home Assistant."""

    hass: HomeAssistant
    entry: MockConfigEntry
    freezer: FrozenDateTimeFactory
    send: Send
    case: Case
    start: int = 0
    marks: dict[str, int] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Take all steps, and look at the end what the statistics hold."""
        self.start = self.now
        for number, step in enumerate(self.case["steps"]):
            where = f"{self.case['id']}, step {number}"
            if step.get("mark") or number == 0:
                self._mark()
            for body in self._bodies(step):
                await self.send(body, self._filled(step.get("topic", f"smartlog/{GATEWAY}/report")))
                await self.settle()
            if "wait" in step:
                await self.wait(step["wait"])
            await self._expect(step.get("expect", {}), step.get("patience", 5), where)
        for number, most in self.case.get("statistics_at_most", {}).items():
            rises = await self.own_rises(number)
            assert rises, f"{number} has no statistics"
            assert max(rises) <= most, f"{number}: {rises}"

    @property
    def now(self) -> int:
        """Return the present in unix seconds."""
        return int(dt_util.utcnow().timestamp())

    async def settle(self) -> None:
        """Wait for all that a message sets off."""
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(self.hass)
        await self.settle()

    # --- what is sent ---------------------------------------------------------------

    def _bodies(self, step: Case) -> Iterator[bytes]:
        if "text" in step:
            yield self._filled(step["text"]).encode()
        for body in [step["body"]] if "body" in step else step.get("bodies", []):
            yield json.dumps(self._deep(body)).encode()

    def _deep(self, node: Any) -> Any:
        if isinstance(node, dict):
            return {self._filled(key): self._deep(value) for key, value in node.items()}
        if isinstance(node, list):
            return [self._deep(item) for item in node]
        return self._filled(node) if isinstance(node, str) else node

    def _filled(self, text: str) -> str:
        def replace(match: re.Match[str]) -> str:
            name, offset = match[1], int(match[2] or 0)
            if name == "id":
                return GATEWAY + (match[2] or "")
            return str(self.time_of(name) + offset)

        return _PLACEHOLDER.sub(replace, text)

    def time_of(self, name: str) -> int:
        """Return the time behind a placeholder."""
        match name:
            case "now":
                return self.now
            case "hour":
                return self.now // 3600 * 3600
            case "clock":
                began: int = self.case["clock"]
                return began + self.now - self.start
        return self.start

    # --- what is seen ---------------------------------------------------------------

    def entries_of(self, number: str) -> list[er.RegistryEntry]:
        """Return all entities of the meters with this number."""
        devices = dr.async_entries_for_config_entry(dr.async_get(self.hass), self.entry.entry_id)
        registry = er.async_get(self.hass)
        return [
            one
            for device in devices
            if device.serial_number == self._filled(number)
            for one in er.async_entries_for_device(
                registry, device.id, include_disabled_entities=True
            )
        ]

    def states_of(self, number: str) -> list[State]:
        """Return the states of the enabled sensors of a meter."""
        return [
            state
            for one in self.entries_of(number)
            if one.domain == "sensor"
            and one.disabled_by is None
            and (state := self.hass.states.get(one.entity_id)) is not None
        ]

    def registers_of(self, number: str) -> dict[str, list[float]]:
        """Return what the enabled registers of a meter show, by dimension."""
        found: dict[str, list[float]] = {}
        for state in self.states_of(number):
            if state.attributes.get("state_class") in {"total", "total_increasing"} and _is_number(
                state.state
            ):
                unit = state.attributes.get("unit_of_measurement") or ""
                factors = {"energy": _KWH, "volume": _M3}
                for dimension, known in factors.items():
                    if unit in known:
                        value = float(state.state) * known[unit]
                        found.setdefault(dimension, []).append(value)
                        break
                else:
                    found.setdefault("other", []).append(float(state.state))
        return found

    def _mark(self) -> None:
        numbers = set(re.findall(r'"METER_ID": "(\d+)"', json.dumps(self.case["steps"])))
        self.marks = {number: len(self.entries_of(number)) for number in numbers}

    async def _expect(self, expect: Case, patience: float, where: str) -> None:
        waited = 0.0
        while True:
            wrong = [text async for text in self._wrong(expect)]
            if not wrong:
                return
            if waited >= patience:
                raise AssertionError(f"{where}: " + "; ".join(wrong))
            await self.wait(5)
            waited += 5

    async def _wrong(self, expect: Case) -> AsyncIterator[str]:  # noqa: C901  a table of keys
        issues = [
            issue for issue in ir.async_get(self.hass).issues.values()
            if issue.domain == DOMAIN and issue.active
        ]  # fmt: skip
        if expect.get("or_issue") and issues:
            return
        for number, dimensions in expect.get("registers", {}).items():
            seen = self.registers_of(number)
            for dimension, values in dimensions.items():
                if not _alike(seen.get(dimension, []), values):
                    yield f"{number} shows {seen}, not {dimension} {values}"
        for number, pairs in expect.get("shows", {}).items():
            seen_pairs = [_pair(state) for state in self.states_of(number)]
            for pair in pairs:
                if not any(_same_pair(one, pair) for one in seen_pairs):
                    yield f"{number} shows {seen_pairs}, not {pair}"
        gateway = [_pair(state) for state in self.states_of("@id")]
        for pair in expect.get("gateway_shows", []):
            if not any(_same_pair(one, pair) for one in gateway):
                yield f"the gateway shows {gateway}, not {pair}"
        for number, values in expect.get("never", {}).items():
            for state in self.states_of(number):
                if _is_number(state.state) and any(_near(float(state.state), v) for v in values):
                    yield f"{state.entity_id} shows {state.state}"
        for number, unit in expect.get("no_number", {}).items():
            for state in self.states_of(number):
                if _is_number(state.state) and _pair(state)[1] == unit:
                    yield f"{state.entity_id} shows {state.state} {unit}"
        for number, more in expect.get("more_entities", {}).items():
            rise = len(self.entries_of(number)) - self.marks[number]
            if rise != more:
                yield f"{number} has {rise} new entities, not {more}"
        for number in expect.get("no_new_entities", []):
            rise = len(self.entries_of(number)) - self.marks[number]
            if rise:
                yield f"{number} has {rise} new entities"
        for number in expect.get("no_meter", []):
            if self.entries_of(number):
                yield f"{number} is there"
        if expect.get("issue") and not issues:
            yield "no issue"
        if expect.get("no_issue") and issues:
            yield f"issues {[issue.issue_id for issue in issues]}"
        about = json.dumps(
            await async_get_config_entry_diagnostics(self.hass, self.entry), default=str
        )
        for word in expect.get("diagnostics_have", []):
            if word not in about:
                yield f"diagnostics lack {word}"
        for word in expect.get("diagnostics_lack", []):
            if word in about:
                yield f"diagnostics have {word}"

    # --- statistics -------------------------------------------------------------------

    async def own_rises(self, number: str) -> list[float]:
        """Return what the statistics of a meter's own registers gained over the case."""
        await async_wait_recording_done(self.hass)
        slot = datetime.fromtimestamp(self.start // 300 * 300, UTC)
        while slot <= dt_util.utcnow():
            do_adhoc_statistics(self.hass, start=slot)
            slot += timedelta(minutes=5)
        await async_wait_recording_done(self.hass)
        names = {
            state.entity_id
            for state in self.states_of(number)
            if state.attributes.get("state_class") in {"total", "total_increasing"}
        }
        rows = await self.statistics(names, "5minute")
        return [row[-1]["sum"] or 0.0 for row in rows.values() if row]

    async def statistics(self, names: set[str], period: Any) -> dict[str, list[Any]]:
        """Return the rows of statistics, from the beginning."""
        await async_wait_recording_done(self.hass)
        found = await get_instance(self.hass).async_add_executor_job(
            statistics_during_period, self.hass, datetime(2000, 1, 1, tzinfo=UTC), None, names,
            period, None, {"state", "sum", "change"},
        )  # fmt: skip
        return {name: [*rows] for name, rows in found.items()}

    async def own_history(self, number: str, period: str) -> list[Any]:
        """Return the rows of the external statistic of a meter."""
        found = await self.statistics({f"{DOMAIN}:{GATEWAY}_{number}"}, period)
        return next(iter(found.values()), [])


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(1.0, abs(other))


def _alike(seen: list[float], values: list[float]) -> bool:
    return len(seen) == len(values) and all(
        _near(one, other) for one, other in zip(sorted(seen), sorted(values), strict=True)
    )


def _pair(state: State) -> tuple[str, str]:
    return state.state, state.attributes.get("unit_of_measurement") or ""


def _same_pair(seen: tuple[str, str], wanted: list[Any]) -> bool:
    return _is_number(seen[0]) and _near(float(seen[0]), wanted[0]) and seen[1] == wanted[1]
