"""Passing a meter's values on, as plain JSON, to a topic that the user names."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..coordinator import HausstromConfigEntry
from ..mqtt_link.link import LinkError, MqttLink
from ..mqtt_link.transport import MqttTransport
from ..transport import Transport
from .const import CONF_PUBLISH_TOPIC
from .protocol.reader import Reading
from .protocol.values_json import values_json

_TASK: Final = "hausstrom publish values"


class Publisher:
    """Publishes readings on the broker that the telegrams come from; without one, nothing."""

    def __init__(
        self, hass: HomeAssistant, entry: HausstromConfigEntry, transport: Transport
    ) -> None:
        """Publish where the entry's options say."""
        self._hass = hass
        self._entry = entry
        self._link = transport.link if isinstance(transport, MqttTransport) else None
        self._topic: str = entry.options.get(CONF_PUBLISH_TOPIC, "")
        self._fails = False

    @callback
    def publish(self, reading: Reading) -> None:
        """Pass a reading on, in the background."""
        if self._link is not None and self._topic:
            values = values_json(reading, dt_util.utcnow())
            self._entry.async_create_background_task(
                self._hass, self._async_publish(self._link, values), _TASK
            )

    async def _async_publish(self, link: MqttLink, values: bytes) -> None:
        try:
            await link.async_publish(self._topic, values)
        except LinkError as error:
            if not self._fails:
                LOGGER.warning("Values of %s could not be published: %s", self._entry.title, error)
            self._fails = True
        else:
            self._fails = False
