"""From decoded objects to readings: keys, signs, plausibility, what is installed."""

from datetime import UTC, datetime

import pytest

from custom_components.hausstrom.common.value import Value
from custom_components.hausstrom.senec.local.protocol.catalogue import CATALOGUE, Cadence
from custom_components.hausstrom.senec.local.protocol.codec import Answer, Refusal, Section
from custom_components.hausstrom.senec.local.protocol.installed import Installed
from custom_components.hausstrom.senec.local.protocol.points import (
    Ref,
    interpret,
    reading_at,
    value_at,
)
from custom_components.hausstrom.senec.local.protocol.roster import all_points, points_of
from simulators.senec_local import Model

from .support import device, everything

COLLECTOR = {
    "application_version",
    "bat_charge_current",
    "bat_fuel_charge",
    "bat_power_minus",
    "bat_power_plus",
    "bat_voltage",
    "case_temp",
    "current_state_code",
    "current_state_ok",
    "current_state",
    "ev_connected",
    "grid_power_minus",
    "grid_power_plus",
    "house_power",
    "inverter_power",
    "mpp1_power",
    "mpp2_power",
    "mpp3_power",
    "power_ratio",
    "response_duration",
    "wallbox_charge_power",
    "wallbox_charge_power0",
    "wallbox_charge_power1",
    "wallbox_charge_power2",
    "wallbox_charge_power3",
}


def read(key: str, **sections: Section) -> Value:
    return all_points()[key].read(Answer(dict(sections)))


HALVES = {"grid_power_plus", "grid_power_minus", "bat_power_plus", "bat_power_minus"}


def test_the_25_measurements_of_the_collector_are_there_and_enabled_by_default() -> None:
    assert len(COLLECTOR) == 25
    points = all_points()
    assert points.keys() >= COLLECTOR
    # How long an answer took is for the curious, and the halves of grid_power and bat_power say
    # nothing that these do not: at every poll each would be a row in the database.
    enabled = {key for key in COLLECTOR | {"grid_power", "bat_power"} if points[key].enabled}
    assert COLLECTOR - enabled == {"response_duration", *HALVES}
    assert all(points[key].cadence is Cadence.LIVE for key in COLLECTOR - {"application_version"})


@pytest.mark.parametrize(
    ("grid", "plus", "minus"), [(812.5, 812.5, 0), (-812.5, 0, 812.5), (0.0, 0, 0)]
)
def test_the_grid_has_a_sign_and_two_directions(grid: float, plus: float, minus: float) -> None:
    energy: Section = {"GUI_GRID_POW": grid}
    assert read("grid_power", ENERGY=energy) == grid
    assert read("grid_power_plus", ENERGY=energy) == plus
    assert read("grid_power_minus", ENERGY=energy) == minus


def test_the_battery_discharges_with_plus_for_home_assistant() -> None:
    charging: Section = {"GUI_BAT_DATA_POWER": 1500.0}
    assert read("bat_power", ENERGY=charging) == -1500
    assert read("bat_power_plus", ENERGY=charging) == 1500
    assert read("bat_power_minus", ENERGY=charging) == 0
    idle: Section = {"GUI_BAT_DATA_POWER": 0.0}
    assert str(read("bat_power", ENERGY=idle)) == "0.0"
    assert str(read("bat_power_minus", ENERGY=idle)) == "0"


def test_small_negative_sun_is_none() -> None:
    assert read("inverter_power", ENERGY={"GUI_INVERTER_POWER": -3.2}) == 0
    assert read("inverter_power", ENERGY={"GUI_INVERTER_POWER": 5012.0}) == 5012


@pytest.mark.parametrize("missing", [None, Refusal.DEVICE_ERROR, Refusal.BAD_HEX, "text", 2e6])
def test_what_is_missing_is_never_zero(missing: object) -> None:
    energy: Section = {} if missing is None else {"GUI_GRID_POW": missing}  # type: ignore[dict-item]  # hostile on purpose
    for key in ("grid_power", "grid_power_plus", "grid_power_minus"):
        assert read(key, ENERGY=energy) is None
    for key in ("bat_power", "bat_power_plus", "bat_power_minus", "inverter_power"):
        assert read(key) is None


@pytest.mark.parametrize(
    ("code", "slug", "is_ok"),
    [
        (14, "charging", True),
        (19, "passive", False),
        (100, "sox_calibration", False),
        (101, None, False),
    ],
)
def test_the_state_has_a_name_a_number_and_a_verdict(
    code: int, slug: str | None, is_ok: bool
) -> None:
    energy: Section = {"STAT_STATE": code}
    assert read("current_state", ENERGY=energy) == slug
    assert read("current_state_code", ENERGY=energy) == code
    assert read("current_state_ok", ENERGY=energy) is is_ok


def test_no_state_is_no_verdict() -> None:
    assert read("current_state_ok", ENERGY={"STAT_STATE": Refusal.DEVICE_ERROR}) is None
    assert read("current_state", ENERGY={"STAT_STATE": 14.5}) is None


def test_wallboxes_add_up_only_when_all_are_known() -> None:
    powers: Section = {"APPARENT_CHARGING_POWER": [4140.0, 0.0, 11000.0, 0.0]}
    assert read("wallbox_charge_power", WALLBOX=powers) == 15140
    assert read("wallbox_charge_power2", WALLBOX=powers) == 11000
    hole: Section = {"APPARENT_CHARGING_POWER": [4140.0, Refusal.DEVICE_ERROR]}
    assert read("wallbox_charge_power", WALLBOX=hole) is None
    assert read("wallbox_charge_power0", WALLBOX=hole) == 4140
    assert read("wallbox_charge_power1", WALLBOX=hole) is None
    assert read("wallbox_charge_power3", WALLBOX=hole) is None
    assert read("wallbox_charge_power") is None


@pytest.mark.parametrize(
    ("flags", "connected"),
    [
        ([0, 0, 1, 0], True),
        ([0, 0, 0, 0], False),
        ([0, Refusal.DEVICE_ERROR], None),
        ([1, Refusal.DEVICE_ERROR], True),
        ([], None),
    ],
)
def test_a_vehicle_is_connected(flags: list[int | Refusal], connected: bool | None) -> None:
    assert read("ev_connected", WALLBOX={"EV_CONNECTED": [*flags]}) is connected


def test_the_clock_is_utc() -> None:
    wanted = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    rtc: Section = {"WEB_TIME": int(wanted.timestamp()) + 7200, "UTC_OFFSET": 120}
    assert read("rtc_web_time", RTC=rtc) == wanted
    west: Section = {"WEB_TIME": int(wanted.timestamp()) - 3600, "UTC_OFFSET": -60}
    assert read("rtc_web_time", RTC=west) == wanted
    assert read("rtc_web_time", RTC={"WEB_TIME": 1, "UTC_OFFSET": 5000}) is None
    assert read("rtc_web_time", RTC={"WEB_TIME": 10**18, "UTC_OFFSET": 0}) is None
    assert read("rtc_web_time", RTC={"WEB_TIME": 1}) is None


def test_the_share_of_power_is_percent_in_either_type() -> None:
    assert read("power_ratio", PV1={"POWER_RATIO": 100}) == 100
    assert read("power_ratio", PV1={"POWER_RATIO": 70.0}) == 70


@pytest.mark.parametrize(
    ("section", "name", "value", "reading"),
    [
        ("TEMPMEASURE", "MCU_TEMP", -158.2, None),
        ("TEMPMEASURE", "MCU_TEMP", 49.744564056396484, 49.745),
        ("TEMPMEASURE", "CASE_TEMP", 121.0, None),
        ("BMS", "SYSTEM_SOC", 680, 68.0),
        ("BMS", "MAX_TEMP", 350, 35.0),
        ("BMS", "MAX_TEMP", 0xFFF6, -1.0),
        ("BMS_PARA", "MAX_MODULE_DISCHARGE_CURRENT_LIMIT_A", 65512, -24),
        ("BMZ_CURRENT_LIMITS", "MIN_CURRENT_LIMIT_A", 65512, -24),
        ("FACTORY", "DESIGN_CAPACITY", 7500.0, 7.5),
        ("ENERGY", "GUI_BAT_DATA_FUEL_CHARGE", 101.0, None),
        ("ENERGY", "GUI_CHARGING_INFO", 1, True),
        ("ENERGY", "GUI_CHARGING_INFO", 0, False),
        ("STECA", "STARTUP", 272, "run_grid"),
        ("STECA", "STARTUP", 273, None),
        ("WIZARD", "APPLICATION_VERSION", "0826", "0826"),
        ("WIZARD", "APPLICATION_VERSION", "", None),
        ("BAT1", "SERIAL", "  ", None),
        ("SYS_UPDATE", "NPU_VER", 2411, 2411),
    ],
)
def test_values_are_read_as_the_catalogue_says(
    section: str, name: str, value: float | str, reading: Value
) -> None:
    found = reading_at(Answer({section: {name: value}}), Ref(section, name))
    assert found == reading
    assert type(found) is type(reading) or isinstance(found, int | float)


@pytest.mark.parametrize(
    ("name", "value", "reading"),
    [
        ("CELL_VOLTAGES_MODULE_A", 3926, 3.926),
        ("CELL_VOLTAGES_MODULE_A", 0, None),
        ("CELL_VOLTAGES_MODULE_A", 65535, None),
        ("CELL_TEMPERATURES_MODULE_A", 65512, -24),
        ("CELL_TEMPERATURES_MODULE_A", 31, 31),
        ("CHARGED_ENERGY", 307_496_975, 85.416),
        ("ALARM_STATUS", 23, "warning_cells_imbalanced"),
        ("ALARM_STATUS", 32, None),
    ],
)
def test_items_of_arrays(name: str, value: int, reading: Value) -> None:
    answer = Answer({"BMS": {name: [value]}})
    assert reading_at(answer, Ref("BMS", name), 0) == reading
    assert reading_at(answer, Ref("BMS", name), 1) is None
    assert value_at(answer, Ref("BMS", name)) is None


def test_wallboxes_count_watt_hours() -> None:
    """Everything else among the statistics is kWh."""
    answer = Answer({"STATISTIC": {"LIVE_WB_ENERGY": [123_456, 0], "LIVE_PV_GEN": 123.456}})
    assert reading_at(answer, Ref("STATISTIC", "LIVE_WB_ENERGY"), 0) == 123.456
    assert reading_at(answer, Ref("STATISTIC", "LIVE_PV_GEN")) == 123.456


def test_a_text_where_a_number_belongs_is_no_value() -> None:
    assert interpret(CATALOGUE["ENERGY", "GUI_GRID_POW"].form, "12") is None


def keys_of(model: Model, application: str = "0826", **changes: Section) -> set[str]:
    answer = everything(device(model, application))
    for section, values in changes.items():
        answer.sections.setdefault(section, {}).update(values)
    return set(points_of(answer))


def test_a_v3_has_what_is_installed() -> None:
    keys = keys_of(Model.V3)
    assert {"bms_cycles_0", "bms_cycles_2", "bms_cell_voltages_module_a_13"} <= keys
    assert not {"bms_cycles_3", "bms_cell_voltages_module_a_14", "bms_soc_3"} & keys
    assert "bms_cell_temperatures_module_d_0" not in keys
    assert {"mpp1_power", "mpp2_power", "pv1_mpp_vol_1"} <= keys
    assert not {"mpp3_power", "pv1_mpp_vol_2"} & keys
    assert {"wallbox_charge_power", "wallbox_charge_power0", "wallbox_state_0"} <= keys
    assert not {"wallbox_charge_power1", "wallbox_state_1"} & keys
    assert "sockets_enable_1" in keys
    assert {"pm1obj1_u_ac_0", "pm1obj1_u_ac_2"} <= keys
    assert not any(key.startswith("pm1obj2_") for key in keys)
    assert {"pm1obj2_freq", "pm1obj2_p_ac_2"} <= keys_of(Model.V3, PM1OBJ2={"ENABLED": 1})
    assert not any(key.startswith("pwr_unit_power") for key in keys)
    assert not any(key.startswith("casc_soc") for key in keys)
    assert not any(key.startswith("statistic_") for key in keys)


def test_an_old_firmware_has_its_statistics() -> None:
    keys = keys_of(Model.V3, "0811")
    assert {"statistic_live_grid_import", "statistic_live_wb_energy_0"} <= keys
    assert "statistic_live_wb_energy_1" not in keys


def test_lfp_modules_have_16_cells() -> None:
    keys = keys_of(Model.V3_LFP)
    assert "bms_cell_voltages_module_c_15" in keys
    assert {"ampace_module_max_temp_2", "bms_system_soh"} <= keys


def test_a_v2_1_has_no_trackers_wallboxes_sockets() -> None:
    keys = keys_of(Model.V2_1)
    assert not {key for key in keys if key.startswith(("mpp", "wallbox_charge", "sockets_enable"))}
    assert not {"ev_connected", "steca_startup", "wallbox_allow_intercharge"} & keys
    assert {"house_power", "grid_power", "bat_power", "inverter_power", "power_ratio"} <= keys


def test_what_the_firmware_does_not_have_makes_no_point() -> None:
    keys = keys_of(
        Model.V3,
        ENERGY={"GUI_HOUSE_POW": Refusal.NOT_FOUND, "GUI_GRID_POW": Refusal.DEVICE_ERROR},
        BMS={"CYCLES": Refusal.FORBIDDEN},
        TEMPMEASURE={"CASE_TEMP": [1]},
        PV1={"POWER_RATIO": [100]},
    )
    assert not {"house_power", "bms_cycles_0", "case_temp", "power_ratio"} & keys
    assert "grid_power" in keys


def test_what_is_installed_is_told_in_several_ways() -> None:
    def installed(**sections: Section) -> Installed:
        return Installed.of(Answer(dict(sections)))

    assert installed().modules is None
    # None counted is not none installed: they count none, too, until they have reported.
    assert installed(BMS={"NR_INSTALLED": 0, "VOLTAGE": [0.0] * 4}).modules is None
    assert installed(BMS={"VOLTAGE": [52.0, 0.0, 52.1, 0.0]}).modules == frozenset({0, 2})
    assert installed(BMS={"NR_INSTALLED": 2}).modules == frozenset({0, 1})
    assert installed(PV1={"MPP_POWER": [0.0, 0.0, 0.0]}).trackers == {0, 1, 2}
    assert installed(PV1={"MPP_POWER": [0.0], "MPP_AVAIL": 0}).trackers == frozenset()
    assert installed(WALLBOX={"STATE": [0, 0xA1, 0, 0]}).wallboxes == frozenset({1})
    assert installed(WIZARD={"CONFIG_LOADED": 0, "SETUP_NUMBER_WALLBOXES": 0}).wallboxes is None
    assert installed(SOCKETS={"NUMBER_OF_SOCKETS": 2}).sockets == {0, 1}
    off: Section = {"SOCKETS": 0}
    assert installed(SOCKETS={"NUMBER_OF_SOCKETS": 2}, FEATURES=off).sockets == frozenset()
    wizard: Section = {"MASTER_SLAVE_MODE": 1, "MASTER_SLAVE_ADDRESSES": [0, 7, 0, 0, 0, 0]}
    assert installed(WIZARD=wizard).cascade == {1}
    single: Section = {"MASTER_SLAVE_MODE": 0, "MASTER_SLAVE_ADDRESSES": [0, 7, 0, 0, 0, 0]}
    assert installed(WIZARD=single).cascade == set()
    unused: Section = {"MASTER_SLAVE_MODE": 1, "MASTER_SLAVE_ADDRESSES": [0] * 6}
    assert installed(WIZARD=unused).cascade == set()
    power: Section = {"POWER": [0.0, 12.0, 0.0], "STATE": [0, 0, 6]}
    assert installed(WIZARD={"MASTER_SLAVE_MODE": 1}, CASC=power).cascade == {1, 2}
    assert installed(PWR_UNIT={"TYPE": [2, 0, 0, 0, 0, 0]}).power_units == {0}
