"""M-Bus long frames, and the telegrams that are cut into several of them.

Source: EN 13757-2 (long frame, checksum), EN 13757-1 (CI as segment number and FIN bit);
the length quirk of the Sagemcom T210-D was found on real frames: 257 is sent as 01.
"""

import struct
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zlib import adler32

from .errors import Reason, TelegramError

SEGMENT_TIMEOUT: Final = timedelta(seconds=4)
START: Final = 0x68

_STOP: Final = 0x16
_HEADER: Final = 4
_LINK: Final = 5  # C, A, CI, STSAP, DTSAP
_TRAILER: Final = 2  # checksum, stop
_FIN: Final = 0x10
_NUMBER: Final = 0x0F
_NO_SEGMENT: Final = 0xE0
AMIS: Final = 0x5B
"""What stands in place of the segment number where the data are records of M-Bus."""


class Frame:
    """One long frame whose checksum and stop byte are right."""

    __slots__ = ("ci", "data", "end", "link")

    def __init__(self, link: bytes, ci: int, data: bytes, end: int) -> None:
        """`link`: C, A, STSAP and DTSAP. `end`: offset of the first byte behind the frame."""
        self.link, self.ci, self.data, self.end = link, ci, data, end


def _sum(data: bytes) -> int:
    """Add the bytes up; up to 256 of them the low half of Adler-32 is their sum and one."""
    if len(data) <= 256:
        return (adler32(data) & 0xFFFF) - 1
    return (adler32(data[:256]) & 0xFFFF) - 1 + sum(data[256:])


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


def _begins(data: bytes, at: int) -> bool:
    head = data[at : at + _HEADER]
    return len(head) == _HEADER and head[0] == head[3] == START and head[1] == head[2]


def is_cut_off(data: bytes, at: int) -> bool:
    """Whether the frame that begins at `at` needs bytes that are not there yet."""
    length = data[at + 1]
    size = length if length >= _LINK else length + 256
    return at + _HEADER + size + _TRAILER > len(data)


class FramePattern(NamedTuple):
    """How the two frames of a telegram stand in a message: of the next one too, as a rule."""

    size: int
    link: bytes
    form: struct.Struct
    """Takes out what each frame begins with, its data and its sum, and the last stop byte."""
    heads: tuple[bytes, bytes, bytes]
    """The beginnings (of the second frame behind the stop byte of the first), the stop byte."""
    bases: tuple[int, int]
    """What the beginning of each frame adds to its sum; Adler-32 begins at 1."""

    @classmethod
    def of(cls, data: bytes) -> FramePattern | None:
        """Learn from a message that is one whole telegram; None where it is anything else."""
        if not _begins(data, 0) or (first := frame_at(data, 0)) is None:
            return None
        if not _begins(data, first.end) or (second := frame_at(data, first.end)) is None:
            return None
        if second.end != len(data) or first.link != second.link:
            return None
        if (first.ci, second.ci) != (0, _FIN | 1) or max(len(first.data), len(second.data)) > 256:
            return None
        start, again = _HEADER + _LINK, first.end + _HEADER + _LINK
        heads = (data[:start], data[first.end - 1 : again], data[-1:])
        bases = (_sum(data[_HEADER:start]) - 1, _sum(data[again - _LINK : again]) - 1)
        code = "".join(
            f"{len(head)}s{len(frame.data)}sB"
            for head, frame in zip(heads, (first, second), strict=False)
        )
        return cls(len(data), first.link, struct.Struct(f">{code}1s"), heads, bases)

    def join(self, data: bytes) -> bytes | None:
        """Return the application data unit in a message of this form, every sum checked.

        None where the message has another form, or is damaged.
        """
        if len(data) != self.size:
            return None
        first, content, total, second, more, last, stop = self.form.unpack(data)
        if (first, second, stop) != self.heads:
            return None
        base, other = self.bases
        # The low byte of Adler-32 is that of the sum, of up to 256 bytes.
        if (adler32(content) + base) & 0xFF != total or (adler32(more) + other) & 0xFF != last:
            return None
        unit: bytes = content + more
        return unit


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

    def expire(self, received: datetime) -> TelegramError | None:
        """Drop what has waited too long, and say so."""
        if self._parts and self._since is not None and abs(received - self._since) > self._timeout:
            self._parts.clear()
            return TelegramError(Reason.INCOMPLETE, "the rest of a telegram did not come")
        return None

    def add(self, frame: Frame, received: datetime, dropped: list[TelegramError]) -> bytes | None:
        """Take a frame; return the application data unit that is whole with it.

        What has to be dropped for it is added to `dropped`.
        """
        ci, parts = frame.ci, self._parts
        if ci & _NO_SEGMENT:
            raise TelegramError(Reason.OTHER_PROTOCOL, f"M-Bus application data of kind {ci:02X}")
        number = ci & _NUMBER
        if number == 0:
            if parts:
                dropped.append(
                    TelegramError(Reason.INCOMPLETE, "a new telegram began before the end")
                )
                parts.clear()
            self._since, self._link = received, frame.link
        elif number != len(parts) or frame.link != self._link:
            if number >= len(parts):
                parts.clear()
            raise TelegramError(Reason.SEGMENT, f"segment {number} does not belong here")
        parts.append(frame.data)
        if not ci & _FIN:
            return None
        whole = b"".join(parts)
        parts.clear()
        return whole
