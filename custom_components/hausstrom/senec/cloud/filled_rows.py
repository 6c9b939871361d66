"""The rows of the long-term statistics that a gap's hours get."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple

from homeassistant.core import HomeAssistant

from . import own_statistics
from .descriptions import ENERGY_KEYS
from .own_statistics import Level
from .protocol.gaps import Part, spread
from .protocol.history import Hour

SAME: Final = 1e-6  # kWh


class Filling(NamedTuple):
    """What is to be written into the statistics of one counter, in their unit."""

    key: str
    statistic_id: str
    unit: str
    sum_before: float
    """Where the sum stands at the end of the last hour, before it is filled."""
    more: float
    moved: float
    rows: Mapping[datetime, Level]

    def write(self, hass: HomeAssistant, end: datetime) -> None:
        """Write the rows, and raise what comes after them by as much as they have gained."""
        own_statistics.lift(hass, self.statistic_id, self.unit, end, self.more)
        own_statistics.write(hass, self.statistic_id, self.unit, self.rows)


def lacks_hours(told: Mapping[str, Iterable[Hour]], part: Part, counters: Iterable[str]) -> bool:
    """Whether SENEC does not tell of an hour: in none of the dashboard's counters, or a wallbox's."""
    of_dashboard = [told.get(key, ()) for key in counters if key in ENERGY_KEYS]
    each = [told.get(key, ()) for key in counters if key not in ENERGY_KEYS]
    for series in (*([chain(*of_dashboard)] if of_dashboard else []), *each):
        if not {hour.start for hour in series}.issuperset(part.hours):
            return True
    return False


def energies_with(
    part: Part,
    recorded: Mapping[datetime, float],
    told: Mapping[datetime, float],
    seen: float,
    more: float,
) -> dict[datetime, float]:
    """Return the energy of each hour of a part, with what was missed (`more`) in its place.

    seen: where the day's counter stood when the part begins.
    """
    own = part.of_this_day(recorded, seen)
    energies = spread(own, told, part.hours, more, ends_day=part.ends_day)
    return {
        hour: energy + recorded.get(hour, 0.0) - own.get(hour, 0.0)
        for hour, energy in energies.items()
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
        if row is not None and row.last_reset is not None and row.last_reset > part.midnight:
            written[hour] = row._replace(total=level)  # it ends in the day after
            continue
        if row is not None and hour == part.hours[-1] and not part.ends_day:
            written[hour] = row._replace(total=level)  # its own counter has caught up
        else:
            written[hour] = Level(level, shown, part.midnight)
    return written
