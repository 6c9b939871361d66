"""Fills from SENEC's history what the readings have missed, without being asked.

While Home Assistant is off, and while SENEC's live values are not to be had, the hours stay empty,
and the first reading afterwards shows their energy all at once. The minutes before each midnight
are in no reading at all. When the hours are over and the recorder has made its rows of them, each
hour gets what belongs into it: one day with each poll, until nothing is left. What is to be filled
is kept across restarts, and an import that was interrupted goes on here as well.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.recorder import DATA_INSTANCE, get_instance
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter

from ...common.backoff import Backoff
from ...common.value import Value
from ...const import LOGGER
from ...storage import EntryStore
from ..protocol.errors import SenecServiceError
from . import own_statistics
from .descriptions import ENERGY_KEYS
from .filled_rows import (
    SAME,
    Filling,
    energies_of,
    energies_with,
    lacks_hours,
    last_counter,
    rows_of,
)
from .history_import import Imported, async_import_history, async_interrupted
from .past import async_hours
from .protocol.app import Resolution
from .protocol.gaps import SHORTEST, Gap, GapWatch, Part, first_part, hour_of, missed
from .protocol.history import ONE_HOUR, Hour

if TYPE_CHECKING:
    from .coordinator import SenecCloudCoordinator

AFTER_THE_HOUR: Final = timedelta(minutes=10)  # until the recorder has made the hour's row
SELDOM: Final = 600.0  # seconds: what is lost at a power cut, the rows themselves tell
FIRST_RETRY: Final = 15 * 60.0
LONGEST_RETRY: Final = 6 * 3600.0
PATIENCE: Final = timedelta(days=1)  # with hours that SENEC does not have yet
GIVEN_UP: Final = timedelta(days=30)
MOST_GAPS: Final = 100


class NotYetError(Exception):
    """SENEC or the recorder does not have yet what is needed."""


@dataclass(slots=True, eq=False, repr=False)
class Filled:
    """What was filled since the start: for diagnostics."""

    parts: int = 0
    missed: float = 0.0  # kWh that no reading had shown, of all counters
    moved: float = 0.0  # kWh that were in a later hour
    failures: dict[str, int] = field(default_factory=dict)


def gap_store(
    hass: HomeAssistant, entry_id: str, collect: Callable[[], dict[str, Any]] = dict
) -> EntryStore:
    """Return where it is kept what was read last, and what is to be filled."""
    return EntryStore(hass, f"{entry_id}.senec_gaps", collect, seldom=SELDOM)


class Filler:
    """Notes what is missing, and fills it when it can be."""

    def __init__(self, hass: HomeAssistant, coordinator: SenecCloudCoordinator) -> None:
        """Take the coordinator whose readings have gaps."""
        self._hass = hass
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._store = gap_store(hass, self._entry.entry_id, self._collect)
        self._watch = GapWatch()
        self._gaps: list[Gap] = []
        self._not_before: datetime | None = None
        self._backoff = Backoff(first=FIRST_RETRY, limit=LONGEST_RETRY)
        self._running = False
        self._import_left = False
        self.importing = False
        self._writing = asyncio.Lock()  # into the statistics of the counters
        self.filled = Filled()

    # --- what is missing --------------------------------------------------------------

    async def async_load(self) -> None:
        """Take what was known before a stop."""
        stored = await self._store.async_load() or {}
        self._watch = GapWatch(stored.get("seen"))
        gaps = stored.get("gaps")
        for item in gaps if isinstance(gaps, list) else []:
            if (gap := Gap.from_dict(item)) is not None:
                self._gaps.append(gap)
        self._import_left = await async_interrupted(self._hass, self._entry.entry_id) is not None

    def _collect(self) -> dict[str, Any]:
        return {
            "seen": self._watch.as_dict(),
            "gaps": [gap.as_dict() for gap in self._gaps],
        }

    @callback
    def see(
        self,
        measured: datetime,
        now: datetime,
        values: Mapping[str, Value],
        keys: Iterable[str] = ENERGY_KEYS,
        shortest: timedelta = SHORTEST,
    ) -> None:
        """Note a reading of counters of the day, read now; a gap before it is to be filled.

        shortest: a pause within a day that is not longer is none.
        """
        counters = {key: value for key in keys if isinstance(value := values.get(key), float)}
        gaps = self._watch.see(measured, now, counters, self._coordinator.zone, shortest)
        self._gaps = [*self._gaps, *gaps][-MOST_GAPS:]
        self._store.changed(urgent=bool(gaps))

    def cut(self, start: datetime, end: datetime) -> datetime:
        """Return until when an import may go: not into a gap that is still to be filled.

        The hour after a gap holds the energy of all of it; an import that ended before that hour
        would put it in a second time.
        """
        for gap in self._gaps:
            if start < gap.read and hour_of(gap.start) < end <= hour_of(gap.read):
                end = hour_of(gap.start)
        return end

    # --- filling ------------------------------------------------------------------------

    @callback
    def async_wake(self) -> None:
        """Fill the next day that is due, or go on with an import, in the background."""
        if self._running or self.importing or DATA_INSTANCE not in self._hass.data:
            return
        now = dt_util.utcnow()
        if self._not_before is not None and now < self._not_before:
            return
        is_due = self._due(now) is not None
        if is_due or self._import_left:
            self._running = True
            self._entry.async_create_background_task(
                self._hass, self._async_run(now, fill=is_due), "hausstrom filling"
            )

    def _due(self, now: datetime) -> Gap | None:
        """Return a gap whose hours are over, and of which the recorder has made rows."""
        begin = hour_of(now - AFTER_THE_HOUR)
        return next((gap for gap in self._gaps if hour_of(gap.read) < begin), None)

    async def _async_run(self, now: datetime, *, fill: bool) -> None:
        try:
            if fill:
                async with self._writing:
                    await self._async_fill(now)
            else:
                await self._async_go_on_importing()
        except (SenecServiceError, NotYetError, HomeAssistantError) as error:
            self._failed(now, error)
        except Exception as error:  # noqa: BLE001  nobody waits for it: what fails is said here
            LOGGER.exception("Filling the history of %s failed", self._coordinator.name)
            self._failed(now, error)
        else:
            self._backoff.succeeded()
            self._not_before = None
        finally:
            self._running = False

    def _failed(self, now: datetime, error: Exception) -> None:
        told = error.retry_after if isinstance(error, SenecServiceError) else None
        self._not_before = now + timedelta(seconds=self._backoff.failed(told))
        name = error.reason.value if isinstance(error, SenecServiceError) else type(error).__name__
        self.filled.failures[name] = self.filled.failures.get(name, 0) + 1
        LOGGER.debug("The history of %s has to wait: %s", self._coordinator.name, error)

    async def async_import(self, start: datetime, end: datetime) -> Imported:
        """Import a span that somebody asks for; should it be interrupted, it goes on later.

        Raises what `async_import_history` raises.
        """
        self.importing = True
        try:
            async with self._writing:
                done = await async_import_history(self._hass, self._coordinator, start, end)
        except SenecServiceError:
            self._import_left = True
            self._not_before = dt_util.utcnow() + timedelta(seconds=FIRST_RETRY)
            raise
        finally:
            self.importing = False
        self._import_left = False
        return done

    async def _async_go_on_importing(self) -> None:
        span = await async_interrupted(self._hass, self._entry.entry_id)
        if span is None:
            self._import_left = False
            return
        LOGGER.info("The import of the history of %s goes on", self._coordinator.name)
        await self.async_import(*span)

    async def _async_fill(self, now: datetime) -> None:
        if (gap := self._due(now)) is None:
            return
        part = first_part(gap, self._coordinator.zone)
        if now - gap.read > GIVEN_UP:
            self._put(gap)
        else:
            if not part.is_nothing:
                try:
                    await self._async_fill_part(gap, part, now)
                except SenecServiceError, NotYetError:
                    # The next try is another gap's: what does not come must not hold up the rest.
                    self._put(gap)
                    self._gaps.append(gap)
                    raise
            self._put(gap, part.rest)
        await self._store.async_save()

    def _put(self, gap: Gap, instead: Gap | None = None) -> None:
        """Put what is left of a gap in its place, or nothing."""
        left = [] if instead is None else [instead]
        kept = ([one] if one.key != gap.key else left for one in self._gaps)
        self._gaps = list(chain.from_iterable(kept))

    async def _async_fill_part(self, gap: Gap, part: Part, now: datetime) -> None:
        coordinator = self._coordinator
        await coordinator.async_known_wallbox_ids()
        resolution = Resolution.HOUR if part.is_of_full_hours else Resolution.FIVE_MINUTES
        told = await async_hours(
            coordinator, part.midnight, part.end, tuple(gap.counters), resolution
        )
        if lacks_hours(told, part, gap.counters) and now - gap.read < PATIENCE:
            raise NotYetError("SENEC does not have all hours yet")
        counters = own_statistics.counters_of(self._hass, self._entry)
        fillings: list[Filling] = []
        for key in gap.counters:
            if (hours := told.get(key)) and (statistic_id := counters.get(key)) is not None:
                try:
                    filling = await self._async_filling(gap, part, key, statistic_id, hours)
                except NotYetError:
                    # A counter that is not recorded any more must not hold up the others for ever.
                    if now - gap.read < PATIENCE:
                        raise
                    continue
                if filling is not None:
                    fillings.append(filling)
        if part.ends_day:
            # Before it is done, where the sums stood: that tells after a power cut whether it was.
            sums = {filling.key: filling.sum_before for filling in fillings}
            self._put(gap, gap._replace(sums={**sums, **gap.sums}))
            await self._store.async_save()
        for filling in fillings:
            filling.write(self._hass, part.hours[-1] + ONE_HOUR)
            self.filled.missed += filling.more
            self.filled.moved += filling.moved
        await get_instance(self._hass).async_block_till_done()
        self.filled.parts += 1

    async def _async_filling(
        self, gap: Gap, part: Part, key: str, statistic_id: str, hours: Iterable[Hour]
    ) -> Filling | None:
        """Return what is to be written for a counter; None: nothing, or it was done already."""
        hass = self._hass
        newest = await own_statistics.async_newest(hass, statistic_id)
        if newest is None:
            return None  # it has no statistics: there is nothing to be filled
        # What was missed is put on top of the sum that the recorder goes on from: it has to be there.
        end = part.hours[-1] + ONE_HOUR if part.ends_day else hour_of(gap.read)
        if newest < max(end, hour_of(gap.read)):
            raise NotYetError("the recorder has nothing from after the gap yet")
        unit = await own_statistics.async_unit(hass, statistic_id)
        of_unit = EnergyConverter.converter_factory(UnitOfEnergy.KILO_WATT_HOUR, unit)
        told = {hour.start: of_unit(hour.energy) for hour in hours}
        level, rows = await own_statistics.async_levels_around(
            hass, statistic_id, unit, part.hours[0], part.hours[-1] + ONE_HOUR
        )
        if not part.ends_day and part.hours[-1] not in rows:
            raise NotYetError("the recorder has no row of the hour after the gap yet")
        sum_before = next(reversed(rows.values())).total if rows else level
        if key in gap.sums and abs(sum_before - gap.sums[key]) > SAME:
            return None
        recorded = energies_of(rows, level)
        seen = of_unit(gap.counters[key])
        more = 0.0
        if part.ends_day:
            more = missed(told, part.hours, last_counter(part, seen, rows))
        energies = energies_with(part, recorded, told, seen, more)
        moved = sum(max(0.0, energy - recorded.get(hour, 0.0)) for hour, energy in energies.items())
        return Filling(
            key,
            statistic_id,
            unit,
            sum_before,
            more,
            moved,
            rows_of(part, level, energies, told, rows),
        )

    # --- the end --------------------------------------------------------------------------

    async def async_stop(self) -> None:
        """Keep what is known; what runs is cancelled with the entry."""
        await self._store.async_close()

    def diagnostics(self) -> dict[str, Any]:
        """Return what helps in a bug report."""
        return {
            "gaps": [[gap.start.isoformat(), gap.end.isoformat()] for gap in self._gaps],
            "import_left": self._import_left,
            "parts": self.filled.parts,
            "missed_kwh": round(self.filled.missed, 3),
            "moved_kwh": round(self.filled.moved, 3),
            "failures": dict(self.filled.failures),
        }
