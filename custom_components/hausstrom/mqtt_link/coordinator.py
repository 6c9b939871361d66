"""The base of coordinators whose device speaks over MQTT."""

from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady

from ..const import CONF_BROKER, CONF_CERTIFICATE, DOMAIN, LOGGER
from ..coordinator import HausstromConfigEntry
from ..push_coordinator import PushCoordinator
from ..repairs import async_clear_certificate, async_report_certificate
from .link import LinkError, LinkReason
from .opening import link_from_data


class MqttCoordinator(PushCoordinator):
    """Keep a link to the broker that the entry names; subclasses subscribe."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: HausstromConfigEntry,
        *,
        silence: float,
        write_interval: float | None = None,
    ) -> None:
        """See PushCoordinator."""
        # First, since the base arranges that async_shutdown is called.
        self.link = link_from_data(hass, dict(entry.data), on_failure=self._link_failed)
        super().__init__(hass, entry, silence=silence, write_interval=write_interval)

    async def async_subscribe(self) -> None:
        """Subscribe to the device's topics; called once the broker is there."""

    @override
    async def _async_setup(self) -> None:
        try:
            await self.link.async_start()
            async_clear_certificate(self.hass, self.config_entry)
            self.link.async_on_connection(self._connection_changed)
            await self.async_subscribe()
        except LinkError as error:
            self._raise_for_setup(error)

    def _raise_for_setup(self, error: LinkError) -> None:
        """Raise what tells Home Assistant whether to try again or to ask the user."""
        if error.reason is LinkReason.INVALID_AUTH:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN, translation_key="broker_refused"
            ) from error
        if error.shown_certificate is not None:
            async_report_certificate(self.hass, self.config_entry, error.shown_certificate)
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key=error.reason.value
        ) from error

    @callback
    def _connection_changed(self, connected: bool) -> None:
        if connected:
            async_clear_certificate(self.hass, self.config_entry)
        else:
            self.async_set_silent("broker_gone")

    @callback
    def _link_failed(self, error: LinkError) -> None:
        """Ask the user: the broker has stopped to let us in."""
        LOGGER.error("The broker of %s does not let us in: %s", self.name, error)
        if error.reason is LinkReason.INVALID_AUTH:
            self.config_entry.async_start_reauth(self.hass)
        elif error.shown_certificate is not None:
            async_report_certificate(self.hass, self.config_entry, error.shown_certificate)

    @override
    async def async_shutdown(self) -> None:
        """Close the link too."""
        await super().async_shutdown()
        await self.link.async_stop()

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add what is known of the link."""
        broker = self.config_entry.data.get(CONF_BROKER) or {}
        return {
            **super().diagnostics(),
            "connected": self.link.connected,
            "pinned_certificate": bool(broker.get(CONF_CERTIFICATE)),
        }
