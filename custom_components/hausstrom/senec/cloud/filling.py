"""Fills from SENEC's history what the readings have missed, without being asked.

While Home Assistant is off, and while SENEC's live values are not to be had, the hours stay empty,
and the first reading afterwards shows their energy all at once. The minutes before each midnight
are in no reading at all. When the hours are over and the recorder has made its rows of them, each
hour gets what belongs into it: one day with each poll, until nothing is left. What is to be filled
is kept across restarts, and an import that was interrupted goes on here as well.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.recorder import DATA_INSTANCE, get_instance
from homeassistant.util import dt as dt_util

from ...common.backoff import Backoff
from ...common.value import Value
from ...const import LOGGER
from ...kinds import Later
from ...storage import EntryStore
from ..protocol.errors import SenecServiceError
from .descriptions import ENERGY_KEYS
from .protocol.gaps import SHORTEST, Gap, GapWatch, Part, first_part, hour_of
from .protocol.history import ONE_HOUR

if TYPE_CHECKING:
    from .coordinator import SenecCloudCoordinator
    from .filled_rows import Filling
    from .history_import import Imported

AFTER_THE_HOUR: Final = timedelta(minutes=10)  # until the recorder has made the hour's row
SELDOM: Final = 600.0  # seconds: what is lost at a power cut, the rows themselves tell
FIRST_RETRY: Final = 15 * 60.0
LONGEST_RETRY: Final = 6 * 3600.0
GIVEN_UP: Final = timedelta(days=30)
MOST_GAPS: Final = 100


class NotYetError(Exception):
    """SENEC or the recorder does not have yet what is needed."""


# A system that is read without a gap never loads what fills one.
_FILLINGS: Final = Later[
    Callable[["SenecCloudCoordinator", Gap, Part, datetime], Awaitable[list["Filling"]]]
](__package__, "gap_filling", "async_fillings")
_IMPORT: Final = Later[
    Callable[[HomeAssistant, "SenecCloudCoordinator", datetime, datetime], Awaitable["Imported"]]
](__package__, "history_import", "async_import_history")


class Filled:
    """What was filled since the start: for diagnostics."""

    def __init__(self) -> None:
        """Begin with nothing filled."""
        self.parts = 0
        self.missed = 0.0  # kWh that no reading had shown, of all counters
        self.moved = 0.0  # kWh that were in a later hour
        self.failures: dict[str, int] = {}


def gap_store(
    hass: HomeAssistant, entry_id: str, collect: Callable[[], dict[str, Any]] = dict
) -> EntryStore:
    """Return where it is kept what was read last, and what is to be filled."""
    return EntryStore(hass, f"{entry_id}.senec_gaps", collect, seldom=SELDOM)


def history_store(hass: HomeAssistant, entry_id: str) -> EntryStore:
    """Return where an import that was interrupted is remembered."""
    return EntryStore(hass, f"{entry_id}.senec_history")


async def async_interrupted(hass: HomeAssistant, entry_id: str) -> tuple[datetime, datetime] | None:
    """Return the span of an import that has not come to its end, if there is one."""
    left = await history_store(hass, entry_id).async_load()
    if left is None:
        return None
    try:
        end = datetime.fromisoformat(left["end"]) if "end" in left else dt_util.utcnow()
        return datetime.fromisoformat(left["start"]), end
    except ValueError, KeyError, TypeError:
        await history_store(hass, entry_id).async_remove()
        return None


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
                import_history = await _IMPORT.async_get(self._hass)
                done = await import_history(self._hass, self._coordinator, start, end)
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
        fillings_of = await _FILLINGS.async_get(self._hass)
        fillings = await fillings_of(self._coordinator, gap, part, now)
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
