"""The actions of the integration: those of each kind, and those of the whole home."""

from functools import partial

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback

from .const import DOMAIN
from .energy_dashboard.action import async_setup_action
from .kinds import ACTIONS, async_get_kind


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register all actions; they exist whether an entry is loaded or not."""
    async_setup_action(hass)
    for name, (kind, supports_response) in ACTIONS.items():
        hass.services.async_register(
            DOMAIN, name, partial(_async_call, kind), supports_response=supports_response
        )


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
