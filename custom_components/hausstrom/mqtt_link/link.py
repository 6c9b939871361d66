"""MQTT with two ends: Home Assistant's own broker, or a broker of the device's own."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from random import uniform
from typing import Any, Final, Self, override

import aiomqtt
from homeassistant.components import mqtt
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.ssl import client_context
from paho.mqtt.client import topic_matches_sub
from paho.mqtt.reasoncodes import ReasonCode

from ..const import (
    CONF_BROKER,
    CONF_CERTIFICATE,
    CONF_SOURCE,
    CONF_TLS,
    LOGGER,
    SOURCE_HOME_ASSISTANT,
)
from ..tls import async_fetch_certificate, fingerprint, pinned_context

# A GX answers a wrong password after up to 6 seconds, on purpose.
CONNECT_TIMEOUT: Final = 15.0
# A peer that vanished without a word (half-open connection) is noticed in 1.5 of these.
KEEPALIVE: Final = 30
FIRST_RETRY: Final = 1.0
LONGEST_RETRY: Final = 120.0

_REFUSED_LOGIN: Final = frozenset({4, 5, 134, 135})  # MQTT 3.1.1 §3.2.2.3, MQTT 5 §3.2.2.2

type MessageListener = Callable[[MqttMessage], None]
type ConnectionListener = Callable[[bool], None]
type FailureListener = Callable[[LinkError], None]


@dataclass(frozen=True, slots=True)
class MqttMessage:
    """One message as the broker delivered it; the payload is never decoded here."""

    topic: str
    payload: bytes
    retain: bool


class LinkReason(StrEnum):
    """Why a link could not be made or kept; the values are keys of config flow errors."""

    CANNOT_CONNECT = "cannot_connect"
    INVALID_AUTH = "invalid_auth"
    NOT_SET_UP = "mqtt_not_set_up"
    CERTIFICATE = "untrusted_certificate"
    CERTIFICATE_CHANGED = "certificate_changed"


class LinkError(Exception):
    """A broker could not be reached, or does not let us in."""

    def __init__(
        self, reason: LinkReason, detail: str = "", *, shown_certificate: str | None = None
    ) -> None:
        """Keep the reason; the detail is for the log and has no secrets."""
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.shown_certificate = shown_certificate
        """What the broker showed in place of the pinned certificate (PEM)."""


def _matcher(topic_filter: str) -> Callable[[str], bool]:
    """Return the cheapest test whether a topic falls under a filter."""
    if "+" not in topic_filter:
        if "#" not in topic_filter:
            return topic_filter.__eq__
        if topic_filter.endswith("/#"):
            parent = topic_filter.removesuffix("/#")
            return lambda topic: topic.startswith(parent + "/") or topic == parent
    return partial(topic_matches_sub, topic_filter)


class MqttLink(ABC):
    """Subscriptions that outlive the connection, and news of the connection itself."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Make a link that async_start will connect."""
        self.hass = hass
        self.connected = False
        self._connection_listeners: list[ConnectionListener] = []

    @abstractmethod
    async def async_start(self) -> None:
        """Connect; raise LinkError if that cannot be done now."""

    @abstractmethod
    async def async_stop(self) -> None:
        """Close everything; no callback comes afterwards."""

    @abstractmethod
    async def async_subscribe(
        self, topic_filter: str, listener: MessageListener, *, qos: int = 0
    ) -> CALLBACK_TYPE:
        """Call the listener with each message; return what ends that.

        Raises LinkError if the broker does not take the subscription.
        """

    @abstractmethod
    async def async_publish(
        self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False
    ) -> None:
        """Publish; raise LinkError while there is no connection."""

    @callback
    def async_on_connection(self, listener: ConnectionListener) -> CALLBACK_TYPE:
        """Call the listener when the connection is there again or gone."""
        self._connection_listeners.append(listener)
        return partial(self._connection_listeners.remove, listener)

    @callback
    def _set_connected(self, connected: bool) -> None:
        if connected is not self.connected:
            self.connected = connected
            for listener in list(self._connection_listeners):
                listener(connected)


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
        self, topic_filter: str, listener: MessageListener, *, qos: int = 0
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

        @callback
        def end() -> None:
            if unsubscribe in self._unsubscribe:
                self._unsubscribe.remove(unsubscribe)
                unsubscribe()

        return end

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


@dataclass(frozen=True, kw_only=True)
class Broker:
    """Where a broker is and how to get in."""

    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = None
    certificate: str | None = None
    """The pinned certificate (PEM); None with TLS: the system's authorities decide."""

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Read what as_data wrote into a config entry."""
        return cls(
            host=data[CONF_HOST],
            port=int(data[CONF_PORT]),
            tls=data.get(CONF_TLS, False),
            username=data.get(CONF_USERNAME),
            password=data.get(CONF_PASSWORD),
            certificate=data.get(CONF_CERTIFICATE),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the form in which a config entry keeps it."""
        return {
            CONF_HOST: self.host,
            CONF_PORT: self.port,
            CONF_TLS: self.tls,
            CONF_USERNAME: self.username,
            CONF_PASSWORD: self.password,
            CONF_CERTIFICATE: self.certificate,
        }


class BrokerLink(MqttLink):
    """A connection of our own to a broker, made again whenever it is lost."""

    def __init__(
        self, hass: HomeAssistant, broker: Broker, *, on_failure: FailureListener | None = None
    ) -> None:
        """Connect to broker; on_failure hears, once, of a refusal that no retry will change."""
        super().__init__(hass)
        self._broker = broker
        self._on_failure = on_failure
        self._client: aiomqtt.Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._listeners: dict[str, tuple[Callable[[str], bool], int, list[MessageListener]]] = {}

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
        self, topic_filter: str, listener: MessageListener, *, qos: int = 0
    ) -> CALLBACK_TYPE:
        if topic_filter in self._listeners:
            self._listeners[topic_filter][2].append(listener)
        else:
            self._listeners[topic_filter] = (_matcher(topic_filter), qos, [listener])
            if self._client is not None and self.connected:
                try:
                    await self._async_subscribe(self._client, topic_filter, qos)
                except aiomqtt.MqttError as error:
                    self._listeners.pop(topic_filter, None)
                    raise LinkError(LinkReason.CANNOT_CONNECT, str(error)) from error

        @callback
        def end() -> None:
            if entry := self._listeners.get(topic_filter):
                entry[2].remove(listener)
                if not entry[2]:
                    # The broker goes on sending until the next connection: cheaper than
                    # a round trip, since subscriptions end with their config entry.
                    del self._listeners[topic_filter]

        return end

    @override
    async def async_publish(
        self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False
    ) -> None:
        if self._client is None or not self.connected:
            raise LinkError(LinkReason.CANNOT_CONNECT)
        try:
            await self._client.publish(topic, payload, qos, retain)
        except aiomqtt.MqttError as error:
            raise LinkError(LinkReason.CANNOT_CONNECT, str(error)) from error

    async def _run(self, started: asyncio.Future[None]) -> None:
        """Keep the connection; a refused login ends it, everything else is tried again.

        A certificate that is not trusted is told of once, and tried again since no secret
        is sent before it is: it may have been renewed, or an impostor may have left.
        """
        pause = FIRST_RETRY
        told = ""
        while True:
            began = self.hass.loop.time()
            try:
                await self._async_connection(started)
            except Exception as error:  # noqa: BLE001  whatever broke, a later try may do
                if self._task is None:  # the farewell failed: async_stop waits for the end
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
                    pause = FIRST_RETRY
                self._set_connected(False)
                if link_error.reason is not LinkReason.CANNOT_CONNECT and told != str(link_error):
                    told = str(link_error)
                    if self._on_failure is not None:
                        self._on_failure(link_error)
                if link_error.reason is LinkReason.INVALID_AUTH:
                    return
            # Jitter keeps ten clients of one broker from coming back in the same instant.
            await asyncio.sleep(pause * uniform(0.8, 1.2))
            pause = min(2 * pause, LONGEST_RETRY)

    async def _async_connection(self, started: asyncio.Future[None]) -> None:
        """Connect, subscribe, and stay until the connection is lost (MqttError)."""
        broker = self._broker
        async with _Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            tls_context=self._tls_context(),
            timeout=CONNECT_TIMEOUT,
            keepalive=KEEPALIVE,
            queue_type=partial(_Dispatcher, self._dispatch),  # type: ignore[arg-type]  # called as the type would be
        ) as client:
            self._client = client
            try:
                for topic_filter, (_, qos, _) in list(self._listeners.items()):
                    await self._async_subscribe(client, topic_filter, qos)
                self._set_connected(True)
                if not started.done():
                    started.set_result(None)
                else:
                    LOGGER.debug("Connected to a broker again")
                # The dispatcher hands messages on as they arrive: this only ever
                # ends, with the error that says why the connection did.
                async for _ in client.messages:
                    pass
            finally:
                self._client = None

    def _tls_context(self) -> Any:
        if not self._broker.tls:
            return None
        if self._broker.certificate is not None:
            return pinned_context(self._broker.certificate)
        return client_context()

    @staticmethod
    async def _async_subscribe(client: aiomqtt.Client, topic_filter: str, qos: int) -> None:
        await client.subscribe(topic_filter, qos)

    @callback
    def _dispatch(self, message: aiomqtt.Message) -> None:
        topic = message.topic.value
        payload = message.payload
        received = MqttMessage(topic, payload, message.retain)
        for matches, _, listeners in list(self._listeners.values()):
            if matches(topic):
                for listener in list(listeners):
                    listener(received)

    async def _async_explain(self, error: Exception) -> LinkError:
        """Say what a failed connection means for the one who set it up."""
        code = getattr(error, "rc", None)
        if isinstance(code, ReasonCode):
            code = code.value
        if code in _REFUSED_LOGIN and isinstance(error, aiomqtt.exceptions.MqttConnectError):
            return LinkError(LinkReason.INVALID_AUTH, str(error))
        if "CERTIFICATE_VERIFY_FAILED" not in str(error):
            return LinkError(LinkReason.CANNOT_CONNECT, str(error))
        if self._broker.certificate is None:
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


class _Client(aiomqtt.Client):
    """A client that leaves no connection behind when it does not come to one.

    aiomqtt forgets a socket whose connecting was cancelled or took too long: the broker
    would go on being pinged by a client that nobody holds.
    """

    _given_up = False

    @override
    async def __aenter__(self) -> Self:
        try:
            return await super().__aenter__()
        except BaseException:
            self._given_up = True
            # A cancelled future in its place would break the farewell.
            self._connected = self._loop.create_future()
            self._client.disconnect()
            raise

    @override
    def _client_connect(self) -> None:
        """Connect, in a thread that a cancellation does not stop."""
        super()._client_connect()
        if self._given_up:
            self._loop.call_soon_threadsafe(self._client.disconnect)


class _Dispatcher(asyncio.Queue[aiomqtt.Message]):
    """A queue that never fills: what is put into it is handed on at once.

    aiomqtt would make a task for each message taken from its queue.
    """

    def __init__(self, dispatch: Callable[[aiomqtt.Message], None], maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self._hand_on = dispatch

    @override
    def put_nowait(self, item: aiomqtt.Message) -> None:
        try:
            self._hand_on(item)
        except Exception:  # noqa: BLE001  one bad message must not end the connection
            LOGGER.exception("Unexpected error handling a message on %s", item.topic)


async def async_try_broker(hass: HomeAssistant, broker: Broker) -> Broker:
    """Connect once; return the broker, with its certificate pinned if it signed its own.

    Raises LinkError if the broker cannot be reached or refuses the login.
    """
    link = BrokerLink(hass, broker)
    try:
        await link.async_start()
    except LinkError as error:
        if error.reason is not LinkReason.CERTIFICATE:
            raise
        try:
            certificate = await async_fetch_certificate(broker.host, broker.port)
        except OSError as fetch_error:
            raise LinkError(LinkReason.CANNOT_CONNECT, str(fetch_error)) from fetch_error
        return await async_try_broker(hass, replace(broker, certificate=certificate))
    await link.async_stop()
    return broker


def link_from_data(
    hass: HomeAssistant, data: dict[str, Any], *, on_failure: FailureListener | None = None
) -> MqttLink:
    """Make the link that a config entry's data (source, broker) describes."""
    if data[CONF_SOURCE] == SOURCE_HOME_ASSISTANT:
        return HomeAssistantLink(hass)
    return BrokerLink(hass, Broker.from_data(data[CONF_BROKER]), on_failure=on_failure)
