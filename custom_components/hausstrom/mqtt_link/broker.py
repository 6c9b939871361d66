"""The end of a link at a broker of the device's own: made again whenever it is lost."""

import asyncio
from collections.abc import Callable
from functools import partial
from ssl import SSLContext
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.importlib import async_import_module
from homeassistant.util.ssl import client_context

from ..common.backoff import Backoff
from ..const import LOGGER
from ..tls import async_fetch_certificate, fingerprint, pinned_context
from .errors import BrokerError
from .link import (
    Broker,
    FailureListener,
    LinkError,
    LinkReason,
    MessageListener,
    MqttLink,
    MqttMessage,
)

if TYPE_CHECKING:
    # Brings the MQTT library, which only homes with such a broker need: loaded with the first.
    from .connection import Connection

FIRST_RETRY: Final = 1.0
LONGEST_RETRY: Final = 120.0

# MQTT 5 §3.2.2.2: bad user name or password, not authorized.
_REFUSED_LOGIN: Final = frozenset({134, 135})

type Matcher = Callable[[str], bool]


class BrokerLink(MqttLink):
    """A connection of our own to a broker, made again whenever it is lost."""

    def __init__(
        self, hass: HomeAssistant, broker: Broker, *, on_failure: FailureListener | None = None
    ) -> None:
        """Connect to broker; on_failure hears, once, of a refusal that no retry will change."""
        super().__init__(hass)
        self._broker = broker
        self._on_failure = on_failure
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._listeners: dict[str, tuple[int, list[MessageListener]]] = {}
        self._matchers: dict[str, Matcher] = {}
        self._matches: Callable[[str, str], bool] = str.__eq__

    @override
    async def async_start(self) -> None:
        started: asyncio.Future[None] = self.hass.loop.create_future()
        self._task = self.hass.async_create_background_task(
            self._run(started), f"hausstrom mqtt {self._broker.host}", eager_start=False
        )
        try:
            await started
        except LinkError, asyncio.CancelledError:
            await self.async_stop()
            raise

    @override
    async def async_stop(self) -> None:
        self._connection_listeners.clear()
        self._listeners.clear()
        if (task := self._task) is not None:
            self._task = None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @override
    async def async_subscribe(
        self,
        topic_filter: str,
        listener: MessageListener,
        *,
        qos: int = 0,
        confirmed: bool = False,
    ) -> CALLBACK_TYPE:
        if topic_filter in self._listeners:
            self._listeners[topic_filter][1].append(listener)
        else:
            self._listeners[topic_filter] = (qos, [listener])
            if self._connection is not None and self.connected:
                try:
                    await self._connection.async_subscribe(topic_filter, qos)
                except BrokerError as error:
                    self._listeners.pop(topic_filter, None)
                    raise LinkError(LinkReason.CANNOT_CONNECT, str(error)) from error

        @callback
        def end() -> None:
            if entry := self._listeners.get(topic_filter):
                entry[1].remove(listener)
                if not entry[1]:
                    # The broker goes on sending until the next connection: cheaper than
                    # a round trip, since subscriptions end with their config entry.
                    del self._listeners[topic_filter]

        return end

    @override
    async def async_publish(
        self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False
    ) -> None:
        if self._connection is None or not self.connected:
            raise LinkError(LinkReason.CANNOT_CONNECT)
        try:
            self._connection.publish(topic, payload, qos, retain)
        except BrokerError as error:
            raise LinkError(LinkReason.CANNOT_CONNECT, str(error)) from error

    async def _run(self, started: asyncio.Future[None]) -> None:
        """Keep the connection; a refused login ends it, everything else is tried again.

        A certificate that is not trusted is told of once, and tried again since no secret
        is sent before it is: it may have been renewed, or an impostor may have left.
        """
        backoff = Backoff(first=FIRST_RETRY, limit=LONGEST_RETRY)
        told = ""
        while True:
            began = self.hass.loop.time()
            try:
                await self._async_connection(started)
            except Exception as error:  # noqa: BLE001  whatever broke, a later try may do
                if self._task is None:  # closing failed: async_stop waits for the end
                    return
                link_error = await self._async_explain(error)
                if not started.done():
                    started.set_exception(link_error)
                    return
                if self.connected:
                    LOGGER.debug("The connection to a broker is lost: %s", error)
                    told = ""
                if self.hass.loop.time() - began > LONGEST_RETRY:
                    # Only what lasted counts: some brokers let a client in and throw it out.
                    backoff.succeeded()
                self._set_connected(False)
                if link_error.reason is not LinkReason.CANNOT_CONNECT and told != str(link_error):
                    told = str(link_error)
                    if self._on_failure is not None:
                        self._on_failure(link_error)
                if link_error.reason is LinkReason.INVALID_AUTH:
                    return
            await asyncio.sleep(backoff.failed())

    async def _async_connection(self, started: asyncio.Future[None]) -> None:
        """Connect, subscribe, and stay until the connection is lost (BrokerError)."""
        module = await async_import_module(self.hass, f"{__package__}.connection")
        self._matches = module.topic_matches
        connection: Connection = module.Connection(
            self._broker, self._tls_context(), self._dispatch
        )
        try:
            await connection.async_open()
            self._connection = connection
            for topic_filter, (qos, _) in list(self._listeners.items()):
                await connection.async_subscribe(topic_filter, qos)
            self._set_connected(True)
            if not started.done():
                started.set_result(None)
            else:
                LOGGER.debug("Connected to a broker again")
            raise await connection.async_lost()
        finally:
            self._connection = None
            await connection.async_close()

    def _tls_context(self) -> SSLContext | None:
        if not self._broker.tls:
            return None
        if self._broker.certificate is not None:
            return pinned_context(self._broker.certificate, named=self._broker.authority)
        return client_context()

    @callback
    def _dispatch(self, message: MqttMessage) -> None:
        try:
            for topic_filter, (_, listeners) in list(self._listeners.items()):
                if self._matcher(topic_filter)(message.topic):
                    for listener in list(listeners):
                        listener(message)
        except Exception:  # noqa: BLE001  one bad message must not end the connection
            LOGGER.exception("Unexpected error handling a message")

    def _matcher(self, topic_filter: str) -> Matcher:
        """Return the cheapest test whether a topic falls under a filter."""
        known = self._matchers.get(topic_filter)
        if known is None:
            known = self._matchers[topic_filter] = _matcher(topic_filter, self._matches)
        return known

    async def _async_explain(self, error: Exception) -> LinkError:
        """Say what a failed connection means for the one who set it up."""
        if isinstance(error, BrokerError) and error.code in _REFUSED_LOGIN:
            return LinkError(LinkReason.INVALID_AUTH, str(error))
        if "CERTIFICATE_VERIFY_FAILED" not in str(error):
            return LinkError(LinkReason.CANNOT_CONNECT, str(error))
        if self._broker.certificate is None or self._broker.authority:
            # Nobody is asked whether to trust another one: it is not a device in the house.
            return LinkError(LinkReason.CERTIFICATE, str(error))
        try:
            shown = await async_fetch_certificate(self._broker.host, self._broker.port)
        except OSError as fetch_error:
            return LinkError(LinkReason.CANNOT_CONNECT, str(fetch_error))
        return LinkError(
            LinkReason.CERTIFICATE_CHANGED,
            f"expected {fingerprint(self._broker.certificate)}, got {fingerprint(shown)}",
            shown_certificate=shown,
        )


def _matcher(topic_filter: str, matches: Callable[[str, str], bool]) -> Matcher:
    if "+" not in topic_filter:
        if "#" not in topic_filter:
            return topic_filter.__eq__
        if topic_filter.endswith("/#"):
            parent = topic_filter.removesuffix("/#")
            return lambda topic: topic.startswith(parent + "/") or topic == parent
    return partial(matches, topic_filter)
