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

from .dumps import from_decimals, from_numbers, from_text, from_utf16
from .errors import Reason, TelegramError

MAX_PAYLOAD: Final = 4096
"""Bytes of the line in one message; its spelling may be longer."""

_MAX_TEXT: Final = 8 * MAX_PAYLOAD
_MAX_DEPTH: Final = 8
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;]*m")
_PREFIX: Final = re.compile(r"^.*(?:<<<|>>>)", re.DOTALL)
_COUNT: Final = re.compile(r"\s*\(\d+\)\s*$")
_MARKS: Final = re.compile(r"0[xX]|\\[xX]|\([A-Z]\)")
_SEPARATORS: Final = re.compile(r"[\s.,;:|_%$'\"{}\[\]()<>-]+")
_TOKENS: Final = re.compile(r"(?:[0-9A-Fa-f]{1,2} )*[0-9A-Fa-f]{1,2}")
_HEX: Final = re.compile(r"[0-9A-Fa-f]+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{4,}={0,2}")
_TEXT: Final = re.compile(rb"[\t\n\r\x1b -~]*")
_BYTE: Final = r"(?:0[xX])?[0-9A-Fa-f]{2}[\s,:._-]{0,4}"
_RUN: Final = re.compile(rf"(?:{_BYTE}){{16,}}[0-9A-Fa-f]?")
_TORN: Final = re.compile(rf"(?:{_BYTE})+[0-9A-Fa-f]?")
_MARK: Final = b"\xef\xbb\xbf"
"""What some programs write before UTF-8."""
_STARTS: Final = b"\x68\x7e\xdb"
_DSMR: Final = re.compile(rb"\s*/[A-Za-z]{3}\d|.*\d-\d:\d+\.\d+\.\d+\(", re.DOTALL)


class Spelling:
    """Reads the messages of one topic, whose spelling stays the same between them."""

    def __init__(self) -> None:
        """Begin without knowing how the reader at the meter writes."""
        self._half = ""
        self._raw = False
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
        if not _TEXT.fullmatch(stripped):
            self._half, self._raw = "", True
            return payload
        if _DSMR.match(stripped):
            return payload
        text = stripped.decode("ascii")
        document = _parsed(text) if text[0] in '{["' else None
        if document is not None:
            data = self._json(document)
            if data is None:
                raise TelegramError(Reason.JSON, "JSON without the bytes of a telegram")
        else:
            data = from_text(text)
            if data is None:
                data = None if '":' in text else self._hex(text)
            torn, self._torn = self._torn, False
            if data is None:
                data = self._within(text, _RUN)
            if data is None:
                data = _base64(text)
            if data is None and torn:
                data = self._within(text, _TORN)
            if data is None:
                raise TelegramError(Reason.NOT_HEX, "neither hex, nor base64, nor a telegram")
        self._raw = False
        return data

    def _within(self, text: str, run: re.Pattern[str]) -> bytes | None:
        """Read the longest run of hex in a text: an assignment, a log line, half of a JSON."""
        runs = run.findall(text)
        self._torn = bool(runs)
        return self._hex(max(runs, key=len)) if runs else None

    def _json(self, document: object) -> bytes | None:
        """Return what the longest text (or list of bytes) in a JSON document holds."""
        best: bytes | None = None
        frames = b""
        for found in _leaves(document, 0):
            if isinstance(found, bytes):
                data: bytes | None = found
            else:
                data = from_text(found) or self._hex(found, carry=False) or _base64(found)
            if data is not None and len(data) >= 8 and data[0] in _STARTS:
                frames += data
            # Shorter than any piece of a telegram: a number, a name, a unit.
            if data is not None and (best is None or len(data) > len(best)):
                best = data
        if len(frames) > len(best or b""):
            return frames  # each frame in a field of its own
        return best if best is not None and len(best) >= 2 else None

    def _hex(self, text: str, *, carry: bool = True) -> bytes | None:
        """Read hex digits, whatever stands between them; a half byte waits for its half."""
        text = _COUNT.sub("", _PREFIX.sub("", _ESCAPES.sub("", text)))
        text = _SEPARATORS.sub(" ", _MARKS.sub(" ", text)).strip()
        if " " in text and _TOKENS.fullmatch(text):
            return bytes.fromhex("".join([token.zfill(2) for token in text.split(" ")]))
        digits = text.replace(" ", "")
        if not _HEX.fullmatch(digits):
            return None
        if not carry:
            return bytes.fromhex(digits) if len(digits) % 2 == 0 else None
        if self._half and len(digits) % 2:
            digits = self._half + digits
            self._half = ""
        elif self._half:
            # An even piece behind half a byte: it goes on in the middle, or begins anew.
            if digits[:2] in {"68", "7E", "7e", "DB", "db"}:
                self._half = ""
            else:
                digits = self._half + digits
                self._half, digits = digits[-1], digits[:-1]
        elif len(digits) % 2:
            self._half, digits = digits[-1], digits[:-1]
        return bytes.fromhex(digits)


def payload_bytes(payload: bytes) -> bytes:
    """Return the bytes of one message, read by itself; raises as Spelling.read does."""
    return Spelling().read(payload)


def _parsed(text: str) -> object | None:
    try:
        document: object = json.loads(text)
    except ValueError, RecursionError:
        return None
    return document


def _leaves(document: object, depth: int) -> Iterator[str | bytes]:
    """Yield every text, and every list of bytes, in a JSON document."""
    if isinstance(document, str):
        inside = _parsed(document) if document[:1] in {"{", "["} and depth < _MAX_DEPTH else None
        if inside is None:
            yield document
        else:
            yield from _leaves(inside, depth + 1)
    elif depth >= _MAX_DEPTH:
        return
    elif (numbers := from_numbers(document)) is not None:
        yield numbers
    elif isinstance(document, dict):
        for value in document.values():
            yield from _leaves(value, depth + 1)
    elif isinstance(document, list):
        if document and all(type(item) is int and 0 <= item <= 255 for item in document):
            yield bytes(document)
            return
        if all(isinstance(item, str) and item.isdecimal() and len(item) < 4 for item in document):
            data = from_decimals(document)
            if data is not None:
                yield data
                return
        if document and all(
            isinstance(item, str) and len(item.removeprefix("0x")) <= 2 for item in document
        ):
            yield " ".join(document)
            return
        for item in document:
            yield from _leaves(item, depth + 1)


def _base64(text: str) -> bytes | None:
    compact = "".join(text.split()).strip("'\"")
    if not _BASE64.fullmatch(compact) or (compact.isalpha() and len(compact) < 24):
        return None
    compact = compact.replace("-", "+").replace("_", "/").rstrip("=")
    if len(compact) % 4 == 1:
        return None
    try:
        return binascii.a2b_base64(compact + "=" * (-len(compact) % 4), strict_mode=True)
    except binascii.Error:
        return None
