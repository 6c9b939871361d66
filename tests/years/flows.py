"""What flows in a home over a year, as a function of the time alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, exp, pi, sin
from typing import Final

_STEP: Final = 10.0
_YEAR: Final = 365.0


def grid_power(at: datetime) -> float:
    """Return the power at the grid (W, + = import): sun by season, a house that cooks and sleeps."""
    day, hour = at.timetuple().tm_yday, at.hour + at.minute / 60 + at.second / 3600
    season = 0.55 - 0.45 * cos(2 * pi * (day + 10) / _YEAR)
    sun = max(0.0, sin(pi * (hour - 5) / 15)) if 5 < hour < 20 else 0.0
    clouds = 0.65 + 0.35 * sin(at.timestamp() / 701)
    kettle = 1800 if at.minute % 30 < 4 and 6 < hour < 22 else 0
    house = 300 + 500 * exp(-(((hour - 19) / 2) ** 2)) + kettle
    return house - 8000 * season * sun * clouds


@dataclass
class Meters:
    """Counts what flows forth (> 0) and back (< 0), in kWh, from a power that time alone tells."""

    power: Callable[[datetime], float]
    at: datetime
    totals: dict[str, float] = field(default_factory=lambda: {"forth": 0.0, "back": 0.0})

    def advance(self, to: datetime) -> None:
        """Count until then, in steps of ten seconds."""
        step = timedelta(seconds=_STEP)
        while self.at + step <= to:
            self.at += step
            energy = self.power(self.at) * _STEP / 3.6e6
            self.totals["forth" if energy > 0 else "back"] += abs(energy)
