"""The long-term statistics of the entry's own counters: what they hold, and rows put into them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
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
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.util.unit_conversion import EnergyConverter

from ...const import DOMAIN
from ...coordinator import HausstromConfigEntry
from .const import CONF_WALLBOX_IDS
from .descriptions import ENERGY_KEYS, wallbox_energy_key

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
NEARBY: Final = timedelta(days=2)


class Level(NamedTuple):
    """A row of long-term statistics: where the sum stood at the end of an hour."""

    total: float
    state: float | None
    last_reset: datetime | None


def counters_of(hass: HomeAssistant, entry: HausstromConfigEntry) -> dict[str, str]:
    """Return the entity of each counter of an entry that is there and switched on, by its key.

    Among them those of single wallboxes, where there are several.
    """
    registry = er.async_get(hass)
    counters: dict[str, str] = {}
    wallboxes = range(len(entry.data.get(CONF_WALLBOX_IDS) or ()))
    for key in (*ENERGY_KEYS, *map(wallbox_energy_key, wallboxes)):
        unique_id = f"{entry.unique_id}_{key}"
        entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
        if entity_id is None or (entity := registry.async_get(entity_id)) is None:
            continue
        if not entity.disabled:
            counters[key] = entity_id
    return counters


async def async_newest(hass: HomeAssistant, statistic_id: str) -> datetime | None:
    """Return the start of the newest short-term row: the recorder goes on from its sum."""
    rows = await get_instance(hass).async_add_executor_job(
        get_last_short_term_statistics, hass, 1, statistic_id, False, {"sum"}
    )
    found = rows.get(statistic_id)
    return datetime.fromtimestamp(found[0]["start"], UTC) if found else None


async def async_unit(hass: HomeAssistant, statistic_id: str) -> str:
    """Return the unit that a counter's statistics are in: the user may have changed it."""
    return await get_instance(hass).async_add_executor_job(_unit, hass, statistic_id)


def _unit(hass: HomeAssistant, statistic_id: str) -> str:
    known = get_metadata(hass, statistic_ids={statistic_id}).get(statistic_id)
    return (known[1]["unit_of_measurement"] if known else None) or UnitOfEnergy.KILO_WATT_HOUR


async def async_levels(
    hass: HomeAssistant,
    statistic_id: str,
    unit: str,
    end: datetime,
    start: datetime = BEGINNING,
) -> dict[datetime, Level]:
    """Return the rows from `start` to `end`, in their order, by the hour that they are of."""
    return await get_instance(hass).async_add_executor_job(
        _levels, hass, statistic_id, unit, start, end
    )


async def async_levels_around(
    hass: HomeAssistant, statistic_id: str, unit: str, first: datetime, end: datetime
) -> tuple[float, dict[datetime, Level]]:
    """Return the sum before an hour, and the rows from it on to `end`.

    Reads some days; years only where these are empty. The sum is 0 where there is no earlier row.
    """
    rows = await async_levels(hass, statistic_id, unit, end, first - NEARBY)
    if not any(hour < first for hour in rows):
        rows = await async_levels(hass, statistic_id, unit, end)
    before = [level.total for hour, level in rows.items() if hour < first]
    return before[-1] if before else 0.0, {h: row for h, row in rows.items() if h >= first}


def _levels(
    hass: HomeAssistant, statistic_id: str, unit: str, start: datetime, end: datetime
) -> dict[datetime, Level]:
    rows = statistics_during_period(
        hass,
        start,
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


def write(
    hass: HomeAssistant, statistic_id: str, unit: str, rows: Mapping[datetime, Level]
) -> None:
    """Put rows into a counter's statistics, or in the place of those that are there."""
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
        list(_data(rows.items())),
    )


def _data(rows: Iterable[tuple[datetime, Level]]) -> Iterable[StatisticData]:
    for hour, level in rows:
        row = StatisticData(start=hour, last_reset=level.last_reset, sum=level.total)
        if level.state is not None:
            row["state"] = level.state
        yield row


def lift(hass: HomeAssistant, statistic_id: str, unit: str, start: datetime, energy: float) -> None:
    """Raise all sums from an hour on: those of the recorder that are still to come go on there."""
    if energy:
        get_instance(hass).async_adjust_statistics(statistic_id, start, energy, unit)
