"""A smart meter's telegrams, from the broker to the entities."""

import logging
from datetime import datetime
from typing import Any, Final, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.util import dt as dt_util

from ..const import CONF_TOPIC, CONF_UPDATE_INTERVAL, DOMAIN, LOGGER
from ..coordinator import HausstromConfigEntry
from ..mqtt_link.coordinator import MqttCoordinator
from ..mqtt_link.link import LinkError, MqttMessage
from .const import (
    CONF_KEY,
    CONF_METER_NUMBER,
    CONF_PUBLISH_TOPIC,
    CONF_SYSTEM_TITLE,
    DEFAULT_UPDATE_INTERVAL,
    SILENCE,
)
from .descriptions import DIAGNOSTICS, MEASUREMENTS
from .protocol.ciphering import manufacturer
from .protocol.errors import Reason, TelegramError
from .protocol.reader import MeterReader, Reading
from .protocol.values_json import values_json

# So many in a row, with none that fits between them, are no accident of the line.
WRONG_KEYS_BEFORE_REAUTH: Final = 3
FOREIGN_TELEGRAMS_BEFORE_ISSUE: Final = 3


class EvnCoordinator(MqttCoordinator):
    """Read the meter of one config entry."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to read with the entry's key, from the entry's meter only."""
        super().__init__(
            hass,
            entry,
            silence=SILENCE,
            write_interval=entry.options.get(CONF_UPDATE_INTERVAL, DEFAULT_UPDATE_INTERVAL),
        )
        self._system_title = bytes.fromhex(entry.data[CONF_SYSTEM_TITLE])
        self._reader = MeterReader(
            bytes.fromhex(entry.data[CONF_KEY]), system_title=self._system_title
        )
        self._meter_number: str | None = entry.data.get(CONF_METER_NUMBER)
        self._publish_topic: str = entry.options.get(CONF_PUBLISH_TOPIC, "")
        self._publish_fails = False
        self._wrong_keys_in_a_row = 0
        self._foreign_telegrams = 0
        self._clock_skew: float | None = None

    @override
    async def async_subscribe(self) -> None:
        self.async_offer(Platform.SENSOR, DIAGNOSTICS)
        await self.link.async_subscribe(self.config_entry.data[CONF_TOPIC], self._receive)

    @callback
    def _receive(self, message: MqttMessage) -> None:
        received = dt_util.utcnow()
        heard = self._reader.feed(message.payload, received=received, retained=message.retain)
        for reading in heard.readings:
            self._accept(reading, received)
        for rejection in heard.rejections:
            self._reject(rejection)

    @callback
    def _accept(self, reading: Reading, received: datetime) -> None:
        self._wrong_keys_in_a_row = 0
        self._clock_skew = reading.clock_skew
        self.async_push(
            {
                **reading.values,
                "meter_time": reading.meter_time,
                "frame_counter": reading.frame_counter,
                "telegrams_rejected": self._lost,
            }
        )
        self.async_offer(
            Platform.SENSOR,
            [description for description in MEASUREMENTS if description.key in reading.values],
        )
        if reading.meter_number != self._meter_number:
            self._meter_number = reading.meter_number
            self.async_update_device()
        if self._publish_topic:
            self.config_entry.async_create_background_task(
                self.hass,
                self._async_publish(values_json(reading, received)),
                "hausstrom publish values",
            )

    @property
    def _lost(self) -> int:
        """Telegrams that were refused; one that only waited for the next is not lost."""
        rejected = self._reader.rejected
        return rejected.total() - rejected[Reason.UNCONFIRMED]

    async def _async_publish(self, values: bytes) -> None:
        try:
            await self.link.async_publish(self._publish_topic, values)
        except LinkError as error:
            if not self._publish_fails:
                LOGGER.warning("Values of %s could not be published: %s", self.name, error)
            self._publish_fails = True
        else:
            self._publish_fails = False

    @callback
    def _reject(self, rejection: TelegramError) -> None:
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
        if rejection.reason is Reason.WRONG_KEY:
            self._wrong_keys_in_a_row += 1
            if self._wrong_keys_in_a_row == WRONG_KEYS_BEFORE_REAUTH:
                self.config_entry.async_start_reauth(self.hass)
        elif rejection.reason is Reason.FOREIGN_METER:
            self._foreign_telegrams += 1
            if self._foreign_telegrams == FOREIGN_TELEGRAMS_BEFORE_ISSUE:
                async_report_foreign_meter(self.hass, self.config_entry)
        self.async_note({"telegrams_rejected": self._lost})

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        return DeviceInfo(
            identifiers={(DOMAIN, str(self.config_entry.unique_id))},
            translation_key="smart_meter",
            manufacturer=manufacturer(self._system_title),
            serial_number=self._meter_number,
        )

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add the counts of what was accepted and rejected, and why."""
        return {
            **super().diagnostics(),
            "manufacturer": manufacturer(self._system_title),
            "telegrams_accepted": self._reader.accepted,
            "telegrams_rejected": {
                reason.value: count for reason, count in self._reader.rejected.items()
            },
            "clock_skew_seconds": self._clock_skew,
        }


@callback
def async_report_foreign_meter(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Tell the user that another meter sends on the topic."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"foreign_meter_{entry.entry_id}",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="foreign_meter",
        translation_placeholders={"name": entry.title, "topic": entry.data[CONF_TOPIC]},
    )


@callback
def async_clear_foreign_meter(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw that; it comes again if the other meter does."""
    ir.async_delete_issue(hass, DOMAIN, f"foreign_meter_{entry.entry_id}")
