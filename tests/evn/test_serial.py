"""A meter on a serial port or in the network, through Home Assistant; real time, real sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.evn import flow as evn_flow
from custom_components.hausstrom.evn import listening, serial_link
from simulators.evn_household import Household
from simulators.evn_meters import BY_NAME, METERS, Meter, expected, play
from simulators.evn_telegram import MeterState
from simulators.evn_wire import PtyWire, TcpWire, pty_wire, tcp_wire

pytest.importorskip("serialx")

START = dt_util.utcnow().replace(microsecond=0)


@pytest.fixture
def expected_lingering_timers() -> bool:
    return True


@pytest.fixture(autouse=True)
def quick(socket_enabled: None) -> Any:
    with (
        patch.object(evn_flow, "LISTENING", 8.0),
        patch.object(evn_flow, "QUICK", 10.0),
        patch.object(listening, "TRYING", 0.6),
        patch.object(serial_link, "FIRST_RETRY", 0.05),
        patch.object(serial_link, "LONGEST_RETRY", 0.1),
        patch.object(evn_flow, "async_setup_component", return_value=True),
    ):
        yield


class Played:
    """A meter that sends faster than in life; its clock keeps to its own period."""

    def __init__(self, meter: Meter, write: Callable[[bytes], None]) -> None:
        self.meter = meter
        self.write = write
        self.state: MeterState | None = None
        self._house = Household(5, START, phases=meter.model.phases)
        self._number = 0

    async def run(self) -> None:
        while True:
            self._number += 1
            when = START + timedelta(seconds=round(self._number * self.meter.period))
            self.state = self._house.advance(when)
            self.write(play(self.meter, self.state, when, 9000 + self._number))
            await asyncio.sleep(0.1)


async def set_up(hass: HomeAssistant, meter: Meter, port: str) -> dict[str, Any]:
    key, second = meter.keys
    flow = hass.config_entries.flow
    result: Any = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await flow.async_configure(result["flow_id"], {"next_step_id": "evn"})
    fields = {"source": "serial", "key": key.hex()}
    if second is not None:
        fields["authentication_key"] = second.hex()
    result = await flow.async_configure(result["flow_id"], fields)
    assert result["step_id"] == "serial"
    result = await flow.async_configure(result["flow_id"], {"port": port})
    await hass.async_block_till_done()
    return dict(result)


def state_of(hass: HomeAssistant, entry: ConfigEntry, key: str) -> str:
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{entry.unique_id}_{key}")
    assert entity_id is not None, key
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not check():
            await asyncio.sleep(0.05)


@pytest.fixture(params=["pty", "tcp"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[PtyWire | TcpWire]:
    async with pty_wire() if request.param == "pty" else tcp_wire() as made:
        yield made


@pytest.mark.parametrize(
    "meter",
    [one for one in METERS if one.name in {"noe", "graz", "wien", "kaernten", "steiermark"}],
    ids=lambda meter: meter.name,
)
async def test_one_of_each_framing(
    hass: HomeAssistant, wire: PtyWire | TcpWire, meter: Meter
) -> None:
    played = Played(meter, wire.write)
    running = asyncio.create_task(played.run())
    try:
        result = await set_up(hass, meter, wire.url)
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        entry = result["result"]
        assert entry.unique_id == f"evn_{meter.model.system_title.hex()}"
        assert entry.data["port"] == wire.url
        assert "topic" not in entry.data
        assert played.state is not None
        for key in expected(meter, played.state):
            if not key.startswith("reactive"):
                assert state_of(hass, entry, key) != STATE_UNAVAILABLE
        before = entry.runtime_data._reader.accepted
        await until(lambda: entry.runtime_data._reader.accepted > before + 3)
        assert entry.runtime_data.diagnostics()["connected"] is True
        assert await hass.config_entries.async_unload(entry.entry_id)
    finally:
        running.cancel()


async def test_unplug_and_plug(hass: HomeAssistant) -> None:
    meter = BY_NAME["kaernten"]
    async with tcp_wire() as wire:
        running = asyncio.create_task(Played(meter, wire.write).run())
        try:
            entry = (await set_up(hass, meter, wire.url))["result"]
            assert state_of(hass, entry, "power") != STATE_UNAVAILABLE
            await wire.stop()
            await until(lambda: state_of(hass, entry, "power") == STATE_UNAVAILABLE)
            assert entry.runtime_data.diagnostics()["connected"] is False
            await wire.start(wire.port)
            await until(lambda: state_of(hass, entry, "power") != STATE_UNAVAILABLE)
            assert entry.state is ConfigEntryState.LOADED
            assert await hass.config_entries.async_unload(entry.entry_id)
            await until(lambda: wire.listeners == 0)
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

            async def hiss() -> None:
                while True:
                    wire.write(b"\\xf0\\x80\\x00\\xf8")
                    await asyncio.sleep(0.1)

            running = asyncio.create_task(hiss())
            result = await set_up(hass, meter, wire.url)
            running.cancel()
            assert result["errors"] == {"base": "no_frames"}


async def test_a_wrong_key_asks_for_the_keys(hass: HomeAssistant) -> None:
    meter = BY_NAME["graz"]
    async with tcp_wire() as wire:
        running = asyncio.create_task(Played(meter, wire.write).run())
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


async def test_an_entry_waits_for_its_port(hass: HomeAssistant) -> None:
    meter = BY_NAME["wels"]
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Wels",
        unique_id=f"evn_{meter.model.system_title.hex()}",
        data={
            "kind": "evn",
            "source": "serial",
            "port": "/dev/does-not-exist",
            "line": "p1",
            "key": meter.model.key.hex(),
            "system_title": meter.model.system_title.hex(),
            "meter_number": None,
        },
    )
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "port_missing"
