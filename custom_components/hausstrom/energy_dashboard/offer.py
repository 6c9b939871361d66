"""Put this home's sensors into Home Assistant's energy dashboard: as an action, and as an offer."""

from datetime import datetime
from typing import Final, cast

import probatio as vol
from homeassistant.components.energy.data import EnergyManager, async_get_manager
from homeassistant.const import Platform
from homeassistant.core import (
    HassJob,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.helpers.storage import Store
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.json import JsonValueType

from ..const import CONF_KIND, DOMAIN, LOGGER
from ..coordinator import HausstromConfigEntry
from ..kinds import async_get_kind
from .plan import Plan, Source, plan_sources, with_sources
from .rows import Row, Sensor

SERVICE_SETUP_ENERGY_DASHBOARD: Final = "setup_energy_dashboard"
ATTR_DRY_RUN: Final = "dry_run"
SCHEMA: Final = vol.Schema({vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean})

OFFER: Final = "energy_dashboard"
OFFER_DELAY: Final = 30.0
"""Seconds after setting up, in which a device shows what it has."""
STORAGE_VERSION: Final = 1

# The meter that the bill is written by comes before all that only look on; then what is nearer:
# the local SENEC reports every few seconds, the cloud every few minutes.
_PRECISION: Final = ("evn", "victron", "senec_local", "senec_cloud", "senec_connect", "smartlog")

type Texts = dict[str, str]


@callback
def async_setup_action(hass: HomeAssistant) -> None:
    """Register the action."""

    async def setup_energy_dashboard(call: ServiceCall) -> ServiceResponse:
        dry_run: bool = call.data[ATTR_DRY_RUN]
        plan = await async_fill(hass, dry_run=dry_run)
        return as_response(plan, await _async_texts(hass), dry_run=dry_run)

    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_SETUP_ENERGY_DASHBOARD,
        setup_energy_dashboard,
        schema=SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def async_fill(hass: HomeAssistant, *, dry_run: bool = False) -> Plan:
    """Add what is missing to the energy dashboard, and return what was added and what not."""
    if "energy" not in hass.config.components:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="energy_dashboard_missing"
        )
    manager = await async_get_manager(hass)
    preferences = manager.data or EnergyManager.default_preferences()
    plan = plan_sources(sensors_of(hass), preferences, await async_rows(hass))
    if plan.added and not dry_run:
        await manager.async_update(with_sources(preferences, plan.added))
        ir.async_delete_issue(hass, DOMAIN, OFFER)
    return plan


async def async_rows(hass: HomeAssistant) -> list[Row]:
    """Return the rows of the kinds that this home has, the better source of a subject first."""
    here = {entry.data[CONF_KIND] for entry in hass.config_entries.async_entries(DOMAIN)}
    rows: list[Row] = []
    for kind in sorted(here, key=_PRECISION.index):
        rows += (await async_get_kind(hass, kind)).energy_rows
    return rows


@callback
def sensors_of(hass: HomeAssistant) -> list[Sensor]:
    """Return all enabled sensors of ours."""
    devices = dr.async_get(hass)
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
                    key=entity.unique_id.removeprefix(f"{entry.unique_id}_"),
                    kind=entry.data[CONF_KIND],
                    entry_id=entry.entry_id,
                    device_id=device.id,
                    device_name=device.name_by_user or device.name or entry.title,
                    device_class=entity.device_class or entity.original_device_class,
                    state_class=state_class,
                )
            )
    return sensors


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


async def _async_texts(hass: HomeAssistant) -> Texts:
    """Return the texts about the energy dashboard in Home Assistant's language."""
    prefix = f"component.{DOMAIN}.common."
    texts = await async_get_translations(hass, hass.config.language, "common", {DOMAIN})
    return {key.removeprefix(prefix): text for key, text in texts.items()}


# --- the offer ------------------------------------------------------------------------


@callback
def async_schedule_offer(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Look soon whether the energy dashboard lacks what an entry has, and offer it."""

    async def offer(_now: datetime) -> None:
        await async_offer(hass)

    entry.async_on_unload(
        async_call_later(
            hass,
            OFFER_DELAY,
            HassJob(offer, "hausstrom energy dashboard offer", cancel_on_shutdown=True),
        )
    )


def offer_store(hass: HomeAssistant) -> Store[dict[str, bool]]:
    """Return where it is kept that the offer was made."""
    return Store(hass, STORAGE_VERSION, f"{DOMAIN}.{OFFER}")


async def async_offer(hass: HomeAssistant) -> None:
    """Offer once to fill the energy dashboard; withdraw the offer when there is nothing to add."""
    if "energy" not in hass.config.components:
        return
    plan = await async_fill(hass, dry_run=True)
    if not plan.added:
        ir.async_delete_issue(hass, DOMAIN, OFFER)
        return
    store = offer_store(hass)
    if await store.async_load():
        return
    await store.async_save({"offered": True})
    LOGGER.debug("Offering %d sources for the energy dashboard", len(plan.added))
    # Persistent: it is made once, and has to outlive a restart until it is answered.
    ir.async_create_issue(
        hass,
        DOMAIN,
        OFFER,
        is_fixable=True,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=OFFER,
    )


async def async_describe(hass: HomeAssistant) -> str:
    """Return what the action would add, as lines of a list."""
    plan = await async_fill(hass, dry_run=True)
    texts = await _async_texts(hass)
    return "\n".join(
        f"- {texts[f'energy_{source.role}']}: {source.device_name}" for source in plan.added
    )


async def async_forget_offer(hass: HomeAssistant) -> None:
    """Withdraw the offer and forget that it was made; with the last entry."""
    ir.async_delete_issue(hass, DOMAIN, OFFER)
    await offer_store(hass).async_remove()
