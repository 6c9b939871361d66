"""The devices that scripts/develop simulates: one row per config entry."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from simulators.evn import TOPIC, EvnMeterSimulator
from simulators.home_assistant_client import FlowSteps
from simulators.house import House, in_background
from simulators.victron_gx import run_gx


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


DEVICES: Final = (
    SimulatedDevice("EVN smart meter", evn_meter),
    SimulatedDevice("Victron GX", run_gx),
)
