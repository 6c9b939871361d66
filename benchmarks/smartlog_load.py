"""SmartLog: what a report of 10,000 points costs Home Assistant's event loop, and its longest piece.

The floor is the state writes alone: as many calls of async_write_ha_state as the report caused.
"""

import asyncio
import gc
import logging
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from threading import get_ident
from time import perf_counter, thread_time
from unittest.mock import patch

from homeassistant import loader
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from benchmarks.smartlog_report import report
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.smartlog.coordinator import SmartLogCoordinator

GATEWAY = "6891d00000aa"
ROUNDS = 3


@dataclass(slots=True)
class LoopTime:
    """What the event loop did: its time in pieces (s of its own thread), and state writes."""

    pieces: list[float] = field(default_factory=list)
    wall: float = 0
    writes: int = 0
    total: float = 0

    @property
    def longest_ms(self) -> float:
        """Return the longest piece without a break."""
        return max(self.pieces, default=0) * 1000


@contextmanager
def measured(hass: HomeAssistant, clock: Callable[[], float] = thread_time) -> Iterator[LoopTime]:
    """Time each piece of work of the event loop."""
    result = LoopTime()
    run = asyncio.Handle._run  # noqa: SLF001  the only place that sees each piece

    pieces: list[float] = []
    start = clock()
    loop_thread = get_ident()

    def timed(handle: asyncio.Handle) -> None:
        nonlocal start
        if get_ident() != loop_thread:
            run(handle)
            return
        start = clock()
        run(handle)
        pieces.append(clock() - start)

    @callback
    def count(_event: Event[EventStateChangedData]) -> None:
        result.writes += 1

    stop = hass.bus.async_listen(EVENT_STATE_CHANGED, count)
    gc.collect()
    began = perf_counter()
    with patch.object(asyncio.Handle, "_run", timed):
        yield result
        # The piece that is running now will only end when we have gone on.
        pieces.append(clock() - start)
        result.wall = perf_counter() - began
    result.pieces = pieces.copy()
    stop()
    result.total = sum(result.pieces)


@asynccontextmanager
async def home_assistant() -> AsyncIterator[tuple[HomeAssistant, SmartLogCoordinator]]:
    """Start Home Assistant with one SmartLog."""
    with tempfile.TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
            await async_setup_component(hass, "http", {})
            entry = MockConfigEntry(
                domain=DOMAIN,
                unique_id=f"smartlog_{GATEWAY}",
                title="SmartLog",
                data={
                    "kind": "smartlog",
                    "transport": "webhook",
                    "gateway_id": GATEWAY,
                    "smartlog_id": "",
                    "webhook_id": "bench",
                    "username": "a",
                    "password": "b",
                    "local_only": True,
                },
            )
            entry.add_to_hass(hass)
            await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()
            yield hass, entry.runtime_data
            await hass.async_stop(force=True)


async def take(hass: HomeAssistant, coordinator: SmartLogCoordinator, body: bytes) -> LoopTime:
    """Give a report to Home Assistant, and wait until everything about it is done."""
    with measured(hass) as result:
        await coordinator.async_take(body)
        await hass.async_block_till_done()
    return result


async def main_async() -> None:
    """Measure the kinds of reports that come."""
    rows: list[tuple[str, LoopTime]] = []
    async with home_assistant() as (hass, coordinator):
        turn = 0

        async def best(changing: int, *, again: bool = False) -> LoopTime:
            nonlocal turn
            results = []
            for _ in range(ROUNDS):
                turn += 0 if again else 1
                results.append(await take(hass, coordinator, report(turn, changing)))
            return min(results, key=lambda result: result.total)

        rows.append(("the first, 10,000 new points", await take(hass, coordinator, report(0, 0))))
        for changing in (20, 5, 1):
            share = f"{changing} of 20 values changed"
            rows.append((share, await best(changing)))
        # The last turn's values without a change: as many changing points as just now.
        turn += 1
        await take(hass, coordinator, report(turn, 0))
        rows.append(("new times, no value changed", await best(0)))
        rows.append(("the same report again", await best(0, again=True)))
        floor = [item.entity_id for item in hass.states.async_all("sensor")]
        start = thread_time()
        for number, entity_id in enumerate(floor):
            hass.states.async_set(entity_id, str(number), {})
        floor_us = (thread_time() - start) / len(floor) * 1e6
    print(f"SmartLog in Home Assistant: 500 meters x 20 points, {len(floor)} sensors")
    print(f"a bare hass.states.async_set: {floor_us:.1f} µs")
    print(
        f"  {'report':30} {'loop ms':>8} {'longest ms':>11} {'writes':>7} {'wall ms':>8} {'x floor':>8}"
    )
    for name, result in rows:
        writes = max(result.writes, 1)
        ratio = result.total * 1e6 / writes / floor_us
        print(
            f"  {name:30} {result.total * 1000:8.1f} {result.longest_ms:11.1f} {result.writes:7}"
            f" {result.wall * 1000:8.1f} {ratio:8.2f}"
        )


def main() -> None:
    """Print the table."""
    logging.disable(logging.WARNING)
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
