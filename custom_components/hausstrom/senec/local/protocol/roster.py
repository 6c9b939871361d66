"""Every point that a system can have, and which of them one has."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from ....common.value import Value
from .catalogue import AXIS_LENGTH, CATALOGUE, Axis, Variable, VariableType
from .codec import Answer, Refusal
from .derived import COVERED, derived_points
from .installed import Installed
from .points import Readout, Ref, number_at, same

_UNREAD: Final = frozenset({VariableType.LISTING, VariableType.COMMAND, VariableType.CREDENTIAL})
_OF_A_MODULE: Final = frozenset({Axis.MODULE, Axis.CELL, Axis.CELL_SENSOR})
_MODULES: Final = Ref("BMS", "MODULES_CONFIGURED")
_TOLD_BY: Final[Mapping[Axis, tuple[str, ...]]] = MappingProxyType(
    {
        Axis.MODULE: ("BMS",),
        Axis.CELL: ("BMS",),
        Axis.CELL_SENSOR: ("BMS",),
        Axis.WALLBOX: ("WIZARD",),
        Axis.SOCKET: ("FEATURES", "SOCKETS"),
        Axis.POWER_UNIT: ("PWR_UNIT",),
        Axis.CASCADE: ("WIZARD",),
    }
)
"""The sections that tell which items of an array stand for something."""


def _catalogue_points() -> Iterable[Readout]:
    for ref, row in CATALOGUE.items():
        if ref in COVERED or row.form.kind in _UNREAD:
            continue
        place = Ref(*ref)
        gated = row.section == "BMS" and row.axis in _OF_A_MODULE
        indices = [None] if row.axis is Axis.SCALAR else range(AXIS_LENGTH[row.axis])
        for index in indices:
            read = same(place, index)
            yield Readout(
                key=row.key if index is None else f"{row.key}_{index}",
                needs=(place,),
                also=(_MODULES,) if gated else (),
                read=_of_a_module(read) if gated else read,
                cadence=row.cadence,
                form=row.form,
                enabled=row.enabled,
                variable=row,
                index=index,
            )


def _of_a_module(read: Callable[[Answer], Value]) -> Callable[[Answer], Value]:
    """Believe no reading of a module while the battery management has none.

    Until the modules have reported (state 59, after an update) it counts none, and everything of
    theirs is zero: cycles that fall to 0 would be a new counter to the statistics.
    """

    def read_or_none(answer: Answer) -> Value:
        return None if number_at(answer, _MODULES) == 0 else read(answer)

    return read_or_none


@cache
def all_points() -> Mapping[str, Readout]:
    """Return every point there can be, by key."""
    points: dict[str, Readout] = {}
    for point in (*derived_points(), *_catalogue_points()):
        points[point.key] = point
    return MappingProxyType(points)


def points_of(answer: Answer, known: Collection[str] = ()) -> dict[str, Readout]:
    """Return the points that a system has, by key.

    Takes what was answered to requests for whole sections. A variable that this firmware does not
    have makes no point, nor does an item of an array for which nothing is installed. Where a section
    has not answered, or a count is not to be believed now, nothing is decided: what was `known`
    stays, what was not is not there yet.
    """
    installed = Installed.of(answer)
    decided = {
        key: (point, _has_all(answer, installed, point)) for key, point in all_points().items()
    }
    return {
        key: point for key, (point, has) in decided.items() if has or (has is None and key in known)
    }


def _has_all(answer: Answer, installed: Installed, point: Readout) -> bool | None:
    found = [_has(answer, installed, ref, point.index) for ref in point.needs]
    if False in found:
        return False
    return None if None in found else True


def _has(answer: Answer, installed: Installed, ref: Ref, index: int | None) -> bool | None:
    """Whether a system has a variable's item; None where the answer does not tell."""
    row = CATALOGUE[ref]
    if not heard(answer, row.section):
        return None
    cell = answer.cell(*ref)
    if cell is None or (isinstance(cell, Refusal) and cell.is_permanent):
        return False
    if not all(heard(answer, section) for section in _sections_that_tell(row)):
        return None
    if row.axis is Axis.SCALAR:
        if isinstance(cell, list):
            return False
        return installed.has_section(row.section)
    if not isinstance(cell, list):
        # An array that is refused for the moment tells nothing of its items.
        return None if isinstance(cell, Refusal) else False
    if index is None:  # a reading of the whole array
        return bool(cell) and installed.has_any(row)
    return index < len(cell) and installed.has(row, index)


def _sections_that_tell(row: Variable) -> tuple[str, ...]:
    return ("WIZARD",) if row.section in {"WALLBOX", "CASC"} else _TOLD_BY.get(row.axis, ())


def heard(answer: Answer, section: str) -> bool:
    """Whether an answer says anything of a section, be it that there is none."""
    if section in answer.sections:
        return True
    refusal = answer.refused_sections.get(section)
    return refusal is not None and refusal.is_permanent
