"""The local SENECs that scripts/develop runs, and how a person would add them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from simulators.home_assistant_client import FlowSteps
from simulators.house import House
from simulators.senec_local import Model, SenecDevice, SenecSimulator


@asynccontextmanager
async def _running(house: House, device: SenecDevice, port: int) -> AsyncIterator[FlowSteps]:
    # Home Assistant remembers the certificate, and would not trust another one at the next start.
    folder = house.folder / f"senec {device.model}"
    folder.mkdir(exist_ok=True)
    simulator = SenecSimulator(device, folder=folder)
    await simulator.start(house.port(f"senec {device.model}", port))
    try:
        yield {"senec_local": {"host": simulator.host}}
    finally:
        await simulator.stop()


@asynccontextmanager
async def senec_v3(house: House) -> AsyncIterator[FlowSteps]:
    """Run a SENEC.Home V3 with a wallbox and two sockets, over https; its cloud knows it too."""
    device = SenecDevice(Model.V3, device_id="123456789012345678900301", shaving=house.shaving)
    async with _running(house, device, 8443) as steps:
        yield steps


@asynccontextmanager
async def senec_v2_1(house: House) -> AsyncIterator[FlowSteps]:
    """Run a SENEC.Home V2.1 whose firmware still speaks http and keeps statistics."""
    device = SenecDevice(Model.V2_1, application="0819", device_id="1000000000000000000000002")
    async with _running(house, device, 8081) as steps:
        yield steps
