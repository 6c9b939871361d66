"""What loading the integration costs, beside Home Assistant's victron_gx, in one run.

"start" is what Home Assistant loads at every start for an entry of a kind: the config flow, the
kind, its platforms; the peer's likewise. Of platforms that are set up on demand only those that
every device of today needs count (NEEDED); a GX that has everything stands in a row of its own. "ready" is the same and making what holds the device: the
peer builds its tables of topics then, ours are there once they are imported. "set up" is "ready" and
the steps of the kind's own flow, which the peer has in its config flow. CPU time, so that other work on the machine does not count;
the best of several, each in a fork of one process that has loaded what every Home Assistant has;
byte code is there for both, as after the first start. Run: scripts/bench import_cost
"""

import argparse
import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from types import MappingProxyType
from typing import Any, Final

from homeassistant.components.network.network import async_get_network
from homeassistant.config_entries import ConfigEntries, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import async_get_clientsession

ROOT: Final = Path(__file__).resolve().parents[1]
COMPONENTS: Final = "homeassistant.components"
# What a running Home Assistant with MQTT has in memory, whoever asks.
RUNNING: Final = (
    "homeassistant.bootstrap",
    "custom_components",  # its loader imports that at every start, to see what is there
    "homeassistant.helpers.service_info.ssdp",
    "homeassistant.helpers.service_info.dhcp",
    *(
        f"{COMPONENTS}.{name}"
        for name in (
            *("backup", "diagnostics", "energy.data", "http", "mqtt", "recorder", "repairs"),
            *("webhook", "binary_sensor", "button", "device_tracker", "light", "number", "select"),
            *("sensor", "switch", "time", "update"),
        )
    ),
)
PEER: Final = f"{COMPONENTS}.victron_gx"
OURS: Final = "custom_components.hausstrom"
ROUNDS: Final = 9
STAGES: Final = ("start", "ready", "set up")


ENTRIES: Final[dict[str, dict[str, Any]]] = {
    "senec_local": {"host": "192.0.2.7"},
    "senec_cloud": {
        "username": "anna@example.org",
        "password": "secret",
        "system_id": "1",
        "model": "SENEC",
        "control_unit_number": "1",
        "generation": "V123",
    },
    "senec_connect": {"api_key": "secret", "system_id": "1", "model": "SENEC"},
    "evn": {
        "source": "homeassistant",
        "topic": "sensors/smartmeter",
        "key": "a1b2c3d4e5f60718293a4b5c6d7e8f90",
        "system_title": "4b464d4855000001",
    },
    "victron": {
        "source": "gx",
        "portal_id": "c0619ab0c7d5",
        "broker": {"host": "192.0.2.8", "port": 1883},
    },
    "smartlog": {
        "transport": "mqtt",
        "source": "homeassistant",
        "topic": "smartlog/#",
        "gateway_id": "6891d00000b1",
        "smartlog_id": "",
    },
}

NEEDED: Final = {"victron": ("victron.events", "victron.updates")}
"""What brings the platforms that are set up on demand, and needed by every device of today."""
EVERYTHING: Final = "victron, everything"
RARE: Final = ("victron.controls", "victron.lights", "victron.trackers")


class Loader:
    """Loads what is measured, for a Home Assistant that runs."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Take the Home Assistant that entries are made for."""
        self._hass = hass

    def peer(self, *, ready: bool = False) -> None:
        """Load Home Assistant's victron_gx, its flow and all its platforms."""
        component = import_module(PEER)
        import_module(f"{PEER}.config_flow")
        for platform in component.PLATFORMS:
            import_module(f"{PEER}.{platform}")
        if ready:
            # As its hub does; not through it, for the library that is installed may be another
            # release than it asks for, with other arguments.
            import_module("victron_mqtt").Hub("192.0.2.8", 1883, None, None, use_ssl=False)

    def ours(self, name: str, *, ready: bool = False, steps: bool = False) -> None:
        """Load the integration, its flow, a kind, the kind's platforms; and the steps of its flow."""
        kind, _, everything = name.partition(", ")
        import_module(OURS)
        import_module(f"{OURS}.config_flow")
        loaded = import_module(f"{OURS}.kinds")._load(kind)  # noqa: SLF001  as its executor job does
        for platform in loaded.platforms:
            if platform not in loaded.on_demand:
                import_module(f"{OURS}.{platform}")
        for module in (*NEEDED.get(kind, ()), *(RARE if everything else ())):
            import_module(f"{OURS}.{module}")
        if ready:
            # A fork has none; nothing is awaited, it is only asked for.
            asyncio._set_running_loop(self._hass.loop)  # noqa: SLF001
            loaded.coordinator(self._hass, _entry(kind))
        if steps:
            loaded.set_up.load()


def _entry(kind: str) -> ConfigEntry:
    return ConfigEntry(
        data={"kind": kind, **ENTRIES[kind]},
        discovery_keys=MappingProxyType({}),
        domain="hausstrom",
        minor_version=1,
        options={},
        source="user",
        subentries_data=None,
        title=kind,
        unique_id=f"{kind}_1",
        version=1,
    )


def _once(load: Callable[[], None]) -> tuple[float, int]:
    readable, writable = os.pipe()
    if (child := os.fork()) == 0:
        before, began = len(sys.modules), process_time()
        load()
        spent = 1000 * (process_time() - began)
        os.write(writable, f"{spent} {len(sys.modules) - before}".encode())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as pipe:
        spent_ms, modules = pipe.read().split()
    os.waitpid(child, 0)
    return float(spent_ms), int(modules)


async def measure_all(folder: str) -> None:
    """Print a row per kind, and the peer's."""
    for module in RUNNING:
        import_module(module)
    hass = HomeAssistant(folder)
    hass.config_entries = ConfigEntries(hass, {})
    dr.async_setup(hass)
    await dr.async_load(hass, load_empty=True)
    await er.async_load(hass, load_empty=True)
    await async_get_network(hass)
    async_get_clientsession(hass)  # with its resolver: the first one who asks would pay for all
    loader = Loader(hass)
    # What was there before is nobody's cost; a collection of it would be counted at random.
    gc.collect()
    gc.freeze()
    loads = {("peer", label): partial(loader.peer, ready=label != "start") for label in STAGES}
    names = (*ENTRIES, EVERYTHING)
    for kind in names:
        for label in STAGES:
            loads[kind, label] = partial(
                loader.ours, kind, ready=label != "start", steps=label == "set up"
            )
    for load in loads.values():
        _once(load)  # writes the byte code
    best = dict.fromkeys(loads, (float("inf"), 0))
    for _ in range(ROUNDS):  # in turn, so that a slow moment of the machine is everybody's
        best = {name: min(best[name], _once(load)) for name, load in loads.items()}
    for kind in ("peer", *names):
        row = f"{'victron_gx (Home Assistant)' if kind == 'peer' else kind:<28}"
        for label in STAGES:
            spent, modules = best[kind, label]
            row += f" {label} {spent:5.1f} ms {modules:3d} modules"
            row += f" {spent / best['peer', label][0]:4.2f} x "
        print(row)


def main() -> None:
    """Measure in a process that keeps byte code, whatever the environment says of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().inside:
        with TemporaryDirectory() as folder:
            asyncio.run(measure_all(folder))
        return
    with TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        subprocess.run(
            [sys.executable, "-m", "benchmarks.import_cost", "--inside"],
            cwd=ROOT,
            env=environment,
            check=True,
        )


if __name__ == "__main__":
    main()
