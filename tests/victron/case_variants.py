"""Cases of our own, of the kinds of faults that users told us of; all data invented."""

from tests.victron.case_driver import Case, Json

PORTAL = "c0619ab0beef"


def case(
    start: dict[str, Json],
    *,
    steps: list[dict[str, Json]] | None = None,
    expect: list[dict[str, Json]],
    options: dict[str, Json] | None = None,
) -> Case:
    """Return a case; `start` and the `appear` of steps hold plain values."""

    def payloads(values: dict[str, Json]) -> dict[str, Json]:
        return {
            path: value if isinstance(value, dict) else {"value": value}
            for path, value in values.items()
        }

    return {
        "portal": PORTAL,
        "start": payloads({"system/0/Serial": PORTAL, **start}),
        "steps": [
            {**step, "appear": payloads(step["appear"])} if "appear" in step else step
            for step in steps or []
        ],
        "expect": expect,
        "options": [options or {}],
    }


def shows(device: str, *values: float) -> dict[str, Json]:
    """Return that enabled sensors of a device show these values."""
    return {"device": device, "an_enabled_sensor_shows": [{"value": value} for value in values]}


VARIANTS: dict[str, Case] = {
    # --- phases -----------------------------------------------------------------------------
    "inverter_rs_on_l2": case(
        {
            "inverter/270/Ac/NumberOfPhases": 1,
            "inverter/270/Settings/System/AcPhase": 1,
            "inverter/270/State": 9,
            "inverter/270/Ac/Out/L1/P": None,
            "inverter/270/Ac/Out/L2/P": 412,
            "inverter/270/Ac/Out/L2/V": 229.7,
            "inverter/270/Ac/Out/L2/I": 1.9,
        },
        expect=[
            shows("inverter_270", 412),
            {"registered": ["inverter_270_ac_out_l2_v", "inverter_270_ac_out_l2_i"]},
        ],
    ),
    "meter_on_l3_that_says_one_phase": case(
        {
            "acload/40/NrOfPhases": 1,
            "acload/40/Ac/Power": 88.0,
            "acload/40/Ac/L3/Power": 88.0,
            "acload/40/Ac/L3/Voltage": 231.0,
            "acload/40/Ac/L1/Power": None,
            "grid/31/Ac/Power": 0.0,
            "grid/31/NrOfPhases": 1,
            "grid/31/Ac/L2/Power": 0.0,
            "grid/31/Ac/L2/Voltage": 232.5,
        },
        expect=[
            shows("acload_40", 88),
            {"registered": ["acload_40_ac_l3_power", "acload_40_ac_l3_voltage"]},
            {"registered": ["grid_31_ac_l2_power"]},
            shows("grid_31", 232.5),
        ],
    ),
    "zeros_of_old_firmware": case(
        {
            "vebus/257/Ac/NumberOfPhases": 2,
            "vebus/257/State": 3,
            **{f"vebus/257/Ac/Out/L{n}/{what}": 0 for n in (3,) for what in "VIPFS"},
            "vebus/257/Ac/Out/L1/P": 100,
            "vebus/257/Ac/Out/L2/P": 0,
            "vebus/257/Ac/Out/L2/V": 230,
        },
        expect=[
            {"not_enabled": [f"vebus_257_ac_out_l3_{what}" for what in "vipfs"]},
            {"registered": ["vebus_257_ac_out_l2_p"]},
            shows("vebus_257", 100, 230),
        ],
    ),
    "house_on_l1_and_l3": case(
        {
            "system/0/Ac/Grid/L1/Power": 310.0,
            "system/0/Ac/Grid/L2/Power": None,
            "system/0/Ac/Grid/L3/Power": -110.0,
            "system/0/Ac/Grid/NumberOfPhases": 3,
            "system/0/Ac/PvOnOutput/L2/Power": 640.0,
            "system/0/Ac/PvOnOutput/NumberOfPhases": 2,
            "system/0/Ac/PvOnGenset/L1/Power": None,
            "system/0/Ac/Consumption/L2/Power": 77.0,
            "system/0/Ac/Consumption/NumberOfPhases": 2,
        },
        steps=[
            {"at": 10, "set": {"system/0/Ac/Grid/L3/Power": None}},
            {"at": 40, "set": {"system/0/Ac/PvOnOutput/L2/Power": None}},
            {"at": 70, "set": {"system/0/Ac/PvOnOutput/L2/Power": 5.0}},
        ],
        expect=[
            {"at": 5, **shows("gx", 200, 640, 77)},
            {"after": 10, "within": 5, **shows("gx", 310)},
            {"after": 40, "within": 5, "state": {"system_0_pv_power": "unknown"}},
            {"after": 70, "within": 5, "state": {"system_0_pv_power": 5}},
        ],
    ),
    # --- gone and back ------------------------------------------------------------------------
    "sensors_lost_and_found": case(
        {
            "temperature/21/Temperature": 19.5,
            "tank/3/Level": 40.0,
            "grid/30/Ac/Power": 250.0,
            "grid/30/Ac/Energy/Forward": 77.5,
            "vebus/276/State": 3,
            "vebus/276/Ac/Out/L1/P": 55,
        },
        options={"update_interval": 600},
        steps=[
            {
                "at": 8,
                "set": {
                    "temperature/21/Temperature": None,
                    "tank/3/Level": None,
                    "grid/30/Ac/Power": None,
                    "grid/30/Ac/Energy/Forward": None,
                    "vebus/276/Ac/Out/L1/P": None,
                },
            },
            {
                "at": 20,
                "set": {
                    "temperature/21/Temperature": 19.6,
                    "tank/3/Level": 40.0,
                    "grid/30/Ac/Power": 251.0,
                    "grid/30/Ac/Energy/Forward": 77.6,
                    "vebus/276/Ac/Out/L1/P": 55,
                },
            },
        ],
        expect=[
            {
                "after": 8,
                "within": 4,
                "state": {
                    "temperature_21_temperature": "unknown",
                    "tank_3_level": "unknown",
                    "grid_30_ac_power": "unknown",
                    "grid_30_ac_energy_forward": "unknown",
                    "vebus_276_ac_out_p": "unknown",
                },
            },
            {
                "after": 20,
                "within": 4,
                "state": {
                    "temperature_21_temperature": 19.6,
                    "tank_3_level": 40,
                    "grid_30_ac_power": 251,
                    "grid_30_ac_energy_forward": 77.6,
                    "vebus_276_ac_out_p": 55,
                },
            },
        ],
    ),
    "gone_twice_within_the_interval": case(
        {"battery/1/Soc": 50.0, "battery/1/Dc/0/Power": 20.0},
        steps=[
            {"at": 5, "set": {"battery/1/Soc": None}},
            {"at": 7, "set": {"battery/1/Soc": 51.0}},
            {"at": 9, "set": {"battery/1/Soc": None}},
        ],
        expect=[
            {"at": 6.5, "state": {"battery_1_soc": "unknown"}},
            {"at": 8.5, "state": {"battery_1_soc": 51}},
            {"at": 11, "state": {"battery_1_soc": "unknown"}},
        ],
    ),
    "a_service_leaves_and_returns": case(
        {"pvinverter/20/Ac/Power": 500.0, "pvinverter/20/Ac/Energy/Forward": 900.0},
        options={"update_interval": 600},
        steps=[
            {"at": 5, "leave": "pvinverter/20"},
            {
                "at": 30,
                "appear": {
                    "pvinverter/20/Ac/Power": 12.0,
                    "pvinverter/20/Ac/Energy/Forward": 900.1,
                },
            },
        ],
        expect=[
            {"at": 9, "state": {"pvinverter_20_ac_power": "unavailable"}},
            {
                "at": 35,
                "state": {
                    "pvinverter_20_ac_power": 12,
                    "pvinverter_20_ac_energy_forward": 900.1,
                },
            },
        ],
    ),
    # --- rest -----------------------------------------------------------------------------------
    "rest_at_a_long_interval": case(
        {
            "battery/1/Soc": 98.4,
            "battery/1/Dc/0/Voltage": 52.0,
            "grid/30/Ac/Power": 3000.0,
            "pvinverter/20/Ac/Power": 8.0,
            "pvinverter/20/Ac/L1/Power": 8.0,
        },
        options={"update_interval": 600},
        steps=[
            {
                "at": 10,
                "set": {
                    "battery/1/Soc": 98.44,
                    "battery/1/Dc/0/Voltage": 52.004,
                    "grid/30/Ac/Power": 3000.3,
                    "pvinverter/20/Ac/Power": 0.0,
                },
            },
            {"at": 100, "set": {"battery/1/Soc": 100.0, "grid/30/Ac/Power": -0.2}},
        ],
        expect=[
            {"after": 10, "within": 3, "state": {"pvinverter_20_ac_power": 0}},
            {
                "after": 10,
                "within": 60,
                "state": {
                    "battery_1_soc": 98.44,
                    "battery_1_dc_0_voltage": 52.004,
                    "grid_30_ac_power": 3000.3,
                },
            },
            {"after": 100, "within": 3, "state": {"battery_1_soc": 100}},
            {"after": 100, "within": 60, "state": {"grid_30_ac_power": -0.2}},
        ],
    ),
    "noise_below_a_step": case(
        {
            "grid/30/Ac/L1/Voltage": 231.2,
            "temperature/2/Temperature": 20.0,
            "battery/1/Dc/0/Current": 5.0,
        },
        steps=[
            {
                "from": 20,
                "to": 320,
                "every": 2,
                "set_in_turn": {
                    "grid/30/Ac/L1/Voltage": [231.22, 231.18],
                    "temperature/2/Temperature": [20.02, 19.99, 20.01],
                    "battery/1/Dc/0/Current": [5.01, 4.99],
                },
            }
        ],
        expect=[
            {
                "from": 20,
                "to": 320,
                "state_writes_at_most": {
                    "grid_30_ac_l1_voltage": 5,
                    "temperature_2_temperature": 5,
                    "battery_1_dc_0_current": 5,
                },
            }
        ],
    ),
    "a_zero_that_comes_and_goes": case(
        {"solarcharger/1/Yield/Power": 30.0},
        steps=[
            {
                "from": 20,
                "to": 50,
                "every": 0.5,
                "set_in_turn": {"solarcharger/1/Yield/Power": [0.0, 25.0]},
            },
            {"at": 51, "set": {"solarcharger/1/Yield/Power": 0.0}},
        ],
        expect=[
            {
                "from": 20,
                "to": 50,
                "state_writes_at_most": {"solarcharger_1_yield_power": 8},
            },
            {"after": 51, "within": 12, "state": {"solarcharger_1_yield_power": 0}},
        ],
    ),
    # --- who is who -----------------------------------------------------------------------------
    "two_that_change_places": case(
        {
            "tank/20/Serial": "HQ1111AAAAA",
            "tank/20/Level": 10.0,
            "tank/21/Serial": "HQ1111BBBBB",
            "tank/21/Level": 90.0,
        },
        steps=[
            {"at": 5, "leave": "tank/20"},
            {"at": 5, "leave": "tank/21"},
            {
                "at": 8,
                "appear": {
                    "tank/20/Serial": "HQ1111BBBBB",
                    "tank/20/Level": 91.0,
                    "tank/21/Serial": "HQ1111AAAAA",
                    "tank/21/Level": 11.0,
                },
            },
            {"at": 40, "restart": "Home Assistant"},
        ],
        expect=[
            {
                "at": 20,
                "state": {
                    "the entity that was tank_20_level": 11,
                    "the entity that was tank_21_level": 91,
                },
                "devices_with_serial": {"HQ1111AAAAA": 1, "HQ1111BBBBB": 1},
                "entity_ids": "unchanged",
            },
            {
                "at": 50,
                "state": {
                    "the entity that was tank_20_level": 11,
                    "the entity that was tank_21_level": 91,
                },
                "entity_ids": "unchanged",
            },
        ],
    ),
    "moved_while_home_assistant_was_off": case(
        {
            "vebus/276/Devices/0/SerialNumber": "HQ2222AAAAA",
            "vebus/276/State": 3,
            "vebus/276/Dc/0/Voltage": 51.0,
        },
        steps=[
            {"at": 5, "leave": "vebus/276"},
            {
                "at": 5,
                "appear": {
                    "vebus/288/Devices/0/SerialNumber": "HQ2222AAAAA",
                    "vebus/288/State": 9,
                    "vebus/288/Dc/0/Voltage": 50.5,
                },
            },
            {"at": 6, "restart": "Home Assistant"},
        ],
        expect=[
            {
                "at": 16,
                "state": {"the entity that was vebus_276_dc_0_voltage": 50.5},
                "entity_ids": "unchanged",
            }
        ],
    ),
    "another_device_in_the_same_place": case(
        {
            "solarcharger/279/Serial": "HQ3333AAAAA",
            "solarcharger/279/Yield/Power": 100.0,
            "solarcharger/279/Yield/System": 5000.0,
        },
        steps=[
            {"at": 5, "leave": "solarcharger/279"},
            {
                "at": 60,
                "appear": {
                    "solarcharger/279/Serial": "HQ3333BBBBB",
                    "solarcharger/279/Yield/Power": 70.0,
                    "solarcharger/279/Yield/System": 3.0,
                },
            },
        ],
        expect=[
            {
                "at": 70,
                "state": {
                    "the entity that was solarcharger_279_yield_system": "unavailable",
                    "some other entity": 70.0,
                },
                "devices_with_serial": {"HQ3333AAAAA": 1, "HQ3333BBBBB": 1},
            }
        ],
    ),
    "serial_numbers_that_say_nothing": case(
        {
            "battery/1/Serial": "0",
            "battery/1/Soc": 11.0,
            "battery/2/Serial": "",
            "battery/2/Soc": 22.0,
            "battery/3/Serial": "SAME",
            "battery/3/Soc": 33.0,
            "battery/4/Serial": "SAME",
            "battery/4/Soc": 44.0,
        },
        steps=[
            {"at": 5, "leave": "battery/1"},
            {"at": 5, "leave": "battery/3"},
            {"at": 8, "appear": {"battery/7/Serial": "0", "battery/7/Soc": 77.0}},
            {"at": 8, "appear": {"battery/9/Serial": "SAME", "battery/9/Soc": 99.0}},
        ],
        expect=[
            {
                "at": 25,
                "state": {
                    "battery_1_soc": "unavailable",
                    "battery_2_soc": 22,
                    "battery_3_soc": "unavailable",
                    "battery_4_soc": 44,
                    "battery_7_soc": 77,
                    "battery_9_soc": 99,
                },
            }
        ],
    ),
    "replugged_before_the_old_one_left": case(
        {"battery/512/Serial": "HQ4444AAAAA", "battery/512/Soc": 60.0},
        steps=[
            {"at": 5, "appear": {"battery/513/Serial": "HQ4444AAAAA", "battery/513/Soc": 61.0}},
            {"at": 9, "leave": "battery/512"},
        ],
        expect=[
            {
                "at": 25,
                "state": {"the entity that was battery_512_soc": 61},
                "entity_ids": "unchanged",
            }
        ],
    ),
    # --- limits and names -------------------------------------------------------------------------
    "limits_of_the_payload": case(
        {
            "vebus/276/State": 3,
            "vebus/276/Ac/ActiveIn/CurrentLimit": {"value": 10.0, "min": 2, "max": 20},
            "solarcharger/1/Settings/ChargeCurrentLimit": {"value": 50.0, "min": 0, "max": 70},
            "pvinverter/20/Ac/PowerLimit": 1500,
            "pvinverter/20/Ac/MaxPower": 3000,
            "pvinverter/20/Ac/Power": 10.0,
            "charger/5/Ac/In/CurrentLimit": {"value": 6.0, "min": 1, "max": 16},
        },
        options={"controls": True},
        steps=[
            {
                "at": 10,
                "publish": {
                    "vebus/276/Ac/ActiveIn/CurrentLimit": {"value": 10.0, "min": 2, "max": 63},
                    "charger/5/Ac/In/CurrentLimit": {"value": 6.0, "min": 1, "max": 10},
                },
            }
        ],
        expect=[
            {
                "at": 5,
                "max": {
                    "vebus_276_ac_activein_currentlimit": 20,
                    "charger_5_ac_in_currentlimit": 16,
                },
            },
            {
                "after": 10,
                "within": 30,
                "max": {
                    "vebus_276_ac_activein_currentlimit": 63,
                    "charger_5_ac_in_currentlimit": 10,
                },
                "entity_ids": "unchanged",
            },
        ],
    ),
    "names_of_devices_and_circuits": case(
        {
            "switch/7/SwitchableOutput/3/State": 0,
            "switch/7/SwitchableOutput/3/Name": "Channel 3",
            "system/0/SwitchableOutput/0/State": 0,
            "system/0/SwitchableOutput/0/Settings/CustomName": "",
            "system/0/SwitchableOutput/0/Name": "Relay 1",
            "multi/0/NrOfTrackers": 2,
            "multi/0/State": 3,
            "multi/0/Pv/0/P": 100.0,
            "multi/0/Pv/1/P": 50.0,
        },
        options={"controls": True},
        steps=[
            {
                "at": 5,
                "appear": {
                    "switch/7/SwitchableOutput/3/Settings/CustomName": "Fridge",
                    "multi/0/Pv/1/Name": "West",
                },
            },
            {
                "at": 5,
                "set": {"system/0/SwitchableOutput/0/Settings/CustomName": "Pump\u0007 house"},
            },
        ],
        expect=[
            {
                "at": 10,
                "friendly_name_contains": {
                    "switch_7_switchableoutput_3_state": "Fridge",
                    "system_0_switchableoutput_0_state": "Pump house",
                    "multi_0_pv_1_p": "West",
                },
                "entity_ids": "unchanged",
            }
        ],
    ),
    # --- meanings -----------------------------------------------------------------------------------
    "time_to_go": case(
        {
            "battery/1/TimeToGo": 7200,
            "battery/1/Dc/0/Power": -50.0,
            "battery/2/TimeToGo": 900_000,
            "battery/2/Dc/0/Power": -5.0,
            "battery/3/TimeToGo": 3600,
            "battery/3/Dc/0/Current": 2.0,
            "system/0/Dc/Battery/TimeToGo": 1800,
            "system/0/Dc/Battery/Power": -300.0,
        },
        steps=[
            {"at": 5, "set": {"battery/1/Dc/0/Power": 800.0}},
            {"at": 5, "set": {"battery/3/Dc/0/Current": -2.0}},
            {"at": 5, "set": {"system/0/Dc/Battery/TimeToGo": 864_000}},
        ],
        expect=[
            {
                "at": 4,
                "state": {"battery_1_timetogo": 7200, "system_0_dc_battery_timetogo": 1800},
            },
            {
                "at": 10,
                "state": {
                    "battery_1_timetogo": "unknown",
                    "battery_3_timetogo": 3600,
                    "system_0_dc_battery_timetogo": "unknown",
                },
            },
        ],
    ),
    "leftovers_of_a_known_device": case(
        {"battery/1/Soc": 50.0, "solarcharger/2/Yield/Power": 5.0},
        steps=[
            {
                "at": 3,
                "retained_on_the_broker": {
                    "tank/9/Level": {"value": 5},
                    "battery/1/Soc": {"value": 99},
                    "heatpump/1/Ac/Power": {"value": 5},
                },
            }
        ],
        expect=[
            {"at": 12, "no_live_device": "tank_9", "state": {"battery_1_soc": 50}},
            {"at": 12, "no_live_device": "heatpump_1"},
        ],
    ),
    # --- counters -----------------------------------------------------------------------------------
    "a_counter_that_leaps": case(
        {
            "grid/30/Ac/Energy/Forward": 1000.0,
            "pvinverter/20/Ac/Energy/Forward": 50.0,
            "pvinverter/20/Ac/MaxPower": 3000,
            "evcharger/40/Session/Energy": 3.0,
            "vebus/276/Energy/AcIn1ToAcOut": 0.0,
            "solarcharger/1/Yield/System": 10.0,
        },
        steps=[
            {
                "at": 10,
                "set": {
                    "grid/30/Ac/Energy/Forward": 900_000.0,
                    "pvinverter/20/Ac/Energy/Forward": 80.0,
                    "evcharger/40/Session/Energy": 0.0,
                    "solarcharger/1/Yield/System": 0.0,
                },
            },
            {"at": 75, "set": {"grid/30/Ac/Energy/Forward": 1000.1}},
            {"at": 80, "set": {"solarcharger/1/Yield/System": 10.1}},
        ],
        expect=[
            {
                "at": 72,
                "state": {
                    "grid_30_ac_energy_forward": 1000,
                    "pvinverter_20_ac_energy_forward": 50,
                    "evcharger_40_session_energy": 0,
                    "solarcharger_1_yield_system": 10,
                },
            },
            {
                "at": 140,
                "state": {
                    "grid_30_ac_energy_forward": 1000.1,
                    "solarcharger_1_yield_system": 10.1,
                },
            },
            {"at": 760, "state": {"pvinverter_20_ac_energy_forward": 80}},
        ],
    ),
}
