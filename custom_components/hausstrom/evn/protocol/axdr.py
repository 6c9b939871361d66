"""A-XDR: the tagged values of DLMS, strictly.

Source: IEC 61334-6 (A-XDR), tags of the DLMS UA Blue Book "Data" choice.
"""

import math
import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from .errors import Reason, TelegramError

MAX_DEPTH: Final = 8


class Tag(IntEnum):
    """The types of values that meters send."""

    NULL = 0x00
    ARRAY = 0x01
    STRUCTURE = 0x02
    BOOLEAN = 0x03
    BITS = 0x04
    INT32 = 0x05
    UINT32 = 0x06
    OCTETS = 0x09
    VISIBLE = 0x0A
    UTF8 = 0x0C
    BCD = 0x0D
    INT8 = 0x0F
    INT16 = 0x10
    UINT8 = 0x11
    UINT16 = 0x12
    COMPACT = 0x13
    INT64 = 0x14
    UINT64 = 0x15
    ENUM = 0x16
    FLOAT32 = 0x17
    FLOAT64 = 0x18
    DATE_TIME = 0x19
    DATE = 0x1A
    TIME = 0x1B
    ANY = 0xFF


INTEGERS: Final = {
    Tag.INT8: "b",
    Tag.UINT8: "B",
    Tag.INT16: "h",
    Tag.UINT16: "H",
    Tag.INT32: "i",
    Tag.UINT32: "I",
    Tag.INT64: "q",
    Tag.UINT64: "Q",
}
"""Integer types and their `struct` codes."""

_STRINGS: Final = frozenset({Tag.OCTETS, Tag.VISIBLE, Tag.UTF8})
_FIXED: Final = {
    **{tag: struct.Struct(">" + code) for tag, code in INTEGERS.items()},
    Tag.ENUM: struct.Struct(">B"),
    Tag.FLOAT32: struct.Struct(">f"),
    Tag.FLOAT64: struct.Struct(">d"),
}
DATE_TIME_BYTES: Final = 12
_SIZES: Final = {Tag.BCD: 1, Tag.DATE_TIME: DATE_TIME_BYTES, Tag.DATE: 5, Tag.TIME: 4}

type DlmsValue = bool | int | float | bytes | tuple[Node, ...] | None


class Node:
    """One value, and where its content stands in the plaintext."""

    __slots__ = ("end", "start", "tag", "value")

    def __init__(self, tag: Tag, value: DlmsValue, start: int, end: int) -> None:
        """Take what was read."""
        self.tag, self.value, self.start, self.end = tag, value, start, end

    @property
    def octets(self) -> bytes | None:
        """The bytes of a string of any kind (or a date-time); None for everything else."""
        if isinstance(self.value, bytes) and self.tag not in {Tag.BITS, Tag.BCD, Tag.COMPACT}:
            return self.value
        return None

    @property
    def shape(self) -> str:
        """The type without its content: what may be shown of a layout that is not known."""
        children = self.children
        if children is not None:
            inside = ",".join([child.shape for child in children])
            return f"{self.tag.name.lower()}({inside})"
        octets = self.octets
        return self.tag.name.lower() if octets is None else f"{self.tag.name.lower()}{len(octets)}"

    @property
    def children(self) -> tuple[Node, ...] | None:
        """The elements of a structure or array; None for everything else."""
        return self.value if isinstance(self.value, tuple) else None


def parse(data: bytes, at: int = 0) -> Node:
    """Read the one value that fills `data` from `at` to its end.

    Raises TelegramError (STRUCTURE): unknown type, value longer than the data, nested
    deeper than 8, bytes left over.
    """
    node = _read(data, at, 0)
    if node.end != len(data):
        raise TelegramError(Reason.STRUCTURE, f"{len(data) - node.end} bytes behind the last value")
    return node


def _read(data: bytes, at: int, depth: int) -> Node:
    if at >= len(data):
        raise TelegramError(Reason.STRUCTURE, "the telegram ends where a value was announced")
    try:
        tag = Tag(data[at])
    except ValueError:
        raise TelegramError(Reason.STRUCTURE, f"unknown type {data[at]:02X}") from None
    return _reader(tag)(data, at, tag, depth)


type _Reader = Callable[[bytes, int, Tag, int], Node]


def _reader(tag: Tag) -> _Reader:
    if tag in _FIXED:
        return _read_number
    if tag in _STRINGS:
        return _read_string
    if tag in {Tag.STRUCTURE, Tag.ARRAY}:
        return _read_list
    return _read_other


def _read_number(data: bytes, at: int, tag: Tag, _depth: int) -> Node:
    form = _FIXED[tag]
    end = at + 1 + form.size
    _within(data, end)
    value: int | float | None = form.unpack_from(data, at + 1)[0]
    if isinstance(value, float) and not math.isfinite(value):
        value = None  # that is how a meter says that it has not measured
    return Node(tag, value, at + 1, end)


def _read_string(data: bytes, at: int, tag: Tag, _depth: int) -> Node:
    size, start = _length(data, at + 1)
    _within(data, start + size)
    return Node(tag, data[start : start + size], start, start + size)


def _read_list(data: bytes, at: int, tag: Tag, depth: int) -> Node:
    if depth >= MAX_DEPTH:
        raise TelegramError(Reason.STRUCTURE, f"structures nested deeper than {MAX_DEPTH}")
    count, position = _length(data, at + 1)
    # Each element takes at least its tag: an absurd count never costs more than the data.
    _within(data, position + count)
    start = position
    nodes: list[Node] = []
    for _ in range(count):
        node = _read(data, position, depth + 1)
        nodes.append(node)
        position = node.end
    return Node(tag, tuple(nodes), start, position)


def _read_other(data: bytes, at: int, tag: Tag, _depth: int) -> Node:
    if tag in {Tag.NULL, Tag.ANY}:
        return Node(tag, None, at + 1, at + 1)
    if tag is Tag.BOOLEAN:
        _within(data, at + 2)
        return Node(tag, data[at + 1] != 0, at + 1, at + 2)
    if tag is Tag.BITS:
        bits, start = _length(data, at + 1)
        end = start + (bits + 7) // 8
    elif tag is Tag.COMPACT:
        size, start = _length(data, _end_of_type(data, at + 1, 0))
        end = start + size
    else:
        start = at + 1
        end = start + _SIZES[tag]
    _within(data, end)
    return Node(tag, data[start:end], start, end)


def _end_of_type(data: bytes, at: int, depth: int) -> int:
    """Return where the description of what a compact array holds ends."""
    _within(data, at + 1)
    if depth >= MAX_DEPTH:
        raise TelegramError(Reason.STRUCTURE, f"types nested deeper than {MAX_DEPTH}")
    if data[at] == Tag.ARRAY:
        return _end_of_type(data, at + 3, depth + 1)
    if data[at] != Tag.STRUCTURE:
        return at + 1
    count, position = _length(data, at + 1)
    _within(data, position + count)
    for _ in range(count):
        position = _end_of_type(data, position, depth + 1)
    return position


def _length(data: bytes, at: int) -> tuple[int, int]:
    _within(data, at + 1)
    first = data[at]
    if first < 0x80:
        return first, at + 1
    width = first & 0x7F
    if not 1 <= width <= 2:
        raise TelegramError(Reason.STRUCTURE, "length field of an unknown form")
    _within(data, at + 1 + width)
    return int.from_bytes(data[at + 1 : at + 1 + width]), at + 1 + width


def _within(data: bytes, end: int) -> None:
    if end > len(data):
        raise TelegramError(Reason.STRUCTURE, "a value is longer than the telegram")
