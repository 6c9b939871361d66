"""Setting up a GX: straight to it, or bridged through Home Assistant's broker."""

from copy import replace
from typing import Any, Final, override
from urllib.parse import urlparse

import probatio as vol
from homeassistant.config_entries import (
    SOURCE_IGNORE,
    ConfigEntry,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.helpers import instance_id
from homeassistant.helpers.service_info.ssdp import ATTR_UPNP_SERIAL, SsdpServiceInfo

from ..const import (
    CONF_BROKER,
    CONF_CERTIFICATE,
    CONF_SOURCE,
    CONF_TLS,
    SOURCE_HOME_ASSISTANT,
)
from ..kinds import SetUp
from ..mqtt_link.broker_flow import MQTT_PORT, MQTT_TLS_PORT
from ..mqtt_link.link import Broker, LinkError
from ..mqtt_link.opening import link_from_data
from ..tls import async_fetch_certificate, fingerprint
from .const import (
    CONF_PAIRING,
    CONF_PORTAL_ID,
    CONF_TOKEN,
    CONF_TOPIC_PREFIX,
    CONF_VRM,
    DEFAULT_USERNAME,
    SOURCE_VRM,
)
from .gx_flow import GxFlow
from .probing import (
    PairingError,
    Trouble,
    async_is_heard,
    async_is_open,
    async_request_token,
    async_system_name,
)
from .protocol.topics import PORTAL_ID, Topics
from .protocol.vrm import VICTRON_CA, vrm_host, vrm_password
from .schemas import (
    BRIDGE_SCHEMA,
    GX_SCHEMA,
    LOGIN_SCHEMA,
    SOURCE_SCHEMA,
    VRM_SCHEMA,
    options_schema,
)


class VictronFlow(GxFlow):
    """The steps of a GX."""

    _gx_pairs: bool = False
    _gx_mqtt_on: bool = True

    async def async_step_victron(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how the GX is reached."""
        if user_input is None:
            return self.async_show_form(step_id="victron", data_schema=SOURCE_SCHEMA)
        if user_input[CONF_SOURCE] == SOURCE_HOME_ASSISTANT:
            return await self.async_step_victron_bridge()
        if user_input[CONF_SOURCE] == SOURCE_VRM:
            return await self.async_step_victron_vrm()
        return await self.async_step_victron_gx()

    # --- through Victron's own broker ---------------------------------------------

    async def async_step_victron_vrm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the portal id and the VRM account, and try them."""
        return await self._async_gx_vrm("victron_vrm", user_input)

    async def _async_gx_vrm(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            portal = user_input[CONF_PORTAL_ID].strip().lower()
            secret = vrm_password(user_input.get(CONF_TOKEN), user_input.get(CONF_PASSWORD))
            if not PORTAL_ID.fullmatch(portal):
                errors[CONF_PORTAL_ID] = "invalid_portal_id"
            elif secret is None:
                errors["base"] = Trouble.PASSWORD_NEEDED
            else:
                broker = Broker(
                    host=vrm_host(portal),
                    port=MQTT_TLS_PORT,
                    tls=True,
                    username=user_input[CONF_USERNAME].strip(),
                    password=secret,
                )
                error = await self._async_gx_try(broker, VICTRON_CA)
                outcome = error or await self._async_gx_vrm_heard(portal)
                if not isinstance(outcome, str):
                    return outcome
                errors["base"] = outcome
        broker_data = self._known_broker()
        known = user_input or {
            CONF_PORTAL_ID: self.entry_data.get(CONF_PORTAL_ID, ""),
            CONF_USERNAME: broker_data.get(CONF_USERNAME, ""),
        }
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(VRM_SCHEMA, known),
            errors=errors,
        )

    async def _async_gx_vrm_heard(self, portal: str) -> ConfigFlowResult | str:
        """Take the portal id if its GX answers: VRM lets in whoever has an account."""
        self.entry_data[CONF_VRM] = True
        link = link_from_data(self.hass, self.entry_data)
        topics = Topics(portal)
        try:
            await link.async_start()
            heard = await async_is_heard(link, topics)
            self._gx_name = await async_system_name(link, topics) if heard else None
        except LinkError as error:
            return error.reason.value
        finally:
            await link.async_stop()
        if not heard:
            return Trouble.NO_PORTAL.value
        return await self._async_gx_take(portal)

    # --- straight to the GX -------------------------------------------------------

    async def async_step_victron_gx(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the GX's address and login, and try them."""
        return await self._async_gx_login("victron_gx", user_input)

    async def _async_gx_login(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            broker = self._gx_broker(user_input)
            if user_input.get(CONF_PAIRING):
                self.entry_data[CONF_BROKER] = broker.as_data()
                return await self.async_step_victron_pairing()
            outcome = await self._async_gx_try(broker) or await self._async_gx_identify()
            if not isinstance(outcome, str):
                return outcome
            errors["base"] = outcome
        known = user_input or self._known_broker()
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(GX_SCHEMA, known),
            errors=errors,
        )

    @staticmethod
    def _gx_broker(user_input: dict[str, Any]) -> Broker:
        tls = user_input.get(CONF_TLS, True)
        port = user_input.get(CONF_PORT, MQTT_TLS_PORT)
        if not tls and port == MQTT_TLS_PORT:
            # The default of the form, left alone when TLS was switched off.
            port = MQTT_PORT
        password = user_input.get(CONF_PASSWORD) or None
        return Broker(
            host=user_input[CONF_HOST].strip(),
            port=port,
            tls=tls,
            username=user_input.get(CONF_USERNAME) or (DEFAULT_USERNAME if password else None),
            password=password,
        )

    async def async_step_victron_pairing(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Have the user press the button, and fetch a token."""
        errors: dict[str, str] = {}
        broker = Broker.from_data(self.entry_data[CONF_BROKER])
        if user_input is not None:
            try:
                identity = await instance_id.async_get(self.hass)
                token = await async_request_token(self.hass, broker.host, identity)
            except PairingError as error:
                errors["base"] = error.trouble.value
            else:
                broker = replace(
                    broker,
                    port=broker.port if broker.tls else MQTT_TLS_PORT,
                    tls=True,
                    username=token.username,
                    password=token.password,
                )
                outcome = await self._async_gx_try(broker) or await self._async_gx_identify()
                if not isinstance(outcome, str):
                    return outcome
                errors["base"] = outcome
        return self.async_show_form(
            step_id="victron_pairing",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={"host": broker.host},
        )

    # --- through Home Assistant's broker ------------------------------------------

    async def async_step_victron_bridge(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the prefix of a bridge, and listen."""
        return await self._async_gx_bridge("victron_bridge", user_input)

    async def _async_gx_bridge(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        error: str | None = None
        if user_input is not None:
            prefix = user_input.get(CONF_TOPIC_PREFIX, "").strip().strip("/")
            if "+" in prefix or "#" in prefix:
                error = "invalid_topic"
            else:
                self.entry_data[CONF_SOURCE] = SOURCE_HOME_ASSISTANT
                self.entry_data[CONF_TOPIC_PREFIX] = prefix
                outcome = await self._async_gx_identify()
                if not isinstance(outcome, str):
                    return outcome
                error = outcome
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(BRIDGE_SCHEMA, self.entry_data),
            errors={} if error is None else {"base": error},
        )

    # --- discovery ----------------------------------------------------------------

    async def async_step_ssdp(self, discovery_info: SsdpServiceInfo) -> ConfigFlowResult:
        """Take a GX that announced itself; one that we know may have moved."""
        upnp = discovery_info.upnp
        host = urlparse(discovery_info.ssdp_location or "").hostname
        portal = str(upnp.get("X_VrmPortalId") or upnp.get(ATTR_UPNP_SERIAL) or "")
        if not host or not PORTAL_ID.fullmatch(portal):
            return self.async_abort(reason="not_a_gx")
        known = await self.async_set_unique_id(f"victron_{portal}")
        if known is not None:
            await self._async_gx_follow(known, host)
        self._abort_if_unique_id_configured()
        self._gx_portal = portal
        self._gx_pairs = upnp.get("X_MqttTokenPairing") == "1"
        self._gx_mqtt_on = upnp.get("X_MqttOnLan") == "1"
        self._gx_name = str(upnp.get("friendlyName") or "") or None
        self.context["title_placeholders"] = {"name": self._gx_name or host}
        self.entry_data[CONF_BROKER] = Broker(host=host, port=MQTT_TLS_PORT, tls=True).as_data()
        return await self.async_step_victron_discovered()

    async def _async_gx_follow(self, entry: ConfigEntry, host: str) -> None:
        """Follow a GX to another address.

        Anybody in the network may announce a portal id. So an entry is moved only when nobody
        answers where the GX was known to be, and when the certificate that is pinned is shown
        at the new address. Without one, only a GX that was never told a password is followed.
        """
        broker = entry.data.get(CONF_BROKER)
        if entry.source == SOURCE_IGNORE or broker is None or broker[CONF_HOST] == host:
            return
        port, certificate = int(broker[CONF_PORT]), broker.get(CONF_CERTIFICATE)
        if entry.data.get(CONF_VRM) or await async_is_open(broker[CONF_HOST], port):
            return
        if certificate is None:
            if broker.get(CONF_PASSWORD) or not await async_is_open(host, port):
                return
        else:
            try:
                shown = await async_fetch_certificate(host, port)
            except OSError:
                return
            if fingerprint(shown) != fingerprint(certificate):
                return
        data = {**entry.data, CONF_BROKER: {**broker, CONF_HOST: host}}
        self.hass.config_entries.async_update_entry(entry, data=data)
        self.hass.config_entries.async_schedule_reload(entry.entry_id)

    async def async_step_victron_discovered(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the password of a GX that was discovered, if it has one."""
        broker = Broker.from_data(self.entry_data[CONF_BROKER])
        errors: dict[str, str] = {}
        if user_input is not None:
            if not self._gx_mqtt_on and self._gx_pairs:
                return await self.async_step_victron_pairing()
            password = user_input.get(CONF_PASSWORD) or None
            username = DEFAULT_USERNAME if password else None
            error = await self._async_gx_try(replace(broker, username=username, password=password))
            if error == Trouble.PLAIN_ONLY:
                error = await self._async_gx_try(
                    replace(broker, port=MQTT_PORT, tls=False, username=username, password=password)
                )
            outcome = error or await self._async_gx_identify()
            if not isinstance(outcome, str):
                return outcome
            if error in (Trouble.PASSWORD_NEEDED, Trouble.MQTT_OFF) and self._gx_pairs:
                return await self.async_step_victron_pairing()
            errors["base"] = outcome
        return self.async_show_form(
            step_id="victron_discovered",
            data_schema=LOGIN_SCHEMA,
            errors=errors,
            description_placeholders={"name": self._gx_name or broker.host, "host": broker.host},
        )

    # --- second visits ------------------------------------------------------------

    @override
    async def async_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how the GX is reached now; it has to be the same one."""
        if self.entry_data[CONF_SOURCE] == SOURCE_HOME_ASSISTANT:
            return await self._async_gx_bridge("reconfigure", user_input)
        if self.entry_data.get(CONF_VRM):
            return await self._async_gx_vrm("reconfigure", user_input)
        return await self._async_gx_login("reconfigure", user_input)

    @override
    async def async_reauth(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the password that is valid now, or pair again."""
        broker = Broker.from_data(self.entry_data[CONF_BROKER])
        if self.entry_data.get(CONF_VRM):
            return await self._async_gx_vrm("reauth_confirm", user_input)
        if (broker.username or "").startswith("token/"):
            return await self.async_step_victron_pairing()
        errors: dict[str, str] = {}
        if user_input is not None:
            password = user_input.get(CONF_PASSWORD) or None
            username = broker.username or (DEFAULT_USERNAME if password else None)
            error = await self._async_gx_try(replace(broker, username=username, password=password))
            if error is None:
                return await self._async_gx_take(self.entry_data[CONF_PORTAL_ID])
            errors["base"] = error
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=LOGIN_SCHEMA,
            errors=errors,
            description_placeholders={"name": broker.host},
        )


SETUP: Final = SetUp(flow=VictronFlow, options=options_schema)
