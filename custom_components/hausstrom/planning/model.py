"""What a plan is made of: battery and grid connection.

Powers in W, energies in Wh, levels in percent of the usable capacity.
"""

from datetime import timedelta
from typing import Final, NamedTuple

STEP: Final = timedelta(minutes=15)
STEP_HOURS: Final = 0.25
STEPS_AN_HOUR: Final = 4


class Battery(NamedTuple):
    """What the battery holds and what goes in and out."""

    capacity: float  # Wh, usable
    max_charge: float  # W, at the AC side
    max_discharge: float  # W, at the AC side
    reserve: float = 0.0  # percent that stays for backup power
    efficiency: float = 0.95  # one way

    @property
    def floor(self) -> float:
        """The energy below which it is not discharged, in Wh."""
        return self.capacity * self.reserve / 100


class Site(NamedTuple):
    """The home: battery, roof and grid connection."""

    battery: Battery
    peak_power: float  # W of the roof
    export_limit: float  # W that may be fed in
