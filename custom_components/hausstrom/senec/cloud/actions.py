"""The actions of a system in the cloud: peak shaving in one write, and the import of the past."""

from datetime import datetime
from typing import Any, Final

import probatio as vol
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import (
    ServiceCall,
    ServiceResponse,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util

from ...const import DOMAIN
from ...kinds import Action
from ..exceptions import translated
from ..protocol.errors import SenecServiceError
from .coordinator import SenecCloudCoordinator
from .history_import import Imported
from .planner_action import ACTION, GET_PLAN
from .protocol.peak_shaving import HIGHEST_CAPACITY_LIMIT, Change, Mode

SET_PEAK_SHAVING: Final = "set_peak_shaving"
IMPORT_HISTORY: Final = "import_senec_history"
CONF_CONFIG_ENTRY_ID: Final = "config_entry_id"
CONF_MODE: Final = "mode"
CONF_CAPACITY_LIMIT: Final = "capacity_limit"
CONF_END_TIME: Final = "end_time"
CONF_START: Final = "start"
CONF_END: Final = "end"

PEAK_SHAVING_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_CONFIG_ENTRY_ID): cv.string,
        vol.Optional(CONF_MODE): vol.In([mode.value for mode in Mode]),
        vol.Optional(CONF_CAPACITY_LIMIT): vol.All(
            vol.Coerce(int), vol.Range(min=0, max=HIGHEST_CAPACITY_LIMIT)
        ),
        vol.Optional(CONF_END_TIME): cv.time,
    }
)
IMPORT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_CONFIG_ENTRY_ID): cv.string,
        vol.Required(CONF_START): cv.datetime,
        vol.Optional(CONF_END): cv.datetime,
    }
)


async def _import_history(call: ServiceCall) -> ServiceResponse:
    coordinator = _coordinator(call)
    filler = coordinator.filler
    start = _instant(call.data[CONF_START], coordinator)
    end = _instant(call.data.get(CONF_END, dt_util.utcnow()), coordinator)
    if start >= end:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="senec_empty_span")
    if filler.importing:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="senec_import_running"
        )
    try:
        return _response(await filler.async_import(start, end))
    except SenecServiceError as error:
        raise translated(error) from error


async def _set_peak_shaving(call: ServiceCall) -> None:
    coordinator = _coordinator(call)
    if not coordinator.has_peak_shaving:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="senec_no_peak_shaving"
        )
    mode = call.data.get(CONF_MODE)
    change = Change(
        None if mode is None else Mode(mode),
        call.data.get(CONF_CAPACITY_LIMIT),
        call.data.get(CONF_END_TIME),
    )
    if change == Change():
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="senec_no_change")
    await coordinator.async_change_peak_shaving(change)


def _coordinator(call: ServiceCall) -> SenecCloudCoordinator:
    entry: ConfigEntry[Any] = async_get_config_entry(
        call.hass, DOMAIN, call.data[CONF_CONFIG_ENTRY_ID]
    )
    if not isinstance(entry.runtime_data, SenecCloudCoordinator):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="senec_not_in_the_cloud"
        )
    return entry.runtime_data


def _instant(moment: datetime, coordinator: SenecCloudCoordinator) -> datetime:
    """Return a time of an action as an instant: without an offset it is the system's local time."""
    return moment if moment.tzinfo else moment.replace(tzinfo=coordinator.zone)


def _response(done: Imported) -> ServiceResponse:
    return {
        "start": done.start.isoformat(),
        "end": done.end.isoformat(),
        "resumed_at": None if done.resumed_at is None else done.resumed_at.isoformat(),
        "days": done.days,
        "hours": done.hours,
        "energy_kwh": {key: round(energy, 3) for key, energy in done.energy.items()},
    }


ACTIONS: Final = {
    GET_PLAN: ACTION,
    SET_PEAK_SHAVING: Action(schema=PEAK_SHAVING_SCHEMA, handler=_set_peak_shaving),
    IMPORT_HISTORY: Action(schema=IMPORT_SCHEMA, handler=_import_history),
}
