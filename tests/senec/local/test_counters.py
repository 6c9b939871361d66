"""Energy counters of a system: what they show before and between the values that feed them."""

from custom_components.hausstrom.senec.local.protocol.counters import EnergyMeters

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
