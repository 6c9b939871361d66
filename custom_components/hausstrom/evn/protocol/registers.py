"""What the OBIS codes of Austrian meters mean.

Source: OBIS (IEC 62056-6-1), units of the DLMS UA Blue Book; the selection is that of the
Austrian customer interfaces, from Netz NÖ to Steiermark.
"""

from enum import IntEnum
from typing import Final


class DlmsUnit(IntEnum):
    """DLMS unit codes of the registers below."""

    WATT = 27
    VAR = 29
    WATT_HOUR = 30
    VAR_HOUR = 32
    AMPERE = 33
    VOLT = 35
    NONE = 255


_SYMBOLS: Final = {
    DlmsUnit.WATT: "W",
    DlmsUnit.VAR: "var",
    DlmsUnit.WATT_HOUR: "Wh",
    DlmsUnit.VAR_HOUR: "varh",
    DlmsUnit.AMPERE: "A",
    DlmsUnit.VOLT: "V",
    DlmsUnit.NONE: "",
}


class Register:
    """One quantity: its key in readings, and the unit that it must be sent with."""

    __slots__ = ("key", "scaler", "unit")

    def __init__(self, key: str, unit: DlmsUnit, scaler: int = 0) -> None:
        """`scaler`: the power of ten where none is transmitted (E450, positional layouts)."""
        self.key, self.unit, self.scaler = key, unit, scaler

    @property
    def symbol(self) -> str:
        """The unit as DSMR text writes it."""
        return _SYMBOLS[self.unit]


BY_CODE: Final = {
    (1, 8, 0): Register("energy_import", DlmsUnit.WATT_HOUR),
    (2, 8, 0): Register("energy_export", DlmsUnit.WATT_HOUR),
    (1, 7, 0): Register("power_import", DlmsUnit.WATT),
    (2, 7, 0): Register("power_export", DlmsUnit.WATT),
    (32, 7, 0): Register("voltage_l1", DlmsUnit.VOLT),
    (52, 7, 0): Register("voltage_l2", DlmsUnit.VOLT),
    (72, 7, 0): Register("voltage_l3", DlmsUnit.VOLT),
    (31, 7, 0): Register("current_l1", DlmsUnit.AMPERE, -2),
    (51, 7, 0): Register("current_l2", DlmsUnit.AMPERE, -2),
    (71, 7, 0): Register("current_l3", DlmsUnit.AMPERE, -2),
    (13, 7, 0): Register("power_factor", DlmsUnit.NONE, -3),
    (3, 8, 0): Register("reactive_energy_import", DlmsUnit.VAR_HOUR),
    (4, 8, 0): Register("reactive_energy_export", DlmsUnit.VAR_HOUR),
    (3, 7, 0): Register("reactive_power_import", DlmsUnit.VAR),
    (4, 7, 0): Register("reactive_power_export", DlmsUnit.VAR),
}
"""By the fields C, D and E of the code; tariff registers (E other than 0) are left out."""

BY_KEY: Final = {register.key: register for register in BY_CODE.values()}
CLOCK: Final = bytes((0, 0, 1, 0, 0, 255))
METER_NUMBER: Final = bytes((0, 0, 96, 1, 0, 255))


def register_of(obis: bytes) -> tuple[Register, int] | None:
    """Return the register of a code, and how far the code is from the plain one.

    A is 1 (electricity). B is a channel and F a billing period: 0 and 255 are plain, other
    ones are read where the plain one is not sent.
    """
    if len(obis) != 6 or obis[0] != 1:
        return None
    register = BY_CODE.get((obis[2], obis[3], obis[4]))
    if register is None:
        return None
    return register, 2 * (obis[5] != 255) + (obis[1] != 0)


def is_clock(obis: bytes) -> bool:
    """Whether a code names the meter's date and time."""
    return obis[0] == 0 and obis[2:5] == CLOCK[2:5]


def is_meter_number(obis: bytes) -> bool:
    """Whether a code names the meter's number."""
    return obis[0] == 0 and obis[2:5] == METER_NUMBER[2:5]
