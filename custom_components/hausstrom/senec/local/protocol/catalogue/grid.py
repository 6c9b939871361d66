"""Grid and sun: meters, MPP trackers, the inverter, power units, the rules of the grid."""

from typing import Final

from . import codes
from .forms import (
    AC_VOLTAGE,
    COUNT,
    CURRENT,
    DURATION_S,
    FLAG,
    FREQUENCY,
    IDENTITY,
    NUMBER,
    PERCENT,
    PERCENT_OF_NOMINAL,
    POWER,
    TEMPERATURE,
    TEXT,
    VOLUME,
    Axis,
    Cadence,
    Variable,
    coded,
    group,
    section,
)


def _meter(name: str, where: str, *, enabled: bool) -> tuple[Variable, ...]:
    return section(
        name,
        Cadence.LIVE,
        group(FREQUENCY, {"FREQ": f"Frequency at {where}"}, enabled=enabled),
        group(POWER, {"P_TOTAL": f"Power at {where}"}),
        group(POWER, {"P_AC": f"Power of a phase at {where}"}, Axis.PHASE),
        group(CURRENT, {"I_AC": f"Current of a phase at {where}"}, Axis.PHASE),
        group(AC_VOLTAGE, {"U_AC": f"Voltage of a phase at {where}"}, Axis.PHASE),
        group(NUMBER, {"ADR": f"Address of the meter at {where}"}, cadence=Cadence.SLOW),
        group(FLAG, {"ENABLED": f"There is a meter at {where}"}, cadence=Cadence.SLOW),
    )


PM1OBJ1: Final = _meter("PM1OBJ1", "the grid", enabled=True)
PM1OBJ2: Final = _meter("PM1OBJ2", "the house", enabled=False)

PM1: Final = section(
    "PM1",
    Cadence.SLOW,
    group(
        NUMBER,
        {
            "MB_SL2MA_CONN": "Slave is connected to the master",
            "MB_SLAVES_COUNT": "Slaves",
            "TYPE": "Type of the meters",
        },
    ),
    group(FLAG, {"PWR_METERS_MISSING": "Meters are missing"}),
)

PV1: Final = section(
    "PV1",
    Cadence.LIVE,
    group(POWER, {"P_TOTAL": "Power of an external inverter"}),
    group(
        PERCENT,
        {
            "POWER_RATIO": "Share of its power the inverter may give",
            "POWER_RATIO_L1": "Share on L1",
            "POWER_RATIO_L2": "Share on L2",
            "POWER_RATIO_L3": "Share on L3",
        },
    ),
    group(POWER, {"MPP_POWER": "Power of a tracker"}, Axis.MPP),
    group(AC_VOLTAGE, {"MPP_VOL": "Voltage of a tracker"}, Axis.MPP),
    group(CURRENT, {"MPP_CUR": "Current of a tracker"}, Axis.MPP),
    group(
        COUNT,
        {
            "MPP_AVAIL": "Trackers",
            "INTERNAL_PV_AVAIL": "Inverters inside",
            "TYPE": "Type of the inverter",
        },
        cadence=Cadence.SLOW,
    ),
    group(FLAG, {"PV_MISSING": "The inverter is missing"}, cadence=Cadence.SLOW),
    group(
        coded(codes.STECA_STARTUP),
        {"STATE_INT": "State of an inverter"},
        Axis.INVERTER,
        cadence=Cadence.SLOW,
    ),
    group(
        NUMBER,
        {
            "ERROR_STATE_INT": "Error of an inverter",
            "INTERNAL_INV_STATE": "Internal state of an inverter",
        },
        Axis.INVERTER,
        cadence=Cadence.SLOW,
    ),
    group(
        FLAG,
        {
            "INTERNAL_INV_ERR_STATE_VALID": "The error of an inverter is valid",
            "INTERNAL_MD_AVAIL": "The inverter is there",
        },
        Axis.INVERTER,
        cadence=Cadence.SLOW,
    ),
    group(
        TEXT,
        {
            "INTERNAL_INV_ERROR_TEXT": "Error of an inverter, in words",
            "INTERNAL_MD_MANUFACTURER": "Maker of an inverter",
            "INTERNAL_MD_MODEL": "Model of an inverter",
            "INTERNAL_MD_VERSION": "Firmware of an inverter",
            "INV_MODEL": "Model of an inverter",
            "INV_VERSIONS": "Firmware of an inverter",
        },
        Axis.INVERTER,
        cadence=Cadence.SLOW,
    ),
    group(
        IDENTITY,
        {
            "INTERNAL_MD_SERIAL": "Serial number of an inverter",
            "INV_SERIAL": "Serial number of an inverter",
        },
        Axis.INVERTER,
        cadence=Cadence.SLOW,
    ),
)

PWR_UNIT: Final = section(
    "PWR_UNIT",
    Cadence.LIVE,
    group(
        POWER,
        {
            "POWER": "Power of a power unit",
            "POWER_L1": "Power of a power unit on L1",
            "POWER_L2": "Power of a power unit on L2",
            "POWER_L3": "Power of a power unit on L3",
            "REQ_POWER": "Power a power unit is to have",
            "CONNPWR": "Connected power",
            "CONNPWR_1": "Connected power on L1",
            "CONNPWR_2": "Connected power on L2",
            "CONNPWR_3": "Connected power on L3",
        },
        Axis.POWER_UNIT,
    ),
    group(
        TEMPERATURE,
        {
            "CURRENTTEMP_MAX": "Temperature now, highest",
            "CURRENTTEMP_MIN": "Temperature now, lowest",
            "CURRENTTEMP_MAX_HW": "Temperature now, highest, hot water",
            "CURRENTTEMP_MIN_HW": "Temperature now, lowest, hot water",
            "TEMPMAX": "Highest temperature",
            "TEMPMIN": "Lowest temperature",
            "TEMPTARGET": "Temperature aimed at",
        },
        Axis.POWER_UNIT,
    ),
    group(
        coded(codes.POWER_UNIT),
        {"TYPE": "Type of a power unit"},
        Axis.POWER_UNIT,
        cadence=Cadence.SLOW,
    ),
    group(
        NUMBER,
        {
            "ADRESS": "Address of a power unit",
            "ENFLURI": "Meter of a power unit",
            "FW_VER": "Firmware of a power unit",
            "HW_REV": "Board of a power unit",
            "STATUS": "Status of a power unit",
            "TEMP_COUNT": "Temperatures of a power unit",
        },
        Axis.POWER_UNIT,
        cadence=Cadence.SLOW,
    ),
    group(VOLUME, {"WATERVOL": "Water in the tank"}, Axis.POWER_UNIT, cadence=Cadence.SLOW),
    group(
        IDENTITY,
        {"SERIAL": "Serial number of a power unit"},
        Axis.POWER_UNIT,
        cadence=Cadence.SLOW,
    ),
    group(FLAG, {"PU_MISSING": "A power unit is missing"}, cadence=Cadence.SLOW),
    group(
        TEMPERATURE,
        {
            "TEMP_LIMIT_LOWER": "Lower limit of the temperature",
            "TEMP_LIMIT_UPPER": "Upper limit of the temperature",
        },
        cadence=Cadence.SLOW,
    ),
)

STECA: Final = section(
    "STECA",
    Cadence.SLOW,
    group(coded(codes.STECA_STARTUP), {"STARTUP": "State of the inverter"}),
    group(TEXT, {"ERRORTEXT": "Error of the inverter, in words"}),
    group(FLAG, {"AU2020_VERSION_MISMATCH": "Versions do not fit the grid code of 2020"}),
    group(
        NUMBER,
        {
            "BAT": "Battery at the inverter",
            "ERROR": "Error of the inverter",
            "ISLAND": "Backup power of the inverter",
            "NUM_PV_CONFIG_POSSIBLE": "Ways to connect the strings",
            "PV": "Sun at the inverter",
            "PVSS": "Strings at the inverter",
            "PV_INPUTS": "Trackers of the inverter",
            "RELAYS": "Relays of the inverter",
            "STARTUP_ADD": "State of the inverter, more of it",
        },
    ),
    group(
        NUMBER,
        {
            "BDC_STATE": "State of the battery's converter",
            "PV_CONFIG_POSSIBLE": "A way to connect the strings",
        },
        Axis.ITEM,
    ),
)

GRIDCONFIG: Final = section(
    "GRIDCONFIG",
    Cadence.SLOW,
    group(FLAG, {"PWRCFG_USE_MAX_PWR_SKEW": "The unevenness of the phases is limited"}),
    group(
        NUMBER,
        {
            "PWRCFG_COS_POINT1": "Curve of the power factor, point 1",
            "PWRCFG_COS_POINT3": "Curve of the power factor, point 3",
            "PWRCFG_COS_POINT_2A": "Curve of the power factor, point 2a",
            "PWRCFG_COS_POINT_2B": "Curve of the power factor, point 2b",
            "VDEFIXEDFAC": "Fixed power factor",
            "VDEOVERFREQDROOP": "Droop above the frequency",
            "VDETARGETTY": "Target of the reactive power",
            "VDEUNDERFREQDROOP": "Droop below the frequency",
        },
    ),
    group(
        DURATION_S,
        {
            "VDECOSPHITIME": "Time of the power factor",
            "VDEPT1RESPONSETIME": "Response time",
            "VDERECOVERTIME": "Time until reconnection",
            "VDE_FREQDROPPROTDELAY": "Underfrequency protection, delay",
            "VDE_FREQRISEPROTDELAY": "Overfrequency protection, delay",
            "VDE_VOLTDROPPROTAVGDELAY": "Undervoltage protection of the mean, delay",
            "VDE_VOLTDROPPROTDELAY": "Undervoltage protection, delay",
            "VDE_VOLTRISEPROTAVGDELAY": "Overvoltage protection of the mean, delay",
            "VDE_VOLTRISEPROTDELAY": "Overvoltage protection, delay",
        },
    ),
    group(
        FREQUENCY,
        {
            "VDEOVERFREQLIMIT": "Overfrequency limit",
            "VDE_UNDERFREQLIMIT": "Underfrequency limit",
            "VDE_FREQDROPPROT": "Underfrequency protection",
            "VDE_FREQRISEPROT": "Overfrequency protection",
        },
    ),
    group(
        PERCENT_OF_NOMINAL,
        {
            "VDE_VOLTDROPPROT": "Undervoltage protection",
            "VDE_VOLTDROPPROTAVG": "Undervoltage protection of the mean",
            "VDE_VOLTRISEPROT": "Overvoltage protection",
            "VDE_VOLTRISEPROTAVG": "Overvoltage protection of the mean",
        },
    ),
)
