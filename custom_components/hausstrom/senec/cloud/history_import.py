"""The past of a SENEC system into the long-term statistics of the entry's own counters."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter

from ...const import DOMAIN, LOGGER
from ..protocol.errors import SenecServiceError, ServiceReason
from .descriptions import ENERGY_KEYS
from .filling import history_store
from .own_statistics import (
    Level,
    async_levels,
    async_newest,
    async_unit,
    counters_of,
    lift,
    write,
)
from .past import async_hours
from .protocol.history import ONE_HOUR, Day, Hour, counted, days_between, full_hour
from .session import sleeper

if TYPE_CHECKING:
    from .coordinator import SenecCloudCoordinator

PAUSE: Final = 0.5  # seconds between two requests: years of history are no reason to hurry
PATIENCE: Final = 4  # tries of a request that is answered by 429
WAIT_UNTOLD: Final = 60.0  # seconds, where the server does not say how long
DAYS_AT_ONCE: Final = 30


class Imported:
    """What an import has done: energies in kWh, hours of all counters together."""

    def __init__(self, start: datetime, end: datetime) -> None:
        """Begin a span."""
        self.start = start
        self.end = end
        self.resumed_at: datetime | None = None
        self.days = 0
        self.hours = 0
        self.energy: dict[str, float] = {}

    def add(self, key: str, hours: Sequence[Hour]) -> None:
        """Count the hours of one counter."""
        self.hours += len(hours)
        self.energy[key] = self.energy.get(key, 0.0) + sum(hour.energy for hour in hours)


def _reached(left: Mapping[str, object]) -> datetime | None:
    """Return up to when an interrupted import came."""
    try:
        reached = datetime.fromisoformat(str(left.get("reached")))
    except ValueError:
        return None
    return None if reached.tzinfo is None else reached


async def async_import_history(
    hass: HomeAssistant, coordinator: SenecCloudCoordinator, start: datetime, end: datetime
) -> Imported:
    """Import the hours from `start` to `end` (aware), some days at a time.

    What the statistics have after these days is raised by what they gain, so that no hour
    jumps; a second import of the same days gains nothing and changes nothing. An import that
    is interrupted (SenecServiceError, a restart) goes on where it stopped: later on, without being
    asked for (`Filler`), or when it is asked for with the same span again. Raises
    ServiceValidationError while a counter has no statistics of its own: Home Assistant would begin
    them at zero afterwards. Nothing is imported while it is not known which wallboxes there are.
    """
    await coordinator.async_known_wallbox_ids()
    # The recorder may not have made the last full hour's row yet: that hour is left to it.
    start, end = full_hour(start), min(full_hour(end), full_hour(dt_util.utcnow()) - ONE_HOUR)
    end = coordinator.filler.cut(start, end)
    counters = await _async_counters(hass, coordinator)
    done = Imported(start, end)
    store = history_store(hass, coordinator.config_entry.entry_id)
    span = {"start": start.isoformat()}
    reached = start
    left = await store.async_load()
    if left and span.items() <= left.items() and (before := _reached(left)) is not None:
        reached = done.resumed_at = before
    span_to_its_end = {**span, "end": end.isoformat()}
    await store.async_put({**span_to_its_end, "reached": reached.isoformat()})
    days = list(days_between(reached, end, coordinator.zone))
    for first in range(0, len(days), DAYS_AT_ONCE):
        batch = days[first : first + DAYS_AT_ONCE]
        hours = await _async_hours(coordinator, batch, counters)
        for key, statistic_id in counters.items():
            found = hours.get(key, [])
            await _async_write(hass, coordinator, statistic_id, batch, found)
            done.add(key, found)
        done.days += len(batch)
        await get_instance(hass).async_block_till_done()
        await store.async_put({**span_to_its_end, "reached": batch[-1].end.isoformat()})
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
    """Return the entity of each counter that this system has and that is recorded.

    That of a single wallbox is read seldom, and left out as long as it has no statistics.
    """
    counters = counters_of(hass, coordinator.config_entry)
    for key, entity_id in list(counters.items()):
        if await async_newest(hass, entity_id) is not None:
            continue
        if key not in ENERGY_KEYS:
            del counters[key]
            continue
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="senec_no_statistics",
            translation_placeholders={"entity_id": entity_id},
        )
    return counters


async def _async_hours(
    coordinator: SenecCloudCoordinator, days: Iterable[Day], keys: Collection[str]
) -> dict[str, list[Hour]]:
    hours: dict[str, list[Hour]] = {}
    for day in days:
        found = await _async_hours_of(coordinator, day, keys)
        for key, of_counter in found.items():
            hours.setdefault(key, []).extend(of_counter)
        await asyncio.sleep(PAUSE)
    return hours


async def _async_hours_of(
    coordinator: SenecCloudCoordinator, day: Day, keys: Collection[str]
) -> dict[str, list[Hour]]:
    """Return a day's hours; where SENEC has had too many requests, wait as long as it says."""
    for tries_left in reversed(range(PATIENCE)):
        try:
            return await async_hours(coordinator, day.start, day.end, keys)
        except SenecServiceError as error:
            if error.reason is not ServiceReason.RATE_LIMIT or not tries_left:
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
    unit = await async_unit(hass, statistic_id)
    known = await async_levels(hass, statistic_id, unit, end)
    of_unit = EnergyConverter.converter_factory(UnitOfEnergy.KILO_WATT_HOUR, unit)
    converted = [Hour(hour.start, of_unit(hour.energy)) for hour in hours]
    states = counted(converted, coordinator.zone)
    before = [level.total for hour, level in known.items() if hour < start]
    totals = raised(
        before[-1] if before else 0.0,
        {hour: level.total for hour, level in known.items() if hour >= start},
        converted,
    )
    write(
        hass, statistic_id, unit, {hour: _row(hour, total, states, known) for hour, total in totals}
    )
    old_end = next(reversed(known.values())).total if known else 0.0
    lift(hass, statistic_id, unit, end, totals[-1][1] - old_end)


def _row(
    hour: datetime,
    total: float,
    states: dict[datetime, tuple[float, datetime]],
    known: dict[datetime, Level],
) -> Level:
    """Return a row: with the state of the import, or with what it had."""
    if (counter := states.get(hour)) is not None:
        return Level(total, *counter)
    return known[hour]._replace(total=total)


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
