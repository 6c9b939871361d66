"""What scripts/develop adds of SENEC's cloud: a V3, a P4, and the P4 again by its key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import replace

from custom_components.hausstrom.senec.protocol.hosts import SIMULATOR_VARIABLE

from .home_assistant_client import FlowSteps
from .house import House
from .senec_cloud import SenecCloud, serve
from .senec_cloud_homes import CONNECT_KEY, SimulatedSystem
from .senec_local_day import House as SenecHouse

EXPORT_LIMIT = 30
"""Percent of the roof of the home with the V3: so little that peak shaving is worth its while."""


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


def make_twin(cloud: SenecCloud, house: House) -> SimulatedSystem:
    """Make the V3 the one that is simulated locally too, whose battery follows its peak shaving."""
    (system,) = cloud.accounts[0].systems
    system.home = replace(system.home, twin=house.shaving.house(SenecHouse()))
    system.shaving = house.shaving
    system.peak_shaving["einspeisebegrenzungKwpInPercent"] = EXPORT_LIMIT
    return system


@asynccontextmanager
async def senec_v3_in_the_cloud(house: House) -> AsyncIterator[FlowSteps]:
    """Run a V3 whose owner has no second factor: the one that is simulated locally too."""
    async with senec_cloud(house) as cloud:
        if cloud is not None:
            make_twin(cloud, house)
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
