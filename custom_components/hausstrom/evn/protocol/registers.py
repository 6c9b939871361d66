"""What the OBIS codes of Austrian meters mean.

Source: OBIS (IEC 62056-6-1), units of the DLMS UA Blue Book; the selection is that of the
Netz NÖ and Tirol/Vorarlberg/Salzburg customer interfaces.
"""

from enum import IntEnum
from typing import Final, NamedTuple


class Unit(IntEnum):
    """DLMS unit codes of the registers below."""

    WATT = 27
    WATT_HOUR = 30
    VAR_HOUR = 32
    AMPERE = 33
    VOLT = 35
    NONE = 255


class Register(NamedTuple):
    """One quantity: its key in readings, and the unit that it must be sent with."""

    key: str
    unit: Unit


def _electricity(c: int, d: int) -> bytes:
    return bytes((1, 0, c, d, 0, 255))


REGISTERS: Final = {
    _electricity(1, 8): Register("energy_import", Unit.WATT_HOUR),
    _electricity(2, 8): Register("energy_export", Unit.WATT_HOUR),
    _electricity(1, 7): Register("power_import", Unit.WATT),
    _electricity(2, 7): Register("power_export", Unit.WATT),
    _electricity(32, 7): Register("voltage_l1", Unit.VOLT),
    _electricity(52, 7): Register("voltage_l2", Unit.VOLT),
    _electricity(72, 7): Register("voltage_l3", Unit.VOLT),
    _electricity(31, 7): Register("current_l1", Unit.AMPERE),
    _electricity(51, 7): Register("current_l2", Unit.AMPERE),
    _electricity(71, 7): Register("current_l3", Unit.AMPERE),
    _electricity(13, 7): Register("power_factor", Unit.NONE),
    _electricity(3, 8): Register("reactive_energy_import", Unit.VAR_HOUR),
    _electricity(4, 8): Register("reactive_energy_export", Unit.VAR_HOUR),
}
CLOCK: Final = bytes((0, 0, 1, 0, 0, 255))
METER_NUMBER: Final = bytes((0, 0, 96, 1, 0, 255))
