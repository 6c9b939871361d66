"""SmartLog: a building of 1,000 meters with 10 values each.

Start and first report, a report in which nothing changed, one in which a tenth changed:
time, the processor time of the event loop (which a busy machine does not change), its longest
piece without a break, state writes, and bytes written to disk.
"""

import asyncio
import json
import logging
import tempfile
import time
from pathlib import Path

from homeassistant import loader
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from benchmarks.smartlog_load import GATEWAY, LoopTime, measured
from custom_components.hausstrom.const import DOMAIN

METERS, POINTS = 1_000, 10
QUIET = 12
"""Seconds after a report until all that it sets off is on disk."""


def report(turn: int, changing: int) -> bytes:
    """Return a report in which the registers of `changing` meters have moved on."""
    now = int(time.time())
    meters = []
    for number in range(METERS):
        moved = turn if number < changing else 0
        points = [
            ("Energy", "kWh", "1", "6-0:1.0.0*255", 20_000 + number + moved),
            ("Volume", "m^3", "0.001", "6-0:2.0.0*255", 900_000 + number + moved),
            ("Flow temperature", "Degree C", "0.01", "", 4_500),
            ("Return temperature", "Degree C", "0.01", "", 3_500),
            ("Power", "W", "1", "", 1_200),
            ("Volume flow", "m^3/h", "0.001", "", 120),
            *(("Energy", "kWh", "1", f"6-0:1.2.0*{month}", 15_000 - month) for month in range(4)),
        ]
        meters.append(
            {
                "METER_ID": f"{number:08d}",
                "INTERFACE": "02",
                "MEDIUM": "Heat (outlet)",
                "data": [
                    {
                        "DESCRIPTION": name,
                        "UNIT": unit,
                        "SCALE": scale,
                        "OBIS_ID": obis,
                        "entry": [{"T_MUC": str(now), "VAL": str(value)}],
                    }
                    for name, unit, scale, obis, value in points
                ],
            }
        )
    gateway = {"MUC_ID": GATEWAY, "VERSION": "1", "TIMESTAMP": str(now), "meter": meters}
    return json.dumps({"muc": gateway}).encode()


def stored(folder: str, since: float) -> int:
    """Return the bytes of our files that were written since a time (s)."""
    files = Path(folder, ".storage").glob("hausstrom*")
    return sum(file.stat().st_size for file in files if file.stat().st_mtime > since)


async def main_async() -> None:
    """Print what each kind of report costs."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=f"smartlog_{GATEWAY}",
        title="SmartLog",
        data={
            "kind": "smartlog", "transport": "webhook", "gateway_id": GATEWAY, "smartlog_id": "",
            "webhook_id": "bench", "username": "a", "password": "b", "local_only": True,
        },
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
            await async_setup_component(hass, "http", {})
            entry.add_to_hass(hass)
            await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()

            async def taken(name: str, body: bytes) -> LoopTime:
                since = time.time()
                with measured(hass) as result:
                    await entry.runtime_data.async_take(body)
                    await hass.async_block_till_done()
                await asyncio.sleep(QUIET)
                show(name, result, stored(folder, since))
                return result

            print(
                f"  {'':34} {'wall s':>7} {'loop s':>7} {'longest ms':>11} {'writes':>7}"
                f" {'kB to disk':>11}"
            )
            await taken("first report, 10,000 new points", report(0, 0))
            await taken("a report in which nothing changed", report(0, 0))
            await taken("a tenth of the meters moved on", report(1, METERS // 10))
            await hass.config_entries.async_unload(entry.entry_id)
            with measured(hass) as result:
                await hass.config_entries.async_setup(entry.entry_id)
                await hass.async_block_till_done()
            show("start with 1,000 known meters", result, 0)
            print(f"  {len(hass.states.async_all('sensor'))} sensors enabled")
            await hass.async_stop(force=True)


def show(name: str, result: LoopTime, size: int) -> None:
    """Print one line."""
    print(
        f"  {name:34} {result.wall:7.1f} {result.total:7.1f} {result.longest_ms:11.1f} {result.writes:7}"
        f" {size / 1000:11.1f}"
    )


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(main_async())
