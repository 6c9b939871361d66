"""Data-notification: the plaintext of a telegram, read completely and strictly.

Source: DLMS UA Green Book (data-notification, tag 0F). One walk reads both layouts: flat
(Netz NÖ: OBIS, value, scaler and unit side by side) and nested (Tirol, Vorarlberg,
Salzburg: one structure for each register).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from . import axdr, clock
from .axdr import INTEGERS, Node, Tag
from .errors import Reason, TelegramError
from .registers import CLOCK, METER_NUMBER, REGISTERS, Register

DATA_NOTIFICATION: Final = 0x0F
INVOKE: Final = 1
HEADER_CLOCK: Final = 6
BODY: Final = 18
_OBIS_BYTES: Final = 6
_WIDEST_SCALER: Final = 9
# What stands at fixed places in every notification of every known meter. Three of five
# tell a damaged notification from the noise that a wrong key makes (1 in 1.6 million).
_LANDMARKS: Final = ((0, 0x0F), (5, 0x0C), (HEADER_CLOCK, 0x07), (BODY, 0x02), (BODY + 2, 0x09))

type Number = int | float


class Field(NamedTuple):
    """Where a number stands in the plaintext, and what it is worth."""

    start: int
    end: int
    code: str | None
    """Its `struct` code; None for what is no integer."""
    key: str | None
    """None: a register that we have no name for."""
    scaler: int


@dataclass(slots=True)
class Anatomy:
    """Where everything that may change from telegram to telegram stands."""

    fields: list[Field] = field(default_factory=list)
    clocks: list[int] = field(default_factory=list)
    meter_number: str | None = None


class Notification(NamedTuple):
    """What a telegram says."""

    invoke: int
    meter_time: datetime | None
    clocks_agree: bool
    """Whether the clock in the body shows the same as the one in the header."""
    values: dict[str, Number]


def scaled(raw: Number, scaler: int) -> Number:
    """Apply a power of ten exactly: the float whose decimal form is what the meter shows."""
    if scaler >= 0:
        return raw * int(10**scaler)
    return raw / int(10**-scaler)


def looks_like_notification(plaintext: bytes) -> bool:
    """Tell a damaged notification from what a wrong key makes of any telegram."""
    return sum(plaintext[at : at + 1] == bytes((expected,)) for at, expected in _LANDMARKS) >= 3


def looks_like_text(plaintext: bytes) -> bool:
    """Whether the key fits but the meter speaks DSMR text (Styria)."""
    return plaintext[:1] == b"/" and plaintext[:64].replace(b"\r\n", b"").isascii()


def read(plaintext: bytes) -> tuple[Notification, Anatomy]:
    """Read a whole data-notification.

    Raises TelegramError: STRUCTURE, DATE, UNIT.
    """
    if len(plaintext) < BODY + 2:
        raise TelegramError(Reason.STRUCTURE, "too short for a data-notification")
    if plaintext[0] != DATA_NOTIFICATION or plaintext[HEADER_CLOCK - 1] != axdr.DATE_TIME_BYTES:
        raise TelegramError(Reason.STRUCTURE, "no data-notification with a date")
    header = plaintext[HEADER_CLOCK:BODY]
    meter_time = clock.instant(header)
    body = axdr.parse(plaintext, BODY)
    if body.tag is not Tag.STRUCTURE or body.children is None:
        raise TelegramError(Reason.STRUCTURE, "the body is no structure")
    anatomy = Anatomy()
    values: dict[str, Number] = {}
    seen: set[bytes] = set()
    for obis, value, scale in _entries(body.children, anatomy):
        if obis in seen:
            raise TelegramError(Reason.STRUCTURE, "the same OBIS code twice")
        seen.add(obis)
        _take(obis, value, scale, anatomy, values)
    for at in anatomy.clocks:
        clock.instant(plaintext[at : at + axdr.DATE_TIME_BYTES])
    agree = all(plaintext[at : at + axdr.DATE_TIME_BYTES] == header for at in anatomy.clocks)
    invoke = int.from_bytes(plaintext[INVOKE : INVOKE + 4])
    return Notification(invoke, meter_time, agree, values), anatomy


def _entries(
    nodes: tuple[Node, ...], anatomy: Anatomy
) -> Iterator[tuple[bytes, Node, Node | None]]:
    """Yield (OBIS code, value, scaler and unit) of either layout."""
    at, last = 0, len(nodes) - 1
    while at <= last:
        node = nodes[at]
        at += 1
        if node.children is not None:
            yield _nested(node.children)
            continue
        octets = node.octets
        if octets is None:
            raise TelegramError(Reason.STRUCTURE, "a value without an OBIS code")
        if at == 1 and len(octets) == axdr.DATE_TIME_BYTES:
            anatomy.clocks.append(node.start)
        elif len(octets) == _OBIS_BYTES and at <= last:
            value = nodes[at]
            at += 1
            scale = nodes[at] if at <= last and _is_scale(nodes[at]) else None
            at += scale is not None
            yield octets, value, scale
        elif at == last + 1:
            anatomy.meter_number = _text(octets)
        else:
            raise TelegramError(Reason.STRUCTURE, "a string that is no OBIS code")


def _nested(nodes: tuple[Node, ...]) -> tuple[bytes, Node, Node | None]:
    obis = nodes[0].octets if nodes else None
    if obis is None or len(obis) != _OBIS_BYTES or not 2 <= len(nodes) <= 3:
        raise TelegramError(Reason.STRUCTURE, "a structure that is no register")
    scale = nodes[2] if len(nodes) == 3 else None
    if scale is not None and not _is_scale(scale):
        raise TelegramError(Reason.STRUCTURE, "a register without scaler and unit")
    return obis, nodes[1], scale


def _is_scale(node: Node) -> bool:
    children = node.children
    return (
        children is not None
        and len(children) == 2
        and children[0].tag is Tag.INT8
        and children[1].tag is Tag.ENUM
    )


def _take(
    obis: bytes, value: Node, scale: Node | None, anatomy: Anatomy, values: dict[str, Number]
) -> None:
    if obis == CLOCK:
        if value.octets is None or len(value.octets) != axdr.DATE_TIME_BYTES:
            raise TelegramError(Reason.DATE, "a clock that shows no date and time")
        anatomy.clocks.append(value.start)
        return
    if obis == METER_NUMBER:
        if value.octets is None:
            raise TelegramError(Reason.STRUCTURE, "a meter number that is no string")
        anatomy.meter_number = _text(value.octets)
        return
    register = REGISTERS.get(obis)
    number = value.value
    if value.children is not None:
        raise TelegramError(Reason.STRUCTURE, "a structure where a value belongs")
    if isinstance(number, bool) or not isinstance(number, int | float) or value.tag is Tag.ENUM:
        if register is not None and value.tag is not Tag.NULL:
            raise TelegramError(Reason.STRUCTURE, "a register that is no number")
        return
    scaler = _scaler(register, scale)
    anatomy.fields.append(
        Field(
            value.start,
            value.end,
            INTEGERS.get(value.tag),
            register.key if register else None,
            scaler,
        )
    )
    if register is not None:
        values[register.key] = scaled(number, scaler)


def _scaler(register: Register | None, scale: Node | None) -> int:
    if scale is None or scale.children is None:
        if register is not None:
            raise TelegramError(Reason.UNIT, "a register without scaler and unit")
        return 0
    scaler, unit = (child.value for child in scale.children)
    if register is None:
        return 0
    if not isinstance(scaler, int) or abs(scaler) > _WIDEST_SCALER:
        raise TelegramError(Reason.UNIT, "a scaler that no meter has")
    if unit != register.unit:
        raise TelegramError(Reason.UNIT, f"not the unit of {register.key}")
    return scaler


def _text(octets: bytes) -> str:
    text = octets.decode("latin-1").strip("\x00 ")
    if not text.isascii() or not text.isprintable():
        raise TelegramError(Reason.STRUCTURE, "a meter number that is no text")
    return text
