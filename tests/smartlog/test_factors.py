"""Factors of units, row by row, against Home Assistant's own converters: a second source."""

import pytest
from homeassistant.util.unit_conversion import (
    ApparentPowerConverter,
    BaseUnitConverter,
    DurationConverter,
    ElectricCurrentConverter,
    ElectricPotentialConverter,
    EnergyConverter,
    MassConverter,
    PowerConverter,
    PressureConverter,
    ReactiveEnergyConverter,
    ReactivePowerConverter,
    VolumeConverter,
    VolumeFlowRateConverter,
)

from custom_components.hausstrom.smartlog.protocol.units import (
    _BY_CASE,
    _SIZES,
    _UNITS,
    Group,
    conversion,
    normalise,
)

CONVERTERS: dict[Group, type[BaseUnitConverter]] = {
    Group.ENERGY: EnergyConverter,
    Group.POWER: PowerConverter,
    Group.VOLUME: VolumeConverter,
    Group.VOLUME_FLOW: VolumeFlowRateConverter,
    Group.VOLTAGE: ElectricPotentialConverter,
    Group.CURRENT: ElectricCurrentConverter,
    Group.REACTIVE_POWER: ReactivePowerConverter,
    Group.REACTIVE_ENERGY: ReactiveEnergyConverter,
    Group.APPARENT_POWER: ApparentPowerConverter,
    Group.PRESSURE: PressureConverter,
    Group.MASS: MassConverter,
    Group.DURATION: DurationConverter,
}
# Home Assistant has no converter for these: kVAh is what its name says.
BY_NAME = {("VAh", "kVAh"): 0.001, ("kVAh", "VAh"): 1000.0}
SYMBOLS = sorted(
    {
        (unit.group, unit.symbol)
        for unit in (*_UNITS.values(), *_BY_CASE.values())
        if unit.symbol is not None
    },
    key=str,
)
PAIRS = [
    (group, source, target)
    for group, source in SYMBOLS
    for other, target in SYMBOLS
    if other is group and target != source and group in {*CONVERTERS, Group.APPARENT_ENERGY}
]


@pytest.mark.parametrize(("group", "source", "target"), PAIRS)
def test_a_conversion_is_home_assistants(group: Group, source: str, target: str) -> None:
    converter = CONVERTERS.get(group)
    wanted = (
        BY_NAME[source, target] if converter is None else converter.convert(1.0, source, target)
    )
    factor = conversion(source, target)
    assert float(1 if factor is None else factor) == pytest.approx(wanted, rel=1e-9)


def test_every_size_belongs_to_a_unit_that_is_compared_above() -> None:
    compared = {symbol for pair in PAIRS for symbol in pair[1:]}
    assert set(_SIZES) <= compared


@pytest.mark.parametrize("prefix", ["", "k", "M", "G"])
def test_joules_an_hour_are_watts(prefix: str) -> None:
    unit = normalise(f"{prefix}J/h")
    assert (unit.group, unit.symbol) == (Group.POWER, "W")
    assert unit.factor is not None
    watts = EnergyConverter.convert(1.0, f"{prefix}J", "Wh")
    assert float(unit.factor) == pytest.approx(watts, rel=1e-9)


def test_a_ton_is_a_thousand_kilograms() -> None:
    factor = normalise("t").factor
    assert factor is not None
    assert factor == 1000  # Home Assistant has no ton
