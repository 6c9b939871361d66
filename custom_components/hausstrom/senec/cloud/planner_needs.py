"""What has to be said or measured before there can be a plan."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .const import CONF_EXPORT_LIMIT, CONF_PEAK_POWER

if TYPE_CHECKING:
    from .planner_coordinator import PlanningCoordinator

type Readings = Mapping[str, object]


class NoDataError(Exception):
    """Something has to be said or measured first; the reason is the argument."""


class NoForecastError(Exception):
    """There is no forecast to plan with; the reason is the argument."""


def number(readings: Readings, key: str) -> float | None:
    """Return a reading as a number, or None."""
    value = readings.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class Roof:
    """A roof, and how much of it may be fed in."""

    def __init__(self, coordinator: PlanningCoordinator) -> None:
        """Take whose options and readings count."""
        self._coordinator = coordinator
        self._entry = coordinator.config_entry

    @property
    def peak_power(self) -> float | None:
        """The peak power of the roof in kWp, as it was entered."""
        value = self._entry.options.get(CONF_PEAK_POWER)
        return float(value) if isinstance(value, int | float) and value > 0 else None

    @property
    def export_limit(self) -> float | None:
        """The limit in percent of the peak power: as it was entered, else what SENEC says."""
        value = self._entry.options.get(CONF_EXPORT_LIMIT)
        if isinstance(value, int | float):
            return float(value)
        return number(self._coordinator.data, "export_limit")

    @property
    def limit_in_watts(self) -> float | None:
        """The limit in W."""
        peak, limit = self.peak_power, self.export_limit
        return None if peak is None or limit is None else peak * 10 * limit
