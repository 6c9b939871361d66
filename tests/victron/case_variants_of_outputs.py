"""Cases of our own: outputs of every type, and a grid without a meter; all data invented."""

from tests.victron.case_driver import Case
from tests.victron.case_variants import case

_FOLDER = "switch/60/SwitchableOutput"
_KEY = "switch_60_switchableoutput"
_PHASES = {
    "system/0/SystemType": "ESS",
    "system/0/Ac/ActiveIn/Source": 1,
    "system/0/Ac/Grid/NumberOfPhases": 3,
}


def _grid(*watts: float | None) -> dict[str, float | None]:
    return {f"system/0/Ac/Grid/L{phase}/Power": power for phase, power in enumerate(watts, 1)}


OUTPUT_VARIANTS: dict[str, Case] = {
    # --- outputs --------------------------------------------------------------------------
    "labels_as_text_and_a_choice_beyond_them": case(
        {
            f"{_FOLDER}/mode/Settings/Type": 6,
            f"{_FOLDER}/mode/Settings/Labels": '["Off","Boost","Off"]',
            f"{_FOLDER}/mode/Dimming": 2,
        },
        options={"controls": True},
        steps=[
            {"at": 5, "set": {f"{_FOLDER}/mode/Dimming": 7}},
            {"at": 10, "call": f"select.select_option Boost on {_KEY}_mode_dimming"},
            {"at": 25, "set": {f"{_FOLDER}/mode/Settings/Labels": '["Eco","Fast"]'}},
            {"at": 35, "set": {f"{_FOLDER}/mode/Settings/Labels": "no list"}},
        ],
        expect=[
            {"at": 3, "state": {f"{_KEY}_mode_dimming": "Off (3)"}},
            {"at": 9, "state": {f"{_KEY}_mode_dimming": "unknown"}},
            {"at": 20, "written": {f"{_FOLDER}/mode/Dimming": {"value": 1}}},
            {"at": 20, "state": {f"{_KEY}_mode_dimming": "Boost"}},
            {"at": 30, "state": {f"{_KEY}_mode_dimming": "Fast"}},
        ],
    ),
    "outputs_that_are_not_ours_to_set": case(
        {
            # A slave follows another; a relay with a task (here: alarm) belongs to the GX.
            f"{_FOLDER}/slave/Settings/Type": 5,
            f"{_FOLDER}/slave/State": 1,
            f"{_FOLDER}/relay/Settings/Type": 1,
            f"{_FOLDER}/relay/Settings/Function": 0,
            f"{_FOLDER}/relay/State": 0,
            f"{_FOLDER}/free/Settings/Type": 1,
            f"{_FOLDER}/free/Settings/Function": 2,
            f"{_FOLDER}/free/State": 0,
        },
        options={"controls": True},
        steps=[
            {"at": 5, "set": {f"{_FOLDER}/relay/Settings/Function": 2}},
            {"at": 12, "call": f"switch.turn_on - on {_KEY}_relay_state"},
            {"at": 25, "set": {f"{_FOLDER}/free/Settings/Function": 1}},
        ],
        expect=[
            {
                "at": 4,
                "platform": {
                    f"{_KEY}_slave_state": "binary_sensor",
                    f"{_KEY}_relay_state": "binary_sensor",
                    f"{_KEY}_free_state": "switch",
                },
                "state": {f"{_KEY}_slave_state": "on", f"{_KEY}_relay_state": "off"},
            },
            {"at": 10, "platform": {f"{_KEY}_relay_state": "switch"}},
            {"at": 20, "written": {f"{_FOLDER}/relay/State": {"value": 1}}},
            {"at": 20, "state": {f"{_KEY}_relay_state": "on"}},
            {"at": 32, "platform": {f"{_KEY}_free_state": "binary_sensor"}},
        ],
    ),
    "limits_that_make_no_sense": case(
        {
            f"{_FOLDER}/a/Settings/Type": 7,
            f"{_FOLDER}/a/Settings/DimmingMin": 50,
            f"{_FOLDER}/a/Settings/DimmingMax": 10,
            f"{_FOLDER}/a/Settings/StepSize": 0,
            f"{_FOLDER}/a/Dimming": 20,
            f"{_FOLDER}/b/Settings/Type": 8,
            f"{_FOLDER}/b/Settings/DimmingMin": -5,
            f"{_FOLDER}/b/Settings/DimmingMax": 5,
            f"{_FOLDER}/b/Settings/Decimals": 1,
            f"{_FOLDER}/b/Settings/Unit": "/Temperature",
            f"{_FOLDER}/b/Dimming": -2.5,
            f"{_FOLDER}/c/Settings/Type": 4,
            f"{_FOLDER}/c/Settings/DimmingMax": None,
            f"{_FOLDER}/c/Dimming": 1,
        },
        options={"controls": True},
        steps=[{"at": 6, "call": f"number.set_value 4.5 on {_KEY}_b_dimming"}],
        expect=[
            {"at": 4, "max": {f"{_KEY}_a_dimming": 100, f"{_KEY}_b_dimming": 5}},
            {
                "at": 4,
                "state": {
                    f"{_KEY}_a_dimming": 20,
                    f"{_KEY}_b_dimming": -2.5,
                    f"{_KEY}_c_dimming": "1",
                },
            },
            {"at": 15, "written": {f"{_FOLDER}/b/Dimming": {"value": 4.5}}},
        ],
    ),
    "automatic_and_by_hand": case(
        {
            f"{_FOLDER}/pump/Settings/Type": 9,
            f"{_FOLDER}/pump/State": 1,
            f"{_FOLDER}/pump/Auto": 1,
            f"{_FOLDER}/pump/Settings/CustomName": "Well",
        },
        options={"controls": True},
        steps=[
            {"at": 5, "call": f"select.select_option off on {_KEY}_pump_auto"},
            {"at": 20, "call": f"select.select_option auto on {_KEY}_pump_auto"},
            {"at": 35, "set": {f"{_FOLDER}/pump/Settings/CustomName": "Fountain"}},
        ],
        expect=[
            {"at": 4, "state": {f"{_KEY}_pump_auto": "auto"}},
            {"at": 15, "state": {f"{_KEY}_pump_auto": "off"}},
            {"at": 15, "written": {f"{_FOLDER}/pump/State": {"value": 0}}},
            {"at": 32, "state": {f"{_KEY}_pump_auto": "auto"}},
            {"at": 42, "friendly_name_contains": {f"{_KEY}_pump_auto": "Fountain"}},
        ],
    ),
    "what_an_output_complains_of": case(
        {
            **{
                f"{_FOLDER}/{name}/{path}": value
                for name, status in {
                    "fine": 9,
                    "fuse": 2,
                    "hot": 4,
                    "fault": 8,
                    "short": 16,
                    "disabled": 32,
                    "outside": 129,
                }.items()
                for path, value in (("Settings/Type", 1), ("State", 1), ("Status", status))
            },
        },
        steps=[{"at": 5, "set": {f"{_FOLDER}/fuse/Status": 9, f"{_FOLDER}/fine/Status": 18}}],
        expect=[
            {
                "at": 4,
                "state": {
                    f"{_KEY}_fine_status": "off",
                    f"{_KEY}_fuse_status": "on",
                    f"{_KEY}_hot_status": "on",
                    f"{_KEY}_fault_status": "on",
                    f"{_KEY}_short_status": "on",
                    f"{_KEY}_disabled_status": "off",
                    f"{_KEY}_outside_status": "off",
                },
            },
            {"at": 10, "state": {f"{_KEY}_fuse_status": "off", f"{_KEY}_fine_status": "on"}},
        ],
    ),
    "an_output_without_controls_is_only_shown": case(
        {
            f"{_FOLDER}/dim/Settings/Type": 2,
            f"{_FOLDER}/dim/State": 1,
            f"{_FOLDER}/dim/Dimming": 30,
            f"{_FOLDER}/drop/Settings/Type": 6,
            f"{_FOLDER}/drop/Settings/Labels": ["Eco", "Comfort"],
            f"{_FOLDER}/drop/Dimming": 1,
            f"{_FOLDER}/rgb/Settings/Type": 11,
            f"{_FOLDER}/rgb/State": 1,
            f"{_FOLDER}/rgb/LightControls": [120.0, 80.0, 60.0, 0.0, 0.0],
        },
        steps=[{"at": 5, "set": {f"{_FOLDER}/dim/Dimming": 0, f"{_FOLDER}/drop/Dimming": 0}}],
        expect=[
            {
                "at": 4,
                "platform": {
                    f"{_KEY}_dim_state": "binary_sensor",
                    f"{_KEY}_dim_dimming": "sensor",
                    f"{_KEY}_drop_dimming": "sensor",
                },
                "state": {f"{_KEY}_dim_dimming": 30, f"{_KEY}_drop_dimming": "Comfort"},
            },
            {"at": 10, "state": {f"{_KEY}_dim_dimming": 0, f"{_KEY}_drop_dimming": "Eco"}},
        ],
    ),
    # --- the grid without a meter ---------------------------------------------------------
    "phases_that_balance_count_nothing": case(
        {**_PHASES, **_grid(0, 0, 0)},
        steps=[
            {"at": 10, "set": _grid(3000, -1000, -2000)},
            {"at": 130, "set": _grid(0, 0, 0)},
        ],
        expect=[{"at": 170, "counted_kwh": {"bought": 0, "sold": 0}, "tolerance": 0.2}],
    ),
    "a_grid_on_l2_that_comes_and_goes": case(
        {**_PHASES, **_grid(None, 0, None)},
        steps=[
            {"at": 10, "set": _grid(None, 6000, None)},
            {"at": 70, "set": _grid(None, None, None)},
            {"at": 100, "set": _grid(None, 6000, None)},
            {"at": 160, "set": _grid(None, 0, None)},
        ],
        expect=[{"at": 200, "counted_kwh": {"bought": 0.2, "sold": 0}, "tolerance": 0.05}],
    ),
    "a_grid_that_goes_on_after_a_restart": case(
        {**_PHASES, **_grid(6000, None, None)},
        steps=[
            {"at": 60, "restart": True},
            {"at": 90, "set": _grid(-6000, None, None)},
            {"at": 150, "set": _grid(0, None, None)},
        ],
        expect=[
            {"at": 200, "counted_kwh": {"bought": 0.155, "sold": 0.1}, "tolerance": 0.15},
        ],
    ),
    "a_gx_without_a_grid_counts_none": case(
        {"system/0/Dc/Battery/Power": 500, "system/0/Ac/Consumption/L1/Power": 500},
        expect=[
            {"at": 30, "not_registered": ["system_0_ac_grid_import_energy"]},
            {"at": 30, "registered": ["system_0_dc_battery_charge_energy"]},
        ],
    ),
}
