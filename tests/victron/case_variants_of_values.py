"""More cases of our own: limits, names, meanings, leftovers, counters; all data invented."""

from tests.victron.case_driver import Case
from tests.victron.case_variants import case, shows

_OUTPUT = "switch/60/SwitchableOutput"
_SOC_LIMIT = "settings/0/Settings/CGwacs/BatteryLife/MinimumSocLimit"
_SETPOINT = "settings/0/Settings/CGwacs/AcPowerSetPoint"

MORE_VARIANTS: dict[str, Case] = {
    # --- limits ---------------------------------------------------------------------------
    "limits_that_come_with_the_value": case(
        {
            "system/0/SystemType": "ESS",
            _SOC_LIMIT: {"value": 20, "min": 0, "max": 95},
            _SETPOINT: {"value": 50, "min": -5000, "max": 5000},
        },
        options={"controls": True},
        steps=[
            {"at": 5, "publish": {_SOC_LIMIT: {"value": 20, "min": 0, "max": 80}}},
            {"at": 5, "publish": {_SETPOINT: {"value": 50, "min": -5000, "max": 9000}}},
        ],
        expect=[
            {
                "at": 4,
                "max": {
                    "settings_0_settings_cgwacs_batterylife_minimumsoclimit": 95,
                    "settings_0_settings_cgwacs_acpowersetpoint": 5000,
                },
            },
            {
                "at": 12,
                "max": {
                    "settings_0_settings_cgwacs_batterylife_minimumsoclimit": 80,
                    "settings_0_settings_cgwacs_acpowersetpoint": 9000,
                },
                "entity_ids": "unchanged",
            },
        ],
    ),
    "limits_of_an_output": case(
        {
            f"{_OUTPUT}/heat/Settings/Type": 3,
            f"{_OUTPUT}/heat/Settings/DimmingMax": 30,
            f"{_OUTPUT}/heat/State": 1,
            f"{_OUTPUT}/heat/Dimming": 21,
            f"{_OUTPUT}/slide/Settings/Type": 7,
            f"{_OUTPUT}/slide/Settings/DimmingMax": 50,
            f"{_OUTPUT}/slide/Dimming": 10,
        },
        options={"controls": True},
        steps=[
            {
                "at": 5,
                "set": {
                    f"{_OUTPUT}/heat/Settings/DimmingMax": 25,
                    f"{_OUTPUT}/slide/Settings/DimmingMax": 80,
                },
            },
            {"at": 15, "call": "number.set_value 75 on switch_60_switchableoutput_slide_dimming"},
        ],
        expect=[
            {"at": 4, "max": {"switch_60_switchableoutput_slide_dimming": 50}},
            {
                "at": 12,
                "max": {
                    "switch_60_switchableoutput_heat_dimming": 25,
                    "switch_60_switchableoutput_slide_dimming": 80,
                },
            },
            {"at": 20, "written": {f"{_OUTPUT}/slide/Dimming": {"value": 75}}},
        ],
    ),
    "limits_of_a_charger_that_appears_later": case(
        {"system/0/Dc/Battery/Power": 1.0},
        options={"controls": True},
        steps=[
            {
                "at": 5,
                "appear": {
                    "evcharger/41/SetCurrent": 10,
                    "evcharger/41/MaxCurrent": 20,
                    "evcharger/41/Status": 1,
                },
            },
            {"at": 15, "set": {"evcharger/41/MaxCurrent": 32}},
            {"at": 25, "call": "number.set_value 30 on evcharger_41_setcurrent"},
        ],
        expect=[
            {"at": 12, "max": {"evcharger_41_setcurrent": 20}},
            {"at": 22, "max": {"evcharger_41_setcurrent": 32}},
            {"at": 30, "written": {"evcharger/41/SetCurrent": {"value": 30}}},
        ],
    ),
    "a_limit_that_a_device_takes_out_of_our_hands": case(
        {
            "vebus/276/State": 3,
            "vebus/276/Ac/NumberOfAcInputs": 1,
            "vebus/276/Ac/In/1/CurrentLimit": {"value": 16.0, "min": 5, "max": 50},
            "vebus/276/Ac/In/1/CurrentLimitIsAdjustable": 1,
        },
        options={"controls": True},
        steps=[
            {"at": 5, "set": {"vebus/276/Ac/In/1/CurrentLimitIsAdjustable": 0}},
            {"at": 15, "set": {"vebus/276/Ac/In/1/CurrentLimitIsAdjustable": 1}},
        ],
        expect=[
            {"at": 4, "platform": {"vebus_276_ac_in_1_currentlimit": "number"}},
            {"at": 12, "platform": {"vebus_276_ac_in_1_currentlimit": "sensor"}},
            {"at": 12, "state": {"vebus_276_ac_in_1_currentlimit": 16}},
            {"at": 24, "platform": {"vebus_276_ac_in_1_currentlimit": "number"}},
            {"at": 24, "state": {"vebus_276_ac_in_1_currentlimit": 16}},
        ],
    ),
    # --- names ----------------------------------------------------------------------------
    "a_name_that_is_taken_back": case(
        {
            f"{_OUTPUT}/1/State": 1,
            f"{_OUTPUT}/1/Name": "Output 1",
            f"{_OUTPUT}/1/Settings/CustomName": "Fridge",
        },
        options={"controls": True},
        steps=[{"at": 5, "set": {f"{_OUTPUT}/1/Settings/CustomName": ""}}],
        expect=[
            {
                "at": 4,
                "friendly_name_contains": {"switch_60_switchableoutput_1_state": "Fridge"},
            },
            {
                "at": 10,
                "friendly_name_contains": {"switch_60_switchableoutput_1_state": "Output 1"},
                "entity_ids": "unchanged",
            },
        ],
    ),
    "names_without_end_and_with_control_characters": case(
        {
            "tank/3/Level": 10.0,
            "tank/3/CustomName": "Rain\u0000\u001b[31m " + "w" * 500,
            f"{_OUTPUT}/1/State": 0,
            f"{_OUTPUT}/1/Settings/CustomName": "Pump\r\n" + "p" * 500,
        },
        options={"controls": True},
        expect=[
            {
                "friendly_name_contains": {
                    "tank_3_level": "Rain",
                    "switch_60_switchableoutput_1_state": "Pump p",
                },
                "names_at_most": 140,
            }
        ],
    ),
    "a_tracker_that_is_renamed_twice": case(
        {
            "solarcharger/7/NrOfTrackers": 2,
            "solarcharger/7/State": 3,
            "solarcharger/7/Yield/Power": 150.0,
            "solarcharger/7/Pv/0/P": 100.0,
            "solarcharger/7/Pv/1/P": 50.0,
            "solarcharger/7/Pv/1/Name": "West",
        },
        options={"controls": True},
        steps=[
            {"at": 5, "set": {"solarcharger/7/Pv/1/Name": "Garage"}},
            {"at": 9, "set": {"solarcharger/7/Pv/1/Name": "Carport"}},
        ],
        expect=[
            {
                "at": 14,
                "friendly_name_contains": {"solarcharger_7_pv_1_p": "Carport"},
                "entity_ids": "unchanged",
            }
        ],
    ),
    # --- meanings -------------------------------------------------------------------------
    "charging_is_what_the_station_says": case(
        {
            "evcharger/40/StartStop": 1,
            "evcharger/40/Status": 4,
            "evcharger/40/Ac/Power": 0,
            "evcharger/41/StartStop": 0,
            "evcharger/41/Status": 2,
            "evcharger/41/Ac/Power": 7400,
        },
        steps=[{"at": 5, "set": {"evcharger/41/Status": 1, "evcharger/41/Ac/Power": 0}}],
        expect=[
            {"at": 3, "not_on": "anything of evcharger_40"},
            {"at": 3, "state": {"evcharger_41_status": "charging"}},
            {"at": 8, "not_on": "anything of evcharger_41"},
        ],
    ),
    "apparent_power_only_where_there_is_no_other": case(
        {
            "inverter/258/Ac/Out/L1/S": 230.0,
            "inverter/258/State": 9,
            "inverter/259/Ac/Out/L1/S": 120.0,
            "inverter/259/Ac/Out/L1/P": 100.0,
            "inverter/259/State": 9,
        },
        expect=[
            shows("inverter_258", 230),
            shows("inverter_259", 100),
            {"not_enabled": ["inverter_259_ac_out_l1_s"]},
        ],
    ),
    "no_limit_is_no_number": case(
        {
            "system/0/SystemType": "ESS",
            "settings/0/Settings/CGwacs/MaxFeedInPower": -1,
            "settings/0/Settings/CGwacs/MaxDischargePower": 3000,
            "settings/0/Settings/SystemSetup/MaxChargeCurrent": -1,
        },
        options={"controls": True},
        steps=[{"at": 5, "set": {"settings/0/Settings/CGwacs/MaxFeedInPower": 800}}],
        expect=[
            {
                "at": 4,
                "state": {
                    "settings_0_settings_cgwacs_maxfeedinpower": "unknown",
                    "settings_0_settings_cgwacs_maxdischargepower": 3000,
                    "settings_0_settings_systemsetup_maxchargecurrent": "unknown",
                },
            },
            {"at": 12, "state": {"settings_0_settings_cgwacs_maxfeedinpower": 800}},
        ],
    ),
    "a_number_that_stands_for_none_is_none_at_once": case(
        {
            "system/0/SystemType": "ESS",
            "settings/0/Settings/CGwacs/MaxFeedInPower": 800,
            "settings/0/Settings/SystemSetup/MaxChargeCurrent": -1,
            "temperature/24/Temperature": 21.5,
            "temperature/25/Temperature": -300,
            "battery/1/Soc": 50,
            "battery/1/TimeToGo": 3600,
        },
        options={"update_interval": 300},
        steps=[
            {
                "at": 3,
                "set": {
                    "settings/0/Settings/CGwacs/MaxFeedInPower": -1,
                    "settings/0/Settings/SystemSetup/MaxChargeCurrent": 40,
                    "temperature/24/Temperature": -300,
                    "temperature/25/Temperature": 4.5,
                    "battery/1/TimeToGo": 864_000,
                },
            },
            {
                "at": 12,
                "set": {
                    "settings/0/Settings/CGwacs/MaxFeedInPower": 600,
                    "settings/0/Settings/SystemSetup/MaxChargeCurrent": -1,
                    "temperature/24/Temperature": 19,
                    "battery/1/TimeToGo": 7200,
                },
            },
        ],
        expect=[
            {
                "at": 8,
                "state": {
                    "settings_0_settings_cgwacs_maxfeedinpower": "unknown",
                    "settings_0_settings_systemsetup_maxchargecurrent": 40,
                    "temperature_24_temperature": "unknown",
                    "temperature_25_temperature": 4.5,
                    "battery_1_timetogo": "unknown",
                },
            },
            {
                "at": 17,
                "state": {
                    "settings_0_settings_cgwacs_maxfeedinpower": 600,
                    "settings_0_settings_systemsetup_maxchargecurrent": "unknown",
                    "temperature_24_temperature": 19,
                    "battery_1_timetogo": 7200,
                },
            },
        ],
    ),
    # --- leftovers ------------------------------------------------------------------------
    "leftovers_of_a_whole_system": case(
        {"battery/1/Soc": 50.0, "battery/1/Dc/0/Power": 10.0},
        steps=[
            {
                "at": 3,
                "retained_on_the_broker": {
                    "vebus/276/State": {"value": 3},
                    "vebus/276/Serial": {"value": "HQ9999AAAAA"},
                    "grid/30/Ac/Energy/Forward": {"value": 999_999.0},
                    "system/0/Ac/Grid/L1/Power": {"value": 5000},
                    "battery/1/Dc/0/Power": {"value": -9000},
                },
            }
        ],
        expect=[
            {"at": 12, "no_live_device": "vebus_276", "state": {"battery_1_dc_0_power": 10}},
            {"at": 12, "no_live_device": "grid_30"},
        ],
    ),
    "a_leftover_of_what_is_alive_now": case(
        {"tank/3/Level": 40.0},
        steps=[
            {"at": 3, "retained_on_the_broker": {"tank/4/Level": {"value": 5}}},
            {"at": 15, "appear": {"tank/4/Level": 60.0}},
        ],
        expect=[
            {"at": 12, "no_live_device": "tank_4"},
            {"at": 25, "state": {"tank_3_level": 40, "tank_4_level": 60}},
        ],
    ),
    # --- counters -------------------------------------------------------------------------
    "a_leap_that_proves_true": case(
        {"grid/30/Ac/Energy/Forward": 1000.0, "grid/30/Ac/Power": 500.0},
        steps=[
            {"at": 10, "set": {"grid/30/Ac/Energy/Forward": 1500.0}},
            {"at": 50, "set": {"grid/30/Ac/Energy/Forward": 1500.1}},
            {"at": 90, "set": {"grid/30/Ac/Energy/Forward": 1500.2}},
        ],
        expect=[
            {"at": 80, "state": {"grid_30_ac_energy_forward": 1000}},
            {"at": 170, "state": {"grid_30_ac_energy_forward": 1500.2}},
        ],
    ),
    "a_first_zero_is_no_start": case(
        {
            "pvinverter/20/Ac/Energy/Forward": 0.0,
            "pvinverter/20/Ac/Power": 0.0,
            "solarcharger/1/Yield/System": 0.0,
            "solarcharger/1/Yield/Power": 0.0,
        },
        steps=[{"at": 20, "set": {"pvinverter/20/Ac/Energy/Forward": 8123.0}}],
        expect=[
            # Nothing said 0, so that no statistic takes 8,123 kWh for new ones.
            {"at": 35, "state": {"pvinverter_20_ac_energy_forward": 8123}},
            {"at": 140, "state": {"solarcharger_1_yield_system": 0}},
        ],
    ),
}
