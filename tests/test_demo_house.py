"""The simulated home is one: its meter sees what its systems leave over, today and in its history."""

from datetime import UTC, datetime, timedelta

import pytest

from simulators.devices import DEVICES, HOMES
from simulators.history import COUNTERS, GX_COUNTERS, GX_POWERS, Power, Series, _rows, meter_powers
from simulators.household import GridOfTheHome, flow_at
from simulators.senec_cloud_day import Home, step_at
from simulators.senec_local_day import House

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
    home = Home(peak=1, base_load=1, capacity=10_000, battery_power=1, zone="UTC", twin=True)
    for hours in range(24):
        moment = NOON + timedelta(hours=hours)
        step, flow = step_at(home, moment), flow_at(moment, House())
        assert (step.generation, step.consumption, step.level) == pytest.approx(
            (flow.pv, flow.house, flow.charge_level)
        )
        assert step.draw - step.feed_in == pytest.approx(flow.grid)
        assert step.charge - step.discharge == pytest.approx(flow.battery)
