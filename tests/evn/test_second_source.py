"""The registers beside a second source: the object codes and units of the library gurux-dlms."""

from typing import Final

import pytest
from gurux_dlms.enums import Unit
from gurux_dlms.GXDLMSConverter import GXDLMSConverter

from custom_components.hausstrom.evn.protocol.registers import BY_CODE, DlmsUnit

# What the library calls each, without "Ch. 0" and what it says of billing periods.
NAMES: Final = {
    "energy_import": "Sum Li Active power+ (QI+QIV) Time integral 1 Rate 0 (0 is total)",
    "energy_export": "Sum Li Active power- (QII+QIII) Time integral 1 Rate 0 (0 is total)",
    "power_import": "Sum Li Active power+ (QI+QIV) Inst. value",
    "power_export": "Sum Li Active power- (QII+QIII) Inst. value",
    "voltage_l1": "L1 Voltage Inst. value",
    "voltage_l2": "L2 Voltage Inst. value",
    "voltage_l3": "L3 Voltage Inst. value",
    "current_l1": "L1 Current Inst. value",
    "current_l2": "L2 Current Inst. value",
    "current_l3": "L3 Current Inst. value",
    "power_factor": "Sum Li Power factor Inst. value",
    "reactive_energy_import": (
        "Sum Li Reactive power+ (QI+QII) Time integral 1 Rate 0 (0 is total)"
    ),
    "reactive_energy_export": (
        "Sum Li Reactive power- (QIII+QIV) Time integral 1 Rate 0 (0 is total)"
    ),
    "reactive_power_import": "Sum Li Reactive power+ (QI+QII) Inst. value",
    "reactive_power_export": "Sum Li Reactive power- (QIII+QIV) Inst. value",
}
UNITS: Final = {
    "energy": Unit.ACTIVE_ENERGY,
    "power": Unit.ACTIVE_POWER,
    "voltage": Unit.VOLTAGE,
    "current": Unit.CURRENT,
    "reactive_energy": Unit.REACTIVE_ENERGY,
    "reactive_power": Unit.REACTIVE_POWER,
}


@pytest.mark.parametrize("code", BY_CODE, ids=lambda code: ".".join(map(str, code)))
def test_a_code_is_what_it_is_called(code: tuple[int, int, int]) -> None:
    known = BY_CODE[code]
    descriptions = GXDLMSConverter().getDescription(f"1.0.{code[0]}.{code[1]}.{code[2]}.255")
    assert descriptions[0].removeprefix("Ch. 0 ") == NAMES[known.key]


@pytest.mark.parametrize("code", BY_CODE, ids=lambda code: ".".join(map(str, code)))
def test_a_unit_is_that_of_its_quantity(code: tuple[int, int, int]) -> None:
    known = BY_CODE[code]
    if known.key == "power_factor":
        assert known.unit is DlmsUnit.NONE
        return
    quantity = known.key.removesuffix("_import").removesuffix("_export")
    assert known.unit.value == UNITS[quantity.rpartition("_l")[0] or quantity].value


def test_every_register_is_compared() -> None:
    assert {known.key for known in BY_CODE.values()} == {*NAMES}
