"""MQTT with two ends: Home Assistant's own broker, or a broker of the device's own."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple, Self

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..const import CONF_AUTHORITY, CONF_CERTIFICATE, CONF_TLS

type MessageListener = Callable[[MqttMessage], None]
type ConnectionListener = Callable[[bool], None]
type FailureListener = Callable[[LinkError], None]


class MqttMessage:
    """One message as the broker delivered it; the payload is never decoded here."""

    __slots__ = ("payload", "retain", "topic")

    def __init__(self, topic: str, payload: bytes, retain: bool) -> None:
        """Keep what came."""
        self.topic = topic
        self.payload = payload
        self.retain = retain


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
        self,
        topic_filter: str,
        listener: MessageListener,
        *,
        qos: int = 0,
        confirmed: bool = False,
    ) -> CALLBACK_TYPE:
        """Call the listener with each message; return what ends that.

        confirmed: return only when the broker has confirmed the subscription, for those who ask
        something next and want to hear the answer.

        Raises LinkError if the broker does not take the subscription.
        """

    async def async_resubscribed(  # noqa: B027  most have nothing to wait for
        self, topic_filter: str, *, qos: int = 0
    ) -> None:
        """Return when a subscription stands again, after async_on_connection said True.

        A broker of our own is said to be there only when it does.
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


class Broker(NamedTuple):
    """Where a broker is and how to get in."""

    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = None
    certificate: str | None = None
    """The pinned certificate (PEM); None with TLS: the system's authorities decide."""
    authority: bool = False
    """Whether the certificate is an authority's: what it signed has to name the host."""

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
            authority=data.get(CONF_AUTHORITY, False),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the form in which a config entry keeps it."""
        data = {
            CONF_HOST: self.host,
            CONF_PORT: self.port,
            CONF_TLS: self.tls,
            CONF_USERNAME: self.username,
            CONF_PASSWORD: self.password,
            CONF_CERTIFICATE: self.certificate,
        }
        return {**data, CONF_AUTHORITY: True} if self.authority else data
