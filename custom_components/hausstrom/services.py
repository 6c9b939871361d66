"""The actions of the integration: those of each kind, and those of the whole home."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

import probatio as vol
from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import async_response, websocket_command
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util.json import JsonObjectType

from .const import DOMAIN
from .kinds import ACTIONS, Later, async_get_kind

SERVICE_SETUP_ENERGY_DASHBOARD: Final = "setup_energy_dashboard"
ATTR_DRY_RUN: Final = "dry_run"
_SCHEMA: Final = vol.Schema({vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean})
# Most homes never ask for either: what answers is loaded with the first question.
_FILL: Final = Later[Callable[[HomeAssistant, bool], Coroutine[Any, Any, JsonObjectType]]](
    __package__, "energy_dashboard.action", "async_fill_dashboard"
)
_HOME: Final = Later[
    Callable[[HomeAssistant, str | None, bool], Coroutine[Any, Any, JsonObjectType]]
](__package__, "energy_dashboard.action", "async_home")


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register all actions, and the command of our dashboard; they exist without any entry."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_SETUP_ENERGY_DASHBOARD,
        _async_fill_dashboard,
        schema=_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_command(hass, websocket_home)
    for name, (kind, supports_response) in ACTIONS.items():
        hass.services.async_register(
            DOMAIN, name, partial(_async_call, kind), supports_response=supports_response
        )


async def _async_fill_dashboard(call: ServiceCall) -> ServiceResponse:
    fill = await _FILL.async_get(call.hass)
    return await fill(call.hass, call.data[ATTR_DRY_RUN])


@websocket_command({vol.Required("type"): f"{DOMAIN}/home", vol.Optional("language"): str})
@async_response
async def websocket_home(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Tell the dashboard what it shows beside entities; for everybody who is logged in."""
    home = await _HOME.async_get(hass)
    told = await home(hass, msg.get("language"), connection.user.is_admin)
    connection.send_result(msg["id"], told)


async def _async_call(kind_name: str, call: ServiceCall) -> ServiceResponse:
    """Have the kind's own code check and carry out an action; it is loaded with the first call."""
    kind = await async_get_kind(call.hass, kind_name)
    assert kind.actions is not None  # noqa: S101  ACTIONS names kinds that have some
    action = (await kind.actions.async_get(call.hass))[call.service]
    return await action.handler(
        ServiceCall(
            call.hass,
            call.domain,
            call.service,
            action.schema(dict(call.data)),
            call.context,
            call.return_response,
        )
    )
