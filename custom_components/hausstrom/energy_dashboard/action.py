"""The action that fills the energy dashboard, and what our own dashboard asks of a home.

Loaded when either is asked for (see `services`).
"""

from typing import cast

from homeassistant.core import HomeAssistant
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..const import DOMAIN
from .fill import Texts, async_fill, async_plan, async_texts, line_of
from .offer import async_note
from .plan import Plan, Source
from .systems import async_devices, systems_of


async def async_fill_dashboard(
    hass: HomeAssistant,
    dry_run: bool,
) -> JsonObjectType:
    """Add what the energy dashboard lacks, or (dry_run) only say what that is."""
    plan = await (async_plan(hass) if dry_run else async_fill(hass))
    if not dry_run:
        await async_note(hass, plan.added)
    return as_response(plan, await async_texts(hass), dry_run=dry_run)


def as_response(plan: Plan, texts: Texts, *, dry_run: bool) -> JsonObjectType:
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


async def async_home(hass: HomeAssistant, language: str | None, is_admin: bool) -> JsonObjectType:
    """Tell the dashboard which devices are one system, what meters measure, what is missing.

    What the energy dashboard lacks is told only to administrators, who can add it.
    """
    devices = async_devices(hass)
    systems = systems_of(devices)
    meters: list[JsonValueType] = []
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        if callable(rows := getattr(entry.runtime_data, "board_meters", None)):
            meters += rows()
    return {
        "systems": [
            {
                "identifier": device.identifier,
                "entry_id": device.entry_id,
                "system": systems[device.entry_id],
            }
            for device in devices
        ],
        "meters": meters,
        "missing": [*await _async_missing(hass, language)] if is_admin else [],
    }


async def _async_missing(hass: HomeAssistant, language: str | None) -> list[str]:
    """Return the lines of what the energy dashboard lacks."""
    if "energy" not in hass.config.components:
        return []
    texts = await async_texts(hass, language)
    return [line_of(one, texts).replace(": ", " · ", 1) for one in (await async_plan(hass)).added]
