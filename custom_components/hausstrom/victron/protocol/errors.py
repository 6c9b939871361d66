"""What the code of an error means, in words."""

from copy import replace
from typing import Final, override

from ...common import quantities as q
from ...common.value import Value
from . import error_codes as tables
from .catalogue.model import Category
from .codes import Codes
from .derived import Derived, DerivedSource
from .error_codes import OTHER
from .offer import Offer

_ERROR_CODE: Final = "ErrorCode"
_TABLES: Final[dict[str, tuple[str, str, Codes]]] = {
    "vebus": ("VebusError", "vebus_error", tables.VEBUS_ERROR),
    "battery": (_ERROR_CODE, "battery_error", tables.BATTERY_ERROR),
    "alternator": (_ERROR_CODE, "alternator_error", tables.ALTERNATOR_ERROR),
    **dict.fromkeys(("genset", "dcgenset"), (_ERROR_CODE, "genset_error", tables.GENSET_ERROR)),
    **dict.fromkeys(
        ("solarcharger", "charger", "dcdc", "inverter", "multi"),
        (_ERROR_CODE, "charger_error", tables.CHARGER_ERROR),
    ),
}
"""Path of the code, name, and table, by type of service."""


class ErrorText(Derived):
    """The words for a code; the number is its `code`, also of one that is in no table."""

    quantity = q.STATE
    category = Category.DIAGNOSTIC

    def __init__(self, service: DerivedSource, source: str, name: str, codes: Codes) -> None:
        """Watch the path `source` of a service."""
        super().__init__(service, f"{source}/Text", frozenset({source}))
        self.source = source
        self.name = name
        self.codes: Codes = codes

    @override
    def compute(self) -> Value:
        code = self.service.number(self.source)
        return None if code is None else self.codes.slugs.get(int(code), OTHER)

    @override
    def code(self) -> float | None:
        return self.service.number(self.source)

    @override
    def offer(self) -> Offer:
        # Where it is from, for programs that read it elsewhere, is where the code is.
        return replace(super().offer(), path=self.source)


def errors_of(service: DerivedSource) -> tuple[ErrorText, ...]:
    """Return the words for the errors of a service, where there are some."""
    table = _TABLES.get(service.id.service)
    return () if table is None else (ErrorText(service, *table),)
