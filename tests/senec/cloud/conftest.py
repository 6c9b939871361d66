"""SENEC's cloud on this machine, with a clock that the test turns."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from yarl import URL

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.senec.cloud import history_import
from custom_components.hausstrom.senec.cloud.protocol.account import Account, Stored
from custom_components.hausstrom.senec.cloud.protocol.sign_in import Credentials
from custom_components.hausstrom.senec.cloud.protocol.totp import OneTimeCodes
from custom_components.hausstrom.senec.protocol.hosts import Hosts
from simulators.senec_cloud import SenecCloud
from tests.senec.samples import samples as samples_folder

ANNA = Credentials("anna@example.com", "sonnenschein")
BERT = Credentials("bert@example.com", "kein-geheimnis", "JBSWY3DPEHPK3PXP")
NOON = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Stage:
    """The simulated cloud, its clock, and what an account has stored."""

    cloud: SenecCloud
    clock: Clock
    hosts: Hosts
    session: ClientSession
    stored: list[Stored] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    codes: OneTimeCodes = field(init=False)

    def __post_init__(self) -> None:
        self.codes = OneTimeCodes(self.clock, self.sleep)

    async def sleep(self, seconds: float) -> None:
        """Wait by turning the clock."""
        self.slept.append(seconds)
        self.clock.turn(seconds=seconds)

    async def _store(self, state: Stored) -> None:
        self.stored.append(state)

    def account(self, credentials: Credentials = ANNA, *, resume: bool = False) -> Account:
        return Account(
            self.session,
            self.hosts,
            credentials,
            clock=self.clock,
            codes=self.codes,
            sleep=self.sleep,
            store=self._store,
            stored=self.stored[-1] if resume else None,
        )


@pytest.fixture
async def stage(socket_enabled: None) -> AsyncIterator[Stage]:
    clock = Clock()
    cloud = SenecCloud(clock)
    server = TestServer(cloud.application())
    await server.start_server(access_log=None)
    session = ClientSession(cookie_jar=CookieJar(unsafe=True))
    try:
        base = URL(f"http://127.0.0.1:{server.port}")
        yield Stage(cloud, clock, Hosts.at(base), session)
    finally:
        await session.close()
        await server.close()


@pytest.fixture
def samples() -> dict[str, str]:
    """The samples of real answers beside the repository, where there are any."""
    return {path.name: path.read_text("utf-8") for path in samples_folder().iterdir()}


@dataclass
class Home:
    """A Home Assistant beside the simulated cloud."""

    hass: HomeAssistant
    cloud: SenecCloud
    freezer: FrozenDateTimeFactory

    async def begin(self, kind: str) -> ConfigFlowResult:
        """Open the config flow and choose a kind."""
        flow = await self.hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_USER}
        )
        assert flow["type"] is FlowResultType.MENU
        return await self.enter(flow, {"next_step_id": kind})

    async def enter(self, flow: ConfigFlowResult, fields: dict[str, object]) -> ConfigFlowResult:
        """Fill the form of a flow."""
        result = await self.hass.config_entries.flow.async_configure(flow["flow_id"], fields)
        await self.settle()
        return result

    async def add(self, credentials: Credentials = ANNA, system: str = "") -> HausstromConfigEntry:
        """Add a system of an account as a person would."""
        flow = await self.begin("senec_cloud")
        flow = await self.enter(flow, fields_of(credentials))
        if flow["type"] is FlowResultType.FORM and flow["step_id"] == "senec_system":
            flow = await self.enter(flow, {"system_id": system})
        assert flow["type"] is FlowResultType.CREATE_ENTRY, flow
        entry: HausstromConfigEntry = flow["result"]
        assert entry.state is ConfigEntryState.LOADED
        return entry

    async def visit(self, entry: HausstromConfigEntry) -> ConfigFlowResult:
        """Begin to reconfigure an entry."""
        return await self.hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
        )

    async def settle(self) -> None:
        """Let everything that is going on come to its end."""
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def wait(self, **by: float) -> None:
        """Let time pass, in one step."""
        self.freezer.tick(timedelta(**by))
        async_fire_time_changed(self.hass)
        await self.settle()

    async def until_done(self, task: asyncio.Task[object], seconds: int = 90) -> None:
        """Let time pass second by second until a task is done, which waits for it; raise its error.

        Not with `settle`: Home Assistant would wait for the task, and the task for the clock.
        """
        for _ in range(seconds):
            for _ in range(150):  # requests are real, and the loop's own clock stands still
                await asyncio.sleep(0)
                if task.done():
                    break
            if task.done():
                break
            self.freezer.tick(timedelta(seconds=1))
            async_fire_time_changed(self.hass)
        assert task.done()
        await task
        await self.settle()

    def entity_id(self, entry: HausstromConfigEntry, platform: str, key: str) -> str:
        """Return the entity that shows a key."""
        registry = er.async_get(self.hass)
        entity_id = registry.async_get_entity_id(platform, DOMAIN, f"{entry.unique_id}_{key}")
        assert entity_id is not None, key
        return entity_id

    def state(self, entry: HausstromConfigEntry, platform: str, key: str) -> State:
        """Return the state of the entity that shows a key."""
        state = self.hass.states.get(self.entity_id(entry, platform, key))
        assert state is not None
        return state


def fields_of(credentials: Credentials) -> dict[str, object]:
    """Return what a person enters."""
    fields: dict[str, object] = {
        "username": credentials.username,
        "password": credentials.password,
    }
    if credentials.totp_secret is not None:
        fields["totp_secret"] = credentials.totp_secret
    return fields


@pytest.fixture
async def home(
    hass: HomeAssistant,
    socket_enabled: None,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Home]:
    freezer.move_to(NOON)
    cloud = SenecCloud(dt_util.utcnow)
    server = TestServer(cloud.application())
    await server.start_server(access_log=None)
    monkeypatch.setenv("HAUSSTROM_SENEC_CLOUD_URL", f"http://127.0.0.1:{server.port}")
    try:
        yield Home(hass, cloud, freezer)
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    finally:
        await server.close()


@pytest.fixture
async def quick_loop() -> None:
    """Turn the loop's debug mode off: days of polls are slow in it, on a busy machine."""
    asyncio.get_running_loop().set_debug(False)


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have SENEC's history asked for without a pause."""
    monkeypatch.setattr(history_import, "PAUSE", 0)
