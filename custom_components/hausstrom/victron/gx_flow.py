"""Which GX answers: what all the ways to one have in common."""

from copy import replace
from typing import Any

import probatio as vol
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry, ConfigFlowResult
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..common.text import tail
from ..const import CONF_BROKER, CONF_KIND, CONF_SOURCE, SOURCE_BROKER, SOURCE_HOME_ASSISTANT
from ..mqtt_link.broker_flow import BrokerFlow
from ..mqtt_link.link import Broker, LinkError
from ..mqtt_link.opening import async_try_broker, link_from_data
from .const import CONF_PORTAL_ID, CONF_TAKE_OVER, CONF_TOPIC_PREFIX, KIND
from .probing import (
    Trouble,
    async_explain,
    async_find_portals,
    async_serials,
    async_system_name,
)
from .protocol.topics import Topics
from .schemas import REPLACED_SCHEMA
from .takeover import async_take_over


class GxFlow(BrokerFlow):
    """Tries a broker, has its GX name itself, and goes on with it."""

    _gx_portals: tuple[str, ...] = ()
    _gx_portal: str | None = None
    """The portal id that a discovery named, or that another GX has than the known one."""
    _gx_name: str | None = None

    async def _async_gx_try(self, broker: Broker, authority: str | None = None) -> str | None:
        """Connect once and keep what worked; return the key of what is wrong otherwise."""
        try:
            if authority is None:
                # First use is the first use of this address; what is known of it stays pinned.
                broker = replace(broker, certificate=self._pinned_certificate(broker))
            broker = await async_try_broker(self.hass, broker, authority=authority)
        except LinkError as error:
            return await async_explain(broker, error)
        self.entry_data[CONF_SOURCE] = SOURCE_BROKER
        self.entry_data[CONF_BROKER] = broker.as_data()
        return None

    # --- which GX it is -----------------------------------------------------------

    async def _async_gx_identify(self) -> ConfigFlowResult | str:
        """Have the GX name itself, and go on; return the key of the error if it does not.

        The step that asked shows its own form again then, with everything that it had.
        """
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
            return error.reason.value
        finally:
            await link.async_stop()
        if not portals:
            return Trouble.NO_PORTAL.value
        if len(portals) > 1:
            self._gx_portals = tuple(portals)
            return await self.async_step_victron_portal()
        return await self._async_gx_take(portals[0])

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
        if self.source == SOURCE_RECONFIGURE:
            entry = self._get_reconfigure_entry()
            if entry.unique_id != f"victron_{portal_id}":
                self._gx_portal = portal_id
                return await self.async_step_victron_replaced()
        self.entry_data[CONF_PORTAL_ID] = portal_id
        self.entry_data.setdefault(CONF_TOPIC_PREFIX, "")
        return await self.async_finish(
            kind=KIND,
            unique_id=f"victron_{portal_id}",
            title=self._gx_name or f"GX {tail(portal_id)}",
            placeholders={"portal_id": portal_id},
        )

    async def async_step_victron_replaced(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether another GX has taken the place of the known one, and go on with it if so."""
        entry = self._get_reconfigure_entry()
        found = str(self._gx_portal)
        if user_input is None:
            if await self.async_set_unique_id(f"victron_{found}") is not None:
                return self.async_abort(reason="already_configured")
            return self.async_show_form(
                step_id="victron_replaced",
                data_schema=REPLACED_SCHEMA,
                description_placeholders={
                    "expected": str(entry.data[CONF_PORTAL_ID]),
                    "found": found,
                    "number": str(await self._async_gx_known_devices(entry, found)),
                },
            )
        if not user_input.get(CONF_TAKE_OVER):
            return self.async_abort(reason="wrong_device")
        data = {**self.entry_data, CONF_PORTAL_ID: found, CONF_KIND: KIND}
        data.setdefault(CONF_TOPIC_PREFIX, "")
        if data[CONF_SOURCE] == SOURCE_HOME_ASSISTANT:
            data.pop(CONF_BROKER, None)
        await async_take_over(self.hass, entry, found, data)
        return self.async_abort(reason="reconfigure_successful")

    async def _async_gx_known_devices(self, entry: ConfigEntry, found: str) -> int:
        """Return how many of the new GX's devices this entry knows by their serial numbers."""
        topics = Topics(found, self.entry_data.get(CONF_TOPIC_PREFIX, ""))
        link = link_from_data(self.hass, self.entry_data)
        try:
            await link.async_start()
            serials = await async_serials(link, topics)
        except LinkError:
            return 0
        finally:
            await link.async_stop()
        devices = dr.async_entries_for_config_entry(dr.async_get(self.hass), entry.entry_id)
        return len(serials & {device.serial_number for device in devices})
