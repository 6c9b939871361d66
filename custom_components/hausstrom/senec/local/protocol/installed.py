"""What is installed at a system: how many of the items of its fixed-length arrays stand for something."""

from typing import NamedTuple, Self

from .catalogue import Axis, Variable
from .codec import Answer, Refusal, Scalar

_NO_CELL = 0xFFFF


def _numbers(answer: Answer, section: str, variable: str) -> list[float]:
    """Return a variable's numbers in order; what is not a number counts as zero."""
    cell = answer.cell(section, variable)
    values: list[Scalar] = cell if isinstance(cell, list) else [] if cell is None else [cell]
    return [value if isinstance(value, int | float) else 0 for value in values]


def _number(answer: Answer, section: str, variable: str) -> int | None:
    cell = answer.cell(section, variable)
    return int(cell) if isinstance(cell, int | float) else None


def _used(numbers: list[float]) -> frozenset[int]:
    return frozenset(index for index, number in enumerate(numbers) if number)


def _first(count: int) -> frozenset[int]:
    return frozenset(range(count))


class Installed(NamedTuple):
    """The indices that stand for something, per axis.

    The device always answers with arrays of full length: four modules, four wallboxes, six power
    units. Which of them exist is told by other variables, or by the arrays themselves.
    """

    modules: frozenset[int] | None
    """None while the battery management counts none: it does so too until they have reported."""
    cells: dict[str, int]
    trackers: frozenset[int]
    wallboxes: frozenset[int] | None
    """None while the configuration is not loaded."""
    power_units: frozenset[int]
    sockets: frozenset[int]
    inverters: frozenset[int]
    is_cascade: bool
    cascade: frozenset[int]
    house_meter: bool

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Read it from the answer to a request for everything."""
        modules = _modules(answer)
        return cls(
            modules=modules,
            cells={
                letter: _cells(_numbers(answer, "BMS", f"CELL_VOLTAGES_MODULE_{letter}"))
                for index, letter in enumerate("ABCD")
                if modules and index in modules
            },
            trackers=_trackers(answer),
            wallboxes=_wallboxes(answer),
            power_units=_used(_numbers(answer, "PWR_UNIT", "TYPE")),
            sockets=_sockets(answer),
            inverters=_used(_numbers(answer, "PV1", "INTERNAL_MD_AVAIL")),
            is_cascade=_is_cascade(answer),
            cascade=_cascade(answer),
            house_meter=_number(answer, "PM1OBJ2", "ENABLED") != 0,
        )

    def has(self, row: Variable, index: int) -> bool | None:
        """Return whether item `index` of an array stands for something; None: not told now."""
        match row.axis:
            case Axis.CELL:
                if self.modules is None:
                    return None
                return index < self.cells.get(row.name[-1], 0)
            case Axis.CELL_SENSOR:
                return None if self.modules is None else "ABCD".index(row.name[-1]) in self.modules
            case Axis.PHASE:
                return row.section != "PM1OBJ2" or self.house_meter
            case Axis.MODULE | Axis.WALLBOX:
                counted = self.modules if row.axis is Axis.MODULE else self.wallboxes
                return None if counted is None else index in counted
            case _:
                indices = self._indices(row.axis)
                return indices is None or index in indices

    def has_section(self, section: str) -> bool | None:
        """Return whether what a section describes is there at all; None: not told now."""
        match section:
            case "WALLBOX":
                return None if self.wallboxes is None else bool(self.wallboxes)
            case "CASC":
                return self.is_cascade
            case "PM1OBJ2":
                return self.house_meter
            case _:
                return True

    def has_any(self, row: Variable) -> bool | None:
        """Return whether any item of an array stands for something; None: not told now."""
        if row.axis is Axis.WALLBOX:
            return self.has_section("WALLBOX")
        indices = self._indices(row.axis)
        return indices is None or bool(indices)

    def _indices(self, axis: Axis) -> frozenset[int] | None:
        match axis:
            case Axis.MPP:
                return self.trackers
            case Axis.POWER_UNIT:
                return self.power_units
            case Axis.SOCKET:
                return self.sockets
            case Axis.INVERTER:
                return self.inverters
            case Axis.CASCADE:
                return self.cascade
            case _:
                return None  # every item that the array has


def _modules(answer: Answer) -> frozenset[int] | None:
    for variable in ("MODULES_CONFIGURED", "MODULE_COUNT", "NR_INSTALLED"):
        count = _number(answer, "BMS", variable)
        if count and count <= 4:
            return _first(count)
    return _used(_numbers(answer, "BMS", "VOLTAGE")) or None


def _cells(voltages: list[float]) -> int:
    """Count the cells of a module: 14 (NCA, NMC) or 16 (LFP), unused places are at the end."""
    return max(
        (place for place, voltage in enumerate(voltages, 1) if voltage not in {0, _NO_CELL}),
        default=0,
    )


def _trackers(answer: Answer) -> frozenset[int]:
    count = _number(answer, "PV1", "MPP_AVAIL")
    powers = _numbers(answer, "PV1", "MPP_POWER")
    if count and count <= len(powers):
        return _first(count)
    if count == 0:
        return frozenset()
    return _first(len(powers))


def _wallboxes(answer: Answer) -> frozenset[int] | None:
    if _number(answer, "WIZARD", "CONFIG_LOADED") == 0:
        return None
    count = _number(answer, "WIZARD", "SETUP_NUMBER_WALLBOXES")
    if count is not None:
        return _first(min(count, 4))
    return _used(_numbers(answer, "WALLBOX", "STATE"))


def _sockets(answer: Answer) -> frozenset[int]:
    possible = answer.cell("FEATURES", "SOCKETS")
    count = _number(answer, "SOCKETS", "NUMBER_OF_SOCKETS") or 0
    if possible is None or isinstance(possible, Refusal) or possible != 0:
        return _first(min(count, 2))
    return frozenset()


def _is_cascade(answer: Answer) -> bool:
    return bool(_number(answer, "WIZARD", "MASTER_SLAVE_MODE"))


def _cascade(answer: Answer) -> frozenset[int]:
    """Return the places of the cascade that are used: unused ones read 0 W, 100 %, state 0."""
    if not _is_cascade(answer):
        return frozenset()
    if isinstance(answer.cell("WIZARD", "MASTER_SLAVE_ADDRESSES"), list):
        return _used(_numbers(answer, "WIZARD", "MASTER_SLAVE_ADDRESSES"))
    return _used(_numbers(answer, "CASC", "POWER")) | _used(_numbers(answer, "CASC", "STATE"))
