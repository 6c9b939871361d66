"""Inverters and inverter/chargers: VE.Bus (Multi, Quattro), RS (multi, acsystem), Phoenix."""

from copy import replace
from typing import Final

from ....common import quantities as q
from .. import codes
from .groups import ALARMS, dc, internal_energy, limits_of_bms, output
from .model import Control, ControlForm, Family, PathRow, Sum
from .rows import (
    ERROR_CODE,
    MAINS_VOLTAGE,
    OFF_REASON,
    RELAY,
    RELAY_SETTING,
    choice,
    coded_fact,
    fact,
    flag,
    number,
    rare,
    setting,
    state,
    switched,
    time_to_go,
    value,
)
from .solar import history, trackers


def _input_limit(path: str, name: str) -> PathRow:
    return setting(
        path,
        name,
        q.CURRENT,
        Control(
            form=ControlForm.NUMBER,
            maximum=200,
            step=0.1,
            adjustable_path=f"{path}IsAdjustable",
        ),
    )


OUTPUT_SUM: Final = Sum(
    path="Ac/Out/P",
    name="output_power",
    quantity=q.POWER,
    of=("Ac/Out/L{phase}/P",),
    unless="Ac/Out/P",
)
_RS_INPUTS: Final = (
    value("Ac/In/{input}/L{phase}/P", "numbered_input_phase_power", q.POWER),
    value("Ac/In/{input}/L{phase}/V", "numbered_input_phase_voltage", MAINS_VOLTAGE),
    rare("Ac/In/{input}/L{phase}/I", "numbered_input_phase_current", q.CURRENT),
    rare("Ac/In/{input}/L{phase}/F", "numbered_input_phase_frequency", q.FREQUENCY),
    coded_fact(
        "Ac/In/{input}/Type",
        "numbered_input_type",
        codes.INPUT_TYPE,
    ),
    _input_limit("Ac/In/{input}/CurrentLimit", "numbered_input_current_limit"),
)
_RS_ESS: Final = (
    choice("Settings/Ess/Mode", "ess_mode", codes.ESS_MODE),
    setting(
        "Settings/Ess/MinimumSocLimit",
        "minimum_soc",
        q.PERCENT,
        Control(form=ControlForm.NUMBER),
    ),
)

_PHASE_ALARMS: Final = tuple(
    coded_fact(
        f"Alarms/L{{phase}}/{alarm}",
        f"phase_alarm_{name}",
        codes.ALARM,
    )
    for alarm, name in (
        ("HighTemperature", "high_temperature"),
        ("LowBattery", "low_battery"),
        ("Overload", "overload"),
        ("Ripple", "ripple"),
    )
)
_LEDS: Final = tuple(
    coded_fact(
        f"Leds/{led}",
        f"led_{name}",
        codes.LED,
    )
    for led, name in (
        ("Mains", "mains"),
        ("Bulk", "bulk"),
        ("Absorption", "absorption"),
        ("Float", "float"),
        ("Inverter", "inverter"),
        ("Overload", "overload"),
        ("LowBattery", "low_battery"),
        ("Temperature", "temperature"),
    )
)

_HUB4: Final = (
    switched("Hub4/DisableCharge", "charging_disabled", enabled=False),
    switched("Hub4/DisableFeedIn", "feed_in_disabled", enabled=False),
    switched("Hub4/DoNotFeedInOvervoltage", "no_overvoltage_feed_in", enabled=False),
    switched("Hub4/FixSolarOffsetTo100mV", "fix_solar_offset", enabled=False),
    switched("Hub4/TargetPowerIsMaxFeedIn", "target_is_max_feed_in", enabled=False),
    switched("PvInverter/Disable", "pv_inverters_disabled", enabled=False),
    setting(
        "Hub4/L{phase}/AcPowerSetpoint",
        "phase_power_setpoint",
        q.POWER,
        number(-100_000, 100_000, repeated=True),
        enabled=False,
    ),
)
"""External control: see `system` for what has to be written again and again."""
_UNITS: Final = (
    rare("Devices/{unit}/Ac/In/P", "unit_input_power", q.POWER),
    rare("Devices/{unit}/Ac/Out/P", "unit_output_power", q.POWER),
    rare("Devices/{unit}/Ac/Inverter/P", "unit_inverter_power", q.POWER),
    rare("Devices/{unit}/Ac/In/L{phase}/P", "unit_input_phase_power", q.POWER),
    rare("Devices/{unit}/Ac/Out/L{phase}/P", "unit_output_phase_power", q.POWER),
    switched("Devices/{unit}/Settings/PowerAssistEnabled", "unit_power_assist", enabled=False),
)
_RS_MORE: Final = (
    switched("Ess/DisableFeedIn", "feed_in_disabled"),
    switched("Ess/DisableCharge", "charging_disabled"),
    setting(
        "Ess/AcPowerSetpoint",
        "power_setpoint",
        q.POWER,
        number(-100_000, 100_000, repeated=True),
        enabled=False,
    ),
    # Numbers that no public source has words for.
    fact("Ac/In/{input}/DisconnectionReason", "input_disconnection_reason", q.NUMBER),
    fact("Ac/NoFeedInReason", "no_feed_in_reason", q.NUMBER),
    rare("Ess/InverterPowerSetpoint", "inverter_power_setpoint", q.POWER),
    rare("Ess/ActiveSocLimit", "active_soc_limit", q.PERCENT),
    rare("Ac/In/L{phase}/P", "input_phase_power", q.POWER),
    rare("Ac/Out/{acout}/L{phase}/P", "numbered_output_phase_power", q.POWER),
    rare("Ac/Out/{acout}/L{phase}/V", "numbered_output_phase_voltage", MAINS_VOLTAGE),
    rare("Ac/Out/{acout}/L{phase}/I", "numbered_output_phase_current", q.CURRENT),
)

VEBUS: Final = Family(
    service="vebus",
    title="Inverter/charger",
    points=(
        state("State", "device_state", codes.DEVICE_STATE),
        choice("Mode", "inverter_charger_mode", codes.INVERTER_CHARGER_MODE),
        state("Ac/ActiveIn/ActiveInput", "active_input", codes.ACTIVE_INPUT),
        flag("Ac/ActiveIn/Connected", "input_connected", "power", enabled=False),
        replace(value("Ac/ActiveIn/P", "input_power", q.POWER), beside="grid"),
        rare("Ac/ActiveIn/S", "input_apparent_power", q.APPARENT_POWER),
        replace(
            value("Ac/ActiveIn/L{phase}/P", "input_phase_power", q.POWER, total="Ac/ActiveIn/P"),
            beside="grid",
        ),
        replace(
            value("Ac/ActiveIn/L{phase}/V", "input_phase_voltage", MAINS_VOLTAGE), beside="grid"
        ),
        rare("Ac/ActiveIn/L{phase}/I", "input_phase_current", q.CURRENT),
        rare("Ac/ActiveIn/L{phase}/F", "input_phase_frequency", q.FREQUENCY),
        rare("Ac/ActiveIn/L{phase}/S", "input_phase_apparent_power", q.APPARENT_POWER),
        _input_limit("Ac/ActiveIn/CurrentLimit", "input_current_limit"),
        replace(
            _input_limit("Ac/In/{input}/CurrentLimit", "numbered_input_current_limit"),
            unless="Ac/ActiveIn/CurrentLimit",
        ),
        switched("Ac/Control/IgnoreAcIn1", "ignore_ac_input", enabled=False),
        *output(),
        *dc(current=False, power=False, busbar=True),
        # The battery's power without what charges it otherwise: the GX says both as one.
        rare("Dc/0/Power", "dc_power", q.POWER),
        # Kept in step with a battery monitor's where there is one.
        rare("Soc", "soc", q.STATE_OF_CHARGE),
        state("VebusChargeState", "charge_phase", codes.CHARGE_PHASE, enabled=False),
        fact("VebusError", "error_code", q.NUMBER, enabled=True),
        switched("Dc/0/PreferRenewableEnergy", "prefer_renewable", enabled=False),
        flag("Bms/AllowToCharge", "allow_to_charge", enabled=False),
        flag("Bms/AllowToDischarge", "allow_to_discharge", enabled=False),
        flag("Hub4/Sustain", "sustain", enabled=False),
        flag("Ac/State/IgnoreAcIn1", "ac_input_ignored", enabled=False),
        flag("Ac/State/SplitPhaseL2Passthru", "split_phase_passed_through", enabled=False),
        flag("Ac/State/SplitPhaseL2L1OutSummed", "split_phase_summed", enabled=False),
        flag("Ac/State/RemoteGeneratorSelected", "remote_generator_selected", enabled=False),
        *_HUB4,
        *_UNITS,
        setting(
            "Settings/AssistCurrentBoostFactor",
            "assist_boost",
            q.SCALAR,
            number(0.25, 3.5, 0.05),
            enabled=False,
        ),
        switched("Settings/Alarm/System/GridLost", "grid_lost_alarm", enabled=False),
        *limits_of_bms("BatteryOperationalLimits"),
        *internal_energy(solar=False),
        *ALARMS,
        *_PHASE_ALARMS,
        *_LEDS,
    ),
    sums=(
        OUTPUT_SUM,
        Sum(
            path="Ac/ActiveIn/P",
            name="input_power",
            quantity=q.POWER,
            of=("Ac/ActiveIn/L{phase}/P",),
            unless="Ac/ActiveIn/P",
        ),
    ),
    phases="Ac/NumberOfPhases",
)

_RS: Final = (
    state("State", "device_state", codes.DEVICE_STATE),
    choice("Mode", "inverter_charger_mode", codes.INVERTER_CHARGER_MODE),
    state("Ac/ActiveIn/ActiveInput", "active_input", codes.ACTIVE_INPUT),
    *_RS_INPUTS,
    *output(),
    *dc(),
)

MULTI: Final = Family(
    service="multi",
    title="Multi RS",
    points=(
        *_RS,
        value("Soc", "soc", q.STATE_OF_CHARGE),
        time_to_go("TimeToGo", "time_to_go", "Dc/0", enabled=False),
        *trackers(),
        *history(),
        *internal_energy(solar=True),
        *_RS_ESS,
        *_RS_MORE,
        RELAY_SETTING,
        ERROR_CODE,
        OFF_REASON,
        *ALARMS,
    ),
    sums=(OUTPUT_SUM,),
    phases="Ac/NumberOfPhases",
    trackers="NrOfTrackers",
)

ACSYSTEM: Final = Family(
    service="acsystem",
    title="RS system",
    points=(
        *_RS,
        value("Ac/In/{input}/P", "numbered_input_power", q.POWER),
        rare("Soc", "soc", q.STATE_OF_CHARGE),
        *_RS_ESS,
        *_RS_MORE,
        ERROR_CODE,
        *ALARMS,
    ),
    sums=(OUTPUT_SUM,),
    phases="Ac/NumberOfPhases",
)

INVERTER: Final = Family(
    service="inverter",
    title="Inverter",
    points=(
        state("State", "device_state", codes.DEVICE_STATE),
        choice("Mode", "inverter_mode", codes.INVERTER_MODE),
        *output(),
        *dc(),
        rare("Soc", "soc", q.STATE_OF_CHARGE),
        *trackers(),
        *history(),
        *internal_energy(solar=True),
        RELAY,
        ERROR_CODE,
        OFF_REASON,
        *ALARMS,
    ),
    sums=(OUTPUT_SUM,),
    trackers="NrOfTrackers",
)

FAMILIES: Final = (VEBUS, MULTI, ACSYSTEM, INVERTER)
