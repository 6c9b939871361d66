"""Short ways to write rows of the catalogue that many services share."""

from copy import replace
from typing import Final

from ....common import quantities as q
from ....common.quantities import Quantity
from ....common.throttle import Pace
from .. import codes
from ..codes import Codes
from .model import Category, Condition, Control, ControlForm, Conversion, EntityForm, PathRow

MAINS_VOLTAGE: Final = replace(q.AC_VOLTAGE, step=1.0)
"""Of an AC voltage only what a person would notice is written, until it rests."""
LEVEL: Final = replace(q.PERCENT, step=0.5)
"""The level of a tank, which a boat or a caravan shakes."""


def value(
    path: str,
    name: str,
    quantity: Quantity,
    *,
    gate: Condition | None = None,
    total: str | None = None,
    reading: Conversion = Conversion.AS_IS,
    category: Category | None = None,
    enabled: bool = True,
) -> PathRow:
    """Return a measured value that people look at."""
    return PathRow(
        path=path,
        name=name,
        quantity=quantity,
        enabled=enabled,
        gate=gate,
        total=total,
        reading=reading,
        category=category,
    )


def rare(
    path: str,
    name: str,
    quantity: Quantity,
    *,
    gate: Condition | None = None,
    total: str | None = None,
    reading: Conversion = Conversion.AS_IS,
) -> PathRow:
    """Return a measured value that only few want: there, but not enabled."""
    return value(path, name, quantity, gate=gate, total=total, reading=reading, enabled=False)


def time_to_go(path: str, name: str, folder: str, *, enabled: bool = True) -> PathRow:
    """Return the time until a battery is empty: none while it is charged, whatever is said."""
    return PathRow(
        path=path,
        name=name,
        quantity=q.DURATION,
        enabled=enabled,
        reading=Conversion.TIME_TO_GO,
        silenced_by=(f"{folder}/Power", f"{folder}/Current"),
    )


def fact(path: str, name: str, quantity: Quantity, *, enabled: bool = False) -> PathRow:
    """Return a value about the device rather than about the energy."""
    return PathRow(
        path=path,
        name=name,
        quantity=quantity,
        category=Category.DIAGNOSTIC,
        enabled=enabled,
    )


def state(
    path: str,
    name: str,
    table: Codes,
    *,
    enabled: bool = True,
    category: Category | None = None,
    reading: Conversion = Conversion.AS_IS,
    control: Control | None = None,
) -> PathRow:
    """Return a value that is one of a table of codes."""
    return PathRow(
        path=path,
        name=name,
        quantity=q.STATE,
        codes=table,
        enabled=enabled,
        category=category,
        reading=reading,
        control=control,
    )


def coded_fact(path: str, name: str, table: Codes) -> PathRow:
    """Return a `fact` that is one of a table of codes."""
    return state(path, name, table, enabled=False, category=Category.DIAGNOSTIC)


def flag(
    path: str,
    name: str,
    device_class: str | None = None,
    *,
    enabled: bool = True,
    category: Category | None = None,
    inverted: bool = False,
    control: Control | None = None,
    gate: Condition | None = None,
) -> PathRow:
    """Return a value that is on or off."""
    return PathRow(
        path=path,
        name=name,
        quantity=q.TEXT,
        form=EntityForm.BINARY,
        device_class=device_class,
        enabled=enabled,
        category=category,
        inverted=inverted,
        control=control,
        gate=gate,
    )


def setting(
    path: str, name: str, quantity: Quantity, control: Control, *, enabled: bool = True
) -> PathRow:
    """Return a number that a person can set."""
    return PathRow(
        path=path,
        name=name,
        quantity=quantity,
        category=Category.CONFIG,
        control=control,
        enabled=enabled,
    )


def switched(path: str, name: str, *, enabled: bool = True, inverted: bool = False) -> PathRow:
    """Return a setting that a person can switch."""
    return flag(
        path,
        name,
        enabled=enabled,
        category=Category.CONFIG,
        inverted=inverted,
        control=Control(form=ControlForm.SWITCH),
    )


def choice(path: str, name: str, table: Codes, *, enabled: bool = True) -> PathRow:
    """Return a setting that is chosen from a table of codes."""
    return state(
        path,
        name,
        table,
        enabled=enabled,
        category=Category.CONFIG,
        control=Control(form=ControlForm.SELECT),
    )


def moment(path: str, name: str, *, enabled: bool = False) -> PathRow:
    """Return a point in time; 0 is never."""
    return PathRow(
        path=path, name=name, quantity=TIMESTAMP, enabled=enabled, reading=Conversion.TIMESTAMP
    )


def button(path: str, name: str) -> PathRow:
    """Return something that a person can press."""
    return PathRow(
        path=path,
        name=name,
        quantity=q.NUMBER,
        form=EntityForm.BINARY,
        category=Category.CONFIG,
        enabled=False,
        control=Control(form=ControlForm.BUTTON, maximum=1),
    )


def number(
    minimum: float,
    maximum: float,
    step: float = 1,
    *,
    unlimited: float | None = None,
    repeated: bool = False,
) -> Control:
    """Return how a number is set, where the GX does not say between what."""
    return Control(
        form=ControlForm.NUMBER,
        minimum=minimum,
        maximum=maximum,
        step=step,
        unlimited=unlimited,
        repeated=repeated,
    )


TIMESTAMP: Final = Quantity(device_class="timestamp", state_class=None, pace=Pace.NOW)
ERROR_CODE: Final = fact("ErrorCode", "error_code", q.NUMBER, enabled=True)
HAS_TEMPERATURE: Final = Condition(path="Settings/HasTemperature")
HAS_STARTER_VOLTAGE: Final = Condition(path="Settings/HasStarterVoltage")
HAS_MID_VOLTAGE: Final = Condition(path="Settings/HasMidVoltage")
RELAY: Final = flag("Relay/{relay}/State", "relay", enabled=False)
RELAY_SETTING: Final = switched("Relay/{relay}/State", "relay", enabled=False)
OFF_REASON: Final = state(
    "DeviceOffReason",
    "off_reason",
    codes.OFF_REASON,
    category=Category.DIAGNOSTIC,
    reading=Conversion.LOWEST_BIT,
)
