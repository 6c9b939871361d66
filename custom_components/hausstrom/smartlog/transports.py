"""The two ways in which the reports of a SmartLog come."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Final, Protocol

from homeassistant.core import HomeAssistant, callback

from ..const import CONF_TOPIC, LOGGER
from ..coordinator import HausstromConfigEntry
from ..mqtt_link.link import MqttLink, MqttMessage
from ..mqtt_link.transport import MqttTransport
from ..transport import Transport, TransportLost
from .const import CONF_TRANSPORT, TRANSPORT_WEBHOOK
from .protocol.model import ReportError
from .webhook import NotReadyError, async_door, async_listen

MOST_WAITING: Final = 2_000
"""Messages that may wait for their turn; a gateway with a topic per meter sends hundreds."""

type Count = Callable[[str], int]
"""Counts something by its name, and returns how often that was."""


class Take(Protocol):
    """Takes the body of a report; raises ReportError for what is none, NotReadyError at the end."""

    async def __call__(
        self,
        body: bytes,
        *,
        topic: str | None = None,
        retained: bool = False,
        came: datetime | None = None,
    ) -> None:
        """See SmartLogCoordinator.async_take."""


class Inbox:
    """The reports that a gateway publishes, each in a task of its own."""

    def __init__(
        self, hass: HomeAssistant, entry: HausstromConfigEntry, take: Take, count: Count
    ) -> None:
        """Hand what is published on the entry's topic to `take`."""
        self._hass = hass
        self._entry = entry
        self._take = take
        self._count = count
        self._waiting = 0

    async def async_subscribe(self, link: MqttLink) -> None:
        """Subscribe to the entry's topic."""
        await link.async_subscribe(self._entry.data[CONF_TOPIC], self._receive, qos=1)

    @callback
    def _receive(self, message: MqttMessage) -> None:
        if self._waiting >= MOST_WAITING:
            self._count("overrun")
            return
        self._waiting += 1
        self._entry.async_create_background_task(
            self._hass, self._async_receive(message), "hausstrom smartlog report"
        )

    async def _async_receive(self, message: MqttMessage) -> None:
        try:
            await self._take(message.payload, topic=message.topic, retained=message.retain)
        except ReportError, NotReadyError:
            pass  # counted; there is nobody to answer
        finally:
            self._waiting -= 1


class Webhook:
    """The address that a gateway posts its reports to."""

    connected = True
    """The address is there as long as Home Assistant is."""

    def __init__(
        self, hass: HomeAssistant, entry: HausstromConfigEntry, take: Take, count: Count
    ) -> None:
        """Hand what is posted to the entry's address to `take`."""
        self._hass = hass
        self._entry = entry
        self._take = take
        self._count = count
        self._end: Callable[[], None] | None = None

    async def async_start(self) -> None:
        """Take what came meanwhile, and what comes from now on; see Transport."""
        door = async_door(self._hass, self._entry.data, self._entry.title)
        kept = await door.kept.async_hand_over(self._async_take_late)
        # Nothing may come in between: what is kept after this waits for the next start.
        self._end = async_listen(
            self._hass, dict(self._entry.data), self._entry.title, self._take, self._count_status
        )
        if kept:
            await door.kept.async_save()

    async def _async_take_late(self, body: bytes, came: datetime) -> None:
        with suppress(ReportError):  # counted; there is nobody left to answer
            await self._take(body, came=came)

    @callback
    def _count_status(self, status: HTTPStatus) -> None:
        times = self._count(f"answered_{status.value}")
        if status is HTTPStatus.UNAUTHORIZED and times == 1:
            LOGGER.warning(
                "%s: a report came with a wrong user name or password. Compare them with those"
                " shown under Reconfigure",
                self._entry.title,
            )

    async def async_stop(self) -> None:
        """Close the address."""
        if self._end is not None:
            self._end()
            self._end = None

    def diagnostics(self) -> Mapping[str, object]:
        """Return nothing: what was answered is counted."""
        return {}


def make_transport(
    hass: HomeAssistant, entry: HausstromConfigEntry, take: Take, count: Count, lost: TransportLost
) -> Transport:
    """Return the way in which the reports of an entry come."""
    if entry.data[CONF_TRANSPORT] == TRANSPORT_WEBHOOK:
        return Webhook(hass, entry, take, count)
    inbox = Inbox(hass, entry, take, count)
    return MqttTransport(hass, entry, subscribe=inbox.async_subscribe, lost=lost)
