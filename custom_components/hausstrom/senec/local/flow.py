"""Setting up a SENEC on the local network: its address is all that is asked for."""

import contextlib
from copy import replace
from ipaddress import ip_address
from typing import Any, Final, override

import probatio as vol
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo

from ...const import CONF_CERTIFICATE, CONF_KIND
from ...coordinator import HausstromConfigEntry
from ...flow import TEXT, KindFlow, whole_number
from ...kinds import SetUp
from ...tls import fingerprint
from .connection import FoundDevice, async_who_answers, cleaned_host, client_of, new_session
from .const import (
    CONF_SCAN_INTERVAL,
    DEFAULT_SCAN_INTERVAL,
    KIND,
    MAX_SCAN_INTERVAL,
    MIN_SCAN_INTERVAL,
)
from .protocol.client import LalaError, LalaFault
from .protocol.identity import ABOUT
from .protocol.request import read_body
from .trust import REPLACED, question_of, unique_id_of

HOST_SCHEMA: Final = vol.Schema({vol.Required(CONF_HOST): TEXT})
_ERRORS: Final = {
    LalaFault.NOT_SENEC: "not_senec",
    LalaFault.GARBAGE: "not_senec",
    LalaFault.NO_INTERFACE: "no_local_interface",
    LalaFault.CERTIFICATE: "certificate_changed",
}


class SenecLocalFlow(KindFlow):
    """The steps of a SENEC on the local network."""

    def __init__(self, handler: ConfigFlow) -> None:
        """Begin with nobody found."""
        super().__init__(handler)
        self._host = ""
        self._found: FoundDevice | None = None

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
                self._found = found = await self._async_find(cleaned_host(user_input[CONF_HOST]))
            except LalaError as error:
                errors["base"] = _ERRORS.get(error.fault, "cannot_connect")
            else:
                if self._has_to_be_asked(found):
                    return await self.async_step_senec_trust()
                return await self._async_take(found)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                HOST_SCHEMA, user_input or self.entry_data
            ),
            errors=errors,
        )

    async def async_step_senec_trust(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the same system is to be trusted though it is not the pinned certificate."""
        assert self._found is not None  # noqa: S101  only _async_ask_for_senec leads here
        if user_input is not None:
            return await self._async_take(self._found)
        shown = self._found.certificate
        return self.async_show_form(
            step_id="senec_trust",
            data_schema=vol.Schema({}),
            description_placeholders={
                "expected": fingerprint(self.entry_data[CONF_CERTIFICATE]),
                "shown": "-" if shown is None else fingerprint(shown),
            },
        )

    def _has_to_be_asked(self, found: FoundDevice) -> bool:
        """Whether a system that is set up answers, and not with the certificate that is pinned."""
        if self.source != SOURCE_RECONFIGURE:
            return False
        entry = self._get_reconfigure_entry()
        question = question_of(entry.data, entry.unique_id, found)
        return question not in {None, REPLACED}  # another system is refused at the end

    async def _async_take(self, found: FoundDevice) -> ConfigFlowResult:
        self.entry_data.pop(CONF_CERTIFICATE, None)
        self.entry_data[CONF_HOST] = self._host
        if found.certificate is not None:
            self.entry_data[CONF_CERTIFICATE] = found.certificate
        identity = found.identity
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

    async def _async_find(self, host: str) -> FoundDevice:
        """Return who answers, with the certificate of the very connection that was used."""
        self._host = host
        session = new_session(self.hass)
        try:
            found = await async_who_answers(session, host)
            client, _seen = client_of(session, {CONF_HOST: host, **_pin(found)})
            client.scheme = found.scheme
            with contextlib.suppress(LalaError):
                # Only for the words at the end: who it is, is known.
                answer = await client.query(read_body(ABOUT))
                found = replace(found, identity=found.identity.completed(answer))
            return found
        finally:
            await session.close()


def _pin(found: FoundDevice) -> dict[str, str]:
    return {} if found.certificate is None else {CONF_CERTIFICATE: found.certificate}


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


SETUP: Final = SetUp(flow=SenecLocalFlow, options=options_schema)
