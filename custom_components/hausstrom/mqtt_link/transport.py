"""The broker that an entry names, as what its coordinator is spoken to by."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady

from ..certificates import async_clear_certificate, async_report_certificate
from ..const import CONF_BROKER, CONF_CERTIFICATE, DOMAIN, LOGGER
from ..coordinator import HausstromConfigEntry
from ..transport import TransportLost
from .link import LinkError, LinkReason, MqttLink
from .opening import link_from_data

BROKER_GONE: Final = "broker_gone"


class MqttTransport:
    """Keeps a link to the broker of an entry, and tells the user what only they can mend."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: HausstromConfigEntry,
        *,
        subscribe: Callable[[MqttLink], Awaitable[None]],
        lost: TransportLost,
        back: Callable[[], None] | None = None,
    ) -> None:
        """`subscribe` once the broker is there; `lost` and `back` follow the connection."""
        self._hass = hass
        self._entry = entry
        self._subscribe = subscribe
        self._lost = lost
        self._back = back
        self.link = link_from_data(hass, dict(entry.data), on_failure=self._link_failed)

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self.link.connected

    async def async_start(self) -> None:
        """Connect and subscribe; see Transport."""
        try:
            await self.link.async_start()
            async_clear_certificate(self._hass, self._entry)
            self.link.async_on_connection(self._connection_changed)
            await self._subscribe(self.link)
        except LinkError as error:
            self._raise_for_setup(error)

    def _raise_for_setup(self, error: LinkError) -> None:
        """Raise what tells Home Assistant whether to try again or to ask the user."""
        if error.reason is LinkReason.INVALID_AUTH:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN, translation_key="broker_refused"
            ) from error
        if error.shown_certificate is not None:
            async_report_certificate(self._hass, self._entry, error.shown_certificate)
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key=error.reason.value
        ) from error

    @callback
    def _connection_changed(self, connected: bool) -> None:
        if not connected:
            self._lost(BROKER_GONE)
            return
        async_clear_certificate(self._hass, self._entry)
        if self._back is not None:
            self._back()

    @callback
    def _link_failed(self, error: LinkError) -> None:
        """Ask the user: the broker has stopped to let us in."""
        LOGGER.error("The broker of %s does not let us in: %s", self._entry.title, error)
        if error.reason is LinkReason.INVALID_AUTH:
            self._entry.async_start_reauth(self._hass)
        elif error.shown_certificate is not None:
            async_report_certificate(self._hass, self._entry, error.shown_certificate)

    async def async_stop(self) -> None:
        """Close the link."""
        await self.link.async_stop()

    def diagnostics(self) -> Mapping[str, object]:
        """Return what is known of the link."""
        broker = self._entry.data.get(CONF_BROKER) or {}
        return {
            "connected": self.link.connected,
            "pinned_certificate": bool(broker.get(CONF_CERTIFICATE)),
        }
