"""What a message holds: the bytes of the line, in the spellings that readers have for them.

Sources: the ESP8266 sketch (hex), ESPHome `format_hex_pretty` and uart debug, Tasmota's
serial bridge (`SSerialReceived`), amsreader and SHRDZM `sendRawData` (JSON), Node-RED
(a Buffer as JSON, a C array), and plain base64.
"""

import binascii
import json
import re
from collections.abc import Iterator
from typing import Final

from ...common.pattern import LatePattern
from .dumps import evenly_spaced, from_decimals, from_numbers, from_text, from_utf16
from .errors import Reason, TelegramError

MAX_PAYLOAD: Final = 16_384
"""Bytes of the line in one message, some fifty telegrams; its spelling may be longer."""

_MAX_TEXT: Final = 8 * MAX_PAYLOAD
_MAX_DEPTH: Final = 8
_ESCAPES: Final = LatePattern(r"\x1b\[[0-9;]*m")
_PREFIX: Final = LatePattern(r"^.*(?:<<<|>>>)", re.DOTALL)
_COUNT: Final = LatePattern(r"\s*\(\d+\)\s*$")
_MARKS: Final = LatePattern(r"0[xX]|\\[xX]|&[hH]|\([A-Z]\)|\(byte\)")
_SEPARATORS: Final = LatePattern(r"[\s.,;:|_%$'\"{}\[\]()<>-]+")
_TOKENS: Final = LatePattern(r"(?:[0-9A-Fa-f]{1,2} )*[0-9A-Fa-f]{1,2}")
_HEX: Final = LatePattern(r"[0-9A-Fa-f]+")
_BASE64: Final = LatePattern(r"[A-Za-z0-9+/_-]{4,}={0,2}")
_HEX_BYTES: Final = LatePattern(rb"(?:[0-9A-Fa-f]{2}\s*){16,}")
_TEXT: Final = LatePattern(rb"[\t\n\r\x1b -~]*")
_BEYOND: Final = LatePattern(r"[^\t\n\r\x1b -~]")
_CONTROL: Final = LatePattern(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_LEAST: Final = 16
"""Bytes from which on it is no chance that they are valid UTF-8, or no control characters."""
_BASE64_RUN: Final = LatePattern(r"[A-Za-z0-9+/_-]{64,}={0,2}")
_BYTE: Final = r"(?:\(byte\) ?)?(?:0[xX][0-9A-Fa-f]{1,2}|[0-9A-Fa-f]{2})[\s,:._-]{0,4}"
_RUN: Final = LatePattern(rf"(?:{_BYTE}){{16,}}[0-9A-Fa-f]?")
_TORN: Final = LatePattern(rf"(?:{_BYTE})+[0-9A-Fa-f]?")
_MARK: Final = b"\xef\xbb\xbf"
"""What some programs write before UTF-8."""
_ANEW: Final = LatePattern(r"68(..)(?:\1)68|7[eE][aA]|[dD][bB]08")
_STARTS: Final = b"\x68\x7e\xdb"
_DSMR: Final = LatePattern(rb"\s*/[A-Za-z]{3}\d|.*\d-\d:\d+\.\d+\.\d+\(", re.DOTALL)


class Spelling:
    """Reads the messages of one topic, whose spelling stays the same between them."""

    def __init__(self) -> None:
        """Begin without knowing how the reader at the meter writes."""
        self._half = ""
        self._raw = False
        self._base64 = False
        self._unpadded = False
        """Whether bytes below 16 are written with one digit."""
        self._field = ""
        """The field of JSON in which a telegram stood."""
        self._torn = False
        """Whether the last message was a text with hex in it, which may go on in the next."""

    def read(self, payload: bytes) -> bytes:
        """Return the bytes of the line that a message holds.

        Raises TelegramError: EMPTY, OVERSIZED, NOT_HEX, JSON.
        """
        if not self._half and not self._raw:
            try:
                data = bytes.fromhex(payload)
            except ValueError:
                data = b""
            # What begins with zeros may be the offsets of a dump.
            if data and data[0] and len(data) <= MAX_PAYLOAD:
                return data
        data = self._any(payload)
        if len(data) > MAX_PAYLOAD:
            raise TelegramError(Reason.OVERSIZED, f"{len(data)} bytes, at most {MAX_PAYLOAD}")
        return data

    def _any(self, payload: bytes) -> bytes:
        if len(payload) > _MAX_TEXT:
            raise TelegramError(Reason.OVERSIZED, f"{len(payload)} bytes in the message")
        if not self._raw:
            payload = from_utf16(payload)
        stripped = payload.removeprefix(_MARK).strip(b" \t\r\n\x00")
        if self._raw and payload and len(stripped) < 32:
            # Pieces of a raw line may look like text, or like nothing, by chance.
            return payload
        if not stripped:
            raise TelegramError(Reason.EMPTY, "no bytes in the message")
        text = _as_text(stripped)
        if isinstance(text, bytes):
            self._half, self._raw = "", True
            return payload if text == stripped else text
        if _DSMR().match(stripped):
            return payload
        document = _parsed(text) if text[0] in '{["' else None
        if document is not None:
            data = self._json(document)
            if data is None:
                raise TelegramError(Reason.JSON, "JSON without the bytes of a telegram")
        else:
            data = self._text(_BEYOND().sub(" ", text).strip())
        self._raw = False
        return data

    def _text(self, text: str) -> bytes:
        """Read what is no JSON, or JSON that was cut."""
        data = from_text(text)
        if data is None and (said := _PREFIX().sub("", _ESCAPES().sub("", text))) != text:
            data = from_text(said.strip())
        if data is None:
            data = None if '":' in text else self._hex(text)
        torn, self._torn = self._torn, False
        if data is None:
            data = self._lines(text)
        if data is None:
            data = self._within(text, _RUN())
        if data is None:
            data = _base64(text, learned=self._base64)
            self._base64 = self._base64 or (data is not None and len(data) >= 8)
        if data is None and torn:
            data = self._within(text, _TORN())
        if data is None and (runs := _BASE64_RUN().findall(text)):
            data = _base64(max(runs, key=len))
        if data is None:
            raise TelegramError(Reason.NOT_HEX, "neither hex, nor base64, nor a telegram")
        return data

    def _lines(self, text: str) -> bytes | None:
        """Read several JSON documents, one a line."""
        if text[0] != "{" or "\n" not in text:
            return None
        documents = [_parsed(line) for line in text.splitlines() if line.strip()]
        if any(document is None for document in documents):
            return None
        return b"".join([self._json(document) or b"" for document in documents]) or None

    def _within(self, text: str, run: re.Pattern[str]) -> bytes | None:
        """Read the longest run of hex in a text: an assignment, a log line, half of a JSON."""
        runs = run.findall(text)
        self._torn = bool(runs)
        return self._hex(max(runs, key=len)) if runs else None

    def _json(self, document: object) -> bytes | None:
        """Return what the longest text (or list of bytes) in a JSON document holds."""
        best: bytes | None = None
        frames = usual = b""
        for field, found in _leaves(document, "", 0):
            if isinstance(found, bytes):
                data: bytes | None = found
            else:
                data = from_text(found) or self._hex(found, carry=False) or _base64(found)
            if data is None:
                continue
            if len(data) >= 8 and data[0] in _STARTS:
                frames += data
                self._field = field
            if field == self._field:
                usual += data
            # Shorter than any piece of a telegram: a number, a name, a unit.
            if best is None or len(data) > len(best):
                best = data
        if len(frames) > len(best or b""):
            return frames  # each frame in a field of its own
        if usual:
            return usual  # a piece may be shorter than a serial number beside it
        return best if best is not None and len(best) >= 2 else None

    def _hex(self, text: str, *, carry: bool = True) -> bytes | None:
        """Read hex digits, whatever stands between them; a half byte waits for its half."""
        text = evenly_spaced(_COUNT().sub("", _PREFIX().sub("", _ESCAPES().sub("", text))))
        if carry and (text[-1:] == "\\" or text[:1] in {"x", "X"}):
            # A mark before a byte was cut through.
            if text[0] in "xX" and self._half == "0":
                self._half = ""
            text = text.removesuffix("\\").lstrip("xX")
        open_end = text[-1:].isalnum()
        text = _SEPARATORS().sub(" ", _MARKS().sub(" ", text)).strip()
        if not text:
            return b""
        if " " in text and _TOKENS().fullmatch(text):
            return self._tokens(text.split(" "), carry=carry, open_end=open_end)
        if not self._is_regular(text.split(" ")):
            return None
        digits = text.replace(" ", "")
        if not _HEX().fullmatch(digits):
            return None
        if not carry:
            return bytes.fromhex(digits) if len(digits) % 2 == 0 else None
        if self._half and len(digits) % 2:
            digits = self._half + digits
            self._half = ""
        elif self._half:
            # An even piece behind half a byte: it goes on in the middle, or begins anew.
            if _ANEW().match(digits):
                self._half = ""
            else:
                digits = self._half + digits
                self._half, digits = digits[-1], digits[:-1]
        elif len(digits) % 2:
            self._half, digits = digits[-1], digits[:-1]
        return bytes.fromhex(digits)

    def _tokens(self, tokens: list[str], *, carry: bool, open_end: bool) -> bytes:
        """Read bytes that stand apart: of one or two digits, or cut through at either end."""
        if any(len(token) == 1 for token in tokens[1:-1]):
            self._unpadded = True
        if carry and not self._unpadded:
            half, self._half = self._half, ""
            if len(tokens[0]) == 1:
                tokens[0] = half + tokens[0]
            if len(tokens[-1]) == 1 and open_end:
                self._half = tokens.pop()
        return bytes.fromhex("".join([token.zfill(2) for token in tokens]))

    def _is_regular(self, groups: list[str]) -> bool:
        """Whether groups of digits are nothing but bytes; a time of day has thousandths.

        A cut may go through the first and the last of them.
        """
        if len(groups) < 3:
            return len(groups) < 2 or not len(groups[0]) % 2 or bool(self._half)
        inner = {len(group) for group in groups[1:-1]}
        if (len(inner) > 1 or len(groups) == 3) and any(size % 2 for size in inner):
            return False
        return not len(groups[0]) % 2 or bool(self._half) or len(groups[0]) <= max(inner)


def payload_bytes(payload: bytes) -> bytes:
    """Return the bytes of one message, read by itself; raises as Spelling.read does."""
    return Spelling().read(payload)


def _parsed(text: str) -> object | None:
    try:
        document: object = json.loads(text)
    except ValueError, RecursionError:
        return None
    return document


def _as_text(payload: bytes) -> str | bytes:
    """Return the text that a message is; bytes where it is none: those of the line."""
    if _TEXT().fullmatch(payload):
        return payload.decode("ascii")
    if len(payload) < _LEAST:
        return payload
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = payload.decode("latin-1")
        # A name with an umlaut, from a program that knows no UTF-8.
        few = sum(byte > 0x7F for byte in payload) * 10 < len(payload)
        return text if few and not _CONTROL().search(text) else payload
    if not _CONTROL().search(text) or (text[0] in "{[" and _parsed(text) is not None):
        return text
    # Bytes that a program took for text, and wrote as UTF-8.
    return _from_latin(text) or payload


def _from_latin(text: str) -> bytes | None:
    """Return the bytes of a text each letter of which stands for one of them."""
    if len(text) < 8 or not _BEYOND().search(text) or max(text) > "\xff":
        return None
    return text.encode("latin-1")


type _Leaf = tuple[str, str | bytes]


def _leaves(document: object, field: str, depth: int) -> Iterator[_Leaf]:
    """Yield every text, and every list of bytes, in a JSON document, with its field."""
    if isinstance(document, str):
        yield from _texts(document, field, depth)
    elif depth >= _MAX_DEPTH:
        return
    elif (numbers := from_numbers(document)) is not None:
        yield field, numbers
    elif isinstance(document, dict):
        for name, value in document.items():
            yield from _leaves(value, name, depth + 1)
    elif isinstance(document, list):
        if document and all(type(item) is int and 0 <= item <= 255 for item in document):
            yield field, bytes(document)
        elif (text := _joined(document)) is not None:
            yield field, text
        else:
            for item in document:
                yield from _leaves(item, field, depth + 1)


def _texts(document: str, field: str, depth: int) -> Iterator[_Leaf]:
    """Yield what a text in JSON holds: itself, other JSON, or bytes taken for letters."""
    inside = _parsed(document) if document[:1] in {"{", "["} and depth < _MAX_DEPTH else None
    if inside is not None:
        yield from _leaves(inside, field, depth + 1)
    elif (data := _from_latin(document)) is not None and _CONTROL().search(document):
        yield field, data
    else:
        yield field, document.rpartition(";base64,")[2]


def _joined(document: list[object]) -> str | bytes | None:
    """Return what a list of texts holds: a byte each, or a piece of a telegram each."""
    texts = [item for item in document if isinstance(item, str)]
    if not texts or len(texts) != len(document):
        return None
    if all(text.isdecimal() and len(text) < 4 for text in texts):
        data = from_decimals(texts)
        if data is not None:
            return data
    if all(len(text.removeprefix("0x")) <= 2 for text in texts):
        return " ".join(texts)
    if len(texts) > 1 and all(len(text) % 2 == 0 and _HEX().fullmatch(text) for text in texts):
        return "".join(texts)
    return None


def _base64(text: str, *, learned: bool = False) -> bytes | None:
    """Read base64; a short word is none, unless the messages before were."""
    compact = "".join(text.split()).strip("'\"")
    if not _BASE64().fullmatch(compact):
        return None
    if compact.isalpha() and len(compact) < 24 and not learned:
        return None
    compact = compact.replace("-", "+").replace("_", "/").rstrip("=")
    if len(compact) % 4 == 1:
        return None
    try:
        data = binascii.a2b_base64(compact + "=" * (-len(compact) % 4), strict_mode=True)
    except binascii.Error:
        return None
    # Hex that a bridge took for bytes.
    return bytes.fromhex(data.decode()) if _HEX_BYTES().fullmatch(data) else data
