"""DC sources, loads and converters: alternator, charger, dcdc, dcsource, dcload, fuel cell."""

from typing import Final

from ....common import quantities as q
from .. import codes
from .groups import ALARMS, dc
from .model import Control, ControlForm, Family
from .rows import (
    ERROR_CODE,
    HAS_STARTER_VOLTAGE,
    HAS_TEMPERATURE,
    OFF_REASON,
    RELAY,
    choice,
    fact,
    rare,
    setting,
    state,
    value,
)

_STARTER: Final = value("Dc/1/Voltage", "starter_voltage", q.VOLTAGE, gate=HAS_STARTER_VOLTAGE)
_ENERGY_IN: Final = value("History/EnergyIn", "energy_consumed", q.ENERGY)
_ENERGY_OUT: Final = value("History/EnergyOut", "energy_produced", q.ENERGY)
_INPUT: Final = (
    value("Dc/In/P", "input_power", q.POWER),
    value("Dc/In/V", "input_voltage", q.VOLTAGE),
    rare("Dc/In/I", "input_current", q.CURRENT),
)
_CHARGE_LIMIT: Final = setting(
    "Settings/ChargeCurrentLimit",
    "charge_current_limit",
    q.CURRENT,
    Control(form=ControlForm.NUMBER, maximum=500, step=0.1),
    enabled=False,
)

_SHUNT: Final = (
    # What a SmartShunt says too that is set up as a source or a load.
    rare("Soc", "soc", q.STATE_OF_CHARGE),
    fact("History/MinimumVoltage", "minimum_voltage", q.VOLTAGE_PAST),
    fact("History/MaximumVoltage", "maximum_voltage", q.VOLTAGE_PAST),
)

ALTERNATOR: Final = Family(
    service="alternator",
    title="Alternator",
    points=(
        state("State", "device_state", codes.DEVICE_STATE),
        choice("Mode", "charger_mode", codes.CHARGER_MODE),
        *dc(temperature=HAS_TEMPERATURE),
        _STARTER,
        *_INPUT,
        _CHARGE_LIMIT,
        _ENERGY_OUT,
        value("History/ChargedEnergy", "energy_charged", q.ENERGY),
        rare("History/DischargedEnergy", "energy_discharged", q.ENERGY),
        rare("Speed", "alternator_speed", q.ROTATION),
        rare("Engine/Speed", "engine_speed", q.ROTATION),
        rare("Engine/Temperature", "engine_temperature", q.TEMPERATURE),
        rare("FieldDrive", "field_drive", q.PERCENT),
        RELAY,
        ERROR_CODE,
        OFF_REASON,
        *ALARMS,
    ),
)

CHARGER: Final = Family(
    service="charger",
    title="Charger",
    points=(
        state("State", "device_state", codes.DEVICE_STATE),
        choice("Mode", "charger_mode", codes.CHARGER_MODE),
        *dc(power=False),
        rare("Dc/1/Voltage", "second_output_voltage", q.VOLTAGE),
        rare("Dc/1/Current", "second_output_current", q.CURRENT),
        rare("Dc/2/Voltage", "third_output_voltage", q.VOLTAGE),
        rare("Dc/2/Current", "third_output_current", q.CURRENT),
        value("Ac/In/L{phase}/P", "input_phase_power", q.POWER),
        rare("Ac/In/L{phase}/I", "input_phase_current", q.CURRENT),
        setting(
            "Ac/In/CurrentLimit",
            "input_current_limit",
            q.CURRENT,
            Control(form=ControlForm.NUMBER, maximum=100, step=0.1),
        ),
        _CHARGE_LIMIT,
        RELAY,
        ERROR_CODE,
        OFF_REASON,
        *ALARMS,
    ),
)

DCDC: Final = Family(
    service="dcdc",
    title="DC/DC charger",
    points=(
        state("State", "device_state", codes.DEVICE_STATE),
        choice("Mode", "charger_mode", codes.CHARGER_MODE),
        *dc(),
        *_INPUT,
        _CHARGE_LIMIT,
        _ENERGY_OUT,
        ERROR_CODE,
        OFF_REASON,
        *ALARMS,
    ),
)

DCSOURCE: Final = Family(
    service="dcsource",
    title="DC source",
    points=(
        *dc(temperature=HAS_TEMPERATURE),
        _STARTER,
        _ENERGY_OUT,
        rare("History/EnergyIn", "energy_consumed", q.ENERGY),
        *_SHUNT,
        RELAY,
        *ALARMS,
    ),
)

DCLOAD: Final = Family(
    service="dcload",
    title="DC load",
    points=(*dc(temperature=HAS_TEMPERATURE), _STARTER, _ENERGY_IN, *_SHUNT, RELAY, *ALARMS),
)

DCSYSTEM: Final = Family(
    service="dcsystem",
    title="DC system",
    points=(
        *dc(temperature=HAS_TEMPERATURE),
        _STARTER,
        _ENERGY_IN,
        rare("History/EnergyOut", "energy_produced", q.ENERGY),
        *_SHUNT,
        RELAY,
        *ALARMS,
    ),
)

FUELCELL: Final = Family(
    service="fuelcell",
    title="Fuel cell",
    points=(*dc(temperature=HAS_TEMPERATURE), _STARTER, _ENERGY_OUT, *ALARMS),
)

FAMILIES: Final = (ALTERNATOR, CHARGER, DCDC, DCSOURCE, DCLOAD, DCSYSTEM, FUELCELL)
