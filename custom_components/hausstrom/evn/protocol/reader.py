"""From what a message brings to readings that can be believed.

One MeterReader reads one meter: it joins segments, deciphers, reads, and judges, and it
counts what it refuses by reason. It knows no clock: the time of receipt is passed in.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from . import notification
from .ciphering import Decipherer, Envelope, open_envelope
from .errors import LINE_NOISE, Reason, TelegramError
from .layout import Layout
from .mbus import Assembler, Unit, payload_bytes, scan
from .notification import Notification, Number
from .plausibility import EXCHANGE, Plausibility, Sample

__all__ = ["Envelope", "Heard", "MeterReader", "Reading", "envelopes"]

FRESH: Final = 60.0
"""Seconds within which the clock in a retained message must agree with ours."""
_WRONG_KEY_AFTER: Final = 3
_LAYOUTS: Final = 8
_ONCE: Final = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """One telegram, believed. Values by the key of the entity; absent where not sent.

    Units: Wh, W (`power` is import minus export), V, A, varh; the power factor has none.
    """

    system_title: bytes
    frame_counter: int
    meter_number: str | None
    meter_time: datetime | None
    clock_skew: float | None
    """Seconds by which the meter's clock is ahead of the time of receipt."""
    values: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Heard:
    """What one message brought."""

    readings: tuple[Reading, ...]
    rejections: tuple[TelegramError, ...]


def envelopes(payload: bytes) -> list[Envelope]:
    """Return what one message tells without the key.

    Raises TelegramError when there is no whole telegram in it.
    """
    assembler = Assembler()
    units, dropped = assembler.feed(scan(payload_bytes(payload)), _ONCE)
    found: list[Envelope] = []
    for unit in units:
        try:
            found.append(open_envelope(unit.data))
        except TelegramError as error:
            dropped.append(error)
    if found:
        return found
    if dropped:
        raise dropped[0]
    raise TelegramError(Reason.INCOMPLETE, "the end of the telegram is not in the message")


class _Shape(NamedTuple):
    """What two telegrams must have in common to be read alike."""

    link: bytes
    security: int
    size: int


class MeterReader:
    """Reads the telegrams of one meter; never raises for what a message holds."""

    def __init__(
        self,
        key: bytes,
        *,
        authentication_key: bytes | None = None,
        system_title: bytes | None = None,
    ) -> None:
        """`key`: 16 bytes. Without `system_title` the first meter that the key fits is ours."""
        self._decipherer = Decipherer(key, authentication_key)
        self._system_title = system_title
        self._assembler = Assembler()
        self._layouts: dict[_Shape, Layout] = {}
        self._unconfirmed: dict[_Shape, tuple[Layout, int]] = {}
        self._plausibility = Plausibility()
        self._counter: int | None = None
        self._lower: tuple[int, int] | None = None
        self._refuted = 0
        self.rejected: Counter[Reason] = Counter()
        self.accepted = 0

    @property
    def system_title(self) -> bytes | None:
        """The meter that is read; None until the first telegram was believed."""
        return self._system_title

    def feed(self, payload: bytes, *, received: datetime, retained: bool = False) -> Heard:
        """Read a message; `received` must be aware.

        A retained message may be days old: it counts only when the meter's clock in it
        shows the present.
        """
        readings: list[Reading] = []
        rejections: list[TelegramError] = []
        try:
            units, dropped = self._assembler.feed(scan(payload_bytes(payload)), received)
        except TelegramError as error:
            rejections.append(error)
        else:
            rejections += dropped
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
                self._plausibility.probation = True

    def _read(self, unit: Unit, received: datetime, *, retained: bool) -> Reading:
        envelope = open_envelope(unit.data)
        if self._system_title is not None and envelope.system_title != self._system_title:
            raise TelegramError(Reason.FOREIGN_METER, "the telegram of another meter")
        counter = envelope.frame_counter
        if counter == self._counter:
            raise TelegramError(Reason.REPLAY, "this telegram was heard already")
        shape = _Shape(unit.link, envelope.security, len(envelope.ciphertext))
        said, layout = self._decode(envelope, shape)
        time = said.meter_time
        at = received.timestamp()
        skew = None if time is None else (time - received).total_seconds()
        if retained and (skew is None or abs(skew) > FRESH):
            raise TelegramError(Reason.RETAINED, "a retained message from the past")
        self._check_counter(counter, None if skew is None else skew + at)
        self._check_layout(shape, layout)
        values = said.values
        sample = Sample.of(
            values,
            counter,
            said.invoke,
            None if skew is None else skew + at,
            at,
            clocks_agree=said.clocks_agree,
        )
        suspicion = self._plausibility.judge(sample)
        if suspicion is not None:
            reason = Reason.IMPLAUSIBLE if suspicion.patience == 0 else Reason.UNCONFIRMED
            raise TelegramError(reason, suspicion.gate)
        self._counter, self._lower = counter, None
        self._system_title = envelope.system_title
        self.accepted += 1
        _add_power(values)
        return Reading(envelope.system_title, counter, layout.meter_number, time, skew, values)

    def _decode(self, envelope: Envelope, shape: _Shape) -> tuple[Notification, Layout]:
        number = self._decipherer.decipher(envelope)
        layout = self._layouts.get(shape)
        if layout is not None and (said := layout.read(number)) is not None:
            self._refuted = 0
            return said, layout
        plaintext = number.to_bytes(shape.size)
        try:
            said, anatomy = notification.read(plaintext)
        except TelegramError as error:
            raise self._explain(plaintext, error) from None
        self._refuted = 0
        return said, Layout.of(plaintext, anatomy)

    def _explain(self, plaintext: bytes, error: TelegramError) -> TelegramError:
        """Tell a key that does not fit from a telegram that was damaged on the way.

        Once the key has fitted, one telegram is no proof: two flipped bits in the frame
        counter look the same.
        """
        if notification.looks_like_notification(plaintext):
            return error
        if notification.looks_like_text(plaintext):
            return TelegramError(
                Reason.OTHER_PROTOCOL, "the key fits, but the meter sends DSMR text"
            )
        self._refuted += 1
        if self.accepted and self._refuted < _WRONG_KEY_AFTER:
            return TelegramError(Reason.STRUCTURE, "the telegram makes no sense with the key")
        return TelegramError(Reason.WRONG_KEY, "the telegram is intact but the key does not fit")

    def _check_counter(self, counter: int, time: float | None) -> None:
        """Let a lower frame counter pass only when it goes on counting from there.

        With a clock that goes back as well it is the past that is played again.
        """
        if self._counter is None or counter > self._counter:
            return
        before, times = self._lower or (-1, 0)
        times = times + 1 if counter > before else 1
        self._lower = (counter, times)
        last = self._plausibility.last
        past = time is not None and last is not None and time <= (last.time or 0)
        if times < EXCHANGE or past:
            raise TelegramError(Reason.REPLAY, "the frame counter went back")

    def _check_layout(self, shape: _Shape, layout: Layout) -> None:
        """Let telegrams of a new shape (or of a new meter number) pass when repeated."""
        known = self._layouts.get(shape)
        if known is layout:
            return
        if self._layouts:
            first, times = self._unconfirmed.get(shape, (layout, 0))
            times = times + 1 if first.same_as(layout) else 1
            if len(self._unconfirmed) >= _LAYOUTS:
                self._unconfirmed.clear()
            self._unconfirmed[shape] = (layout, times)
            if times < EXCHANGE:
                raise TelegramError(Reason.UNCONFIRMED, "telegrams of this meter looked different")
            del self._unconfirmed[shape]
        if len(self._layouts) >= _LAYOUTS:
            self._layouts.clear()
        self._layouts[shape] = layout


def _add_power(values: dict[str, Number]) -> None:
    """Add import minus export, to the digits that the meter shows."""
    imported, exported = values.get("power_import"), values.get("power_export")
    if imported is not None and exported is not None:
        power = imported - exported
        values["power"] = round(power, 9) if isinstance(power, float) else power
