"""Somebody else takes the place of a device, of a broker, of a service: nothing is sent to them.

Every kind, in every way in: while it runs, at a start, in reauth, in reconfigure, when it is discovered
elsewhere, with another certificate and with none at all.
"""

import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, Final, Self

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.config_entries import (
    SOURCE_DHCP,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.const import CONF_CERTIFICATE, DOMAIN
from custom_components.hausstrom.senec.local import flow as senec_flow
from simulators.senec_local_tls import server_context
from tests.senec.cloud.conftest import ANNA, Home
from tests.senec.local.cases import Driver, base_table
from tests.years.senec_ways import connect_entry

from .posting import posting_smartlog

OLD: Final = "password-of-the-entry"
NEW: Final = "password-just-entered"
KEY: Final = "c0ffee00c0ffee00c0ffee00c0ffee00"


class Impostor:
    """Listens with a certificate of its own, or without TLS, and keeps what it is told."""

    def __init__(self, folder: Path, *, tls: bool) -> None:
        self._context: ssl.SSLContext | None = None
        if tls:
            folder.mkdir()
            self._context = server_context(folder, "looks like the broker")
        self.heard = bytearray()
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with suppress(OSError), connection:
                connection.settimeout(3)
                if self._context is not None:
                    connection = self._context.wrap_socket(connection, server_side=True)
                self.heard += connection.recv(65_536)


@pytest.fixture(params=["another certificate", "no TLS at all"])
def impostor(
    request: pytest.FixtureRequest, tmp_path: Path, socket_enabled: None
) -> Iterator[Impostor]:
    with Impostor(tmp_path / "impostor", tls=request.param != "no TLS at all") as made:
        yield made


def entry_of(hass: HomeAssistant, kind: str, port: int, pinned: str) -> MockConfigEntry:
    """Return an entry whose broker was another one."""
    broker = {
        "host": "127.0.0.1",
        "port": port,
        "tls": True,
        "username": "anna",
        "password": OLD,
        CONF_CERTIFICATE: pinned,
    }
    more: dict[str, dict[str, Any]] = {
        "evn": {
            "source": "broker",
            "topic": "meter",
            "key": KEY,
            "system_title": "4b464d1020304050",
            "meter_number": None,
        },
        "victron": {"source": "gx", "portal_id": "c0619ab1f00d"},
        "smartlog": {
            "transport": "mqtt",
            "source": "broker",
            "topic": "smartlog/#",
            "gateway_id": "a1b2c3",
            "smartlog_id": "",
        },
    }
    identity = {"evn": "4b464d1020304050", "victron": "c0619ab1f00d", "smartlog": "a1b2c3"}[kind]
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id=f"{kind}_{identity}",
        data={"kind": kind, "broker": broker, **more[kind]},
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def pinned(tmp_path: Path) -> str:
    folder = tmp_path / "true"
    folder.mkdir()
    server_context(folder, "the true broker")
    return (folder / "certificate.pem").read_text()


BROKER_KINDS: Final = ("evn", "victron", "smartlog")


@pytest.mark.parametrize("kind", BROKER_KINDS)
async def test_in_the_place_of_a_broker_at_a_start(
    hass: HomeAssistant, impostor: Impostor, pinned: str, kind: str
) -> None:
    entry = entry_of(hass, kind, impostor.port, pinned)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert impostor.connections > 0
    assert OLD.encode() not in impostor.heard
    assert b"anna" not in impostor.heard
    assert entry.data["broker"][CONF_CERTIFICATE] == pinned
    await hass.config_entries.async_unload(entry.entry_id)


async def fill(
    hass: HomeAssistant, flow: ConfigFlowResult, values: dict[str, Any]
) -> ConfigFlowResult:
    """Go through the forms of a flow until it ends, or tells an error."""
    for _ in range(6):
        if flow["type"] is FlowResultType.MENU:
            options = [*flow["menu_options"]]  # type: ignore[misc]  # a list, or a mapping by name
            given: dict[str, Any] = {"next_step_id": options[0]}
        elif flow["type"] is FlowResultType.FORM and not flow["errors"]:
            given = {}
            for field in flow["data_schema"].schema if flow["data_schema"] else ():
                suggested = (field.description or {}).get("suggested_value")
                default = field.default() if callable(field.default) else None
                value = values.get(str(field), suggested if suggested is not None else default)
                if value is not None:
                    given[str(field)] = value
        else:
            break
        flow = await hass.config_entries.flow.async_configure(flow["flow_id"], given)
    return flow


@pytest.mark.parametrize("way", ["reauth", "reconfigure"])
@pytest.mark.parametrize("kind", BROKER_KINDS)
async def test_in_the_place_of_a_broker_in_a_form(
    hass: HomeAssistant, impostor: Impostor, pinned: str, kind: str, way: str
) -> None:
    entry = entry_of(hass, kind, impostor.port, pinned)
    begin = entry.start_reauth_flow if way == "reauth" else entry.start_reconfigure_flow
    flow = await fill(
        hass,
        await begin(hass),
        {
            "host": "127.0.0.1", "port": impostor.port, "tls": True, "username": "anna",
            "password": NEW, "source": entry.data["source"], "transport": "mqtt", "key": KEY,
        },
    )  # fmt: skip
    assert flow["type"] is FlowResultType.FORM
    assert flow["errors"]
    assert impostor.connections > 0
    assert NEW.encode() not in impostor.heard
    assert OLD.encode() not in impostor.heard
    assert entry.data["broker"][CONF_CERTIFICATE] == pinned
    assert entry.data["broker"]["password"] == OLD


# --- a SENEC ------------------------------------------------------------------------------


def asked_for(driver: Driver, since: int) -> set[str]:
    return {section for asked in driver.device.asked[since:] for section in asked}


STRANGERS: Final[dict[str, dict[str, Any]]] = {
    "another certificate": {"scheme": "https", "new_certificate": True},
    "plain http": {"scheme": "http"},
}


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("when", ["while running", "at a start"])
async def test_in_the_place_of_a_senec(drive: Any, when: str, stranger: str) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(30)
    since = len(driver.device.asked)
    await driver.do_scheme(STRANGERS[stranger])
    if when == "at a start":
        await driver.do_reload({})
    await driver.wait(200)
    assert driver.state("grid_power") is None
    await driver.do_call({"action": "switch.turn_on", "key": "energy_safe_charge_running"})
    assert driver.device.writes == []
    # Who it is may be asked, for the question that the user gets; nothing else is.
    assert asked_for(driver, since) <= {"FACTORY"}
    assert await driver.expect({"issue": True})


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_in_the_place_of_a_senec_in_reconfigure(drive: Any, stranger: str) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    assert driver.entry is not None
    before = driver.entry.data
    await driver.hass.config_entries.async_unload(driver.entry.entry_id)
    since = len(driver.device.asked)
    await driver.do_scheme(STRANGERS[stranger])
    flow = await driver.hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": driver.entry.entry_id}
    )
    flow = await driver.hass.config_entries.flow.async_configure(
        flow["flow_id"], {"host": driver.device.host}
    )
    assert flow["type"] is FlowResultType.FORM  # the question, and no answer to it
    assert driver.entry.data == before
    assert asked_for(driver, since) <= {"FACTORY", "WIZARD", "SYS_UPDATE", "BMS", "BAT1"}
    assert driver.device.writes == []


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_in_the_place_of_a_senec_at_an_address_that_was_announced(
    drive: Any, stranger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senec_flow, "_is_address", lambda host: host[0].isdigit())
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    assert driver.entry is not None
    there = {**driver.entry.data, "host": "127.0.0.1:1"}
    driver.hass.config_entries.async_update_entry(driver.entry, data=there)
    await driver.do_scheme(STRANGERS[stranger])
    since = len(driver.device.asked)
    await driver.hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_DHCP},
        data=DhcpServiceInfo(
            ip=driver.device.host,
            hostname="senec",
            macaddress=str(driver.entry.data.get("mac", "")).replace(":", ""),
        ),
    )
    assert driver.entry.data == there
    assert asked_for(driver, since) <= {"FACTORY"}


# --- SENEC's services -------------------------------------------------------------------------


@pytest.fixture
async def elsewhere(socket_enabled: None) -> AsyncIterator[tuple[str, list[str]]]:
    """Return the address of a server that is not SENEC's, and what it is told."""
    told: list[str] = []

    async def hear(request: web.Request) -> web.Response:
        told.append(f"{request.method} {request.path_qs} {dict(request.headers)}")
        told.append((await request.read()).decode("latin-1"))
        return web.json_response({})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", hear)
    server = TestServer(application)
    await server.start_server()
    try:
        yield f"http://127.0.0.1:{server.port}", told
    finally:
        await server.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_senecs_services_lead_nowhere_else(
    home: Home, elsewhere: tuple[str, list[str]], status: int
) -> None:
    """Neither a token nor a key follows a redirect to another host."""
    there, told = elsewhere
    entry = await home.add()
    key_entry = connect_entry(home.hass)
    assert await home.hass.config_entries.async_setup(key_entry.entry_id)
    home.cloud.fail("/", status=status, location=f"{there}/collect")
    for _ in range(4):
        await home.wait(minutes=6)
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.hass.config_entries.async_reload(key_entry.entry_id)
    await home.settle()
    assert told == []
    assert ANNA.password not in "".join(told)
    for one in (entry, key_entry):
        await home.hass.config_entries.async_unload(one.entry_id)


# --- whoever reports in the place of a SmartLog -------------------------------------------------


async def test_in_the_place_of_a_smartlog(hass: HomeAssistant, hass_client_no_auth: Any) -> None:
    await posting_smartlog(hass, OLD)
    client = await hass_client_no_auth()
    before = len(hass.states.async_all())
    report = b'{"muc": {"MUC_ID": "a1b2c3", "TIMESTAMP": "1790000000", "meter": []}}'
    for auth in (None, ("smartlog", ""), ("smartlog", NEW), ("", OLD), ("SMARTLOG", OLD)):
        headers = {}
        if auth is not None:
            headers = {"Authorization": aiohttp.encode_basic_auth(*auth)}
        answer = await client.post("/api/webhook/0123456789abcdef", data=report, headers=headers)
        assert answer.status == 401, auth
        assert OLD not in await answer.text()
    await hass.async_block_till_done()
    assert len(hass.states.async_all()) == before
