"""What can be read from a SENEC system: a point is a key, what it needs of lala.cgi, how to read it.

Keys are the product's public names: those of the SENEC collector for what it measures,
`<section>_<variable>[_<index from 0>]` for everything else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final, NamedTuple

from ....common.slug import slug
from ....common.text import clean
from ....common.value import Value
from .catalogue import CATALOGUE, Cadence, Format, Variable, VariableType
from .catalogue.codes import CodeTable
from .codec import Answer, Refusal, Scalar


class Ref(NamedTuple):
    """A variable of lala.cgi by name."""

    section: str
    variable: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Readout:
    """One reading: `needs` says which variables must be asked for, `read` takes it from an answer.

    `variable` and `index` tell where a reading comes from that is a variable's own. `also` is asked
    for beside `needs` and may be missing: it says whether the reading is to be believed.
    """

    key: str
    needs: tuple[Ref, ...]
    read: Callable[[Answer], Value]
    also: tuple[Ref, ...] = ()
    cadence: Cadence
    form: Format
    enabled: bool
    variable: Variable | None = None
    index: int | None = None


def interpret(form: Format, value: Scalar | None) -> Value:
    """Return a decoded value as its form wants it; None where it is none or not plausible."""
    if value is None or isinstance(value, Refusal):
        return None
    if form.kind in _TEXTS:
        return clean(str(value), _LONGEST_TEXT) or None
    if isinstance(value, str):
        return None if form.codes is None else _coded_text(form.codes, value)
    if form.kind is VariableType.ADDRESS:
        return _address(value)
    if form.kind is VariableType.FLAG:
        return value != 0
    if form.codes is not None:
        return form.codes.get(int(value)) if value == int(value) else None
    if form.wrap is not None and value >= 1 << (form.wrap - 1):
        value -= 1 << form.wrap
    scaled = round(value * form.factor, 3)  # 32-bit floats have digits that mean nothing
    return scaled if form.low <= scaled <= form.high else None


def _coded_text(codes: CodeTable, text: str) -> Value:
    """Return the slug of a code that came as text: its number, or its words on the device's page."""
    text = text.strip()
    if text.isdecimal() and len(text) <= 3:
        return codes.get(int(text))
    words = slug(text).split("_")
    known = "_".join(_SHORT.get(word, word) for word in words)
    return known if known in codes.values() else None


_SHORT: Final = {"freq": "frequency", "avg": "average", "ext": "external", "min": "minute"}


def _address(value: float) -> Value:
    """Return a number as the address that it is (192.168.1.5); none set is none."""
    if value != int(value) or not 0 < value < 1 << 32:
        return None
    return str(IPv4Address(int(value)))


_LONGEST_TEXT: Final = 255  # of a state in Home Assistant
_TEXTS: Final = frozenset({VariableType.TEXT, VariableType.IDENTITY})


def value_at(answer: Answer, ref: Ref, index: int | None = None) -> Scalar | None:
    """Return one value of an answer; None where the answer does not have it."""
    cell = answer.cell(*ref)
    if isinstance(cell, list):
        return cell[index] if index is not None and index < len(cell) else None
    return cell if index is None else None


def reading_at(answer: Answer, ref: Ref, index: int | None = None) -> Value:
    """Return one value of an answer, interpreted as the catalogue says."""
    return interpret(CATALOGUE[ref].form, value_at(answer, ref, index))


def number_at(answer: Answer, ref: Ref, index: int | None = None) -> float | None:
    """Return one value of an answer as a number; None where it is not a plausible one."""
    reading = reading_at(answer, ref, index)
    return reading if isinstance(reading, int | float) else None


def same(ref: Ref, index: int | None = None) -> Callable[[Answer], Value]:
    """Return what takes one variable's reading, or one item's, from an answer."""

    def read(answer: Answer) -> Value:
        return reading_at(answer, ref, index)

    return read
