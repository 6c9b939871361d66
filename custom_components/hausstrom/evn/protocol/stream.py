"""A byte buffer before every framing: pieces cut anywhere in, application data units out.

What is whole proves itself by its check: the 8-bit sum of M-Bus, the FCS of HDLC, the CRC of
DSMR text. A start that is not whole yet waits; whatever stands before, between and behind
(the 96 bytes of signature behind a Vienna frame, a tail, noise) is skipped.
"""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from ...common.pattern import LatePattern
from . import amis, dsmr, hdlc, mbus
from .errors import Reason, TelegramError
from .mbus import SEGMENT_TIMEOUT, Assembler
from .payload import MAX_PAYLOAD


class Framing(StrEnum):
    """What carried a telegram."""

    MBUS = "mbus"
    HDLC = "hdlc"
    BARE = "bare"
    """A ciphered unit with nothing around it (Steiermark)."""
    AMIS = "amis"
    """Records in an M-Bus frame, not DLMS (Netz OÖ)."""


class DataUnit(NamedTuple):
    """An application data unit, joined from the frames that carried it."""

    link: bytes
    """Who speaks to whom, as far as the framing says."""
    data: bytes
    framing: Framing = Framing.MBUS
    joined: bool = False
    """Whether it came in blocks, which may be those of two telegrams: nothing tells them apart."""


_STARTS: Final = re.compile(rb"h(.)\1h|\x7e[\xa0-\xaf]|\xdb\x08[A-Z]{3}|/[A-Z]{3}", re.DOTALL)
_BEGUN: Final = re.compile(
    rb"(?:h(?:(.)\1?)?|\x7e|\xdb(?:\x08[A-Z]{0,2})?|/[A-Z]{0,2})\Z", re.DOTALL
)
_SECURITIES: Final = frozenset({0x20, 0x21, 0x30, 0x31})
_LONGEST_UNIT: Final = 2048
_CIPHERED: Final = 0xDB
_MOST_TEXTS: Final = 8
"""Starts of a DSMR text in one message; each costs a look at everything behind it."""
_SIGNATURE: Final = 104
"""Bytes behind an HDLC frame that are no telegram and nothing to worry about."""
_BURST: Final = timedelta(seconds=0.5)


class _Wait(Exception):  # noqa: N818  (no error: the rest is still to come)
    """The candidate needs bytes that are not there yet."""


class _Skip(Exception):  # noqa: N818  (no error: noise that looks like a start)
    """What starts here is part of something else."""


class Stream:
    """Collects the bytes of one meter's line."""

    def __init__(self, timeout: timedelta = SEGMENT_TIMEOUT) -> None:
        """`timeout`: how long a piece waits for the next."""
        self._timeout = timeout
        self._buffer = b""
        self._last: datetime | None = None
        self._noise: datetime | None = None
        self._texts = 0
        self._quiet = 0
        self._excused = False
        self._form: mbus.FramePattern | None = None
        self.link = b""
        """Who speaks to whom in the usual message."""
        self._assembler = Assembler(timeout)
        self._blocks = hdlc.Blocks()
        self._information = b""
        self.framing: Framing | None = None
        """What carried the last whole telegram."""
        self.asked = False
        """Whether the meter waits for somebody to acknowledge; set back by who does."""

    @property
    def waiting(self) -> bool:
        """Whether a telegram has begun and not ended."""
        return bool(
            self._buffer or self._information or self._assembler.waiting or self._blocks.waiting
        )

    def feed(self, data: bytes, received: datetime) -> tuple[list[DataUnit], list[TelegramError]]:
        """Take bytes; return the units that are whole now, and what had to be dropped."""
        if (usual := self.usual(data, received)) is not None:
            return [DataUnit(self.link, usual)], []
        units: list[DataUnit] = []
        dropped: list[TelegramError] = []
        if self._last is not None and abs(received - self._last) > self._timeout:
            self._expire(dropped)
        if (late := self._assembler.expire(received)) is not None:
            dropped.append(late)
        self._last = received
        whole = self._buffer + data if self._buffer else data
        self._buffer = b""
        if len(whole) > 2 * MAX_PAYLOAD:
            whole = whole[-MAX_PAYLOAD:]
        if self.framing in {None, Framing.AMIS} and amis.ASKS in whole:
            self.asked = True
            if self.framing is Framing.AMIS:
                whole = whole.replace(amis.ASKS, b"")
        self._scan(whole, received, units, dropped)
        if len(units) == 1 and self.framing is Framing.MBUS and not units[0].joined:
            self._form = mbus.FramePattern.of(whole) or self._form
            self.link = b"" if self._form is None else self._form.link
        return units, dropped

    def usual(self, data: bytes, received: datetime) -> bytes | None:
        """Return the unit in a message that is one whole telegram, framed as the one before.

        None, and nothing is taken, where it is anything else.
        """
        form = self._form
        if (
            form is None
            or len(data) != form.size
            or self._buffer
            or self._information
            or self._assembler.waiting
            or self._blocks.waiting
        ):
            return None
        unit = form.join(data)
        # A block of several is no unit.
        if not unit or unit[0] != _CIPHERED:
            return None
        self._last, self._quiet, self._excused = received, 0, False
        self.framing = Framing.MBUS
        return unit

    def _expire(self, dropped: list[TelegramError]) -> None:
        """Drop what waits: the rest of it did not come."""
        buffer, self._buffer, self._information = self._buffer, b"", b""
        self._quiet, self._excused = 0, False
        begun = _STARTS.match(buffer) is not None
        if self._blocks.forget() or (begun and self._counts(buffer[0])):
            dropped.append(TelegramError(Reason.INCOMPLETE, "the end of a telegram did not come"))

    def _counts(self, start: int) -> bool:
        """Whether a damaged frame that begins so is one of this line, not noise."""
        if self.framing is None:
            return True
        own = {Framing.MBUS: 0x68, Framing.AMIS: 0x68, Framing.HDLC: 0x7E, Framing.BARE: 0xDB}
        return start == own[self.framing]

    def _scan(
        self,
        data: bytes,
        received: datetime,
        units: list[DataUnit],
        dropped: list[TelegramError],
    ) -> None:
        """Find whatever is whole, and keep what may become whole."""
        at, first, before = 0, 0, (len(units), len(dropped))
        self._texts = 0
        waits: int | None = None
        damage: TelegramError | None = None
        found = False
        while (start := _STARTS.search(data, at)) is not None:
            at = start.start()
            quiet = self._quiet > at - first and data[at] == hdlc.FLAG
            try:
                end = self._candidate(data, at, waits, received, units, dropped)
            except _Wait:
                waits = at if waits is None else waits
                at += 1
            except _Skip:
                at += 1
            except TelegramError as error:
                # Inside of what waits for its end anything may look like a start.
                if waits is None and damage is None and not quiet and self._counts(data[at]):
                    damage = error
                    self._excused = True
                at += 1
            else:
                if waits is not None and damage is None and self._counts(data[waits]):
                    damage = TelegramError(Reason.INCOMPLETE, "a telegram began inside another")
                if waits is not None and data[waits] == hdlc.FLAG and self._quiet > waits - first:
                    damage = None
                waits, found = None, True
                at = first = end
        if damage is not None:
            dropped.append(damage)
        if waits is None:
            begun = _BEGUN.search(data, max(first, len(data) - 5))
            waits = len(data) if begun is None else begun.start()
        self._buffer = data[waits:]
        skipped = waits - first
        loud = skipped > self._quiet
        self._quiet = max(self._quiet - skipped, 0)
        if found or not loud or self._buffer or before != (len(units), len(dropped)):
            return
        if self._noise is None or received - self._noise > _BURST:
            dropped.append(_explain(data))
        self._noise = received

    def _candidate(  # noqa: PLR0917  (all of it is one step of the scan)
        self,
        data: bytes,
        at: int,
        waits: int | None,
        received: datetime,
        units: list[DataUnit],
        dropped: list[TelegramError],
    ) -> int:
        """Take what starts at `at`; return where it ends. Raises _Wait, _Skip, TelegramError."""
        start = data[at]
        if start == mbus.START:
            if (frame := mbus.frame_at(data, at)) is not None:
                self._take_mbus(frame, received, units, dropped)
                return frame.end
            if mbus.is_cut_off(data, at):
                raise _Wait
            raise TelegramError(
                Reason.CHECKSUM, "checksum or stop byte of the M-Bus frame is wrong"
            )
        if start == hdlc.FLAG:
            return self._hdlc(data, at, units, dropped)
        if start == 0xDB:
            return self._bare(data, at, waits, units)
        self._texts += 1
        if self._texts > _MOST_TEXTS:
            raise _Skip
        end = dsmr.end_of_text(data, at)
        if end is None:
            if len(data) - at > _LONGEST_UNIT:
                raise _Skip
            if dsmr.looks_like_text(data[at:]):
                raise TelegramError(Reason.PLAIN_TEXT, "DSMR text (P1) that is not encrypted")
            raise _Wait
        dropped.append(TelegramError(Reason.PLAIN_TEXT, "DSMR text (P1) that is not encrypted"))
        return end

    def _take_mbus(
        self,
        frame: mbus.Frame,
        received: datetime,
        units: list[DataUnit],
        dropped: list[TelegramError],
    ) -> None:
        if frame.ci == mbus.AMIS:
            self.asked = True
            # Its header begins where others have their service access points.
            self._give(DataUnit(b"", frame.link[2:] + frame.data, Framing.AMIS), units, dropped)
            return
        try:
            unit = self._assembler.add(frame, received, dropped)
        except TelegramError as error:
            # The rest of a telegram whose first frame was damaged is no second damage.
            if error.reason is not Reason.SEGMENT or not self._excused:
                dropped.append(error)
            return
        self._excused = False
        if unit is not None:
            self._quiet = 0
            self._give(DataUnit(frame.link, unit, Framing.MBUS), units, dropped)

    def _hdlc(
        self, data: bytes, at: int, units: list[DataUnit], dropped: list[TelegramError]
    ) -> int:
        if at + 3 > len(data) or at + 1 + hdlc.length_at(data, at) > len(data):
            raise _Wait
        frame = hdlc.frame_at(data, at)
        if frame is None:
            raise TelegramError(Reason.CHECKSUM, "the check sequence of the HDLC frame is wrong")
        self._quiet = _SIGNATURE
        information = self._information + frame.information
        if frame.segmented and len(information) < _LONGEST_UNIT:
            self._information = information
            return frame.end
        self._information = b""
        if information[:3] in hdlc.LLC:
            information = information[3:]
        if information:
            self._give(DataUnit(frame.address, information, Framing.HDLC), units, dropped)
        return frame.end

    def _bare(self, data: bytes, at: int, waits: int | None, units: list[DataUnit]) -> int:
        """Take a ciphered unit that nothing carries; inside of a frame it is that frame's."""
        inside = (
            waits is not None
            or self.framing not in {None, Framing.BARE}
            or data[max(at - 3, 0) : at] in hdlc.LLC
            or (at >= 9 and data[at - 9] == data[at - 6] == mbus.START)
            or (at >= 7 and data[at - 7] == hdlc.BLOCK_TRANSFER)
        )
        if inside:
            raise _Skip
        if at + 14 > len(data):
            raise _Wait
        size, start = data[at + 10], at + 11
        if size & 0x80:
            width = size & 0x7F
            if width not in {1, 2}:
                raise _Skip
            size, start = int.from_bytes(data[start : start + width]), start + width
        if not 5 < size <= _LONGEST_UNIT or data[start] not in _SECURITIES:
            raise _Skip
        if start + size > len(data):
            raise _Wait
        units.append(DataUnit(b"", data[at : start + size], Framing.BARE))
        self.framing = Framing.BARE
        return start + size

    def _give(self, unit: DataUnit, units: list[DataUnit], dropped: list[TelegramError]) -> None:
        """Hand on a unit; blocks of one are joined first."""
        self.framing = unit.framing
        if unit.data[:1] == b"\xe0" and unit.framing is not Framing.AMIS:
            try:
                whole = self._blocks.add(unit.data)
            except TelegramError as error:
                dropped.append(error)
                return
            if whole is None:
                return
            unit = unit._replace(data=whole, joined=True)
        units.append(unit)


_OTHERS: Final = (
    (LatePattern(rb"\x10\x40\xf0\x30\x16"), Reason.AMIS, "an AMIS meter (Siemens TD-351x)"),
    (LatePattern(rb"\x1b{4}\x01{4}"), Reason.OTHER_PROTOCOL, "SML, as German meters send it"),
    (
        LatePattern(rb"\xee[\x00-\x0f][\x00\x20\x80\xa0]", re.DOTALL),
        Reason.NES,
        "",
    ),
    (LatePattern(rb"\A\x0f.{4}(?:\x0c|\x00\x02|\x09\x0c)", re.DOTALL), Reason.NOT_CIPHERED, ""),
)


def _explain(data: bytes) -> TelegramError:
    """Say what bytes without a frame are, where that is known."""
    for form, reason, detail in _OTHERS:
        if (match := form().search(data)) is None:
            continue
        if reason is Reason.NES:
            if _is_ansi(data, match.start()):
                return TelegramError(reason, "a NES meter (ANSI C12.18)")
        elif reason is Reason.NOT_CIPHERED:
            return TelegramError(reason, "the telegram is not encrypted")
        else:
            return TelegramError(reason, detail)
    if dsmr.looks_like_text(data):
        return TelegramError(Reason.PLAIN_TEXT, "DSMR text (P1) that is not encrypted")
    return TelegramError(Reason.NO_FRAME, "no telegram in the bytes")


def _is_ansi(data: bytes, at: int) -> bool:
    """Whether a packet of ANSI C12.18 starts here: EE, three bytes, length, data, CRC."""
    size = int.from_bytes(data[at + 4 : at + 6])
    last = at + 6 + size
    return last + 2 <= len(data) and hdlc.fcs16(data[at:last]) == int.from_bytes(
        data[last : last + 2], "little"
    )
