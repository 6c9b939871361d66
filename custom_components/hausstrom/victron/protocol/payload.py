"""Payloads of a GX: `{"value": v}`, with `min` and `max` where the value can be set."""

from enum import StrEnum
from math import isfinite
from typing import Final, NamedTuple, override

import orjson

type Json = bool | float | str | list[Json] | dict[str, Json] | None
"""What `value` may hold. Integers and floats swap freely on the wire: both are `float` here."""

NOTHING: Final[tuple[Json, ...]] = ([], {})
"""No value, as null is: an empty list is what D-Bus itself has for it."""

MAX_PAYLOAD: Final = 1 << 20
"""No value of a GX is near this long; a longer payload is not one."""


class PayloadFault(StrEnum):
    """Why a payload is not a value."""

    NOT_JSON = "not_json"
    NO_VALUE = "no_value"
    TOO_LONG = "too_long"


class PayloadError(ValueError):
    """A payload that does not follow the format; `fault` says how."""

    def __init__(self, fault: PayloadFault) -> None:
        """Keep the reason for counting."""
        super().__init__(fault.value)
        self.fault = fault

    @override
    def __str__(self) -> str:
        return f"payload refused: {self.fault}"


class Limits(NamedTuple):
    """What the GX lets a value be set to."""

    minimum: float
    maximum: float


def decode(payload: bytes) -> Json:
    """Return the `value` of a payload; None is the GX's own "no value now".

    Raises PayloadError. An empty payload (the topic has gone) is not a value: see `system`.
    """
    if len(payload) > MAX_PAYLOAD:
        raise PayloadError(PayloadFault.TOO_LONG)
    try:
        raw: Json = orjson.loads(payload)["value"]
    except orjson.JSONDecodeError:
        raise PayloadError(PayloadFault.NOT_JSON) from None
    except KeyError, TypeError, IndexError:
        raise PayloadError(PayloadFault.NO_VALUE) from None
    return None if raw in NOTHING else raw


def limits(payload: bytes) -> Limits | None:
    """Return `min` and `max` of a payload, or None where the GX gives none (0 and 0 is none)."""
    if b'"m' not in payload:
        return None  # as most: no need to read it again
    try:
        message = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(message, dict):
        return None
    minimum, maximum = number(message.get("min")), number(message.get("max"))
    if minimum is None or maximum is None or minimum >= maximum:
        return None
    return Limits(minimum, maximum)


def encode(value: Json) -> bytes:
    """Return the payload of a write; whole numbers go out as integers, as Venus OS wants."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return orjson.dumps({"value": value})


def number(raw: Json) -> float | None:
    """Return raw as a number; None when it is none (integers stay integers)."""
    if isinstance(raw, float):
        return raw if isfinite(raw) else None
    if isinstance(raw, int):
        return int(raw) if isinstance(raw, bool) else raw
    return None


def text(raw: Json) -> str | None:
    """Return raw as text without blanks around it; None when empty or no text."""
    if isinstance(raw, str) and (stripped := raw.strip("\0 \t\r\n")):
        return stripped
    return None
