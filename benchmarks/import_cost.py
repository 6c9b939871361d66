"""What loading the integration costs, beside Home Assistant's victron_gx, in one run.

"start" is what Home Assistant loads at every start for an entry of a kind: the config flow, the
kind, its platforms; the peer's likewise. "set up" is the same and the steps of the kind's own flow,
which the peer has in its config flow. CPU time, so that other work on the machine does not count;
the best of several, each in a fork of one process that has loaded what every Home Assistant has;
byte code is there for both, as after the first start. Run: scripts/bench import_cost
"""

import argparse
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
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
COMPONENTS: Final = "homeassistant.components"
# What a running Home Assistant with MQTT has in memory, whoever asks.
RUNNING: Final = (
    "homeassistant.bootstrap",
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


def peer() -> None:
    """Load Home Assistant's victron_gx, its flow and all its platforms."""
    component = import_module(PEER)
    import_module(f"{PEER}.config_flow")
    for platform in component.PLATFORMS:
        import_module(f"{PEER}.{platform}")


def ours(kind: str, *, with_steps: bool) -> None:
    """Load the integration, its flow, a kind, the kind's platforms; and the steps of its flow."""
    import_module(OURS)
    import_module(f"{OURS}.config_flow")
    loaded = import_module(f"{OURS}.kinds")._load(kind)  # noqa: SLF001  as its executor job does
    for platform in loaded.platforms:
        import_module(f"{OURS}.{platform}")
    if with_steps:
        loaded.set_up.load()


def measured(load: Callable[[], None]) -> tuple[float, int]:
    """Return the least CPU time (ms) of some imports, and how many modules they load."""
    return min(_once(load) for _ in range(ROUNDS))


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


def _names() -> list[str]:
    """Return the kinds, of a process of their own: here nothing of ours may be loaded yet."""
    code = f"from {OURS}.kinds import KINDS; print(*KINDS)"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()


def measure_all() -> None:
    """Print a row per kind, and the peer's."""
    for module in RUNNING:
        import_module(module)
    # What was there before is nobody's cost; a collection of it would be counted at random.
    gc.collect()
    gc.freeze()
    _once(peer)  # writes the byte code
    most, modules = measured(peer)
    kinds = _names()
    print(f"{'victron_gx (Home Assistant)':<28} {most:6.1f} ms  {modules:3d} modules")
    for kind in kinds:
        row = f"{kind:<28}"
        for label, with_steps in (("start", False), ("set up", True)):
            own, modules = measured(partial(ours, kind, with_steps=with_steps))
            row += f" {own:6.1f} ms  {modules:3d} modules  {own / most:4.2f} x ({label})  "
        print(row)


def main() -> None:
    """Measure in a process that keeps byte code, whatever the environment says of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().inside:
        measure_all()
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
