"""The action that fills the energy dashboard, and what our own dashboard asks of a home."""

from typing import TYPE_CHECKING, Any, Final, cast

import probatio as vol
from homeassistant.components import websocket_api
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
from homeassistant.util.json import JsonValueType

from ..const import DOMAIN
from . import async_load

if TYPE_CHECKING:
    from .fill import Texts
    from .plan import Plan, Source

SERVICE_SETUP_ENERGY_DASHBOARD: Final = "setup_energy_dashboard"
ATTR_DRY_RUN: Final = "dry_run"
SCHEMA: Final = vol.Schema({vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean})


@callback
def async_setup_action(hass: HomeAssistant) -> None:
    """Register the action, and the command of our dashboard."""

    async def setup_energy_dashboard(call: ServiceCall) -> ServiceResponse:
        await async_load(hass)
        from .fill import async_fill, async_plan, async_texts  # noqa: PLC0415  loaded, see above
        from .offer import async_note  # noqa: PLC0415

        dry_run: bool = call.data[ATTR_DRY_RUN]
        plan = await (async_plan(hass) if dry_run else async_fill(hass))
        if not dry_run:
            await async_note(hass, plan.added)
        return as_response(plan, await async_texts(hass), dry_run=dry_run)

    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_SETUP_ENERGY_DASHBOARD,
        setup_energy_dashboard,
        schema=SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    websocket_api.async_register_command(hass, websocket_home)


def as_response(plan: Plan, texts: Texts, *, dry_run: bool) -> dict[str, JsonValueType]:
    """Return what the action answers."""
    return {
        "dry_run": dry_run,
        "added": [_as_item(source) for source in plan.added],
        "skipped": [
            {
                **_as_item(skipped.source),
                "reason": skipped.reason.value,
                "explanation": texts[f"energy_{skipped.reason}"].format(instead=skipped.instead),
            }
            for skipped in plan.skipped
        ],
    }


def _as_item(source: Source) -> dict[str, JsonValueType]:
    return {
        "type": source.role.value,
        "device": source.device_name,
        "statistics": cast("list[JsonValueType]", source.statistics),
    }


@websocket_command({vol.Required("type"): f"{DOMAIN}/home", vol.Optional("language"): str})
@async_response
async def websocket_home(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Tell the dashboard which devices are one system, what meters measure, what is missing.

    For everybody who is logged in; what the energy dashboard lacks only for administrators.
    """
    await async_load(hass)
    from .systems import async_devices, systems_of  # noqa: PLC0415  loaded, see above

    devices = async_devices(hass)
    systems = systems_of(devices)
    meters: list[JsonValueType] = []
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        if callable(rows := getattr(entry.runtime_data, "board_meters", None)):
            meters += rows()
    connection.send_result(
        msg["id"],
        {
            "systems": [
                {
                    "identifier": device.identifier,
                    "entry_id": device.entry_id,
                    "system": systems[device.entry_id],
                }
                for device in devices
            ],
            "meters": meters,
            "missing": await _async_missing(hass, msg.get("language"))
            if connection.user.is_admin
            else [],
        },
    )


async def _async_missing(hass: HomeAssistant, language: str | None) -> list[str]:
    """Return the lines of what the energy dashboard lacks."""
    if "energy" not in hass.config.components:
        return []
    from .fill import async_plan, async_texts, line_of  # noqa: PLC0415  its caller has loaded it

    texts = await async_texts(hass, language)
    return [line_of(one, texts).replace(": ", " · ", 1) for one in (await async_plan(hass)).added]
