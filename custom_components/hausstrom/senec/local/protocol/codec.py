"""The hex-typed JSON that lala.cgi speaks: decode an answer, encode a value to write.

Every value is a string whose prefix names its type ("fl_43A53333", "u8_0E", "st_0826"), on its own
or in an array. The formats are those of the API document of firmware 0826 and of the raw answers of
firmware 0811; a variable may change its type with the firmware, so the prefix alone decides.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from math import isfinite
from typing import Final, NamedTuple

import orjson

MAX_ANSWER_BYTES: Final = 512 * 1024
_MEMO_ENTRIES: Final = 8192
_MEMO_TEXT: Final = 64


class AnswerFault(StrEnum):
    """Why a whole answer was refused."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"


class CodecError(ValueError):
    """An answer that is not lala.cgi's, or a value that its type cannot carry."""

    def __init__(self, reason: AnswerFault | EncodeFault, detail: str = "") -> None:
        """Keep the reason for the machine and the detail for the log."""
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason


class Refusal(Enum):
    """Why one value of an answer is none. Not a string, so that it cannot pass for a text value."""

    NOT_FOUND = "not_found"  # this firmware does not have the variable, or the object
    FORBIDDEN = "forbidden"  # needs a higher user level
    NOT_READABLE = "not_readable"  # section FILE
    MALFORMED = "malformed_value"  # the device did not take what was written
    DEVICE_ERROR = "device_error"  # er_…: no reading now
    NOT_FINITE = "not_finite"  # NaN or infinite
    BAD_HEX = "bad_hex"  # not the digits that the prefix promises
    UNKNOWN_PREFIX = "unknown_prefix"
    EMPTY = "empty"
    WRONG_TYPE = "wrong_type"  # not a string where a typed string belongs
    END_OF_ARRAY = "end_of_array"  # the terminator of string arrays, where it is not in one

    @property
    def is_permanent(self) -> bool:
        """Whether asking again is of no use until the firmware changes."""
        return self in _PERMANENT


_PERMANENT: Final = frozenset({Refusal.NOT_FOUND, Refusal.FORBIDDEN, Refusal.NOT_READABLE})

type Scalar = int | float | str | Refusal
type Cell = Scalar | list[Scalar]
type Section = dict[str, Cell]


class RefusedValue(NamedTuple):
    """Where a value was refused, and why; `position` is None outside arrays."""

    section: str
    variable: str
    position: int | None
    reason: Refusal


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Answer:
    """A decoded answer: what each section holds, and the sections that were refused whole."""

    sections: dict[str, Section]
    refused_sections: dict[str, Refusal] = field(default_factory=dict)

    def cell(self, section: str, variable: str) -> Cell | None:
        """Return a variable's value or array; None where the answer does not name it."""
        found = self.sections.get(section)
        return None if found is None else found.get(variable)

    def refused(self) -> Iterator[RefusedValue]:
        """Yield every value that was refused, with its place and reason."""
        for section, variables in self.sections.items():
            for variable, cell in variables.items():
                if isinstance(cell, Refusal):
                    yield RefusedValue(section, variable, None, cell)
                elif isinstance(cell, list):
                    for index, value in enumerate(cell):
                        if isinstance(value, Refusal):
                            yield RefusedValue(section, variable, index, value)


_OBJECT_NOT_FOUND: Final = "OBJECT_NOT_FOUND"
_TERMINATOR: Final = "st_END_OF_ARRAY"
_SENTINELS: Final[Mapping[str, Refusal]] = {
    "VARIABLE_NOT_FOUND": Refusal.NOT_FOUND,
    "FORBIDDEN": Refusal.FORBIDDEN,
    "FILE_VARIABLE_NOT_READABLE": Refusal.NOT_READABLE,
    "MALFORMED_VALUE": Refusal.MALFORMED,
    _TERMINATOR: Refusal.END_OF_ARRAY,
    "": Refusal.EMPTY,
}

_FORMATS: Final[Mapping[str, struct.Struct]] = {
    "u8": struct.Struct(">B"),
    "u1": struct.Struct(">H"),
    "u3": struct.Struct(">I"),
    "u6": struct.Struct(">Q"),
    "i8": struct.Struct(">b"),
    "i1": struct.Struct(">h"),
    "i3": struct.Struct(">i"),
    "i6": struct.Struct(">q"),
    "fl": struct.Struct(">f"),
}


def _number_decoder(form: struct.Struct) -> Callable[[str], Scalar]:
    digits = 2 * form.size
    unpack = form.unpack

    def decode(text: str) -> Scalar:
        # The length is checked before fromhex, which would skip blanks between digits.
        if len(text) != digits:
            return Refusal.BAD_HEX
        try:
            number: int | float = unpack(bytes.fromhex(text))[0]
        except ValueError, struct.error:
            return Refusal.BAD_HEX
        if not isfinite(number):
            return Refusal.NOT_FINITE
        return number + 0  # -0.0 becomes 0.0

    return decode


def _text(text: str) -> Scalar:
    return text


def _device_error(_text: str) -> Scalar:
    return Refusal.DEVICE_ERROR


_DECODERS: Final[Mapping[str, Callable[[str], Scalar]]] = {
    **{prefix: _number_decoder(form) for prefix, form in _FORMATS.items()},
    "st": _text,
    "ch": _text,
    "er": _device_error,
}


def decode_value(raw: object) -> Scalar:
    """Decode one typed string; what it cannot be is a Refusal, never a guess."""
    if not isinstance(raw, str):
        return Refusal.WRONG_TYPE
    sentinel = _SENTINELS.get(raw)
    if sentinel is not None:
        return sentinel
    prefix, separator, text = raw.partition("_")
    decoder = _DECODERS.get(prefix)
    if decoder is None or not separator:
        return Refusal.UNKNOWN_PREFIX
    return decoder(text)


class _Memo(dict[str, Scalar]):
    """Typed strings already decoded: from poll to poll nearly all of them come again."""

    __slots__ = ()

    def __missing__(self, raw: str) -> Scalar:
        value = decode_value(raw)
        if isinstance(raw, str) and len(raw) <= _MEMO_TEXT:
            if len(self) >= _MEMO_ENTRIES:
                self.clear()
            self[raw] = value
        return value


class Decoder:
    """Decodes answers; keeps a bounded memory of the typed strings it has seen."""

    __slots__ = ("_memo",)

    def __init__(self) -> None:
        """Begin with an empty memory."""
        self._memo = _Memo()

    def decode(self, body: bytes) -> Answer:
        """Decode the body of an answer.

        Takes the bytes as the device sent them. Raises CodecError with an AnswerFault when the
        whole is not an answer; a value that is not one is a Refusal in its place.
        """
        sections: dict[str, Section] = {}
        refused: dict[str, Refusal] = {}
        memo = self._memo
        for name, variables in parse(body).items():
            if not isinstance(variables, dict):
                value = decode_value(variables)
                refused[name] = value if isinstance(value, Refusal) else Refusal.WRONG_TYPE
                continue
            # The hot loop. A JSON parser makes no subclasses, so the exact type decides.
            try:
                section: Section = {
                    variable: memo[raw]
                    if type(raw) is str
                    else [memo[item] for item in raw]
                    if type(raw) is list and raw and raw[-1] != _TERMINATOR
                    else _unusual(raw)
                    for variable, raw in variables.items()
                }
            except TypeError:  # an array or an object inside an array
                section = {variable: _unusual(raw) for variable, raw in variables.items()}
            if _OBJECT_NOT_FOUND in section:
                del section[_OBJECT_NOT_FOUND]
                refused[name] = Refusal.NOT_FOUND
            sections[name] = section
        return Answer(sections, refused)


def _unusual(raw: object) -> Cell:
    """Decode what is not a typed string or a plain array of them."""
    if not isinstance(raw, list):
        return decode_value(raw)
    values = [decode_value(item) for item in raw]
    # Only arrays of strings are terminated; what follows the terminator is nothing.
    if _TERMINATOR in raw:
        del values[raw.index(_TERMINATOR) :]
    return values


def parse(body: bytes) -> dict[str, object]:
    r"""Parse an answer's JSON, as far as it can be understood without a doubt.

    Two faults of devices in the field are forgiven: strings in latin-1, and quotes that were
    escaped once too often. Raises CodecError for everything else.
    """
    if len(body) > MAX_ANSWER_BYTES:
        raise CodecError(AnswerFault.TOO_LARGE, f"{len(body)} bytes")
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        parsed = _parse_leniently(body)
    if not isinstance(parsed, dict):
        raise CodecError(AnswerFault.NOT_AN_OBJECT, type(parsed).__name__)
    return parsed


def _parse_leniently(body: bytes) -> object:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    text = text.strip("\0\ufeff \t\r\n")
    if not text:
        raise CodecError(AnswerFault.EMPTY)
    for candidate in (text, text.replace('\\\\"', '\\"'), text.replace('\\"', '"')):
        try:
            return orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
    if text[0] == "{" and text.count("{") > text.count("}"):
        raise CodecError(AnswerFault.TRUNCATED, f"{len(body)} bytes")
    raise CodecError(AnswerFault.NOT_JSON, f"{len(body)} bytes")


class EncodeFault(StrEnum):
    """Why a value cannot be written."""

    UNKNOWN_TYPE = "unknown_type"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_NUMBER = "not_a_number"


def encode_value(prefix: str, value: float | str) -> str:
    """Encode a value for writing: fixed width, upper-case hex ("u8_01", "fl_41800000").

    `prefix` is the type without its underscore. Raises CodecError with an EncodeFault where the
    type is unknown or cannot carry the value; nothing is rounded or clipped.
    """
    if prefix in {"st", "ch"}:
        return f"{prefix}_{value}"
    form = _FORMATS.get(prefix)
    if form is None:
        raise CodecError(EncodeFault.UNKNOWN_TYPE, prefix)
    if isinstance(value, str) or not isfinite(value):
        raise CodecError(EncodeFault.NOT_A_NUMBER, repr(value))
    if prefix != "fl" and value != int(value):
        raise CodecError(EncodeFault.OUT_OF_RANGE, f"{prefix} {value}")
    try:
        packed = form.pack(value if prefix == "fl" else int(value))
    except (struct.error, OverflowError) as error:
        raise CodecError(EncodeFault.OUT_OF_RANGE, f"{prefix} {value}") from error
    return f"{prefix}_{packed.hex().upper()}"
