"""What the set-up hears: collected until a meter is found, or until it is known why not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..mqtt_link.link import MqttLink, MqttMessage
from .const import SETTLING
from .protocol.ciphering import manufacturer
from .protocol.errors import Reason, TelegramError
from .protocol.reader import Heard, MeterReader, Reading
from .protocol.rhythm import TelegramRhythm
from .protocol.stream import Framing
from .serial_link import LineSpeed, Port, PortError, lines_of
from .topics import NO_TELEGRAM

TRYING: Final = 14.0
"""Seconds at one speed: two telegrams of a meter that sends every five or six."""

_LOST_FOR_GOOD: Final = 4
"""Times that a port is lost before anything was whole, and opened again."""

_ERRORS: Final = (
    (Reason.LAYOUT, "unknown_layout"),
    (Reason.NO_REGISTER, "no_register"),
    (Reason.TAG, "wrong_authentication_key"),
    (Reason.WRONG_KEY, "wrong_key"),
    (Reason.NOT_CIPHERED, "not_encrypted"),
    (Reason.PLAIN_TEXT, "plain_text"),
    (Reason.AMIS, "amis_meter"),
    (Reason.NES, "nes_meter"),
    (Reason.OTHER_PROTOCOL, "other_protocol"),
    (Reason.SECURITY, "other_protocol"),
    (Reason.CHECKSUM, "damaged"),
    (Reason.STRUCTURE, "damaged"),
    (Reason.SEGMENT, "damaged"),
    (Reason.INCOMPLETE, "pieces"),
    (Reason.JSON, "json_without_telegram"),
)
"""What the form says, by what was heard: what tells most comes first."""

_DEFINITE: Final = frozenset(reason for reason, _ in _ERRORS) - {
    Reason.CHECKSUM,
    Reason.STRUCTURE,
    Reason.SEGMENT,
    Reason.INCOMPLETE,
}
_FRAMINGS: Final = {
    Framing.MBUS: "M-Bus",
    Framing.HDLC: "HDLC",
    Framing.BARE: "DLMS",
    Framing.AMIS: "M-Bus (AMIS)",
}


class Nothing:
    """Why no meter was found."""

    __slots__ = ("error", "placeholders")

    def __init__(self, error: str, placeholders: dict[str, str]) -> None:
        """Take the error of the form, and what it shows."""
        self.error, self.placeholders = error, placeholders


class Ear:
    """Listens for one meter; whoever brings bytes calls it."""

    def __init__(
        self,
        hass: HomeAssistant,
        key: bytes,
        authentication_key: bytes | None,
        *,
        port: bool,
        patience: float,
        patient: bool = False,
        shared: bool = False,
    ) -> None:
        """`port`: whether the bytes come from a serial port, not in messages.

        `patience`: how long (s) a telegram of the meter waits for a second one. `patient`: whether to wait until the end for a meter that the key fits; `shared`:
        whether other programs' messages come as well, as they do on a topic with wildcards.
        """
        self._hass = hass
        self._key = key
        self._authentication_key = authentication_key
        self._port = port
        self._patience = patience
        self._definite: frozenset[Reason] = frozenset() if patient else _DEFINITE
        self._of_the_meter = frozenset(Reason)
        if shared:
            self._definite -= {Reason.JSON}
            self._of_the_meter -= NO_TELEGRAM
        self.reader = self._new_reader()
        self.reading: Reading | None = None
        self.rhythm = TelegramRhythm()
        self.done = asyncio.Event()
        self.framed = False
        """Whether any frame was whole: the speed of a port is right."""
        self._lost: list[PortError] = []
        self._rejected: Counter[Reason] = Counter()
        self._details: dict[Reason, str] = {}
        self._sizes: list[int] = []
        self._settling: Callable[[], None] | None = None
        self._agreeing: Callable[[], None] | None = None

    def _new_reader(self) -> MeterReader:
        return MeterReader(self._key, authentication_key=self._authentication_key)

    @property
    def found(self) -> Reading | None:
        """What the meter says: believed, or held back and of the right key."""
        return self.reading or self.reader.held

    @callback
    def message(self, message: MqttMessage) -> None:
        """Take an MQTT message."""
        if not message.retain:
            self._sizes.append(len(message.payload))
        self._take(
            self.reader.feed(message.payload, received=dt_util.utcnow(), retained=message.retain)
        )

    @callback
    def bytes(self, data: bytes) -> None:
        """Take bytes of a serial port."""
        self._sizes.append(len(data))
        self._take(self.reader.feed_bytes(data, received=dt_util.utcnow()))

    @callback
    def begin_anew(self) -> None:
        """Forget half a telegram: the speed has changed."""
        if not self.framed:
            self.reader = self._new_reader()

    @callback
    def lost(self, error: PortError) -> None:
        """Note that the port was lost: a server that lets in and throws out does so each time."""
        self._lost.append(error)
        if not self.framed and len(self._lost) >= _LOST_FOR_GOOD:
            self.finish()

    def _take(self, heard: Heard) -> None:
        self.framed = self.framed or self.reader.found is not None
        for rejection in heard.rejections:
            self._reject(rejection)
        if heard.readings or any(one.reason in self._of_the_meter for one in heard.rejections):
            self.rhythm.heard(monotonic())
        if heard.readings:
            self.reading = heard.readings[-1]
            self.finish()
        elif self.reader.held is not None and self._agreeing is None:
            self._agreeing = async_call_later(self._hass, self._patience, self._agreed)

    def _reject(self, rejection: TelegramError) -> None:
        reason = rejection.reason
        self._rejected[reason] += 1
        self._details[reason] = rejection.detail
        if reason in {Reason.NOT_CIPHERED, Reason.PLAIN_TEXT, Reason.AMIS, Reason.FOREIGN_METER}:
            self.framed = True
        if reason in self._definite and self._settling is None:
            # Another meter may come on the same topic, and the key may be its key.
            self._settling = async_call_later(self._hass, SETTLING, self._settled)

    @callback
    def _settled(self, _now: object) -> None:
        if self.reader.held is None:
            self.finish()

    @callback
    def _agreed(self, _now: object) -> None:
        self.finish()

    @callback
    def finish(self) -> None:
        """End the listening."""
        self.close()
        self.done.set()

    @callback
    def close(self) -> None:
        """Stop the timers."""
        for stop in (self._settling, self._agreeing):
            if stop is not None:
                stop()
        self._settling = self._agreeing = None

    @property
    def heard(self) -> bool:
        """Whether any byte came."""
        return bool(self._sizes)

    def nothing(self) -> Nothing:
        """Say why there is no meter."""
        found = self.reader.found
        placeholders = {
            "manufacturer": (manufacturer(found.system_title) or "?") if found else "?",
            "framing": _FRAMINGS[found.framing] if found else "?",
            "bytes": str(found.size) if found else "?",
            "heard": str(len(self._sizes)),
            "piece": str(max(self._sizes, default=0)),
            "detail": "",
        }
        for reason, error in _ERRORS:
            if self._rejected[reason]:
                placeholders["detail"] = self._details[reason]
                return Nothing(error, placeholders)
        if self._lost:
            return Nothing(self._lost[-1].reason.value, placeholders)
        if not self._sizes:
            return Nothing("no_bytes" if self._port else "no_telegram", placeholders)
        if self.reader.waiting:
            return Nothing("pieces", placeholders)
        return Nothing("no_frames" if self._port else "not_a_telegram", placeholders)


@asynccontextmanager
async def _listening(ear: Ear) -> AsyncIterator[None]:
    try:
        yield
    finally:
        ear.close()


async def async_listen_mqtt(ear: Ear, link: MqttLink, topic: str, seconds: float) -> None:
    """Listen to a topic until a meter is found, or it is known why not; raises LinkError."""
    unsubscribe = await link.async_subscribe(topic, ear.message)
    try:
        async with _listening(ear), asyncio.timeout(seconds):
            await ear.done.wait()
    except TimeoutError:
        pass
    finally:
        unsubscribe()


async def async_listen_port(ear: Ear, url: str, seconds: float) -> LineSpeed:
    """Listen at a port, at one speed after the other; return the one that bytes make sense at.

    Raises PortError if the port cannot be opened at any.
    """
    lines = lines_of(url)
    line = lines[0]
    try:
        async with _listening(ear), asyncio.timeout(seconds):
            while not ear.done.is_set():
                for line in lines:
                    # An AMIS asks once a minute: where nothing at all is heard, wait for it.
                    patient = len(lines) == 1 or (line is lines[-1] and not ear.heard)
                    await _async_try(ear, url, line, None if patient else TRYING)
                    if ear.framed or ear.done.is_set():
                        break
    except TimeoutError:
        pass
    return line


async def _async_try(ear: Ear, url: str, line: LineSpeed, seconds: float | None) -> None:
    """Listen at one speed: for a while, or as long as frames come."""
    port = await Port.open(url, line)
    ear.begin_anew()
    reading = asyncio.ensure_future(_async_pump(ear, port))
    try:
        done = asyncio.ensure_future(ear.done.wait())
        try:
            await asyncio.wait(
                {reading, done}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if ear.framed and not done.done() and not reading.done():
                await asyncio.wait({reading, done}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            done.cancel()
        if reading.done() and not ear.done.is_set():
            await asyncio.sleep(1)  # lost at once: a server that lets in and throws out
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await port.close()


async def _async_pump(ear: Ear, port: Port) -> None:
    while True:
        try:
            ear.bytes(await port.read())
            if answer := ear.reader.answer():
                await port.write(answer)
        except PortError as error:
            ear.lost(error)
            return
