"""What is chosen for the energy dashboard, from which sensors, and beside what."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

import pytest
from homeassistant.components.energy.data import (
    DEVICE_CONSUMPTION_SCHEMA,
    ENERGY_SOURCE_SCHEMA,
    EnergyManager,
    EnergyPreferences,
)

from custom_components.hausstrom.energy_dashboard.plan import (
    Plan,
    SkipReason,
    with_sources,
)
from custom_components.hausstrom.energy_dashboard.plan import (
    plan_sources as plan_sources_by,
)
from custom_components.hausstrom.energy_dashboard.preferences import statistics_in
from custom_components.hausstrom.energy_dashboard.rows import Role, Sensor
from custom_components.hausstrom.evn.energy_rows import ENERGY_ROWS as EVN_ROWS
from custom_components.hausstrom.kinds import KINDS, _load
from custom_components.hausstrom.senec.energy_rows import senec_rows
from custom_components.hausstrom.smartlog.energy_rows import ENERGY_ROWS as SMARTLOG_ROWS
from custom_components.hausstrom.victron.energy_rows import ENERGY_ROWS as VICTRON_ROWS

ROWS = [
    row
    for rows in (
        EVN_ROWS,
        VICTRON_ROWS,
        *(senec_rows(kind) for kind in ("senec_local", "senec_cloud", "senec_connect")),
        SMARTLOG_ROWS,
    )
    for row in rows
]


def plan_sources(sensors: Iterable[Sensor], preferences: EnergyPreferences) -> Plan:
    return plan_sources_by(sensors, preferences, ROWS)


CLASSES = {
    "energy": "energy",
    "kwh": "energy",
    "power": "power",
    "charge": "battery",
    "soc": "battery",
}


def sensor(
    kind: str,
    key: str,
    device_class: str,
    *,
    device: str = "",
    entry: str = "",
    state_class: str | None = None,
    system: str = "",
) -> Sensor:
    device = device or kind
    counts = device_class in {"energy", "gas", "water"}
    return Sensor(
        entity_id=f"sensor.{device}_{key}".replace(" ", "_"),
        unique_id=f"{device}_{key}",
        key=key,
        kind=kind,
        entry_id=entry or kind,
        system=system or ("senec" if kind.startswith("senec") else entry or kind),
        device_id=device,
        device_name=device,
        device_class=device_class,
        state_class=state_class or ("total_increasing" if counts else "measurement"),
    )


def evn(device: str = "evn") -> list[Sensor]:
    return [
        sensor("evn", "energy_import", "energy", device=device, entry=device),
        sensor("evn", "energy_export", "energy", device=device, entry=device),
        sensor("evn", "power", "power", device=device, entry=device),
        sensor("evn", "power_import", "power", device=device, entry=device),
    ]


def senec(kind: str = "senec_local", device: str = "") -> list[Sensor]:
    energies = (
        "grid_import_energy",
        "grid_export_energy",
        "bat_charge_energy",
        "bat_discharge_energy",
        "inverter_energy",
        "house_energy",
        "wallbox_energy",
    )
    powers = ("grid_power", "bat_power", "inverter_power", "house_power", "wallbox_charge_power")
    return [
        *(sensor(kind, key, "energy", device=device, entry=device) for key in energies),
        *(sensor(kind, key, "power", device=device, entry=device) for key in powers),
        sensor(kind, "bat_fuel_charge", "battery", device=device, entry=device),
    ]


def gx(*keys: tuple[str, str, str]) -> list[Sensor]:
    return [
        sensor("victron", key, device_class, device=device, entry="gx")
        for device, key, device_class in keys
    ]


def smartlog(*keys: tuple[str, str, str]) -> list[Sensor]:
    return [
        sensor("smartlog", f"{device}_{key}", device_class, device=device, entry="log")
        for device, key, device_class in keys
    ]


def nothing() -> EnergyPreferences:
    return EnergyManager.default_preferences()


def preferences(
    *sources: Mapping[str, Any], devices: Iterable[Mapping[str, Any]] = ()
) -> EnergyPreferences:
    result: Any = {"energy_sources": list(sources), "device_consumption": list(devices)}
    return result  # type: ignore[no-any-return]  # test data


def added(plan: Plan) -> list[tuple[Role, str]]:
    return [(source.role, source.device_name) for source in plan.added]


def skipped(plan: Plan) -> set[tuple[Role, str, SkipReason, str]]:
    return {
        (one.source.role, one.source.device_name, one.reason, one.instead) for one in plan.skipped
    }


def check(before: EnergyPreferences, plan: Plan) -> EnergyPreferences:
    """Return the new preferences; hold that Home Assistant takes them and old ones stay."""
    untouched = deepcopy(before)
    after = with_sources(before, plan.added)
    assert before == untouched
    assert after["energy_sources"][: len(before["energy_sources"])] == before["energy_sources"]
    ENERGY_SOURCE_SCHEMA(deepcopy(after["energy_sources"]))
    for device in [*after["device_consumption"], *after["device_consumption_water"]]:
        DEVICE_CONSUMPTION_SCHEMA(device)
    return after


def test_nothing_makes_nothing() -> None:
    plan = plan_sources([], nothing())
    assert (plan.added, plan.skipped) == ([], [])


def test_a_meter_is_the_grid() -> None:
    plan = plan_sources(evn(), nothing())
    assert added(plan) == [(Role.GRID, "evn")]
    (source,) = check(nothing(), plan)["energy_sources"]
    assert source == {
        "type": "grid",
        "stat_energy_from": "sensor.evn_energy_import",
        "stat_energy_to": "sensor.evn_energy_export",
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
        "stat_compensation": None,
        "entity_energy_price_export": None,
        "number_energy_price_export": None,
        "power_config": {"stat_rate": "sensor.evn_power"},
        "cost_adjustment_day": 0.0,
    }


def test_a_meter_without_export_and_power() -> None:
    plan = plan_sources(evn()[:1], nothing())
    (source,) = check(nothing(), plan)["energy_sources"]
    assert source["type"] == "grid"
    assert source["stat_energy_to"] is None
    assert "power_config" not in source


def test_a_senec_is_grid_solar_battery_and_wallbox() -> None:
    after = check(nothing(), plan_sources(senec(), nothing()))
    grid, solar, battery = after["energy_sources"]
    assert grid["type"] == "grid"
    assert grid["power_config"] == {"stat_rate": "sensor.senec_local_grid_power"}
    assert solar == {
        "type": "solar",
        "stat_energy_from": "sensor.senec_local_inverter_energy",
        "stat_rate": "sensor.senec_local_inverter_power",
        "config_entry_solar_forecast": None,
    }
    assert battery == {
        "type": "battery",
        "stat_energy_from": "sensor.senec_local_bat_discharge_energy",
        "stat_energy_to": "sensor.senec_local_bat_charge_energy",
        "power_config": {"stat_rate": "sensor.senec_local_bat_power"},
        "stat_soc": "sensor.senec_local_bat_fuel_charge",
    }
    assert after["device_consumption"] == [
        {
            "stat_consumption": "sensor.senec_local_wallbox_energy",
            "name": "senec_local",
            "stat_rate": "sensor.senec_local_wallbox_charge_power",
        }
    ]


def test_the_billing_meter_is_the_better_grid() -> None:
    plan = plan_sources([*senec(), *evn()], nothing())
    assert (Role.GRID, "evn") in added(plan)
    assert (Role.GRID, "senec_local", SkipReason.MEASURED_BETTER, "evn") in skipped(plan)
    assert len(plan.skipped) == 1


def test_two_billing_meters_are_two_grids() -> None:
    plan = plan_sources([*evn(), *evn("heat pump")], nothing())
    assert added(plan) == [(Role.GRID, "evn"), (Role.GRID, "heat pump")]
    first = check(nothing(), plan_sources(evn(), nothing()))
    plan = plan_sources([*evn(), *evn("heat pump")], first)
    assert added(plan) == [(Role.GRID, "heat pump")]
    assert skipped(plan) == {(Role.GRID, "evn", SkipReason.IN_USE, "")}
    check(first, plan)


def test_two_senecs_see_one_grid_but_have_two_batteries() -> None:
    plan = plan_sources([*senec(device="one"), *senec(device="two")], nothing())
    assert added(plan).count((Role.GRID, "one")) == 1
    assert (Role.GRID, "two", SkipReason.MEASURED_BETTER, "one") in skipped(plan)
    assert {(Role.BATTERY, "one"), (Role.BATTERY, "two")} <= set(added(plan))
    first = check(nothing(), plan_sources(senec(device="one"), nothing()))
    plan = plan_sources([*senec(device="one"), *senec(device="two")], first)
    assert (Role.GRID, "two", SkipReason.MEASURED_ALREADY, "one") in skipped(plan)


def test_the_local_senec_is_better_than_the_cloud() -> None:
    plan = plan_sources([*senec("senec_cloud"), *senec()], nothing())
    assert {name for _, name in added(plan)} == {"senec_local"}
    assert {(name, reason) for _, name, reason, _ in skipped(plan)} == {
        ("senec_cloud", SkipReason.MEASURED_BETTER)
    }


def test_what_came_first_stays() -> None:
    cloud = check(nothing(), plan_sources(senec("senec_cloud"), nothing()))
    plan = plan_sources([*senec("senec_cloud"), *senec(), *evn()], cloud)
    assert plan.added == []
    assert (Role.GRID, "evn", SkipReason.MEASURED_ALREADY, "senec_cloud") in skipped(plan)
    assert (Role.SOLAR, "senec_local", SkipReason.MEASURED_ALREADY, "senec_cloud") in skipped(plan)
    assert (Role.SOLAR, "senec_cloud", SkipReason.IN_USE, "") in skipped(plan)


def test_a_second_time_adds_nothing() -> None:
    sensors = [*evn(), *senec(), *senec("senec_cloud")]
    after = check(nothing(), plan_sources(sensors, nothing()))
    plan = plan_sources(sensors, after)
    assert plan.added == []
    assert with_sources(after, plan.added) == after


def test_a_source_of_the_users_own_stands_in_the_way() -> None:
    other = {"type": "solar", "stat_energy_from": "sensor.my_inverter", "stat_rate": "sensor.x"}
    before = preferences(other, devices=[{"stat_consumption": "sensor.fridge"}])
    plan = plan_sources(senec(), before)
    assert (Role.SOLAR, "senec_local", SkipReason.OTHER_SOURCE, "sensor.my_inverter") in skipped(
        plan
    )
    assert {role for role, _ in added(plan)} == {Role.GRID, Role.BATTERY, Role.DEVICE}
    after = check(before, plan)
    assert after["device_consumption"][0] == {"stat_consumption": "sensor.fridge"}


@pytest.mark.parametrize(
    "before",
    [
        preferences(devices=[{"stat_consumption": "sensor.evn_energy_import"}]),
        preferences({"type": "solar", "stat_energy_from": "sensor.evn_energy_export"}),
        preferences({"type": "gas", "stat_energy_from": "sensor.evn_energy_import"}),
        {
            **preferences(),
            "device_consumption_water": [{"stat_consumption": "sensor.evn_energy_import"}],
        },
    ],
)
def test_a_statistic_in_use_for_anything_is_in_use(before: EnergyPreferences) -> None:
    plan = plan_sources(evn(), before)
    assert plan.added == []
    assert skipped(plan) == {(Role.GRID, "evn", SkipReason.IN_USE, "")}


@pytest.mark.parametrize("field", ["stat_rate", "stat_rate_inverted"])
def test_a_power_in_use_is_left_out(field: str) -> None:
    battery = {
        "type": "battery",
        "stat_energy_from": "sensor.a",
        "stat_energy_to": "sensor.b",
        "power_config": {field: "sensor.evn_power"},
    }
    before = preferences(battery)
    assert "sensor.evn_power" in set(statistics_in(before))
    plan = plan_sources(evn(), before)
    assert plan.added[0].power is None
    assert "power_config" not in check(before, plan)["energy_sources"][1]


def test_a_gx_with_ac_and_dc_solar() -> None:
    sensors = gx(
        ("grid_30", "grid_30_ac_energy_forward", "energy"),
        ("grid_30", "grid_30_ac_energy_reverse", "energy"),
        ("grid_30", "grid_30_ac_power", "power"),
        ("pv", "pvinverter_20_ac_energy_forward", "energy"),
        ("pv", "pvinverter_20_ac_power", "power"),
        ("roof", "solarcharger_278_yield_system", "energy"),
        ("roof", "solarcharger_278_yield_power", "power"),
        ("west", "solarcharger_279_yield_system", "energy"),
        ("gx", "system_0_dc_pv_energy", "energy"),
        ("gx", "system_0_dc_battery_charge_energy", "energy"),
        ("gx", "system_0_dc_battery_discharge_energy", "energy"),
        ("gx", "system_0_dc_battery_power", "power"),
        ("gx", "system_0_dc_battery_soc", "battery"),
        ("bmv", "battery_512_history_chargedenergy", "energy"),
        ("bmv", "battery_512_history_dischargedenergy", "energy"),
        ("car", "evcharger_40_ac_energy_forward", "energy"),
        ("car", "evcharger_40_ac_power", "power"),
        ("heat", "heatpump_41_ac_energy_forward", "energy"),
        ("load", "acload_42_ac_energy_forward", "energy"),
    )
    plan = plan_sources(sensors, nothing())
    assert added(plan) == [
        (Role.GRID, "grid_30"),
        (Role.SOLAR, "pv"),
        (Role.SOLAR, "roof"),
        (Role.SOLAR, "west"),
        (Role.BATTERY, "gx"),
        (Role.DEVICE, "car"),
        (Role.DEVICE, "heat"),
        (Role.DEVICE, "load"),
    ]
    assert skipped(plan) == {
        (Role.SOLAR, "gx", SkipReason.MEASURED_BETTER, "roof, west"),
        (Role.BATTERY, "bmv", SkipReason.MEASURED_BETTER, "gx"),
    }
    after = check(nothing(), plan)
    battery = after["energy_sources"][4]
    # A GX counts charging as positive.
    assert battery["type"] == "battery"
    assert battery["power_config"] == {"stat_rate_inverted": "sensor.gx_system_0_dc_battery_power"}
    assert battery["stat_soc"] == "sensor.gx_system_0_dc_battery_soc"


def test_of_several_batteries_of_a_gx_the_user_chooses() -> None:
    def battery(number: int) -> list[Sensor]:
        return gx(
            (f"bat{number}", f"battery_{number}_history_chargedenergy", "energy"),
            (f"bat{number}", f"battery_{number}_history_dischargedenergy", "energy"),
        )

    assert added(plan_sources(battery(1), nothing())) == [(Role.BATTERY, "bat1")]
    plan = plan_sources([*battery(1), *battery(2)], nothing())
    assert plan.added == []
    assert skipped(plan) == {
        (Role.BATTERY, "bat1", SkipReason.USER_CHOOSES, ""),
        (Role.BATTERY, "bat2", SkipReason.USER_CHOOSES, ""),
    }


def test_a_battery_needs_both_directions() -> None:
    sensors = gx(("bat", "battery_1_history_dischargedenergy", "energy"))
    assert plan_sources(sensors, nothing()).added == []


def test_two_gx_are_two_homes_parts() -> None:
    one = gx(("roof", "solarcharger_1_yield_system", "energy"))
    other = [
        sensor("victron", "system_0_dc_pv_energy", "energy", device="boat", entry="gx2"),
    ]
    plan = plan_sources([*one, *other], nothing())
    assert added(plan) == [(Role.SOLAR, "roof"), (Role.SOLAR, "boat")]


def test_meters_of_electricity_are_devices_and_heat_is_not() -> None:
    sensors = smartlog(
        ("board", "1_0_1_8_0_255", "energy"),
        ("board", "energy_vendor_specific_e_l1_kwh", "energy"),
        ("board", "1_0_1_7_0_255", "power"),
        ("lift", "1_0_1_8_0_0", "energy"),
        ("heat", "6_0_1_0_0_255", "energy"),
        ("heat", "6_0_8_0_0_255", "power"),
    )
    plan = plan_sources(sensors, nothing())
    assert added(plan) == [(Role.DEVICE, "board"), (Role.DEVICE, "lift")]
    board, lift = check(nothing(), plan)["device_consumption"]
    assert board["stat_consumption"] == "sensor.board_board_1_0_1_8_0_255"
    assert board["stat_rate"] == "sensor.board_board_1_0_1_7_0_255"
    assert "stat_rate" not in lift


def test_a_meter_with_two_totals_is_left_out() -> None:
    sensors = smartlog(("x", "1_0_1_8_0_1", "energy"), ("x", "1_0_1_8_0_2", "energy"))
    assert plan_sources(sensors, nothing()).added == []


def test_one_gas_and_one_water_meter() -> None:
    sensors = smartlog(
        ("boiler", "volume_m3", "gas"),
        ("boiler", "flow", "volume_flow_rate"),
        ("tap", "8_1_1_0_0_255", "water"),
        ("tap", "8_1_2_0_0_255", "volume_flow_rate"),
    )
    plan = plan_sources(sensors, nothing())
    assert added(plan) == [(Role.GAS, "boiler"), (Role.WATER, "tap")]
    gas, water = check(nothing(), plan)["energy_sources"]
    assert gas["type"] == "gas"
    assert gas["stat_rate"] == "sensor.boiler_boiler_flow"
    assert water["type"] == "water"
    assert water["stat_energy_from"] == "sensor.tap_tap_8_1_1_0_0_255"


def test_one_gas_meter_without_a_flow() -> None:
    (source,) = check(nothing(), plan_sources(smartlog(("b", "v", "gas")), nothing()))[
        "energy_sources"
    ]
    assert "stat_rate" not in source


def test_of_several_gas_meters_the_user_chooses() -> None:
    plan = plan_sources(smartlog(("a", "volume", "gas"), ("b", "volume", "gas")), nothing())
    assert plan.added == []
    assert {reason for _, _, reason, _ in skipped(plan)} == {SkipReason.USER_CHOOSES}


def test_several_water_meters_are_shown_one_by_one() -> None:
    sensors = smartlog(("a", "8_0_1_0_0_255", "water"), ("b", "9_0_1_0_0_255", "water"))
    plan = plan_sources(sensors, nothing())
    assert added(plan) == [(Role.WATER_DEVICE, "a"), (Role.WATER_DEVICE, "b")]
    after = check(nothing(), plan)
    assert after["energy_sources"] == []
    assert len(after["device_consumption_water"]) == 2


def test_a_sensor_of_another_class_is_not_taken() -> None:
    wrong = [
        sensor("evn", "energy_import", "power"),
        sensor("evn", "energy_import", "energy", state_class="measurement"),
        sensor("unknown", "energy_import", "energy"),
    ]
    for one in wrong:
        assert plan_sources([one], nothing()).added == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_brings_its_own_rows(kind: str) -> None:
    """Three ways to a SENEC share a table, and each has the rows of its own sensors."""
    assert {row.kind for row in _load(kind).energy_rows.load()} == {kind}
