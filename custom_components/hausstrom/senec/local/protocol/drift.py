"""Modules of one battery that drift apart: in voltage, in charge, in temperature.

All modules of a battery hang on one link and are charged as one, so they stay together; one that does
not is ageing, badly connected, or not balanced. A warning begins only when the difference lasts, and
ends well below where it began, so that it does not flicker.
"""

from collections.abc import Mapping
from functools import cache
from statistics import median
from typing import Final, NamedTuple

from ....common.value import Value
from .catalogue import CATALOGUE, Cadence
from .codec import Answer
from .points import Readout, Ref, number_at

_PREFIX: Final = "module_"
_MODULES: Final = 4


class DriftQuantity(NamedTuple):
    """What is compared: differences from the median above `warn` warn, below `calm` they do not."""

    ref: Ref
    unit: str
    warn: float
    calm: float


QUANTITIES: Final[Mapping[str, DriftQuantity]] = {
    # 14 or 16 cells: 2 V are more than 0.1 V per cell.
    "voltage": DriftQuantity(Ref("BMS", "VOLTAGE"), "V", 2.0, 1.2),
    "charge": DriftQuantity(Ref("BMS", "SOC"), "%", 10, 6),
    "temperature": DriftQuantity(Ref("BMS", "TEMP_MAX"), "°C", 8, 5),
}
LASTING: Final = 3
"""Looks in a row, five minutes apart, before a warning begins."""


class Drift(NamedTuple):
    """A module that is apart from the others: 0 is module A; `by` is signed, in `unit`."""

    module: int
    quantity: str
    by: float

    @property
    def letter(self) -> str:
        """What the module is called."""
        return "ABCD"[self.module]

    @property
    def text(self) -> str:
        """The difference, as it is shown."""
        return f"{self.by:+.1f} {QUANTITIES[self.quantity].unit}"


class DriftWatch:
    """Looks at the modules again and again; `drifts` are the warnings that stand."""

    def __init__(self) -> None:
        """Begin without a warning."""
        self._apart: dict[tuple[int, str], int] = {}
        self.drifts: tuple[Drift, ...] = ()

    def look(self, readings: Mapping[str, Value]) -> bool | None:
        """Take what one answer told of the modules; return whether one drifts, None: not known."""
        known = False
        standing = {(drift.module, drift.quantity) for drift in self.drifts}
        found: list[Drift] = []
        for name, quantity in QUANTITIES.items():
            values = {
                index: float(reading)
                for index in range(_MODULES)
                if isinstance(reading := readings.get(f"{_PREFIX}{name}_{index}"), int | float)
                and not (name == "voltage" and reading <= 0)
            }
            if len(values) < 2:
                # Nothing to compare with: what was said of it stands until there is.
                found.extend(drift for drift in self.drifts if drift.quantity == name)
                continue
            known = True
            found.extend(self._apart_in(name, quantity, values, standing))
        self.drifts = tuple(found)
        return bool(found) if known else None

    def _apart_in(
        self,
        name: str,
        quantity: DriftQuantity,
        values: Mapping[int, float],
        standing: set[tuple[int, str]],
    ) -> list[Drift]:
        middle = median(values.values())
        found: list[Drift] = []
        for index, value in values.items():
            place, by = (index, name), value - middle
            limit = quantity.calm if place in standing else quantity.warn
            if abs(by) <= limit:
                self._apart.pop(place, None)
                continue
            self._apart[place] = self._apart.get(place, 0) + 1
            if place in standing or self._apart[place] >= LASTING:
                found.append(Drift(index, name, round(by, 2)))
        return found


@cache
def module_points() -> tuple[Readout, ...]:
    """Return the inner points that the watch is fed with: slow, whatever their variables are."""

    def point(name: str, ref: Ref, index: int) -> Readout:
        def read(answer: Answer) -> Value:
            if number_at(answer, _COUNT) == 0:
                return None
            return number_at(answer, ref, index)

        return Readout(
            key=f"{_PREFIX}{name}_{index}",
            needs=(ref,),
            also=(_COUNT,),
            read=read,
            cadence=Cadence.SLOW,
            form=CATALOGUE[ref].form,
            enabled=False,
        )

    return tuple(
        point(name, quantity.ref, index)
        for name, quantity in QUANTITIES.items()
        for index in range(_MODULES)
    )


_COUNT: Final = Ref("BMS", "MODULES_CONFIGURED")


def taken_out(readings: dict[str, Value], modules: int) -> dict[str, Value] | None:
    """Take the inner points out of readings; None where they are not in this answer.

    Of the modules only the first `modules` exist: the others read zero.
    """
    found = {key: readings.pop(key) for key in list(readings) if key.startswith(_PREFIX)}
    there = {key: value for key, value in found.items() if int(key[-1]) < modules}
    return there or None
