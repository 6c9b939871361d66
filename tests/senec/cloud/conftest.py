"""SENEC's cloud on this machine, with a clock that the test turns."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from yarl import URL

from custom_components.hausstrom.senec.cloud.account import Account, Stored
from custom_components.hausstrom.senec.cloud.hosts import Hosts
from custom_components.hausstrom.senec.cloud.sign_in import Credentials
from simulators.senec_cloud import SenecCloud

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

    async def _store(self, state: Stored) -> None:
        self.stored.append(state)

    def account(self, credentials: Credentials = ANNA, *, resume: bool = False) -> Account:
        return Account(
            self.session,
            self.hosts,
            credentials,
            clock=self.clock,
            store=self._store,
            stored=self.stored[-1] if resume else None,
        )


@pytest.fixture
async def stage(socket_enabled: None) -> AsyncIterator[Stage]:
    clock = Clock()
    cloud = SenecCloud(clock)
    server = TestServer(cloud.application())
    await server.start_server()
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
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared" / "samples" / "senec"
        if folder.is_dir():
            return {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    pytest.skip("no samples beside the repository")
