"""What may be written to a SENEC at its owner's level, and how the device shows that it took it.

Sources: the requests of the device's own page (ENERGY, SOCKETS, WALLBOX), the user's document on
firmware 0826. Nothing here needs an installer's login.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from .catalogue import AXIS_LENGTH, CATALOGUE, Axis
from .catalogue.codes import WALLBOX_SMART_CHARGE
from .limits import DEFAULT, LOWEST
from .points import Ref


class ControlKind(Enum):
    """What a control is to its user."""

    SWITCH = "switch"
    NUMBER = "number"
    SELECT = "select"
    BUTTON = "button"


class VariableControl(NamedTuple):
    """Something to set. `shown` is the variable that tells how it is set, and confirms a write.

    A switch of two commands has `on` and `off` that are written with 1; everything else is written
    to `shown` itself.
    """

    kind: ControlKind
    shown: Ref
    prefix: str = "u8"
    on: Ref | None = None
    off: Ref | None = None
    low: float = 0
    high: float = 1
    step: float = 1
    enabled: bool = True
    limited: bool = False
    """Whether the wallbox itself tells the upper limit; `high` holds until it has."""

    @property
    def stem(self) -> str:
        """The key, less the index."""
        return CATALOGUE[self.shown].key

    @property
    def length(self) -> int | None:
        """How many items the array has that is written; None where it is none."""
        axis = CATALOGUE[self.shown].axis
        return None if axis is Axis.SCALAR else AXIS_LENGTH[axis]

    def key_of(self, index: int | None = None) -> str:
        """Return the key of the entity that sets it."""
        return self.stem if index is None else f"{self.stem}_{index}"

    def write(self, value: bool | float | str = True, index: int | None = None) -> VariableWrite:
        """Return what to write so that it is set; a button is pressed with True.

        Raises KeyError for a mode that does not exist.
        """
        number = _CODE_OF_MODE[value] if isinstance(value, str) else float(value)
        target = (self.on if number else self.off) or self.shown
        return VariableWrite(
            key=self.key_of(index),
            ref=target,
            prefix=self.prefix,
            value=number if target == self.shown else 1,
            index=index,
            length=self.length or 1,
            shown=self.shown,
            expected=number,
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VariableWrite:
    """One value to write, and what the device has to show afterwards."""

    key: str
    """Of the entity."""
    ref: Ref
    prefix: str
    value: float
    index: int | None
    length: int
    shown: Ref
    expected: float

    @property
    def is_command(self) -> bool:
        """Whether it makes something happen, which may take a while to show."""
        return self.ref != self.shown


def _switch(section: str, name: str, *, enabled: bool = True) -> VariableControl:
    return VariableControl(kind=ControlKind.SWITCH, shown=Ref(section, name), enabled=enabled)


def _number(section: str, name: str, prefix: str, high: float) -> VariableControl:
    return VariableControl(
        kind=ControlKind.NUMBER,
        shown=Ref(section, name),
        prefix=prefix,
        high=high,
        enabled=False,
    )


def _current(name: str, *, enabled: bool = False) -> VariableControl:
    return VariableControl(
        kind=ControlKind.NUMBER,
        shown=Ref("WALLBOX", name),
        prefix="fl",
        low=LOWEST,
        high=DEFAULT,
        enabled=enabled,
        limited=True,
    )


REBOOT: Final = VariableControl(
    kind=ControlKind.BUTTON, shown=Ref("SYS_UPDATE", "USER_REBOOT_DEVICE"), enabled=False
)

FORCED_CHARGE: Final = VariableControl(
    kind=ControlKind.SWITCH,
    shown=Ref("ENERGY", "SAFE_CHARGE_RUNNING"),
    on=Ref("ENERGY", "SAFE_CHARGE_FORCE"),
    off=Ref("ENERGY", "SAFE_CHARGE_PROHIBIT"),
)

CONTROLS: Final = (
    FORCED_CHARGE,
    VariableControl(
        kind=ControlKind.SWITCH,
        shown=Ref("ENERGY", "LI_STORAGE_MODE_RUNNING"),
        on=Ref("ENERGY", "LI_STORAGE_MODE_START"),
        off=Ref("ENERGY", "LI_STORAGE_MODE_STOP"),
        enabled=False,
    ),
    _switch("SOCKETS", "ENABLE"),
    _switch("SOCKETS", "FORCE_ON"),
    _switch("SOCKETS", "USE_TIME", enabled=False),
    _number("SOCKETS", "LOWER_LIMIT", "u1", 16_000),
    _number("SOCKETS", "UPPER_LIMIT", "u1", 16_000),
    _number("SOCKETS", "POWER_ON_TIME", "u1", 1440),
    _number("SOCKETS", "TIME_LIMIT", "u1", 1440),
    _number("SOCKETS", "SWITCH_ON_HOUR", "u8", 23),
    _number("SOCKETS", "SWITCH_ON_MINUTE", "u8", 59),
    VariableControl(
        kind=ControlKind.SELECT,
        shown=Ref("WALLBOX", "SMART_CHARGE_ACTIVE"),
    ),
    _current("SET_ICMAX", enabled=True),
    _current("SET_IDEFAULT"),
    _current("MIN_CHARGING_CURRENT"),
    _switch("WALLBOX", "PROHIBIT_USAGE"),
    _switch("WALLBOX", "ALLOW_INTERCHARGE"),
    REBOOT,
)

CONTROL_BY_STEM: Final[Mapping[str, VariableControl]] = {
    control.stem: control for control in CONTROLS
}
_CODE_OF_MODE: Final = {slug: code for code, slug in WALLBOX_SMART_CHARGE.items()}
MODES: Final = tuple(_CODE_OF_MODE)
