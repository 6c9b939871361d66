"""What the simulated GX did on the days before: a history for the home that it stands in.

The GX lives by chance from the moment it is switched on. Its past is the same day, minute by
minute; each midnight the battery is where such a day leaves it.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Final, override

from .victron_home import Day, Flows
from .victron_home_values import Address, Json
from .zone import at_home

_MINUTE: Final = 60.0
_MINUTES: Final = 1_440


class _Kept(Day):
    """A day that keeps its flows instead of publishing them."""

    flows: Flows

    @override
    def _values(self, flows: Flows) -> dict[Address, Json]:
        self.flows = flows
        return {}


@cache
def _minutes(day: int) -> tuple[tuple[Flows, float], ...]:
    """Return flows (W) and state of charge (%) of each minute of a day."""
    past, minutes = _Kept(day), []
    for minute in range(_MINUTES):  # a day before, for where it leaves the battery
        past.step(minute * _MINUTE, _MINUTE)
    for minute in range(_MINUTES):
        past.step(minute * _MINUTE, _MINUTE)
        minutes.append((past.flows, past.soc))
    return tuple(minutes)


def gx_at(moment: datetime) -> Mapping[str, float]:
    """Return what a GX measured at a moment: W, grid + = import, battery + = charging; soc in %."""
    now = at_home(moment)
    flows, soc = _minutes(now.toordinal())[now.hour * 60 + now.minute]
    return {
        **flows._asdict(),
        "dc_pv": flows.south + flows.west,
        "pv": flows.south + flows.west + flows.inverter,
        "soc": soc,
    }
