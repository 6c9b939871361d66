"""Wallboxes and sockets."""

from typing import Final

from . import codes
from .forms import (
    COMMAND,
    CURRENT,
    DURATION_MIN,
    FLAG,
    IDENTITY,
    NUMBER,
    POWER,
    TEMPERATURE_WRAPPED,
    Axis,
    Cadence,
    coded,
    group,
    section,
)

WALLBOX: Final = section(
    "WALLBOX",
    Cadence.LIVE,
    group(POWER, {"APPARENT_CHARGING_POWER": "Power into the vehicle"}, Axis.WALLBOX),
    group(FLAG, {"EV_CONNECTED": "A vehicle is connected"}, Axis.WALLBOX),
    group(
        coded(codes.WALLBOX_STATE), {"STATE": "State of the wallbox"}, Axis.WALLBOX, enabled=True
    ),
    group(
        CURRENT,
        {
            "L1_CHARGING_CURRENT": "Charging current on L1",
            "L2_CHARGING_CURRENT": "Charging current on L2",
            "L3_CHARGING_CURRENT": "Charging current on L3",
        },
        Axis.WALLBOX,
    ),
    group(
        CURRENT,
        {
            "MAX_CHARGING_CURRENT_DEFAULT": "Highest charging current, default",
            "MAX_CHARGING_CURRENT_IC": "Highest charging current that holds",
            "MAX_CHARGING_CURRENT_ICMAX": "Highest charging current, set",
            "MAX_CHARGING_CURRENT_RATED": "Highest charging current of the wallbox",
            "MIN_CHARGING_CURRENT": "Lowest charging current",
            "SET_ICMAX": "Charging current, set",
            "SET_IDEFAULT": "Charging current without a connection, set",
        },
        Axis.WALLBOX,
        cadence=Cadence.SLOW,
    ),
    group(
        FLAG,
        {
            "CS_ENABLED": "Cable check is enabled",
            "L1_USED": "L1 is used",
            "L2_USED": "L2 is used",
            "L3_USED": "L3 is used",
            "LOAD_IMBALANCE_DETECTED": "Uneven load is detected",
            "LOAD_IMBALANCE_ENABLED": "Uneven load is watched",
            "METER_ENABLED": "Meter is enabled",
            "METHOD_EN1": "Enable input 1",
            "PROHIBIT_USAGE": "The wallbox is locked",
            "SOCKET_ENABLED": "Socket is enabled",
        },
        Axis.WALLBOX,
        cadence=Cadence.SLOW,
    ),
    group(
        coded(codes.WALLBOX_SMART_CHARGE),
        {"SMART_CHARGE_ACTIVE": "Mode of the charging"},
        Axis.WALLBOX,
        cadence=Cadence.SLOW,
    ),
    group(
        NUMBER,
        {
            "ADDITIONAL_ERROR": "Error, more of it",
            "BUS_ADR": "Address on the bus",
            "HW_TYPE": "Type of the wallbox",
            "MAJOR_REV": "Revision, major",
            "MINOR_REV": "Revision, minor",
            "PHASES_USED": "Phases used",
        },
        Axis.WALLBOX,
        cadence=Cadence.SLOW,
    ),
    group(TEMPERATURE_WRAPPED, {"UTMP": "Temperature of the wallbox"}, Axis.WALLBOX),
    group(
        IDENTITY,
        {
            "SAP_NUMBER": "Article number",
            "SERIAL_NUMBER": "Serial number",
            "SERIAL_NUMBER_INTERNAL": "Serial number inside",
            "UID": "Identifier",
        },
        Axis.WALLBOX,
        cadence=Cadence.SLOW,
    ),
    group(
        CURRENT,
        {
            "MAX_PHASE_CURRENT_BY_GRID": "Highest current of a phase at the connection",
            "MAX_TOTAL_CURRENT_BY_GRID": "Highest current at the connection",
        },
        cadence=Cadence.SLOW,
    ),
    group(FLAG, {"ALLOW_INTERCHARGE": "The battery may charge vehicles"}, cadence=Cadence.SLOW),
    group(NUMBER, {"DETECTION_MODE": "Mode of the detection"}, cadence=Cadence.SLOW),
)

SOCKETS: Final = section(
    "SOCKETS",
    Cadence.SLOW,
    group(NUMBER, {"NUMBER_OF_SOCKETS": "Sockets"}),
    group(
        FLAG,
        {
            "ALREADY_SWITCHED": "Has been switched on today",
            "ENABLE": "Automatic is enabled",
            "FORCE_ON": "Switched on by hand",
            "POWER_ON": "Is on",
            "USE_TIME": "Switches on at a time of day",
        },
        Axis.SOCKET,
    ),
    group(
        POWER,
        {
            "LOWER_LIMIT": "Surplus below which it switches off",
            "UPPER_LIMIT": "Surplus above which it switches on",
        },
        Axis.SOCKET,
    ),
    group(
        DURATION_MIN,
        {
            "POWER_ON_TIME": "Time it stays on at least",
            "TIME_LIMIT": "Time the surplus must last",
            "TIME_REM": "Time that is left",
        },
        Axis.SOCKET,
    ),
    group(
        NUMBER,
        {
            "PRIORITY": "Priority",
            "SWITCH_ON_HOUR": "Switches on at, hour",
            "SWITCH_ON_MINUTE": "Switches on at, minute",
        },
        Axis.SOCKET,
    ),
    group(COMMAND, {"RESET_SWITCHED": "Forget what was switched today"}),
)
