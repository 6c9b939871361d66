"""What a system makes of messages."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.victron.protocol.listening import MAX_TOPICS
from custom_components.hausstrom.victron.protocol.payload import PayloadFault
from tests.victron.gx import BATTERY, PORTAL, Gx

GRID = "grid_30"
METER = {
    "NrOfPhases": 3,
    "Ac/Power": 100.0,
    "Ac/L1/Power": 50.0,
    "Ac/L2/Power": 30.0,
    "Ac/L3/Power": 20.0,
    "Ac/Energy/Forward": 12.5,
    "CustomName": "Mains",
}


def test_a_battery_appears_with_what_it_measures(gx: Gx) -> None:
    changes = gx.tell("battery/512", {"Soc": 57.0699996948, "Dc/0/Voltage": 52.41, "Soh": None})
    assert changes == {"battery_512_soc": 57.07, "battery_512_dc_0_voltage": 52.41}
    assert gx.offers["battery_512_soc"].quantity.unit == "%"
    assert gx.system.readings == changes


def test_nothing_is_offered_before_a_service_has_said_who_it_is(gx: Gx) -> None:
    gx.say("battery/512/Soc", 57)
    gx.wait(1)
    assert gx.collect() == {}
    gx.echo()
    assert gx.collect() == {"battery_512_soc": 57}


def test_a_value_that_is_null_at_first_is_offered_when_it_is_not(gx: Gx) -> None:
    gx.tell("battery/512", {"Soc": 57, "TimeToGo": None})
    assert "battery_512_timetogo" not in gx.offers
    gx.say("battery/512/TimeToGo", 3600)
    assert gx.collect() == {"battery_512_timetogo": 3600}
    gx.say("battery/512/TimeToGo", None)
    assert gx.collect() == {"battery_512_timetogo": None}


def test_small_changes_are_not_worth_a_write_but_are_not_lost_either(gx: Gx) -> None:
    gx.tell("grid/30", METER)
    for power in (100.1, 100.2, 100.3, 100.4):
        gx.say("grid/30/Ac/Power", power)
        assert gx.collect() == {}
    gx.say("grid/30/Ac/Power", 100.6)
    assert gx.collect() == {"grid_30_ac_power": 100.6}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("Soc", [99.7, 99.8, 99.9, 100.0]),
        ("Dc/0/Voltage", [13.2, 13.21, 13.220000267, 13.23, 13.239999771]),
    ],
)
def test_every_step_of_a_sensor_is_shown(gx: Gx, path: str, values: list[float]) -> None:
    gx.say("battery/512/Dc/0/Power", 1)
    gx.echo()
    for value in values:
        gx.say(f"battery/512/{path}", value)
        gx.collect()
        key = f"battery_512_{path.lower().replace('/', '_')}"
        assert gx.system.readings[key] == pytest.approx(value, abs=1e-4)


def test_integers_and_floats_are_the_same_value(gx: Gx) -> None:
    gx.tell("grid/30", METER)
    gx.say("grid/30/Ac/Power", 100)
    assert gx.collect() == {}


def test_a_counter_keeps_every_digit_it_has(gx: Gx) -> None:
    gx.tell("grid/30", METER)
    gx.say("grid/30/Ac/Energy/Forward", 12.501)
    assert gx.collect() == {"grid_30_ac_energy_forward": 12.501}


def test_power_and_the_rest_are_collected_when_due(gx: Gx) -> None:
    gx.tell("battery/512", {"Soc": 57, "Dc/0/Power": 100.0, "Io/AllowToCharge": 1})
    gx.say("battery/512/Soc", 58)
    gx.say("battery/512/Dc/0/Power", 200.0)
    gx.say("battery/512/Io/AllowToCharge", 0)
    assert gx.system.urgent
    assert gx.collect(quick=False, calm=False) == {"battery_512_io_allowtocharge": False}
    assert gx.collect(quick=True, calm=False) == {"battery_512_dc_0_power": 200}
    assert gx.collect() == {"battery_512_soc": 58}
    assert gx.collect() == {}


def test_a_service_that_leaves_is_absent_and_comes_back(gx: Gx) -> None:
    gx.tell("grid/30", METER)
    gx.echo()
    assert gx.system.available(GRID)
    gx.system.news()
    for path in METER:
        gx.go(f"grid/30/{path}")
        gx.go(f"grid/30/{path}")
    assert not gx.system.present(GRID)
    assert gx.system.news().services == (GRID,)
    assert gx.collect()["grid_30_ac_power"] is None
    assert gx.system.identity(GRID).name == "Mains"
    for path, value in METER.items():
        gx.say(f"grid/30/{path}", value)
    assert not gx.system.available(GRID), "it has not said yet that it is the same"
    gx.wait(3)
    assert gx.system.available(GRID)
    assert gx.collect()["grid_30_ac_power"] == 100
    assert gx.system.news().offers == ()


def test_a_path_that_goes_alone_has_no_value(gx: Gx) -> None:
    gx.tell("grid/30", METER)
    gx.go("grid/30/Ac/L3/Power")
    assert gx.collect() == {"grid_30_ac_l3_power": None}
    assert gx.system.present(GRID)


def test_a_device_that_is_not_connected_is_absent(gx: Gx) -> None:
    gx.tell("grid/30", {**METER, "Connected": 1})
    assert gx.system.present(GRID)
    gx.say("grid/30/Connected", 0)
    assert not gx.system.present(GRID)
    assert gx.system.urgent


def test_what_left_while_we_were_away_is_absent_after_the_full_publish(gx: Gx) -> None:
    gx.tell("grid/30", METER)
    gx.tell("battery/512", {"Soc": 57})
    gx.echo()
    gx.system.closed()
    assert not gx.system.available(BATTERY)
    gx.wait(60, beating=False)
    gx.sent = gx.system.opened(gx.now)
    gx.say("battery/512/Soc", 57)
    assert not gx.system.available(BATTERY)
    gx.echo()
    assert gx.system.available(BATTERY)
    assert not gx.system.present(GRID)


def test_without_an_echo_nothing_is_taken_as_gone(gx: Gx) -> None:
    gx.tell("battery/512", {"Soc": 57})
    gx.sent = gx.system.opened(gx.now)
    gx.raw(f"N/{PORTAL}/full_publish_completed", b'{"value":1}')
    assert gx.system.available(BATTERY)


def test_the_safety_net_does_not_disturb(gx: Gx) -> None:
    gx.tell("battery/512", {"Soc": 57})
    gx.echo()
    gx.collect()
    gx.wait(901)
    gx.say("battery/512/Soc", 57)
    gx.echo()
    assert gx.collect() == {}
    assert gx.system.available(BATTERY)


@pytest.mark.parametrize("count", [1, 2, 3, None])
def test_a_phase_with_a_value_is_one_whatever_is_counted(gx: Gx, count: int | None) -> None:
    gx.tell("grid/30", {**METER, "NrOfPhases": count})
    assert "grid_30_ac_l2_power" in gx.offers
    assert "grid_30_ac_l3_power" in gx.offers


def test_zeros_beyond_the_count_are_no_phase(gx: Gx) -> None:
    gx.tell("grid/30", {**METER, "NrOfPhases": 2, "Ac/L3/Power": 0.0, "Ac/L3/Voltage": 0})
    assert "grid_30_ac_l2_power" in gx.offers
    assert "grid_30_ac_l3_power" not in gx.offers
    gx.say("grid/30/Ac/L3/Voltage", 231.0)
    gx.collect()
    gx.collect()
    assert "grid_30_ac_l3_power" in gx.offers, "a voltage shows that the zero is a value"
    gx.tell("grid/31", {**METER, "NrOfPhases": None, "Ac/L3/Power": 0.0})
    assert "grid_31_ac_l3_power" in gx.offers


def test_one_phase_alone_is_there_but_not_enabled(gx: Gx) -> None:
    gx.tell("grid/30", {"NrOfPhases": 1, "Ac/Power": 100.0, "Ac/L1/Power": 100.0})
    assert gx.offers["grid_30_ac_power"].enabled
    assert not gx.offers["grid_30_ac_l1_power"].enabled
    gx.tell("grid/31", {"Ac/Power": 100.0, "Ac/L1/Power": 100.0, "Ac/L2/Power": None})
    assert not gx.offers["grid_31_ac_l1_power"].enabled
    gx.tell("grid/32", METER)
    assert gx.offers["grid_32_ac_l1_power"].enabled


def test_a_single_tracker_is_the_charger(gx: Gx) -> None:
    gx.tell("solarcharger/1", {"NrOfTrackers": 1, "Pv/0/P": 5.0, "Yield/Power": 5.0})
    assert "solarcharger_1_pv_0_p" not in gx.offers
    gx.tell(
        "solarcharger/2",
        {"NrOfTrackers": 2, "Pv/0/P": 5.0, "Pv/1/P": 6.0, "Pv/2/P": 0.0, "Pv/1/Name": "East"},
    )
    assert gx.offers["solarcharger_2_pv_0_p"].placeholders == {"tracker": "1"}
    assert gx.offers["solarcharger_2_pv_1_p"].placeholders == {"tracker": "East"}
    assert "solarcharger_2_pv_2_p" not in gx.offers


def test_gates(gx: Gx) -> None:
    gx.tell(
        "battery/1",
        {"Settings/HasStarterVoltage": 0, "Dc/1/Voltage": 0.1, "Dc/0/Temperature": 20.0},
    )
    assert "battery_1_dc_1_voltage" not in gx.offers
    assert "battery_1_dc_0_temperature" in gx.offers
    gx.say("battery/1/Settings/HasStarterVoltage", 1)
    gx.collect()
    assert "battery_1_dc_1_voltage" in gx.offers


def test_an_output_has_the_name_the_user_gave_it(gx: Gx) -> None:
    folder = "SwitchableOutput/output_1"
    gx.tell(
        "switch/50",
        {
            f"{folder}/State": 1,
            f"{folder}/Name": "Output 1",
            f"{folder}/Settings/CustomName": "Pool",
            f"{folder}/Settings/Type": 2,
            f"{folder}/Dimming": 40,
            "SwitchableOutput/pwm_2/State": 0,
            "SwitchableOutput/pwm_2/Dimming": 40,
        },
    )
    assert gx.offers["switch_50_switchableoutput_output_1_state"].placeholders == {"output": "Pool"}
    assert "switch_50_switchableoutput_output_1_dimming" in gx.offers
    assert gx.offers["switch_50_switchableoutput_pwm_2_state"].placeholders == {"output": "pwm 2"}
    assert "switch_50_switchableoutput_pwm_2_dimming" not in gx.offers


def test_an_unknown_code_has_no_value_and_is_counted(gx: Gx) -> None:
    gx.tell("vebus/276", {"State": 9.0})
    assert gx.system.readings["vebus_276_state"] == "inverting"
    gx.say("vebus/276/State", 77)
    assert gx.collect() == {"vebus_276_state": None}
    assert gx.system.unknown_codes["vebus/State=77"] == 1
    gx.say("vebus/276/State", 1.5)
    gx.collect()
    assert gx.system.unknown_codes["vebus/State=1.5"] == 1


@pytest.mark.parametrize(
    ("raw", "slug"),
    [
        (0, "none"),
        (1024, "no_panel_power"),
        (1 | 1024, "no_input_power"),
        ("0x00000400", "no_panel_power"),
        ("nonsense", None),
        (None, None),
        (4096, None),
    ],
)
def test_the_reason_for_being_off(gx: Gx, raw: object, slug: str | None) -> None:
    gx.tell("solarcharger/1", {"DeviceOffReason": 2})
    gx.say("solarcharger/1/DeviceOffReason", raw)
    gx.collect()
    assert gx.system.readings["solarcharger_1_deviceoffreason"] == slug


@pytest.mark.parametrize(("raw", "hectopascal"), [(100.19, 1001.9), (1004.3, 1004.3), (87, 870)])
def test_air_pressure_in_either_unit(gx: Gx, raw: float, hectopascal: float) -> None:
    assert gx.tell("temperature/1", {"Pressure": raw}) == {"temperature_1_pressure": hectopascal}


def test_no_temperature_below_absolute_zero(gx: Gx) -> None:
    gx.tell("temperature/1", {"Temperature": -273.15})
    assert gx.system.readings == {}


def test_sums_over_phases(gx: Gx) -> None:
    values = {f"Ac/Grid/L{n}/Power": 100.0 * n for n in (1, 2, 3)}
    gx.tell("system/0", {**values, "Ac/Grid/NumberOfPhases": 3, "Dc/Pv/Power": 1000.0})
    assert gx.system.readings["system_0_ac_grid_power"] == 600
    assert gx.system.readings["system_0_pv_power"] == 1000
    gx.say("system/0/Ac/Grid/L2/Power", None)
    assert gx.collect(quick=False, calm=False)["system_0_ac_grid_power"] == 400
    gx.say("system/0/Ac/Grid/L1/Power", None)
    gx.say("system/0/Ac/Grid/L3/Power", None)
    assert gx.collect(quick=False, calm=False)["system_0_ac_grid_power"] is None
    gx.say("system/0/Ac/PvOnGrid/NumberOfPhases", 1)
    gx.say("system/0/Ac/PvOnGrid/L1/Power", 500.0)
    assert gx.collect()["system_0_pv_power"] == 1500
    gx.say("system/0/Ac/PvOnGrid/L1/Power", None)
    assert gx.collect()["system_0_pv_power"] == 1000


def test_a_sum_that_the_system_has_is_not_made_twice(gx: Gx) -> None:
    gx.tell("vebus/276", {"Ac/Out/L1/P": 5, "Ac/Out/P": 5, "Ac/NumberOfPhases": 1})
    assert gx.offers["vebus_276_ac_out_p"].name == "output_power"
    gx.tell("multi/0", {"Ac/Out/L1/P": 5, "Ac/NumberOfPhases": 1})
    assert gx.system.readings["multi_0_ac_out_p"] == 5


def test_a_sum_waits_for_its_service_as_everything_does(gx: Gx) -> None:
    gx.say("system/0/Dc/Pv/Power", 1000.0)
    assert gx.collect() == {}
    gx.echo()
    assert gx.collect() == {"system_0_dc_pv_power": 1000, "system_0_pv_power": 1000}


def test_any_alarm(gx: Gx) -> None:
    gx.tell("battery/512", {"Alarms/LowSoc": 0, "Alarms/HighVoltage": 0})
    assert gx.system.readings["battery_512_problem"] is False
    assert not gx.offers["battery_512_alarms_lowsoc"].enabled
    gx.say("battery/512/Alarms/LowSoc", 2)
    assert gx.collect() == {"battery_512_alarms_lowsoc": "alarm", "battery_512_problem": True}


@pytest.mark.parametrize(
    ("state", "hub4", "mode"),
    [
        (1, 1, "with_battery_life"),
        (5, 2, "with_battery_life"),
        (9, 1, "keep_charged"),
        (10, 1, "without_battery_life"),
        (12, 1, "without_battery_life"),
        (10, 3, "external_control"),
        (99, 1, None),
        (None, 1, None),
    ],
)
def test_ess_mode(gx: Gx, state: int | None, hub4: int, mode: str | None) -> None:
    ess = "Settings/CGwacs"
    gx.tell("settings/0", {f"{ess}/BatteryLife/State": 2, f"{ess}/Hub4Mode": 1})
    assert gx.system.readings["settings_0_essmode"] == "with_battery_life"
    gx.say(f"settings/0/{ess}/BatteryLife/State", state)
    gx.say(f"settings/0/{ess}/Hub4Mode", hub4)
    gx.collect()
    assert gx.system.readings["settings_0_essmode"] == mode


def test_a_counter_at_zero_is_believed_after_a_minute(gx: Gx) -> None:
    gx.tell("grid/30", {"Ac/Energy/Forward": 0.0})
    assert gx.system.readings == {}
    gx.wait(61)
    assert gx.collect() == {"grid_30_ac_energy_forward": 0}


def test_four_tanks_of_one_box_have_names_of_their_own(gx: Gx) -> None:
    for instance in (1, 2):
        gx.tell(f"tank/{instance}", {"Level": 5.0, "ProductName": "Tank sensor"})
    gx.tell("tank/3", {"Level": 5.0, "ProductName": "Tank sensor", "CustomName": "Diesel"})
    names = [gx.system.identity(f"tank_{n}").name for n in (1, 2, 3, 4)]
    assert names == ["Tank sensor 1", "Tank sensor 2", "Diesel", None]


def test_a_new_name_is_news(gx: Gx) -> None:
    gx.tell("tank/3", {"Level": 5.0, "CustomName": "Diesel"})
    gx.system.news()
    gx.say("tank/3/CustomName", "Heating oil")
    assert gx.system.news().services == ("tank_3",)


def test_the_gx_tells_its_model(gx: Gx) -> None:
    gx.tell("platform/0", {"Device/Model": "Ekrano GX"})
    gx.tell("system/0", {"Serial": PORTAL})
    assert gx.system.gx_identity().model == "Ekrano GX"
    assert Gx().system.gx_identity().model is None


def test_services_that_are_not_wanted_are_not_there() -> None:
    gx = Gx(services=["battery"])
    gx.tell("tank/3", {"Level": 5.0})
    gx.tell("battery/1", {"Soc": 5.0})
    gx.tell("system/0", {"Dc/Battery/Soc": 5.0})
    assert set(gx.offers) == {"battery_1_soc", "system_0_dc_battery_soc"}


def test_what_nobody_knows_is_harmless(gx: Gx) -> None:
    gx.tell("flux/0", {"Capacitor": 1.21, "Ac/Power": 5})
    gx.tell("battery/1", {"Flux/Capacitor": 1.21, "": 1, "Soc": [1], "Dc/0/Voltage": {"a": 1}})
    gx.raw("N/ffffffffffff/battery/1/Soc", b'{"value":5}')
    gx.raw("$SYS/broker", b"")
    gx.go("battery/77/Soc")
    assert gx.collect() == {}
    assert gx.system.raw_values() == {"battery/1/Soc": [1], "battery/1/Dc/0/Voltage": {"a": 1}}


def test_broken_payloads_are_counted_and_change_nothing(gx: Gx) -> None:
    gx.tell("battery/1", {"Soc": 5.0})
    gx.raw(f"N/{PORTAL}/battery/1/Soc", b"{")
    gx.raw(f"N/{PORTAL}/battery/1/Soc", b"{}")
    gx.raw(f"N/{PORTAL}/battery/1/Soh", b"[")
    assert gx.collect() == {}
    assert gx.system.faults == {PayloadFault.NOT_JSON: 2, PayloadFault.NO_VALUE: 1}


def test_endless_topics_are_not_remembered(gx: Gx) -> None:
    for number in range(MAX_TOPICS + 10):
        gx.raw(f"N/{PORTAL}/x/{number}/y", b'{"value":1}')
    gx.tell("battery/1", {"Soc": 5.0})
    assert gx.system.readings == {}


def test_two_places_of_one_spelling_are_two_devices(gx: Gx) -> None:
    gx.tell("battery/a-b", {"Soc": 5.0})
    gx.tell("battery/a_b", {"Soc": 6.0})
    assert gx.system.readings == {"battery_a_b_soc": 5, "battery_a_b_2_soc": 6}


def test_a_bridge(gx: Gx) -> None:
    bridged = Gx(prefix="van")
    bridged.tell("battery/1", {"Soc": 5.0})
    bridged.echo()
    assert bridged.system.readings == {"battery_1_soc": 5}
    assert all(topic.startswith("van/R/") for topic, _ in bridged.sent)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["battery/1/Soc", "grid/30/Ac/L1/Power", "vebus/2/State", "system/0/Pv"]
            ),
            st.binary(max_size=20)
            | st.recursive(
                st.none()
                | st.booleans()
                | st.floats(allow_nan=False, allow_infinity=False)
                | st.text(),
                lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            ).map(lambda value: orjson.dumps({"value": value})),
        ),
        max_size=40,
    )
)
def test_whatever_is_said_nothing_breaks(messages: list[tuple[str, bytes]]) -> None:
    gx = Gx()
    for path, payload in messages:
        gx.raw(f"N/{PORTAL}/{path}", payload)
        gx.wait(1)
        gx.collect()
    for value in gx.system.readings.values():
        assert value is None or isinstance(value, (bool, int, float, str))
