"""Setting up a system through SENEC.Connect."""

from collections.abc import Mapping
from typing import Any, Final, override

import probatio as vol
from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_API_KEY, CONF_SCAN_INTERVAL

from ...coordinator import HausstromConfigEntry
from ...flow import PASSWORD, whole_number
from ...kinds import SetUp
from ..const import CONF_MODEL, CONF_SYSTEM_ID
from ..system_flow import SenecSystemFlow, flow_error
from .const import DEFAULT_SCAN_INTERVAL, KIND
from .protocol.errors import SenecConnectError
from .protocol.models import ConnectSystem
from .sharing import new_client

KEY_SCHEMA = vol.Schema({vol.Required(CONF_API_KEY): PASSWORD})


class SenecConnectFlow(SenecSystemFlow):
    """The steps of a system of SENEC.Connect."""

    def __init__(self, handler: ConfigFlow) -> None:
        """Start without systems."""
        super().__init__(handler)
        self._of_key: Mapping[str, ConnectSystem] = {}

    async def async_step_senec_connect(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the key."""
        return await self._async_ask_for_key("senec_connect", user_input)

    @override
    async def async_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the key again."""
        return await self._async_ask_for_key("reconfigure", user_input)

    @override
    async def async_reauth(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the key that is valid now."""
        return await self._async_ask_for_key("reauth_confirm", user_input)

    async def _async_ask_for_key(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            key = user_input[CONF_API_KEY].strip()
            try:
                self._of_key = await new_client(self.hass, key).systems()
            except SenecConnectError as error:
                errors = flow_error(error)
            else:
                self.entry_data[CONF_API_KEY] = key
                if self._of_key:
                    return await self._async_choose_of_key()
                errors = {"base": "no_system"}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(KEY_SCHEMA, user_input),
            errors=errors,
            description_placeholders={"name": self.entry_data.get(CONF_MODEL, "")},
        )

    async def _async_choose_of_key(self) -> ConfigFlowResult:
        if (known := self.entry_data.get(CONF_SYSTEM_ID)) is not None:
            # A second visit: the same system, if the key has it.
            return await self._async_take_of_key(
                known if known in self._of_key else next(iter(self._of_key))
            )
        names = {id_: f"{s.nameplate.model} ({id_})" for id_, s in sorted(self._of_key.items())}
        return await self.async_choose_system(names, self._async_take_of_key)

    async def _async_take_of_key(self, system_id: str) -> ConfigFlowResult:
        model = self._of_key[system_id].nameplate.model
        self.entry_data |= {CONF_SYSTEM_ID: system_id, CONF_MODEL: model}
        return await self.async_finish(
            kind=KIND,
            unique_id=f"senec_connect_{system_id}",
            title=f"{model} (Connect)",
            placeholders={"model": model},
        )


def options_schema(_entry: HausstromConfigEntry) -> vol.Schema:
    """Return the options of a system: how often it is read; the month's budget allows a minute."""
    return vol.Schema(
        {
            vol.Required(CONF_SCAN_INTERVAL, default=DEFAULT_SCAN_INTERVAL): whole_number(
                60, 3600, "s"
            )
        }
    )


SETUP: Final = SetUp(flow=SenecConnectFlow, options=options_schema)
