"""What loading the integration costs: the flow and one kind, beside Home Assistant's victron_gx.

Each measurement is an interpreter of its own in which what every Home Assistant has loaded
already; best of several, since the machine has other work to do. Run: scripts/bench import_cost
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from custom_components.hausstrom.kinds import KINDS

ROOT: Final = Path(__file__).resolve().parents[1]
# What a running Home Assistant with MQTT has in memory, whoever asks.
RUNNING: Final = """
import homeassistant.bootstrap, homeassistant.components.mqtt
import homeassistant.components.sensor, homeassistant.components.binary_sensor
import homeassistant.components.number, homeassistant.components.select
import homeassistant.components.switch, homeassistant.components.time
import homeassistant.components.button, homeassistant.components.repairs
import homeassistant.components.light, homeassistant.components.device_tracker
import homeassistant.components.update, homeassistant.components.energy.data
import homeassistant.components.recorder, homeassistant.components.webhook
import homeassistant.components.diagnostics, homeassistant.components.http
import homeassistant.helpers.service_info.ssdp, homeassistant.helpers.service_info.dhcp
"""
MEASURE: Final = """
import sys, time
before = len(sys.modules)
began = time.perf_counter()
{load}
print(1000 * (time.perf_counter() - began), len(sys.modules) - before)
"""
PEER: Final = """
import homeassistant.components.victron_gx
import homeassistant.components.victron_gx.config_flow
import homeassistant.components.victron_gx.sensor
"""
OURS: Final = """
import custom_components.hausstrom
import custom_components.hausstrom.config_flow
from custom_components.hausstrom.kinds import _load
_load({kind!r})
"""


def measured(load: str, runs: int) -> tuple[float, int]:
    """Return the least time (ms) and the number of modules that some imports load."""
    results = []
    for _ in range(runs):
        output = subprocess.run(
            [sys.executable, "-c", RUNNING + MEASURE.format(load=load)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
        results.append((float(output[0]), int(output[1])))
    return min(results)


def main() -> None:
    """Print a row per kind, and the peer's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs: int = parser.parse_args().runs
    peer, modules = measured(PEER, runs)
    print(f"{'victron_gx (Home Assistant)':<30} {peer:7.1f} ms  {modules:4d} modules")
    for kind in KINDS:
        own, modules = measured(OURS.format(kind=kind), runs)
        print(f"{'flow + ' + kind:<30} {own:7.1f} ms  {modules:4d} modules  {own / peer:.2f} x")


if __name__ == "__main__":
    main()
