"""Raw values to readings, as the catalogue says."""

from collections import Counter
from collections.abc import Callable
from math import isfinite
from typing import Final

from ...common.quantities import TEXT, Quantity
from ...common.value import Value
from .catalogue.model import Conversion, EntityForm, PathRow
from .codes import Codes
from .payload import Json, number, text

type DecodeValue = Callable[[Json], Value]

LONGEST_TIME_TO_GO: Final = 864_000
"""Seconds (ten days) at which several monitors stop counting, and which they say while charging."""
_KILOPASCAL_BELOW: Final = 200
_ABSOLUTE_ZERO: Final = -273.0
_HOTTEST: Final = 1700.0
"""°C. Nothing of a home is hotter, the exhaust of a genset included: 65535 in any scale is none."""


def decoder(point: PathRow, unknown: Callable[[float], None]) -> DecodeValue:
    """Return the function that decodes a row; `unknown` is told of codes in no table."""
    if point.form is EntityForm.BINARY:
        return _flag(inverted=point.inverted)
    if point.codes is not None:
        bits = point.reading is Conversion.LOWEST_BIT
        return _code(point.codes, unknown, bits=bits)
    if point.control is not None and point.control.unlimited is not None:
        return _limit(point.control.unlimited)
    if point.quantity is TEXT:
        return text
    return _number(point.quantity, point.reading)


def count_unknown(counter: Counter[str], path: str) -> Callable[[float], None]:
    """Return a function that counts unknown codes under the path they came on."""

    def count(code: float) -> None:
        counter[f"{path}={code:g}"] += 1

    return count


def _flag(*, inverted: bool) -> DecodeValue:
    def decode(raw: Json) -> bool | None:
        value = number(raw)
        return None if value is None else (value != 0) is not inverted

    return decode


def _code(codes: Codes, unknown: Callable[[float], None], *, bits: bool) -> DecodeValue:
    slugs = codes.slugs

    def decode(raw: Json) -> str | None:
        value = _hex(raw) if bits and isinstance(raw, str) else number(raw)
        if value is None:
            return None
        if bits and value == int(value) and value > 0:
            value = int(value) & -int(value)
        slug = slugs.get(value)  # type: ignore[arg-type]  # 3.0 is found as 3
        if slug is None:
            unknown(value)
        return slug

    return decode


def _limit(unlimited: float) -> DecodeValue:
    """Return a decoder to which the number for "no limit" (and any below 0 with it) is none."""

    def decode(raw: Json) -> float | None:
        value = number(raw)
        return None if value is None or (value < 0 and unlimited < 0) else round(value, 3)

    return decode


def _hex(raw: str) -> int | None:
    try:
        return int(raw, 0)
    except ValueError:
        return None


def _number(quantity: Quantity, reading: Conversion) -> DecodeValue:
    digits = max(3, (3 if quantity.precision is None else quantity.precision) + 2)
    temperature = quantity.device_class == "temperature"
    if reading is Conversion.AS_IS and not temperature:

        def plain(raw: Json) -> float | None:
            if isinstance(raw, float) and isfinite(raw):
                return round(raw, digits)
            return number(raw)  # a whole number, or none

        return plain

    def decode(raw: Json) -> float | None:
        value = number(raw)
        if value is None:
            return None
        if reading is Conversion.TIME_TO_GO and not 0 < value < LONGEST_TIME_TO_GO:
            return None
        if reading is Conversion.TIMESTAMP and value <= 0:
            return None
        if reading is Conversion.AIR_PRESSURE and value < _KILOPASCAL_BELOW:
            value *= 10
        if temperature and not _ABSOLUTE_ZERO < value < _HOTTEST:
            return None
        return round(value, digits)

    return decode
