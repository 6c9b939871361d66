"""Three houses write into one database at the same time; one query asks for all flats.

Three real Home Assistants, each with the package of the guide, its own SmartLog and its own name,
and a real VictoriaMetrics (Debian's).
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, override

import aiohttp
import pytest

from simulators.databases import VictoriaMetrics
from simulators.home_assistant import HomeAssistant
from simulators.mosquitto import free_port
from simulators.smartlog import as_json, webhook_sender
from simulators.smartlog_building import ZONE, Building, month
from tests.waiting import until

PACKAGE = Path(__file__).parents[2] / "docs" / "data-out" / "many-houses.yaml"
GUIDE = PACKAGE.parents[1] / "many-houses.md"
HOUSES = ("lindenstrasse_4", "lindenstrasse_6", "am_markt_1")
FLATS = 3
RETENTION = "-retentionPeriod=10y"
PASSWORD = "a password of the logger"

pytestmark = pytest.mark.usefixtures("socket_enabled")


def query() -> str:
    """Return the query of the guide."""
    assert RETENTION in GUIDE.read_text()
    return GUIDE.read_text().split("```promql\n")[1].split("```")[0].strip()


class House(HomeAssistant):
    """A Home Assistant with the package, as the guide has it put there."""

    def __init__(self, folder: Path, name: str, building: Building) -> None:
        super().__init__(folder, port=free_port())
        self.name = name
        self.building = building

    @override
    def _write_configuration(self) -> None:
        super()._write_configuration()
        file = self.config / "configuration.yaml"
        text = file.read_text()
        assert "homeassistant:\n" in text
        file.write_text(
            text.replace(
                "homeassistant:\n", "homeassistant:\n  packages: !include_dir_named packages\n"
            )
        )
        packages = self.config / "packages"
        packages.mkdir(exist_ok=True)
        package = PACKAGE.read_text().replace("lindenstrasse_4", self.name)
        (packages / "many_houses.yaml").write_text(package)

    async def set_up(self, database: str) -> str:
        """Add the database and the SmartLog; return the address that the logger posts to."""
        assert await self.client.add_entry(
            "influxdb",
            {"configure_v1": {"url": database, "verify_ssl": False, "database": "houses"}},
        )
        shown: dict[str, str] = {}
        path = "/api/config/config_entries/flow"
        flow = await self.client.request("POST", path, {"handler": "hausstrom"})
        steps: tuple[dict[str, Any], ...] = (
            {"next_step_id": "smartlog"},
            {"transport": "webhook"},
            {
                "username": "smartlog", "password": PASSWORD, "local_only": False,
                "smartlog_id": self.building.gateway,
            },
            {"next_step_id": "smartlog_finish"},
        )  # fmt: skip
        for fields in steps:
            flow = await self.client.request("POST", f"{path}/{flow['flow_id']}", fields)
            shown.update(flow.get("description_placeholders") or {})
        assert flow["type"] == "create_entry", flow
        return f"{self.url}{shown['report_directory']}"


class Archive(VictoriaMetrics):
    """A database that keeps for years, as the guide says; by itself it forgets after a month."""

    @override
    def arguments(self) -> list[str]:
        return [*super().arguments(), RETENTION]


@pytest.fixture
async def database() -> AsyncIterator[VictoriaMetrics]:
    """A database that nobody has written to."""
    async with Archive() as running:
        yield running


def flats(answer: list[dict[str, Any]]) -> dict[tuple[str, str, str], float]:
    """Return the consumption that a query found: house, label and medium → last value."""
    return {
        (one["metric"]["house"], one["metric"]["label"], one["metric"]["medium"]): float(
            one["values"][-1][1]
        )
        for one in answer
    }


async def meters_since(database: VictoriaMetrics, start: float) -> int:
    """Return how many meters the database has readings of that came after a time."""
    seconds = max(1, round(time.time() - start))
    series = f'last_over_time({{meter!="", __name__=~".*_value"}}[{seconds}s])'
    return len(await database.query(f"count by (house, label, medium) ({series})"))


async def between(database: VictoriaMetrics, start: float, end: float) -> Any:
    """Ask the guide's query for a range, as Grafana does."""
    await database.get("/internal/force_flush")
    answer = await database.json(
        "/api/v1/query_range", query=query(), start=str(start), end=str(end), step="1d"
    )
    return flats(answer["data"]["result"])


def truth(houses: list[Building], start: int, end: int) -> dict[tuple[str, str, str], Any]:
    """Return what the simulator knows of every flat."""
    media = {"Heat cost allocator": "heat_cost_allocator", "Cold water": "cold_water",
             "Warm water": "warm_water", "Heat (outlet)": "heat"}  # fmt: skip
    return {
        (name, meter.label, media[meter.kind.medium]): pytest.approx(
            meter.consumption(start, end), abs=1e-6
        )
        for name, house in zip(HOUSES, houses, strict=True)
        for meter in house.meters
    }


@pytest.mark.timeout(400)
async def test_three_houses_at_once(database: VictoriaMetrics, tmp_path: Path) -> None:
    buildings = [
        Building(f"6891d00000c{number}", flats=FLATS, house=number) for number in range(len(HOUSES))
    ]
    async with AsyncExitStack() as stack:
        houses = [
            House(tmp_path / name, name, building)
            for name, building in zip(HOUSES, buildings, strict=True)
        ]
        await asyncio.gather(*(stack.enter_async_context(house) for house in houses))
        addresses = [await house.set_up(database.url) for house in houses]
        session = await stack.enter_async_context(aiohttp.ClientSession())
        # Half a winter's day: more at once no register is believed to count.
        first = month(2026, 2)
        second = first + 43_200
        wanted = truth(buildings, first, second)
        times = []
        for read in (first, second):
            # What meters showed then, reported now.
            times.append(time.time())
            bodies = [as_json(building.report(int(time.time()))) for building in buildings]
            values = [
                _as_of(building, read, body)
                for building, body in zip(buildings, bodies, strict=True)
            ]
            taken = await asyncio.gather(
                *(
                    webhook_sender(session, address, "smartlog", PASSWORD)(body)
                    for address, body in zip(addresses, values, strict=True)
                )
            )
            assert taken == [True] * len(HOUSES)

            # Home Assistant hands over what it has once a second.
            async def has_all() -> bool:
                return await meters_since(database, times[-1] - 0.5) == len(wanted)

            await until(has_all, every=0.2)

        # The window above is of whole seconds: it may hold what the first report brought.
        async def tells_the_truth() -> bool:
            return bool(await between(database, times[1] - 0.5, time.time()) == wanted)

        async def found() -> str:
            return f"{await between(database, times[1] - 0.5, time.time())} is not {wanted}"

        await until(tells_the_truth, every=0.5, told=found)


def _as_of(building: Building, read: int, live: bytes) -> bytes:
    """Return a report of now with the readings of another time."""
    now = int(json.loads(live)["muc"]["TIMESTAMP"])
    report: Any = building.report(read, now)
    for meter in report["muc"]["meter"]:
        for point in meter["data"]:
            point["entry"][0]["T_MUC"] = str(now)
    return as_json(report)


async def test_month_by_month(database: VictoriaMetrics) -> None:
    """A year of three houses, in the lines that Home Assistant writes."""
    buildings = [
        Building(f"6891d00000c{number}", flats=FLATS, house=number) for number in range(len(HOUSES))
    ]
    begin, end = month(2025, 8), month(2026, 11)
    lines = []
    for name, building in zip(HOUSES, buildings, strict=True):
        for meter in building.meters:
            before = None
            for read in range(begin, end + 1, 3_600):
                value = meter.raw(read) if meter.kind.unit == "" else meter.shown(read)
                # Home Assistant writes a state that changed, and no other.
                if value == before or datetime.fromtimestamp(read, ZONE).hour % 6:
                    continue
                before = value
                lines.append(_line(name, meter, value, read))
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        await session.post(f"{database.url}/write?db=houses", data="\n".join(lines))
    for number in range(9, 22):
        start, over = month(2025, number), month(2025, number + 1)
        assert await between(database, start, over) == truth(buildings, start, over), number


def _line(house: str, meter: Any, value: int, read: int) -> str:
    measurement = {"m³": "m³", "kWh": "kWh", "HCA": "units"}[meter.unit]
    medium = {"Heat cost allocator": "heat_cost_allocator", "Cold water": "cold_water",
              "Warm water": "warm_water", "Heat (outlet)": "heat"}[meter.kind.medium]  # fmt: skip
    label = meter.label.replace(" ", "\\ ")
    tags = f"house={house},label={label},medium={medium},meter={meter.number},domain=sensor"
    shown = value * float(meter.kind.scale)
    return f"{measurement},{tags},entity_id=x{meter.number} value={shown:.6f} {read * 10**9}"
