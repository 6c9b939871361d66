"""Setting up a device: the menu of kinds, and the options of each."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowError, FlowResultType
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.ssdp import SsdpServiceInfo

from .const import CONF_KIND, DOMAIN, LOGGER
from .kinds import KINDS, async_get_kind

if TYPE_CHECKING:
    from .flow import KindFlow

type FlowStep = Callable[..., Awaitable[ConfigFlowResult]]

_STEP = "async_step_"


class HausstromConfigFlow(ConfigFlow, domain=DOMAIN):
    """Ask which kind of device it is; the steps of the kind's own flow follow.

    Home Assistant calls steps by name. Those that are not here are steps of the kind.
    """

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Begin without a kind."""
        self._kind_flow: KindFlow | None = None
        self._shown: ConfigFlowResult | None = None

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the kinds of devices."""
        return self.async_show_menu(step_id="user", menu_options=list(KINDS))

    @override
    async def async_step_ssdp(self, discovery_info: SsdpServiceInfo) -> ConfigFlowResult:
        """Take the announcement of a GX."""
        return await self._async_step_of("victron", "ssdp", discovery_info)

    @override
    async def async_step_dhcp(self, discovery_info: DhcpServiceInfo) -> ConfigFlowResult:
        """Take the new address of a SENEC that is set up."""
        return await self._async_step_of("senec_local", "dhcp", discovery_info)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change how a device is reached."""
        kind = self._get_reconfigure_entry().data[CONF_KIND]
        return await self._async_step_of(kind, "reconfigure", user_input)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Ask for what the device no longer accepts."""
        return await self._async_step_of(entry_data[CONF_KIND], "reauth", entry_data)

    def __getattr__(self, name: str) -> FlowStep:
        """Return a step of the kind's flow: the first one chooses the kind by its name."""
        step = name.removeprefix(_STEP)
        if name.startswith(_STEP):
            if step in KINDS:
                return partial(self._async_step_of, step, step)
            own: KindFlow | None = self.__dict__.get("_kind_flow")
            if own is not None and hasattr(own, name):
                return partial(self._async_step, own, step)
        raise AttributeError(name)

    async def _async_step_of(self, kind: str, step: str, data: Any) -> ConfigFlowResult:
        if self._kind_flow is None or step == kind:
            set_up = await (await async_get_kind(self.hass, kind)).set_up.async_get(self.hass)
            before, self._kind_flow = self._kind_flow, set_up.flow(self)
            if before is not None:
                self._kind_flow.begin_again(before)
        return await self._async_step(self._kind_flow, step, data)

    async def _async_step(
        self, kind_flow: KindFlow, step: str, data: Any = None
    ) -> ConfigFlowResult:
        """Go through one step. What nobody expected is said in the form, never lost as HTTP 500."""
        method: FlowStep = getattr(kind_flow, _STEP + step)
        try:
            result = await method(data)
        except FlowError:  # aborts, too: Home Assistant's own ways to end a step
            raise
        except Exception:  # noqa: BLE001  logged with its traceback; the form stays
            LOGGER.exception("Unexpected error in the step %s of setting up a device", step)
            if (shown := self._shown) is None:
                return self.async_abort(reason="unknown")
            return self.async_show_form(
                step_id=shown["step_id"],
                data_schema=shown.get("data_schema"),
                errors={"base": "unknown"},
                description_placeholders=shown.get("description_placeholders"),
            )
        self._shown = result if result["type"] is FlowResultType.FORM else None
        return result

    @callback
    @override
    def async_remove(self) -> None:
        """Have the kind's flow give up what it holds."""
        if self._kind_flow is not None:
            self._kind_flow.async_remove()

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
        kind = await async_get_kind(self.hass, self.config_entry.data[CONF_KIND])
        set_up = await kind.set_up.async_get(self.hass)
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = set_up.check_options(self.config_entry, user_input)
            if not errors:
                return self.async_create_entry(data=user_input)
        suggested = user_input or self.config_entry.options
        if user_input is None and set_up.suggestions is not None:
            suggested = {**await set_up.suggestions(self.hass, self.config_entry), **suggested}
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                set_up.options(self.config_entry), suggested
            ),
            errors=errors,
        )
