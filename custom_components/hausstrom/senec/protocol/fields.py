"""Typed access to JSON objects: a value of the wrong type is a missing value, never a guess."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Final

type JsonObject = Mapping[str, object]

NOTHING: Final[JsonObject] = {}


def object_of(value: object) -> JsonObject:
    """Return the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else NOTHING


def objects_of(value: object) -> Iterator[JsonObject]:
    """Yield the JSON objects of an array; anything else yields nothing."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def sequence_of(value: object) -> Sequence[object]:
    """Return the value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else ()


def number_of(value: object) -> float | None:
    """Return a finite number; `true`, `"1"`, NaN and the like are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def whole_of(value: object) -> int | None:
    """Return a whole number."""
    number = number_of(value)
    return int(number) if number is not None and number.is_integer() else None


def flag_of(value: object) -> bool | None:
    """Return a JSON truth value."""
    return value if isinstance(value, bool) else None


def text_of(value: object) -> str | None:
    """Return a text that is not empty; a number (ids come as both) as its digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def moment_of(value: object) -> datetime | None:
    """Return an ISO 8601 instant as UTC; one without an offset is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except ValueError, OverflowError:
        return None
