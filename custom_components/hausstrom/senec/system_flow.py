"""Choosing one of the systems of an account or a key: a step of every way into SENEC's cloud."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import probatio as vol
from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig

from ..const import LOGGER
from ..flow import KindFlow
from .const import CONF_SYSTEM_ID
from .protocol.errors import SenecServiceError, ServiceReason

CONF_TOTP_SECRET: Final = "totp_secret"  # noqa: S105  the name of a field

FLOW_ERRORS: Mapping[ServiceReason, tuple[str, str]] = {
    ServiceReason.AUTH: ("base", "invalid_auth"),
    ServiceReason.LOCKED: ("base", "senec_locked"),
    ServiceReason.TOTP_REQUIRED: (CONF_TOTP_SECRET, "totp_required"),
    ServiceReason.TOTP_NOT_ENROLLED: (CONF_TOTP_SECRET, "totp_required"),
    ServiceReason.TOTP_REFUSED: (CONF_TOTP_SECRET, "invalid_auth"),
    ServiceReason.PAGE: ("base", "senec_page"),
}


def flow_error(error: SenecServiceError) -> dict[str, str]:
    """Return what the form shows for an error."""
    LOGGER.debug("SENEC did not let the config flow in: %s", error)
    field, key = FLOW_ERRORS.get(error.reason, ("base", "cannot_connect"))
    return {field: key}


class SenecSystemFlow(KindFlow):
    """The step in which one of several systems is chosen, for every way into the cloud."""

    def __init__(self, handler: ConfigFlow) -> None:
        """Start with nothing to choose from."""
        super().__init__(handler)
        self._systems: Mapping[str, str] = {}
        self._after_system: Callable[[str], Awaitable[ConfigFlowResult]] | None = None

    async def async_choose_system(
        self, systems: Mapping[str, str], then: Callable[[str], Awaitable[ConfigFlowResult]]
    ) -> ConfigFlowResult:
        """Have one of the systems (id: name) chosen, if there are several, and go on."""
        if len(systems) == 1:
            return await then(next(iter(systems)))
        self._systems, self._after_system = systems, then
        return await self.async_step_senec_system()

    async def async_step_senec_system(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which system it is."""
        assert self._after_system is not None  # noqa: S101  only async_choose_system leads here
        if user_input is not None:
            return await self._after_system(user_input[CONF_SYSTEM_ID])
        options = [SelectOptionDict(value=id_, label=name) for id_, name in self._systems.items()]
        return self.async_show_form(
            step_id="senec_system",
            data_schema=vol.Schema(
                {
                    vol.Required(CONF_SYSTEM_ID): SelectSelector(
                        SelectSelectorConfig(options=options)
                    )
                }
            ),
        )
