"""Find what the energy dashboard lacks of a home, and add it."""

from collections.abc import Collection, Mapping
from copy import replace

from homeassistant.components.energy.data import (
    EnergyManager,
    EnergyPreferences,
    async_get_manager,
)
from homeassistant.components.energy.websocket_api import async_get_energy_platforms
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_KIND, DOMAIN
from ..kinds import KINDS, async_find_kind
from .plan import Plan, Source, plan_sources, with_sources
from .preferences import has_forecast
from .rows import Role, Sensor, SourceRow
from .systems import async_systems

type Texts = Mapping[str, str]


async def async_plan(hass: HomeAssistant, language: str | None = None) -> Plan:
    """Return what the energy dashboard lacks and what not, named in a language.

    Raises ServiceValidationError where there is no energy dashboard.
    """
    manager = await _async_manager(hass)
    preferences = manager.data or EnergyManager.default_preferences()
    plan = plan_sources(sensors_of(hass), preferences, await _async_rows(hass))
    named(plan, await async_texts(hass, language))
    await _async_attach_forecasts(hass, plan, preferences)
    return plan


async def async_fill(hass: HomeAssistant, only: Collection[str] | None = None) -> Plan:
    """Add what is missing, of that only the sources with these unique ids; return the plan."""
    plan = await async_plan(hass)
    if only is not None:
        plan.added = [source for source in plan.added if source.unique_id in only]
    if plan.added:
        manager = await _async_manager(hass)
        preferences = manager.data or EnergyManager.default_preferences()
        await manager.async_update(with_sources(preferences, plan.added))
    return plan


async def _async_manager(hass: HomeAssistant) -> EnergyManager:
    if "energy" not in hass.config.components:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="energy_dashboard_missing"
        )
    return await async_get_manager(hass)


async def _async_rows(hass: HomeAssistant) -> list[SourceRow]:
    """Return the rows of the kinds that this home has, the better source of a subject first."""
    here = {entry.data[CONF_KIND] for entry in hass.config_entries.async_entries(DOMAIN)}
    kinds = [
        kind
        for name in KINDS
        if name in here and (kind := await async_find_kind(hass, name)) is not None
    ]
    kinds.sort(key=lambda kind: kind.energy_rank)
    return [row for kind in kinds for row in await kind.energy_rows.async_get(hass)]


@callback
def sensors_of(hass: HomeAssistant) -> list[Sensor]:
    """Return all enabled sensors of ours."""
    devices = dr.async_get(hass)
    systems = async_systems(hass)
    sensors = []
    for entry in hass.config_entries.async_entries(DOMAIN):
        for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
            if entity.domain != Platform.SENSOR or entity.disabled_by is not None:
                continue
            device = devices.async_get(entity.device_id) if entity.device_id else None
            if device is None:
                continue
            state_class: str | None = (entity.capabilities or {}).get("state_class")
            sensors.append(
                Sensor(
                    entity_id=entity.entity_id,
                    unique_id=entity.unique_id,
                    key=entity.unique_id.removeprefix(f"{entry.unique_id}_"),
                    kind=entry.data[CONF_KIND],
                    entry_id=entry.entry_id,
                    system=systems.get(entry.entry_id, entry.entry_id),
                    device_id=device.id,
                    device_name=device.name_by_user or device.name or entry.title,
                    device_class=entity.device_class or entity.original_device_class,
                    state_class=state_class,
                )
            )
    return sensors


def named(plan: Plan, texts: Texts) -> None:
    """Name the sources of a plan by what they are: a wallbox, and which one if there are several."""
    alike = [source.row.name for source in plan.added]
    plan.added = [
        replace(source, name=_name(source, texts, alone=alike.count(source.row.name) == 1))
        for source in plan.added
    ]


def _name(source: Source, texts: Texts, *, alone: bool) -> str:
    if source.row.name is None:
        return source.device_name
    word = texts[f"energy_{source.row.name}"]
    return word if alone else f"{word} · {source.device_name}"


def line_of(source: Source, texts: Texts) -> str:
    """Return how a source is listed: what it is, and of which device."""
    role = texts[f"energy_{source.row.name or source.role}"]
    return f"{role}: {source.device_name}"


async def async_texts(hass: HomeAssistant, language: str | None = None) -> Texts:
    """Return the texts about the energy dashboard, in Home Assistant's language if none is said."""
    prefix = f"component.{DOMAIN}.common."
    texts = await async_get_translations(hass, language or hass.config.language, "common", {DOMAIN})
    return {key.removeprefix(prefix): text for key, text in texts.items()}


async def _async_attach_forecasts(
    hass: HomeAssistant, plan: Plan, preferences: EnergyPreferences
) -> None:
    """Attach the forecasts that are set up to the first production of ours.

    To one only: Home Assistant adds up the forecasts of all. What the user has attached, stays.
    """
    first = next((source for source in plan.added if source.role is Role.SOLAR), None)
    if first is None or has_forecast(preferences):
        return
    forecasts = tuple(
        entry.entry_id
        for domain in await async_get_energy_platforms(hass)
        for entry in hass.config_entries.async_entries(domain, include_disabled=False)
        if entry.state is ConfigEntryState.LOADED
    )
    plan.added = [
        replace(source, forecasts=forecasts) if source is first else source for source in plan.added
    ]
