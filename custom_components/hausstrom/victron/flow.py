"""Setting up a GX: straight to it, or bridged through Home Assistant's broker."""

from dataclasses import replace
from typing import Any, Final, override
from urllib.parse import urlparse

import probatio as vol
from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntry, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import callback
from homeassistant.helpers import instance_id
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.service_info.ssdp import ATTR_UPNP_SERIAL, SsdpServiceInfo

from ..const import (
    CONF_BROKER,
    CONF_CERTIFICATE,
    CONF_SOURCE,
    CONF_TLS,
    CONF_UPDATE_INTERVAL,
    SOURCE_BROKER,
    SOURCE_HOME_ASSISTANT,
)
from ..coordinator import HausstromConfigEntry
from ..flow import MQTT_PORT, MQTT_TLS_PORT, PASSWORD, TEXT, KindFlow, whole_number
from ..mqtt_link.link import Broker, LinkError
from ..mqtt_link.opening import async_try_broker, link_from_data
from .const import (
    CONF_CONTROLS,
    CONF_PAIRING,
    CONF_PORTAL_ID,
    CONF_SERVICES,
    CONF_TOPIC_PREFIX,
    DEFAULT_UPDATE_INTERVAL,
    DEFAULT_USERNAME,
    KIND,
    SOURCE_GX,
)
from .probing import (
    PairingError,
    Trouble,
    async_explain,
    async_find_portals,
    async_request_token,
    async_system_name,
)
from .protocol.catalogue import SERVICES
from .protocol.topics import PORTAL_ID, Topics

SOURCE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_SOURCE, default=SOURCE_GX): SelectSelector(
            SelectSelectorConfig(
                options=[SOURCE_GX, SOURCE_HOME_ASSISTANT],
                translation_key="victron_source",
                mode=SelectSelectorMode.LIST,
            )
        )
    }
)
GX_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_HOST): TEXT,
        vol.Optional(CONF_PORT, default=MQTT_TLS_PORT): whole_number(1, 65535),
        vol.Optional(CONF_TLS, default=True): BooleanSelector(),
        vol.Optional(CONF_USERNAME): TEXT,
        vol.Optional(CONF_PASSWORD): PASSWORD,
        vol.Optional(CONF_PAIRING, default=False): BooleanSelector(),
    }
)
BRIDGE_SCHEMA: Final = vol.Schema({vol.Optional(CONF_TOPIC_PREFIX): TEXT})
LOGIN_SCHEMA: Final = vol.Schema({vol.Optional(CONF_PASSWORD): PASSWORD})


class VictronFlow(KindFlow):
    """The steps of a GX."""

    _gx_portals: tuple[str, ...] = ()
    _gx_portal: str | None = None
    """The portal id that a discovery named."""
    _gx_name: str | None = None
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
        return await self.async_step_victron_gx()

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
            error = await self._async_gx_try(broker)
            if error is None:
                return await self._async_gx_identify(step_id)
            errors["base"] = error
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

    async def _async_gx_try(self, broker: Broker) -> str | None:
        """Connect once and keep what worked; return the key of what is wrong otherwise."""
        try:
            # A certificate is pinned anew: whoever sets up the connection decides on it.
            broker = await async_try_broker(self.hass, replace(broker, certificate=None))
        except LinkError as error:
            return await async_explain(broker, error)
        self.entry_data[CONF_SOURCE] = SOURCE_BROKER
        self.entry_data[CONF_BROKER] = broker.as_data()
        return None

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
                trouble = await self._async_gx_try(broker)
                if trouble is None:
                    return await self._async_gx_identify("victron_pairing")
                errors["base"] = trouble
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
        self, step_id: str, user_input: dict[str, Any] | None, error: str | None = None
    ) -> ConfigFlowResult:
        if user_input is not None:
            prefix = user_input.get(CONF_TOPIC_PREFIX, "").strip().strip("/")
            if "+" in prefix or "#" in prefix:
                error = "invalid_topic"
            else:
                self.entry_data[CONF_SOURCE] = SOURCE_HOME_ASSISTANT
                self.entry_data[CONF_TOPIC_PREFIX] = prefix
                return await self._async_gx_identify(step_id)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(BRIDGE_SCHEMA, self.entry_data),
            errors={} if error is None else {"base": error},
        )

    # --- which GX it is -----------------------------------------------------------

    async def _async_gx_identify(self, step_id: str) -> ConfigFlowResult:
        """Have the GX name itself; go back to the step that led here if it does not."""
        prefix = self.entry_data.get(CONF_TOPIC_PREFIX, "")
        link = link_from_data(self.hass, self.entry_data)
        try:
            await link.async_start()
            portals = await async_find_portals(link, prefix)
            expected = self._gx_portal or self.entry_data.get(CONF_PORTAL_ID)
            if expected in portals:
                portals = [expected]
            if len(portals) == 1:
                self._gx_name = self._gx_name or await async_system_name(
                    link, Topics(portals[0], prefix)
                )
        except LinkError as error:
            return await self._async_gx_again(step_id, error.reason.value)
        finally:
            await link.async_stop()
        if not portals:
            return await self._async_gx_again(step_id, Trouble.NO_PORTAL.value)
        if len(portals) > 1:
            self._gx_portals = tuple(portals)
            return await self.async_step_victron_portal()
        return await self._async_gx_take(portals[0])

    async def _async_gx_again(self, step_id: str, error: str) -> ConfigFlowResult:
        schema = BRIDGE_SCHEMA
        known: dict[str, Any] = self.entry_data
        if self.entry_data[CONF_SOURCE] == SOURCE_BROKER:
            schema, known = GX_SCHEMA, dict(self._known_broker())
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema({})
            if step_id in ("victron_pairing", "victron_discovered")
            else self.add_suggested_values_to_schema(schema, known),
            errors={"base": error},
            description_placeholders={
                "host": str(known.get(CONF_HOST, "")),
                "name": self._gx_name or "",
            },
        )

    async def async_step_victron_portal(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which of several systems on one broker it is."""
        if user_input is not None:
            return await self._async_gx_take(user_input[CONF_PORTAL_ID])
        options = SelectSelectorConfig(options=list(self._gx_portals), mode=SelectSelectorMode.LIST)
        return self.async_show_form(
            step_id="victron_portal",
            data_schema=vol.Schema({vol.Required(CONF_PORTAL_ID): SelectSelector(options)}),
        )

    async def _async_gx_take(self, portal_id: str) -> ConfigFlowResult:
        self.entry_data[CONF_PORTAL_ID] = portal_id
        self.entry_data.setdefault(CONF_TOPIC_PREFIX, "")
        return await self.async_finish(
            kind=KIND,
            unique_id=f"victron_{portal_id}",
            title=self._gx_name or f"GX {portal_id}",
            placeholders={"portal_id": portal_id},
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
            self._gx_follow(known, host)
        self._abort_if_unique_id_configured()
        self._gx_portal = portal
        self._gx_pairs = upnp.get("X_MqttTokenPairing") == "1"
        self._gx_mqtt_on = upnp.get("X_MqttOnLan") == "1"
        self._gx_name = str(upnp.get("friendlyName") or "") or None
        self.context["title_placeholders"] = {"name": self._gx_name or host}
        self.entry_data[CONF_BROKER] = Broker(host=host, port=MQTT_TLS_PORT, tls=True).as_data()
        return await self.async_step_victron_discovered()

    @callback
    def _gx_follow(self, entry: ConfigEntry, host: str) -> None:
        """Follow a GX to another address.

        Anybody in the network may announce a portal id. The pinned certificate proves who
        it is before the password is sent; without one, a password stays where it is.
        """
        broker = entry.data.get(CONF_BROKER)
        if broker and broker.get(CONF_PASSWORD) and not broker.get(CONF_CERTIFICATE):
            return
        if entry.source == SOURCE_IGNORE or broker is None or broker[CONF_HOST] == host:
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
            if error is None:
                return await self._async_gx_identify("victron_discovered")
            if error in (Trouble.PASSWORD_NEEDED, Trouble.MQTT_OFF) and self._gx_pairs:
                return await self.async_step_victron_pairing()
            errors["base"] = error
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
        return await self._async_gx_login("reconfigure", user_input)

    @override
    async def async_reauth(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the password that is valid now, or pair again."""
        broker = Broker.from_data(self.entry_data[CONF_BROKER])
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


def options_schema(_entry: HausstromConfigEntry) -> vol.Schema:
    """Return the options of a GX: which devices, how often, and whether it may be set."""
    services = SelectSelectorConfig(
        options=list(SERVICES),
        multiple=True,
        translation_key="victron_services",
        mode=SelectSelectorMode.DROPDOWN,
        sort=True,
    )
    return vol.Schema(
        {
            vol.Required(CONF_SERVICES, default=list(SERVICES)): SelectSelector(services),
            vol.Required(CONF_UPDATE_INTERVAL, default=DEFAULT_UPDATE_INTERVAL): whole_number(
                1, 600, "s"
            ),
            vol.Required(CONF_CONTROLS, default=False): BooleanSelector(),
        }
    )
