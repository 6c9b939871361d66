"""What the numbers of lala.cgi's enumerations stand for: number → slug.

From the API document of firmware 0826 and the strings of the device's own page. A number that is
not in its table is no value; it is never guessed.
"""

from collections.abc import Mapping
from typing import Final

from ....protocol.states import SYSTEM_STATES

type CodeTable = Mapping[int, str]

SYSTEM_STATE: Final[CodeTable] = {state.code: state.slug for state in SYSTEM_STATES}

MODULE_WARNING: Final[CodeTable] = {
    0: "none",
    1: "warning_cell_overvoltage",
    2: "alarm_cell_overvoltage",
    3: "error_cell_overvoltage",
    4: "warning_cell_undervoltage",
    5: "alarm_cell_undervoltage",
    6: "error_cell_undervoltage",
    7: "alarm_module_overvoltage",
    8: "alarm_module_undervoltage",
    9: "error_cell_overtemperature",
    10: "error_cell_undertemperature",
    11: "warning_cell_overtemperature_charging",
    12: "alarm_cell_overtemperature_charging",
    13: "warning_cell_undertemperature_charging",
    14: "alarm_cell_undertemperature_charging",
    15: "warning_cell_overtemperature_discharging",
    16: "alarm_cell_overtemperature_discharging",
    17: "warning_cell_undertemperature_discharging",
    18: "alarm_cell_undertemperature_discharging",
    19: "warning_charging_current",
    20: "alarm_charging_current",
    21: "warning_discharging_current",
    22: "alarm_discharging_current",
    23: "warning_cells_imbalanced",
    24: "alarm_cells_imbalanced",
    25: "warning_board_temperature",
    26: "alarm_board_temperature",
    27: "warning_temperature_difference",
    28: "alarm_temperature_difference",
    29: "warning_current_difference",
    30: "alarm_current_difference",
    31: "self_test_scp_failed",
}

CASCADE_STATE: Final[CodeTable] = {
    0: "pid_max",
    1: "full",
    2: "empty",
    3: "charge",
    4: "boost",
    5: "passive",
    6: "standby",
}
"""CASC.STATE has a table of its own, `casc_enum` of the device's page; not that of STAT_STATE."""

SELF_TEST_STATE: Final[CodeTable] = {
    0: "undefined",
    1: "running",
    2: "success",
    3: "failed",
    4: "never_run",
    5: "not_started",
}

SELF_TEST_STEP: Final[CodeTable] = {
    0: "upper_voltage_limit_l1",
    1: "lower_voltage_limit_l1",
    2: "upper_frequency_limit_l1",
    3: "lower_frequency_limit_l1",
    4: "upper_10_minute_average_limit_l1",
    5: "external_upper_frequency_limit_l1",
    6: "external_lower_frequency_limit_l1",
    7: "lower_voltage_limit_2_l1",
}

BATTERY_INVERTER: Final[CodeTable] = {
    0: "studer_xtender",
    1: "senecbatt",
    2: "senec_inverter_v2",
    3: "senec_inverter_v2_1",
    4: "senec_inverter_v3_lv",
}

POWER_UNIT: Final[CodeTable] = {0: "not_available", 1: "solarinvert_shkw", 2: "senec_heat"}

STECA_STARTUP: Final[CodeTable] = {
    0: "stabilize_mcu_supply",
    16: "start_high_side_pwm",
    32: "start_aux_supply",
    48: "start_monitoring",
    64: "thermal_management",
    80: "start_protection",
    88: "check_islanding",
    96: "degauss_rcd",
    112: "get_ac_offset",
    128: "switch_on_relay_supply",
    136: "check_strings",
    140: "establish_link",
    141: "black_start",
    144: "test_ac_relays",
    160: "test_dc_relays",
    176: "switch_on_dc_relays",
    184: "check_dc_short_circuit_and_polarity",
    192: "get_dc_offset",
    208: "test_rcd",
    224: "isolation_check",
    228: "switch_on_ens",
    232: "reestablish_link",
    236: "recheck_islanding",
    237: "establish_islanding_link",
    238: "confirm_islanding",
    240: "wait_for_ens_clearance",
    256: "establish_ac_voltage",
    264: "run_islanding",
    272: "run_grid",
    280: "check_short_fault",
    288: "safe_state",
    304: "sleep",
    312: "sleep_after_islanding",
    320: "shutdown_for_sleep",
    336: "system_reset",
    352: "wait_for_reset",
}

WALLBOX_STATE: Final[CodeTable] = {
    0x00: "invalid",
    0xA1: "not_connected",
    0xA2: "not_connected",
    0xB1: "connected",
    0xB2: "ready",
    0xC1: "vehicle_asks_locked",
    0xC2: "charging",
    0xC3: "charging_reduced_temperature",
    0xC4: "charging_reduced_imbalance",
    0xE0: "disabled",
    0xE1: "production_test",
    0xE2: "programmable",
    0xE3: "waiting_for_battery",
    0xF1: "contact_error",
    0xF2: "internal_error",
    0xF3: "fault_current",
    0xF4: "communication_error",
    0xF5: "lock_error",
    0xF6: "cable_error",
    0xF7: "vehicle_overtemperature",
    0xF8: "vehicle_communication_error",
    0xF9: "power_supply_error",
    0xFA: "overtemperature",
    0xFB: "contact_error",
}
"""In the words of the user's document and of the device's own page, which agree. C1, E1, E2 and E3
are not in them; other clients know these four."""

WALLBOX_SMART_CHARGE: Final[CodeTable] = {0: "fast", 3: "solar_uninterrupted", 4: "solar"}

COUNTRY: Final[CodeTable] = {0: "germany", 1: "italy", 2: "australia", 3: "austria"}

BATTERY_MANUFACTURER: Final[CodeTable] = {2: "bmz", 4: "ampace"}

SYSTEM_TYPES: Final[Mapping[int, str]] = {
    0: "SENEC.Home 8.0",
    1: "SENEC.Business 30.0",
    2: "Solarinvert Storage 10.0",
    3: "SENEC.Home 4.0",
    4: "SENEC.Home Lithium 5.0/7.5/10.0",
    5: "SENEC.Home Lithium 15.0",
    6: "SENEC.Business 25.0",
    7: "SENEC.Home 6.0",
    8: "SENEC.Home 10.0",
    9: "SENEC.Home V2",
    10: "SENEC.Business V2 30.0",
    11: "SENEC.Home V2 10.0",
    12: "OEM LG",
    13: "SENEC.Business V2 2ph",
    14: "SENEC.Business V2 3ph",
    15: "SENEC.Home V2.1",
    16: "ADS-TEC",
    17: "SENEC.Home V3 hybrid",
    18: "SENEC.Home V3 hybrid duo",
    19: "SENEC.Home V3 hybrid",
    20: "SENEC.Home V3 hybrid LFP",
    21: "SENEC.Home V3 hybrid duo LFP",
}
"""FACTORY.SYS_TYPE → the product's name, which is not translated."""
