"""Requests to lala.cgi: only what is needed is asked for.

An empty string asks for a variable, `{}` for a whole section, a typed string writes. The device
answers long requests with half an answer, so a body stays below BODY_LIMIT.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, Self

import orjson

from ....common.value import Value
from .catalogue import SECTIONS, Axis, Cadence, VariableType
from .codec import Answer, Scalar, encode_value
from .points import Readout, Ref

BODY_LIMIT: Final = 4000
SLOW_BODY_LIMIT: Final = 1200
_INVENTORY_VALUES: Final = 320  # about as many values as an answer to whole sections may have

type _Body = dict[str, dict[str, str | list[str]]]


class Batch(NamedTuple):
    """One request, and the points that are read from its answer."""

    body: bytes
    points: tuple[Readout, ...]

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections that are asked for."""
        return tuple(orjson.loads(self.body))

    def read(self, answer: Answer) -> dict[str, Value]:
        """Return the readings of an answer to this request, by key; None where one is missing."""
        return {point.key: point.read(answer) for point in self.points}

    def split(self) -> tuple[Self, ...]:
        """Return the same as one request per section: for devices that are slow with several."""
        return tuple(
            type(self)(orjson.dumps(body), tuple(points))
            for section, points in _by_section(self.points).items()
            if (body := {section: _reading_body(_refs(points))[section]})
        )


class RequestPlan(NamedTuple):
    """What is asked for: at every poll, and once in a while."""

    live: tuple[Batch, ...]
    slow: tuple[Batch, ...]

    @classmethod
    def of(cls, points: Iterable[Readout]) -> Self:
        """Plan the requests for these points."""
        wanted = list(points)
        return cls(
            live=_batches([p for p in wanted if p.cadence is Cadence.LIVE], BODY_LIMIT),
            slow=_batches([p for p in wanted if p.cadence is Cadence.SLOW], SLOW_BODY_LIMIT),
        )


def _batches(points: list[Readout], limit: int) -> tuple[Batch, ...]:
    """Put points into the fewest requests of at most `limit` bytes.

    A section is never split, so what is read together is of one moment; one that alone is over the
    limit has a request of its own. The energy flow comes first.
    """
    by_section = _by_section(points)
    batches: list[Batch] = []
    body: _Body = {}
    inside: list[Readout] = []
    for section in SECTIONS:
        if section not in by_section:
            continue
        body_of_section = _reading_body(_refs(by_section[section]))
        longer = _merged(body, body_of_section)
        if body and len(orjson.dumps(longer)) > limit:
            batches.append(Batch(orjson.dumps(body), tuple(inside)))
            longer, inside = body_of_section, []
        body = longer
        inside = [*inside, *by_section[section]]
    if body:
        batches.append(Batch(orjson.dumps(body), tuple(inside)))
    return tuple(batches)


def _merged(body: _Body, more: _Body) -> _Body:
    """Return both; a point of one section may need a variable of another."""
    return {name: {**body.get(name, {}), **more.get(name, {})} for name in (*body, *more)}


def _by_section(points: Iterable[Readout]) -> dict[str, list[Readout]]:
    found: dict[str, list[Readout]] = {}
    for point in points:
        for ref in point.needs[:1]:
            found.setdefault(ref.section, []).append(point)
    return found


def _refs(points: Iterable[Readout]) -> Iterator[Ref]:
    for point in points:
        yield from point.needs
        yield from point.also


def _reading_body(refs: Iterable[Ref]) -> _Body:
    body: _Body = {}
    for ref in refs:
        body.setdefault(ref.section, {})[ref.variable] = ""
    return body


def read_body(refs: Iterable[Ref]) -> bytes:
    """Return the body that asks for these variables."""
    return orjson.dumps(_reading_body(refs))


def sections_body(sections: Iterable[str]) -> bytes:
    """Return the body that asks for whole sections, less what is never asked for."""
    return orjson.dumps({name: _whole_section(name) for name in sections})


def _whole_section(name: str) -> Mapping[str, str]:
    rows = SECTIONS.get(name, ())
    if any(row.form.kind is VariableType.CREDENTIAL for row in rows):
        return {row.name: "" for row in rows if row.form.kind is not VariableType.CREDENTIAL}
    return {}


def section_variables(name: str) -> tuple[str, ...]:
    """Return what is known to be in a section and is ever asked for."""
    return tuple(
        row.name for row in SECTIONS.get(name, ()) if row.form.kind is not VariableType.CREDENTIAL
    )


def inventory_groups() -> Iterator[tuple[str, ...]]:
    """Yield all sections in groups whose answers are small enough for one request."""
    names: list[str] = []
    values = 0
    for name, rows in SECTIONS.items():
        size = sum(1 if row.axis is Axis.SCALAR else 6 for row in rows)
        if names and values + size > _INVENTORY_VALUES:
            yield tuple(names)
            names, values = [], 0
        names.append(name)
        values += size
    yield tuple(names)


def write_body(
    ref: Ref,
    prefix: str,
    value: float | str,
    *,
    index: int | None = None,
    length: int = 1,
) -> bytes:
    """Return the body that writes one value.

    An item of an array is written as an array of `length` that is empty elsewhere. Raises
    CodecError where the type cannot carry the value.
    """
    typed = encode_value(prefix, value)
    written: str | list[str] = typed
    if index is not None:
        written = [""] * length
        written[index] = typed
    return orjson.dumps({ref.section: {ref.variable: written}})


def was_taken(wanted: float | str, found: Scalar | None) -> bool:
    """Return whether what the device holds is what was written (floats: as far as 32 bits tell)."""
    if isinstance(found, int | float) and isinstance(wanted, int | float):
        return abs(wanted - found) <= 1e-6 * max(1, abs(wanted))
    return wanted == found
