"""The webhook: right answers to right and wrong requests, and to a flood of them."""

import asyncio
import gzip
from collections import Counter
from collections.abc import AsyncIterator
from http import HTTPStatus
from random import Random
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp.test_utils import TestClient
from homeassistant.components.webhook import async_handle_webhook
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.util.aiohttp import MockRequest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.hausstrom.smartlog import kept
from custom_components.hausstrom.smartlog import webhook as subject
from custom_components.hausstrom.smartlog.kept import KeptReports
from custom_components.hausstrom.smartlog.protocol.tree import MAX_BYTES

from .build import body, data, house, meter, muc, xml
from .conftest import PASSWORD, PATH, USERNAME, WEBHOOK_DATA, WEBHOOK_ID, Post, make_entry, set_up

OWN_PATH = f"{subject.OWN_PATH}{WEBHOOK_ID}"
LOGIN = {"Authorization": aiohttp.encode_basic_auth(USERNAME, PASSWORD)}
WRONG_LOGIN = {"Authorization": aiohttp.encode_basic_auth(USERNAME, "wrong")}
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{"&a;" * 10}">' for n in range(10))
    + "]><muc>&a9;</muc>"
).encode()


def counts(entry: MockConfigEntry) -> dict[str, int]:
    found: dict[str, int] = entry.runtime_data.diagnostics()["counts"]
    return found


async def test_basic_authentication(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    webhook_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = await hass_client_no_auth()
    for headers in ({}, WRONG_LOGIN, {"Authorization": "Bearer x"}, {"Authorization": "Basic %%"}):
        response = await client.post(PATH, data=body(house()), headers=headers)
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == 'Basic realm="SmartLog", charset="UTF-8"'
        assert await response.read() == b""
    latin_1 = aiohttp.encode_basic_auth(USERNAME, PASSWORD, "latin-1")
    for headers in (LOGIN, {"Authorization": latin_1}):
        response = await client.post(PATH, data=body(house()), headers=headers)
        assert (response.status, await response.read()) == (200, b"\n")
    assert counts(webhook_entry)["answered_401"] == 4
    assert caplog.text.count("wrong user name or password") == 1


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"time;value\n1;2", 400),
        (b"", 400),
        (b"{}", 400),
        (b"<muc>", 400),
        (BOMB, 400),
        (b"<html></html>", 400),
        (xml(house(), "latin-1"), 200),
        (body(muc(meter("1"))), 200),
        (body(muc(meter("1", data("Energy", 1)), gateway="other")), 409),
        (b" " * (MAX_BYTES + 1), 413),
    ],
    ids=lambda value: repr(value)[:16],
)
async def test_answers(post: Post, raw: bytes, status: int) -> None:
    assert await post(raw) == status


async def test_methods(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    webhook_entry: MockConfigEntry,
) -> None:
    client = await hass_client_no_auth()
    assert (await client.put(PATH, data=body(house()), headers=LOGIN)).status == 200
    assert (await client.get(PATH, headers=LOGIN)).status == 405
    assert counts(webhook_entry)["reports"] == 1


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * 65_536


async def test_a_body_without_length_is_bounded(post: Post) -> None:
    assert await post(b"", data=pieces(MAX_BYTES // 65_536 + 2)) == 413


async def test_compressed_bodies(post: Post, webhook_entry: MockConfigEntry) -> None:
    headers = {**LOGIN, "Content-Encoding": "gzip"}
    assert await post(b"", data=gzip.compress(body(house())), headers=headers) == 200
    assert await post(b"", data=gzip.compress(b" " * (5 * MAX_BYTES)), headers=headers) in {
        400,
        413,
    }
    assert await post(b"", data=b"not compressed", headers=headers) == 400


async def test_a_slow_body(
    hass: HomeAssistant,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
    webhook_entry: MockConfigEntry,
) -> None:
    monkeypatch.setattr(subject, "BODY_TIMEOUT", 0.05)
    gate = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b'{"muc":'
        await gate.wait()
        yield b"{}}"

    assert await post(b"", data=slowly()) == 408
    gate.set()
    assert await post(house()) == 200


async def test_a_connection_that_breaks(
    hass: HomeAssistant, webhook_entry: MockConfigEntry
) -> None:
    class Broken:
        async def read(self, _size: int) -> bytes:
            raise ConnectionResetError

    request = MockRequest(b"", "test", "POST", headers=LOGIN)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(MockRequest, "content", Broken())
        response = await async_handle_webhook(hass, WEBHOOK_ID, request)
    assert response.status == HTTPStatus.BAD_REQUEST


async def test_through_the_cloud(hass: HomeAssistant, webhook_entry: MockConfigEntry) -> None:
    for headers, content, status in (
        (LOGIN, xml(house(), "latin-1"), 200),
        (WRONG_LOGIN, b"", 401),
        (LOGIN, b"a;b", 400),
        (LOGIN, b" " * (MAX_BYTES + 1), 413),
    ):
        request = MockRequest(content, "cloud", "POST", headers=headers)
        response = await async_handle_webhook(hass, WEBHOOK_ID, request)
        assert response.status == status
    assert counts(webhook_entry)["reports"] == 1


async def test_from_outside_only_if_it_may(hass: HomeAssistant) -> None:
    entry = make_entry(hass, {**WEBHOOK_DATA, "local_only": True})
    await set_up(hass, entry)
    for remote, reports in (("8.8.8.8", 0), ("192.168.1.7", 1)):
        request = MockRequest(body(house()), "test", "POST", headers=LOGIN, remote=remote)
        await async_handle_webhook(hass, WEBHOOK_ID, request)
        assert counts(entry).get("reports", 0) == reports


async def test_while_the_entry_is_not_ready(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    webhook_entry: MockConfigEntry,
) -> None:
    """Nothing is answered 200 that was not kept."""
    client = await hass_client_no_auth()
    assert (await client.post(OWN_PATH, data=body(house()), headers=LOGIN)).status == 200
    for off in (
        hass.config_entries.async_unload(webhook_entry.entry_id),
        hass.config_entries.async_set_disabled_by(webhook_entry.entry_id, ConfigEntryDisabler.USER),
    ):
        await off
        closed = await client.post(OWN_PATH, data=body(house()), headers=LOGIN)
        assert (closed.status, closed.headers["Retry-After"]) == (503, "30")
        for path in (OWN_PATH, PATH):
            assert (await client.post(path, data=b"", headers=WRONG_LOGIN)).status == 401
    # Home Assistant's own address says 200 whatever happens, so what comes there is kept.
    late = muc(meter("00000077", data("Energy", 4711, obis="1-0:1.8.0*255")))
    assert (await client.post(PATH, data=body(late), headers=LOGIN)).status == 200
    await hass.config_entries.async_set_disabled_by(webhook_entry.entry_id, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert webhook_entry.runtime_data.data["00000077_1_0_1_8_0_255"] == 4711


async def test_what_was_kept_survives_a_stop(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    webhook_entry: MockConfigEntry,
) -> None:
    await hass.config_entries.async_unload(webhook_entry.entry_id)
    client = await hass_client_no_auth()
    assert (await client.post(PATH, data=body(house()), headers=LOGIN)).status == 200
    hass.data[subject.DOORS][WEBHOOK_ID].kept._reports = None  # as after a start
    await set_up(hass, webhook_entry)
    assert webhook_entry.runtime_data.data["46100001_6_0_1_0_0_255"] == 30390
    assert hass.data[subject.DOORS][WEBHOOK_ID].kept._reports == []
    assert await KeptReports(hass, WEBHOOK_ID)._async_load() == []


async def test_more_than_can_be_kept_is_not_accepted(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    webhook_entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 500)
    await hass.config_entries.async_unload(webhook_entry.entry_id)
    client = await hass_client_no_auth()
    report = body(muc(*(meter(f"{n:08d}", data("Energy", n)) for n in range(100))))
    assert (await client.post(PATH, data=report, headers=LOGIN)).status == 503


async def test_addresses(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    webhook_entry: MockConfigEntry,
) -> None:
    client = await hass_client_no_auth()
    for path in (PATH, f"{PATH}/", OWN_PATH, f"{OWN_PATH}/"):
        assert (await client.post(path, data=body(house()), headers=LOGIN)).status == 200
        assert (await client.put(path, data=body(house()), headers=LOGIN)).status == 200
    assert (await client.post(f"{subject.OWN_PATH}other", headers=LOGIN)).status == 404
    await hass.config_entries.async_remove(webhook_entry.entry_id)
    assert (await client.post(OWN_PATH, headers=LOGIN)).status == 404
    assert WEBHOOK_ID not in hass.data["webhook"]


async def test_digest_authentication(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    webhook_entry: MockConfigEntry,
) -> None:
    client = await hass_client_no_auth()
    url = str(client.make_url(OWN_PATH))
    async with httpx.AsyncClient() as session:
        for password, status in ((PASSWORD, 200), ("wrong", 401)):
            login = httpx.DigestAuth(USERNAME, password)
            response = await session.post(url, content=body(house()), auth=login)
            assert response.status_code == status
        asked = (await session.post(url)).headers.get_list("www-authenticate")
    assert [one.split()[0] for one in asked] == ["Basic", "Digest", "Digest"]


async def test_under_fire(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    webhook_entry: MockConfigEntry,
) -> None:
    """A thousand bad requests, some at a time, with good ones in between."""
    client = await hass_client_no_auth()
    chance = Random(7)
    good = body(house())
    kinds: dict[str, tuple[dict[str, Any], int]] = {
        "wrong login": ({"headers": WRONG_LOGIN, "data": good}, 401),
        "no login": ({"data": good}, 401),
        "oversize": ({"headers": {**LOGIN, "Content-Length": str(10**9)}, "data": b"{"}, 413),
        "garbage": ({"headers": LOGIN, "data": chance.randbytes(2_000)}, 400),
        "csv": ({"headers": LOGIN, "data": b"a;b;c\n" * 300}, 400),
        "bomb": ({"headers": LOGIN, "data": BOMB}, 400),
        "deep": ({"headers": LOGIN, "data": b"[" * 5_000}, 400),
    }
    answers: Counter[tuple[str, int]] = Counter()

    async def fire(client: TestClient, kind: str) -> None:  # type: ignore[type-arg]  # as the fixture has it
        request, _ = kinds[kind]
        if kind == "oversize":
            answers[(kind, await announce(client))] += 1
            return
        async with client.post(PATH, **request) as response:
            answers[(kind, response.status)] += 1

    async def volley(size: int) -> None:
        names = [chance.choice(list(kinds)) for _ in range(size)]
        await asyncio.gather(*(fire(client, name) for name in names))

    async def good_report() -> None:
        async with client.post(PATH, data=good, headers=LOGIN) as response:
            assert response.status == 200

    await volley(50)
    for _ in range(19):
        await volley(50)
        await good_report()
    assert sum(answers.values()) == 1_000
    assert dict(answers.keys()) == {kind: status for kind, (_, status) in kinds.items()}
    assert counts(webhook_entry)["reports"] == 19


async def announce(client: TestClient) -> int:  # type: ignore[type-arg]  # as the fixture has it
    """Announce a body of a gigabyte, and return the status without sending it."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {client.host}\r\nContent-Length: 1000000000\r\n"
        f"Authorization: {LOGIN['Authorization']}\r\n\r\n"
    )
    writer.write(head.encode())
    line = await reader.readline()
    writer.close()
    return int(line.split()[1])
