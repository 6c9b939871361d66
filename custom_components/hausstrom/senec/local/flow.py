"""Setting up a SENEC on the local network: its address is all that is asked for."""

import contextlib
from ipaddress import ip_address
from typing import Any, Final, override

import probatio as vol
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry, ConfigFlowResult
from homeassistant.const import CONF_HOST
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo

from ...const import CONF_CERTIFICATE, CONF_KIND
from ...coordinator import HausstromConfigEntry
from ...flow import TEXT, KindFlow, whole_number
from .connection import async_who_answers, cleaned_host, client_of, new_session
from .const import (
    CONF_SCAN_INTERVAL,
    DEFAULT_SCAN_INTERVAL,
    KIND,
    MAX_SCAN_INTERVAL,
    MIN_SCAN_INTERVAL,
)
from .protocol.client import LalaError, LalaFault
from .protocol.identity import ABOUT, Identity
from .protocol.request import read_body
from .trust import unique_id_of

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

    async def async_step_dhcp(self, discovery_info: DhcpServiceInfo) -> ConfigFlowResult:
        """Follow a SENEC that is set up to its new address, if it is that SENEC who answers there."""
        entry = self._entry_of(discovery_info.macaddress)
        if entry is None:
            return self.async_abort(reason="not_senec")
        host: str = entry.data[CONF_HOST]
        address = discovery_info.ip
        if _is_address(host) and host != address:
            session = new_session(self.hass)
            client, _seen = client_of(session, {**entry.data, CONF_HOST: address})
            try:
                identity = await client.probe()
            except LalaError:
                return self.async_abort(reason="cannot_connect")
            finally:
                await session.close()
            if unique_id_of(identity.device_id) != entry.unique_id:
                return self.async_abort(reason="wrong_device")
            self.hass.config_entries.async_update_entry(
                entry, data={**entry.data, CONF_HOST: address}
            )
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_abort(reason="already_configured")

    def _entry_of(self, mac: str) -> ConfigEntry | None:
        """Return the entry of the SENEC with this hardware address."""
        wanted = (dr.CONNECTION_NETWORK_MAC, dr.format_mac(mac))
        devices = dr.async_get(self.hass)
        for entry in self._async_current_entries():
            if entry.data[CONF_KIND] == KIND and any(
                wanted in device.connections
                for device in dr.async_entries_for_config_entry(devices, entry.entry_id)
            ):
                return entry
        return None

    async def _async_ask_for_senec(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                identity = await self._async_find(cleaned_host(user_input[CONF_HOST]))
            except LalaError as error:
                errors["base"] = _ERRORS.get(error.fault, "cannot_connect")
            else:
                return await self.async_finish(
                    kind=KIND,
                    unique_id=unique_id_of(identity.device_id),
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

    async def _async_find(self, host: str) -> Identity:
        """Return who answers, and remember how.

        At first use its certificate is trusted from now on: the one of the very connection that was
        used. A system that is set up is trusted by what is pinned, wherever it has moved to.
        """
        session = new_session(self.hass)
        try:
            if self.source == SOURCE_RECONFIGURE and CONF_CERTIFICATE in self.entry_data:
                client, _seen = client_of(session, {**self.entry_data, CONF_HOST: host})
                identity = await client.probe()
                certificate = self.entry_data[CONF_CERTIFICATE]
            else:
                found = await async_who_answers(session, host)
                identity, certificate = found.identity, found.certificate
                client, _seen = client_of(
                    session,
                    {CONF_HOST: host}
                    if certificate is None
                    else {CONF_HOST: host, CONF_CERTIFICATE: certificate},
                )
                if found.scheme == "http":
                    client.scheme = "http"
            with contextlib.suppress(LalaError):
                # Only for the words at the end: who it is, is known.
                identity = identity.completed(await client.query(read_body(ABOUT)))
        finally:
            await session.close()
        self.entry_data.pop(CONF_CERTIFICATE, None)
        self.entry_data[CONF_HOST] = host
        if certificate is not None:
            self.entry_data[CONF_CERTIFICATE] = certificate
        return identity


def _is_address(host: str) -> bool:
    """Whether a host is an address, which may change, and not a name, which is followed by itself."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def options_schema(_entry: HausstromConfigEntry) -> vol.Schema:
    """Return the options: how often the live values are read."""
    return vol.Schema(
        {
            vol.Required(CONF_SCAN_INTERVAL, default=DEFAULT_SCAN_INTERVAL): whole_number(
                MIN_SCAN_INTERVAL, MAX_SCAN_INTERVAL, "s"
            )
        }
    )
