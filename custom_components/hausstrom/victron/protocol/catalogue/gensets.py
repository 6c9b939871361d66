"""Generators: the machines (genset, dcgenset) and the GX's own start/stop logic (generator)."""

from copy import replace
from typing import Final

from ....common import quantities as q
from .. import codes
from .groups import ALARMS, dc, meter
from .model import Category, Family, PathRow
from .rows import button, fact, flag, moment, number, rare, setting, state, switched, value

_ENGINE: Final[tuple[PathRow, ...]] = (
    state("StatusCode", "genset_status", codes.GENSET_STATUS),
    value("Engine/Speed", "engine_speed", q.ROTATION),
    value("Engine/Load", "engine_load", q.PERCENT),
    value("Engine/CoolantTemperature", "coolant_temperature", q.TEMPERATURE),
    # Both spellings are on the bus.
    rare("Engine/ExaustTemperature", "exhaust_temperature", q.TEMPERATURE),
    rare("Engine/ExhaustTemperature", "exhaust_temperature", q.TEMPERATURE),
    rare("Engine/OilTemperature", "oil_temperature", q.TEMPERATURE),
    rare("Engine/WindingTemperature", "winding_temperature", q.TEMPERATURE),
    rare("HeatsinkTemperature", "heatsink_temperature", q.TEMPERATURE),
    rare("Engine/OilPressure", "oil_pressure", q.OIL_PRESSURE),
    value("Engine/OperatingHours", "operating_time", q.RUNTIME),
    rare("Engine/Starts", "starts", q.TOTAL_COUNT),
    value("StarterVoltage", "starter_voltage", q.VOLTAGE),
    value("TankLevel", "tank_level", q.PERCENT),
    flag("RemoteStartModeEnabled", "remote_start", category=Category.DIAGNOSTIC),
    switched("Start", "genset_start"),
    fact("Error/{error}/Id", "error_id", q.TEXT),
)

GENSET: Final = Family(
    service="genset",
    title="Genset",
    points=(
        *meter("produced"),
        replace(
            rare("Ac/L{phase}/Frequency", "phase_frequency", q.FREQUENCY), unless="Ac/Frequency"
        ),
        *_ENGINE,
        *ALARMS,
    ),
    phases="NrOfPhases",
)

DCGENSET: Final = Family(
    service="dcgenset",
    title="DC genset",
    points=(
        *dc(temperature=False),
        value("History/EnergyOut", "energy_produced", q.ENERGY),
        # Some have an AC side too.
        *meter("produced"),
        switched("EnableRemoteStartMode", "enable_remote_start", enabled=False),
        *_ENGINE,
        *ALARMS,
    ),
)

GENERATOR: Final = Family(
    service="generator",
    title="Generator start/stop",
    points=(
        state("State", "generator_state", codes.GENERATOR_STATE),
        state("RunningByConditionCode", "generator_condition", codes.GENERATOR_CONDITION),
        switched("ManualStart", "manual_start"),
        switched("AutoStartEnabled", "auto_start"),
        value("Runtime", "runtime", q.DURATION),
        value("TodayRuntime", "runtime_today", q.RUNTIME),
        value("AccumulatedRuntime", "operating_time", q.RUNTIME),
        fact("ServiceCounter", "time_to_service", q.DURATION),
        flag("QuietHours", "quiet_hours", enabled=False),
        moment("NextTestRun", "next_test_run"),
        button("ServiceCounterReset", "service_counter_reset"),
        setting(
            "ManualStartTimer", "manual_start_timer", q.DELAY, number(0, 86_400), enabled=False
        ),
        state(
            "Error",
            "generator_error",
            codes.GENERATOR_ERROR,
            category=Category.DIAGNOSTIC,
        ),
        *ALARMS,
    ),
)

FAMILIES: Final = (GENSET, DCGENSET, GENERATOR)
