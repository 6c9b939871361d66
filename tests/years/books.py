"""What years of one entry become in Home Assistant's long-term statistics, against the truth.

A kind brings a `Way`: how its device lives through a step, and what truly flowed until now. `Year` drives
the clock, compiles the statistics of every slot that anything was written in, and lets happen what
happens in years: the device is away, Home Assistant restarts or is killed, the entry is reloaded.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, Final, Protocol

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.const import (
    EVENT_HOMEASSISTANT_FINAL_WRITE,
    EVENT_HOMEASSISTANT_STOP,
    EVENT_STATE_CHANGED,
)
from homeassistant.core import CoreState, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.hausstrom.const import DOMAIN

DAYS: Final = int(os.environ.get("HAUSSTROM_YEAR_DAYS", "0"))
"""How many days are lived through; 0: the few of every run."""
SLOT: Final = timedelta(minutes=5)
_KWH: Final = {"Wh": 0.001, "kWh": 1.0, "MWh": 1000.0}


class Way(Protocol):
    """A kind's device in a test's hands, and the entry that shows it."""

    most_power: float
    """W that can flow at most."""
    seconds: float
    """How long a step is."""

    async def live(self, *, away: bool) -> None:
        """Let a step pass: the clock, the device, all that Home Assistant does. `away`: it is silent."""

    async def rest(self, seconds: float) -> None:
        """Let time pass in which the device says nothing more."""

    def truth(self) -> Mapping[str, float]:
        """Return what truly flowed until now (kWh) by key of the entity, from any beginning."""

    async def begin(self) -> None:
        """Set the entry up for the first time, and have the device heard."""

    async def start(self) -> None:
        """Set the entry up."""

    @property
    def entry_id(self) -> str:
        """The entry."""


@dataclass
class Line:
    """One counter's line of the table."""

    key: str
    truth: float
    shown: float
    below: int
    spikes: int

    @property
    def error(self) -> float:
        """Return the deviation in percent."""
        return 100 * (self.shown - self.truth) / self.truth if self.truth else 0.0


@dataclass
class Year[W: Way]:
    """One entry's life."""

    hass: HomeAssistant
    storage: dict[str, Any]
    way: W
    seed: int = 5
    events: dict[str, int] = field(default_factory=dict)
    _begun: datetime = field(default_factory=dt_util.utcnow)
    _compiled: datetime = field(default_factory=dt_util.utcnow)
    _first: dict[str, float] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)
    _away: int = 0
    falls: dict[str, int] = field(default_factory=dict)
    """How often a counter that only rises showed less than before, by entity."""
    _shown: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hear all that is shown."""
        self.hass.bus.async_listen(EVENT_STATE_CHANGED, self._hear)

    @callback
    def _hear(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is None or state.attributes.get("state_class") != "total_increasing":
            return
        with suppress(ValueError):
            energy = float(state.state)
            if energy < self._shown.get(state.entity_id, energy):
                self.falls[state.entity_id] = self.falls.get(state.entity_id, 0) + 1
            self._shown[state.entity_id] = energy

    # --- living -------------------------------------------------------------------------

    async def live(self, days: float, *, per_day: Mapping[str, float]) -> None:
        """Live so many days; `per_day` says how often each thing happens: away, stop, kill, reload."""
        chance = Random(self.seed)
        steps = round(days * 86_400 / self.way.seconds)
        share = self.way.seconds / 86_400
        must = [what for what, often in per_day.items() if often]
        # In a short run each thing happens once at least.
        planned = {round(steps * (n + 1) / (len(must) + 2)): what for n, what in enumerate(must)}
        self._first = dict(self.way.truth())
        now = dt_util.utcnow()
        self._begun = now
        self._compiled = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0) - 2 * SLOT
        for step in range(steps):
            for what, often in per_day.items():
                if planned.get(step) == what or chance.random() < often * share:
                    await self.happens(what, chance)
            self._away = max(0, self._away - 1)
            await self.way.live(away=self._away > 0)
            await self.compile()
        await self.way.live(away=False)
        self._last = dict(self.way.truth())
        for seconds in (70.0, 70.0, 300.0):  # what waits for its pace is written, and its slot ends
            await self.way.rest(seconds)
        await self.compile(to_the_end=True)

    async def happens(self, what: str, chance: Random) -> None:
        """Let one thing happen."""
        self.events[what] = self.events.get(what, 0) + 1
        match what:
            case "away":
                self._away = chance.randrange(1, 5)
            case "reload":
                await self.hass.config_entries.async_reload(self.way.entry_id)
                await self.settle()
            case "stop" | "kill":
                await self.restart(killed=what == "kill")

    async def restart(self, *, killed: bool) -> None:
        """End Home Assistant and start it again: with what was on its disk then, and the recorder's."""
        hass = self.hass
        if not killed:
            hass.set_state(CoreState.stopping)
            hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
            await self.settle()
            hass.set_state(CoreState.final_write)
            self._final_write()
            await self.settle()
        await async_wait_recording_done(hass)
        on_disk = deepcopy({k: v for k, v in self.storage.items() if k.startswith(DOMAIN)})
        hass.set_state(CoreState.running)
        await hass.config_entries.async_unload(self.way.entry_id)
        await self.settle()
        for name in [name for name in self.storage if name.startswith(DOMAIN)]:
            del self.storage[name]
        self.storage.update(on_disk)
        await self.way.start()
        await self.settle()

    def _final_write(self) -> None:
        """Have everything written that waits for it; the recorder goes on, it is the next one's too."""
        listeners = self.hass.bus._listeners.get(EVENT_HOMEASSISTANT_FINAL_WRITE, [])
        for job, _filter in list(listeners):
            inner = getattr(job.target, "listener_job", job)
            if isinstance(getattr(inner.target, "__self__", None), Store):
                job.target(Event(EVENT_HOMEASSISTANT_FINAL_WRITE))

    async def settle(self) -> None:
        """Let everything that is going on come to its end."""
        await self.hass.async_block_till_done(wait_background_tasks=True)

    # --- statistics ---------------------------------------------------------------------

    async def compile(self, *, to_the_end: bool = False) -> None:
        """Compile the slots that are over: those with a step in them, and the last one of each hour."""
        now = dt_util.utcnow()
        slot = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
        due = []
        while self._compiled + SLOT < slot or (to_the_end and self._compiled + SLOT <= slot):
            self._compiled += SLOT
            begins, ends = self._compiled, self._compiled + SLOT
            if self.way.seconds <= SLOT.total_seconds():
                # In a long run the last slot of an hour is enough: `falls` sees what is between.
                # Not in the first hour: a sum begins with the first state of its first slot.
                had_steps = not DAYS or self._compiled < self._begun + timedelta(hours=1)
            else:
                had_steps = begins <= now - timedelta(seconds=self.way.seconds) < ends
            if had_steps or self._compiled.minute == 55 or to_the_end:
                due.append(self._compiled)
        if not due:
            return
        await async_wait_recording_done(self.hass)
        for one in due:
            do_adhoc_statistics(self.hass, start=one)

    def entity_ids(self) -> dict[str, str]:
        """Return the entities with a truth, by key."""
        entry = self.hass.config_entries.async_get_entry(self.way.entry_id)
        assert entry is not None
        prefix = f"{entry.unique_id}_"
        return {
            key: entity.entity_id
            for entity in er.async_entries_for_config_entry(
                er.async_get(self.hass), self.way.entry_id
            )
            if (key := entity.unique_id.removeprefix(prefix)) in self.way.truth()
            and entity.disabled_by is None
        }

    async def lines(self, statistics: Mapping[str, str] | None = None) -> list[Line]:
        """Return a line for each counter: by entity, or by the id of its statistic."""
        await async_wait_recording_done(self.hass)
        ids = dict(self.entity_ids() if statistics is None else statistics)
        period = "5minute" if statistics is None else "hour"
        recorder: Recorder = self.hass.data["recorder_instance"]
        rows = await recorder.async_add_executor_job(
            lambda: statistics_during_period(
                self.hass,
                datetime(2000, 1, 1, tzinfo=UTC),
                None,
                set(ids.values()),
                period,  # type: ignore[arg-type]  # one of two
                {"energy": "kWh"},
                {"sum"},
            )
        )
        return [self._line(key, rows.get(ids[key], []), period) for key in sorted(ids)]

    def _line(self, key: str, rows: list[Any], period: str) -> Line:
        sums = [(float(row["start"]), float(row["sum"] or 0)) for row in rows]
        length = 300 if period == "5minute" else 3600
        below = spikes = 0
        for (at, before), (then, after) in pairwise(sums):
            # What flowed while nobody looked may come at once; and a step is written a little late.
            seconds = then - at + length + self.way.seconds * 6
            below += after - before < -1e-6
            spikes += (after - before) * 3.6e6 > self.way.most_power * seconds
        truth = self._last[key] - self._first.get(key, 0.0)
        return Line(key, truth, sums[-1][1] if sums else 0.0, below, spikes)


def table(name: str, days: float, year: Year[Any], lines: list[Line]) -> str:
    """Return the table of a year."""
    head = f"{name}: {days:g} days, {year.events}"
    rows = [
        f"{'counter':34}{'truth kWh':>12}{'shown kWh':>12}{'error %':>9}{'below 0':>9}{'spikes':>8}"
    ]
    rows += [
        f"{one.key[-33:]:34}{one.truth:12.2f}{one.shown:12.2f}{one.error:9.3f}{one.below:9}{one.spikes:8}"
        for one in lines
    ]
    return "\n".join([head, *rows])
