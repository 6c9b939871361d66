"""Setting up a system of a SENEC account."""

from collections.abc import Mapping
from typing import Any, Final, override

import probatio as vol
from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME

from ...flow import PASSWORD, TEXT
from ...kinds import SetUp
from ..const import CONF_MODEL, CONF_SYSTEM_ID
from ..exceptions import NO_TITLE
from ..protocol.errors import SenecServiceError
from ..system_flow import SenecSystemFlow, flow_error
from .const import (
    CONF_CONTROL_UNIT,
    CONF_GENERATION,
    CONF_TIMEZONE,
    CONF_TOKENS,
    CONF_TOTP_SECRET,
    CONF_WALLBOX_IDS,
    KIND,
)
from .options import async_suggestions, check_options, options_schema
from .protocol import totp
from .protocol.models import CloudSystem
from .session import Keeper, open_account

ACCOUNT_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_USERNAME): TEXT,
        vol.Required(CONF_PASSWORD): PASSWORD,
        vol.Optional(CONF_TOTP_SECRET): PASSWORD,
    }
)


class SenecCloudFlow(SenecSystemFlow):
    """The steps of a system in the cloud."""

    def __init__(self, handler: ConfigFlow) -> None:
        """Start without systems."""
        super().__init__(handler)
        self._found: Mapping[str, CloudSystem] = {}
        self._signed_in: tuple[Mapping[str, Any], object] = ({}, None)
        """What was entered when the sign-in worked, and its tokens."""

    async def async_step_senec_cloud(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account."""
        return await self._async_ask_for_account("senec_cloud", user_input)

    @override
    async def async_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the account again."""
        return await self._async_ask_for_account("reconfigure", user_input)

    @override
    async def async_reauth(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for what SENEC accepts now."""
        return await self._async_ask_for_account("reauth_confirm", user_input)

    async def _async_ask_for_account(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        page = ""
        if user_input is not None and not (errors := _check_secret(user_input)):
            try:
                systems = await self._async_sign_in(user_input)
            except SenecServiceError as error:
                errors, page = flow_error(error), error.page
            else:
                if systems:
                    return await self._async_choose_of_account(systems)
                errors = {"base": "no_system"}
        known = {CONF_USERNAME: self.entry_data.get(CONF_USERNAME)}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(ACCOUNT_SCHEMA, user_input or known),
            errors=errors,
            description_placeholders={
                "name": self.entry_data.get(CONF_MODEL, ""),
                "page": page or NO_TITLE,
            },
        )

    async def _async_sign_in(self, user_input: dict[str, Any]) -> tuple[CloudSystem, ...]:
        """Sign in once; the entry goes on with the tokens of this sign-in."""
        account_data = {
            CONF_USERNAME: user_input[CONF_USERNAME].strip(),
            CONF_PASSWORD: user_input[CONF_PASSWORD],
            CONF_TOTP_SECRET: user_input.get(CONF_TOTP_SECRET),
        }
        keeper = Keeper()
        # What was signed in already needs no second password, though the systems did not come.
        stored = self._signed_in[1] if self._signed_in[0] == account_data else None
        account = open_account(self.hass, account_data, keeper, stored)
        try:
            systems = await account.app.systems()
        finally:
            account.session.detach()
            if account.tokens.current is not None:
                self._signed_in = (account_data, account.state)
        self.entry_data |= account_data
        self.entry_data[CONF_TOKENS] = account.state
        return systems

    async def _async_choose_of_account(self, systems: tuple[CloudSystem, ...]) -> ConfigFlowResult:
        self._found = {system.id: system for system in systems}
        if (known := self.entry_data.get(CONF_CONTROL_UNIT)) is not None:
            # A second visit: the same system, if the account has it.
            same = next((s.id for s in systems if s.control_unit_number == known), systems[0].id)
            return await self._async_take(same)
        return await self.async_choose_system(
            {id_: f"{system.name} ({id_})" for id_, system in self._found.items()}, self._async_take
        )

    def _wallbox_ids(self, system: CloudSystem) -> list[str]:
        """Return the wallboxes in the order of their numbers: those that are known come first."""
        known: list[str] = self.entry_data.get(CONF_WALLBOX_IDS) or []
        return list(dict.fromkeys((*known, *system.wallbox_ids)))

    async def _async_take(self, system_id: str) -> ConfigFlowResult:
        system = self._found[system_id]
        self.entry_data |= {
            CONF_SYSTEM_ID: system.id,
            CONF_CONTROL_UNIT: system.control_unit_number,
            CONF_GENERATION: system.generation.value,
            CONF_MODEL: system.name,
            CONF_TIMEZONE: system.timezone,
            CONF_WALLBOX_IDS: self._wallbox_ids(system),
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


SETUP: Final = SetUp(
    flow=SenecCloudFlow,
    options=options_schema,
    check_options=check_options,
    suggestions=async_suggestions,
)
