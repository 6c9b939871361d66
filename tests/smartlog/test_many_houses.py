"""Three houses write into one VictoriaMetrics; one query asks for all flats.

Needs the program `victoria-metrics` (Debian has it) on the PATH or in VICTORIA_METRICS.
"""

import asyncio
import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL, Popen
from time import time
from typing import Any
from unittest.mock import patch

import aiohttp
import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util.yaml import parse_yaml
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .build import body, data, meter, muc
from .conftest import WEBHOOK_DATA, make_entry, set_up

PROGRAM = os.environ.get("VICTORIA_METRICS") or shutil.which("victoria-metrics")
PACKAGE = Path(__file__).parents[2] / "docs" / "data-out" / "many-houses.yaml"
GUIDE = PACKAGE.parents[1] / "many-houses.md"

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="victoria-metrics is not here")


@pytest.fixture
def database(tmp_path: Path, socket_enabled: None) -> Iterator[str]:
    """Start a VictoriaMetrics, and return its address."""
    assert PROGRAM is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [PROGRAM, f"-storageDataPath={tmp_path}/data", f"-httpListenAddr=127.0.0.1:{port}",
               "-search.latencyOffset=0s"]  # fmt: skip
    with Popen(command, stdout=DEVNULL, stderr=DEVNULL) as process:
        yield f"http://127.0.0.1:{port}"
        process.terminate()


async def get(url: str, **query: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url, params=query) as answer:
        return json.loads(await answer.text())


async def started(url: str) -> None:
    for _ in range(100):
        try:
            await get(f"{url}/api/v1/labels")
        except aiohttp.ClientError, json.JSONDecodeError:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("victoria-metrics does not start")


async def test_three_houses(hass: HomeAssistant, database: str) -> None:
    await started(database)
    port = int(database.rpartition(":")[2])
    entry = make_entry(hass, WEBHOOK_DATA)
    await set_up(hass, entry)
    for number, house in enumerate(("lindenstrasse_4", "lindenstrasse_6", "am_markt_1")):
        package = parse_yaml(PACKAGE.read_text().replace("lindenstrasse_4", house))
        influx = MockConfigEntry(
            domain="influxdb",
            data={
                "api_version": "1", "host": "127.0.0.1", "port": port, "ssl": False,
                "verify_ssl": False, "database": "houses", "path": None,
            },
        )  # fmt: skip
        influx.add_to_hass(hass)
        with patch("homeassistant.config.async_hass_config_yaml", return_value=package):
            assert await hass.config_entries.async_setup(influx.entry_id)
        # The same meters serve all houses, and registers never fall.
        first = 1_000_000 + 2_000 * number
        for reading in (first, first + 1_000 + 250 * number):
            report = muc(
                *(
                    meter(f"{flat:08d}", data("Volume", reading, "m^3", "0.001", obis="8-0:1.0.0*255",
                                              medium="Water", time=int(time())),
                          USER=f"Flat {flat}", MEDIUM="Water")
                    for flat in (1, 2)
                ),
                time=int(time()),
            )  # fmt: skip
            await entry.runtime_data.async_take(body(report))
            await hass.async_block_till_done()
            await asyncio.sleep(1.5)
        await hass.config_entries.async_unload(influx.entry_id)
    await get_text(f"{database}/internal/force_flush")
    query = GUIDE.read_text().split("```promql\n")[1].split("```")[0].replace("[31d]", "[1h]")
    answer = await get(f"{database}/api/v1/query", query=query)
    found = {
        (one["metric"]["house"], one["metric"]["label"]): float(one["value"][1])
        for one in answer["data"]["result"]
    }
    assert found == {
        (house, f"Flat {flat}"): pytest.approx(1 + 0.25 * number)
        for number, house in enumerate(("lindenstrasse_4", "lindenstrasse_6", "am_markt_1"))
        for flat in (1, 2)
    }


async def get_text(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.text()
