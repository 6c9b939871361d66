"""Fills a part of a gap: what is to be written for each counter, hour by hour.

Loaded when there is a gap to be filled.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.util.unit_conversion import EnergyConverter

from . import own_statistics
from .filled_rows import (
    SAME,
    Filling,
    energies_of,
    energies_with,
    lacks_hours,
    last_counter,
    rows_of,
)
from .filling import NotYetError
from .past import async_hours
from .protocol.app import Resolution
from .protocol.gaps import Gap, Part, hour_of, missed
from .protocol.history import ONE_HOUR, Hour

if TYPE_CHECKING:
    from .coordinator import SenecCloudCoordinator

PATIENCE: Final = timedelta(days=1)  # with hours that SENEC does not have yet


async def async_fillings(
    coordinator: SenecCloudCoordinator, gap: Gap, part: Part, now: datetime
) -> list[Filling]:
    """Return what is to be written for the counters of a part of a gap.

    Raises NotYetError while SENEC or the recorder lacks an hour that may still come, and
    SenecServiceError where SENEC does not answer.
    """
    await coordinator.async_known_wallbox_ids()
    resolution = Resolution.HOUR if part.is_of_full_hours else Resolution.FIVE_MINUTES
    told = await async_hours(coordinator, part.midnight, part.end, tuple(gap.counters), resolution)
    if lacks_hours(told, part, gap.counters) and now - gap.read < PATIENCE:
        raise NotYetError("SENEC does not have all hours yet")
    hass = coordinator.hass
    counters = own_statistics.counters_of(hass, coordinator.config_entry)
    fillings: list[Filling] = []
    for key in gap.counters:
        if (hours := told.get(key)) and (statistic_id := counters.get(key)) is not None:
            try:
                filling = await _async_filling(hass, gap, part, key, statistic_id, hours=hours)
            except NotYetError:
                # A counter that is not recorded any more must not hold up the others for ever.
                if now - gap.read < PATIENCE:
                    raise
                continue
            if filling is not None:
                fillings.append(filling)
    return fillings


async def _async_filling(
    hass: HomeAssistant, gap: Gap, part: Part, key: str, statistic_id: str, *, hours: Iterable[Hour]
) -> Filling | None:
    """Return what is to be written for a counter; None: nothing, or it was done already."""
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
