"""What a number means: unit, classes, precision, the smallest step worth a write, and its pace.

One table for all kinds, in Home Assistant's words as plain text, so that a voltage reads the
same on every device. What a kind has alone stands here too: a number of the same quantity
should look the same wherever it comes from next.
"""

from typing import Final, NamedTuple

from .throttle import Pace, Pacing

_FLOAT_NOISE: Final = 1e-6


class Quantity(NamedTuple):
    """Unit, classes and precision of a reading.

    `step` is the smallest change worth a state write; it never rounds the value itself.
    """

    device_class: str | None = None
    unit: str | None = None
    state_class: str | None = "measurement"
    precision: int | None = None
    suggested_unit: str | None = None
    step: float = 0.0
    pace: Pace = Pace.CALM
    counter: bool = False
    """A lifetime counter: a fall that is no reset is held back (see `counters`)."""

    @property
    def pacing(self) -> Pacing:
        """How a value of this quantity is written."""
        return Pacing(self.pace, self.step, 100 if self.unit == "%" else None)

    def is_noticeable(self, before: float, after: float) -> bool:
        """Return whether a change is worth a state write: a whole `step` is.

        In floats 100.0 - 99.9 is a little less than 0.1: without the allowance a battery
        that reports tenths would never be shown full.
        """
        return abs(after - before) >= self.step - _FLOAT_NOISE


POWER: Final = Quantity(device_class="power", unit="W", precision=0, step=0.5, pace=Pace.QUICK)
APPARENT_POWER: Final = Quantity(device_class="apparent_power", unit="VA", precision=0, step=0.5)
REACTIVE_POWER: Final = Quantity(device_class="reactive_power", unit="var", precision=0, step=0.5)
VOLTAGE: Final = Quantity(device_class="voltage", unit="V", precision=2, step=0.01)
"""Of a battery: at 12 V a hundredth tells something. That of mains and of strings is below."""
AC_VOLTAGE: Final = Quantity(device_class="voltage", unit="V", precision=1, step=0.1)
CELL_VOLTAGE: Final = Quantity(device_class="voltage", unit="V", precision=3, step=0.001)
CURRENT: Final = Quantity(device_class="current", unit="A", precision=2, step=0.05)
FREQUENCY: Final = Quantity(device_class="frequency", unit="Hz", precision=2, step=0.01)
POWER_FACTOR: Final = Quantity(device_class="power_factor", precision=2, step=0.005)
ENERGY: Final = Quantity(
    device_class="energy",
    unit="kWh",
    state_class="total_increasing",
    precision=2,
    counter=True,
)
METERED_ENERGY: Final = Quantity(
    device_class="energy",
    unit="Wh",
    state_class="total_increasing",
    suggested_unit="kWh",
    precision=3,
    counter=True,
)
"""As a bill has it, of a meter that tells every watt-hour."""
METERED_REACTIVE_ENERGY: Final = Quantity(
    device_class="reactive_energy",
    unit="varh",
    state_class="total_increasing",
    suggested_unit="kvarh",
    precision=3,
    counter=True,
)
ENERGY_CORRECTED: Final = Quantity(
    device_class="energy", unit="kWh", state_class="total", precision=2
)
"""A count that may be corrected downwards: what total_increasing takes for a new meter."""
ENERGY_RESETTING: Final = Quantity(
    device_class="energy", unit="kWh", state_class="total_increasing", precision=2
)
ENERGY_PAST: Final = Quantity(device_class="energy", unit="kWh", state_class=None, precision=2)
ENERGY_STORAGE: Final = Quantity(device_class="energy_storage", unit="kWh", precision=1)
POWER_PAST: Final = Quantity(device_class="power", unit="W", state_class=None, precision=0)
STATE_OF_CHARGE: Final = Quantity(device_class="battery", unit="%", precision=1, step=0.1)
PERCENT: Final = Quantity(unit="%", precision=1, step=0.1)
CHARGE: Final = Quantity(unit="Ah", precision=1, step=0.1)
CHARGE_PAST: Final = Quantity(unit="Ah", state_class=None, precision=1, step=0.1)
VOLTAGE_PAST: Final = Quantity(device_class="voltage", unit="V", state_class=None, precision=2)
TEMPERATURE: Final = Quantity(device_class="temperature", unit="°C", precision=1, step=0.1)
HUMIDITY: Final = Quantity(device_class="humidity", unit="%", precision=1, step=0.1)
AIR_PRESSURE: Final = Quantity(
    device_class="atmospheric_pressure", unit="hPa", precision=1, step=0.1
)
OIL_PRESSURE: Final = Quantity(device_class="pressure", unit="kPa", precision=0, step=0.5)
DURATION: Final = Quantity(
    device_class="duration", unit="s", state_class=None, suggested_unit="h", precision=1, step=30
)
RUNTIME: Final = Quantity(
    device_class="duration",
    unit="s",
    state_class="total_increasing",
    suggested_unit="h",
    precision=1,
    step=30,
)
HOURS: Final = Quantity(
    device_class="duration", unit="h", state_class="total_increasing", precision=0
)
MINUTES_PAST: Final = Quantity(device_class="duration", unit="min", state_class=None, precision=0)
DELAY: Final = Quantity(device_class="duration", unit="s", state_class=None, precision=0)
TANK_VOLUME: Final = Quantity(
    device_class="volume_storage", unit="m³", suggested_unit="L", precision=1, step=0.0005
)
PULSED_VOLUME: Final = Quantity(
    device_class="volume", unit="m³", state_class="total_increasing", precision=3
)
IRRADIANCE: Final = Quantity(device_class="irradiance", unit="W/m²", precision=0, step=1)
WIND_SPEED: Final = Quantity(device_class="wind_speed", unit="m/s", precision=1, step=0.1)
SPEED: Final = Quantity(device_class="speed", unit="m/s", precision=1, step=0.1)
ANGLE: Final = Quantity(unit="°", precision=0, step=1)
POSITION: Final = Quantity(unit="°", state_class=None, precision=5, step=0.0001)
ALTITUDE: Final = Quantity(device_class="distance", unit="m", precision=0, step=1)
DISTANCE: Final = Quantity(device_class="distance", unit="km", precision=0, step=1)
ODOMETER: Final = Quantity(
    device_class="distance", unit="km", state_class="total_increasing", precision=0, step=1
)
CARBON_DIOXIDE: Final = Quantity(device_class="carbon_dioxide", unit="ppm", precision=0, step=1)
FINE_DUST: Final = Quantity(device_class="pm25", unit="μg/m³", precision=1, step=0.1)
ILLUMINANCE: Final = Quantity(device_class="illuminance", unit="lx", precision=0, step=1)
AIR_INDEX: Final = Quantity(precision=0, step=1)
ACCELERATION: Final = Quantity(unit="g", precision=3, step=0.01)
ROTATION: Final = Quantity(unit="rpm", precision=0, step=1)
MONEY: Final = Quantity(state_class=None, precision=2)
COUNT: Final = Quantity(precision=0)
TOTAL_COUNT: Final = Quantity(state_class="total_increasing", precision=0)
NUMBER: Final = Quantity(state_class=None, precision=0)
SCALAR: Final = Quantity(state_class=None)
STATE: Final = Quantity(device_class="enum", state_class=None, pace=Pace.NOW)
TEXT: Final = Quantity(state_class=None, pace=Pace.NOW)

# What a number is written like where its row says nothing of its own: by class and unit.
_USUAL: Final = {
    (quantity.device_class, quantity.unit): quantity.pacing
    for quantity in (
        POWER,
        APPARENT_POWER,
        REACTIVE_POWER,
        AC_VOLTAGE,
        CURRENT,
        FREQUENCY,
        STATE_OF_CHARGE,
        PERCENT,
        TEMPERATURE,
        HUMIDITY,
    )
}
_CALM: Final = Pacing(Pace.CALM)


def usual_pacing(device_class: str | None, unit: str | None, *, is_number: bool) -> Pacing:
    """Return how a value of a device class and unit is written; what is no number, at once."""
    return _USUAL.get((device_class, unit), _CALM) if is_number else Pacing()
