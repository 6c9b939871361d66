"""More cases of our own, of other services than those that users told us of; all data invented."""

from tests.victron.case_driver import Case, Json
from tests.victron.case_variants import case, shows

_HEATER = "heatpump/25/SwitchableOutput"
_RELAY = "system/0/SwitchableOutput/0"
_SHUNT: dict[str, Json] = {
    "ProductName": "SmartShunt 500A/50mV",
    "Serial": "HQ2222CCCCC",
    "Soc": 71.0,
    "Dc/0/Voltage": 26.1,
    "History/ChargedEnergy": 310.0,
}


def _at(place: str, values: dict[str, Json], **more: Json) -> dict[str, Json]:
    return {f"{place}/{path}": value for path, value in {**values, **more}.items()}


VARIANTS_OF_OTHERS: dict[str, Case] = {
    # --- phases ---------------------------------------------------------------------------
    "an_ac_system_on_two_phases": case(
        {
            "acsystem/0/Ac/NumberOfPhases": 3,
            "acsystem/0/State": 9,
            "acsystem/0/Ac/Out/L1/P": 400,
            "acsystem/0/Ac/Out/L2/P": None,
            "acsystem/0/Ac/Out/L3/P": 155,
            "acsystem/0/Ac/In/1/L1/P": None,
            "acsystem/0/Ac/In/1/L3/P": 820,
        },
        steps=[{"at": 5, "set": {"acsystem/0/Ac/Out/L3/P": None}}],
        expect=[
            {"at": 4, **shows("acsystem_0", 555, 820)},
            {"at": 10, **shows("acsystem_0", 400)},
        ],
    ),
    "a_heat_pump_on_l2_and_a_genset_on_l3": case(
        {
            "heatpump/25/Ac/Power": 1800.0,
            "heatpump/25/NrOfPhases": 1,
            "heatpump/25/Ac/L2/Power": 1800.0,
            "heatpump/25/Ac/L1/Power": None,
            "genset/1/NrOfPhases": 1,
            "genset/1/Ac/L3/Power": 4200.0,
            "genset/1/Ac/L3/Voltage": 231.5,
            "genset/1/StatusCode": 8,
        },
        expect=[
            shows("heatpump_25", 1800),
            {"registered": ["heatpump_25_ac_l2_power", "genset_1_ac_l3_voltage"]},
            shows("genset_1", 4200),
        ],
    ),
    "a_phase_that_begins_to_speak_at_noon": case(
        {
            "system/0/Ac/PvOnGrid/NumberOfPhases": None,
            "system/0/Ac/PvOnGrid/L1/Power": None,
            "system/0/Ac/PvOnGrid/L2/Power": None,
            "system/0/Ac/PvOnGrid/L3/Power": None,
            "system/0/Ac/Consumption/L3/Power": 0.0,
            "pvinverter/20/Ac/Power": None,
            "pvinverter/20/Ac/L2/Power": None,
            "pvinverter/20/ProductName": "Inverter",
        },
        steps=[
            {
                "at": 10,
                "set": {
                    "system/0/Ac/PvOnGrid/L2/Power": 35.0,
                    "system/0/Ac/PvOnGrid/NumberOfPhases": 2,
                    "pvinverter/20/Ac/Power": 35.0,
                    "pvinverter/20/Ac/L2/Power": 35.0,
                },
            },
            {"at": 40, "set": {"system/0/Ac/PvOnGrid/L3/Power": 15.0}},
        ],
        expect=[
            {"at": 4, **shows("gx", 0)},
            {"after": 10, "within": 5, **shows("gx", 35)},
            {"after": 10, "within": 5, "state": {"pvinverter_20_ac_power": 35}},
            {"after": 40, "within": 12, "state": {"system_0_pv_power": 50}},
        ],
    ),
    # --- gone and back ----------------------------------------------------------------------
    "everything_of_a_house_is_lost_for_a_moment": case(
        {
            "system/0/Ac/Grid/L1/Power": 310.0,
            "system/0/SystemState/State": 256,
            "system/0/Relay/0/State": 1,
            "battery/5/Io/AllowToCharge": 1,
            "battery/5/Alarms/LowVoltage": 0,
            "battery/5/Soc": 81.5,
            "evcharger/40/Ac/Power": 11_000.0,
            "evcharger/40/Status": 2,
            "meteo/20/Irradiance": 410.0,
            "solarcharger/1/Yield/Power": 205.0,
            "solarcharger/1/Yield/System": 800.25,
            "gps/0/Position/Latitude": 48.2,
            "gps/0/Position/Longitude": 16.4,
            "gps/0/Fix": 1,
        },
        options={"update_interval": 600},
        steps=[
            {
                "at": 6,
                "set": {
                    "system/0/Ac/Grid/L1/Power": None,
                    "system/0/SystemState/State": None,
                    "battery/5/Io/AllowToCharge": None,
                    "battery/5/Soc": None,
                    "evcharger/40/Ac/Power": None,
                    "evcharger/40/Status": None,
                    "meteo/20/Irradiance": None,
                    "solarcharger/1/Yield/Power": None,
                    "solarcharger/1/Yield/System": None,
                },
            },
            {
                "at": 16,
                "set": {
                    "system/0/Ac/Grid/L1/Power": 311.0,
                    "system/0/SystemState/State": 257,
                    "battery/5/Io/AllowToCharge": 0,
                    "battery/5/Soc": 81.6,
                    "evcharger/40/Ac/Power": 10_950.0,
                    "evcharger/40/Status": 3,
                    "meteo/20/Irradiance": 411.0,
                    "solarcharger/1/Yield/Power": 206.0,
                    "solarcharger/1/Yield/System": 800.26,
                },
            },
        ],
        expect=[
            {
                "after": 6,
                "within": 5,
                "state": dict.fromkeys(
                    (
                        "system_0_ac_grid_power",
                        "system_0_systemstate_state",
                        "battery_5_io_allowtocharge",
                        "battery_5_soc",
                        "evcharger_40_ac_power",
                        "evcharger_40_status",
                        "meteo_20_irradiance",
                        "solarcharger_1_yield_power",
                        "solarcharger_1_yield_system",
                    ),
                    "unknown",
                ),
            },
            {
                "after": 16,
                "within": 5,
                "state": {
                    "system_0_ac_grid_power": 311,
                    "system_0_systemstate_state": "sustain",
                    "battery_5_io_allowtocharge": "off",
                    "battery_5_soc": 81.6,
                    "evcharger_40_ac_power": 10_950,
                    "evcharger_40_status": "charged",
                    "meteo_20_irradiance": 411,
                    "solarcharger_1_yield_power": 206,
                    "solarcharger_1_yield_system": 800.26,
                },
            },
        ],
    ),
    "a_place_that_is_lost_and_a_vehicle_without_one": case(
        {
            "gps/0/Position/Latitude": 48.2,
            "gps/0/Position/Longitude": 16.4,
            "gps/0/Fix": 1,
            "ev/1/Position/Latitude": 47.1,
            "ev/1/Position/Longitude": 15.4,
            "ev/1/Soc": 66,
        },
        steps=[
            {"at": 5, "set": {"ev/1/Position/Latitude": None, "ev/1/Position/Longitude": None}},
            {"at": 15, "set": {"ev/1/Position/Latitude": 46.6, "ev/1/Position/Longitude": 14.3}},
        ],
        expect=[
            {"at": 4, "state": {"ev_1_position": "not_home"}},
            {"after": 5, "within": 5, "state": {"ev_1_position": "unknown", "ev_1_soc": 66}},
            {"after": 15, "within": 5, "state": {"ev_1_position": "not_home"}},
        ],
    ),
    # --- rest -----------------------------------------------------------------------------
    "what_rests_in_other_services": case(
        {
            "system/0/Dc/Battery/Soc": 99.94,
            "system/0/Ac/Consumption/L1/Power": 90.0,
            "system/0/Ac/Consumption/L2/Power": 10.0,
            "evcharger/40/Ac/Power": 7000.0,
            "evcharger/40/Status": 2,
            "tank/7/Level": 12.0,
            "meteo/20/Irradiance": 30.0,
            "alternator/3/Dc/0/Current": 12.0,
            "alternator/3/Dc/0/Power": 150.0,
            "temperature/9/Temperature": 4.0,
            "temperature/9/Humidity": 99.2,
            "vebus/276/State": 3,
            "vebus/276/Dc/0/Voltage": 52.0,
        },
        options={"update_interval": 30},
        steps=[
            {
                "at": 3,
                "set": {
                    "system/0/Dc/Battery/Soc": 99.97,
                    "system/0/Ac/Consumption/L1/Power": 0.3,
                    "system/0/Ac/Consumption/L2/Power": 0.1,
                    "evcharger/40/Ac/Power": 0.4,
                    "meteo/20/Irradiance": 0.2,
                    "alternator/3/Dc/0/Current": 0.02,
                    "alternator/3/Dc/0/Power": 0.3,
                    "temperature/9/Humidity": 99.97,
                    "vebus/276/Dc/0/Voltage": 52.004,
                },
            },
            {
                "at": 20,
                "set": {
                    "system/0/Dc/Battery/Soc": 100.0,
                    "system/0/Ac/Consumption/L1/Power": 0.0,
                    "system/0/Ac/Consumption/L2/Power": 0.0,
                    "evcharger/40/Ac/Power": 0.0,
                    "tank/7/Level": 0.0,
                    "meteo/20/Irradiance": 0.0,
                    "alternator/3/Dc/0/Current": 0.0,
                    "alternator/3/Dc/0/Power": 0.0,
                    "temperature/9/Humidity": 100.0,
                    "vebus/276/Dc/0/Voltage": 52.007,
                },
            },
        ],
        expect=[
            {
                "after": 20,
                "within": 5,
                "state": {
                    "system_0_dc_battery_soc": 100,
                    "evcharger_40_ac_power": 0,
                    "tank_7_level": 0,
                    "meteo_20_irradiance": 0,
                    "alternator_3_dc_0_power": 0,
                    "temperature_9_humidity": 100,
                },
            },
            {
                "after": 20,
                "within": 60,
                "state": {
                    "system_0_ac_consumption_power": 0,
                    "alternator_3_dc_0_current": 0,
                    "vebus_276_dc_0_voltage": 52.007,
                },
            },
        ],
    ),
    # --- identity -------------------------------------------------------------------------
    "a_multi_that_says_its_number_in_its_first_device": case(
        {
            "vebus/276/Devices/0/SerialNumber": "HQ1111AAAAA",
            "vebus/276/State": 3,
            "vebus/276/Ac/Out/L1/P": 120,
            "vebus/276/Dc/0/Voltage": 52.1,
        },
        steps=[
            {"at": 5, "leave": "vebus/276"},
            {
                "at": 20,
                "appear": {
                    "vebus/257/State": 9,
                    "vebus/257/Ac/Out/L1/P": 340,
                    "vebus/257/Dc/0/Voltage": 51.9,
                    "vebus/257/Devices/0/SerialNumber": "HQ1111AAAAA",
                },
            },
            {"at": 60, "restart": True},
        ],
        expect=[
            {"at": 50, "state": {"the entity that was vebus_276_ac_out_l1_p": 340}}
            | {"devices_with_serial": {"HQ1111AAAAA": 1}, "same_entity_ids_as_at": 0},
            {"at": 80, "state": {"the entity that was vebus_276_dc_0_voltage": 51.9}},
            {"at": 80, "the_same": True},
        ],
    ),
    "a_multi_rs_and_its_charger_share_a_number": case(
        {
            "multi/0/Serial": "HQ3333AAAAA",
            "multi/0/State": 3,
            "multi/0/Ac/Out/L1/P": 210,
            "solarcharger/1/Serial": "HQ3333AAAAA",
            "solarcharger/1/Yield/Power": 640.0,
        },
        steps=[
            {"at": 5, "leave": "multi/0"},
            {
                "at": 20,
                "appear": {
                    "multi/2/Ac/Out/L1/P": 230,
                    "multi/2/State": 3,
                    "multi/2/Serial": "HQ3333AAAAA",
                },
            },
        ],
        expect=[
            {"at": 50, "same_entity_ids_as_at": 0}
            | {"state": {"solarcharger_1_yield_power": 640, "multi_0_state": "bulk"}},
            {"at": 50, **shows("multi_0", 230)},
        ],
    ),
    "a_shunt_that_goes_from_place_to_place": case(
        _at("battery/1", _SHUNT),
        steps=[
            {"at": 5, "leave": "battery/1"},
            {"at": 10, "appear": _at("battery/2", _SHUNT, Soc=70.0)},
            {"at": 40, "leave": "battery/2"},
            {"at": 45, "appear": _at("battery/3", _SHUNT, Soc=69.0)},
            {"at": 80, "leave": "battery/3"},
            {"at": 85, "appear": _at("battery/1", _SHUNT, Soc=68.0)},
        ],
        expect=[
            {"at": 35, "state": {"the entity that was battery_1_soc": 70}},
            {"at": 75, "state": {"the entity that was battery_1_soc": 69}},
            {"at": 110, "state": {"the entity that was battery_1_soc": 68}},
            {"at": 110, "same_entity_ids_as_at": 0, "devices_with_serial": {"HQ2222CCCCC": 1}},
        ],
    ),
    "a_number_that_is_null_while_a_driver_starts": case(
        _at("battery/1", _SHUNT),
        steps=[
            {"at": 5, "leave": "battery/1"},
            {"at": 10, "appear": _at("battery/1", _SHUNT, Serial=None, Soc=72.0)},
            {"at": 14, "set": {"battery/1/Serial": "HQ2222CCCCC"}},
        ],
        expect=[
            {"at": 30, "state": {"the entity that was battery_1_soc": 72}},
            {"at": 30, "same_entity_ids_as_at": 0, "devices_with_serial": {"HQ2222CCCCC": 1}},
        ],
    ),
    # --- limits ---------------------------------------------------------------------------
    "limits_of_an_ess_that_come_and_grow": case(
        {
            "system/0/SystemType": "ESS",
            "settings/0/Settings/CGwacs/AcPowerSetPoint": {"value": 30, "min": -40, "max": 40},
            "evcharger/44/SetCurrent": 6,
            "evcharger/44/Status": 1,
        },
        options={"controls": True},
        steps=[
            {
                "at": 5,
                "publish": {
                    "settings/0/Settings/CGwacs/AcPowerSetPoint": {
                        "value": 30,
                        "min": -9000,
                        "max": 9000,
                    },
                    "evcharger/44/MaxCurrent": {"value": 10},
                },
            },
            {
                "at": 15,
                "call": "number.set_value -8000 on settings_0_settings_cgwacs_acpowersetpoint",
            },
            {"at": 28, "set": {"evcharger/44/MaxCurrent": 25}},
            {"at": 34, "call": "number.set_value 24 on evcharger_44_setcurrent"},
        ],
        expect=[
            {
                "at": 4,
                "max": {
                    "settings_0_settings_cgwacs_acpowersetpoint": 40,
                    "evcharger_44_setcurrent": 80,
                },
            },
            {
                "at": 12,
                "max": {
                    "settings_0_settings_cgwacs_acpowersetpoint": 9000,
                    "evcharger_44_setcurrent": 10,
                },
            },
            {
                "at": 45,
                "written": {
                    "settings/0/Settings/CGwacs/AcPowerSetPoint": {"value": -8000},
                    "evcharger/44/SetCurrent": {"value": 24},
                },
            },
        ],
    ),
    # --- names ----------------------------------------------------------------------------
    "whatever_has_a_name_is_renamed": case(
        {
            "tank/20/Level": 61.0,
            "tank/20/ProductName": "Tank sensor",
            "tank/20/CustomName": "",
            "digitalinput/1/State": 2,
            "digitalinput/1/Type": 2,
            "digitalinput/1/CustomName": "Door",
            "acload/41/Ac/Power": 20.0,
            "acload/41/CustomName": "Pump",
            f"{_RELAY}/State": 0,
            f"{_RELAY}/Name": "Relay 1",
            f"{_RELAY}/Settings/Type": 1,
            f"{_RELAY}/Settings/Function": 2,
            f"{_RELAY}/Settings/CustomName": "",
            "tank/20/GenericInput/probe/Value": 4,
            "tank/20/GenericInput/probe/Settings/Type": 2,
            "tank/20/GenericInput/probe/Settings/CustomName": "Probe",
        },
        options={"controls": True},
        steps=[
            {
                "at": 6,
                "set": {
                    "tank/20/CustomName": "Cistern",
                    "digitalinput/1/CustomName": "Garage door",
                    "acload/41/CustomName": "Pool pump",
                    f"{_RELAY}/Settings/CustomName": "Boiler",
                },
            }
        ],
        expect=[
            {
                "at": 15,
                "friendly_name_contains": {
                    "tank_20_level": "Cistern",
                    "digitalinput_1_state": "Garage door",
                    "acload_41_ac_power": "Pool pump",
                    "system_0_switchableoutput_0_state": "Boiler",
                },
                "entity_ids": "unchanged",
            },
        ],
    ),
    # --- meanings -------------------------------------------------------------------------
    "what_a_station_does_while_it_switches": case(
        {
            "evcharger/40/StartStop": 1,
            "evcharger/40/Status": 6,
            "evcharger/41/StartStop": 1,
            "evcharger/41/Status": 21,
            "evcharger/42/StartStop": 1,
            "evcharger/42/Status": 2,
            "battery/1/Soc": 100.0,
            "battery/1/TimeToGo": 0,
            "battery/2/Soc": 10.0,
            "battery/2/TimeToGo": 900.0,
            "battery/2/Dc/0/Power": -2000.0,
            "system/0/Dc/Battery/TimeToGo": 864_000,
            "system/0/Dc/Battery/Power": 100.0,
        },
        steps=[{"at": 5, "set": {"battery/2/Dc/0/Power": 500.0, "evcharger/42/Status": 99}}],
        expect=[
            {"at": 4, "not_on": "anything of evcharger_40"},
            {"at": 9, "not_on": "anything of evcharger_42"},
            {
                "at": 4,
                "state": {
                    "evcharger_42_status": "charging",
                    "battery_1_timetogo": "unknown",
                    "battery_2_timetogo": 900,
                    "system_0_dc_battery_timetogo": "unknown",
                },
            },
            # While it is charged there is no time to go, whatever a monitor keeps saying.
            {
                "at": 10,
                "state": {"battery_2_timetogo": "unknown", "evcharger_42_status": "unknown"},
            },
        ],
    ),
    "an_alarm_of_one_phase": case(
        {
            "vebus/276/State": 3,
            "vebus/276/Ac/NumberOfPhases": 3,
            "vebus/276/Alarms/Overload": 0,
            "vebus/276/Alarms/L1/Overload": 0,
            "vebus/276/Alarms/L2/Overload": 0,
            "vebus/276/Alarms/L3/Ripple": 0,
            "vebus/276/Leds/Mains": 1,
        },
        steps=[
            {"at": 5, "set": {"vebus/276/Alarms/L2/Overload": 2}},
            {"at": 15, "set": {"vebus/276/Alarms/L2/Overload": 0}},
        ],
        expect=[
            {"at": 4, "state": {"vebus_276_problem": "off"}},
            {"after": 5, "within": 5, "state": {"vebus_276_problem": "on"}},
            {"after": 15, "within": 5, "state": {"vebus_276_problem": "off"}},
            {
                "at": 20,
                "registered": ["vebus_276_alarms_l2_overload", "vebus_276_leds_mains"],
                "not_enabled": ["vebus_276_alarms_l2_overload", "vebus_276_leds_mains"],
            },
        ],
    ),
    # --- leftovers ------------------------------------------------------------------------
    "leftovers_between_what_is_alive": case(
        {"battery/1/Soc": 50.0, "battery/1/Serial": "HQ2222CCCCC"},
        steps=[
            {
                "at": 3,
                "retained_on_the_broker": {
                    "battery/1/Serial": {"value": "HQ9999ZZZZZ"},
                    "battery/1/CustomName": {"value": "Sold"},
                    "battery/1/Soc": {"value": 3},
                    "battery/9/Serial": {"value": "HQ2222CCCCC"},
                    "battery/9/Soc": {"value": 4},
                    "heartbeat": {"value": 1},
                    "keepalive": {"value": 1},
                    "full_publish_completed": {"value": 1},
                },
            }
        ],
        expect=[
            {"at": 20, "no_live_device": "battery_9", "state": {"battery_1_soc": 50}},
            {"at": 20, "devices_with_serial": {"HQ2222CCCCC": 1, "HQ9999ZZZZZ": 0}},
        ],
    ),
    # --- outputs --------------------------------------------------------------------------
    "outputs_of_a_heat_pump_and_of_the_gx": case(
        {
            "heatpump/25/State": 3,
            f"{_HEATER}/rod/Settings/Type": 3,
            f"{_HEATER}/rod/State": 1,
            f"{_HEATER}/rod/Dimming": 48.0,
            f"{_HEATER}/rod/Settings/DimmingMin": 30,
            f"{_HEATER}/rod/Settings/DimmingMax": 60,
            f"{_HEATER}/rod/Measurement": 44.5,
            f"{_HEATER}/bilge/Settings/Type": 10,
            f"{_HEATER}/bilge/State": 0,
            f"{_HEATER}/bell/Settings/Type": 0,
            f"{_HEATER}/bell/State": 0,
            f"{_HEATER}/lamp/Settings/Type": 12,
            f"{_HEATER}/lamp/State": 1,
            f"{_HEATER}/lamp/LightControls": [0, 0, 70, 0, 3000],
            f"{_RELAY}/State": 0,
            f"{_RELAY}/Settings/Type": 1,
            f"{_RELAY}/Settings/Function": 2,
        },
        options={"controls": True},
        steps=[
            {"at": 5, "call": "number.set_value 55 on heatpump_25_switchableoutput_rod_dimming"},
            {"at": 18, "call": "switch.turn_on - on heatpump_25_switchableoutput_bilge_state"},
            {"at": 31, "call": "switch.turn_on - on system_0_switchableoutput_0_state"},
            {"at": 45, "set": {f"{_HEATER}/rod/Settings/Type": 2}},
        ],
        expect=[
            {
                "at": 4,
                "platform": {
                    "heatpump_25_switchableoutput_rod_dimming": "number",
                    "heatpump_25_switchableoutput_bilge_state": "switch",
                    "heatpump_25_switchableoutput_bell_state": "switch",
                    "heatpump_25_switchableoutput_lamp_lightcontrols": "light",
                    "system_0_switchableoutput_0_state": "switch",
                },
                "max": {"heatpump_25_switchableoutput_rod_dimming": 60},
            },
            {
                "at": 44,
                "written": {
                    f"{_HEATER}/rod/Dimming": {"value": 55},
                    f"{_HEATER}/bilge/State": {"value": 1},
                    f"{_RELAY}/State": {"value": 1},
                },
            },
            {"at": 55, "state": {"heatpump_25_switchableoutput_rod_dimming": 55}},
        ],
    ),
    # --- the grid without a meter -----------------------------------------------------------
    "a_grid_of_two_phases_with_a_genset_between": case(
        {
            "system/0/SystemType": "ESS",
            "system/0/Ac/ActiveIn/Source": 1,
            "system/0/Ac/Grid/L1/Power": 4000.0,
            "system/0/Ac/Grid/L2/Power": 2000.0,
        },
        steps=[
            {
                "at": 60,
                "set": {
                    "system/0/Ac/ActiveIn/Source": 2,
                    "system/0/Ac/Grid/L1/Power": None,
                    "system/0/Ac/Grid/L2/Power": None,
                    "system/0/Ac/Genset/L1/Power": 5000.0,
                },
            },
            {
                "at": 120,
                "set": {
                    "system/0/Ac/ActiveIn/Source": 1,
                    "system/0/Ac/Grid/L1/Power": -6000.0,
                    "system/0/Ac/Grid/L2/Power": 0.0,
                    "system/0/Ac/Genset/L1/Power": None,
                },
            },
            {"at": 180, "set": {"system/0/Ac/Grid/L1/Power": 0.0}},
        ],
        expect=[{"at": 220, "counted_kwh": {"bought": 0.1, "sold": 0.1}, "tolerance": 0.15}],
    ),
}
