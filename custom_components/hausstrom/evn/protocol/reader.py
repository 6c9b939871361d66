"""From what a message brings to readings that can be believed.

One MeterReader reads one meter: it collects bytes, joins frames, deciphers, reads, and
judges, and it counts what it refuses by reason. It knows no clock: the time of receipt is
passed in.
"""

from collections import Counter
from datetime import datetime
from typing import Final, NamedTuple

from . import amis, dsmr, notification
from .ciphering import Decipherer, Envelope, UsualEnvelope, open_envelope
from .counters import LowerCounters
from .errors import HELD_BACK, LINE_NOISE, Reason, TelegramError
from .known_layouts import KnownLayouts, TelegramShape
from .layout import Layout
from .notification import Notification
from .payload import Spelling
from .plausibility import EXCHANGE, FALLS, REPEATED, MeterMemory, Plausibility
from .reading import FoundTelegrams, Heard, Reading, envelopes
from .sample import Sample
from .stream import DataUnit, Framing, Stream

__all__ = ["Envelope", "Heard", "MeterReader", "Reading", "envelopes"]

FRESH: Final = 60.0
"""Seconds within which the clock in a retained message must agree with ours."""
_WRONG_KEY_AFTER: Final = 3
_HEARD: Final = "this telegram was heard already"


class _Usual(NamedTuple):
    """The telegram that was read last; the next one differs in little, as a rule."""

    header: UsualEnvelope
    shape: TelegramShape
    title: bytes
    found: tuple[Envelope, DataUnit]


class MeterReader:
    """Reads the telegrams of one meter; never raises for what a message holds."""

    def __init__(
        self,
        key: bytes,
        *,
        authentication_key: bytes | None = None,
        system_title: bytes | None = None,
        memory: MeterMemory | None = None,
    ) -> None:
        """`key`: 16 bytes. Without `system_title` the first meter that the key fits is ours."""
        self._key = key
        self._decipherer = Decipherer(key, authentication_key)
        self._tags = authentication_key is not None
        self._system_title = system_title
        self._spelling = Spelling()
        self._stream = Stream()
        self._layouts = KnownLayouts()
        self._plausibility = Plausibility(memory)
        self._counter: int | None = None
        self._lower = LowerCounters()
        self._refuted = 0
        self._waiting = (-1, b"")
        """Frame counter and ciphertext of what was held back last."""
        self._left_out: tuple[str, ...] = ()
        self._heads: tuple[bytes, ...] | None = None
        self._odd_heads: tuple[tuple[bytes, ...], int] = ((), 0)
        self.rejected: Counter[Reason] = Counter()
        self.accepted = 0
        self._found: tuple[Envelope, DataUnit] | None = None
        self._usual: _Usual | None = None
        self.held: Reading | None = None
        """The last reading that was held back and may be right."""

    @property
    def system_title(self) -> bytes | None:
        """The meter that is read; None until the first telegram was believed."""
        return self._system_title

    @property
    def memory(self) -> MeterMemory | None:
        """What the next start should know."""
        return self._plausibility.memory

    @property
    def found(self) -> FoundTelegrams | None:
        """The last telegram whose frame was whole."""
        if self._found is None:
            return None
        envelope, unit = self._found
        return FoundTelegrams(
            envelope.system_title, unit.framing, len(unit.data), envelope.authenticated
        )

    def answer(self) -> bytes:
        """Return what the meter waits for before it sends on; empty for nearly all meters."""
        asked, self._stream.asked = self._stream.asked, False
        return amis.ACKNOWLEDGE if asked else b""

    def doubt(self) -> None:
        """Let the next telegram wait for one that agrees: there was a pause in the listening."""
        self._plausibility.doubt()

    @property
    def waiting(self) -> bool:
        """Whether a telegram has begun and not ended."""
        return self._stream.waiting

    @property
    def fallen_since(self) -> float | None:
        """Since when (s since 1970) a register shows less than before; None: it does not."""
        return self._plausibility.fallen_since

    @property
    def left_out(self) -> tuple[str, ...]:
        """What of the meter's telegrams is not understood, without its content."""
        known = [entry for layout in self._layouts for entry in layout.left_out]
        return tuple(dict.fromkeys([*known, *self._left_out]))

    def feed(self, payload: bytes, *, received: datetime, retained: bool = False) -> Heard:
        """Read a message; `received` must be aware.

        A retained message may be days old: it counts only when the meter's clock in it
        shows the present.
        """
        try:
            data = self._spelling.read(payload)
        except TelegramError as error:
            self._count([error])
            return Heard((), (error,))
        return self.feed_bytes(data, received=received, retained=retained)

    def feed_bytes(self, data: bytes, *, received: datetime, retained: bool = False) -> Heard:
        """Read bytes as they stand on the line, cut anywhere."""
        if not retained and (whole := self._stream.usual(data, received)) is not None:
            try:
                reading = self._read_usual(whole, received) or self._read(
                    DataUnit(self._stream.link, whole), received, retained=False
                )
            except TelegramError as error:
                self._count([error])
                return Heard((), (error,))
            return Heard((reading,), ())
        readings: list[Reading] = []
        # A retained message comes out of its turn: it is no part of the stream.
        stream = Stream() if retained else self._stream
        units, rejections = stream.feed(data, received)
        for unit in units:
            try:
                readings.append(self._read(unit, received, retained=retained))
            except TelegramError as error:
                rejections.append(error)
        if rejections:
            self._count(rejections)
        return Heard(tuple(readings), tuple(rejections))

    def _count(self, rejections: list[TelegramError]) -> None:
        for error in rejections:
            self.rejected[error.reason] += 1
            if error.reason in LINE_NOISE:
                self._plausibility.noise()

    def _read_usual(self, unit: bytes, received: datetime) -> Reading | None:
        """Read a unit that has header and layout of the one before; None: read it completely."""
        usual = self._usual
        if usual is None or (sealed := usual.header.sealed(unit)) is None:
            return None
        counter_bytes, title = sealed[:4], self._system_title
        counter = int.from_bytes(counter_bytes)
        if self._counter is None or counter <= self._counter or counter == self._waiting[0]:
            return None
        layout = self._layouts.get(usual.shape)
        if layout is None or title != usual.title or usual.shape[0] != self._stream.link:
            return None
        said = layout.read(self._decipherer.number(title + counter_bytes, sealed[4:]))
        if said is None:
            return None
        self._found, self._refuted = usual.found, 0
        reading = Reading.of(title, counter, said, layout.meter_number, layout.name, received)
        try:
            return self._believe(reading, said, received, proven=False)
        except TelegramError:
            self._waiting = (counter, sealed[4:])
            self._plausibility.wait(received.timestamp())
            raise

    def _read(self, unit: DataUnit, received: datetime, *, retained: bool) -> Reading:
        records = unit.framing is Framing.AMIS
        envelope = amis.open_unit(unit.data, self._counter) if records else open_envelope(unit.data)
        if self._system_title is not None and envelope.system_title != self._system_title:
            raise TelegramError(Reason.FOREIGN_METER, "the telegram of another meter")
        self._found = (envelope, unit)
        counter = envelope.frame_counter
        if counter == self._counter:
            raise TelegramError(Reason.REPLAY, _HEARD)
        sealed = (counter, envelope.ciphertext)
        again = sealed == self._waiting
        if again and self._plausibility.last is not None:
            raise TelegramError(Reason.REPLAY, _HEARD)
        try:
            if records:
                return self._records(envelope, received, retained=retained)
            return self._notification(unit, envelope, received, retained=retained)
        except TelegramError as error:
            if error.reason in HELD_BACK:
                if again:
                    # The first one after a start is believed when it is heard twice; not this one.
                    raise TelegramError(Reason.REPLAY, _HEARD) from None
                self._waiting = sealed
                self._plausibility.wait(received.timestamp())
            raise

    def _notification(
        self, unit: DataUnit, envelope: Envelope, received: datetime, *, retained: bool
    ) -> Reading:
        """Read a telegram of DLMS."""
        try:
            number = self._decipherer.decipher(envelope)
        except TelegramError as error:
            raise self._explain_tag(unit, envelope, error) from None
        shape = (unit.link, envelope.security, len(envelope.ciphertext))
        known = layout = self._layouts.get(shape)
        said = None if layout is None else layout.read(number)
        proven = self._tags and bool(envelope.tag)
        if said is None:
            plaintext = number.to_bytes(len(envelope.ciphertext))
            if plaintext[:1] == b"/":
                return self._text(envelope, plaintext, received, retained=retained)
            said, layout = self._complete(unit, envelope, plaintext, proven=proven)
        assert layout is not None  # noqa: S101  what was read has a layout
        self._refuted = 0
        reading = self._believable(
            envelope, said, layout.meter_number, layout.name, received, retained=retained
        )
        if known is not layout and not self._layouts.learn(
            shape,
            layout,
            accepted=self.accepted,
            proven=proven,
            at_once=self._plausibility.waited_enough,
        ):
            self._plausibility.forget_held()
        checked = unit.framing is Framing.HDLC and not unit.joined
        reading = self._believe(reading, said, received, proven=proven, checked=checked)
        if unit.framing is Framing.MBUS and not (unit.joined or proven):
            header = UsualEnvelope.of(unit.data, envelope)
            self._usual = _Usual(header, shape, envelope.system_title, (envelope, unit))
        return reading

    def _complete(
        self, unit: DataUnit, envelope: Envelope, plaintext: bytes, *, proven: bool
    ) -> tuple[Notification, Layout]:
        try:
            said, anatomy = notification.read(plaintext, scalers=unit.framing is Framing.MBUS)
        except TelegramError as error:
            raise self._explain(plaintext, error, proven=proven) from None
        return said, Layout.of(plaintext, anatomy)

    def _records(self, envelope: Envelope, received: datetime, *, retained: bool) -> Reading:
        """Read the records of an AMIS; a changed bit leaves no block of them whole.

        Other records than usual are believed once they are what this meter sends.
        """
        plaintext = amis.decipher(self._key, envelope)
        try:
            said, self._left_out, heads = records = amis.read(plaintext)
        except TelegramError as error:
            raise self._explain(plaintext, error, proven=False) from None
        self._refuted = 0
        reading = self._believable(envelope, said, None, "amis", received, retained=retained)
        shape = (envelope.ciphertext[7:8], *heads)
        proven = shape == self._heads or (records.all_known and amis.is_usual(envelope))
        if not proven:
            self._odd_heads = (shape, self._odd_heads[1] + 1 if shape == self._odd_heads[0] else 1)
            patience = EXCHANGE if self.accepted else REPEATED
            if self._odd_heads[1] < patience and not self._plausibility.waited_enough:
                raise TelegramError(Reason.UNCONFIRMED, "telegrams of this meter looked different")
        reading = self._believe(reading, said, received, proven=True)
        self._heads = shape
        return reading

    def _text(
        self, envelope: Envelope, plaintext: bytes, received: datetime, *, retained: bool
    ) -> Reading:
        """Read the DSMR text of Steiermark; its CRC proves it."""
        try:
            text = dsmr.read(plaintext)
        except TelegramError as error:
            raise self._explain(plaintext, error, proven=False) from None
        self._refuted = 0
        self._left_out = tuple(text.left_out)
        said = Notification(0, text.meter_time, True, text.values)
        reading = self._believable(
            envelope, said, text.meter_number, "text", received, retained=retained
        )
        return self._believe(reading, said, received, proven=True)

    def _believable(
        self,
        envelope: Envelope,
        said: Notification,
        meter_number: str | None,
        layout: str,
        received: datetime,
        *,
        retained: bool,
    ) -> Reading:
        """Check what does not depend on other telegrams' values."""
        time = said.meter_time
        if retained and (time is None or abs((time - received).total_seconds()) > FRESH):
            raise TelegramError(Reason.RETAINED, "a retained message from the past")
        if self._counter is not None and envelope.frame_counter < self._counter:
            self._lower.check(envelope.frame_counter, time, received, self._plausibility)
        return Reading.of(
            envelope.system_title, envelope.frame_counter, said, meter_number, layout, received
        )

    def _believe(
        self,
        reading: Reading,
        said: Notification,
        received: datetime,
        *,
        proven: bool,
        checked: bool = False,
    ) -> Reading:
        """Pass the gates; what fell is left out."""
        at = received.timestamp()
        sample = Sample(
            said.values,
            reading.frame_counter,
            said.invoke,
            None if reading.clock_skew is None else reading.clock_skew + at,
            at,
            said.clocks_agree,
            said.status,
            reading.meter_number,
            proven,
            checked,
        )
        suspicion, fallen, late = self._plausibility.judge(sample)
        if suspicion is not None:
            self.held = reading
            fell = suspicion.gate == FALLS
            reason = Reason.REGISTER_FELL if fell else Reason.UNCONFIRMED
            raise TelegramError(reason, suspicion.gate)
        self._counter = reading.frame_counter
        self._system_title = reading.system_title
        self.accepted += 1
        if fallen or late:
            # The values are what the next telegram is compared with: they stay as they are.
            left = dict(reading.values)
            for key in (*fallen, *late):
                left.pop(key, None)
            if "meter_time" in late:
                reading = reading._replace(meter_time=None)
            # Where details wait, an impossible one may be damage as well.
            missing = () if late else reading.missing
            return reading._replace(values=left, late=late, missing=missing)
        return reading

    def _explain(self, plaintext: bytes, error: TelegramError, *, proven: bool) -> TelegramError:
        """Tell a key that does not fit from a telegram that was damaged on the way.

        Once the key has fitted, one telegram is no proof: two flipped bits in the frame
        counter look the same.
        """
        fits = proven or error.reason is not Reason.STRUCTURE
        if fits or notification.looks_like_notification(plaintext):
            return error
        if notification.looks_like_text(plaintext):
            return error
        self._refuted += 1
        if self.accepted and self._refuted < _WRONG_KEY_AFTER:
            return TelegramError(Reason.STRUCTURE, "the telegram makes no sense with the key")
        return TelegramError(Reason.WRONG_KEY, "the telegram is intact but the key does not fit")

    def _explain_tag(
        self, unit: DataUnit, envelope: Envelope, error: TelegramError
    ) -> TelegramError:
        """Tell a wrong authentication key from a wrong key, and both from damage."""
        plaintext = self._decipherer.plaintext(envelope).to_bytes(len(envelope.ciphertext))
        try:
            if plaintext[:1] == b"/":
                dsmr.read(plaintext)
            else:
                notification.read(plaintext, scalers=unit.framing is Framing.MBUS)
        except TelegramError as other:
            return self._explain(plaintext, other, proven=False)
        self._refuted += 1
        if self.accepted and self._refuted < _WRONG_KEY_AFTER:
            # The tags before did fit: it is a value that was changed on the way.
            return TelegramError(Reason.STRUCTURE, "the tag does not fit to the bytes")
        return error
