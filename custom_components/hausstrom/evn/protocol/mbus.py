"""M-Bus long frames, and the telegrams that are cut into several of them.

Source: EN 13757-2 (long frame, checksum), EN 13757-1 (CI as segment number and FIN bit);
the length quirk of the Sagemcom T210-D was found on real frames: 257 is sent as 01.
"""

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


class Frame(NamedTuple):
    """One long frame whose checksum and stop byte are right."""

    link: bytes
    """C, A, STSAP and DTSAP: who speaks to whom."""
    ci: int
    data: bytes
    end: int
    """Offset of the first byte behind the frame."""


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


def is_cut_off(data: bytes, at: int) -> bool:
    """Whether the frame that begins at `at` needs bytes that are not there yet."""
    length = data[at + 1]
    size = length if length >= _LINK else length + 256
    return at + _HEADER + size + _TRAILER > len(data)


class FramePattern(NamedTuple):
    """How the frames of one telegram stand in a message: of the next one too, as a rule."""

    size: int
    link: bytes
    heads: tuple[tuple[int, int, bytes], ...]
    """Of each frame: where it starts, where its stop byte stands, and what it begins with."""

    @classmethod
    def of(cls, data: bytes) -> FramePattern | None:
        """Learn from a message that is one whole telegram; None where it is anything else."""
        heads: list[tuple[int, int, bytes]] = []
        link, at = b"", 0
        while at + _HEADER + _LINK < len(data):
            frame = frame_at(data, at)
            if (
                frame is None
                or frame.ci & ~_FIN != len(heads)
                or frame.link != (link or frame.link)
            ):
                return None
            # With the kind of the unit, which tells a ciphered one from a block of several.
            heads.append((at, frame.end - 1, data[at : at + _HEADER + _LINK + (not heads)]))
            link, at = frame.link, frame.end
            if frame.ci & _FIN:
                return cls(at, link, tuple(heads)) if at == len(data) else None
        return None

    def join(self, data: bytes) -> bytes | None:
        """Return the application data unit in a message of this form, every sum checked.

        None where the message has another form, or is damaged.
        """
        if len(data) != self.size:
            return None
        unit = b""
        for at, stop, head in self.heads:
            last = stop - 1
            if not data.startswith(head, at) or data[stop] != _STOP:
                return None
            if _sum(data[at + _HEADER : last]) & 0xFF != data[last]:
                return None
            unit += data[at + _HEADER + _LINK : last]
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
