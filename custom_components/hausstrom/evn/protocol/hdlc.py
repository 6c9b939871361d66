"""HDLC frames and general block transfer: what the E450, AM550, IM150 and IM350 put around.

Source: IEC 62056-46 (frame format type 3), DLMS UA Green Book (general-block-transfer);
no byte is escaped: 7E stands freely inside a frame, whose length counts.
"""

from binascii import crc_hqx
from typing import Final

from .errors import Reason, TelegramError

FLAG: Final = 0x7E
LLC: Final = (b"\xe6\xe7\x00", b"\xe6\xe6\x00")
BLOCK_TRANSFER: Final = 0xE0

_SEGMENTED: Final = 0x08
_SHORTEST: Final = 7
_UNNUMBERED: Final = 0x03
_LAST: Final = 0x80
_MOST_BLOCKS: Final = 16


def _reversed() -> bytes:
    table = [0]
    for bit in (128, 64, 32, 16, 8, 4, 2, 1):
        table += [bit | other for other in table]
    return bytes(table)


_REVERSED: Final = _reversed()


def fcs16(data: bytes) -> int:
    """Return the frame check sequence (X-25), as it stands low byte first behind the data.

    binascii has the same polynomial the other way round: bits are turned before and after.
    """
    turned = crc_hqx(data.translate(_REVERSED), 0xFFFF) ^ 0xFFFF
    return _REVERSED[turned >> 8] | _REVERSED[turned & 0xFF] << 8


class HdlcFrame:
    """One frame whose check sequences are right."""

    __slots__ = ("address", "end", "information", "segmented")

    def __init__(self, address: bytes, information: bytes, end: int, *, segmented: bool) -> None:
        """`address`: destination and source, as they stand. `segmented`: more information follows.

        `end`: offset of the first byte behind the check sequence; a closing flag may follow.
        """
        self.address, self.information, self.end = address, information, end
        self.segmented = segmented


def length_at(data: bytes, at: int) -> int:
    """Return the bytes of the frame whose flag stands at `at`, without the flags."""
    return (data[at + 1] & 0x07) << 8 | data[at + 2]


def frame_at(data: bytes, at: int) -> HdlcFrame | None:
    """Return the frame whose flag stands at `at`; None where a check sequence is wrong.

    The whole announced length must be there.
    """
    size = length_at(data, at)
    first, last = at + 1, at + 1 + size
    if size < _SHORTEST or fcs16(data[first : last - 2]) != data[last - 2] | data[last - 1] << 8:
        return None
    position = first + 2
    for _ in range(2):
        while position < last and not data[position] & 1:
            position += 1
        position += 1
    control = position
    position += 1
    if position > last - 2:
        return None
    information = b""
    if position < last - 2:
        header = data[position] | data[position + 1] << 8
        if position + 2 > last - 2 or fcs16(data[first:position]) != header:
            return None
        information = data[position + 2 : last - 2]
    if data[control] & 0xEF != _UNNUMBERED:
        information = b""  # none that pushes information
    segmented = bool(data[first] & _SEGMENTED)
    return HdlcFrame(data[first + 2 : control], information, last, segmented=segmented)


class Blocks:
    """Joins the blocks of a general block transfer; they come in their order or not at all."""

    def __init__(self) -> None:
        """Wait for block number 1."""
        self._parts: list[bytes] = []

    @property
    def waiting(self) -> bool:
        """Whether blocks have come and the last has not."""
        return bool(self._parts)

    def forget(self) -> bool:
        """Drop what waits; returns whether there was anything."""
        waited = bool(self._parts)
        self._parts.clear()
        return waited

    def add(self, block: bytes) -> bytes | None:
        """Take a block, from its E0 on; return all data with the last one.

        Raises TelegramError: STRUCTURE for what is no block, SEGMENT for one that does
        not follow, INCOMPLETE where a new transfer begins before the end.
        """
        if len(block) < 8:
            raise TelegramError(Reason.STRUCTURE, "a block without a header")
        number, size, start = int.from_bytes(block[2:4]), block[6], 7
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(block[7:start])
        if start > 9 or start + size != len(block):
            raise TelegramError(Reason.STRUCTURE, "a block that is not as long as it says")
        dropped = None
        if number == 1 and self._parts:
            dropped = TelegramError(Reason.INCOMPLETE, "a new telegram began before the end")
            self._parts.clear()
        elif number != len(self._parts) + 1 or number > _MOST_BLOCKS:
            self._parts.clear()
            raise TelegramError(Reason.SEGMENT, f"block {number} does not belong here")
        self._parts.append(block[start:])
        whole = None
        if block[1] & _LAST:
            whole = b"".join(self._parts)
            self._parts.clear()
        if dropped is not None and whole is None:
            raise dropped
        return whole
