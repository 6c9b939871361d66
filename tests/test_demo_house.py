"""The simulated home is one: its meter sees what its systems leave over, today and in its history."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import cast

import pytest

from simulators.devices import DEVICES, HOMES
from simulators.history import COUNTERS, GX_COUNTERS, GX_POWERS, Power, Series, _rows, meter_powers
from simulators.house import House as Surroundings
from simulators.house import Ports
from simulators.household import GridOfTheHome, Shaving, flow_at
from simulators.mosquitto import Mosquitto
from simulators.senec_cloud import SenecCloud
from simulators.senec_cloud_day import Home, step_at
from simulators.senec_cloud_entries import make_twin
from simulators.senec_local_day import House
from simulators.senec_local_device import SenecDevice

NOON = datetime(2026, 11, 26, 11, 45, tzinfo=UTC)
DAY = timedelta(days=1)


def test_homes_are_made_of_devices_that_there_are() -> None:
    there = {device.name for device in DEVICES}
    assert {name for names in HOMES.values() for name in names} == there
    kinds = " ".join(HOMES["home"])
    assert all(word in kinds for word in ("smart meter", "SENEC", "Victron", "SmartLog"))


@pytest.mark.parametrize("watts", [0, 1_500, -6_000])
def test_the_meter_sees_every_system_behind_it(watts: float) -> None:
    others = [lambda: float(watts)]
    meter, alone = GridOfTheHome(NOON, others=others), GridOfTheHome(NOON)
    for seconds in range(0, 600, 5):
        moment = NOON + timedelta(seconds=seconds)
        state, other = meter.advance(moment), alone.advance(moment)
        net = state.power_import - state.power_export
        assert net == pytest.approx(other.power_import - other.power_export + watts, abs=1.5)
        assert net == pytest.approx(flow_at(moment, House()).grid + watts, abs=1.5)


def energy(power: Power, days: int = 1) -> float:
    """Return what a power came to (kWh) in the days before noon."""
    moments = [NOON - timedelta(minutes=minute) for minute in range(1, days * 1_440 + 1)]
    return sum(power(moment) for moment in moments) / 60_000


def test_a_day_of_the_history_adds_up() -> None:
    meter = meter_powers(with_gx=True)
    house = energy(COUNTERS["house_energy"]) + energy(GX_POWERS["system_0_ac_consumption_power"])
    came = (
        energy(COUNTERS["inverter_energy"])
        + energy(GX_POWERS["system_0_pv_power"])
        + energy(meter["energy_import"])
        + energy(COUNTERS["bat_discharge_energy"])
        + energy(GX_COUNTERS["system_0_dc_battery_discharge_energy"])
    )
    went = (
        energy(meter["energy_export"])
        + energy(COUNTERS["bat_charge_energy"])
        + energy(GX_COUNTERS["system_0_dc_battery_charge_energy"])
    )
    # The GX's own grid meter trembles by 15 W, as a real one does.
    assert came - went == pytest.approx(house, rel=0.02)


@pytest.mark.parametrize("with_gx", [False, True])
def test_swapped_counters_cannot_be_missed(with_gx: bool) -> None:
    meter = meter_powers(with_gx=with_gx)
    assert energy(meter["energy_export"]) > 5 * energy(meter["energy_import"]) > 0
    state = GridOfTheHome(NOON).state()
    assert state.energy_export > 5 * state.energy_import


@pytest.mark.parametrize("power", [*GX_COUNTERS.values(), *COUNTERS.values()])
def test_a_counter_of_the_history_only_rises_and_ends_at_what_it_shows(power: Power) -> None:
    series = Series("sensor.x", power, "kWh", 100.0)
    rows = list(_rows(series, NOON, timedelta(hours=1)))
    states = [state for *_, state, _ in rows if state is not None]
    assert states == sorted(states)
    assert states[-1] == pytest.approx(100, abs=12)
    assert rows[-1][0] == (NOON - timedelta(minutes=105)).timestamp()


def test_the_cloud_shows_the_same_senec() -> None:
    home = Home(peak=1, base_load=1, capacity=10_000, battery_power=1, zone="UTC", twin=House())
    for hours in range(24):
        moment = NOON + timedelta(hours=hours)
        step, flow = step_at(home, moment), flow_at(moment, House())
        assert (step.generation, step.consumption, step.level) == pytest.approx(
            (flow.pv, flow.house, flow.charge_level)
        )
        assert step.draw - step.feed_in == pytest.approx(flow.grid)
        assert step.charge - step.discharge == pytest.approx(flow.battery)


MORNING = NOON.replace(hour=9, minute=0)
EXPORT_LIMIT = 2_850.0


def held(limit: float = 50, end: time = time(11, 30)) -> Shaving:
    """Return peak shaving as it is set at nine."""
    shaving = Shaving()
    shaving.set(MORNING, limit, end, EXPORT_LIMIT)
    return shaving


def levels(house: House, first: int, last: int) -> list[float]:
    """Return the levels of each minute between two hours of the day."""
    return [
        flow_at(MORNING.replace(hour=0) + timedelta(minutes=minute), house).charge_level
        for minute in range(first * 60, last * 60)
    ]


def test_under_peak_shaving_the_battery_charges_no_further_than_its_limit_but_for_the_excess() -> (
    None
):
    house = held().house(House())
    minutes = [MORNING + timedelta(minutes=minute) for minute in range(150)]
    at_the_limit = [flow_at(moment, house) for moment in minutes]
    at_the_limit = [flow for flow in at_the_limit if flow.charge_level >= 50]
    rests = [flow for flow in at_the_limit if flow.battery == 0]
    takes = [flow for flow in at_the_limit if flow.battery > 0]
    # Both come about in a morning: little sun, and more than may be exported.
    assert len(rests) > 5
    assert len(takes) > 5
    assert all(-flow.grid <= EXPORT_LIMIT + 50 for flow in rests)
    assert all(flow.battery == 2_500 or -flow.grid == pytest.approx(2_850) for flow in takes)
    assert max(levels(House(), 9, 11)) - max(levels(house, 9, 11)) > 10
    assert at_the_limit[0].charge_level == pytest.approx(50, abs=0.5)


def test_what_was_before_a_setting_stays_and_after_its_end_the_battery_fills() -> None:
    free, house = House(), held().house(House())
    assert levels(house, 0, 9) == levels(free, 0, 9)
    assert max(levels(house, 12, 24)) == 100
    tomorrow = MORNING + DAY
    assert flow_at(tomorrow, house).battery == flow_at(tomorrow, free).battery


@pytest.mark.parametrize(("limit", "highest"), [(20, 49), (60, 60.5), (90, 74)])
def test_a_later_setting_takes_the_place_of_the_one_before(limit: float, highest: float) -> None:
    shaving = held()
    shaving.set(MORNING + timedelta(minutes=1), limit, time(10, 0), 99_999)
    assert max(levels(shaving.house(House()), 9, 10)) <= highest
    # When it has ended nothing of the one before is left.
    later = [
        flow_at(MORNING + timedelta(minutes=61 + minute), shaving.house(House()))
        for minute in range(20)
    ]
    assert all(flow.battery == 2_500 for flow in later)


def test_released_the_battery_charges_at_once() -> None:
    shaving = held(20)
    moment = MORNING + timedelta(minutes=20)
    assert flow_at(moment, shaving.house(House())).battery == 0
    shaving.release(moment)
    assert flow_at(moment, shaving.house(House())).battery > 2_000


def test_what_is_set_at_the_cloud_reaches_battery_and_meter(tmp_path: Path) -> None:
    surroundings = Surroundings(cast("Mosquitto", None), Ports(None), tmp_path)
    moment = MORNING + timedelta(minutes=20)
    device = SenecDevice(clock=lambda: moment, shaving=surroundings.shaving)
    system = make_twin(SenecCloud(), surroundings)
    settings = {"peakShavingCapacityLimitInPercent": 20, "peakShavingLocalEndTime": [11, 30]}
    system.shave({"peakShavingMode": "MANUAL", **settings}, MORNING)
    state = GridOfTheHome(MORNING, shaving=surroundings.shaving).advance(moment)
    step = step_at(system.home, moment)
    assert (step.charge, device.flow.battery) == (0, 0)
    assert step.level == pytest.approx(device.flow.charge_level)
    assert state.power_export == pytest.approx(-device.flow.grid, abs=1)
    for mode in ("DEACTIVATED", "AUTO"):
        system.shave({"peakShavingMode": mode, **settings}, moment)
        assert device.flow.battery == step_at(system.home, moment).charge > 2_000
