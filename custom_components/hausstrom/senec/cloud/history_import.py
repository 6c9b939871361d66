"""The past of a SENEC system into the long-term statistics of the entry's own counters."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_import_statistics,
    get_last_short_term_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.const import Platform, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter

from ...const import DOMAIN, LOGGER
from ...storage import EntryStore
from ..protocol.errors import Reason, SenecServiceError
from .coordinator import SenecCloudCoordinator
from .descriptions import ENERGY_KEYS
from .protocol.app import Resolution
from .protocol.history import (
    ONE_HOUR,
    Day,
    Hour,
    Measurements,
    counted,
    days_between,
    full_hour,
    hours_by_counter,
)
from .session import sleeper

PAUSE: Final = 0.5  # seconds between two requests: years of history are no reason to hurry
PATIENCE: Final = 4  # tries of a request that is answered by 429
WAIT_UNTOLD: Final = 60.0  # seconds, where the server does not say how long
DAYS_AT_ONCE: Final = 30
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Imported:
    """What an import has done: energies in kWh, hours of all counters together."""

    start: datetime
    end: datetime
    resumed_at: datetime | None = None
    days: int = 0
    hours: int = 0
    energy: dict[str, float] = field(default_factory=dict)

    def add(self, key: str, hours: Sequence[Hour]) -> None:
        """Count the hours of one counter."""
        self.hours += len(hours)
        self.energy[key] = self.energy.get(key, 0.0) + sum(hour.energy for hour in hours)


class Level(NamedTuple):
    """A row of long-term statistics: where the sum stood at the end of an hour."""

    total: float
    state: float | None
    last_reset: datetime | None


def history_store(hass: HomeAssistant, entry_id: str) -> EntryStore:
    """Return where an import that was interrupted is remembered."""
    return EntryStore(hass, f"{entry_id}.senec_history")


async def async_import_history(
    hass: HomeAssistant, coordinator: SenecCloudCoordinator, start: datetime, end: datetime
) -> Imported:
    """Import the hours from `start` to `end` (aware), some days at a time.

    What the statistics have after these days is raised by what they gain, so that no hour
    jumps; a second import of the same days gains nothing and changes nothing. An import that
    is interrupted (SenecServiceError, a restart) goes on where it stopped when it is asked for
    with the same span again. Raises ServiceValidationError while a counter has no statistics
    of its own: Home Assistant would begin them at zero afterwards.
    """
    # The recorder may not have made the last full hour's row yet: that hour is left to it.
    start, end = full_hour(start), min(full_hour(end), full_hour(dt_util.utcnow()) - ONE_HOUR)
    counters = await _async_counters(hass, coordinator)
    done = Imported(start, end)
    store = history_store(hass, coordinator.config_entry.entry_id)
    span = {"start": start.isoformat()}
    reached = start
    if (left := await store.async_load()) and span.items() <= left.items():
        reached = done.resumed_at = datetime.fromisoformat(left["reached"])
    days = list(days_between(reached, end, coordinator.zone))
    for first in range(0, len(days), DAYS_AT_ONCE):
        batch = days[first : first + DAYS_AT_ONCE]
        hours = await _async_hours(coordinator, batch)
        for key, statistic_id in counters.items():
            found = hours.get(key, [])
            await _async_write(hass, coordinator, statistic_id, batch, found)
            done.add(key, found)
        done.days += len(batch)
        await get_instance(hass).async_block_till_done()
        await store.async_put({**span, "reached": batch[-1].end.isoformat()})
        LOGGER.info(
            "History of %s: imported up to %s, %s of %s days",
            coordinator.name,
            batch[-1].day,
            done.days,
            len(days),
        )
    await store.async_remove()
    return done


async def _async_counters(
    hass: HomeAssistant, coordinator: SenecCloudCoordinator
) -> dict[str, str]:
    """Return the entity of each counter that this system has and that is recorded."""
    registry = er.async_get(hass)
    counters: dict[str, str] = {}
    for key in ENERGY_KEYS:
        unique_id = f"{coordinator.config_entry.unique_id}_{key}"
        entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
        if entity_id is None or (entity := registry.async_get(entity_id)) is None:
            continue
        if entity.disabled:
            continue
        counters[key] = entity_id
        if not await get_instance(hass).async_add_executor_job(
            get_last_short_term_statistics, hass, 1, entity_id, False, {"sum"}
        ):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="senec_no_statistics",
                translation_placeholders={"entity_id": entity_id},
            )
    return counters


async def _async_hours(
    coordinator: SenecCloudCoordinator, days: Iterable[Day]
) -> dict[str, list[Hour]]:
    hours: dict[str, list[Hour]] = {}
    for day in days:
        ids = coordinator.wallbox_ids or ()
        series = await _async_series(coordinator, day, ids)
        found = hours_by_counter(
            series,
            day.start,
            day.end,
            wallboxes=bool(ids),
            holds_wallbox=coordinator.consumption_holds_wallbox,
        )
        for key, of_counter in found.items():
            hours.setdefault(key, []).extend(of_counter)
        await asyncio.sleep(PAUSE)
    return hours


async def _async_series(
    coordinator: SenecCloudCoordinator, day: Day, ids: tuple[str, ...]
) -> Measurements:
    """Return a day's hours; where SENEC has had too many requests, wait as long as it says."""
    for tries_left in reversed(range(PATIENCE)):
        try:
            return await coordinator.account.app.measurements(
                coordinator.system_id, Resolution.HOUR, day.start, day.end, ids
            )
        except SenecServiceError as error:
            if error.reason is not Reason.RATE_LIMIT or not tries_left:
                raise
            await sleeper(coordinator.hass)(error.retry_after or WAIT_UNTOLD)
    raise AssertionError  # pragma: no cover - the last try returns or raises


async def _async_write(
    hass: HomeAssistant,
    coordinator: SenecCloudCoordinator,
    statistic_id: str,
    days: Sequence[Day],
    hours: Sequence[Hour],
) -> None:
    """Put the hours of some days into one counter's statistics."""
    if not hours:
        return
    start, end = days[0].start, days[-1].end
    instance = get_instance(hass)
    unit = await instance.async_add_executor_job(_unit, hass, statistic_id)
    known = await instance.async_add_executor_job(_levels, hass, statistic_id, unit, end)
    of_unit = EnergyConverter.converter_factory(UnitOfEnergy.KILO_WATT_HOUR, unit)
    converted = [Hour(hour.start, of_unit(hour.energy)) for hour in hours]
    states = counted(converted, coordinator.zone)
    before = [level.total for hour, level in known.items() if hour < start]
    totals = raised(
        before[-1] if before else 0.0,
        {hour: level.total for hour, level in known.items() if hour >= start},
        converted,
    )
    async_import_statistics(
        hass,
        StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=None,
            source="recorder",
            statistic_id=statistic_id,
            unit_class=EnergyConverter.UNIT_CLASS,
            unit_of_measurement=unit,
        ),
        [_row(hour, total, states, known) for hour, total in totals],
    )
    old_end = next(reversed(known.values())).total if known else 0.0
    if gained := totals[-1][1] - old_end:
        instance.async_adjust_statistics(statistic_id, end, gained, unit)


def _row(
    hour: datetime,
    total: float,
    states: dict[datetime, tuple[float, datetime]],
    known: dict[datetime, Level],
) -> StatisticData:
    """Return a row: with the state of the import, or with what it had."""
    if (counter := states.get(hour)) is not None:
        state, last_reset = counter
        return StatisticData(start=hour, state=state, last_reset=last_reset, sum=total)
    old = known[hour]
    row = StatisticData(start=hour, last_reset=old.last_reset, sum=total)
    if old.state is not None:
        row["state"] = old.state
    return row


def raised(
    level: float, known: dict[datetime, float], hours: Sequence[Hour]
) -> list[tuple[datetime, float]]:
    """Return the sums at the end of each hour, from a level on, with some hours put in.

    `known` are the sums that were there. An hour that is not put in keeps its own energy.
    """
    energies: dict[datetime, float] = {}
    before = level
    for hour in sorted(known):
        energies[hour] = known[hour] - before
        before = known[hour]
    energies.update((hour.start, hour.energy) for hour in hours)
    totals = []
    for start in sorted(energies):
        level += energies[start]
        totals.append((start, level))
    return totals


def _unit(hass: HomeAssistant, statistic_id: str) -> str:
    """Return the unit that a counter's statistics are in: the user may have changed it."""
    known = get_metadata(hass, statistic_ids={statistic_id}).get(statistic_id)
    return (known[1]["unit_of_measurement"] if known else None) or UnitOfEnergy.KILO_WATT_HOUR


def _levels(
    hass: HomeAssistant, statistic_id: str, unit: str, end: datetime
) -> dict[datetime, Level]:
    """Return the rows that are there before `end`, in their order."""
    rows = statistics_during_period(
        hass,
        BEGINNING,
        end,
        {statistic_id},
        "hour",
        {EnergyConverter.UNIT_CLASS: unit},
        {"state", "sum", "last_reset"},
    ).get(statistic_id, [])
    return {
        datetime.fromtimestamp(row["start"], UTC): Level(
            total,
            row.get("state"),
            None
            if (reset := row.get("last_reset")) is None
            else datetime.fromtimestamp(reset, UTC),
        )
        for row in rows
        if (total := row.get("sum")) is not None
    }
