"""The system itself: identity, set-up, features, versions, inputs and outputs."""

from typing import Final

from . import codes
from .forms import (
    ADDRESS,
    CAPACITY,
    COMMAND,
    COUNT,
    CREDENTIAL,
    CURRENT,
    DURATION_MIN,
    FLAG,
    IDENTITY,
    LISTING,
    NUMBER,
    PERCENT,
    POWER,
    TEXT,
    Axis,
    Cadence,
    coded,
    group,
    section,
)

_SIX_ADDRESSES: Final = {
    f"SETUP_PV_INV_IP{number}": "Address of an inverter" for number in range(6)
}
_FOUR_SERIALS: Final = {
    f"SETUP_WALLBOX_SERIAL{number}": "Serial number of a wallbox" for number in range(4)
}

FACTORY: Final = section(
    "FACTORY",
    Cadence.SLOW,
    group(coded(codes.BATTERY_INVERTER), {"BAT_TYPE": "Battery inverter"}),
    group(coded(codes.COUNTRY), {"COUNTRY": "Country the system is made for"}),
    group(CAPACITY, {"DESIGN_CAPACITY": "Capacity of the battery"}),
    group(
        POWER,
        {
            "MAX_CHARGE_POWER_DC": "Highest charging power",
            "MAX_DISCHARGE_POWER_DC": "Highest discharging power",
        },
    ),
    group(IDENTITY, {"DEVICE_ID": "Identifier of the device"}),
    group(
        NUMBER,
        {
            "CELL_TYPE": "Type of the cells",
            "EPA_GRID_FILTER": "Filter of the grid",
            "FAC_SANITY": "The factory's settings are sound",
            "PM_TYPE": "Type of the meters",
            "SYS_TYPE": "Type of the system",
        },
    ),
)

FEATURES: Final = section(
    "FEATURES",
    Cadence.SLOW,
    group(
        FLAG,
        {
            "CAR": "Wallboxes are possible",
            "CLOUDREADY": "SENEC.Cloud is possible",
            "ECOGRIDREADY": "Econamic Grid is possible",
            "HEAT": "SENEC.Heat is possible",
            "ISLAND": "Backup power is installed",
            "ISLAND_PRO": "Backup power pro is installed",
            "PEAKSHAVING": "Peak shaving is possible",
            "SGREADY": "SG Ready is possible",
            "SHKW": "Block heat and power plant is possible",
            "SOCKETS": "Switched sockets are possible",
        },
    ),
)

WIZARD: Final = section(
    "WIZARD",
    Cadence.SLOW,
    group(
        TEXT,
        {
            "APPLICATION_VERSION": "Firmware",
            "FIRMWARE_VERSION": "Firmware of the controller",
            "INTERFACE_VERSION": "Version of the device's own page",
        },
    ),
    group(
        FLAG,
        {
            "BATT_IPU_MISMATCH": "Battery and interface board do not fit",
            "CONFIG_LOADED": "The configuration is loaded",
            "CONFIG_MODIFIED_BY_USER": "The user changed the configuration",
            "DEVICE_PM_GRID_ENABLED": "There is a meter at the grid",
            "DEVICE_PM_HOUSE_ENABLED": "There is a meter at the house",
            "FEATURECODE_ENTERED": "A feature code was entered",
            "PS_ENABLE": "Peak shaving is enabled",
            "SG_READY_ENABLED": "SG Ready is enabled",
            "SG_READY_ENABLE_OVERWRITE": "SG Ready is overridden",
            "SETUP_AGBS_ACCEPTED": "The terms are accepted",
            "SETUP_USE_ABS_POWER": "The feed-in is limited in watts",
            "SETUP_USE_DRM0": "DRM0 is used",
            "SETUP_USE_RCR": "A ripple control receiver is used",
            "ZEROMODULE": "Started without modules",
        },
    ),
    group(
        PERCENT,
        {
            "PS_RESERVOIR": "Peak shaving: level the battery is charged to",
            "SETUP_POWER_RULE": "Limit of the feed-in",
        },
    ),
    group(
        POWER,
        {
            "PWRCFG_PEAK_PV_POWER": "Peak power of the modules on the roof",
            "SETUP_ABS_POWER": "Limit of the feed-in in watts",
        },
    ),
    group(DURATION_MIN, {"SG_READY_TIME": "SG Ready: delay of a change"}),
    group(
        CURRENT,
        {"SETUP_WALLBOX_MAX_TOTAL_CURRENT_BY_GRID": "Highest current of all wallboxes"},
    ),
    group(
        COUNT,
        {
            "BOOT": "Start of the system",
            "CHARGE_PRIO": "Priority of charging",
            "CONFIG_CHECKSUM": "Checksum of the configuration",
            "DEVICE_BATTERY_TYPE": "Type of the battery",
            "DEVICE_INVERTER_TYPE": "Type of the inverter",
            "DEVICE_PM_TYPE": "Type of the meters",
            "DEVICE_WB_TYPE": "Type of the wallboxes",
            "GRID_CONNECTION_TYPE": "Type of the connection to the grid",
            "GUI_LANG": "Language of the device's own page",
            "HEAT_CONN_TYPE": "Type of the connection of the heater",
            "INSULATION_RESISTANCE": "Resistance of the insulation",
            "LOGGER_SEVERITY": "What is logged",
            "MASTER_SLAVE_MODE": "Master or slave",
            "PS_HOUR": "Peak shaving: end, hour",
            "PS_MINUTE": "Peak shaving: end, minute",
            "SETUP_HV_PHASE": "Phase of the high-voltage inverter",
            "SETUP_NUMBER_WALLBOXES": "Wallboxes",
            "SETUP_PM_GRID_ADR": "Address of the meter at the grid",
            "SETUP_PM_HOUSE_ADR": "Address of the meter at the house",
            "SETUP_USED_PHASE": "Phase used",
            "SG_READY_CURR_MODE": "SG Ready: mode now",
            "SG_READY_EN_MODE1": "SG Ready: mode 1 is allowed",
            "SG_READY_POWER_COMM": "SG Ready: surplus for the command",
            "SG_READY_POWER_PROP": "SG Ready: surplus for the suggestion",
            "TEST_EG_METER": "Test of the Econamic Grid meter",
            "TEST_GENERATION_METER": "Test of the generation meter",
            "TEST_HEATPUMP_METER": "Test of the heat pump's meter",
            "TEST_SENEC_METER": "Test of the SENEC meter",
        },
    ),
    group(
        IDENTITY,
        {
            "APPLICATION_HASH": "Hash of the firmware",
            "GENERATION_METER_SN": "Serial number of the generation meter",
            "HEATPUMP_METER_SN": "Serial number of the heat pump's meter",
            "POWER_METER_SERIAL": "Serial number of the meter",
            "SENEC_METER_SN": "Serial number of the SENEC meter",
            **_FOUR_SERIALS,
        },
    ),
    group(ADDRESS, _SIX_ADDRESSES),
    group(IDENTITY, {"MAC_ADDRESS_BYTES": "Hardware address"}, Axis.ITEM),
    group(
        FLAG,
        {
            "DEVICE_INV_ENABLED": "An inverter is enabled",
            "SG_READY_OVERWRITE_RELAY": "SG Ready: relay",
        },
        Axis.ITEM,
    ),
    group(
        NUMBER,
        {
            "DEVICE_INV_PHASES_ARR": "Phases of an inverter",
            "DEVICE_INV_SLAVE_ADRESS": "Address of an inverter",
            "MASTER_SLAVE_ADDRESSES": "Address of a slave",
            "PV_CONFIG": "How the strings are connected",
            "SETUP_RCR_STEPS": "Step of the ripple control receiver",
            "SETUP_WALLBOX_IDS": "Identifier of a wallbox",
        },
        Axis.ITEM,
    ),
    group(COMMAND, {"CONFIG_WRITE": "Write the configuration"}),
)

SYS_UPDATE: Final = section(
    "SYS_UPDATE",
    Cadence.SLOW,
    group(FLAG, {"UPDATE_AVAILABLE": "An update is available"}, enabled=True),
    group(
        NUMBER,
        {
            "FSM_STATE": "State of the update",
            "NPU_IMAGE_VERSION": "Image of the controller",
            "NPU_VER": "Version of the controller",
        },
    ),
    group(NUMBER, {"MISC": "More of the update"}, Axis.ITEM),
    group(
        COMMAND,
        {"USER_REBOOT_DEVICE": "Reboot", "USER_REQ_UPDATE": "Ask for an update"},
    ),
)

RTC: Final = section(
    "RTC",
    Cadence.LIVE,
    group(
        NUMBER,
        {
            "TIMESTAMP_MS": "Milliseconds of the clock",
            "UTC_OFFSET": "Minutes the clock is ahead of UTC",
            "WEB_TIME": "Local time, seconds since 1970",
        },
    ),
)

LOG: Final = section(
    "LOG",
    Cadence.SLOW,
    group(
        COUNT,
        {"LOG_IN_NOK_COUNT": "Refused logins", "USER_LEVEL": "Level of the user"},
    ),
    group(COMMAND, {"LOG_IN_BUTT": "Log in", "LOG_OUT_BUTT": "Log out"}),
    group(CREDENTIAL, {"PASSWORD": "Password", "USERNAME": "User name"}),
)

SELFTEST_RESULTS: Final = section(
    "SELFTEST_RESULTS",
    Cadence.SLOW,
    group(
        TEXT,
        {
            "DC_COIL": "Self-test of the DC switch",
            "INIT_BATTERY_MODULES": "Self-test of the modules",
            "INSULATION": "Self-test of the insulation",
            "INTERRUPT": "Interruption of the self-test",
            "IPU": "Self-test of the interface board",
        },
    ),
)

DEBUG: Final = section(
    "DEBUG",
    Cadence.SLOW,
    group(
        NUMBER,
        {
            "CHARGE_TARGET": "Charging aimed at",
            "DC_TARGET": "DC power aimed at",
            "FEED_TARGET": "Feed-in aimed at",
            "PU_AVAIL": "A power unit is available",
        },
    ),
    group(LISTING, {"SECTIONS": "A section of lala.cgi"}, Axis.ITEM),
)

SENEC_IO_INPUT: Final = section(
    "SENEC_IO_INPUT",
    Cadence.SLOW,
    group(
        FLAG,
        {
            "AC_ERROR_IPU_V3": "Error on the AC side",
            "DC_HK_STATUS_IPU_V5": "Auxiliary contact of the DC switch",
            "DRY_CONTACT_IN_IPU_V5": "Dry contact, input",
            "FAULTLINE": "Fault line",
            "FAULTLINE_DELAYED": "Fault line, delayed",
            "HID0": "Hardware identifier, bit 0",
            "HID1": "Hardware identifier, bit 1",
            "HID2_IPU_V5": "Hardware identifier, bit 2",
            "HID3_IPU_V5": "Hardware identifier, bit 3",
            "ISOGUARD_STATUS": "Insulation monitor",
            "POWER_STATUS": "Power supply",
            "RCD_DC_IPU_V3": "Residual current, direct",
            "RCD_ERROR_IPU_V3": "Residual current, error",
            "RCD_RMS_IPU_V3": "Residual current, alternating",
            "STATUS_AC_SWITCH_IPU_V3": "AC switch",
            "STATUS_DC_SWITCH_IPU_V5": "DC switch",
        },
    ),
)

SENEC_IO_OUTPUT: Final = section(
    "SENEC_IO_OUTPUT",
    Cadence.SLOW,
    group(
        FLAG,
        {
            "AC_SWITCH_IPU_V3": "AC switch",
            "BAT_MODULE_ENABLE_AMPACE": "LFP modules are used",
            "BAT_MODULE_ENABLE_BMZ": "BMZ modules are used",
            "BAT_MODULE_ENABLE_SAMSUNG_IPU_V5": "Samsung modules are used",
            "DC_SWITCH": "DC switch",
            "DRY_CONTACT_OUT_IPU_V5": "Dry contact, output",
            "ISOGUARD_ENABLE": "Insulation monitor is enabled",
            "KILLSWITCH": "Kill switch",
            "RCD_RESET_IPU_V3": "Residual current, reset",
            "RCD_TEST_IPU_V3": "Residual current, test",
            "Relay_1": "Relay 1",
            "Relay_2": "Relay 2",
            "Relay_3": "Relay 3",
            "Relay_4": "Relay 4",
        },
    ),
)

IPU: Final = section("IPU", Cadence.SLOW, group(NUMBER, {"VERSION": "Interface board"}))
FAN_TEST: Final = section(
    "FAN_TEST",
    Cadence.SLOW,
    group(NUMBER, {"INV_LV": "Fan test, battery side", "INV_HV": "Fan test, sun side"}),
)
FAN_SPEED: Final = section(
    "FAN_SPEED",
    Cadence.SLOW,
    group(NUMBER, {"INV_LV": "Fan, battery side", "INV_HV": "Fan, sun side"}),
)
