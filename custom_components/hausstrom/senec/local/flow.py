"""Setting up a SENEC on the local network: its address is all that is asked for."""

from typing import Any, Final, override

import aiohttp
import probatio as vol
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_HOST
from homeassistant.helpers.aiohttp_client import async_create_clientsession

from ...const import CONF_CERTIFICATE
from ...coordinator import HausstromConfigEntry
from ...flow import TEXT, KindFlow, whole_number
from ...tls import pinned_context
from .connection import async_shown_certificate, cleaned_host
from .const import (
    CONF_SCAN_INTERVAL,
    DEFAULT_SCAN_INTERVAL,
    KIND,
    MAX_SCAN_INTERVAL,
    MIN_SCAN_INTERVAL,
)
from .protocol.client import LalaClient, LalaError, LalaFault
from .protocol.identity import Identity

HOST_SCHEMA: Final = vol.Schema({vol.Required(CONF_HOST): TEXT})
_ERRORS: Final = {
    LalaFault.NOT_SENEC: "not_senec",
    LalaFault.GARBAGE: "not_senec",
    LalaFault.NO_INTERFACE: "no_local_interface",
    LalaFault.CERTIFICATE: "certificate_changed",
}


class SenecLocalFlow(KindFlow):
    """The steps of a SENEC on the local network."""

    async def async_step_senec_local(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the address, and look who answers."""
        return await self._async_ask_for_senec("senec_local", user_input)

    @override
    async def async_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a new address of the same system."""
        return await self._async_ask_for_senec("reconfigure", user_input)

    async def _async_ask_for_senec(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                identity = await self._async_probe(cleaned_host(user_input[CONF_HOST]))
            except LalaError as error:
                errors["base"] = _ERRORS.get(error.fault, "cannot_connect")
            else:
                return await self.async_finish(
                    kind=KIND,
                    unique_id=f"senec_{identity.device_id}",
                    title=identity.model,
                    placeholders={
                        "model": identity.model,
                        "firmware": identity.application_version or "?",
                        "capacity": f"{identity.capacity_kwh:g}" if identity.capacity_kwh else "?",
                    },
                )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                HOST_SCHEMA, user_input or self.entry_data
            ),
            errors=errors,
        )

    async def _async_probe(self, host: str) -> Identity:
        """Return who answers, and remember how; its certificate is trusted from now on."""
        certificate = await async_shown_certificate(host)
        session = async_create_clientsession(
            self.hass, auto_cleanup=False, cookie_jar=aiohttp.CookieJar(unsafe=True)
        )
        try:
            client = LalaClient(
                session, host, tls=False if certificate is None else pinned_context(certificate)
            )
            identity = await client.probe()
        finally:
            session.detach()
        self.entry_data.pop(CONF_CERTIFICATE, None)
        self.entry_data[CONF_HOST] = host
        if certificate is not None and client.scheme == "https":
            self.entry_data[CONF_CERTIFICATE] = certificate
        return identity


def options_schema(_entry: HausstromConfigEntry) -> vol.Schema:
    """Return the options: how often the live values are read."""
    return vol.Schema(
        {
            vol.Required(CONF_SCAN_INTERVAL, default=DEFAULT_SCAN_INTERVAL): whole_number(
                MIN_SCAN_INTERVAL, MAX_SCAN_INTERVAL, "s"
            )
        }
    )
