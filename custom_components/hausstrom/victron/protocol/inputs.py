"""Generic inputs, which any service may have in folders `GenericInput/<name>/`."""

from typing import Final, override

from ...common import quantities as q
from ...common.value import Value
from .codes import Codes
from .derived import DerivedSource
from .ranged import TEMPERATURE, Ranged, labels_of

INPUTS: Final = "GenericInput/"


class InputValue(Ranged):
    """What a generic input says: one of its labels, or a number with its unit."""

    name = "generic_input"
    shaped = True
    enabled = False

    def __init__(self, service: DerivedSource, entry: str) -> None:
        """Watch the folder of an input."""
        self._entry = entry
        self._folder = f"{INPUTS}{entry}"
        uses = ("Value", "Name", "Settings/CustomName", "Settings/Type", "Settings/Labels")
        shape = ("Settings/Unit", "Settings/Decimals")
        self._at = {one: f"{self._folder}/{one}" for one in (*uses, *shape)}
        super().__init__(service, f"{self._folder}/Value", frozenset(self._at.values()))

    @override
    def compute(self) -> Value:
        kind = self._said("Settings/Type")
        value = self._said("Value")
        labels = labels_of(self.service.raw(f"{self._folder}/Settings/Labels")) if not kind else ()
        self.codes = Codes(dict(enumerate(labels))) if labels else None
        self.quantity = (
            q.STATE if labels else self._quantity(TEMPERATURE if kind == TEMPERATURE else None)
        )
        if value is None:
            return None
        return round(value, 3) if self.codes is None else self.codes.slugs.get(int(value))

    @override
    def code(self) -> float | None:
        return None if self.codes is None else self._said("Value")

    @override
    def placeholders(self) -> dict[str, str]:
        return self.placeholders_of("entry", self._entry)
