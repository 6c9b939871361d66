"""How a row of the catalogue is written: what a variable is, and what values of it can be."""

from collections.abc import Iterator, Mapping
from enum import Enum, StrEnum
from typing import Final, NamedTuple

from .....common import quantities as q
from .....common.quantities import Quantity
from .....common.slug import slug
from .codes import CodeTable


class VariableType(StrEnum):
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


class Format(NamedTuple):
    """What a value looks like: unit, device class (as Home Assistant spells it), limits, factor.

    `low` and `high` bound the value after the factor; what lies outside is no value. `wrap` is the
    width in bits of a signed number that the firmware sends as unsigned.
    """

    kind: VariableType
    unit: str | None = None
    device_class: str | None = None
    low: float = float("-inf")
    high: float = float("inf")
    factor: float = 1
    wrap: int | None = None
    precision: int | None = None
    codes: CodeTable | None = None


class Variable(NamedTuple):
    """One row: a variable of lala.cgi."""

    section: str
    name: str
    meaning: str
    form: Format
    axis: Axis
    cadence: Cadence
    enabled: bool

    @property
    def key(self) -> str:
        """The stem of the keys of this variable's readings, in lower-case snake case."""
        return slug(f"{self.section}_{self.name}")


class VariableGroup(NamedTuple):
    """Variables of one section that look alike: name → meaning."""

    form: Format
    meanings: Mapping[str, str]
    axis: Axis
    cadence: Cadence | None
    enabled: bool


def group(
    form: Format,
    meanings: Mapping[str, str],
    axis: Axis = Axis.SCALAR,
    *,
    cadence: Cadence | None = None,
    enabled: bool = False,
) -> VariableGroup:
    """Write rows that share form and axis; the section's cadence holds unless another is given."""
    return VariableGroup(form=form, meanings=meanings, axis=axis, cadence=cadence, enabled=enabled)


def section(name: str, cadence: Cadence, *groups: VariableGroup) -> tuple[Variable, ...]:
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


def coded(table: CodeTable) -> Format:
    """Return the form of a number that stands for something."""
    return Format(kind=VariableType.CODE, codes=table)


def _measure(
    quantity: Quantity,
    low: float,
    high: float,
    *,
    kind: VariableType = VariableType.MEASURE,
    unit: str | None = None,
    precision: int | None = None,
    factor: float = 1,
    wrap: int | None = None,
) -> Format:
    """Return the form of a quantity between two limits; `precision` where the device gives less."""
    return Format(
        kind=kind,
        unit=unit or quantity.unit,
        device_class=quantity.device_class,
        low=low,
        high=high,
        factor=factor,
        wrap=wrap,
        precision=quantity.precision if precision is None else precision,
    )


def _counter(
    quantity: Quantity, high: float, *, unit: str | None = None, factor: float = 1
) -> Format:
    return _measure(quantity, 0, high, kind=VariableType.COUNTER, unit=unit, factor=factor)


POWER: Final = _measure(q.POWER, -1e5, 1e5)
APPARENT_POWER: Final = _measure(q.APPARENT_POWER, -1e5, 1e5)
REACTIVE_POWER: Final = _measure(q.REACTIVE_POWER, -1e5, 1e5)
VOLTAGE: Final = _measure(q.VOLTAGE, -1500, 1500)
AC_VOLTAGE: Final = _measure(q.AC_VOLTAGE, -1500, 1500)
CURRENT: Final = _measure(q.CURRENT, -1000, 1000)
CURRENT_WRAPPED: Final = _measure(q.CURRENT, -1000, 1000, precision=0, wrap=16)
MILLIAMPERE: Final = _measure(q.CURRENT, 0, 1e6, unit="mA", precision=0)
CELL_VOLTAGE: Final = _measure(q.CELL_VOLTAGE, 0.5, 5, factor=0.001)
FREQUENCY: Final = _measure(q.FREQUENCY, 40, 70)
TEMPERATURE: Final = _measure(q.TEMPERATURE, -40, 120)
TEMPERATURE_WRAPPED: Final = _measure(q.TEMPERATURE, -40, 120, precision=0, wrap=16)
TEMPERATURE_TENTHS: Final = _measure(q.TEMPERATURE, -40, 120, factor=0.1, wrap=16)
CHARGE_LEVEL: Final = _measure(q.STATE_OF_CHARGE, 0, 100.5)
CHARGE_LEVEL_TENTHS: Final = _measure(q.STATE_OF_CHARGE, 0, 100.5, factor=0.1)
PERCENT: Final = _measure(q.PERCENT, 0, 110, precision=0)
PERCENT_TENTHS: Final = _measure(q.PERCENT, 0, 110, factor=0.1)
PERCENT_OF_NOMINAL: Final = _measure(q.PERCENT, 0, 400)
CAPACITY: Final = _measure(q.ENERGY_STORAGE, 0.1, 1000, factor=0.001)
DURATION_S: Final = _measure(q.DURATION, 0, 1e9)
DURATION_MIN: Final = _measure(q.MINUTES_PAST, 0, 65534)
VOLUME: Final = _measure(q.TANK_VOLUME, 0, 1e5, unit="L", precision=0)
ENERGY_KWH: Final = _counter(q.ENERGY, 1e7)
ENERGY_WH: Final = _counter(q.ENERGY, 1e7, factor=0.001)
ENERGY_WS: Final = _counter(q.ENERGY, 1e7, factor=1 / 3_600_000)
HOURS: Final = _counter(q.HOURS, 1e6)
CYCLES: Final = _counter(q.TOTAL_COUNT, 65534)
COUNT: Final = Format(kind=VariableType.NUMBER, low=0)
NUMBER: Final = Format(kind=VariableType.NUMBER)
FLAG: Final = Format(kind=VariableType.FLAG)
TEXT: Final = Format(kind=VariableType.TEXT)
IDENTITY: Final = Format(kind=VariableType.IDENTITY)
ADDRESS: Final = Format(kind=VariableType.ADDRESS)
LISTING: Final = Format(kind=VariableType.LISTING)
COMMAND: Final = Format(kind=VariableType.COMMAND)
CREDENTIAL: Final = Format(kind=VariableType.CREDENTIAL)
