"""Variants of ours, at least three of each kind of fault that users lived through.

The form is that of the shared cases: `device` changes the table, `steps` are done in order.
"""

from typing import Any, Final

from simulators.senec_local import typed

type Step = dict[str, Any]
type Case = dict[str, Any]

SET_UP: Final[Step] = {"do": "set_up"}
RELOAD: Final[Step] = {"do": "reload"}
SAFE: Final = "energy_safe_charge_running"
POWERS: Final = {
    "grid_power": ("GUI_GRID_POW", -234.0),
    "house_power": ("GUI_HOUSE_POW", 345.0),
    "bat_fuel_charge": ("GUI_BAT_DATA_FUEL_CHARGE", 44.0),
    "inverter_power": ("GUI_INVERTER_POWER", 579.0),
}


def wait(seconds: float) -> Step:
    return {"do": "wait", "seconds": seconds}


def device(**table: dict[str, Any]) -> Step:
    return {"do": "device", "table": table}


def answer(to: str, **more: Any) -> Step:
    return {"do": "answer", "to": to, **more}


def call(action: str, key: str, **more: Any) -> Step:
    return {"do": "call", "action": action, "key": key, **more}


def shows(key: str, state: Any, within: float = 60) -> Step:
    return {"expect": {"key": key, "state": state, "within_s": within}}


def shows_about(key: str, energy: float) -> Step:
    """A counter holds about so many kWh: it is written once a minute."""
    return {"expect": {"key": key, "about": energy}}


def exists(key: str, within: float = 0, *, there: bool = True) -> Step:
    return {"expect": {"key": key, "exists": there, "within_s": within}}


def issue(within: float = 150, *, there: bool = True) -> Step:
    return {"expect": {"issue": there, "within_s": within}}


def writes(**places: int) -> Step:
    return {"expect": {"writes": {place.replace("__", "."): n for place, n in places.items()}}}


def fl(*values: float) -> list[str]:
    return [typed("fl", value) for value in values]


def u8(*values: int) -> list[str]:
    return [typed("u8", value) for value in values]


LIVE_AGAIN: Final = (
    device(ENERGY={name: typed("fl", value) for name, value in POWERS.values()}),
    device(PV1={"MPP_POWER": fl(333, 246, 0)}),
    *(shows(key, value, 30) for key, (_name, value) in POWERS.items()),
    shows("mpp1_power", 333, 60),
)
STILL_LIVE: Final = (
    RELOAD,
    *(shows(key, value) for key, (_name, value) in POWERS.items()),
    shows("mpp1_power", 333, 60),
)
NO_MODULES: Final = {
    "MODULES_CONFIGURED": "u8_00",
    "MODULE_COUNT": "u8_00",
    "NR_INSTALLED": "u8_00",
    "SOC": u8(0, 0, 0, 0),
    "SOH": u8(0, 0, 0, 0),
    "CYCLES": [typed("u1", 0)] * 4,
    "VOLTAGE": fl(0, 0, 0, 0),
}
MODULES: Final = {
    "MODULES_CONFIGURED": "u8_03",
    "MODULE_COUNT": "u8_03",
    "NR_INSTALLED": "u8_03",
    "SOC": u8(56, 57, 58, 0),
    "SOH": u8(98, 97, 96, 0),
    "CYCLES": [typed("u1", n) for n in (81, 82, 83, 0)],
    "VOLTAGE": fl(52.7, 52.8, 52.9, 0),
}


def update(name: str, *trouble: Step) -> Case:
    """A firmware update with this trouble; everything is live afterwards, and after a reload."""
    return {
        "id": name,
        "steps": [
            SET_UP,
            wait(20),
            device(WIZARD={"APPLICATION_VERSION": "st_0840"}),
            *trouble,
            wait(300),
            *LIVE_AGAIN,
            *STILL_LIVE,
        ],
    }


TRANSIENT: Final[list[Case]] = [
    update("update_three_504", answer("everything", seconds=60), answer("whole_sections", times=3)),
    update("update_long_silence", answer("everything", seconds=400)),
    update(
        "update_truncated",
        answer("everything", seconds=45),
        answer("whole_sections", times=4, how="truncated"),
    ),
    update(
        "update_whole_sections_never",
        answer("everything", seconds=45),
        answer("whole_sections", seconds=4000),
    ),
    update(
        "update_one_section_lags",
        answer("everything", seconds=40),
        answer("any_with", section="PV1", seconds=120),
    ),
    update("update_without_outage"),
    {
        "id": "update_seen_though_its_entity_is_off",
        "steps": [
            SET_UP,
            {"do": "disable", "keys": ["application_version"]},
            wait(20),
            exists("statistic_live_pv_gen", there=False),
            device(
                WIZARD={"APPLICATION_VERSION": "st_0840"},
                STATISTIC={"LIVE_PV_GEN": typed("fl", 100)},
            ),
            exists("statistic_live_pv_gen", 900),
        ],
    },
    *(
        {
            "id": f"setup_{section.lower()}_late_{times}",
            "device": {"FEATURES": {"SOCKETS": "u8_01"}},
            "steps": [
                answer("more_sections_than", count=2, seconds=900),
                answer("only", section=section, times=times),
                SET_UP,
                exists(key, 300),
            ],
        }
        for section, key, times in (
            ("WALLBOX", "wallbox_charge_power", 3),
            ("WIZARD", "wallbox_charge_power", 2),
            ("BMS", "bms_soh_1", 4),
            ("SOCKETS", "sockets_enable_0", 1),
            ("FEATURES", "features_car", 2),
        )
    ),
    {
        "id": "setup_truncated_once",
        "steps": [
            answer("whole_sections", times=1, how="truncated"),
            SET_UP,
            exists("mpp1_power", 300),
            exists("bms_soh_0", 300),
        ],
    },
    {
        "id": "setup_energy_only_in_parts",
        "steps": [
            answer("whole_sections", seconds=3000),
            SET_UP,
            shows("house_power", 1310, 300),
            exists("bms_soh_2", 900),
            exists("wallbox_charge_power", 900),
        ],
    },
    {
        "id": "battery_offline_for_a_while",
        "steps": [
            SET_UP,
            wait(20),
            shows("bms_cycles_0", 81),
            device(ENERGY={"STAT_STATE": "u8_3B"}, BMS=NO_MODULES),
            shows("bms_cycles_0", None, 400),
            RELOAD,
            exists("bms_cycles_0"),
            shows("bms_cycles_0", None),
            device(ENERGY={"STAT_STATE": "u8_0E"}, BMS=MODULES),
            shows("bms_cycles_0", 81, 400),
            shows("bms_soh_2", 96),
        ],
    },
    {
        "id": "battery_offline_at_setup_without_a_reload",
        "device": {"BMS": NO_MODULES, "ENERGY": {"STAT_STATE": "u8_3B"}},
        "steps": [
            SET_UP,
            wait(20),
            exists("bms_soh_0", there=False),
            device(ENERGY={"STAT_STATE": "u8_0E"}, BMS=MODULES),
            exists("bms_soh_2", 900),
            shows("bms_soh_2", 96, 400),
        ],
    },
    {
        "id": "bms_section_gone_at_setup",
        "steps": [
            answer("any_with", section="BMS", seconds=120),
            SET_UP,
            shows("house_power", 1310, 90),
            exists("bms_soh_0", 420),
        ],
    },
    {
        "id": "a_live_section_stops_answering",
        "steps": [
            SET_UP,
            wait(20),
            shows("mpp1_power", 640),
            answer("any_with", section="PV1", seconds=600),
            wait(150),
            shows("mpp1_power", None, 0),
            device(ENERGY={"GUI_HOUSE_POW": typed("fl", 777)}),
            shows("house_power", 777, 30),
            shows("mpp1_power", 640, 700),
        ],
    },
]

LATER: Final[list[Case]] = [
    {
        "id": "wallbox_without_a_reload",
        "device": {"WIZARD": {"SETUP_NUMBER_WALLBOXES": "u8_00"}},
        "steps": [
            SET_UP,
            wait(20),
            exists("wallbox_charge_power", there=False),
            device(
                WIZARD={"SETUP_NUMBER_WALLBOXES": "u8_01"},
                WALLBOX={"APPARENT_CHARGING_POWER": fl(3600, 0, 0, 0)},
            ),
            exists("wallbox_charge_power", 900),
            shows("wallbox_charge_power", 3600, 60),
        ],
    },
    {
        "id": "second_wallbox",
        "steps": [
            SET_UP,
            wait(20),
            exists("wallbox_charge_power1", there=False),
            device(
                WIZARD={"SETUP_NUMBER_WALLBOXES": "u8_02"},
                WALLBOX={"APPARENT_CHARGING_POWER": fl(0, 2300, 0, 0)},
            ),
            exists("wallbox_charge_power1", 900),
            shows("wallbox_charge_power1", 2300, 60),
            exists("wallbox_energy1"),
        ],
    },
    {
        "id": "lfp_modules_have_two_cells_more",
        "steps": [
            SET_UP,
            wait(20),
            exists("bms_cell_voltages_module_a_13"),
            exists("bms_cell_voltages_module_a_15", there=False),
            device(
                BMS={
                    "MANUFACTURER": "u8_04",
                    **{
                        f"CELL_VOLTAGES_MODULE_{letter}": [typed("u1", 3300 + n) for n in range(16)]
                        for letter in "ABC"
                    },
                }
            ),
            RELOAD,
            exists("bms_cell_voltages_module_a_15", 30),
        ],
    },
    {
        "id": "fourth_module_within_a_quarter",
        "steps": [
            SET_UP,
            wait(20),
            exists("bms_soh_3", there=False),
            device(
                BMS={
                    "MODULES_CONFIGURED": "u8_04",
                    "MODULE_COUNT": "u8_04",
                    "NR_INSTALLED": "u8_04",
                    "SOH": u8(98, 97, 96, 100),
                    "VOLTAGE": fl(52.7, 52.8, 52.9, 52.8),
                }
            ),
            exists("bms_soh_3", 900),
            shows("bms_soh_3", 100, 400),
        ],
    },
    {
        "id": "sockets_installed_later",
        "device": {"FEATURES": {"SOCKETS": "u8_01"}, "SOCKETS": {"NUMBER_OF_SOCKETS": "u8_00"}},
        "steps": [
            SET_UP,
            wait(20),
            exists("sockets_enable_0", there=False),
            device(SOCKETS={"NUMBER_OF_SOCKETS": "u8_02"}),
            RELOAD,
            exists("sockets_enable_1", 30),
        ],
    },
    {
        "id": "newer_release_another_section",
        "steps": [
            SET_UP,
            wait(20),
            {"do": "forget", "keys": ["pm1obj1_freq", "tempmeasure_battery_temp", "mpp1_power"]},
            exists("pm1obj1_freq", 120),
            exists("mpp1_power", 120),
            shows("tempmeasure_battery_temp", 26.5, 120),
        ],
    },
    {
        "id": "newer_release_while_the_device_is_busy",
        "steps": [
            SET_UP,
            wait(20),
            answer("whole_sections", times=3),
            {"do": "forget", "keys": ["bms_soh_0", "bms_soh_1"]},
            exists("bms_soh_0", 300),
            exists("bms_soh_1", 10),
            shows("house_power", 1310),
        ],
    },
    {
        "id": "newer_release_keeps_what_was_known",
        "steps": [
            SET_UP,
            wait(20),
            answer("any_with", section="PV1", seconds=90),
            {"do": "forget", "keys": ["wizard_ps_enable"]},
            exists("wizard_ps_enable", 120),
            exists("mpp2_power"),
            shows("mpp2_power", 1000, 300),
        ],
    },
]

WRITES: Final[list[Case]] = [
    *(
        {
            "id": f"forced_charge_{seconds}s",
            "steps": [
                SET_UP,
                wait(15),
                {"do": "answer", "shows_after_s": seconds},
                call("switch.turn_on", SAFE, error=False),
                writes(ENERGY__SAFE_CHARGE_FORCE=1),
                shows(SAFE, "on", seconds + 35),
                call("switch.turn_off", SAFE, error=False),
                writes(ENERGY__SAFE_CHARGE_PROHIBIT=1),
                shows(SAFE, "off", seconds + 35),
                issue(0, there=False),
            ],
        }
        for seconds in (0, 25, 60)
    ),
    {
        "id": "changed_mind_before_it_shows",
        "steps": [
            SET_UP,
            wait(15),
            {"do": "answer", "shows_after_s": 12},
            call("switch.turn_on", SAFE, error=False),
            call("switch.turn_off", SAFE, error=False),
            writes(ENERGY__SAFE_CHARGE_PROHIBIT=1),
            wait(200),
            shows(SAFE, "off", 0),
            issue(0, there=False),
        ],
    },
    {
        "id": "a_device_that_never_does_it_is_told_once",
        "steps": [
            SET_UP,
            wait(15),
            {"do": "answer", "shows_after_s": 100_000},
            call("switch.turn_on", SAFE, error=False),
            issue(60, there=False),
            issue(150),
            shows(SAFE, "off", 0),
        ],
    },
    *(
        {
            "id": f"confirming_read_{name}",
            "steps": [
                SET_UP,
                wait(15),
                answer("after_write", times=1, **trouble),
                call("switch.turn_on", SAFE, error=False),
                shows(SAFE, "on", 45),
                writes(ENERGY__SAFE_CHARGE_FORCE=1),
            ],
        }
        for name, trouble in (
            ("500", {"status": 500}),
            ("truncated", {"how": "truncated"}),
            ("dropped", {"how": "dropped"}),
        )
    ),
    {
        "id": "confirming_reads_fail_for_a_minute",
        "steps": [
            SET_UP,
            wait(15),
            {"do": "answer", "shows_after_s": 5},
            call("switch.turn_on", SAFE, error=False),
            answer("everything", seconds=60),
            shows(SAFE, "on", 200),
            issue(0, there=False),
        ],
    },
    {
        "id": "a_write_that_cannot_arrive_is_an_error",
        "steps": [
            SET_UP,
            wait(15),
            answer("everything", times=5),
            call("switch.turn_on", SAFE, error=True),
            writes(),
        ],
    },
    {
        "id": "a_current_that_is_so_already_is_not_written",
        "steps": [
            SET_UP,
            wait(15),
            call("number.set_value", "wallbox_set_icmax_0", data={"value": 10}, error=False),
            writes(),
            call("number.set_value", "wallbox_set_icmax_0", data={"value": 12}, error=False),
            {"expect": {"written": [f"WALLBOX.SET_ICMAX[0]={typed('fl', 12)}"]}},
            shows("wallbox_set_icmax_0", 12, 30),
        ],
    },
]


def another_board(name: str, *changes: Step, then: tuple[Step, ...] = ()) -> Case:
    """Who answers is not who is pinned: nothing is shown or written until the owner agrees."""
    return {
        "id": name,
        "steps": [
            SET_UP,
            wait(15),
            *changes,
            issue(),
            shows("grid_power", None, 0),
            call("switch.turn_on", SAFE),
            writes(),
            RELOAD,
            shows("grid_power", None, 0),
            issue(),
            {"do": "answer_issue"},
            *then,
            shows("grid_power", 420, 150),
            call("switch.turn_on", SAFE, error=False),
            issue(0, there=False),
        ],
    }


HTTP: Final[Step] = {"do": "scheme", "scheme": "http"}
HTTPS: Final[Step] = {"do": "scheme", "scheme": "https"}
NEW: Final[Step] = {"do": "scheme", "scheme": "https", "new_certificate": True}
OTHER: Final[Step] = device(FACTORY={"DEVICE_ID": "st_2222000011110099"})

PINNED: Final[list[Case]] = [
    another_board("https_gone_and_a_reload", HTTP),
    another_board("another_certificate", NEW),
    another_board("another_device_id", OTHER, RELOAD),
    another_board("another_device_id_over_http", OTHER, HTTP),
    another_board("another_device_id_and_certificate", OTHER, NEW),
    *(
        {
            "id": f"the_question_goes_when_the_pinned_device_is_back_{name}",
            "steps": [
                SET_UP,
                wait(15),
                change,
                issue(400),
                back,
                issue(150, there=False),
                shows("grid_power", 420, 150),
                {"expect": {"pinned": True}},
            ],
        }
        for name, change, back in (
            ("http", HTTP, HTTPS),
            ("device_id", OTHER, device(FACTORY={"DEVICE_ID": "st_2222000011110007"})),
        )
    ),
    {
        "id": "what_was_agreed_to_is_looked_at_once_more",
        "steps": [
            SET_UP,
            wait(15),
            HTTP,
            issue(),
            {"do": "prepare_answer"},
            HTTPS,
            {"do": "give_answer"},
            shows("grid_power", 420, 150),
            {"expect": {"pinned": True}},
            issue(0, there=False),
        ],
    },
    {
        "id": "agreed_to_http_but_another_certificate_is_there_now",
        "steps": [
            SET_UP,
            wait(15),
            HTTP,
            issue(),
            {"do": "prepare_answer"},
            NEW,
            {"do": "give_answer", "aborts": "changed_again"},
            shows("grid_power", None, 0),
            {"do": "answer_issue"},
            shows("grid_power", 420, 150),
        ],
    },
    {
        "id": "https_is_pinned_again_after_http",
        "steps": [
            SET_UP,
            wait(15),
            HTTP,
            issue(),
            {"do": "answer_issue"},
            shows("grid_power", 420, 150),
            {"expect": {"pinned": False}},
            NEW,
            wait(60),
            device(ENERGY={"GUI_GRID_POW": typed("fl", 421)}),
            shows("grid_power", 421, 60),
            {"expect": {"pinned": True}},
        ],
    },
    {
        "id": "a_device_that_is_only_off_is_no_question",
        "steps": [
            SET_UP,
            wait(15),
            answer("everything", how="dropped", seconds=300),
            issue(0, there=False),
            shows("grid_power", 420, 300),
        ],
    },
]

SLOW: Final[list[Case]] = [
    {
        "id": "two_sections_at_a_time",
        "steps": [
            answer("more_sections_than", count=2, seconds=900),
            SET_UP,
            shows("grid_power", 420, 240),
            shows("mpp1_power", 640, 240),
            shows("bms_soh_0", 98, 240),
        ],
    },
    {
        "id": "one_section_at_a_time_and_some_lost",
        "steps": [
            answer("more_sections_than", count=1, seconds=3000),
            answer("only", section="BMS", times=2),
            SET_UP,
            shows("grid_power", 420, 240),
            answer("only", section="ENERGY", times=1),
            shows("house_power", 1310, 60),
            shows("mpp1_power", 640, 240),
            shows("wallbox_state_0", "not_connected", 240),
            device(PV1={"MPP_POWER": fl(111, 0, 0)}),
            shows("mpp1_power", 111, 90),
        ],
    },
    {
        "id": "slow_for_an_hour_only",
        "steps": [
            answer("more_sections_than", count=1, seconds=1200),
            SET_UP,
            shows("grid_power", 420, 240),
            wait(5400),
            device(PV1={"MPP_POWER": fl(222, 0, 0)}),
            shows("mpp1_power", 222, 15),
        ],
    },
    {
        "id": "slow_from_some_day_on",
        "steps": [
            SET_UP,
            wait(60),
            answer("more_sections_than", count=1, seconds=90_000),
            wait(120),
            *LIVE_AGAIN,
            *STILL_LIVE,
        ],
    },
]

TABLES: Final[list[Case]] = [
    {
        "id": "cascade_of_places",
        "device": {
            "WIZARD": {
                "MASTER_SLAVE_MODE": "u8_01",
                "MASTER_SLAVE_ADDRESSES": u8(0, 2, 3, 0, 0, 0),
            },
            "CASC": {
                "STATE": u8(0, 4, 6, 0, 0, 0),
                "BATPOWERSUM": typed("fl", 1500),
                "PVMASTER": typed("fl", 2000),
                "PVGEN": fl(0, 1000, 500, 0, 0, 0),
            },
        },
        "steps": [
            SET_UP,
            exists("casc_state_0", there=False),
            exists("casc_state_3", there=False),
            {"do": "enable", "keys": ["casc_state_1", "casc_state_2"]},
            shows("casc_state_1", "boost", 30),
            shows("casc_state_2", "standby", 30),
            shows("casc_bat_power", -1500, 30),
            shows("casc_inverter_power", 3500, 30),
            # grid 420 W, batteries + 1500 W charging
            shows("casc_house_power", 2420, 30),
            shows("grid_power", 420, 30),
            shows("house_power", 1310, 30),
            wait(600),
            shows_about("casc_inverter_energy", 3.5 / 6),
            shows_about("casc_house_energy", 2.42 / 6),
            shows_about("casc_bat_charge_energy", 0.25),
            shows("casc_bat_discharge_energy", 0, 0),
        ],
    },
    {
        "id": "no_cascade_no_places",
        "steps": [
            SET_UP,
            exists("casc_state_0", there=False),
            exists("casc_bat_power", there=False),
            exists("casc_house_power", there=False),
            exists("casc_house_energy", there=False),
            exists("casc_batpowersum", there=False),
        ],
    },
    *(
        {
            "id": f"address_{number}",
            "variable": f"WIZARD.SETUP_PV_INV_IP{number}",
            "key": f"wizard_setup_pv_inv_ip{number}",
            "values": [
                {"raw": typed("u3", raw), "means": means}
                for raw, means in ((0x0A000001, "10.0.0.1"), (0xFE000000, "254.0.0.0"), (0, None))
            ],
            "steps": [],
        }
        for number in (0, 5)
    ),
    {
        "id": "self_test_steps",
        "device": {"BAT1": {"SELFTEST_STEP": ["st_"] * 8}},
        "variable": "BAT1.SELFTEST_STEP[0]",
        "key": "bat1_selftest_step_0",
        "values": [
            {"raw": raw, "means": means}
            for raw, means in (
                ("u8_00", "upper voltage limit l1"),
                ("u8_07", "lower voltage limit 2 l1"),
                ("u8_08", None),
                ("st_3", "lower frequency limit l1"),
                ("st_Upper 10 Min Avg Limit L1", "upper 10-minute average limit l1"),
                ("st_", None),
                ("st_hello", None),
            )
        ],
        "steps": [],
    },
    {
        "id": "wallbox_codes_that_are_none",
        "variable": "WALLBOX.STATE[0]",
        "key": "wallbox_state_0",
        "values": [
            {"raw": raw, "means": means}
            for raw, means in (("u8_FF", None), ("u8_B1", "connected"), ("er_05", None))
        ],
        "steps": [],
    },
    {
        "id": "the_second_wallbox_says_so_too",
        "device": {"WIZARD": {"SETUP_NUMBER_WALLBOXES": "u8_02"}},
        "variable": "WALLBOX.STATE[1]",
        "key": "wallbox_state_1",
        "values": [
            {"raw": raw, "means": means}
            for raw, means in (
                ("u8_F3", "fault current detected"),
                ("u8_C2", "charging"),
                ("u8_42", None),
                ("u8_A2", "not connected"),
                ("u8_E1", "production test"),
            )
        ],
        "steps": [],
    },
    {
        "id": "a_wallbox_whose_state_is_no_code",
        "variable": "WALLBOX.STATE[0]",
        "key": "wallbox_state_0",
        "values": [
            {"raw": raw, "means": means}
            for raw, means in (
                ("u8_F9", "power supply error"),
                ("VARIABLE_NOT_FOUND", None),
                ("fl_43310000", "connected"),  # 177.0: the same number as another type
                ("st_B1", None),
                ("u8_F8", "vehicle communication error"),
            )
        ],
        "steps": [],
    },
    *(
        {
            "id": f"cascade_place_{place}_says_all_its_words",
            "device": {
                "WIZARD": {
                    "MASTER_SLAVE_MODE": "u8_01",
                    "MASTER_SLAVE_ADDRESSES": u8(1, 2, 3, 4, 5, 6),
                }
            },
            "variable": f"CASC.STATE[{place}]",
            "key": f"casc_state_{place}",
            "values": [
                {"raw": typed("u8", number), "means": means}
                for number, means in enumerate(
                    (
                        "pidmax (controlled to the maximum)",
                        "full",
                        "empty",
                        "charge",
                        "boost",
                        "passive",
                        "standby",
                        None,
                        None,
                    )
                )
            ],
            "steps": [],
        }
        for place in (0, 5)
    ),
    {
        "id": "address_that_is_none",
        "variable": "WIZARD.SETUP_PV_INV_IP1",
        "key": "wizard_setup_pv_inv_ip1",
        "values": [
            {"raw": raw, "means": means}
            for raw, means in (
                (typed("u3", 0xC0A80102), "192.168.1.2"),
                ("er_00", None),
                (typed("u3", 0xFFFFFFFF), "255.255.255.255"),
                ("FORBIDDEN", None),
            )
        ],
        "steps": [],
    },
    *(
        {
            "id": name,
            "device": {"WIZARD": {"SETUP_NUMBER_WALLBOXES": "u8_02"}},
            "box": 1,
            "keys": ["wallbox_set_icmax_1", "wallbox_set_idefault_1"],
            "values": [
                {
                    "MAX_CHARGING_CURRENT_RATED": rated,
                    "MAX_CHARGING_CURRENT_ICMAX": allowed,
                    "max": most,
                }
                for rated, allowed, most in limits
            ],
            "steps": [],
        }
        for name, limits in (
            ("limits_of_the_second_wallbox", ((16, 16, 16), (32, 25, 25), (32, 0, 32))),
            ("limits_below_what_a_car_takes", ((16, 4, 6), (None, None, 16), (6, 32, 6))),
        )
    ),
    {
        "id": "limits_that_move",
        "keys": ["wallbox_set_icmax_0", "wallbox_min_charging_current_0"],
        "values": [
            {
                "MAX_CHARGING_CURRENT_RATED": rated,
                "MAX_CHARGING_CURRENT_ICMAX": allowed,
                "max": most,
            }
            for rated, allowed, most in (
                (16, 32, 16),
                (20, None, 20),
                (None, None, 16),
                (0, 10, 10),
            )
        ],
        "steps": [],
    },
]

ALL: Final = [*TRANSIENT, *LATER, *WRITES, *PINNED, *SLOW, *TABLES]
