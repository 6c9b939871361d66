"""A meter on every wire, through Home Assistant; real time, real sockets and terminals."""

import asyncio
import contextlib
import fcntl
import os
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components.usb.serial_proxy_stub import register_serialx_transport
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Event, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_mqtt_message,
)
from pytest_homeassistant_custom_component.typing import MqttMockHAClient
from serialx.common import register_uri_handler
from serialx.platforms.serial_socket import SocketSerial, SocketSerialTransport

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.evn import flow as evn_flow
from custom_components.hausstrom.evn import listening, serial_link
from simulators.evn_household import Household
from simulators.evn_meters import BY_NAME, METERS, Meter, expected, play
from simulators.evn_telegram import MeterState
from simulators.evn_wire import PtyWire, Rfc2217Wire, TcpWire, Wire, pty_wire, tcp_wire
from tests.waiting import again, until

from .conftest import TOPIC

PROXY = "esphome-hass://esphome/0123456789abcdef?port_name=Smart%20meter"
type Unplug = Callable[[], Awaitable[None]]

START = dt_util.utcnow().replace(microsecond=0)


@pytest.fixture
def expected_lingering_timers() -> bool:
    return True


@pytest.fixture(autouse=True)
def quick(socket_enabled: None) -> Any:
    with (
        # As long as `until`: a busy machine may stand still for ten seconds.
        patch.object(evn_flow, "LISTENING", 60.0),
        patch.object(evn_flow, "QUICK", 70.0),
        patch.object(listening, "TRYING", 0.6),
        patch.object(serial_link, "FIRST_RETRY", 0.05),
        patch.object(serial_link, "LONGEST_RETRY", 0.1),
        patch.object(evn_flow, "async_setup_component", return_value=True),
    ):
        yield


class Played:
    """A meter that sends faster than in life; its clock keeps to its own period."""

    def __init__(self, meter: Meter, wire: Wire) -> None:
        self.meter = meter
        self.wire = wire
        self.states: deque[MeterState] = deque(maxlen=6)
        self._house = Household(5, START, phases=meter.model.phases)
        self._number = 0

    @property
    def state(self) -> MeterState | None:
        return self.states[-1] if self.states else None

    def step(self, write: Callable[[bytes], None]) -> None:
        self._number += 1
        when = START + timedelta(seconds=round(self._number * self.meter.period))
        state = self._house.advance(when)
        self.states.append(state)
        write(play(self.meter, state, when, 9000 + self._number))

    async def run(self) -> None:
        await again(self._speak, every=0.1)

    def _speak(self) -> None:
        with contextlib.suppress(OSError):  # unplugged: it speaks to nobody
            self.step(self.wire.write)


async def set_up(hass: HomeAssistant, meter: Meter, port: str) -> dict[str, Any]:
    key, second = meter.keys
    flow = hass.config_entries.flow
    result: Any = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await flow.async_configure(result["flow_id"], {"next_step_id": "evn"})
    fields = {"key": key.hex()}
    if second is not None:
        fields["authentication_key"] = second.hex()
    if port:
        result = await flow.async_configure(result["flow_id"], {"source": "serial", **fields})
        assert result["step_id"] == "serial"
        result = await flow.async_configure(result["flow_id"], {"port": port})
    else:
        fields |= {"source": "homeassistant", "topic": TOPIC}
        result = await flow.async_configure(result["flow_id"], fields)
    await hass.async_block_till_done()
    return dict(result)


def state_of(hass: HomeAssistant, entry: ConfigEntry, key: str) -> str:
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{entry.unique_id}_{key}")
    assert entity_id is not None, key
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


class MqttWire(Wire):
    """A reader that publishes what it hears as hex."""

    url = ""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    def write(self, data: bytes) -> None:
        async_fire_mqtt_message(self._hass, TOPIC, data.hex().upper().encode())


EACH_FRAMING = {"noe", "graz", "wien", "steiermark", "ooe"}
ON_A_WIRE = [
    pytest.param(name, BY_NAME[meter], id=f"{meter}-{name}")
    for name in ("mqtt", "pty", "tcp", "rfc2217")
    for meter in sorted(EACH_FRAMING)
] + [
    pytest.param("tcp", meter, id=f"{meter.name}-tcp")
    for meter in METERS
    if meter.name not in EACH_FRAMING
]


@pytest.fixture
async def wire(
    request: pytest.FixtureRequest, hass: HomeAssistant
) -> AsyncIterator[MqttWire | PtyWire | TcpWire]:
    if request.param == "mqtt":
        yield MqttWire(hass)
    elif request.param == "pty":
        async with pty_wire() as pty:
            yield pty
    else:
        server = Rfc2217Wire() if request.param == "rfc2217" else TcpWire()
        await server.start()
        yield server
        await server.stop()


@pytest.mark.parametrize(("wire", "meter"), ON_A_WIRE, indirect=["wire"])
async def test_every_meter_and_each_framing_on_every_wire(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    wire: MqttWire | PtyWire | TcpWire,
    meter: Meter,
) -> None:
    played = Played(meter, wire)
    running = asyncio.create_task(played.run())
    try:
        result = await set_up(hass, meter, wire.url)
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        entry = result["result"]
        assert entry.unique_id == f"evn_{meter.model.system_title.hex()}"
        if wire.url:
            assert entry.data["port"] == wire.url
            assert "topic" not in entry.data
        else:
            assert entry.data["topic"] == TOPIC
            assert "port" not in entry.data
        before = entry.runtime_data._reader.accepted
        await until(lambda: entry.runtime_data._reader.accepted > before + 3)
        assert entry.runtime_data.diagnostics()["connected"] is True
        running.cancel()
        assert played.state is not None
        await until(lambda: shows(hass, entry, meter, played), every=0.1)
        assert await hass.config_entries.async_unload(entry.entry_id)
    finally:
        running.cancel()


def shows(hass: HomeAssistant, entry: ConfigEntry, meter: Meter, played: Played) -> bool:
    """Whether the powers (which are written soonest) are those of one of the last telegrams.

    A busy machine may have stood still for longer than a meter may be silent (30 s): then it
    has to speak once more.
    """
    if state_of(hass, entry, "power") == STATE_UNAVAILABLE:
        played.step(played.wire.write)
        return False
    return any(
        all(
            float(state_of(hass, entry, key)) == expected(meter, state)[key]
            for key in ("power", "power_import", "power_export")
        )
        for state in played.states
    )


async def plugged_again(
    hass: HomeAssistant, entry: ConfigEntry, unplug: Unplug, plug: Unplug
) -> None:
    assert state_of(hass, entry, "power") != STATE_UNAVAILABLE
    await unplug()
    await until(lambda: state_of(hass, entry, "power") == STATE_UNAVAILABLE)
    assert entry.runtime_data.diagnostics()["connected"] is False
    await plug()
    await until(lambda: state_of(hass, entry, "power") != STATE_UNAVAILABLE)
    assert entry.state is ConfigEntryState.LOADED
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Rfc2217Wire, "kaernten"), *((TcpWire, name) for name in sorted({*EACH_FRAMING, "kaernten"}))],
)
async def test_unplug_and_plug_a_server(
    hass: HomeAssistant, kind: type[TcpWire], name: str
) -> None:
    meter = BY_NAME[name]
    wire = kind()
    await wire.start()
    running = asyncio.create_task(Played(meter, wire).run())
    try:
        entry = (await set_up(hass, meter, wire.url))["result"]
        await plugged_again(hass, entry, wire.stop, lambda: wire.start(wire.port))
        await until(lambda: wire.listeners == 0)
    finally:
        running.cancel()
        await wire.stop()


@pytest.mark.parametrize("of", sorted({*EACH_FRAMING, "kaernten"}))
async def test_unplug_and_plug_an_adapter(hass: HomeAssistant, tmp_path: Path, of: str) -> None:
    """As with USB: the name by-id stays, what it leads to goes and comes as another one."""
    meter = BY_NAME[of]
    name = tmp_path / "usb-FTDI_M-Bus-if00-port0"
    wire = PtyWire()
    name.symlink_to(wire.url)
    played = Played(meter, wire)
    running = asyncio.create_task(played.run())

    async def unplug() -> None:
        name.unlink()
        wire.close()

    async def plug() -> None:
        played.wire = another = PtyWire()
        name.symlink_to(another.url)

    try:
        entry = (await set_up(hass, meter, str(name)))["result"]
        assert entry.data["port"] == str(name)
        await plugged_again(hass, entry, unplug, plug)
    finally:
        running.cancel()


async def test_the_speed_is_set_where_the_server_can(hass: HomeAssistant) -> None:
    meter = BY_NAME["steiermark"]
    wire = Rfc2217Wire()
    await wire.start()

    played = Played(meter, wire)

    def speak() -> None:
        # A wrong speed brings bytes that make no sense.
        right = wire.baudrates[-1:] == [meter.baudrate]
        played.step(wire.write if right else lambda data: wire.write(data[::3]))

    running = asyncio.create_task(again(speak, every=0.1))
    try:
        entry = (await set_up(hass, meter, wire.url))["result"]
        assert entry.data["line"] == "p1"
        assert entry.runtime_data.diagnostics()["line"] == "115200 8N1"
        assert wire.baudrates[0] == 2400
        assert await hass.config_entries.async_unload(entry.entry_id)
    finally:
        running.cancel()
        await wire.stop()


async def test_a_meter_that_waits_for_an_answer(hass: HomeAssistant) -> None:
    """An AMIS asks until somebody acknowledges, and sends on as long as somebody does."""
    meter = BY_NAME["ooe"]
    async with tcp_wire() as wire:
        played = Played(meter, wire)
        answers = 0

        def speak() -> None:
            nonlocal answers
            if wire.answers > answers:
                answers = wire.answers
                played.step(wire.write)
            else:
                wire.write(bytes.fromhex("1040F03016"))

        running = asyncio.create_task(again(speak, every=0.1))
        try:
            entry = (await set_up(hass, meter, wire.url))["result"]
            before = entry.runtime_data._reader.accepted
            await until(lambda: entry.runtime_data._reader.accepted > before + 5)
            (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
            assert (device.manufacturer, device.model) == ("Siemens", "AMIS TD-351x (Netz OÖ)")
            assert await hass.config_entries.async_unload(entry.entry_id)
        finally:
            running.cancel()


async def test_the_serial_proxy_of_esphome(hass: HomeAssistant) -> None:
    """The address is Home Assistant's own: serialx finds who opens it."""
    meter = BY_NAME["wien"]
    async with tcp_wire() as wire:

        class Proxy(SocketSerialTransport):
            async def _connect(self, *, path: str | None = None, **settings: Any) -> None:
                assert path == PROXY
                await super()._connect(path=wire.url, **settings)

        unregister = register_uri_handler(
            scheme="esphome-hass://",
            unique_scheme="esphome-hass-test://",
            sync_cls=SocketSerial,
            async_transport_cls=Proxy,
        )
        running = asyncio.create_task(Played(meter, wire).run())
        try:
            entry = (await set_up(hass, meter, PROXY))["result"]
            assert entry.data["port"] == PROXY
            await plugged_again(hass, entry, wire.stop, lambda: wire.start(wire.port))
        finally:
            running.cancel()
            unregister()


async def test_esphome_that_is_not_loaded_yet(hass: HomeAssistant) -> None:
    unregister = register_serialx_transport()
    result = await set_up(hass, BY_NAME["wien"], PROXY)
    assert result["errors"] == {"base": "port_unreachable"}
    unregister(Event("homeassistant_stop"))


async def test_a_port_that_another_program_has(hass: HomeAssistant) -> None:
    meter = BY_NAME["noe"]
    async with pty_wire() as wire:
        other = os.open(wire.url, os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            result = await set_up(hass, meter, wire.url)
            assert result["step_id"] == "serial"
            assert result["errors"] == {"base": "port_busy"}
        finally:
            os.close(other)
        running = asyncio.create_task(Played(meter, wire).run())
        try:
            result = await set_up(hass, meter, wire.url)
            assert result["type"] is FlowResultType.CREATE_ENTRY
            assert await hass.config_entries.async_unload(result["result"].entry_id)
        finally:
            running.cancel()


async def test_a_port_that_is_not_there(hass: HomeAssistant) -> None:
    meter = BY_NAME["noe"]
    result = await set_up(hass, meter, "/dev/does-not-exist")
    assert result["step_id"] == "serial"
    assert result["errors"] == {"base": "port_missing"}
    result = await set_up(hass, meter, "socket://127.0.0.1:9")
    assert result["errors"] == {"base": "port_unreachable"}


async def test_nothing_and_noise(hass: HomeAssistant) -> None:
    meter = BY_NAME["noe"]
    with patch.object(evn_flow, "LISTENING", 1.0):
        async with tcp_wire() as wire:
            result = await set_up(hass, meter, wire.url)
            assert result["errors"] == {"base": "no_bytes"}

            running = asyncio.create_task(
                again(lambda: wire.write(b"\\xf0\\x80\\x00\\xf8"), every=0.1)
            )
            result = await set_up(hass, meter, wire.url)
            running.cancel()
            assert result["errors"] == {"base": "no_frames"}


async def test_a_wrong_key_asks_for_the_keys(hass: HomeAssistant) -> None:
    meter = BY_NAME["graz"]
    async with tcp_wire() as wire:
        running = asyncio.create_task(Played(meter, wire).run())
        flow = hass.config_entries.flow
        with patch.object(evn_flow, "LISTENING", 1.5):
            for fields, error in (
                ({"key": "00" * 16}, "wrong_key"),
                (
                    {"key": meter.model.key.hex(), "authentication_key": "11" * 16},
                    "wrong_authentication_key",
                ),
            ):
                result: Any = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
                result = await flow.async_configure(result["flow_id"], {"next_step_id": "evn"})
                result = await flow.async_configure(
                    result["flow_id"], {"source": "serial", **fields}
                )
                result = await flow.async_configure(result["flow_id"], {"port": wire.url})
                assert result["step_id"] == "evn"
                assert result["errors"] == {"base": error}
                assert result["description_placeholders"]["manufacturer"] == "Landis+Gyr"
                assert result["description_placeholders"]["framing"] == "HDLC"
        running.cancel()


async def test_an_entry_waits_for_its_port(
    hass: HomeAssistant, entry_on_port: Callable[[str], MockConfigEntry]
) -> None:
    entry = entry_on_port("/dev/does-not-exist")
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "port_missing"
