"""Values whose range, unit and choices other topics of their folder say."""

from copy import replace
from typing import Final

import orjson

from ...common import quantities as q
from ...common.quantities import Quantity
from ...common.text import clean
from ...common.throttle import Pace
from .derived import Derived
from .payload import Json, Limits, text

DIMMABLE: Final = 2
TEMPERATURE: Final = 3

MAX_LABELS: Final = 64
_MAX_TEXT: Final = 64
_MAX_UNIT: Final = 10
_UNITS: Final = {"/Temperature": "°C", "/Speed": "m/s", "/Volume": "m³"}
_TEMPERATURE: Final = replace(q.TEMPERATURE, pace=Pace.QUICK, step=0.0)
_PERCENT: Final = replace(q.PERCENT, pace=Pace.QUICK, step=0.0)
"""A level that somebody moves: not each step of the way."""


def labels_of(raw: Json) -> tuple[str, ...]:
    """Return the labels of a drop-down: an array, or its JSON as text. Each differs from others."""
    if isinstance(raw, str):
        try:
            raw = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return ()
    if not isinstance(raw, list):
        return ()
    labels: list[str] = []
    for index, one in enumerate(raw[:MAX_LABELS], 1):
        label = clean(text(one) or str(index), _MAX_TEXT) or str(index)
        labels.append(f"{label} ({index})" if label in labels else label)
    return tuple(labels)


def unit_of(raw: Json) -> str | None:
    """Return the unit that a setting names: its own text, or one of the GX's own."""
    said = text(raw)
    if said is None:
        return None
    return _UNITS.get(said) or clean(said.removeprefix("/"), _MAX_UNIT) or None


class Ranged(Derived):
    """A value with a range, a step and a unit of its own."""

    _folder: str
    _at: dict[str, str]
    """The whole path of each input, by its place in the folder."""

    def _quantity(self, kind: int | None) -> Quantity:
        if kind == TEMPERATURE:
            return _TEMPERATURE
        if kind == DIMMABLE:
            return _PERCENT
        decimals = self._said("Settings/Decimals")
        precision = None if decimals is None else max(0, min(3, int(decimals)))
        unit = unit_of(self.service.raw(f"{self._folder}/Settings/Unit"))
        return Quantity(
            unit=unit,
            pace=Pace.QUICK,
            precision=precision,
            state_class="measurement" if unit else None,
        )

    def _said(self, path: str) -> float | None:
        return self.service.number(self._at[path])

    def _range(self, low: str, high: str) -> Limits:
        minimum = self._said(low)
        maximum = self._said(high)
        limits = Limits(0 if minimum is None else minimum, 100 if maximum is None else maximum)
        return limits if limits.minimum < limits.maximum else Limits(0, 100)

    def placeholders_of(self, kind: str, name: str) -> dict[str, str]:
        """Return the name that the user gave, or the one it came with."""
        said = self.service.said(f"{self._folder}/Settings/CustomName")
        return {
            kind: said
            or self.service.said(f"{self._folder}/Name")
            or clean(name.replace("_", " "), _MAX_TEXT)
        }
