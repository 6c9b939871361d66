"""M-Bus long frames: from what a message holds to application data units.

Source: EN 13757-2 (long frame, checksum), EN 13757-1 (CI as segment number and FIN bit);
the length quirk of the Sagemcom T210-D was found on real frames: 257 is sent as 01.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zlib import adler32

from .errors import Reason, TelegramError

MAX_PAYLOAD: Final = 4096
SEGMENT_TIMEOUT: Final = timedelta(seconds=4)

_START: Final = 0x68
_STOP: Final = 0x16
_HDLC: Final = 0x7E
_HEADER: Final = 4
_LINK: Final = 5  # C, A, CI, STSAP, DTSAP
_TRAILER: Final = 2  # checksum, stop
_FIN: Final = 0x10
_NUMBER: Final = 0x0F
_NO_SEGMENT: Final = 0xE0
_SEPARATORS: Final = b" \t\r\n\v\f:,-\x00"


class Frame(NamedTuple):
    """One long frame whose checksum and stop byte are right."""

    link: bytes
    """C, A, STSAP and DTSAP: who speaks to whom."""
    ci: int
    data: bytes
    end: int
    """Offset of the first byte behind the frame."""


def payload_bytes(payload: bytes) -> bytes:
    """Return the bytes of a message: raw, or written as hex in any usual spelling.

    Raises TelegramError (EMPTY, OVERSIZED, NOT_HEX, OTHER_PROTOCOL).
    """
    if len(payload) > MAX_PAYLOAD:
        raise TelegramError(Reason.OVERSIZED, f"{len(payload)} bytes, at most {MAX_PAYLOAD}")
    try:
        data = bytes.fromhex(payload)
    except ValueError:
        data = _tolerant(payload)
    if not data:
        raise TelegramError(Reason.EMPTY, "no bytes in the message")
    return data


def _tolerant(payload: bytes) -> bytes:
    digits = payload.translate(None, _SEPARATORS).replace(b"0x", b"").replace(b"0X", b"")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        pass
    if payload[0] in {_START, _HDLC} or _raw_header(payload):
        return payload
    text = payload.lstrip()
    if text.startswith(b"/") or b"1-0:1.8.0" in text:
        raise TelegramError(Reason.OTHER_PROTOCOL, "DSMR text (P1), not M-Bus")
    if text.startswith((b"{", b"[")):
        raise TelegramError(Reason.NOT_HEX, "JSON, not the hex of a telegram")
    raise TelegramError(Reason.NOT_HEX, "neither hex digits nor an M-Bus frame")


def _raw_header(data: bytes) -> bool:
    at = data.find(_START)
    while at >= 0:
        if data[at + 3 : at + 4] == b"\x68" and data[at + 1] == data[at + 2]:
            return True
        at = data.find(_START, at + 1)
    return False


def _sum(data: bytes) -> int:
    """Add the bytes up; up to 256 of them the low half of Adler-32 is their sum and one."""
    return (adler32(data) & 0xFFFF) - 1 if len(data) <= 256 else sum(data)


def frame_at(data: bytes, at: int) -> Frame | None:
    """Return the long frame that starts at `at`, if there is a whole and intact one.

    The length byte of a frame longer than 255 bytes holds only the low eight bits (the
    Sagemcom T210-D sends 257 as 01), so that a length is right when checksum and stop
    byte say so.
    """
    length = data[at + 1]
    for size in (length, length + 256):
        last = at + _HEADER + size + 1
        if size < _LINK or last >= len(data) or data[last] != _STOP:
            continue
        if _sum(data[at + _HEADER : last - 1]) & 0xFF == data[last - 1]:
            link = data[at + 4 : at + 6] + data[at + 7 : at + 9]
            return Frame(link, data[at + 6], data[at + 9 : last - 1], last + 1)
    return None


class Scan(NamedTuple):
    """What stands in a message."""

    frames: list[Frame]
    damage: TelegramError | None
    """What became of frames that were begun but are not whole."""


def scan(data: bytes) -> Scan:
    """Find every intact long frame, whatever stands before, between and behind them.

    Raises TelegramError when there is none: CHECKSUM for a damaged one, INCOMPLETE for
    one that is cut off, OTHER_PROTOCOL where the bytes are known, NO_FRAME otherwise.
    """
    found: list[Frame] = []
    damage: TelegramError | None = None
    at = data.find(_START)
    last = len(data) - _HEADER
    while 0 <= at <= last:
        if data[at + 3] == _START and data[at + 1] == data[at + 2]:
            if frame := frame_at(data, at):
                found.append(frame)
                at = data.find(_START, frame.end)
                continue
            damage = damage or _damage(data, at)
        at = data.find(_START, at + 1)
    if not found:
        raise damage or _other_protocol(data)
    return Scan(found, damage)


def _damage(data: bytes, at: int) -> TelegramError:
    length = data[at + 1]
    size = length if length >= _LINK else length + 256
    if at + _HEADER + size + _TRAILER > len(data):
        return TelegramError(Reason.INCOMPLETE, "the M-Bus frame is cut off")
    return TelegramError(Reason.CHECKSUM, "checksum or stop byte of the M-Bus frame is wrong")


def _other_protocol(data: bytes) -> TelegramError:
    if data[0] == _HDLC and data[1:2] and data[1] & 0xF0 == 0xA0:
        return TelegramError(Reason.OTHER_PROTOCOL, "HDLC frames, not M-Bus")
    if data.startswith(b"/") and data.isascii():
        return TelegramError(Reason.OTHER_PROTOCOL, "DSMR text (P1), not M-Bus")
    return TelegramError(Reason.NO_FRAME, "no M-Bus long frame in the message")


class Unit(NamedTuple):
    """An application data unit, joined from the frames that carried it."""

    link: bytes
    data: bytes


class Assembler:
    """Joins the segments of telegrams, also across messages."""

    def __init__(self, timeout: timedelta = SEGMENT_TIMEOUT) -> None:
        """`timeout`: how long the first segment waits for the rest."""
        self._timeout = timeout
        self._parts: list[bytes] = []
        self._link = b""
        self._since: datetime | None = None

    @property
    def waiting(self) -> bool:
        """Whether a telegram has begun and not ended."""
        return bool(self._parts)

    def feed(self, scan: Scan, received: datetime) -> tuple[list[Unit], list[TelegramError]]:
        """Return the application data units that are whole now, and what had to be dropped."""
        whole: list[Unit] = []
        dropped: list[TelegramError] = []
        parts = self._parts
        if parts and self._since is not None and abs(received - self._since) > self._timeout:
            dropped.append(TelegramError(Reason.INCOMPLETE, "the rest of a telegram did not come"))
            parts.clear()
        damage = scan.damage
        for frame in scan.frames:
            ci = frame.ci
            if ci & _NO_SEGMENT:
                dropped.append(
                    TelegramError(Reason.OTHER_PROTOCOL, f"M-Bus application data of kind {ci:02X}")
                )
                continue
            number = ci & _NUMBER
            if number == 0:
                if parts:
                    dropped.append(
                        TelegramError(Reason.INCOMPLETE, "a new telegram began before the end")
                    )
                    parts.clear()
                self._since, self._link = received, frame.link
            elif number != len(parts) or frame.link != self._link:
                damage = damage or TelegramError(
                    Reason.SEGMENT, f"segment {number} does not belong here"
                )
                if number >= len(parts):
                    parts.clear()
                continue
            parts.append(frame.data)
            if ci & _FIN:
                whole.append(Unit(frame.link, b"".join(parts)))
                parts.clear()
        if damage is not None:
            dropped.append(damage)
        return whole, dropped
