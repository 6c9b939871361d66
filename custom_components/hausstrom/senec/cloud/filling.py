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
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.recorder import DATA_INSTANCE, get_instance
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter

from ...common.value import Value
from ...const import LOGGER
from ...storage import EntryStore
from ..protocol.errors import SenecServiceError
from . import own_statistics
from .descriptions import ENERGY_KEYS
from .history_import import Imported, async_import_history, async_interrupted
from .own_statistics import Level
from .protocol.app import Resolution
from .protocol.gaps import Gap, GapWatch, Part, first_part, hour_of, missed, spread
from .protocol.history import ONE_HOUR, Hour, hours_by_counter

if TYPE_CHECKING:
    from .coordinator import SenecCloudCoordinator

AFTER_THE_HOUR: Final = timedelta(minutes=10)  # until the recorder has made the hour's row
SELDOM: Final = 600.0  # seconds: what is lost at a power cut, the rows themselves tell
FIRST_RETRY: Final = timedelta(minutes=15)
LONGEST_RETRY: Final = timedelta(hours=6)
PATIENCE: Final = timedelta(days=1)  # with hours that SENEC does not have yet
GIVEN_UP: Final = timedelta(days=30)
MOST_GAPS: Final = 100
SAME: Final = 1e-6  # kWh


class NotYetError(Exception):
    """SENEC or the recorder does not have yet what is needed."""


@dataclass(slots=True)
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
        self._failures = 0
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
    def see(self, measured: datetime, now: datetime, values: Mapping[str, Value]) -> None:
        """Note a reading of the day's counters, read now; a gap before it is to be filled."""
        counters = {
            key: value for key in ENERGY_KEYS if isinstance(value := values.get(key), float)
        }
        gaps = self._watch.see(measured, now, counters, self._coordinator.zone)
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
        is_due = bool(self._gaps) and now >= hour_of(self._gaps[0].read) + ONE_HOUR + AFTER_THE_HOUR
        if is_due or self._import_left:
            self._running = True
            self._entry.async_create_background_task(
                self._hass, self._async_run(now, fill=is_due), "hausstrom filling"
            )

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
            self._failures, self._not_before = 0, None
        finally:
            self._running = False

    def _failed(self, now: datetime, error: Exception) -> None:
        told = error.retry_after if isinstance(error, SenecServiceError) else None
        wait = min(LONGEST_RETRY, FIRST_RETRY * 2**self._failures)
        self._not_before = now + max(wait, timedelta(seconds=told or 0.0))
        self._failures = min(self._failures + 1, 8)
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
            self._not_before = dt_util.utcnow() + FIRST_RETRY
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
        gap = self._gaps[0]
        part = first_part(gap, self._coordinator.zone)
        if part is None or now - gap.read > GIVEN_UP:
            self._gaps.remove(gap)
        else:
            if not part.is_nothing:
                await self._async_fill_part(gap, part, now)
            self._gaps[0:1] = [] if part.rest is None else [part.rest]
        await self._store.async_save()

    async def _async_fill_part(self, gap: Gap, part: Part, now: datetime) -> None:
        coordinator = self._coordinator
        ids = await coordinator.async_known_wallbox_ids()
        series = await coordinator.account.app.measurements(
            coordinator.system_id,
            Resolution.HOUR,
            part.midnight,
            part.hours[-1] + ONE_HOUR,
            ids,
        )
        told = hours_by_counter(
            series,
            part.midnight,
            part.hours[-1] + ONE_HOUR,
            wallboxes=bool(ids),
            holds_wallbox=coordinator.consumption_holds_wallbox,
        )
        there = {hour.start for hours in told.values() for hour in hours}
        if not there.issuperset(part.hours) and now - gap.read < PATIENCE:
            raise NotYetError("SENEC does not have all hours yet")
        counters = own_statistics.counters_of(self._hass, self._entry)
        for key in gap.counters:
            if (hours := told.get(key)) and (statistic_id := counters.get(key)) is not None:
                try:
                    await self._async_fill_counter(gap, part, key, statistic_id, hours)
                except NotYetError:
                    # A counter that is not recorded any more must not hold up the others for ever.
                    if now - gap.read < PATIENCE:
                        raise
        await get_instance(self._hass).async_block_till_done()
        self.filled.parts += 1

    async def _async_fill_counter(
        self, gap: Gap, part: Part, key: str, statistic_id: str, hours: Iterable[Hour]
    ) -> None:
        hass = self._hass
        newest = await own_statistics.async_newest(hass, statistic_id)
        if newest is None:
            return  # it has no statistics: there is nothing to be filled
        if newest < hour_of(gap.read):
            raise NotYetError("the recorder has nothing from after the gap yet")
        unit = await own_statistics.async_unit(hass, statistic_id)
        of_unit = EnergyConverter.converter_factory(UnitOfEnergy.KILO_WATT_HOUR, unit)
        told = {hour.start: of_unit(hour.energy) for hour in hours}
        end = part.hours[-1] + ONE_HOUR
        level, rows = await own_statistics.async_levels_around(
            hass, statistic_id, unit, part.hours[0], end
        )
        if not part.ends_day and part.hours[-1] not in rows:
            raise NotYetError("the recorder has no row of the hour after the gap yet")
        recorded = energies_of(rows, level)
        more = 0.0
        if part.ends_day:
            more = missed(told, part.hours, last_counter(part, of_unit(gap.counters[key]), rows))
        energies = spread(recorded, told, part.hours, more, ends_day=part.ends_day)
        own_statistics.lift(hass, statistic_id, unit, end, more)
        own_statistics.write(hass, statistic_id, unit, rows_of(part, level, energies, told, rows))
        self._count(recorded, energies, more)

    def _count(
        self, recorded: Mapping[datetime, float], energies: Mapping[datetime, float], more: float
    ) -> None:
        self.filled.missed += more
        self.filled.moved += sum(
            max(0.0, energy - recorded.get(hour, 0.0)) for hour, energy in energies.items()
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


def energies_of(rows: Mapping[datetime, Level], level: float) -> dict[datetime, float]:
    """Return the energy of each row; the sum stood at `level` before the first one."""
    energies: dict[datetime, float] = {}
    for hour, row in rows.items():
        energies[hour] = row.total - level
        level = row.total
    return energies


def last_counter(part: Part, seen: float, rows: Mapping[datetime, Level]) -> float:
    """Return where the day's counter stood last, in the unit of the rows.

    Rows of the day may tell of more than what is remembered to have been seen: what was read in
    the minutes before a power cut, or a part that was filled already and is filled again.
    """
    states = [
        row.state
        for row in rows.values()
        if row.state is not None and row.last_reset == part.midnight
    ]
    return max(seen, *states) if states else seen


def rows_of(
    part: Part,
    level: float,
    energies: Mapping[datetime, float],
    told: Mapping[datetime, float],
    rows: Mapping[datetime, Level],
) -> dict[datetime, Level]:
    """Return the rows to be written: those that are new, or other than they are now.

    An hour that neither the recorder nor SENEC has stays without a row.
    """
    written: dict[datetime, Level] = {}
    shown = sum(energy for hour, energy in told.items() if hour < part.hours[0])
    for hour in part.hours:
        level += energies[hour]
        shown += told.get(hour, 0.0)
        row = rows.get(hour)
        if row is None and hour not in told:
            continue
        if row is not None and abs(row.total - level) < SAME:
            continue
        if row is not None and hour == part.hours[-1] and not part.ends_day:
            written[hour] = row._replace(total=level)  # its own counter has caught up
        else:
            written[hour] = Level(level, shown, part.midnight)
    return written
