"""Every documented object and variable of lala.cgi: unit, meaning, enumeration, limits.

The rows follow the API document of firmware 0826; what only older firmware or only LFP batteries
have stands beside it. Objects that the document lists as empty are EMPTY_SECTIONS.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from . import battery, energy, grid, loads, system
from .forms import Axis, Cadence, Format, Variable, VariableType

__all__ = [
    "AXIS_LENGTH",
    "CATALOGUE",
    "EMPTY_SECTIONS",
    "SECTIONS",
    "Axis",
    "Cadence",
    "Format",
    "Variable",
    "VariableType",
]

SECTIONS: Final[Mapping[str, tuple[Variable, ...]]] = MappingProxyType(
    {
        rows[0].section: rows
        for rows in (
            energy.ENERGY,
            energy.STATISTIC,
            energy.BAT1,
            energy.BAT1OBJ1,
            energy.CASC,
            energy.V_STECA,
            grid.PM1,
            grid.PM1OBJ1,
            grid.PM1OBJ2,
            grid.PV1,
            grid.PWR_UNIT,
            grid.STECA,
            grid.GRIDCONFIG,
            battery.BMS,
            battery.BMS_PARA,
            battery.BMZ_CURRENT_LIMITS,
            battery.CURRENT_IMBALANCE_CONTROL,
            battery.CELL_DEVIATION_ROC,
            battery.AMPACE,
            battery.TEMPMEASURE,
            loads.WALLBOX,
            loads.SOCKETS,
            system.FACTORY,
            system.FEATURES,
            system.WIZARD,
            system.SYS_UPDATE,
            system.RTC,
            system.LOG,
            system.SELFTEST_RESULTS,
            system.DEBUG,
            system.SENEC_IO_INPUT,
            system.SENEC_IO_OUTPUT,
            system.IPU,
            system.FAN_TEST,
            system.FAN_SPEED,
        )
    }
)

CATALOGUE: Final[Mapping[tuple[str, str], Variable]] = MappingProxyType(
    {(row.section, row.name): row for rows in SECTIONS.values() for row in rows}
)

EMPTY_SECTIONS: Final = frozenset(
    {"BAT1OBJ2", "BAT1OBJ3", "BAT1OBJ4", "DISPLAY", "DISPLAYSYS_UPDATE", "FILE", "TEST", "UPDATE"}
)
"""Documented, but they answer with nothing; they are not asked for."""

AXIS_LENGTH: Final[Mapping[Axis, int]] = MappingProxyType(
    {
        Axis.PHASE: 3,
        Axis.MODULE: 4,
        Axis.CELL: 16,
        Axis.CELL_SENSOR: 6,
        Axis.MPP: 3,
        Axis.WALLBOX: 4,
        Axis.POWER_UNIT: 6,
        Axis.SOCKET: 2,
        Axis.SELF_TEST: 8,
        Axis.INVERTER: 2,
        Axis.CASCADE: 6,
        Axis.ITEM: 64,
    }
)
"""How many items an array can have at most."""
