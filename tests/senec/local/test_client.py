"""The client against the simulated device: schemes, sessions, faults, one request at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import aiohttp
import pytest
from aiohttp import web

from custom_components.hausstrom.senec.local.protocol.client import (
    LalaClient,
    LalaError,
    LalaFault,
    _bracketed,
)
from custom_components.hausstrom.senec.local.protocol.points import Ref
from custom_components.hausstrom.senec.local.protocol.request import read_body, write_body
from custom_components.hausstrom.tls import async_fetch_certificate, pinned_context
from simulators.mosquitto import free_port
from simulators.senec_local import COOKIE, Model, SenecSimulator

from .support import NOON, Running, device

STATE = read_body([Ref("ENERGY", "STAT_STATE")])

pytestmark = pytest.mark.usefixtures("socket_enabled")


@asynccontextmanager
async def running(
    model: Model = Model.V3, application: str = "0826"
) -> AsyncIterator[tuple[SenecSimulator, LalaClient]]:
    with Running(SenecSimulator(device(model, application))) as running_device:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            simulator = running_device.simulator
            yield simulator, LalaClient(session, simulator.host, timeout_seconds=5)


async def test_https_is_found_and_the_session_cookie_kept() -> None:
    async with running() as (simulator, client):
        identity = await client.probe()
        assert client.scheme == "https"
        assert client.base_url == f"https://{simulator.host}"
        assert identity.device_id == "2000000000000000000000001"
        answer = await client.query(STATE)
        assert isinstance(answer.cell("ENERGY", "STAT_STATE"), int)
        assert client.traffic.requests == len(simulator.requests) == 2
        assert client.traffic.duration_ms is not None
        cookies = {cookie.key for cookie in client._session.cookie_jar}
        assert cookies == {COOKIE}
        assert len(simulator._sessions) == 1


async def test_http_is_found_where_https_is_not() -> None:
    async with running(application="0811") as (_simulator, client):
        await client.probe()
        assert client.scheme == "http"


async def test_a_device_that_wants_its_cookie_gets_it() -> None:
    async with running() as (simulator, client):
        simulator.faults.strict_session = True
        await client.probe()
        await client.query(STATE)
        assert len(simulator.requests) == 3


async def test_only_the_pinned_certificate_is_trusted() -> None:
    async with aiohttp.ClientSession() as session:
        with Running(SenecSimulator(device())) as running_device:
            simulator = running_device.simulator
            certificate = await async_fetch_certificate("127.0.0.1", simulator.port)
            client = LalaClient(session, simulator.host, tls=pinned_context(certificate))
            await client.probe()
            running_device.call(simulator.change_certificate())
            with pytest.raises(LalaError):  # the connection that was kept open is gone
                await client.query(STATE)
            with pytest.raises(LalaError) as caught:
                await client.query(STATE)
            assert caught.value.fault is LalaFault.CERTIFICATE
            with pytest.raises(LalaError) as caught:
                await client.probe()
            assert caught.value.fault is LalaFault.CERTIFICATE
            assert client.scheme == "https"


@pytest.mark.parametrize(
    ("status", "garbage", "truncated", "dropped", "fault"),
    [
        (504, None, False, False, LalaFault.STATUS),
        (None, b"<html>hello</html>", False, False, LalaFault.GARBAGE),
        (None, b"[]", False, False, LalaFault.GARBAGE),
        (None, b"", False, False, LalaFault.TRUNCATED),
        (None, b"{}", False, False, LalaFault.GARBAGE),
        (None, b"x" * 600_000, False, False, LalaFault.GARBAGE),
        (None, None, True, False, LalaFault.TRUNCATED),
        (None, None, False, True, LalaFault.UNREACHABLE),
    ],
)
async def test_faults_have_their_cause_and_end_when_the_device_recovers(
    status: int | None, garbage: bytes | None, truncated: bool, dropped: bool, fault: LalaFault
) -> None:
    async with running() as (simulator, client):
        await client.probe()
        faults = simulator.faults
        faults.status, faults.garbage = status, garbage
        faults.truncated, faults.dropped = truncated, dropped
        with pytest.raises(LalaError) as caught:
            await client.query(STATE)
        assert caught.value.fault is fault
        assert client.traffic.faults == {fault: 1}
        faults.status, faults.garbage, faults.truncated, faults.dropped = None, None, False, False
        assert (await client.query(STATE)).cell("ENERGY", "STAT_STATE") is not None


async def test_a_slow_device_times_out() -> None:
    async with running() as (simulator, client):
        await client.probe()
        client._timeout = 0.05
        simulator.faults.delay = 0.4
        with pytest.raises(LalaError) as caught:
            await client.query(STATE)
        assert caught.value.fault is LalaFault.TIMEOUT


async def test_a_slow_device_is_waited_for_at_first_and_after_a_timeout() -> None:
    async with running() as (simulator, client):
        client._timeout = 0.2
        simulator.faults.delay = 0.4
        await client.probe()  # nobody knows yet how slow it is
        assert (await client.query(STATE)).sections
        simulator.faults.delay = 0
        await client.query(STATE)
        simulator.faults.delay = 0.4
        with pytest.raises(LalaError):
            await client.query(STATE)
        assert (await client.query(STATE)).sections


async def test_one_request_at_a_time() -> None:
    async with running() as (simulator, client):
        await client.probe()
        simulator.faults.delay = 0.01
        await asyncio.gather(*(client.query(STATE) for _ in range(5)))
        assert simulator.most_at_once == 1
        assert len(simulator.requests) == 6


async def test_the_log_waits_for_its_turn_as_everything_does() -> None:
    async with running() as (simulator, client):
        await client.probe()
        simulator.faults.delay = 0.02
        _, lines, *_ = await asyncio.gather(
            client.query(STATE),
            client.log_lines(NOON.date()),
            client.query(STATE),
            client.log_lines(NOON.date(), double_slash_first=False),
            client.query(STATE),
        )
        assert len(lines) == 5
        assert simulator.most_at_once == 1


async def test_a_request_that_is_too_long_is_known_by_its_truncated_answer() -> None:
    async with running() as (_simulator, client):
        await client.probe()
        body = b'{"ENERGY":{%s}}' % b",".join(b'"V%05d":""' % number for number in range(1300))
        with pytest.raises(LalaError) as caught:
            await client.query(body)
        assert caught.value.fault is LalaFault.TRUNCATED


async def test_writes_are_taken() -> None:
    async with running() as (_simulator, client):
        await client.probe()
        body = write_body(Ref("SOCKETS", "LOWER_LIMIT"), "u1", 750, index=1, length=2)
        assert (await client.query(body)).cell("SOCKETS", "LOWER_LIMIT") == [500, 750]


@pytest.mark.parametrize("application", ["0811", "0826"])
@pytest.mark.parametrize("double_slash_first", [True, False])
async def test_the_log_is_read_in_either_spelling(
    application: str, double_slash_first: bool
) -> None:
    async with running(application=application) as (_simulator, client):
        await client.probe()
        lines = await client.log_lines(NOON.date(), double_slash_first=double_slash_first)
        assert len(lines) == 5
        assert lines[0] == "21.06.2026 00:00:00 INFO line 0"
        with pytest.raises(LalaError) as caught:
            await client.log_lines(date(2020, 1, 1))
        assert caught.value.status == 404


@asynccontextmanager
async def somebody(lala: web.Response, page: str) -> AsyncIterator[LalaClient]:
    """Another web server, over http."""

    async def answer(request: web.Request) -> web.Response:
        body = lala.body if isinstance(lala.body, bytes) else b""
        return (
            web.Response(status=lala.status, body=body)
            if request.path == "/lala.cgi"
            else web.Response(text=page)
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession() as session:
        try:
            yield LalaClient(session, f"127.0.0.1:{runner.addresses[0][1]}", timeout_seconds=5)
        finally:
            await runner.cleanup()


@pytest.mark.parametrize(
    ("lala", "page", "fault"),
    [
        (web.Response(status=404), "<h1>FRITZ!Box</h1>", LalaFault.NOT_SENEC),
        (web.Response(text="{}"), "printer", LalaFault.NOT_SENEC),
        (web.Response(text="<html>"), "printer", LalaFault.NOT_SENEC),
        (web.Response(status=404), "<title>SENEC.Home 4</title>", LalaFault.NO_INTERFACE),
    ],
)
async def test_others_are_told_apart(lala: web.Response, page: str, fault: LalaFault) -> None:
    async with somebody(lala, page) as client:
        with pytest.raises(LalaError) as caught:
            await client.probe()
        assert caught.value.fault is fault
        assert client.scheme == "https"


async def test_requests_wait_until_a_probe_has_settled_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A write must not go over http because a probe happens to be trying that."""
    async with aiohttp.ClientSession() as session:
        client = LalaClient(session, "127.0.0.1")
        sent: list[tuple[str, bool]] = []

        async def send(_method: str, _path: str, body: bytes | None, _limit: int) -> object:
            sent.append((client.scheme, body == STATE))
            await asyncio.sleep(0)
            raise LalaError(LalaFault.UNREACHABLE)

        monkeypatch.setattr(client, "_send", send)
        await asyncio.gather(client.probe(), client.query(STATE), return_exceptions=True)
        assert sent == [("https", False), ("http", False), ("https", True)]


async def test_nobody_there() -> None:
    async with aiohttp.ClientSession() as session:
        client = LalaClient(session, f"127.0.0.1:{free_port()}", timeout_seconds=5)
        with pytest.raises(LalaError) as caught:
            await client.probe()
        assert caught.value.fault is LalaFault.UNREACHABLE


async def test_a_host_that_is_no_host() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(LalaError) as caught:
            await LalaClient(session, "no host/at all", timeout_seconds=2).query(STATE)
        assert caught.value.fault is LalaFault.UNREACHABLE


def test_hosts_in_urls() -> None:
    assert _bracketed("192.168.1.5") == "192.168.1.5"
    assert _bracketed("senec.local:8443") == "senec.local:8443"
    assert _bracketed("fd00::5") == "[fd00::5]"
    assert _bracketed("[fd00::5]") == "[fd00::5]"
