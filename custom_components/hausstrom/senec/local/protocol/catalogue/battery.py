"""The battery's modules: management, parameters, limits, temperatures."""

from typing import Final

from . import codes
from .forms import (
    CELL_VOLTAGE,
    CHARGE_LEVEL,
    CHARGE_LEVEL_TENTHS,
    COMMAND,
    COUNT,
    CURRENT,
    CURRENT_WRAPPED,
    CYCLES,
    ENERGY_WS,
    FLAG,
    IDENTITY,
    MILLIAMPERE,
    NUMBER,
    PERCENT,
    PERCENT_TENTHS,
    POWER,
    TEMPERATURE,
    TEMPERATURE_TENTHS,
    TEMPERATURE_WRAPPED,
    TEXT,
    VOLTAGE,
    Axis,
    Cadence,
    coded,
    group,
    section,
)

BMS: Final = section(
    "BMS",
    Cadence.SLOW,
    group(
        COUNT,
        {
            "MODULES_CONFIGURED": "Configured modules",
            "MODULE_COUNT": "Modules",
            "NR_INSTALLED": "Installed modules",
            "NR_ACTIVE": "Active modules",
            "NR_CHARGE": "Modules that may charge",
            "NR_DISCHARGE": "Modules that may discharge",
        },
    ),
    group(coded(codes.BATTERY_MANUFACTURER), {"MANUFACTURER": "Maker of the modules"}),
    group(CHARGE_LEVEL_TENTHS, {"SYSTEM_SOC": "State of charge of all modules"}),
    group(PERCENT_TENTHS, {"SYSTEM_SOH": "State of health of all modules"}, enabled=True),
    group(
        TEMPERATURE_TENTHS,
        {"MAX_TEMP": "Highest temperature", "MIN_TEMP": "Lowest temperature"},
    ),
    group(
        POWER,
        {
            "NOM_CHARGEPOWER_MODULE": "Nominal power of a module, charging",
            "NOM_DISCHARGEPOWER_MODULE": "Nominal power of a module, discharging",
        },
    ),
    group(
        CURRENT,
        {
            "TOTAL_CURRENT": "Current of all modules",
            "SYSTEM_CHARGE_CURRENT_LIMIT": "Limit of the charging current",
            "SYSTEM_DISCHARGE_CURRENT_LIMIT": "Limit of the discharging current",
        },
        cadence=Cadence.LIVE,
    ),
    group(VOLTAGE, {"TOTAL_VOLTAGE": "Voltage of all modules"}, cadence=Cadence.LIVE),
    group(
        FLAG,
        {
            "BMS_READY_FLAG": "Battery management is ready",
            "RECOVERLOCKED": "Recovery is locked",
            "TF_ERROR": "Error of the memory card",
        },
    ),
    group(
        NUMBER,
        {
            "BMS_STATUS": "Status of the battery management",
            "BMS_STATUS_TIMESTAMP": "Time of that status, seconds since 1970",
            "COMMERRCOUNT": "Errors in the communication",
            "DERATING": "Derating",
            "ERROR": "Error",
            "FAULTLINECOUNT": "Times the fault line was set",
            "PROTOCOL": "Protocol of the modules",
            "WIZARD_STATE": "State of the commissioning",
        },
    ),
    group(
        COMMAND,
        {
            "WIZARD_ABORT": "Abort the commissioning",
            "WIZARD_CONFIRM": "Confirm the commissioning",
            "WIZARD_DCCONNECT": "Connect the battery",
            "WIZARD_START": "Start the commissioning",
            "WIZARD_STARTDETECTION": "Start the detection of the modules",
            "WIZARD_CONFDETECTION": "Confirm the detection of the modules",
            "WIZARD_RESDETECTION": "Reset the detection of the modules",
            "WIZARD_TIMEOUTDETECTION": "Detection of the modules timed out",
            "WIZARD_FINISHEDDETECTION": "Detection of the modules is over",
        },
    ),
    group(
        CURRENT,
        {"CURRENT": "Current of a module"},
        Axis.MODULE,
        cadence=Cadence.LIVE,
    ),
    group(VOLTAGE, {"VOLTAGE": "Voltage of a module"}, Axis.MODULE, cadence=Cadence.LIVE),
    group(CHARGE_LEVEL, {"SOC": "State of charge of a module"}, Axis.MODULE),
    group(PERCENT, {"SOH": "State of health of a module"}, Axis.MODULE, enabled=True),
    group(CYCLES, {"CYCLES": "Cycles of a module"}, Axis.MODULE, enabled=True),
    group(
        CELL_VOLTAGE,
        {
            "MAX_CELL_VOLTAGE": "Highest voltage of a cell of the module",
            "MIN_CELL_VOLTAGE": "Lowest voltage of a cell of the module",
        },
        Axis.MODULE,
    ),
    group(
        TEMPERATURE,
        {
            "TEMP_MAX": "Highest temperature of a module",
            "TEMP_MIN": "Lowest temperature of a module",
        },
        Axis.MODULE,
    ),
    group(
        ENERGY_WS,
        {
            "CHARGED_ENERGY": "Energy charged into a module",
            "DISCHARGED_ENERGY": "Energy discharged from a module",
        },
        Axis.MODULE,
    ),
    group(
        CURRENT,
        {
            "CHARGE_CURRENT_LIMIT": "Limit of a module's charging current",
            "DISCHARGE_CURRENT_LIMIT": "Limit of a module's discharging current",
        },
        Axis.MODULE,
    ),
    group(coded(codes.MODULE_WARNING), {"ALARM_STATUS": "Warning of a module"}, Axis.MODULE),
    group(
        NUMBER,
        {
            "BATTERY_STATUS": "Status of a module's battery",
            "BL": "Boot loader of a module",
            "CELL_BALANCE_STATUS": "Balancing of a module's cells",
            "FW": "Firmware of a module",
            "HW_EXTENSION": "Extension board of a module",
            "HW_MAINBOARD": "Main board of a module",
            "STATUS": "Status of a module",
        },
        Axis.MODULE,
    ),
    group(
        IDENTITY,
        {"SERIAL": "Serial number of a module", "SN": "Serial number of a module, as a number"},
        Axis.MODULE,
    ),
    group(
        CELL_VOLTAGE,
        {f"CELL_VOLTAGES_MODULE_{letter}": f"Cells of module {letter}" for letter in "ABCD"},
        Axis.CELL,
    ),
    group(
        TEMPERATURE_WRAPPED,
        {
            f"CELL_TEMPERATURES_MODULE_{letter}": f"Temperatures in module {letter}"
            for letter in "ABCD"
        },
        Axis.CELL_SENSOR,
    ),
)

BMS_PARA: Final = section(
    "BMS_PARA",
    Cadence.SLOW,
    group(
        FLAG,
        {
            "FORCE_BMS_ERROR": "An error is simulated",
            "FORCE_OP_MODE": "The mode is forced",
            "USE_ROA_PARAMETER": "Parameters of the remote access hold",
        },
    ),
    group(CELL_VOLTAGE, {"FULL_CELL_VOLTAGE_MV": "Voltage of a full cell"}),
    group(TEMPERATURE, {"MAX_BATTERY_TEMP_LIMIT_DEG": "Highest allowed temperature"}),
    group(
        CURRENT_WRAPPED,
        {
            "MAX_MODULE_CHARGE_CURRENT_LIMIT_A": "Highest charging current of a module",
            "MAX_MODULE_DISCHARGE_CURRENT_LIMIT_A": "Highest discharging current of a module",
        },
    ),
    group(NUMBER, {"OPERATIONAL_MODE": "Mode of the battery management"}),
)

BMZ_CURRENT_LIMITS: Final = section(
    "BMZ_CURRENT_LIMITS",
    Cadence.SLOW,
    group(
        CURRENT_WRAPPED,
        {
            "MIN_CURRENT_LIMIT_A": "Limit of the discharging current (negative)",
            "MAX_CURRENT_LIMIT_A": "Limit of the charging current",
        },
    ),
)

CURRENT_IMBALANCE_CONTROL: Final = section(
    "CURRENT_IMBALANCE_CONTROL",
    Cadence.SLOW,
    group(MILLIAMPERE, {"THRESHOLD_mA": "Difference of currents that raises a warning"}),
)

CELL_DEVIATION_ROC: Final = section(
    "CELL_DEVIATION_ROC",
    Cadence.SLOW,
    group(FLAG, {"SKIP_WAITING": "The wait before the check of the cells is skipped"}),
)

AMPACE: Final = section(
    "AMPACE",
    Cadence.SLOW,
    group(
        TEMPERATURE_TENTHS,
        {
            f"CELL_TEMPERATURES_MODULE_{letter}": f"Temperatures in LFP module {letter}"
            for letter in "AB"
        },
        Axis.CELL_SENSOR,
    ),
    group(
        TEMPERATURE_TENTHS,
        {
            "MODULE_MAX_TEMP": "Highest temperature of an LFP module",
            "MODULE_MIN_TEMP": "Lowest temperature of an LFP module",
        },
        Axis.MODULE,
    ),
    group(
        NUMBER,
        {
            "MODULE_ALARM_STATE": "Alarms of an LFP module",
            "MODULE_FAULT_STATE": "Faults of an LFP module",
            "MODULE_WARNING_STATE": "Warnings of an LFP module",
        },
        Axis.MODULE,
    ),
    group(
        NUMBER,
        {
            "RACK_ALARM_STATE": "Alarms of the LFP rack",
            "RACK_FAULT_STATE": "Faults of the LFP rack",
            "RACK_WARNING_STATE": "Warnings of the LFP rack",
            "RACK_OFFLINE_STATUS": "Modules of the LFP rack that are offline",
        },
    ),
    group(TEXT, {"PRODUCT_DATE": "Date of manufacture of the LFP rack"}),
)

TEMPMEASURE: Final = section(
    "TEMPMEASURE",
    Cadence.LIVE,
    group(TEMPERATURE, {"BATTERY_TEMP": "Temperature of the battery"}, enabled=True),
    group(
        TEMPERATURE,
        {"CASE_TEMP": "Temperature of the case", "MCU_TEMP": "Temperature of the controller"},
    ),
    group(FLAG, {"TEMP_DATA_COLLECTED": "Temperatures are complete"}, cadence=Cadence.SLOW),
)
