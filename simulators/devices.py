"""The devices that scripts/develop simulates: one row per config entry."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from simulators.evn import TOPIC, EvnMeterSimulator
from simulators.home_assistant_client import FlowSteps
from simulators.house import House, in_background
from simulators.senec_local import Model, SenecDevice, SenecSimulator


@dataclass(frozen=True, slots=True)
class SimulatedDevice:
    """A device that runs on this machine, and how a person would add it.

    `run` starts the device in the given house, keeps it running inside its context, and
    yields what to enter in the config flow: step → fields, the menu's option included.
    """

    name: str
    run: Callable[[House], AbstractAsyncContextManager[FlowSteps]]


@asynccontextmanager
async def evn_meter(house: House) -> AsyncIterator[FlowSteps]:
    """Run a smart meter behind an ESP8266 that publishes to Home Assistant's broker."""
    meter = EvnMeterSimulator(house.broker.host, house.broker.port)
    async with in_background(meter.run()):
        yield {
            "evn": {"source": "homeassistant", "topic": TOPIC, "key": meter.model.key.hex().upper()}
        }


@asynccontextmanager
async def _senec(house: House, device: SenecDevice, port: int) -> AsyncIterator[FlowSteps]:
    simulator = SenecSimulator(device)
    await simulator.start(house.port(f"senec {device.model}", port))
    try:
        yield {"senec_local": {"host": simulator.host}}
    finally:
        await simulator.stop()


@asynccontextmanager
async def senec_v3(house: House) -> AsyncIterator[FlowSteps]:
    """Run a SENEC.Home V3 with a wallbox and two sockets, over https."""
    async with _senec(house, SenecDevice(Model.V3), 8443) as steps:
        yield steps


@asynccontextmanager
async def senec_v2_1(house: House) -> AsyncIterator[FlowSteps]:
    """Run a SENEC.Home V2.1 whose firmware still speaks http and keeps statistics."""
    device = SenecDevice(Model.V2_1, application="0819", device_id="1000000000000000000000002")
    async with _senec(house, device, 8081) as steps:
        yield steps


DEVICES: Final = (
    SimulatedDevice("EVN smart meter", evn_meter),
    SimulatedDevice("SENEC.Home V3", senec_v3),
    SimulatedDevice("SENEC.Home V2.1", senec_v2_1),
)
