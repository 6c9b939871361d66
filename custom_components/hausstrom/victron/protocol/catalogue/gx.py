"""The GX itself: the sums of the whole system, the settings of ESS and DVCC, the platform."""

from copy import replace
from typing import Final

from ....common import quantities as q
from ....common.throttle import Pace
from .. import codes
from .generator_rules import GENERATOR_RULES
from .model import Category, Control, ControlForm, Family, PathRow, Sum
from .rows import (
    RELAY_SETTING,
    button,
    choice,
    coded_fact,
    fact,
    flag,
    moment,
    number,
    rare,
    setting,
    state,
    switched,
    time_to_go,
    value,
)

_CGWACS: Final = "Settings/CGwacs"
_SCHEDULE: Final = f"{_CGWACS}/BatteryLife/Schedule/Charge/{{schedule}}"


def _watts(minimum: float, step: float = 10, unlimited: float | None = None) -> Control:
    return number(minimum, 100_000, step, unlimited=unlimited)


def _percent() -> Control:
    return Control(form=ControlForm.NUMBER, minimum=0, maximum=100, step=1)


def _side(folder: str, name: str, *, enabled: bool) -> tuple[PathRow, ...]:
    power = value if enabled else rare
    return (
        power(f"Ac/{folder}/L{{phase}}/Power", f"{name}_phase_power", q.POWER),
        rare(f"Ac/{folder}/L{{phase}}/Current", f"{name}_phase_current", q.CURRENT),
    )


def _sum(folder: str, name: str, *, enabled: bool = True) -> Sum:
    return Sum(
        path=f"Ac/{folder}/Power",
        name=f"{name}_power",
        quantity=q.POWER,
        of=(f"Ac/{folder}/L{{phase}}/Power",),
        enabled=enabled,
        unless=f"Ac/{folder}/Total/Power",
    )


_DYNAMIC_ESS: Final = (
    rare("DynamicEss/TargetSoc", "dynamic_ess_target_soc", q.PERCENT),
    flag("DynamicEss/Active", "dynamic_ess_active", enabled=False),
    flag("DynamicEss/Available", "dynamic_ess_available", enabled=False),
    flag("DynamicEss/AllowGridFeedIn", "dynamic_ess_feed_in", enabled=False),
    rare("DynamicEss/AvailableOverhead", "dynamic_ess_overhead", q.POWER),
    state(
        "DynamicEss/ErrorCode",
        "dynamic_ess_error",
        codes.DYNAMIC_ESS_ERROR,
        category=Category.DIAGNOSTIC,
    ),
    moment("DynamicEss/LastScheduledStart", "dynamic_ess_start"),
    moment("DynamicEss/LastScheduledEnd", "dynamic_ess_end"),
    rare("DynamicEss/MinimumSoc", "dynamic_ess_minimum_soc", q.PERCENT),
    fact("DynamicEss/NumberOfSchedules", "dynamic_ess_schedules", q.COUNT),
    state(
        "DynamicEss/ReactiveStrategy",
        "dynamic_ess_reaction",
        codes.DYNAMIC_ESS_REACTION,
        enabled=False,
    ),
    state(
        "DynamicEss/Restrictions",
        "dynamic_ess_restrictions",
        codes.DYNAMIC_ESS_RESTRICTIONS,
        enabled=False,
    ),
    state("DynamicEss/Strategy", "dynamic_ess_strategy", codes.DYNAMIC_ESS_STRATEGY, enabled=False),
)

SYSTEM: Final = Family(
    service="system",
    title="GX",
    points=(
        value("Dc/Battery/Soc", "battery_soc", q.STATE_OF_CHARGE),
        value("Dc/Battery/Power", "battery_power", q.POWER),
        rare("Dc/Battery/Voltage", "battery_voltage", q.VOLTAGE),
        rare("Dc/Battery/Current", "battery_current", q.CURRENT),
        rare("Dc/Battery/Temperature", "battery_temperature", q.TEMPERATURE),
        rare("Dc/Battery/ConsumedAmphours", "battery_consumed_charge", q.CHARGE),
        time_to_go("Dc/Battery/TimeToGo", "battery_time_to_go", "Dc/Battery"),
        state("Dc/Battery/State", "battery_flow", codes.BATTERY_FLOW),
        value("Dc/Pv/Power", "dc_pv_power", q.POWER),
        rare("Dc/Pv/Current", "dc_pv_current", q.CURRENT),
        value("Dc/System/Power", "dc_loads_power", q.POWER),
        rare("Dc/Vebus/Power", "inverter_dc_power", q.POWER),
        rare("Dc/Vebus/Current", "inverter_dc_current", q.CURRENT),
        rare("Dc/InverterCharger/Power", "inverter_charger_dc_power", q.POWER),
        rare("Dc/InverterCharger/Current", "inverter_charger_dc_current", q.CURRENT),
        value("Dc/Charger/Power", "charger_power", q.POWER),
        value("Dc/Alternator/Power", "alternator_power", q.POWER),
        value("Dc/FuelCell/Power", "fuel_cell_power", q.POWER),
        # The grid meter, or the inverter in its place, has the phases too.
        *_side("Grid", "grid", enabled=False),
        *_side("Genset", "genset", enabled=False),
        *_side("Consumption", "consumption", enabled=True),
        *_side("ConsumptionOnInput", "consumption_on_input", enabled=False),
        *_side("ConsumptionOnOutput", "consumption_on_output", enabled=False),
        *_side("PvOnGrid", "pv_on_grid", enabled=False),
        *_side("PvOnOutput", "pv_on_output", enabled=False),
        *_side("PvOnGenset", "pv_on_genset", enabled=False),
        rare("Ac/PvOnGrid/Total/Power", "pv_on_grid_power", q.POWER),
        rare("Ac/PvOnOutput/Total/Power", "pv_on_output_power", q.POWER),
        rare("Ac/PvOnGenset/Total/Power", "pv_on_genset_power", q.POWER),
        value("Ac/Grid/Total/Power", "grid_power", q.POWER),
        value("Ac/Consumption/Total/Power", "consumption_power", q.POWER),
        state("Ac/ActiveIn/Source", "input_source", codes.INPUT_SOURCE),
        state("SystemState/State", "system_state", codes.DEVICE_STATE),
        flag("SystemState/LowSoc", "low_soc", "problem", enabled=False),
        flag("SystemState/BatteryLife", "battery_life_active", enabled=False),
        flag("SystemState/ChargeDisabled", "charge_disabled", enabled=False),
        flag("SystemState/DischargeDisabled", "discharge_disabled", enabled=False),
        flag("SystemState/SlowCharge", "slow_charge", enabled=False),
        flag("SystemState/UserChargeLimited", "user_charge_limited", enabled=False),
        flag("SystemState/UserDischargeLimited", "user_discharge_limited", enabled=False),
        RELAY_SETTING,
        rare("Control/ActiveSocLimit", "active_soc_limit", q.PERCENT),
        rare("Control/EffectiveChargeVoltage", "effective_charge_voltage", q.VOLTAGE),
        rare("Control/ScheduledSoc", "scheduled_soc", q.PERCENT),
        rare("PV/Current", "dc_pv_current", q.CURRENT),
        *_DYNAMIC_ESS,
        fact("Timers/TimeOnGrid", "time_on_grid", q.RUNTIME),
        fact("Timers/TimeOnGenerator", "time_on_generator", q.RUNTIME),
        fact("Timers/TimeOnInverter", "time_on_inverter", q.RUNTIME),
        fact("Timers/TimeOff", "time_off", q.RUNTIME),
        fact("SystemType", "system_type", q.TEXT),
    ),
    sums=(
        _sum("Grid", "grid"),
        _sum("Genset", "genset"),
        _sum("Consumption", "consumption"),
        _sum("ConsumptionOnInput", "consumption_on_input", enabled=False),
        _sum("ConsumptionOnOutput", "consumption_on_output", enabled=False),
        _sum("PvOnGrid", "pv_on_grid", enabled=False),
        _sum("PvOnOutput", "pv_on_output", enabled=False),
        _sum("PvOnGenset", "pv_on_genset", enabled=False),
        Sum(
            path="Pv/Power",
            name="pv_power",
            quantity=q.POWER,
            of=(
                "Dc/Pv/Power",
                "Ac/PvOnGrid/L{phase}/Power",
                "Ac/PvOnOutput/L{phase}/Power",
                "Ac/PvOnGenset/L{phase}/Power",
            ),
        ),
    ),
)

PLATFORM: Final = Family(
    service="platform",
    title="GX",
    points=(
        fact("Notifications/NumberOfActiveAlarms", "active_alarms", q.COUNT, enabled=True),
        fact("Notifications/NumberOfActiveWarnings", "active_warnings", q.COUNT),
        fact("Firmware/Online/AvailableVersion", "available_version", q.TEXT),
        fact("Network/Wifi/SignalStrength", "wifi_signal", q.PERCENT),
        button("Device/Reboot", "reboot"),
        button("Firmware/Online/Check", "firmware_check"),
        button("Notifications/AcknowledgeAll", "acknowledge_alarms"),
        # Shown while somebody waits for it.
        fact("Firmware/Progress", "firmware_progress", replace(q.PERCENT, pace=Pace.NOW)),
        coded_fact(
            "Firmware/State",
            "firmware_state",
            codes.FIRMWARE_STATE,
        ),
        PathRow(
            path="Firmware/Installed/Version",
            name="firmware",
            quantity=q.TEXT,
            category=Category.CONFIG,
            control=Control(form=ControlForm.UPDATE, target="Firmware/Online/Install"),
        ),
    ),
    problem=False,
)

_SETTINGS: Final[tuple[PathRow, ...]] = (
    setting(f"{_CGWACS}/AcPowerSetPoint", "grid_setpoint", q.POWER, _watts(-100_000)),
    setting(
        f"{_CGWACS}/BatteryLife/MinimumSocLimit",
        "minimum_soc",
        q.PERCENT,
        Control(form=ControlForm.NUMBER, minimum=0, maximum=100, step=1),
    ),
    # -1 stands for "no limit" in the settings that follow: see `derived.Limited`.
    setting(
        f"{_CGWACS}/MaxFeedInPower", "max_feed_in_power", q.POWER, _watts(0, step=1, unlimited=-1)
    ),
    setting(
        f"{_CGWACS}/MaxChargePower",
        "max_charge_power",
        q.POWER,
        _watts(0, step=1, unlimited=-1),
        enabled=False,
    ),
    setting(
        f"{_CGWACS}/MaxDischargePower",
        "max_discharge_power",
        q.POWER,
        _watts(0, step=1, unlimited=-1),
    ),
    setting(
        f"{_CGWACS}/AcInputLimit",
        "peak_shaving_import_limit",
        q.CURRENT,
        number(0, 5000, unlimited=-1),
        enabled=False,
    ),
    setting(
        f"{_CGWACS}/AcExportLimit",
        "peak_shaving_export_limit",
        q.CURRENT,
        number(0, 5000, unlimited=-1),
        enabled=False,
    ),
    switched(f"{_CGWACS}/BatteryUse", "battery_for_critical_loads", enabled=False),
    switched(f"{_CGWACS}/AlwaysPeakShave", "always_peak_shave", enabled=False),
    switched(f"{_CGWACS}/OvervoltageFeedIn", "feed_in_dc_pv"),
    switched(f"{_CGWACS}/PreventFeedback", "feed_in_ac_pv", inverted=True),
    choice(f"{_CGWACS}/Hub4Mode", "phase_compensation", codes.PHASE_COMPENSATION, enabled=False),
    setting(
        "Settings/SystemSetup/MaxChargeCurrent",
        "dvcc_max_charge_current",
        q.CURRENT,
        number(0, 1000, unlimited=-1),
    ),
    setting(
        "Settings/SystemSetup/MaxChargeVoltage",
        "dvcc_max_charge_voltage",
        q.VOLTAGE,
        Control(form=ControlForm.NUMBER, minimum=0, maximum=80, step=0.1),
        enabled=False,
    ),
    setting(
        "Settings/TransferSwitch/GeneratorCurrentLimit",
        "generator_current_limit",
        q.CURRENT,
        Control(form=ControlForm.NUMBER, minimum=0, maximum=1000),
        enabled=False,
    ),
    choice(
        "Settings/SystemSetup/AcInput{input}",
        "numbered_input_type",
        codes.INPUT_TYPE,
        enabled=False,
    ),
    choice("Settings/Network/VrmPortal", "vrm_access", codes.VRM_ACCESS, enabled=False),
    switched("Settings/Alarm/System/GridLost", "grid_lost_alarm", enabled=False),
    choice("Settings/Pump0/Mode", "pump_mode", codes.PUMP_MODE, enabled=False),
    setting("Settings/Pump0/StartValue", "pump_start", q.PERCENT, _percent(), enabled=False),
    setting("Settings/Pump0/StopValue", "pump_stop", q.PERCENT, _percent(), enabled=False),
    *GENERATOR_RULES,
    choice("Settings/DynamicEss/Mode", "dynamic_ess_mode", codes.DYNAMIC_ESS_MODE),
    choice(f"{_SCHEDULE}/Day", "schedule_day", codes.SCHEDULE_DAY, enabled=False),
    PathRow(
        path=f"{_SCHEDULE}/Start",
        name="schedule_start",
        quantity=q.DELAY,
        category=Category.CONFIG,
        enabled=False,
        control=Control(form=ControlForm.TIME, maximum=86_399),
    ),
    setting(
        f"{_SCHEDULE}/Duration",
        "schedule_duration",
        q.DELAY,
        Control(form=ControlForm.NUMBER, maximum=86_400, step=60),
        enabled=False,
    ),
    setting(f"{_SCHEDULE}/Soc", "schedule_soc", q.PERCENT, _percent(), enabled=False),
    switched(
        f"{_SCHEDULE}/AllowDischarge",
        "schedule_self_consumption",
        enabled=False,
        inverted=True,
    ),
)

SETTINGS: Final = Family(
    service="settings",
    title="GX",
    points=tuple(replace(point, ess=point.path.startswith(_CGWACS)) for point in _SETTINGS),
    problem=False,
)

HUB4: Final = Family(
    service="hub4",
    title="GX",
    points=(
        flag("PvPowerLimiterActive", "feed_in_limiting", enabled=False),
        switched("Overrides/ForceCharge", "force_charge", enabled=False),
        *(
            setting(
                f"Overrides/{path}",
                name,
                q.POWER,
                number(minimum, 100_000, unlimited=unlimited, repeated=True),
                enabled=False,
            )
            for path, name, minimum, unlimited in (
                ("MaxChargePower", "override_charge_power", 0, -1),
                ("MaxDischargePower", "override_discharge_power", 0, -1),
                ("Setpoint", "override_setpoint", -100_000, None),
            )
        ),
    ),
    problem=False,
)

FAMILIES: Final = (SYSTEM, PLATFORM, SETTINGS, HUB4)
