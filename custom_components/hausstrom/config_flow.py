"""Setting up a device: the menu of kinds, and the options of each."""

from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.core import callback

from .const import CONF_KIND, DOMAIN
from .kinds import KINDS, DeviceFlows


class HausstromConfigFlow(DeviceFlows, domain=DOMAIN):
    """Ask which kind of device it is; the kind's own steps follow."""

    VERSION = 1
    MINOR_VERSION = 1

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the kinds of devices."""
        return self.async_show_menu(step_id="user", menu_options=list(KINDS))

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> HausstromOptionsFlow:
        """Return the flow for the options of an entry."""
        return HausstromOptionsFlow()


class HausstromOptionsFlow(OptionsFlowWithReload):
    """Show the options of the entry's kind."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the form, check what comes back, and reload the entry."""
        kind = KINDS[self.config_entry.data[CONF_KIND]]
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = kind.check_options(self.config_entry, user_input)
            if not errors:
                return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                kind.options(self.config_entry), user_input or self.config_entry.options
            ),
            errors=errors,
        )
