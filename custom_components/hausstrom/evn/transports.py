"""The ways on which the telegrams of a meter come: messages of a broker, bytes of a port."""

from collections.abc import Callable, Mapping

from homeassistant.const import CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady

from ..const import CONF_SOURCE, CONF_TOPIC, DOMAIN, LOGGER
from ..coordinator import HausstromConfigEntry
from ..mqtt_link.link import MessageListener, MqttLink
from ..mqtt_link.transport import MqttTransport
from ..transport import Transport, TransportLost
from .const import CONF_LINE, SOURCE_SERIAL
from .serial_link import PortError, SerialLink, line_named


class SerialTransport:
    """A serial port, or its address in the network."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: HausstromConfigEntry,
        *,
        data: Callable[[bytes], bytes],
        lost: TransportLost,
    ) -> None:
        """Hand the bytes of the entry's port to `data`, which returns the answer to them."""
        self._name = entry.title
        self._url: str = entry.data[CONF_PORT]
        self._line = line_named(entry.data.get(CONF_LINE, ""))
        self._lost = lost
        self._port = SerialLink(hass, self._url, self._line, data, self._port_changed)

    @property
    def connected(self) -> bool:
        """Whether the port is open."""
        return self._port.connected

    async def async_start(self) -> None:
        """Open the port; see Transport."""
        try:
            await self._port.async_start()
        except PortError as error:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key=error.reason.value,
                translation_placeholders={"port": self._url},
            ) from error

    @callback
    def _port_changed(self, error: PortError | None) -> None:
        if error is None:
            LOGGER.debug("The port of %s is open again", self._name)
        else:
            # What has not changed since is logged no second time (async_set_update_error).
            self._lost(error.reason.value, port=self._url)

    async def async_stop(self) -> None:
        """Close the port: one that stays open blocks the next start."""
        await self._port.async_stop()

    def diagnostics(self) -> Mapping[str, object]:
        """Return what is known of the port."""
        return {"connected": self._port.connected, "line": self._line.spelled}


def make_transport(
    hass: HomeAssistant,
    entry: HausstromConfigEntry,
    *,
    message: MessageListener,
    data: Callable[[bytes], bytes],
    lost: TransportLost,
) -> Transport:
    """Return the way on which an entry's telegrams come: as messages, or as bytes."""
    if entry.data[CONF_SOURCE] == SOURCE_SERIAL:
        return SerialTransport(hass, entry, data=data, lost=lost)

    async def subscribe(link: MqttLink) -> None:
        await link.async_subscribe(entry.data[CONF_TOPIC], message)

    return MqttTransport(hass, entry, subscribe=subscribe, lost=lost)
