"""Setting up a system of a SENEC account."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import probatio as vol
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_PASSWORD, CONF_SCAN_INTERVAL, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig

from ...const import LOGGER
from ...coordinator import HausstromConfigEntry
from ...flow import PASSWORD, TEXT, HausstromFlow, whole_number
from ..const import CONF_MODEL, CONF_SYSTEM_ID
from ..protocol.errors import Reason, SenecServiceError
from .const import (
    CONF_CONTROL_UNIT,
    CONF_GENERATION,
    CONF_TIMEZONE,
    CONF_TOKENS,
    CONF_TOTP_SECRET,
    DEFAULT_SCAN_INTERVAL,
    KIND,
)
from .history_import import history_store
from .protocol import totp
from .protocol.models import Generation, System
from .session import Keeper, account_store, open_account

ACCOUNT_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_USERNAME): TEXT,
        vol.Required(CONF_PASSWORD): PASSWORD,
        vol.Optional(CONF_TOTP_SECRET): PASSWORD,
    }
)
FLOW_ERRORS: Mapping[Reason, tuple[str, str]] = {
    Reason.AUTH: ("base", "invalid_auth"),
    Reason.LOCKED: ("base", "senec_locked"),
    Reason.TOTP_REQUIRED: (CONF_TOTP_SECRET, "totp_required"),
    Reason.TOTP_NOT_ENROLLED: (CONF_TOTP_SECRET, "totp_required"),
    Reason.TOTP_REFUSED: (CONF_TOTP_SECRET, "invalid_auth"),
}


def flow_error(error: SenecServiceError) -> dict[str, str]:
    """Return what the form shows for an error."""
    LOGGER.debug("SENEC did not let the config flow in: %s", error)
    field, key = FLOW_ERRORS.get(error.reason, ("base", "cannot_connect"))
    return {field: key}


class SenecSystemFlow(HausstromFlow):
    """The step in which one of several systems is chosen, for every way into the cloud."""

    def __init__(self) -> None:
        """Start with nothing to choose from."""
        super().__init__()
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


class SenecCloudFlow(SenecSystemFlow):
    """The steps of a system in the cloud."""

    def __init__(self) -> None:
        """Start without systems."""
        super().__init__()
        self._found: Mapping[str, System] = {}

    async def async_step_senec_cloud(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account."""
        return await self._async_ask_for_account("senec_cloud", user_input)

    async def async_reconfigure_senec_cloud(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account again."""
        return await self._async_ask_for_account("reconfigure", user_input)

    async def async_reauth_senec_cloud(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for what SENEC accepts now."""
        return await self._async_ask_for_account("reauth_confirm", user_input)

    async def _async_ask_for_account(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None and not (errors := _check_secret(user_input)):
            try:
                systems = await self._async_sign_in(user_input)
            except SenecServiceError as error:
                errors = flow_error(error)
            else:
                if systems:
                    return await self._async_choose_of_account(systems)
                errors = {"base": "no_system"}
        known = {CONF_USERNAME: self.entry_data.get(CONF_USERNAME)}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(ACCOUNT_SCHEMA, user_input or known),
            errors=errors,
            description_placeholders={"name": self.entry_data.get(CONF_MODEL, "")},
        )

    async def _async_sign_in(self, user_input: dict[str, Any]) -> tuple[System, ...]:
        """Sign in once; the entry goes on with the tokens of this sign-in."""
        account_data = {
            CONF_USERNAME: user_input[CONF_USERNAME].strip(),
            CONF_PASSWORD: user_input[CONF_PASSWORD],
            CONF_TOTP_SECRET: user_input.get(CONF_TOTP_SECRET),
        }
        keeper = Keeper()
        account = open_account(self.hass, account_data, keeper)
        try:
            systems = await account.app.systems()
        finally:
            account.session.detach()
        self.entry_data |= account_data
        self.entry_data[CONF_TOKENS] = keeper.state
        return systems

    async def _async_choose_of_account(self, systems: tuple[System, ...]) -> ConfigFlowResult:
        self._found = {system.id: system for system in systems}
        if (known := self.entry_data.get(CONF_CONTROL_UNIT)) is not None:
            # A second visit: the same system, if the account has it.
            same = next((s.id for s in systems if s.control_unit_number == known), systems[0].id)
            return await self._async_take(same)
        return await self.async_choose_system(
            {id_: f"{system.name} ({id_})" for id_, system in self._found.items()}, self._async_take
        )

    async def _async_take(self, system_id: str) -> ConfigFlowResult:
        system = self._found[system_id]
        self.entry_data |= {
            CONF_SYSTEM_ID: system.id,
            CONF_CONTROL_UNIT: system.control_unit_number,
            CONF_GENERATION: system.generation.value,
            CONF_MODEL: system.name,
            CONF_TIMEZONE: system.timezone,
        }
        return await self.async_finish(
            kind=KIND,
            unique_id=f"senec_cloud_{system.control_unit_number}",
            title=system.name,
            placeholders={"model": system.name},
        )


def _check_secret(user_input: Mapping[str, Any]) -> dict[str, str]:
    """Refuse what cannot be a secret before SENEC counts a failed sign-in."""
    if not (secret := user_input.get(CONF_TOTP_SECRET)):
        return {}
    try:
        totp.secret_from(secret)
    except ValueError:
        return {CONF_TOTP_SECRET: "invalid_totp_secret"}
    return {}


def options_schema(entry: HausstromConfigEntry) -> vol.Schema:
    """Return the options of a system: how often it is read."""
    default = DEFAULT_SCAN_INTERVAL[Generation(entry.data[CONF_GENERATION])]
    return vol.Schema(
        {vol.Required(CONF_SCAN_INTERVAL, default=default): whole_number(60, 3600, "s")}
    )


async def async_remove(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Forget the tokens and the state of an import."""
    await account_store(hass, entry.entry_id).async_remove()
    await history_store(hass, entry.entry_id).async_remove()
