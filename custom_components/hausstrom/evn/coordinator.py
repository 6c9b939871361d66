"""A smart meter's telegrams, from its wire to the entities."""

import logging
from time import monotonic
from typing import Any, Final, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.util import dt as dt_util

from ..common.value import Value
from ..const import CONF_TOPIC, CONF_UPDATE_INTERVAL, DOMAIN, LOGGER
from ..coordinator import HausstromConfigEntry
from ..mqtt_link.link import MqttMessage
from ..push_coordinator import PushCoordinator
from .const import (
    CONF_AUTHENTICATION_KEY,
    CONF_KEY,
    CONF_METER_NUMBER,
    CONF_SYSTEM_TITLE,
    DEFAULT_UPDATE_INTERVAL,
    PRESENCE,
)
from .descriptions import DIAGNOSTICS, MEASUREMENTS
from .issues import (
    async_clear_all,
    async_clear_fall,
    async_clear_foreign_meter,
    async_complain,
    async_report_fall,
    async_report_foreign_meter,
    async_stop_complaining,
)
from .memory import (
    Handover,
    Kept,
    as_content,
    from_content,
    hand_over,
    store_of,
    take_over,
)
from .protocol.ciphering import manufacturer
from .protocol.errors import HELD_BACK, Reason, TelegramError
from .protocol.identity import MeterIdentity, identity
from .protocol.reader import Heard, MeterReader, Reading
from .protocol.refusals import Refusals
from .protocol.rhythm import UNKNOWN_SILENCE, TelegramRhythm
from .publishing import Publisher
from .topics import MeterTopics
from .transports import make_transport

# So many in a row, with none that fits between them, are no accident of the line.
WRONG_KEYS_BEFORE_REAUTH: Final = 3
FOREIGN_TELEGRAMS_BEFORE_ISSUE: Final = 3
# Another meter that has not been heard for so long (s) shares the topic no longer.
FOREIGN_GONE: Final = 900.0
# A register that shows less than before for so long (s) is a question for the user.
FALL_ASKS: Final = 3600.0
_KEYS: Final = frozenset({Reason.WRONG_KEY, Reason.TAG})
_HELD: Final = HELD_BACK - {Reason.REPLAY}  # what only comes once more has nothing to keep
# What is no sign of the meter now: an old message, and what is not counted among the lost.
_UNHEARD: Final = frozenset({Reason.RETAINED})


class EvnCoordinator(PushCoordinator):
    """Read the meter of one config entry."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to read with the entry's key, from the entry's meter only."""
        transport = make_transport(
            hass,
            entry,
            message=self._receive_message,
            data=self._receive_data,
            lost=self.async_set_silent,
        )
        super().__init__(
            hass,
            entry,
            transport,
            silence=UNKNOWN_SILENCE,
            write_interval=entry.options.get(CONF_UPDATE_INTERVAL, DEFAULT_UPDATE_INTERVAL),
        )
        self._system_title = bytes.fromhex(entry.data[CONF_SYSTEM_TITLE])
        self._store = store_of(hass, entry.entry_id, self._collect)
        self._rhythm = TelegramRhythm()
        self._reader = self._new_reader(Kept())
        self._meter_number: str | None = entry.data.get(CONF_METER_NUMBER)
        self._identity = MeterIdentity()
        self._refusals = Refusals()
        self._details: dict[str, str] = {}
        self._wrong_keys_in_a_row = 0
        self._foreign_telegrams = 0
        self._foreign_heard = 0.0
        self._believed_at: float | None = None
        self._reading: Reading | None = None
        self._clock_skew: float | None = None
        self._complained = self._asked = False
        self._topics = MeterTopics(entry.data.get(CONF_TOPIC, ""))
        self._publisher = Publisher(hass, entry, transport)

    def _new_reader(self, kept: Kept) -> MeterReader:
        data = self.config_entry.data
        second = data.get(CONF_AUTHENTICATION_KEY)
        return MeterReader(
            bytes.fromhex(data[CONF_KEY]),
            authentication_key=bytes.fromhex(second) if second else None,
            system_title=self._system_title,
            memory=kept.memory,
        )

    @override
    async def _async_setup(self) -> None:
        kept = from_content(await self._store.async_load())
        self._rhythm = TelegramRhythm(kept.interval)
        self._reader = self._new_reader(kept)
        self.async_offer(Platform.SENSOR, DIAGNOSTICS)
        heard = take_over(self.hass, self.config_entry.unique_id, self._keys, monotonic())
        if heard is not None:
            # This meter was read a moment ago, by the set-up or before a reload.
            self._reader = heard.reader
            self._rhythm = heard.rhythm
            if heard.paused:
                self._reader.doubt()
            if heard.reading is not None:
                self._accept(heard.reading)
        self._silence = self._rhythm.silence
        await super()._async_setup()

    @property
    def _keys(self) -> tuple[str, str | None]:
        data = self.config_entry.data
        return data[CONF_KEY], data.get(CONF_AUTHENTICATION_KEY)

    @property
    def interval(self) -> float | None:
        """The usual seconds from telegram to telegram; None as long as nothing is known."""
        return self._rhythm.interval

    def _collect(self) -> dict[str, Any]:
        return as_content(self._reader.memory, self._rhythm.interval)

    @callback
    def _receive_message(self, message: MqttMessage) -> None:
        if self._is_believed and self._topics.is_others(message.topic):
            return
        heard = self._reader.feed(
            message.payload, received=dt_util.utcnow(), retained=message.retain
        )
        self._topics.note(message.topic, heard, waiting=self._reader.waiting)
        self._take_heard(heard)

    @callback
    def _receive_data(self, data: bytes) -> bytes:
        """Take bytes of a port; return what the meter waits for, if it does."""
        self._take_heard(self._reader.feed_bytes(data, received=dt_util.utcnow()))
        return self._reader.answer()

    @callback
    def _take_heard(self, heard: Heard) -> None:
        """Take what a message, or bytes of a port, brought."""
        for rejection in heard.rejections:
            self._reject(rejection)
        for reading in heard.readings:
            self._accept(reading)

    @callback
    def _note_heard(self) -> None:
        """Note that a telegram came, believed or not: the reader at the meter works."""
        self._rhythm.heard(monotonic())
        silence = self._rhythm.silence
        if silence < self._silence and self._watchdog is not None:
            # The watch was set when less was known of the rhythm.
            self._watchdog()
            self._watchdog = None
        self._silence = silence

    @callback
    def _accept(self, reading: Reading) -> None:
        self._wrong_keys_in_a_row = 0
        reading = self._with_what_waits(reading)
        self._reading = reading
        self._clock_skew = reading.clock_skew
        self._believed_at = monotonic()
        self._note_heard()
        self._refusals.believed()
        if self._complained:
            self._complained = False
            async_stop_complaining(self.hass, self.config_entry)
        self._note_identity(reading)
        self.async_set_present(PRESENCE, True)
        values: dict[str, Value] = {
            **reading.values,
            **dict.fromkeys(reading.missing),
            "meter_time": reading.meter_time,
            "frame_counter": reading.frame_counter,
            "telegrams_rejected": self._lost,
        }
        self.async_push(values)
        self.async_offer(
            Platform.SENSOR,
            [description for description in MEASUREMENTS if description.key in reading.values],
        )
        self._store.changed()
        self._look_after_falls()
        if self._foreign_telegrams and self._believed_at - self._foreign_heard > FOREIGN_GONE:
            self._foreign_telegrams = 0
            async_clear_foreign_meter(self.hass, self.config_entry)
        self._publisher.publish(reading)

    @property
    def _is_believed(self) -> bool:
        """Whether what was believed last is not too long ago."""
        return self._believed_at is not None and monotonic() - self._believed_at <= self._silence

    def _with_what_waits(self, reading: Reading) -> Reading:
        """Fill in what was shown last for what waits for the next telegram.

        After a silence that is old: then it is missing until it comes.
        """
        if not reading.late:
            return reading
        before = self._reading
        if before is None or not self._is_believed:
            return reading._replace(missing=(*reading.missing, *reading.late), late=())
        waits = {key: before.values[key] for key in reading.late if key in before.values}
        time = before.meter_time if "meter_time" in reading.late else reading.meter_time
        return reading._replace(values={**waits, **reading.values}, meter_time=time, late=())

    def _note_identity(self, reading: Reading) -> None:
        known = identity(
            reading.system_title, reading.layout, single_phase="voltage_l2" not in reading.values
        )
        number = reading.meter_number or self._meter_number
        if (number, known) == (self._meter_number, self._identity):
            return
        self._meter_number, self._identity = number, known
        self.async_update_device()

    def _look_after_falls(self) -> None:
        since = self._reader.fallen_since
        if since is None:
            if self._asked:
                self._asked = False
                async_clear_fall(self.hass, self.config_entry)
        elif not self._asked and dt_util.utcnow().timestamp() - since > FALL_ASKS:
            self._asked = True
            async_report_fall(self.hass, self.config_entry)

    @property
    def _lost(self) -> int:
        """Telegrams that were refused; one that only waited for the next is not lost."""
        rejected = self._reader.rejected
        return rejected.total() - rejected[Reason.UNCONFIRMED]

    @callback
    def _reject(self, rejection: TelegramError) -> None:
        self._details[rejection.reason.value] = rejection.detail
        if self._reader.rejected[rejection.reason] == 1:
            # What is held back comes five seconds later: nothing to worry anybody with.
            held_back = rejection.reason is Reason.UNCONFIRMED
            LOGGER.log(
                logging.DEBUG if held_back else logging.WARNING,
                "A telegram of %s was rejected: %s. More of these are only counted;"
                " see the diagnostics of the device",
                self.name,
                rejection,
            )
        if rejection.reason in _UNHEARD:
            self.async_note({"telegrams_rejected": self._lost})
            return
        if rejection.reason in _HELD:
            self._store.changed()  # what waits goes on waiting after a stop
        now = monotonic()
        if not self._topics.may_be_of_others(rejection.reason):
            self._note_heard()
        if rejection.reason in _KEYS:
            self._wrong_keys_in_a_row += 1
            if self._wrong_keys_in_a_row == WRONG_KEYS_BEFORE_REAUTH:
                self.config_entry.async_start_reauth(self.hass)
        elif rejection.reason is Reason.FOREIGN_METER:
            self._foreign_telegrams += 1
            self._foreign_heard = now
            if self._foreign_telegrams == FOREIGN_TELEGRAMS_BEFORE_ISSUE:
                async_report_foreign_meter(self.hass, self.config_entry)
        if (complaint := self._refusals.refused(rejection, now)) is not None:
            self._complained = True
            async_complain(self.hass, self.config_entry, complaint)
        if not self._is_believed:
            # Heard, and nothing of it is believed: what was shown last is old now.
            self.async_set_present(PRESENCE, False)
        self.async_push({"telegrams_rejected": self._lost})

    @callback
    @override
    def async_set_silent(self, translation_key: str, /, **placeholders: str) -> None:
        # When something is heard again that is refused, old values must not come back.
        self.async_set_present(PRESENCE, False)
        super().async_set_silent(translation_key, **placeholders)

    @override
    async def async_shutdown(self) -> None:
        """Write down what is known, and keep it for a reload."""
        await super().async_shutdown()
        # What is still wrong is said again by whoever listens next.
        async_clear_all(self.hass, self.config_entry)
        if self._believed_at is not None:
            hand_over(
                self.hass,
                self.config_entry.unique_id,
                Handover(
                    self._keys,
                    self._reader,
                    self._reading,
                    self._rhythm,
                    self._believed_at,
                    paused=True,
                ),
                again=True,
            )
        await self._store.async_close()

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        model, operator = self._identity
        return DeviceInfo(
            identifiers={(DOMAIN, str(self.config_entry.unique_id))},
            translation_key="smart_meter",
            manufacturer=manufacturer(self._system_title),
            model=f"{model} ({operator})" if model and operator else model,
            serial_number=self._meter_number,
        )

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add the counts of what was accepted and rejected, and why."""
        found = self._reader.found
        return {
            **super().diagnostics(),
            "manufacturer": manufacturer(self._system_title),
            "model": self._identity.model,
            "operator": self._identity.operator,
            "framing": None if found is None else found.framing.value,
            "telegram_bytes": None if found is None else found.size,
            "authenticated": None if found is None else found.authenticated,
            "interval_seconds": self._rhythm.interval,
            "silence_seconds": self._silence,
            "telegrams_accepted": self._reader.accepted,
            "telegrams_rejected": {
                reason.value: count for reason, count in self._reader.rejected.items()
            },
            "refused_because": dict(self._details),
            "left_out": list(self._reader.left_out),
            "clock_skew_seconds": self._clock_skew,
        }
