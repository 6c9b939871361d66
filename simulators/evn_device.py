"""The smart meter of a home that runs: any operator's, on any wire, and how a person adds it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from .evn import TOPIC, EvnMeterSimulator
from .evn_meters import BY_NAME, METERS
from .evn_wire import pty_wire, tcp_wire
from .home_assistant_client import FlowSteps
from .house import House, in_background
from .household import GridOfTheHome

WIRES: Final = ("mqtt", "serial", "tcp")
USUAL: Final = (METERS[0].name, WIRES[0])
_PORT: Final = 3333
_PHASES: Final = 3


@asynccontextmanager
async def evn_meter(house: House) -> AsyncIterator[FlowSteps]:
    """Run the meter of the home with V3 and GX: behind an ESP8266 at the broker, or on a wire."""
    meter = BY_NAME[house.meter]
    start = datetime.now(UTC) - timedelta(seconds=60)
    # What a meter with one phase measures is a house of its own.
    home = (
        GridOfTheHome(start, others=house.behind_the_meter, shaving=house.shaving)
        if meter.model.phases == _PHASES
        else None
    )
    simulator = EvnMeterSimulator(house.broker.host, house.broker.port, model=meter, household=home)
    key, second = meter.keys
    fields: dict[str, object] = {"key": key.hex().upper()}
    if second is not None:
        fields["authentication_key"] = second.hex().upper()
    if house.wire == "mqtt":
        async with in_background(simulator.run()):
            yield {"evn": {"source": "homeassistant", "topic": TOPIC, **fields}}
        return
    fields["source"] = "serial"
    if house.wire == "tcp":
        async with (
            tcp_wire(house.port("meter", _PORT)) as server,
            in_background(simulator.run_on(server)),
        ):
            yield {"evn": fields, "serial": {"port": server.url}}
        return
    async with pty_wire() as terminal:
        # Terminals are numbered anew at each start; the entry keeps the name of the link.
        link = house.folder.resolve() / "ttyMeter"
        await asyncio.to_thread(_point, link, terminal.url)
        async with in_background(simulator.run_on(terminal)):
            yield {"evn": fields, "serial": {"port": str(link)}}


def _point(link: Path, target: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        link.unlink()
    link.symlink_to(target)
