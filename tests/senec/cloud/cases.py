"""Plays what users lived through: steps over the simulated cloud, through Home Assistant."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CoreState, Event, EventStateChangedData, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.diagnostics import async_get_config_entry_diagnostics
from simulators.senec_cloud import Fault
from simulators.senec_cloud_homes import wallbox

from .conftest import ANNA, Home, fields_of

type Step = Mapping[str, Any]

SERVICES = {
    "measurements": "/app-measurements",
    "systems": "/app-systems",
    "wallbox": "/app-wallbox",
    "abilities": "/app-abilities",
    "web": "/web",
}
PAGES = {
    "terms": (200, "Terms and Conditions - SENEC"),
    "400": (400, "We are sorry..."),
    "verify": (200, "Verify your email - SENEC"),
    "403": (403, "Forbidden"),
    "500": (500, "Internal error"),
    "503": (503, "Wartung"),
    "profile": (200, "Update account information"),
    "empty": (200, ""),
}
NO_VALUE = {STATE_UNAVAILABLE, STATE_UNKNOWN}


@dataclass
class Driver:
    """Plays the steps of a case with the V3 of a home that has one account."""

    home: Home
    entry: HausstromConfigEntry | None = None
    watched: dict[str, list[str]] = field(default_factory=dict)
    passwords_before: int = 0
    faults: dict[str, Fault] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.system = self.home.cloud.system(100301)
        self.system.wallboxes.clear()

    async def play(self, steps: Sequence[Step]) -> None:
        """Play all steps; an expectation that does not hold fails the test."""
        for number, step in enumerate(steps):
            if "expect" in step:
                for expected in (step["expect"],):
                    await self._expect(number, expected)
            else:
                await getattr(self, f"_{step['do']}")(step)

    # --- what is done ---------------------------------------------------------------

    async def _set_up(self, _step: Step) -> None:
        self.entry = await self.home.add()
        self.passwords_before = self.home.cloud.sso.passwords

    async def _reload(self, _step: Step) -> None:
        assert self.entry is not None
        await self.home.hass.config_entries.async_reload(self.entry.entry_id)
        await self.home.settle()

    async def _restart(self, _step: Step) -> None:
        """Stop and start: nothing that only memory knew may be known afterwards."""
        assert self.entry is not None
        hass = self.home.hass
        hass.set_state(CoreState.stopping)
        await hass.config_entries.async_unload(self.entry.entry_id)
        await self.home.settle()
        for key in [key for key in hass.data if str(key).startswith(f"{DOMAIN}_senec_cloud")]:
            del hass.data[key]
        hass.set_state(CoreState.starting)
        await hass.config_entries.async_setup(self.entry.entry_id)
        hass.set_state(CoreState.running)
        await self.home.settle()

    async def _cloud(self, step: Step) -> None:
        system, cloud = self.system, self.home.cloud
        system.state_word = step.get("state_word", system.state_word)
        system.currently |= step.get("currently", {})
        system.today |= step.get("today", {})
        if step.get("wallbox"):
            system.wallboxes[:] = [wallbox("1", "Wallbox 1", "V123")]
            system.today.setdefault("wallboxInWh", 20000.0)
            system.currently["ev_connected"] = True
        system.history_wallbox_kwh = step.get("history_wallbox_kwh", system.history_wallbox_kwh)
        cloud.writing.takes = step.get("takes", cloud.writing.takes)
        cloud.writing.after_seconds = step.get("takes_after_s", cloud.writing.after_seconds)

    async def _answer(self, step: Step) -> None:
        if (fault := self.faults.pop(step["service"], None)) is not None:
            self.home.cloud.faults.remove(fault)
        if step["status"] is not None:
            path = SERVICES[step["service"]]
            self.faults[step["service"]] = self.home.cloud.fail(path, status=step["status"])

    async def _portal(self, step: Step) -> None:
        self.home.cloud.sso.site_wants = step["wants"]

    async def _page_after_password(self, step: Step) -> None:
        page = step["page"]
        if page is None:
            self.home.cloud.sso.after_password = None
            return
        status, title = PAGES[page]
        text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body></body></html>"
        self.home.cloud.sso.after_password = (status, text)

    async def _sessions_end(self, step: Step) -> None:
        self.home.cloud.end_sessions(of_portal_alone=step["of"] == "portal")
        self.passwords_before = self.home.cloud.sso.passwords

    async def _wait(self, step: Step) -> None:
        left = step["minutes"]
        while left > 0:
            await self.home.wait(minutes=min(left, 5))
            left -= 5

    async def _watch(self, _step: Step) -> None:
        @callback
        def note(event: Event[EventStateChangedData]) -> None:
            state = event.data["new_state"]
            if state is not None:
                self.watched.setdefault(event.data["entity_id"], []).append(state.state)

        self.home.hass.bus.async_listen("state_changed", note)
        for state in self.home.hass.states.async_all():
            self.watched.setdefault(state.entity_id, []).append(state.state)

    async def _call(self, step: Step) -> None:
        domain, name = step["action"].split(".")
        entity_id = self._entity_id(step["key"])
        assert entity_id is not None, step["key"]
        data = {"entity_id": entity_id, **step["data"]}
        task = asyncio.create_task(
            self.home.hass.services.async_call(domain, name, data, blocking=True)
        )
        error: HomeAssistantError | None = None
        try:
            await self.home.until_done(task)
        except HomeAssistantError as raised:
            error = raised
        if "error" in step:
            assert (error is not None) is step["error"], (step, error)
        await self.home.settle()

    async def _user_does_what_is_asked(self, _step: Step) -> None:
        flows = self._reauth_flows()
        if not flows:
            await self._reload({})
            return
        form = await self.home.hass.config_entries.flow.async_configure(flows[0]["flow_id"])
        done = await self.home.enter(form, fields_of(ANNA))
        assert done["type"] is FlowResultType.ABORT, done
        self.passwords_before = self.home.cloud.sso.passwords

    # --- what is expected -------------------------------------------------------------

    async def _expect(self, number: int, expected: Mapping[str, Any]) -> None:
        about = (number, dict(expected))
        if "key" in expected:
            self._expect_of_key(about, expected)
            return
        cloud = self.home.cloud
        sent = cloud.sso.passwords - self.passwords_before
        told = len(self._issues()) + len(self._reauth_flows())
        for name, wanted in expected.items():
            match name:
                case "passwords_sent_at_most":
                    assert sent <= wanted, (about, sent)
                case "repair_issues":
                    assert len(self._issues()) == wanted, (about, self._issues())
                case "reauth":
                    assert len(self._reauth_flows()) == wanted, about
                case "user_is_told":
                    assert (told > 0) is wanted, about
                case "page_named":
                    issues = self._issues()
                    assert any(wanted in str(i.translation_placeholders) for i in issues), about
                case "diagnostics_contain":
                    assert self.entry is not None
                    found = await async_get_config_entry_diagnostics(self.home.hass, self.entry)
                    assert wanted in json.dumps(found, default=str), about
                case "saved":
                    saved = [
                        parse_qs(urlsplit(path).query)
                        for _, path, _ in cloud.writes
                        if "saveSettings" in path
                    ]
                    assert saved, about
                    assert {key: saved[-1][key][0] for key in wanted} == wanted, about
                case _:
                    raise AssertionError(about)

    def _expect_of_key(self, about: object, expected: Mapping[str, Any]) -> None:
        entity_id = self._entity_id(expected["key"])
        state = None if entity_id is None else self.home.hass.states.get(entity_id)
        shown = STATE_UNAVAILABLE if state is None else state.state
        if "state" in expected:
            wanted = expected["state"]
            if wanted is None:
                assert shown in NO_VALUE, (about, shown)
            elif isinstance(wanted, str):
                assert shown == wanted, (about, shown)
            else:
                assert float(shown) == wanted, (about, shown)
        if "not" in expected:
            assert shown in NO_VALUE or float(shown) not in expected["not"], (about, shown)
        if "available" in expected:
            assert (shown != STATE_UNAVAILABLE) is expected["available"], (about, shown)
        seen = self.watched.get(entity_id or "", [])
        if "never_below" in expected:
            numbers = [float(one) for one in seen if one not in NO_VALUE]
            assert numbers, about
            assert min(numbers) >= expected["never_below"], (about, numbers)
        if "never" in expected:
            assert seen, about
            assert expected["never"] not in seen, (about, seen)

    def _entity_id(self, key: str) -> str | None:
        assert self.entry is not None
        wanted = f"{self.entry.unique_id}_{key}"
        for entity in er.async_entries_for_config_entry(
            er.async_get(self.home.hass), self.entry.entry_id
        ):
            if entity.unique_id == wanted:
                return entity.entity_id
        return None

    def _issues(self) -> list[ir.IssueEntry]:
        return [
            issue
            for (domain, name), issue in ir.async_get(self.home.hass).issues.items()
            if domain == DOMAIN and issue.active and "energy" not in name
        ]

    def _reauth_flows(self) -> list[Any]:
        return [
            flow
            for flow in self.home.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
            if flow["context"]["source"] == "reauth"
        ]


def is_loaded(entry: HausstromConfigEntry) -> bool:
    """Whether an entry is up."""
    return entry.state is ConfigEntryState.LOADED
