"""Energy counters of a system: what they show before and between the values that feed them."""

import pytest

from custom_components.hausstrom.senec.local.protocol.counters import EnergyMeters

from .conftest import Site

COUNTED = ("bat_charge_energy", "bat_discharge_energy", "grid_import_energy", "grid_export_energy")
KEY, STATISTIC = "grid_import_energy", "statistic_live_grid_import"
KNOWN = frozenset({STATISTIC, "grid_power"})


def test_a_counter_that_is_not_known_yet_is_not_zero() -> None:
    """A zero that is followed by the device's 12,000 kWh is a leap in the energy dashboard."""
    meters = EnergyMeters(longest_gap=60)
    assert meters.feed({STATISTIC: None}, KNOWN, 0) == {KEY: None}
    assert meters.feed({STATISTIC: 12_000.0}, KNOWN, 10) == {KEY: 12_000}
    assert meters.feed({STATISTIC: None}, KNOWN, 20) == {KEY: 12_000}


def test_a_counter_that_was_known_before_a_restart_is_shown() -> None:
    before = EnergyMeters(longest_gap=60)
    before.feed({STATISTIC: 12_000.0}, KNOWN, 0)
    after = EnergyMeters(longest_gap=60)
    after.restore(before.stored())
    assert after.feed({STATISTIC: None}, KNOWN, 0) == {KEY: 12_000}
    assert after.feed({STATISTIC: 12_001.0}, KNOWN, 10) == {KEY: 12_001}


@pytest.mark.parametrize(
    ("reading", "power", "counted"),
    [
        # As the README says and Home Assistant's energy dashboard wants: + is import, discharge.
        ("grid_power", 1200, {"grid_import_energy": 1.2, "grid_export_energy": 0}),
        ("grid_power", -800, {"grid_import_energy": 0, "grid_export_energy": 0.8}),
        ("bat_power", 600, {"bat_discharge_energy": 0.6, "bat_charge_energy": 0}),
        ("bat_power", -400, {"bat_discharge_energy": 0, "bat_charge_energy": 0.4}),
        ("inverter_power", 5000, {"inverter_energy": 5}),
        ("house_power", 300, {"house_energy": 0.3}),
        ("wallbox_charge_power", 11_000, {"wallbox_energy": 11}),
        ("wallbox_charge_power2", 3700, {"wallbox_energy2": 3.7}),
        ("casc_bat_power", 900, {"casc_bat_discharge_energy": 0.9, "casc_bat_charge_energy": 0}),
        ("casc_bat_power", -700, {"casc_bat_discharge_energy": 0, "casc_bat_charge_energy": 0.7}),
        ("casc_inverter_power", 9000, {"casc_inverter_energy": 9}),
        ("casc_house_power", 2500, {"casc_house_energy": 2.5}),
    ],
)
def test_an_hour_of_a_power_is_counted_where_it_belongs(
    reading: str, power: int, counted: dict[str, float]
) -> None:
    meters = EnergyMeters(longest_gap=60)
    for second in range(0, 3610, 10):
        fed = meters.feed({reading: power}, {reading}, second)
    assert fed == {key: pytest.approx(energy) for key, energy in counted.items()}


@pytest.mark.parametrize("hour", [2, 10, 18])
async def test_counters_of_an_hour_are_what_flowed(site: Site, hour: int) -> None:
    running = site.device()
    site.clock.now = site.clock.now.replace(day=22, hour=hour, minute=0)
    entry = await site.add(running)
    flowed = dict.fromkeys(COUNTED, 0.0)
    begun: dict[str, float] = {}
    for step in range(31):
        flow = running.simulator.device.flow
        if step:
            flowed["bat_charge_energy"] += max(flow.battery, 0) / 360_000
            flowed["bat_discharge_energy"] += max(-flow.battery, 0) / 360_000
            flowed["grid_import_energy"] += max(flow.grid, 0) / 360_000
            flowed["grid_export_energy"] += max(-flow.grid, 0) / 360_000
        else:
            begun = {key: float(str(entry.runtime_data.data[key])) for key in COUNTED}
        await site.wait(10)
    assert sum(flowed.values()) > 0.01
    for key in COUNTED:
        # What is shown of it follows once a minute.
        told = float(str(entry.runtime_data.data[key])) - begun[key]
        assert told == pytest.approx(flowed[key], rel=0.1, abs=0.002), key
