"""Ports that somebody else has, or the entry itself that is set up again; real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.evn import flow as evn_flow
from simulators.evn_meters import BY_NAME
from simulators.evn_wire import Rfc2217Wire, pty_wire, tcp_wire
from tests.waiting import again, until

from .test_serial import (  # noqa: F401  fixtures of the same name
    Played,
    expected_lingering_timers,
    quick,
    set_up,
    state_of,
)
from .texts import form_says

NONE, EVEN = 1, 3
"""Parity, as RFC 2217 counts."""


async def visit(
    hass: HomeAssistant, source: str, entry: ConfigEntry, key: bytes, port: str
) -> dict[str, Any]:
    """Go through the form of an entry that is there."""
    flow = hass.config_entries.flow
    result: Any = await flow.async_init(
        DOMAIN,
        context={"source": source, "entry_id": entry.entry_id},
        data=dict(entry.data) if source == SOURCE_REAUTH else None,
    )
    fields = {"key": key.hex()}
    if source == SOURCE_RECONFIGURE:
        fields["source"] = "serial"
    result = await flow.async_configure(result["flow_id"], fields)
    if source == SOURCE_RECONFIGURE:
        assert result["step_id"] == "serial"
        result = await flow.async_configure(result["flow_id"], {"port": port})
    await hass.async_block_till_done()
    return dict(result)


@pytest.mark.parametrize("source", [SOURCE_RECONFIGURE, SOURCE_REAUTH])
async def test_the_entry_itself_has_the_port(hass: HomeAssistant, source: str) -> None:
    """A serial port can be opened once: the entry lends it to its own form."""
    meter = BY_NAME["noe"]
    done = {SOURCE_RECONFIGURE: "reconfigure_successful", SOURCE_REAUTH: "reauth_successful"}
    async with pty_wire() as wire:
        running = asyncio.create_task(Played(meter, wire).run())
        try:
            entry = (await set_up(hass, meter, wire.url))["result"]
            await until(lambda: entry.runtime_data._reader.accepted > 3)
            with patch.object(evn_flow, "LISTENING", 1.5):
                result = await visit(hass, source, entry, bytes(16), wire.url)
            assert result["type"] is FlowResultType.FORM
            assert result["errors"] == {"base": "wrong_key"}
            # A form that is left like this leaves a meter that goes on.
            assert entry.state is ConfigEntryState.LOADED
            hass.config_entries.flow.async_abort(result["flow_id"])
            before = entry.runtime_data._reader.accepted
            await until(lambda: entry.runtime_data._reader.accepted > before + 3)
            result = await visit(hass, source, entry, meter.keys[0], wire.url)
            assert result["type"] is FlowResultType.ABORT
            assert result["reason"] == done[source]
            assert entry.state is ConfigEntryState.LOADED
            await until(lambda: state_of(hass, entry, "power") != "unavailable")
            assert await hass.config_entries.async_unload(entry.entry_id)
        finally:
            running.cancel()


async def test_a_closed_form_gives_the_port_back(hass: HomeAssistant) -> None:
    meter = BY_NAME["noe"]
    async with pty_wire() as wire:
        running = asyncio.create_task(Played(meter, wire).run())
        try:
            entry = (await set_up(hass, meter, wire.url))["result"]
            with patch.object(evn_flow, "QUICK", 0.3), patch.object(evn_flow, "LISTENING", 20.0):
                result = await visit(hass, SOURCE_REAUTH, entry, bytes(16), wire.url)
            assert result["type"] is FlowResultType.SHOW_PROGRESS
            hass.config_entries.flow.async_abort(result["flow_id"])
            await until(lambda: entry.state is ConfigEntryState.LOADED)
            await until(lambda: entry.runtime_data._reader.accepted > 3)
            assert await hass.config_entries.async_unload(entry.entry_id)
        finally:
            running.cancel()


LINES = [
    ("noe", "mbus", 2400, EVEN),
    ("noe-sagemcom", "mbus_8n1", 2400, NONE),
    ("wien", "infrared", 9600, NONE),
    ("steiermark", "p1", 115200, NONE),
    ("ooe", "amis", 9600, EVEN),
]


@pytest.mark.parametrize(("name", "line", "baudrate", "parity"), LINES)
async def test_speed_and_parity_of_every_line_are_found(
    hass: HomeAssistant, name: str, line: str, baudrate: int, parity: int
) -> None:
    """At another speed, or with another parity, there are bytes, and no telegram."""
    meter = BY_NAME[name]
    wire = Rfc2217Wire()
    await wire.start()

    played = Played(meter, wire)

    def speak() -> None:
        right = (wire.baudrates[-1:], wire.parities[-1:]) == ([baudrate], [parity])
        played.step(wire.write if right else lambda data: wire.write(data[::3]))

    running = asyncio.create_task(again(speak, every=0.1))
    try:
        result = await set_up(hass, meter, wire.url)
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        entry = result["result"]
        assert entry.data["line"] == line
        # The entry opens the port at the speed that was found.
        await until(lambda: entry.runtime_data._reader.accepted > 3)
        assert (wire.baudrates[-1], wire.parities[-1]) == (baudrate, parity)
        assert entry.runtime_data.diagnostics()["line"].startswith(str(baudrate))
        assert await hass.config_entries.async_unload(entry.entry_id)
    finally:
        running.cancel()
        await wire.stop()


@asynccontextmanager
async def server_that_throws_out(words: bytes) -> AsyncIterator[str]:
    """A server in the network that says something to whoever comes, and closes."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (b"Port already in use\r\n", "port_busy"),
        (b"", "port_unreachable"),
        (b"login: ", "port_unreachable"),
    ],
)
async def test_a_server_that_throws_out(hass: HomeAssistant, words: bytes, error: str) -> None:
    async with server_that_throws_out(words) as url:
        result = await set_up(hass, BY_NAME["noe"], url)
        assert result["step_id"] == "serial"
        assert result["errors"] == {"base": error}
        assert result["description_placeholders"]["port"] == url


@pytest.mark.parametrize(
    ("port", "error"),
    [
        ("foo", "port_missing"),
        ("COM3", "port_missing"),
        (" /dev/tty-of-nobody ", "port_missing"),
        ("socket://", "port_unreachable"),
        ("socket://127.0.0.1", "port_unreachable"),
        ("socket://127.0.0.1:99999", "port_unreachable"),
        ("socket://127.0.0.1:abc", "port_unreachable"),
        ("rfc2217://127.0.0.1:9", "port_unreachable"),
        ("http://127.0.0.1", "port_unreachable"),
        ("/etc/hostname", "port_unreachable"),
        ("/dev/null", "port_unreachable"),
        ("/tmp", "port_unreachable"),
    ],
)
async def test_what_is_no_port(hass: HomeAssistant, port: str, error: str) -> None:
    with patch.object(evn_flow, "LISTENING", 2.0):
        result = await set_up(hass, BY_NAME["noe"], port)
    assert result["step_id"] == "serial"
    assert result["errors"] == {"base": error}
    assert result["description_placeholders"]["port"] == port.strip()
    form_says(result)


@pytest.mark.parametrize("source", [SOURCE_RECONFIGURE, SOURCE_REAUTH])
async def test_every_form_names_the_port(hass: HomeAssistant, source: str) -> None:
    """The port of an entry may be gone, busy, silent or noisy when its key is entered again."""
    meter = BY_NAME["noe"]
    async with tcp_wire() as wire:
        running = asyncio.create_task(Played(meter, wire).run())
        entry = (await set_up(hass, meter, wire.url))["result"]
        running.cancel()
        with patch.object(evn_flow, "LISTENING", 0.5):
            result = await visit(hass, source, entry, bytes(16), wire.url)
        assert result["errors"] == {"base": "no_bytes"}
        assert all(wire.url in said for said in form_says(result).values())
        hass.config_entries.flow.async_abort(result["flow_id"])
    result = await visit(hass, source, entry, bytes(16), wire.url)
    assert result["errors"] == {"base": "port_unreachable"}
    assert all(wire.url in said for said in form_says(result).values())
    hass.config_entries.flow.async_abort(result["flow_id"])
    assert await hass.config_entries.async_unload(entry.entry_id)
