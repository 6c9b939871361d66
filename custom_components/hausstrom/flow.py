"""What the set-up of all kinds of devices has in common."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import probatio as vol
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowContext,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .const import (
    CONF_BROKER,
    CONF_KIND,
    CONF_SOURCE,
    DOMAIN,
    SOURCE_HOME_ASSISTANT,
)

PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
TEXT: Final = TextSelector()


def whole_number(minimum: int, maximum: int, unit: str | None = None) -> vol.All[int]:
    """Return the field for a whole number, typed rather than dragged."""
    config = NumberSelectorConfig(min=minimum, max=maximum, step=1, mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return vol.All(NumberSelector(config), vol.Coerce(int))


class KindFlow:
    """The set-up of one kind of device: steps of its own, and endings that the kinds share.

    An object beside Home Assistant's flow, not a part of it, so that steps and names of six
    kinds do not meet in one namespace. A step `x` is the method `async_step_x`.
    """

    def __init__(self, handler: ConfigFlow) -> None:
        """Start with nothing known of the device; handler is Home Assistant's flow."""
        self.handler = handler
        self.entry_data: dict[str, Any] = {}
        """What will be the entry's data; the steps fill it."""

    # --- what Home Assistant's flow does ---------------------------------------------

    @property
    def hass(self) -> HomeAssistant:
        """Home Assistant."""
        return self.handler.hass

    @property
    def source(self) -> str | None:
        """What began the flow: the user, a discovery, reauth, reconfigure."""
        return self.handler.source

    @property
    def context(self) -> ConfigFlowContext:
        """What Home Assistant keeps of the flow, for the list of discovered devices."""
        return self.handler.context

    @property
    def async_show_form(self) -> Callable[..., ConfigFlowResult]:
        """Show a form."""
        return self.handler.async_show_form

    @property
    def async_show_menu(self) -> Callable[..., ConfigFlowResult]:
        """Show a menu of steps."""
        return self.handler.async_show_menu

    @property
    def async_show_progress(self) -> Callable[..., ConfigFlowResult]:
        """Show that something is going on."""
        return self.handler.async_show_progress

    @property
    def async_show_progress_done(self) -> Callable[..., ConfigFlowResult]:
        """Go on after what went on."""
        return self.handler.async_show_progress_done

    @property
    def async_abort(self) -> Callable[..., ConfigFlowResult]:
        """End without an entry."""
        return self.handler.async_abort

    @property
    def async_set_unique_id(self) -> Callable[..., Awaitable[ConfigEntry | None]]:
        """Say which device this is; returns the entry that has it."""
        return self.handler.async_set_unique_id

    @property
    def add_suggested_values_to_schema(self) -> Callable[..., vol.Schema]:
        """Fill a form with what is known."""
        return self.handler.add_suggested_values_to_schema

    @property
    def _abort_if_unique_id_configured(self) -> Callable[..., None]:
        return self.handler._abort_if_unique_id_configured  # noqa: SLF001  ours by delegation

    @property
    def _get_reauth_entry(self) -> Callable[[], ConfigEntry]:
        return self.handler._get_reauth_entry  # noqa: SLF001  ours by delegation

    @property
    def _get_reconfigure_entry(self) -> Callable[[], ConfigEntry]:
        return self.handler._get_reconfigure_entry  # noqa: SLF001  ours by delegation

    def _async_current_entries(self) -> list[ConfigEntry]:
        return self.hass.config_entries.async_entries(DOMAIN)

    def begin_again(self, before: KindFlow) -> None:
        """Take the place of the flow whose first form is sent once more: nothing of it is kept."""
        before.async_remove()

    def async_remove(self) -> None:
        """Give up what the flow holds; called when the dialog is closed."""

    async def async_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask again how the device is reached; shows the step `reconfigure`."""
        raise NotImplementedError

    async def async_reauth(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for what is no longer accepted; shows the step `reauth_confirm`."""
        raise NotImplementedError

    # --- the ending ---------------------------------------------------------------

    async def async_finish(
        self,
        *,
        kind: str,
        unique_id: str,
        title: str,
        placeholders: Mapping[str, str] | None = None,
    ) -> ConfigFlowResult:
        """Make the entry from entry_data, or change the one that is there.

        The same device twice, or another device in place of the known one, is refused.
        """
        await self.async_set_unique_id(unique_id)
        data = {**self.entry_data, CONF_KIND: kind}
        if data.get(CONF_SOURCE) == SOURCE_HOME_ASSISTANT:
            # Left over from another try or from before: a password that nothing uses.
            data.pop(CONF_BROKER, None)
        if self.source in (SOURCE_REAUTH, SOURCE_RECONFIGURE):
            # Home Assistant's flow keeps this for itself, and offers no other way.
            self.handler._abort_if_unique_id_mismatch(reason="wrong_device")  # noqa: SLF001
            entry = (
                self._get_reauth_entry()
                if self.source == SOURCE_REAUTH
                else self._get_reconfigure_entry()
            )
            return self.handler.async_update_reload_and_abort(entry, data=data)
        self._abort_if_unique_id_configured()
        return self.handler.async_create_entry(
            title=title,
            data=data,
            description=kind,
            description_placeholders=placeholders,
        )

    # --- second visits ------------------------------------------------------------

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change how a device is reached."""
        if user_input is None:
            self.entry_data = {**self._get_reconfigure_entry().data}
        return await self.async_reconfigure(user_input)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin to ask for what the device or its broker no longer accepts."""
        self.entry_data = {**entry_data}
        return await self.async_reauth()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take a new secret."""
        return await self.async_reauth(user_input)
