"""A GX session replayed: our path from message to reading, beside a floor and a peer.

The session is the recorded ESS session where the samples are at hand, else an hour of the
simulated home. The peer is victron-mqtt, the library of Home Assistant's own integration, where
it is installed. Rates are by CPU time, the best of several runs of the same messages in one process.
"""

import asyncio
import logging
import resource
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import orjson

from custom_components.hausstrom.common.value import Value
from custom_components.hausstrom.victron.protocol.offer import Offer
from custom_components.hausstrom.victron.protocol.system import GxSystem
from custom_components.hausstrom.victron.protocol.topics import Topics
from simulators.victron_gx import PORTAL_ID, Recorded, read_recording
from simulators.victron_home import Day
from simulators.victron_home_values import home_values

REPEATS: Final = 5
HOUR: Final = 3600.0
QUICK: Final = 10.0
"""Seconds between writes of power at defaults."""
CALM: Final = 60.0
"""Seconds between writes of everything else."""

# Messages a second of four solar chargers, three battery systems and a Multi.
BUSY_RATE = 31


def ess_session() -> tuple[str, list[Recorded], list[Recorded]]:
    """Return portal id, the full publish and an hour of updates."""
    for parent in Path(__file__).resolve().parents:
        file = parent / "shared" / "samples" / "victron" / "synthetic" / "ess_session.jsonl"
        if file.exists():
            messages = read_recording(file)
            full = [message for message in messages if message.at < 2]
            updates = [message for message in messages if message.at >= 2]
            span = 128.0
            hour = [
                Recorded(message.at + turn * span, message.topic, message.payload)
                for turn in range(int(HOUR / span))
                for message in updates
            ]
            return full[0].topic.split("/")[1], full, hour
    return simulated_session()


def simulated_session() -> tuple[str, list[Recorded], list[Recorded]]:
    """Return the same for the simulated home, from ten in the morning on."""

    def message(at: float, address: tuple[str, str, str], value: object) -> Recorded:
        topic = f"N/{PORTAL_ID}/{'/'.join(address)}"
        return Recorded(at, topic, orjson.dumps({"value": value}))

    values = home_values(PORTAL_ID)
    full = [message(0, address, value) for address, value in values.items()]
    day = Day()
    hour = []
    for second in range(int(HOUR)):
        for address, value in day.step(36_000 + second, 1).items():
            if values[address] != value:
                values[address] = value
                hour.append(message(second + 2.0, address, value))
    return PORTAL_ID, full, hour


class Ours:
    """Our path, up to what the coordinator is handed."""

    def __init__(self, portal_id: str) -> None:
        """Connect at 0."""
        self.system = GxSystem(Topics(portal_id), "bench")
        self.system.opened(0)
        self.offers: dict[str, Offer] = {}
        self.writes = 0
        self._shown: dict[str, Value] = {}

    def play(self, messages: list[Recorded]) -> None:
        """Take messages, and do each second what the coordinator does."""
        receive, second = self.system.receive, 0.0
        for message in messages:
            if message.at >= second + 1:
                second = float(int(message.at))
                self._second(second)
            receive(message.topic, message.payload, message.at)

    def _second(self, now: float) -> None:
        self.system.tick(now)
        quick, calm = now % QUICK == 0, now % CALM == 0
        if not (quick or self.system.urgent):
            return
        changes = self.system.collect(now, quick=quick, calm=calm)
        for offer in self.system.news().offers:
            self.offers[offer.key] = offer
        for key in changes:
            if self.offers[key].enabled:
                self.writes += 1


def ours(portal_id: str, full: list[Recorded], hour: list[Recorded]) -> tuple[float, Ours]:
    """Return seconds for the hour, and the path afterwards."""
    path = Ours(portal_id)
    path.play(full)
    for now in (3.0, 10.0):
        path.system.tick(now)
    path.writes = 0
    begin = time.process_time()
    path.play(hour)
    return time.process_time() - begin, path


def floor(hour: list[Recorded]) -> float:
    """Return seconds to do nothing but parse the hour."""
    loads: Callable[[bytes], Any] = orjson.loads
    begin = time.process_time()
    for message in hour:
        if message.payload:
            loads(message.payload)["value"]
    return time.process_time() - begin


async def peer(
    portal_id: str, full: list[Recorded], hour: list[Recorded]
) -> tuple[float, int, int] | None:
    """Return seconds for the hour, metrics made and states it would write; None without the peer."""
    try:
        from victron_mqtt import (  # noqa: PLC0415  only where it is installed
            UPDATE_FREQUENCY_AUTO,
        )
        from victron_mqtt import hub as hub_module  # noqa: PLC0415
        from victron_mqtt import metric as metric_module  # noqa: PLC0415
        from victron_mqtt.testing import create_mocked_hub  # noqa: PLC0415
    except ImportError:
        return None
    from homeassistant.components.victron_gx.entity import (  # noqa: PLC0415
        ENTITIES_DISABLE_BY_DEFAULT,
    )

    logging.disable(logging.ERROR)
    hub = await create_mocked_hub(
        installation_id=portal_id, update_frequency_seconds=UPDATE_FREQUENCY_AUTO
    )
    clock = SimpleNamespace(now=1000.0)
    fake = SimpleNamespace(monotonic=lambda: clock.now, time=time.time, sleep=time.sleep)
    hub_module.time = metric_module.time = fake  # type: ignore[assignment,attr-defined]  # its clock
    writes = 0
    shown: dict[str, object] = {}

    def on_update(metric: Any, value: object) -> None:
        nonlocal writes
        if shown.get(metric.unique_id, shown) != value:
            shown[metric.unique_id] = value
            writes += metric.generic_short_id not in ENTITIES_DISABLE_BY_DEFAULT

    hub.on_new_metric = lambda _hub, _device, metric, *_: setattr(metric, "on_update", on_update)

    async def play(messages: list[Recorded]) -> float:
        spent = 0.0
        chunk = 200
        for start in range(0, len(messages), chunk):
            part = messages[start : start + chunk]
            begin = time.process_time()
            for message in part:
                clock.now = 1000 + message.at
                hub._on_message(None, None, message)  # type: ignore[arg-type]  # noqa: SLF001
            await asyncio.sleep(0)
            spent += time.process_time() - begin
        return spent

    await play(full)
    hub._keepalive(force=True)  # noqa: SLF001
    await asyncio.sleep(0.05)
    await play(full)
    await asyncio.sleep(0.05)
    writes = 0
    seconds = await play(hour)
    made = sum(len(device.metrics) for device in hub.devices.values())
    await hub.disconnect()
    logging.disable(logging.NOTSET)
    hub_module.time = metric_module.time = time  # type: ignore[attr-defined]
    return seconds, made, writes


def busy_hour(hour: list[Recorded]) -> list[Recorded]:
    """Return an hour with as many messages as the busiest system that was recorded sends."""
    squeeze = len(hour) / HOUR / BUSY_RATE
    span = HOUR * squeeze
    return [
        Recorded(message.at * squeeze + turn * span, message.topic, message.payload)
        for turn in range(int(1 / squeeze) + 1)
        for message in hour
        if message.at * squeeze + turn * span < HOUR
    ]


def many_systems(portal_id: str, full: list[Recorded], hour: list[Recorded]) -> None:
    """Print what ten systems cost in an hour of traffic."""
    hour = busy_hour(hour)
    systems = [Ours(portal_id) for _ in range(10)]
    for system in systems:
        system.play(full)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.process_time()
    for system in systems:
        system.play(hour)
    spent = time.process_time() - begin
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    rate = len(hour) / HOUR
    print(
        f"Ten systems, {rate:.0f} messages/s each, an hour: {spent:.2f} s of CPU"
        f" ({spent / HOUR:.3%} of a core), memory grew by {grown / 1024:.1f} MiB"
    )


def main() -> None:
    """Print the table."""
    portal_id, full, hour = ess_session()
    print(f"Full publish of {len(full)} messages, then an hour of {len(hour)} updates\n")
    runs = [ours(portal_id, full, hour) for _ in range(REPEATS)]
    seconds, path = min(runs, key=lambda run: run[0])
    bare = min(floor(hour) for _ in range(REPEATS))
    count = len(hour)
    enabled = sum(offer.enabled for offer in path.offers.values())
    print(f"{'':24}{'messages/s':>14}{'us each':>10}{'entities':>10}{'writes/h':>10}")
    print(f"{'floor (orjson)':24}{count / bare:>14,.0f}{bare / count * 1e6:>10.2f}")
    print(
        f"{'hausstrom':24}{count / seconds:>14,.0f}{seconds / count * 1e6:>10.2f}"
        f"{len(path.offers):>10}{path.writes:>10,}"
    )
    results = [asyncio.run(peer(portal_id, full, hour)) for _ in range(2)]
    measured = [result for result in results if result is not None]
    if measured:
        best = min(measured, key=lambda result: result[0])
        print(
            f"{'victron-mqtt':24}{count / best[0]:>14,.0f}{best[0] / count * 1e6:>10.2f}"
            f"{best[1]:>10}{best[2]:>10,}"
        )
        print(
            f"\nhausstrom / victron-mqtt: {best[0] / seconds:.1f} x the messages,"
            f" {path.writes / max(best[2], 1):.2f} x the state writes"
        )
    print(f"hausstrom enables {enabled} of its {len(path.offers)} entities by default")
    many_systems(portal_id, full, hour)


if __name__ == "__main__":
    main()
