"""Switchable outputs, which any service may have; modules of them are the service `switch`."""

from typing import Final

from ....common import quantities as q
from .model import Category, Control, ControlForm, Family, Gate, Point
from .rows import flag, rare, value

_DIMMABLE: Final = Gate(
    path="SwitchableOutput/{output}/Settings/Type",
    values=frozenset({2}),
    open_when_absent=False,
)
"""Of the other types, `Dimming` is a temperature, a step or a colour."""

SWITCHABLE: Final[tuple[Point, ...]] = (
    flag("SwitchableOutput/{output}/State", "output", control=Control(form=ControlForm.SWITCH)),
    Point(
        path="SwitchableOutput/{output}/Dimming",
        name="output_dimming",
        quantity=q.PERCENT,
        gate=_DIMMABLE,
        control=Control(form=ControlForm.NUMBER),
    ),
    rare("SwitchableOutput/{output}/Current", "output_current", q.CURRENT),
    rare("SwitchableOutput/{output}/Voltage", "output_voltage", q.VOLTAGE),
    rare("SwitchableOutput/{output}/Temperature", "output_temperature", q.TEMPERATURE),
)

SWITCH: Final = Family(
    service="switch",
    title="Switches",
    points=(value("ModuleVoltage", "module_voltage", q.VOLTAGE, category=Category.DIAGNOSTIC),),
    problem=False,
)

FAMILIES: Final = (SWITCH,)
