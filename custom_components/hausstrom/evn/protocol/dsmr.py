"""DSMR text: what the meters of Steiermark send inside of their ciphered units.

Source: DSMR 5.0.2 P1 (lines, CRC-16), the telegrams of the T210-D-r: registers in Wh, W,
varh and var without a decimal point, the clock as YYMMDDhhmmss with S (summer) or W.
"""

from datetime import UTC, datetime
from typing import Final

from ...common.pattern import LatePattern
from .clock import VIENNA
from .errors import Reason, TelegramError
from .notification import Number
from .registers import BY_CODE

_END: Final = LatePattern(rb"!([0-9A-Fa-f]{4})(?:\r\n|\r|\n|\Z)")
_LINE: Final = LatePattern(r"(\d+)-(\d+):(\d+)\.(\d+)\.(\d+)(?:[*.](\d+))?\(([^()]*)\)")
_VALUE: Final = LatePattern(r"(\d{1,15})(?:\.(\d{1,6}))?\*(k?)(Wh|varh|W|var|V|A|)")
_CLOCK: Final = LatePattern(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW]?)")
_REGISTER: Final = LatePattern(rb"\d-\d:\d+\.\d+\.\d+\(")
_NUMBERS: Final = ("96.1.0", "96.1.1", "42.0.0")


def _table() -> tuple[int, ...]:
    bits, value = [], 1
    for _ in range(8):
        value = value >> 1 ^ (0xA001 if value & 1 else 0)
        bits.append(value)
    table = [0]
    for bit in reversed(bits):
        table += [bit ^ other for other in table]
    return tuple(table)


_TABLE: Final = _table()


def crc16(data: bytes) -> int:
    """Return the CRC-16 (reflected 8005, start 0) that stands behind the `!`."""
    value = 0
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 0xFF]
    return value


def end_of_text(data: bytes, at: int) -> int | None:
    """Return where the text that begins at `at` ends; None while its CRC is not there."""
    end = _END().search(data, at)
    if end is None or crc16(data[at : end.start() + 1]) != int(end[1], 16):
        return None
    return end.end()


def looks_like_text(data: bytes) -> bool:
    """Whether bytes are lines of OBIS codes, whatever their CRC."""
    return data.isascii() and _REGISTER().search(data) is not None


class Text:
    """What a telegram in text says."""

    __slots__ = ("left_out", "meter_number", "meter_time", "values")

    def __init__(self) -> None:
        """Begin with nothing read."""
        self.values: dict[str, Number] = {}
        self.meter_time: datetime | None = None
        self.meter_number: str | None = None
        self.left_out: list[str] = []


def read(plaintext: bytes) -> Text:
    """Read the text of a telegram.

    Raises TelegramError: STRUCTURE where it is no text or its CRC does not fit,
    NO_REGISTER where it tells nothing that we know.
    """
    if plaintext[:1] != b"/" or not plaintext.isascii():
        raise TelegramError(Reason.STRUCTURE, "no DSMR text")
    end = _END().search(plaintext)
    if end is None or crc16(plaintext[: end.start() + 1]) != int(end[1], 16):
        raise TelegramError(Reason.STRUCTURE, "the CRC of the text does not fit")
    text = Text()
    for line in plaintext[: end.start()].decode("ascii").splitlines()[1:]:
        if (match := _LINE().fullmatch(line.strip())) is None:
            if line.strip():
                text.left_out.append("a line")
            continue
        a, _b, c, d, e, _f, content = match.groups()
        code = f"{c}.{d}.{e}"
        if a == "0" and code == "1.0.0":
            text.meter_time = _instant(content)
        elif a == "0" and code in _NUMBERS:
            text.meter_number = text.meter_number or _number(content)
        elif a == "1" and (register := BY_CODE.get((int(c), int(d), int(e)))) is not None:
            value = _scaled(content, register.symbol)
            if value is None or register.key in text.values:
                text.left_out.append(f"{code}: unit or number")
            else:
                text.values[register.key] = value
        elif a != "1" or d not in {"7", "8"}:
            text.left_out.append(f"{a}-{_b}:{code}")
    if not text.values:
        raise TelegramError(Reason.NO_REGISTER, "no register that is known in the text")
    return text


def _scaled(content: str, symbol: str) -> Number | None:
    if (match := _VALUE().fullmatch(content)) is None or match[4] != symbol:
        return None
    whole, decimals, kilo, _ = match.groups()
    if decimals is None:
        return int(whole) * (1000 if kilo else 1)
    digits, places = int(whole + decimals), len(decimals) - (3 if kilo else 0)
    return digits / int(10**places) if places > 0 else digits * int(10**-places)


def _number(content: str) -> str | None:
    """Read a meter number, which DSMR writes as the hex of its characters."""
    try:
        text = bytes.fromhex(content).decode("ascii")
    except ValueError:
        text = content
    return text if text.isprintable() and text.strip() else None


def _instant(content: str) -> datetime | None:
    if (match := _CLOCK().fullmatch(content)) is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        local = datetime(
            2000 + year, month, day, hour, minute, second, tzinfo=VIENNA, fold=match[7] == "W"
        )
    except ValueError:
        return None
    return local.astimezone(UTC)
