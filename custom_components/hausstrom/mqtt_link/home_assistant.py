"""The end of a link at the broker of Home Assistant's own MQTT integration."""

import asyncio
import threading
from typing import Final, override

from homeassistant.components import mqtt
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import LOGGER
from .link import LinkError, LinkReason, MessageListener, MqttLink, MqttMessage

CONFIRM_TIMEOUT: Final = 2.0
RESUBSCRIBE_DELAY: Final = 0.1
"""Seconds after which Home Assistant has begun to subscribe again."""


class HomeAssistantLink(MqttLink):
    """The broker of Home Assistant's own MQTT integration."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Make a link that uses Home Assistant's connection."""
        super().__init__(hass)
        self._unsubscribe: list[CALLBACK_TYPE] = []

    @override
    async def async_start(self) -> None:
        if not await mqtt.async_wait_for_mqtt_client(self.hass):
            raise LinkError(LinkReason.NOT_SET_UP)
        self._unsubscribe.append(
            mqtt.async_subscribe_connection_status(self.hass, self._set_connected)
        )
        self.connected = mqtt.is_connected(self.hass)

    @override
    async def async_stop(self) -> None:
        while self._unsubscribe:
            self._unsubscribe.pop()()

    @override
    async def async_subscribe(
        self,
        topic_filter: str,
        listener: MessageListener,
        *,
        qos: int = 0,
        confirmed: bool = False,
    ) -> CALLBACK_TYPE:
        @callback
        def receive(message: mqtt.ReceiveMessage) -> None:
            # When Home Assistant's integration is reloaded, it copies its subscriptions to
            # a new client, where the function that it returned no longer ends them.
            payload = message.payload
            if unsubscribe in self._unsubscribe and isinstance(payload, bytes | bytearray):
                listener(MqttMessage(message.topic, bytes(payload), message.retain))

        try:
            unsubscribe = await mqtt.async_subscribe(
                self.hass, topic_filter, receive, qos, encoding=None
            )
        except HomeAssistantError as error:
            raise LinkError(LinkReason.NOT_SET_UP, str(error)) from error
        self._unsubscribe.append(unsubscribe)
        if confirmed and self.connected:
            await self._async_confirmed(topic_filter, qos)

        @callback
        def end() -> None:
            if unsubscribe in self._unsubscribe:
                self._unsubscribe.remove(unsubscribe)
                unsubscribe()

        return end

    @override
    async def async_resubscribed(self, topic_filter: str, *, qos: int = 0) -> None:
        # Home Assistant says that it is connected, and only then begins to subscribe again.
        await asyncio.sleep(RESUBSCRIBE_DELAY)
        if self.connected:
            await self._async_confirmed(topic_filter, qos)

    async def _async_confirmed(self, topic_filter: str, qos: int) -> None:
        """Wait until the broker has confirmed a subscription: what is asked before is not heard.

        Home Assistant collects subscriptions for a moment before it sends them. The wait is the
        executor's, so that its end does not depend on timers of the loop that it holds up.
        """
        confirmed = threading.Event()
        end = mqtt.async_on_subscribe_done(self.hass, topic_filter, qos, confirmed.set)
        try:
            if not await self.hass.async_add_executor_job(confirmed.wait, CONFIRM_TIMEOUT):
                LOGGER.debug("The broker has not confirmed a subscription; going on without")
        finally:
            confirmed.set()  # the thread goes, also where nobody waits for it any more
            end()

    @override
    async def async_publish(
        self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False
    ) -> None:
        if not self.connected:
            raise LinkError(LinkReason.CANNOT_CONNECT)
        content = payload.encode() if isinstance(payload, str) else payload
        try:
            await mqtt.async_publish(self.hass, topic, content, qos, retain, encoding=None)
        except HomeAssistantError as error:
            raise LinkError(LinkReason.CANNOT_CONNECT, str(error)) from error
