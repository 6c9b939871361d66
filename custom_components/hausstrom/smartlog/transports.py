"""The two ways in which the reports of a SmartLog come."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Final, override

from homeassistant.core import HomeAssistant, callback

from ..const import CONF_TOPIC, LOGGER
from ..coordinator import HausstromConfigEntry
from ..mqtt_link.coordinator import MqttCoordinator
from ..mqtt_link.link import MqttMessage
from .const import CONF_TRANSPORT, TRANSPORT_WEBHOOK
from .coordinator import SmartLogCoordinator
from .protocol.model import ReportError
from .webhook import NotReadyError, async_door, async_listen

MOST_WAITING: Final = 2_000
"""Messages that may wait for their turn; a gateway with a topic per meter sends hundreds."""


class SmartLogMqttCoordinator(SmartLogCoordinator, MqttCoordinator):
    """A gateway that publishes its reports."""

    @override
    async def async_subscribe(self) -> None:
        await self.link.async_subscribe(self.config_entry.data[CONF_TOPIC], self._receive, qos=1)

    @callback
    def _receive(self, message: MqttMessage) -> None:
        if self._waiting >= MOST_WAITING:
            self._counts["overrun"] += 1
            return
        self._waiting += 1
        self.config_entry.async_create_background_task(
            self.hass, self._async_receive(message), "hausstrom smartlog report"
        )

    async def _async_receive(self, message: MqttMessage) -> None:
        try:
            await self.async_take(message.payload, topic=message.topic, retained=message.retain)
        except ReportError, NotReadyError:
            pass  # counted; there is nobody to answer
        finally:
            self._waiting -= 1

    @property
    @override
    def _connected(self) -> bool:
        return self.link.connected

    @callback
    @override
    def _connection_changed(self, connected: bool) -> None:
        super()._connection_changed(connected)
        if not connected and self._rhythm.last:
            self.async_note({"reporting": False})


class SmartLogWebhookCoordinator(SmartLogCoordinator):
    """A gateway that posts its reports."""

    _end_webhook: Callable[[], None] | None = None

    @override
    async def _async_setup(self) -> None:
        await super()._async_setup()
        door = async_door(self.hass, self.config_entry.data, self.config_entry.title)
        kept = await door.kept.async_hand_over(self._async_take_late)
        # Nothing may come in between: what is kept after this waits for the next start.
        self._end_webhook = async_listen(
            self.hass,
            dict(self.config_entry.data),
            self.config_entry.title,
            self.async_take,
            self._count_status,
        )
        if kept:
            await door.kept.async_save()

    async def _async_take_late(self, body: bytes, came: datetime) -> None:
        with suppress(ReportError):  # counted; there is nobody left to answer
            await self.async_take(body, came=came)

    @callback
    def _count_status(self, status: HTTPStatus) -> None:
        name = f"answered_{status.value}"
        self._counts[name] += 1
        if status is HTTPStatus.UNAUTHORIZED and self._counts[name] == 1:
            LOGGER.warning(
                "%s: a report came with a wrong user name or password. Compare them with those"
                " shown under Reconfigure",
                self.name,
            )

    @override
    async def async_shutdown(self) -> None:
        """Close the webhook."""
        if self._end_webhook is not None:
            self._end_webhook()
            self._end_webhook = None
        await super().async_shutdown()


def make_coordinator(hass: HomeAssistant, entry: HausstromConfigEntry) -> SmartLogCoordinator:
    """Return the coordinator for the way in which the reports of an entry come."""
    if entry.data[CONF_TRANSPORT] == TRANSPORT_WEBHOOK:
        return SmartLogWebhookCoordinator(hass, entry)
    return SmartLogMqttCoordinator(hass, entry)
