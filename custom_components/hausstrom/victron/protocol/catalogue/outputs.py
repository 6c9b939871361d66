"""Switchable outputs, which any service may have; modules of them are the service `switch`."""

from copy import replace
from typing import Final

from ....common import quantities as q
from .model import Category, Condition, Control, ControlForm, Family, PathRow
from .rows import flag, rare, value

_THERMOSTAT: Final = Condition(
    path="SwitchableOutput/{output}/Settings/Type", values=frozenset({3}), open_when_absent=False
)

# State, Dimming, LightControls and Status mean what the output's type says: see `..outputs`.
SWITCHABLE: Final[tuple[PathRow, ...]] = (
    replace(
        rare("SwitchableOutput/{output}/Measurement", "output_measurement", q.TEMPERATURE),
        gate=_THERMOSTAT,
        enabled=True,
    ),
    rare("SwitchableOutput/{output}/Current", "output_current", q.CURRENT),
    rare("SwitchableOutput/{output}/Voltage", "output_voltage", q.VOLTAGE),
    rare("SwitchableOutput/{output}/Temperature", "output_temperature", q.TEMPERATURE),
)

SWITCH: Final = Family(
    service="switch",
    title="Switches",
    points=(
        value("ModuleVoltage", "module_voltage", q.VOLTAGE, category=Category.DIAGNOSTIC),
        # How modules said it before there were switchable outputs.
        flag(
            "Channel/{channel}/State",
            "channel",
            enabled=False,
            control=Control(form=ControlForm.SWITCH),
        ),
    ),
    problem=False,
)

FAMILIES: Final = (SWITCH,)
