"""Hours of the past, asked of SENEC: the energy of each counter of an entry."""

from collections.abc import Collection
from datetime import datetime

from ..protocol.errors import SenecServiceError
from .base import NOT_GIVEN, SenecCloudBase
from .descriptions import ENERGY_KEYS, wallbox_energy_key
from .protocol.app import Resolution
from .protocol.history import ONE_HOUR, Hour, full_hour, hours_by_counter, hours_of_one


async def async_hours(
    coordinator: SenecCloudBase,
    start: datetime,
    end: datetime,
    keys: Collection[str],
    resolution: Resolution = Resolution.HOUR,
) -> dict[str, list[Hour]]:
    """Return the energies (kWh) of some counters in [start, end), by hours of UTC.

    One request for all counters of the dashboard, and one for each wallbox whose own counter is
    among the keys; a wallbox of which SENEC has none is left out. Full hours are asked for: where a
    row begins otherwise is SENEC's to decide. Raises SenecServiceError. The wallboxes have to be
    known (`async_known_wallbox_ids`).
    """
    app, system_id = coordinator.account.app, coordinator.system_id
    ids = coordinator.asked_wallbox_ids or ()
    first, last = full_hour(start), full_hour(end)
    if last < end:
        last += ONE_HOUR
    hours: dict[str, list[Hour]] = {}
    if not set(ENERGY_KEYS).isdisjoint(keys):
        series = await app.measurements(system_id, resolution, first, last, ids)
        hours |= hours_by_counter(
            series,
            start,
            end,
            wallboxes=bool(ids),
            holds_wallbox=coordinator.consumption_holds_wallbox,
        )
    for index, wallbox_id in enumerate(coordinator.wallbox_ids or ()):
        if (key := wallbox_energy_key(index)) not in keys:
            continue
        try:
            series = await app.wallbox_measurements(system_id, wallbox_id, resolution, first, last)
        except SenecServiceError as error:
            if error.reason not in NOT_GIVEN:
                raise
            continue
        hours[key] = hours_of_one(series, start, end)
    return hours
