"""Bytes as programs show them to people: dumps, literals, numbers; each only where nothing else fits.

Sources: `hexdump -C`, `xxd`, `od -t x1`, Python's `repr`, a Uint8Array as Node.js writes it in JSON,
Java's signed bytes, the `68h` of meters' manuals, texts in UTF-16 from Windows, and what ESPHome's
`UARTDebug` has besides hex (`log_int`, `log_binary`, `log_string`).
"""

import ast
import re
from typing import Final

from ...common.pattern import LatePattern

_LINE: Final = LatePattern(
    r"(?P<at>[0-9A-Fa-f]{4,8})(?::[ ]|[ ]{2}|(?<=[0-9A-Fa-f]{6})[ ])[ ]?(?P<hex>(?:[0-9A-Fa-f]{2}[ ]{0,2}){1,16})(?:[ |].*)?"
)
_LITERAL: Final = LatePattern(
    r"(?:bytearray\()?(b(?P<quote>['\"])(?:[^\\\n]|\\x[0-9A-Fa-f]{2}|\\[nrt\\'\"])*(?P=quote))\)?"
)
_SUFFIXED: Final = LatePattern(r"(?:0?[0-9A-Fa-f]{2}[hH][\s,;]*)+")
_DECIMAL: Final = LatePattern(r"[\[{(<\s]*-?\d{1,3}(?:[\s,;]+-?\d{1,3}|\.\d{1,3}){7,}[\]})>\s]*")
_BINARY: Final = LatePattern(r"(?:0b[01]{8} \(0x[0-9A-Fa-f]{2}\)[\s,;:]*)+")
_QUOTED: Final = LatePattern(r'"(?:[^"\\\n]|\\x[0-9A-Fa-f]{2}|\\[abtnvfre\\\"\'])*"')
_EVEN: Final = LatePattern(
    r"[0-9A-Fa-f]{0,2}([^0-9A-Za-z\s])(?:[0-9A-Fa-f]{2}\1){3,}[0-9A-Fa-f]{0,2}"
)
_LEAST: Final = 8
"""Numbers in a list of bytes that could be something else as well."""


def from_utf16(payload: bytes) -> bytes:
    """Return a text in UTF-16 as ASCII, or UTF-8 where it says what it is; else as it is."""
    if payload[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        try:
            marked = payload.decode("utf-16")
        except UnicodeError:
            return payload
        return marked.encode() if all(map(_is_of_a_text, marked)) else payload
    if len(payload) < 2 * _LEAST or len(payload) % 2:
        return payload
    if not any(payload[1::2]):
        order = "utf-16-le"
    elif not any(payload[::2]):
        order = "utf-16-be"
    else:
        return payload
    try:
        text = payload.decode(order).encode("ascii")
    except UnicodeError:
        return payload
    return payload if b"\x00" in text.strip(b"\x00") else text


def _is_of_a_text(letter: str) -> bool:
    return letter.isprintable() or letter.isspace()


def from_text(text: str) -> bytes | None:
    """Return the bytes that a dump, a literal or a row of numbers shows; None: it is none."""
    if match := _LITERAL().fullmatch(text):
        return _literal(match[1])
    if _SUFFIXED().fullmatch(text):
        return bytes.fromhex("".join([pair[-2:] for pair in re.split(r"[hH][\s,;]*", text)[:-1]]))
    if _BINARY().fullmatch(text):
        return bytes.fromhex("".join(re.findall(r"\(0x(..)\)", text)))
    if "\\" in text and _QUOTED().fullmatch(text):
        return _literal("b" + re.sub(r"(\\.)", _escape, text))
    if _DECIMAL().fullmatch(text):
        return from_decimals(re.findall(r"-?\d+", text))
    return _dump(text)


def _escape(match: re.Match[str]) -> str:
    return r"\x1b" if match[1] == r"\e" else match[1]


def evenly_spaced(text: str) -> str:
    """Return bytes of two digits with spaces between, where the same other sign stands between all."""
    match = _EVEN().fullmatch(text)
    return text if match is None else text.replace(match[1], " ")


def _literal(text: str) -> bytes | None:
    try:
        found: object = ast.literal_eval(text)
    except ValueError, SyntaxError:
        return None
    return found if isinstance(found, bytes) else None


def _dump(text: str) -> bytes | None:
    """Read a dump; the offset of each line has to be the number of bytes before it."""
    data = bytearray()
    # `od` counts in eights, and so does nobody else.
    base = 8 if re.match(r"\s*0{7}[ ]", text) else 16
    for line in text.splitlines():
        match = _LINE().fullmatch(line.strip())
        if match is None:
            # At the end hexdump writes how many there were.
            last = re.fullmatch(r"\s*([0-9A-Fa-f]{4,8})\s*", line)
            if data and (not line.strip() or (last and int(last[1], base) == len(data))):
                continue
            return None
        if int(match["at"], base) != len(data):
            return None
        found = match["hex"]
        if line.strip()[len(match["at"])] == ":":
            found = found.split("  ")[0]  # behind it is the same as text
        data += bytes.fromhex(found)
    return bytes(data) or None


def from_decimals(numbers: list[str]) -> bytes | None:
    """Return bytes written as decimal numbers; None where hex digits are as likely."""
    if len(numbers) < _LEAST or not any(len(number.lstrip("-")) == 3 for number in numbers):
        return None
    values = [int(number) for number in numbers]
    if max(values) > 255 or min(values) < -128:
        return None
    return bytes([value & 0xFF for value in values])


def from_numbers(document: object) -> bytes | None:
    """Return the bytes of a JSON list of signed ones, or of an object with the keys 0, 1, 2."""
    if isinstance(document, dict):
        if list(document) != [str(n) for n in range(len(document))]:
            return None
        document = list(document.values())
    if not isinstance(document, list) or len(document) < _LEAST:
        return None
    values = [item for item in document if type(item) is int and -128 <= item <= 255]
    if len(values) != len(document):
        return None
    return bytes([value & 0xFF for value in values])
