"""More cases of our own: what becomes another thing while it runs, and what is no value."""

from tests.victron.case_driver import Case
from tests.victron.case_variants import case, shows

_HALL = "switch/60/SwitchableOutput/hall"
_DECK = "switch/60/SwitchableOutput/deck"
_BOW = "switch/60/SwitchableOutput/bow"
_LIMIT = "vebus/276/Ac/In/2/CurrentLimit"
_LAMP = "switch_60_switchableoutput_hall_lightcontrols"
_SLIDER = "switch_60_switchableoutput_hall_dimming"

VARIANTS_OF_CHANGES: dict[str, Case] = {
    # --- outputs by type --------------------------------------------------------------------
    "a_slider_that_becomes_a_lamp_and_a_slider_again": case(
        {
            f"{_HALL}/Settings/Type": 2,
            f"{_HALL}/Settings/CustomName": "Hall",
            f"{_HALL}/State": 1,
            f"{_HALL}/Dimming": 40,
        },
        options={"controls": True},
        steps=[
            {
                "at": 5,
                "appear": {
                    f"{_HALL}/LightControls": [120.0, 80.0, 60.0, 0.0, 0.0],
                    f"{_HALL}/Settings/Type": 11,
                },
            },
            {"at": 20, "call": f"light.turn_off - on {_LAMP}"},
            {"at": 40, "restart": "Home Assistant"},
            {"at": 60, "set": {f"{_HALL}/Settings/Type": 2}},
        ],
        expect=[
            {"at": 4, "platform": {_SLIDER: "number"}},
            {"at": 15, "platform": {_LAMP: "light"}, "friendly_name_contains": {_LAMP: "Hall"}},
            {"at": 39, "written": {f"{_HALL}/State": {"value": 0}}},
            {"at": 58, "state": {_LAMP: "off"}},
            {"at": 70, "platform": {_SLIDER: "number"}},
        ],
    ),
    # --- null and back ----------------------------------------------------------------------
    "what_is_no_value_in_other_ways": case(
        {
            "battery/1/ProductName": "Pack",
            "battery/1/Serial": "0000-0000",
            "battery/1/Soc": 50,
            "battery/1/Dc/0/Power": 10,
            "battery/1/Dc/0/Temperature": 21,
            "temperature/24/Temperature": 20.5,
            "temperature/25/Temperature": [],
            "system/0/Dc/Battery/Power": -5,
            "system/0/Dc/Battery/TimeToGo": 3600,
        },
        options={"update_interval": 600},
        steps=[
            {
                "at": 7,
                "set": {
                    "battery/1/Soc": [],
                    "battery/1/Dc/0/Power": {},
                    "battery/1/Dc/0/Temperature": 6553.5,
                    "temperature/24/Temperature": 65535,
                    "temperature/25/Temperature": 4.0,
                    "system/0/Dc/Battery/TimeToGo": 864000,
                },
            },
            {
                "at": 20,
                "set": {
                    "battery/1/Soc": 51,
                    "battery/1/Dc/0/Power": -0.0,
                    "battery/1/Dc/0/Temperature": 22.5,
                    "temperature/24/Temperature": -0.0,
                },
            },
        ],
        expect=[
            {
                "after": 7,
                "within": 5,
                "state": {
                    "battery_1_soc": "unknown",
                    "battery_1_dc_0_power": "unknown",
                    "battery_1_dc_0_temperature": "unknown",
                    "temperature_24_temperature": "unknown",
                    "temperature_25_temperature": 4,
                    "system_0_dc_battery_timetogo": "unknown",
                },
                "devices_with_serial": {"0000-0000": 0},
            },
            {
                "after": 20,
                "within": 5,
                "state": {
                    "battery_1_soc": 51,
                    "battery_1_dc_0_power": 0,
                    "battery_1_dc_0_temperature": 22.5,
                    "temperature_24_temperature": 0,
                },
            },
        ],
    ),
    # --- limits -----------------------------------------------------------------------------
    "limits_that_are_null_or_text_for_a_while": case(
        {
            "evcharger/40/SetCurrent": 10,
            "evcharger/40/MaxCurrent": 16,
            "evcharger/40/Status": 2,
            "vebus/276/State": 3,
            "vebus/276/Ac/NumberOfAcInputs": 2,
            "vebus/276/Ac/In/1/CurrentLimit": {"value": 16.0, "min": 5, "max": 50},
            "vebus/276/Ac/In/1/CurrentLimitIsAdjustable": 1,
            _LIMIT: {"value": 30.0, "min": 5, "max": 100},
            "vebus/276/Ac/In/2/CurrentLimitIsAdjustable": 1,
        },
        options={"controls": True},
        steps=[
            {"at": 5, "set": {"evcharger/40/MaxCurrent": None}},
            {"at": 20, "set": {"evcharger/40/MaxCurrent": 25}},
            {"at": 40, "publish": {_LIMIT: {"value": 30.0, "min": None, "max": None}}},
            {"at": 60, "publish": {_LIMIT: {"value": 30.0, "min": "5", "max": 64.5}}},
            {"at": 80, "publish": {_LIMIT: {"value": 30.0, "min": 5, "max": 64.5}}},
            {"at": 95, "call": "number.set_value 64.5 on vebus_276_ac_in_2_currentlimit"},
        ],
        expect=[
            {
                "after": 20,
                "within": 40,
                "max": {"evcharger_40_setcurrent": 25, "vebus_276_ac_in_1_currentlimit": 50},
            },
            {"at": 94, "max": {"vebus_276_ac_in_2_currentlimit": 64.5}},
            {
                "at": 108,
                "written": {_LIMIT: {"value": 64.5}},
                "state": {"vebus_276_ac_in_2_currentlimit": 64.5},
            },
        ],
    ),
    # --- identity ---------------------------------------------------------------------------
    "a_station_and_two_sensors_get_other_places": case(
        {
            "evcharger/40/Serial": "HQ2222",
            "evcharger/40/SetCurrent": 10,
            "evcharger/40/Status": 2,
            "evcharger/40/Ac/Energy/Forward": 100.5,
            "temperature/24/Serial": "aa:bb",
            "temperature/24/Temperature": 20.0,
            "temperature/25/Serial": "aa:cc",
            "temperature/25/Temperature": 30.0,
        },
        options={"controls": True},
        steps=[
            {"at": 5, "leave": "evcharger/40"},
            {"at": 5, "leave": "temperature/24"},
            {"at": 5, "leave": "temperature/25"},
            {
                "at": 8,
                "appear": {
                    "evcharger/41/Serial": "HQ2222",
                    "evcharger/41/SetCurrent": 12,
                    "evcharger/41/Status": 1,
                    "evcharger/41/Ac/Energy/Forward": 101.0,
                    "temperature/25/Serial": "aa:bb",
                    "temperature/25/Temperature": 21.0,
                    "temperature/26/Serial": "aa:cc",
                    "temperature/26/Temperature": 31.0,
                },
            },
            {"at": 40, "call": "number.set_value 14 on evcharger_40_setcurrent"},
        ],
        expect=[
            {
                "at": 35,
                "state": {
                    "the entity that was evcharger_40_setcurrent": 12,
                    "the entity that was temperature_24_temperature": 21,
                    "the entity that was temperature_25_temperature": 31,
                },
                "same_entity_ids_as_at": 0,
                "devices_with_serial": {"HQ2222": 1, "aa:bb": 1, "aa:cc": 1},
            },
            {
                "at": 53,
                "written": {"evcharger/41/SetCurrent": {"value": 14}},
                "state": {"evcharger_40_setcurrent": 14},
            },
        ],
    ),
    # --- phases -----------------------------------------------------------------------------
    "pv_on_the_output_and_behind_a_genset": case(
        {
            "system/0/Ac/PvOnOutput/NumberOfPhases": 2,
            "system/0/Ac/PvOnOutput/L1/Power": None,
            "system/0/Ac/PvOnOutput/L2/Power": 300.0,
            "system/0/Ac/PvOnGenset/L3/Power": 50.0,
            "system/0/Ac/PvOnGrid/L1/Power": None,
            "system/0/Ac/Consumption/L3/Power": 120.0,
            "system/0/Ac/Genset/L2/Power": 700.0,
            "system/0/Dc/Pv/Power": None,
        },
        steps=[
            {
                "at": 10,
                "set": {"system/0/Ac/PvOnGrid/L1/Power": 1000.0, "system/0/Dc/Pv/Power": 5.0},
            },
            {
                "at": 60,
                "set": {"system/0/Ac/PvOnOutput/L2/Power": None},
            },
        ],
        expect=[
            {"at": 6, **shows("gx", 350, 120, 700)},
            {"at": 30, **shows("gx", 1355)},
            {"at": 80, **shows("gx", 1055)},
        ],
    ),
    # --- names ------------------------------------------------------------------------------
    "two_of_one_name_are_renamed": case(
        {
            f"{_DECK}/State": 1,
            f"{_DECK}/Settings/CustomName": "Light",
            f"{_BOW}/State": 1,
            f"{_BOW}/Settings/CustomName": "Light",
            "solarcharger/1/CustomName": "",
            "solarcharger/1/ProductName": "SmartSolar",
            "solarcharger/1/Yield/Power": 1.0,
            "solarcharger/2/ProductName": "SmartSolar",
            "solarcharger/2/Yield/Power": 2.0,
            "tank/20/CustomName": "Water",
            "tank/20/Level": 50,
        },
        options={"controls": True},
        steps=[
            {
                "at": 6,
                "set": {
                    "solarcharger/1/CustomName": "Roof",
                    "tank/20/CustomName": "Diesel",
                    f"{_BOW}/Settings/CustomName": "Lampe é 日本",
                },
            },
            {"at": 60, "set": {"solarcharger/1/CustomName": None}},
        ],
        expect=[
            {
                "after": 6,
                "within": 40,
                "friendly_name_contains": {
                    "solarcharger_1_yield_power": "Roof",
                    "solarcharger_2_yield_power": "SmartSolar",
                    "tank_20_level": "Diesel",
                    "switch_60_switchableoutput_bow_state": "Lampe é 日本",
                    "switch_60_switchableoutput_deck_state": "Light",
                },
                "entity_ids": "unchanged",
            },
            {
                "after": 60,
                "within": 30,
                "friendly_name_contains": {
                    "solarcharger_1_yield_power": "SmartSolar 1",
                    "solarcharger_2_yield_power": "SmartSolar 2",
                },
                "entity_ids": "unchanged",
            },
        ],
    ),
    # --- rest -------------------------------------------------------------------------------
    "what_is_full_or_off_says_so": case(
        {
            "system/0/Dc/Battery/Soc": 99.9,
            "acload/31/Ac/Power": 15.0,
            "pvinverter/20/Ac/Power": 30.0,
            "evcharger/40/Ac/Power": 3000,
            "battery/1/Dc/0/Current": 3.0,
            "multi/7/Soc": 99.5,
            "tank/20/Level": 99.0,
        },
        steps=[
            {
                "at": 1,
                "set": {
                    "system/0/Dc/Battery/Soc": 99.96,
                    "acload/31/Ac/Power": 0.2,
                    "pvinverter/20/Ac/Power": 0.1,
                    "battery/1/Dc/0/Current": 0.04,
                    "multi/7/Soc": 99.97,
                    "tank/20/Level": 99.9,
                },
            },
            {
                "at": 30,
                "set": {
                    "system/0/Dc/Battery/Soc": 100,
                    "acload/31/Ac/Power": 0,
                    "pvinverter/20/Ac/Power": 0.0,
                    "evcharger/40/Ac/Power": 0,
                    "battery/1/Dc/0/Current": 0.0,
                    "multi/7/Soc": 100.0,
                    "tank/20/Level": 100.0,
                },
            },
        ],
        expect=[
            {
                "after": 30,
                "within": 60,
                "state": {
                    "system_0_dc_battery_soc": 100,
                    "acload_31_ac_power": 0,
                    "pvinverter_20_ac_power": 0,
                    "evcharger_40_ac_power": 0,
                    "battery_1_dc_0_current": 0,
                    "multi_7_soc": 100,
                    "tank_20_level": 100,
                },
            },
        ],
    ),
}
