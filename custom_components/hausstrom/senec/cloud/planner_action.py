"""The action that tells the plan of peak shaving: its settings, its reason, and the curves."""

from datetime import datetime
from typing import Final

import probatio as vol
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.json import JsonValueType

from ...const import DOMAIN
from ...kinds import Action
from ...planning.lever import Setting
from ...planning.model import STEP
from ...planning.outlook import Situation, look_ahead
from ...planning.plan import Quarter, series
from .planner_coordinator import PlanningCoordinator
from .protocol.peak_shaving import Mode, PeakShaving

GET_PLAN: Final = "get_peak_shaving_plan"
CONF_CONFIG_ENTRY_ID: Final = "config_entry_id"
SCHEMA: Final = vol.Schema({vol.Required(CONF_CONFIG_ENTRY_ID): cv.string})


async def _get_plan(call: ServiceCall) -> ServiceResponse:
    """Return the plan; nothing is changed, and SENEC is not asked."""
    entry = async_get_config_entry(call.hass, DOMAIN, call.data[CONF_CONFIG_ENTRY_ID])
    coordinator: object = entry.runtime_data
    if not isinstance(coordinator, PlanningCoordinator):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="senec_not_in_the_cloud"
        )
    if not coordinator.has_peak_shaving:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="senec_no_peak_shaving"
        )
    planner = coordinator.planner
    situation, missing = await planner.async_situation()
    reason = planner.reason if situation is not None or planner.reason != "off" else missing
    rows: list[JsonValueType] = []
    settings = coordinator.peak_shaving
    if situation is not None:
        setting = situation.current or _users_own(settings, situation)
        rows = await call.hass.async_add_executor_job(_rows, situation, setting)
    return {
        "state": planner.shown.value,
        "reason": reason,
        "explanation": await _in_words(call.hass, reason),
        **_settings(settings),
        "series": rows,
    }


def _settings(settings: PeakShaving | None) -> dict[str, JsonValueType]:
    """Return what SENEC has: with a plan in force, the plan's settings."""
    if settings is None:
        return {"mode": None, "capacity_limit": None, "end_time": None}
    return {
        "mode": None if settings.mode is None else settings.mode.value,
        "capacity_limit": settings.capacity_limit,
        "end_time": None if settings.end_time is None else settings.end_time.isoformat(),
    }


def _users_own(settings: PeakShaving | None, situation: Situation) -> Setting | None:
    """Return a hold that the user has set, as far as it is still to come today."""
    if settings is None or settings.mode is not Mode.MANUAL:
        return None
    if settings.capacity_limit is None or settings.end_time is None:
        return None
    today = situation.now.astimezone(situation.zone).date()
    end = datetime.combine(today, settings.end_time, situation.zone)
    return Setting(settings.capacity_limit, end) if end > situation.now else None


def _rows(situation: Situation, setting: Setting | None) -> list[JsonValueType]:
    outlook = look_ahead(situation)
    return [
        _row(situation, outlook.start + STEP * row.step, row)
        for row in series(situation, outlook, setting)
    ]


def _row(situation: Situation, at: datetime, row: Quarter) -> dict[str, JsonValueType]:
    return {
        "time": at.astimezone(situation.zone).isoformat(),
        "forecast": round(row.forecast),
        "load": round(row.load),
        "level": round(row.level, 1),
        "export": round(row.export),
        "level_without": round(row.level_without, 1),
    }


async def _in_words(hass: HomeAssistant, reason: str) -> str:
    texts = await async_get_translations(hass, hass.config.language, "selector", [DOMAIN])
    key = f"component.{DOMAIN}.selector.peak_shaving_reason.options.{reason}"
    return texts.get(key, reason)


ACTION: Final = Action(schema=SCHEMA, handler=_get_plan)
