"""Cases as data: a table, and what happens to it step by step, driven through Home Assistant."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from copy import deepcopy
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.hausstrom.const import CONF_CERTIFICATE, DOMAIN
from custom_components.hausstrom.repairs import async_create_fix_flow

from .fake import FakeSenec, Trouble
from .support import InThread

STEP: Final = 5
NO_VALUE: Final = {"unknown", "unavailable"}
TEXTS: Final = json.loads(
    (Path(__file__).parents[3] / "custom_components/hausstrom/translations/en.json").read_text()
)
FIXTURES: Final = Path(__file__).parent / "fixtures"


def base_table() -> dict[str, dict[str, Any]]:
    """Return the table of a V3 with three modules and one wallbox; every value is invented."""
    table: dict[str, dict[str, Any]] = json.loads((FIXTURES / "v3_table.json").read_text())
    return table


class Driver:
    """One system in one Home Assistant, and the steps of a case."""

    def __init__(
        self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, running: InThread[FakeSenec]
    ) -> None:
        self.hass = hass
        self.freezer = freezer
        self.running = running
        self.device = running.simulator
        self.entry: ConfigEntry | None = None
        self.remembered: dict[str, float] = {}
        self.writes_from = 0
        self.fix_flow: Any = None

    # --- time -----------------------------------------------------------------------

    async def settle(self) -> None:
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def wait(self, seconds: float) -> None:
        while seconds > 0:
            step = min(STEP, seconds)
            seconds -= step
            self.freezer.tick(step)
            async_fire_time_changed(self.hass, dt_util.utcnow())
            await self.settle()

    async def by(self, within: float, holds: Any) -> bool:
        """Wait until something holds, at most so long; return whether it does."""
        waited = 0.0
        while not holds():
            if waited >= within:
                return False
            await self.wait(STEP)
            waited += STEP
        return True

    # --- looking --------------------------------------------------------------------

    def entity_id(self, key: str) -> str | None:
        assert self.entry is not None
        for entity in er.async_entries_for_config_entry(
            er.async_get(self.hass), self.entry.entry_id
        ):
            if entity.unique_id == f"{self.entry.unique_id}_{key}":
                return entity.entity_id
        return None

    def state(self, key: str) -> str | None:
        """Return what the entity of a key shows; None: it has no value."""
        entity_id = self.entity_id(key)
        state = None if entity_id is None else self.hass.states.get(entity_id)
        return None if state is None or state.state in NO_VALUE else state.state

    def shows(self, key: str, wanted: object) -> bool:
        shown = self.state(key)
        if wanted is None or shown is None:
            return wanted is None and shown is None
        if isinstance(wanted, str):
            return shown == wanted
        return abs(float(shown) - float(str(wanted))) < 0.05

    def words(self, key: str) -> str | None:
        """Return the English words of the state of a key."""
        shown, entity_id = self.state(key), self.entity_id(key)
        if shown is None or entity_id is None:
            return None
        registered = er.async_get(self.hass).async_get(entity_id)
        assert registered is not None
        texts = TEXTS["entity"][registered.domain].get(registered.translation_key, {})
        words: str = texts.get("state", {}).get(shown, shown)
        return words

    def issues(self) -> set[str]:
        return {
            issue_id
            for domain, issue_id in ir.async_get(self.hass).issues
            if domain == DOMAIN and not issue_id.startswith("energy_dashboard")
        }

    # --- steps ------------------------------------------------------------------------

    async def run(self, steps: list[dict[str, Any]]) -> None:
        for number, step in enumerate(steps):
            if "do" in step:
                await getattr(self, f"do_{step['do']}")(step)
            else:
                assert await self.expect(step["expect"]), (number, step, self.failure(step))

    def failure(self, step: dict[str, Any]) -> object:
        expected = step["expect"]
        return (
            self.state(expected["key"])
            if "key" in expected
            else (self.issues(), self.device.writes)
        )

    async def do_set_up(self, step: Mapping[str, Any]) -> None:
        flow = await self.hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_USER}
        )
        flow = await self.hass.config_entries.flow.async_configure(
            flow["flow_id"], {"next_step_id": "senec_local"}
        )
        # Nothing but the connection of the requests may be used to see the certificate.
        elsewhere = step.get("certificate_cannot_be_fetched", False)
        with patch("asyncio.open_connection", side_effect=OSError) if elsewhere else nullcontext():
            flow = await self.hass.config_entries.flow.async_configure(
                flow["flow_id"], {"host": step.get("host", self.device.host)}
            )
        assert flow["type"] is FlowResultType.CREATE_ENTRY, flow
        self.entry = flow["result"]
        await self.settle()

    async def do_device(self, step: Mapping[str, Any]) -> None:
        self.device.update(step["table"])

    async def do_answer(self, step: Mapping[str, Any]) -> None:
        if "shows_after_s" in step:
            self.device.shows_after = step["shows_after_s"]
            return
        seconds = step.get("seconds")
        self.device.troubles.append(
            Trouble(
                to=step["to"],
                status=step.get("status", 504),
                times=step.get("times"),
                until=None if seconds is None else self.device.now() + seconds,
                section=step.get("section", ""),
                count=step.get("count", 0),
                how=step.get("how", "status"),
            )
        )
        if step["to"] == "everything" and seconds is not None:
            await self.wait(seconds)

    async def do_scheme(self, step: Mapping[str, Any]) -> None:
        self.running.call(
            self.device.change(step["scheme"], new_certificate=step.get("new_certificate", False))
        )

    async def do_wait(self, step: Mapping[str, Any]) -> None:
        await self.wait(step["seconds"])

    async def do_reload(self, _step: Mapping[str, Any]) -> None:
        assert self.entry is not None
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.settle()

    async def do_call(self, step: Mapping[str, Any]) -> None:
        self.writes_from = len(self.device.writes)
        domain, action = step["action"].split(".")
        entity_id = self.entity_id(step["key"])
        assert entity_id is not None, step
        try:
            await self.hass.services.async_call(
                domain, action, {"entity_id": entity_id, **step.get("data", {})}, blocking=True
            )
        except HomeAssistantError:
            assert step.get("error") is not False, step
        else:
            assert step.get("error") is not True, step
        await self.settle()

    async def do_enable(self, step: Mapping[str, Any]) -> None:
        for key in step["keys"]:
            entity_id = self.entity_id(key)
            assert entity_id is not None, key
            er.async_get(self.hass).async_update_entity(entity_id, disabled_by=None)
        await self.do_reload({})

    async def do_disable(self, step: Mapping[str, Any]) -> None:
        for key in step["keys"]:
            entity_id = self.entity_id(key)
            assert entity_id is not None, key
            er.async_get(self.hass).async_update_entity(
                entity_id, disabled_by=er.RegistryEntryDisabler.USER
            )
        await self.do_reload({})

    async def do_forget(self, step: Mapping[str, Any]) -> None:
        """Go back to an earlier release that did not know these keys, then start."""
        assert self.entry is not None
        await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.settle()
        for key in step["keys"]:
            if (entity_id := self.entity_id(key)) is not None:
                er.async_get(self.hass).async_remove(entity_id)
        await self.forget_stored(set(step["keys"]))
        await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.settle()

    async def forget_stored(self, keys: set[str]) -> None:
        raise NotImplementedError

    async def do_remember(self, step: Mapping[str, Any]) -> None:
        self.remembered[step["as"]] = float(str(self.state(step["key"])))

    async def do_answer_issue(self, step: Mapping[str, Any]) -> None:
        await self.do_prepare_answer(step)
        await self.do_give_answer(step)

    async def do_prepare_answer(self, _step: Mapping[str, Any]) -> None:
        """Read the question; what is there may change before the answer."""
        (issue_id,) = self.issues()
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, issue_id)
        assert issue is not None
        flow: Any = await async_create_fix_flow(self.hass, issue_id, issue.data)
        flow.hass, flow.issue_id, flow.data = self.hass, issue_id, issue.data
        asked = await flow.async_step_init(None)
        assert asked["step_id"] == "confirm"
        self.fix_flow = flow

    async def do_give_answer(self, step: Mapping[str, Any]) -> None:
        done = await self.fix_flow.async_step_confirm({})
        if "aborts" in step:
            assert done["reason"] == step["aborts"], done
        else:
            assert done["type"] is FlowResultType.CREATE_ENTRY, done
        await self.settle()

    async def do_restart(self, step: Mapping[str, Any]) -> None:
        pytest.skip("restarts are driven by test_restarts")

    # --- expectations -------------------------------------------------------------------

    async def expect(self, expected: Mapping[str, Any]) -> bool:
        within = expected.get("within_s", 0)
        if "issue" in expected:
            return await self.by(within, lambda: bool(self.issues()) is expected["issue"])
        if "result" in expected:  # an entry remembers the certificate of its first connection
            assert self.entry is not None
            return bool(self.entry.data[CONF_CERTIFICATE] == self.device.certificate)
        if "pinned" in expected:
            assert self.entry is not None
            return (CONF_CERTIFICATE in self.entry.data) is bool(expected["pinned"])
        if "written" in expected:
            written = [f"{place}={raw}" for _way, place, raw in self.device.writes]
            return bool(written[self.writes_from :] == expected["written"])
        if "writes" in expected:
            return self.written(expected.get("over")) == dict(expected["writes"])
        if "exists" in expected:
            return await self.by(
                within,
                lambda: (self.entity_id(expected["key"]) is not None) is expected["exists"],
            )
        if "not_below" in expected:
            floor = self.remembered[expected["not_below"]] - expected.get("less", 0)
            return await self.by(
                within,
                lambda: (
                    (shown := self.state(expected["key"])) is not None and float(shown) >= floor
                ),
            )
        if "about" in expected:
            energy = float(expected["about"])
            return abs(float(str(self.state(expected["key"]))) - energy) < max(0.01, 0.15 * energy)
        return await self.by(within, lambda: self.shows(expected["key"], expected["state"]))

    def written(self, over: str | None) -> dict[str, int]:
        """Return what was written since the last call: place → number, for u8 and floats alike."""
        return {
            place: int(value.removeprefix("u8_"), 16)
            for scheme, place, value in self.device.writes[self.writes_from :]
            if over is None or scheme == over
        }


def table_of(case: Mapping[str, Any], base: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return the table that a case begins with."""
    table = {section: dict(rows) for section, rows in deepcopy(dict(base)).items()}
    for section, rows in case.get("device", {}).items():
        table.setdefault(section, {}).update(rows)
    return table
