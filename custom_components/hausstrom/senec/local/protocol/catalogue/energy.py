"""Energy flow, its counters, the battery inverter and the cascade of several batteries."""

from typing import Final

from . import codes
from .forms import (
    APPARENT_POWER,
    CELL_VOLTAGE,
    CHARGE_LEVEL,
    CHARGE_LEVEL_TENTHS,
    COMMAND,
    CURRENT,
    DURATION_MIN,
    ENERGY_KWH,
    ENERGY_WH,
    FLAG,
    HOURS,
    IDENTITY,
    NUMBER,
    PERCENT,
    PERCENT_OF_NOMINAL,
    POWER,
    REACTIVE_POWER,
    TEMPERATURE,
    TEMPERATURE_TENTHS,
    VOLTAGE,
    Axis,
    Cadence,
    coded,
    group,
    section,
)

ENERGY: Final = section(
    "ENERGY",
    Cadence.LIVE,
    group(coded(codes.SYSTEM_STATE), {"STAT_STATE": "State of the system"}),
    group(
        POWER,
        {
            "GUI_GRID_POW": "Power at the grid connection, + = import",
            "GUI_HOUSE_POW": "Power that the house uses",
            "GUI_INVERTER_POWER": "Power from the sun",
            "GUI_BAT_DATA_POWER": "Power of the battery, + = charging",
            "GUI_BAT_DATA_OA_CHARGING": "Power the battery is charged with (older firmware)",
            "OFFPEAK_POWER": "Power of off-peak charging",
            "VPP_TARGET_POWER": "Power the virtual power plant asks for",
        },
    ),
    group(VOLTAGE, {"GUI_BAT_DATA_VOLTAGE": "Voltage of the battery"}),
    group(CURRENT, {"GUI_BAT_DATA_CURRENT": "Current of the battery, + = charging"}),
    group(CHARGE_LEVEL, {"GUI_BAT_DATA_FUEL_CHARGE": "State of charge"}),
    group(
        CELL_VOLTAGE,
        {
            "GUI_BAT_DATA_MAX_CELL_VOLTAGE": "Highest voltage of a cell",
            "GUI_BAT_DATA_MIN_CELL_VOLTAGE": "Lowest voltage of a cell",
        },
    ),
    group(
        HOURS,
        {"STAT_HOURS_OF_OPERATION": "Hours since the system went into operation"},
        cadence=Cadence.SLOW,
        enabled=True,
    ),
    group(
        FLAG,
        {
            "GUI_CHARGING_INFO": "Battery is charging",
            "GUI_BOOSTING_INFO": "Battery is discharging",
            "SAFE_CHARGE_RUNNING": "Forced charge is running",
            "LI_STORAGE_MODE_RUNNING": "Storage mode is running",
            "STAT_LIMITED_NET_SKEW": "Limited because the phases are uneven",
            "STAT_MAINT_REQUIRED": "Maintenance is due",
        },
    ),
    group(
        FLAG,
        {
            "GUI_BAT_DATA_COLLECTED": "Data of the battery are complete",
            "GUI_TEST_CHARGE_STAT": "Test charge is running",
            "GUI_TEST_DISCHARGE_STAT": "Test discharge is running",
            "INIT_CHARGE_RUNNING": "Initial charge is running",
            "OFFPEAK_RUNNING": "Off-peak charging is running",
            "VPP_ACTIVATE_EXPORT_LIMIT": "Virtual power plant limits the feed-in",
            "VPP_ACTIVATE_TARGET_POWER": "Virtual power plant sets the power",
            "VPP_DAILY_PARAMETER_RESET": "Virtual power plant is reset every day",
            "VPP_IGNORE_COUNTRY_TYPE": "Virtual power plant ignores the country",
            "VPP_IS_ACTIVE": "Virtual power plant is active",
            "ZERO_EXPORT": "Nothing may be fed in",
        },
        cadence=Cadence.SLOW,
    ),
    group(
        NUMBER,
        {
            "GUI_CAP_TEST_STATE": "State of the capacity test",
            "INIT_CHARGE_STATE": "State of the initial charge",
            "INIT_CHARGE_TIMER": "Timer of the initial charge",
            "VPP_ENDTIME_HOUR": "Virtual power plant: end, hour",
            "VPP_ENDTIME_MINUTE": "Virtual power plant: end, minute",
            "VPP_EXPORT_LIMIT": "Virtual power plant: limit of the feed-in",
            "VPP_LAST_CHANGE_UTC": "Virtual power plant: last change, seconds since 1970",
            "VPP_STARTTIME_HOUR": "Virtual power plant: start, hour",
            "VPP_STARTTIME_MINUTE": "Virtual power plant: start, minute",
        },
        cadence=Cadence.SLOW,
    ),
    group(
        PERCENT, {"OFFPEAK_TARGET": "Level that off-peak charging aims at"}, cadence=Cadence.SLOW
    ),
    group(DURATION_MIN, {"OFFPEAK_DURATION": "Time left of off-peak charging"}),
    group(
        VOLTAGE,
        {
            "INIT_CHARGE_DIFF_VOLTAGE": "Initial charge: difference of voltages",
            "INIT_CHARGE_MAX_VOLTAGE": "Initial charge: highest voltage",
            "INIT_CHARGE_MIN_VOLTAGE": "Initial charge: lowest voltage",
        },
        cadence=Cadence.SLOW,
    ),
    group(
        CURRENT,
        {
            "INIT_CHARGE_MAX_CURRENT": "Initial charge: highest current",
            "INIT_DISCHARGE_MAX_CURRENT": "Initial discharge: highest current",
        },
        cadence=Cadence.SLOW,
    ),
    group(
        NUMBER,
        {"CAPTESTMODULE": "Result of the capacity test"},
        Axis.MODULE,
        cadence=Cadence.SLOW,
    ),
    group(
        COMMAND,
        {
            "SAFE_CHARGE_FORCE": "Start the forced charge",
            "SAFE_CHARGE_PROHIBIT": "End the forced charge",
            "LI_STORAGE_MODE_START": "Start the storage mode",
            "LI_STORAGE_MODE_STOP": "End the storage mode",
            "GUI_INIT_CHARGE_START": "Start the initial charge",
            "GUI_INIT_CHARGE_STOP": "End the initial charge",
            "INIT_CHARGE_ACK": "Acknowledge the initial charge",
            "INIT_CHARGE_RERUN": "Repeat the initial charge",
        },
    ),
)

STATISTIC: Final = section(
    "STATISTIC",
    Cadence.SLOW,
    group(
        ENERGY_KWH,
        {
            "LIVE_BAT_CHARGE": "Energy into the battery",
            "LIVE_BAT_DISCHARGE": "Energy out of the battery",
            "LIVE_GRID_EXPORT": "Energy fed into the grid",
            "LIVE_GRID_IMPORT": "Energy taken from the grid",
            "LIVE_HOUSE_CONS": "Energy that the house used",
            "LIVE_PV_GEN": "Energy from the sun",
            "LIVE_BAT_CHARGE_MASTER": "Energy into the battery of the master",
            "LIVE_BAT_DISCHARGE_MASTER": "Energy out of the battery of the master",
            "LIVE_PV_GEN_MASTER": "Energy from the sun at the master",
        },
    ),
    group(ENERGY_KWH, {"LIVE_PU_ENERGY": "Energy of a power unit"}, Axis.POWER_UNIT),
    group(ENERGY_WH, {"LIVE_WB_ENERGY": "Energy into a vehicle"}, Axis.WALLBOX),
    group(NUMBER, {"STAT_SUM_E_PU": "Sum of the energy of a power unit"}, Axis.POWER_UNIT),
    group(
        NUMBER,
        {
            "CURRENT_STATE": "State of the system as the statistics know it",
            "MEASURE_TIME": "Time of the statistics, seconds since 1970",
        },
    ),
)

BAT1: Final = section(
    "BAT1",
    Cadence.SLOW,
    group(coded(codes.BATTERY_INVERTER), {"TYPE": "Battery inverter"}),
    group(coded(codes.SELF_TEST_STATE), {"SELFTEST_OVERALL_STATE": "State of the self-test"}),
    group(PERCENT, {"SPARE_CAPACITY": "Reserve for backup power"}, enabled=True),
    group(
        FLAG,
        {
            "ISLAND_ENABLE": "Backup power is enabled",
            "DRM0_ASSERT": "The grid operator asks for disconnection (DRM0)",
            "BATTERIES_MISSING": "Batteries are missing",
        },
    ),
    group(
        NUMBER,
        {
            "CEI_LIMIT": "Limit under CEI 0-21",
            "NSP_FW": "Firmware of the grid protection",
            "NSP2_FW": "Firmware of the second grid protection",
        },
    ),
    group(IDENTITY, {"SERIAL": "Serial number of the battery inverter"}),
    group(coded(codes.SELF_TEST_STATE), {"SELFTEST_STATE": "Self-test: state"}, Axis.SELF_TEST),
    group(
        NUMBER,
        {
            "SELFTEST_ACT": "Self-test: value now",
            "SELFTEST_LIMIT": "Self-test: limit",
            "SELFTEST_OFF": "Self-test: value at switch-off",
            "SELFTEST_TIME": "Self-test: time",
        },
        Axis.SELF_TEST,
    ),
    group(coded(codes.SELF_TEST_STEP), {"SELFTEST_STEP": "Self-test: step"}, Axis.SELF_TEST),
    group(
        COMMAND,
        {"RESET": "Reset the inverter", "TRIG_ITALY_SELF": "Start the Italian self-test"},
    ),
)

BAT1OBJ1: Final = section(
    "BAT1OBJ1",
    Cadence.LIVE,
    group(POWER, {"P": "Active power of the battery inverter"}),
    group(REACTIVE_POWER, {"Q": "Reactive power of the battery inverter"}),
    group(APPARENT_POWER, {"S": "Apparent power of the battery inverter"}),
    group(
        CURRENT,
        {
            "I_DC": "Current on the battery's side",
            "I_DC_MAX": "Highest current on the battery's side",
            "BMS_TOTAL_CURRENT": "Current of all modules",
        },
    ),
    group(
        VOLTAGE,
        {"U_DC": "Voltage on the battery's side", "BMS_TOTAL_VOLTAGE": "Voltage of all modules"},
    ),
    group(
        TEMPERATURE,
        {f"TEMP{number}": f"Temperature {number} of the inverter" for number in range(1, 6)},
    ),
    group(
        TEMPERATURE_TENTHS,
        {"BMS_MAX_TEMP": "Highest temperature", "BMS_MIN_TEMP": "Lowest temperature"},
    ),
    group(CHARGE_LEVEL, {"BMS_BATTERY_SOC": "State of charge of the battery"}),
    group(CHARGE_LEVEL_TENTHS, {"BMS_SYSTEM_SOC": "State of charge of the system"}),
    group(
        NUMBER,
        {
            "COMM": "Communication with the inverter",
            "SW_VERSION": "Software 1 of the inverter",
            "SW_VERSION2": "Software 2 of the inverter",
            "SW_VERSION3": "Software 3 of the inverter",
            "BMS_ALARM_STATUS": "Alarms",
            "BMS_BATTERY_STATUS": "Status of the battery",
            "BMS_NR_ACTIVE": "Active modules",
            "BMS_NR_CHARGE": "Modules that may charge",
            "BMS_NR_DISCHARGE": "Modules that may discharge",
            "BMS_NR_INSTALLED": "Installed modules",
            "BMS_SW_VER": "Software of the battery management",
            "ERROR": "Error of the inverter",
            "STATE": "State of the inverter",
        },
        cadence=Cadence.SLOW,
    ),
    group(FLAG, {"ENABLED": "Inverter is enabled"}, cadence=Cadence.SLOW),
)

CASC: Final = section(
    "CASC",
    Cadence.LIVE,
    group(
        POWER,
        {"BATPOWERSUM": "Power of all batteries", "PVMASTER": "Power from the sun at the master"},
    ),
    group(
        POWER,
        {
            "POWER": "Power of a battery of the cascade",
            "PVGEN": "Power from the sun at a battery of the cascade",
            "TARGET": "Power a battery of the cascade is to have",
        },
        Axis.CASCADE,
    ),
    group(CHARGE_LEVEL, {"SOC": "State of charge in the cascade"}, Axis.CASCADE),
    group(coded(codes.CASCADE_STATE), {"STATE": "State in the cascade"}, Axis.CASCADE),
)

V_STECA: Final = section(
    "V_STECA",
    Cadence.SLOW,
    group(
        PERCENT_OF_NOMINAL,
        {
            "percent#v": "Share v of the inverter (not documented)",
            "percent#vf": "Share vf of the inverter (not documented)",
            "percent#f": "Share f of the inverter (not documented)",
        },
    ),
)
