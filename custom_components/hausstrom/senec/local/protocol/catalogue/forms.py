"""How a row of the catalogue is written: what a variable is, and what values of it can be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from .codes import Codes


class Kind(StrEnum):
    """What becomes of a variable."""

    MEASURE = "measure"  # a quantity that goes up and down
    COUNTER = "counter"  # a quantity that only grows
    NUMBER = "number"  # a plain number: address, version, limit, flag field
    FLAG = "flag"  # yes or no
    CODE = "code"  # a number that stands for something, see its codes
    TEXT = "text"
    IDENTITY = "identity"  # serials, hashes: never in a diagnostics file
    ADDRESS = "address"  # of a device in the network, IPv4 in 32 bits: never in a diagnostics file
    LISTING = "listing"  # a list for the curious, not a value
    COMMAND = "command"  # written to make something happen; reading it tells nothing
    CREDENTIAL = "credential"  # never asked for


class Axis(Enum):
    """What the items of an array stand for."""

    SCALAR = "scalar"
    PHASE = "phase"
    MODULE = "module"
    CELL = "cell"
    CELL_SENSOR = "cell_sensor"
    MPP = "mpp"
    WALLBOX = "wallbox"
    POWER_UNIT = "power_unit"
    SOCKET = "socket"
    SELF_TEST = "self_test"
    INVERTER = "inverter"
    CASCADE = "cascade"
    ITEM = "item"  # a list of no fixed meaning


class Cadence(Enum):
    """How often a variable is worth asking for."""

    LIVE = "live"
    SLOW = "slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a value looks like: unit, device class (as Home Assistant spells it), limits, factor.

    `low` and `high` bound the value after the factor; what lies outside is no value. `wrap` is the
    width in bits of a signed number that the firmware sends as unsigned.
    """

    kind: Kind
    unit: str | None = None
    device_class: str | None = None
    low: float = float("-inf")
    high: float = float("inf")
    factor: float = 1
    wrap: int | None = None
    precision: int | None = None
    codes: Codes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One row: a variable of lala.cgi."""

    section: str
    name: str
    meaning: str
    form: Form
    axis: Axis
    cadence: Cadence
    enabled: bool

    @property
    def key(self) -> str:
        """The stem of the keys of this variable's readings, in lower-case snake case."""
        return snake(f"{self.section}_{self.name}")


def snake(name: str) -> str:
    """Return a name as a key is written: lower case, letters and digits, one underscore between."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Variables of one section that look alike: name → meaning."""

    form: Form
    meanings: Mapping[str, str]
    axis: Axis
    cadence: Cadence | None
    enabled: bool


def group(
    form: Form,
    meanings: Mapping[str, str],
    axis: Axis = Axis.SCALAR,
    *,
    cadence: Cadence | None = None,
    enabled: bool = False,
) -> Group:
    """Write rows that share form and axis; the section's cadence holds unless another is given."""
    return Group(form=form, meanings=meanings, axis=axis, cadence=cadence, enabled=enabled)


def section(name: str, cadence: Cadence, *groups: Group) -> tuple[Variable, ...]:
    """Write the table of one section."""

    def rows() -> Iterator[Variable]:
        for alike in groups:
            for variable, meaning in alike.meanings.items():
                yield Variable(
                    section=name,
                    name=variable,
                    meaning=meaning,
                    form=alike.form,
                    axis=alike.axis,
                    cadence=alike.cadence or cadence,
                    enabled=alike.enabled,
                )

    return tuple(rows())


def coded(table: Codes) -> Form:
    """Return the form of a number that stands for something."""
    return Form(kind=Kind.CODE, codes=table)


_MEASURE: Final = Kind.MEASURE
POWER: Final = Form(kind=_MEASURE, unit="W", device_class="power", low=-1e5, high=1e5, precision=0)
APPARENT_POWER: Final = Form(
    kind=_MEASURE, unit="VA", device_class="apparent_power", low=-1e5, high=1e5, precision=0
)
REACTIVE_POWER: Final = Form(
    kind=_MEASURE, unit="var", device_class="reactive_power", low=-1e5, high=1e5, precision=0
)
VOLTAGE: Final = Form(
    kind=_MEASURE, unit="V", device_class="voltage", low=-1500, high=1500, precision=1
)
CURRENT: Final = Form(
    kind=_MEASURE, unit="A", device_class="current", low=-1000, high=1000, precision=2
)
CURRENT_WRAPPED: Final = Form(
    kind=_MEASURE, unit="A", device_class="current", low=-1000, high=1000, precision=0, wrap=16
)
MILLIAMPERE: Final = Form(
    kind=_MEASURE, unit="mA", device_class="current", low=0, high=1e6, precision=0
)
CELL_VOLTAGE: Final = Form(
    kind=_MEASURE, unit="V", device_class="voltage", low=0.5, high=5, factor=0.001, precision=3
)
FREQUENCY: Final = Form(
    kind=_MEASURE, unit="Hz", device_class="frequency", low=40, high=70, precision=2
)
TEMPERATURE: Final = Form(
    kind=_MEASURE, unit="°C", device_class="temperature", low=-40, high=120, precision=1
)
TEMPERATURE_WRAPPED: Final = Form(
    kind=_MEASURE,
    unit="°C",
    device_class="temperature",
    low=-40,
    high=120,
    precision=0,
    wrap=16,
)
TEMPERATURE_TENTHS: Final = Form(
    kind=_MEASURE,
    unit="°C",
    device_class="temperature",
    low=-40,
    high=120,
    factor=0.1,
    wrap=16,
    precision=1,
)
CHARGE_LEVEL: Final = Form(
    kind=_MEASURE, unit="%", device_class="battery", low=0, high=100.5, precision=1
)
CHARGE_LEVEL_TENTHS: Final = Form(
    kind=_MEASURE,
    unit="%",
    device_class="battery",
    low=0,
    high=100.5,
    factor=0.1,
    precision=1,
)
PERCENT: Final = Form(kind=_MEASURE, unit="%", low=0, high=110, precision=0)
PERCENT_TENTHS: Final = Form(kind=_MEASURE, unit="%", low=0, high=110, factor=0.1, precision=1)
PERCENT_OF_NOMINAL: Final = Form(kind=_MEASURE, unit="%", low=0, high=400, precision=1)
CAPACITY: Final = Form(
    kind=_MEASURE,
    unit="kWh",
    device_class="energy_storage",
    low=0.1,
    high=1000,
    factor=0.001,
    precision=1,
)
DURATION_S: Final = Form(
    kind=_MEASURE, unit="s", device_class="duration", low=0, high=1e9, precision=1
)
DURATION_MIN: Final = Form(
    kind=_MEASURE, unit="min", device_class="duration", low=0, high=65534, precision=0
)
VOLUME: Final = Form(
    kind=_MEASURE, unit="L", device_class="volume_storage", low=0, high=1e5, precision=0
)
ENERGY_KWH: Final = Form(
    kind=Kind.COUNTER, unit="kWh", device_class="energy", low=0, high=1e7, precision=2
)
ENERGY_WH: Final = Form(
    kind=Kind.COUNTER,
    unit="kWh",
    device_class="energy",
    low=0,
    high=1e7,
    factor=0.001,
    precision=2,
)
ENERGY_WS: Final = Form(
    kind=Kind.COUNTER,
    unit="kWh",
    device_class="energy",
    low=0,
    high=1e7,
    factor=1 / 3_600_000,
    precision=2,
)
HOURS: Final = Form(
    kind=Kind.COUNTER, unit="h", device_class="duration", low=0, high=1e6, precision=0
)
CYCLES: Final = Form(kind=Kind.COUNTER, low=0, high=65534, precision=0)
COUNT: Final = Form(kind=Kind.NUMBER, low=0)
NUMBER: Final = Form(kind=Kind.NUMBER)
FLAG: Final = Form(kind=Kind.FLAG)
TEXT: Final = Form(kind=Kind.TEXT)
IDENTITY: Final = Form(kind=Kind.IDENTITY)
ADDRESS: Final = Form(kind=Kind.ADDRESS)
LISTING: Final = Form(kind=Kind.LISTING)
COMMAND: Final = Form(kind=Kind.COMMAND)
CREDENTIAL: Final = Form(kind=Kind.CREDENTIAL)
