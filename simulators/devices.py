"""The devices that scripts/develop simulates: one row per config entry."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from custom_components.hausstrom.senec.cloud.hosts import SIMULATOR_VARIABLE
from simulators.evn import TOPIC, EvnMeterSimulator
from simulators.home_assistant_client import FlowSteps
from simulators.house import House, in_background
from simulators.senec_cloud import SenecCloud, serve
from simulators.senec_cloud_homes import CONNECT_KEY


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
async def senec_cloud(house: House) -> AsyncIterator[SenecCloud | None]:
    """Run SENEC's cloud once for all who live in it; None: it runs already."""
    if SIMULATOR_VARIABLE in house.environment:
        yield None
        return
    port = house.port("senec_cloud", 8766)
    cloud, runner = await serve(port)
    house.environment[SIMULATOR_VARIABLE] = f"http://127.0.0.1:{port}"
    try:
        yield cloud
    finally:
        await runner.cleanup()


@asynccontextmanager
async def senec_v3_in_the_cloud(house: House) -> AsyncIterator[FlowSteps]:
    """Run a V3 whose owner has no second factor."""
    async with senec_cloud(house):
        yield {"senec_cloud": {"username": "anna@example.com", "password": "sonnenschein"}}


@asynccontextmanager
async def senec_p4_in_the_cloud(house: House) -> AsyncIterator[FlowSteps]:
    """Run a P4, the second of two systems of an owner with a second factor."""
    async with senec_cloud(house):
        yield {
            "senec_cloud": {
                "username": "bert@example.com",
                "password": "kein-geheimnis",
                "totp_secret": "JBSWY3DPEHPK3PXP",
            },
            "senec_system": {"system_id": "400204"},
        }


@asynccontextmanager
async def senec_connect(house: House) -> AsyncIterator[FlowSteps]:
    """Run SENEC.Connect, which shows the same P4 by its key."""
    async with senec_cloud(house):
        yield {
            "senec_connect": {"api_key": CONNECT_KEY},
            "senec_system": {"system_id": "P4H1-SIMU00001-0000-01"},
        }


DEVICES: Final = (
    SimulatedDevice("EVN smart meter", evn_meter),
    SimulatedDevice("SENEC V3 from the cloud", senec_v3_in_the_cloud),
    SimulatedDevice("SENEC P4 from the cloud", senec_p4_in_the_cloud),
    SimulatedDevice("SENEC P4 through SENEC.Connect", senec_connect),
)
