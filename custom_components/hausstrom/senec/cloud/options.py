"""The options of a system of a SENEC account: its rhythm, and what the planner has to know."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import probatio as vol
from homeassistant.const import CONF_SCAN_INTERVAL
from homeassistant.core import HomeAssistant, async_get_hass, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
)
from homeassistant.loader import IntegrationNotLoaded, async_get_loaded_integration

from ...const import CONF_KIND, DOMAIN
from ...coordinator import HausstromConfigEntry
from ...flow import whole_number
from ...kinds import Later
from .const import (
    CONF_BUY_PRICE,
    CONF_EXPORT_LIMIT,
    CONF_FORECASTS,
    CONF_GENERATION,
    CONF_PEAK_POWER,
    CONF_SELL_PRICE,
    DEFAULT_SCAN_INTERVAL,
)
from .prices import prices_of
from .protocol.models import Generation

# Asked only when a form is opened.
_SYSTEMS: Final = Later[Callable[[HomeAssistant], Mapping[str, str]]](
    __package__, "..energy_dashboard.systems", "async_systems"
)
PATIENCE: Final = 5.0  # seconds that a device may take to tell its peak power


def _number(minimum: float, maximum: float, step: float, unit: str) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=minimum,
            max=maximum,
            step=step,
            mode=NumberSelectorMode.BOX,
            unit_of_measurement=unit,
        )
    )


@callback
def forecasts(hass: HomeAssistant) -> dict[str, str]:
    """Return the config entries (id: title) whose integration gives a forecast of solar energy."""
    found: dict[str, str] = {}
    for entry in hass.config_entries.async_entries(include_disabled=False, include_ignore=False):
        if entry.domain == DOMAIN:
            continue
        try:
            integration = async_get_loaded_integration(hass, entry.domain)
        except IntegrationNotLoaded:
            continue
        if integration.platforms_exists(("energy",)):
            found[entry.entry_id] = entry.title
    return found


def options_schema(entry: HausstromConfigEntry) -> vol.Schema:
    """Return the options of a system: how often it is read, and what the planner has to know."""
    default = DEFAULT_SCAN_INTERVAL[Generation(entry.data[CONF_GENERATION])]
    choices = forecasts(async_get_hass())
    # What was chosen stays a choice, also while its integration is not loaded.
    for entry_id in entry.options.get(CONF_FORECASTS, ()):
        choices.setdefault(entry_id, entry_id)
    fields: dict[vol.Marker, object] = {
        vol.Required(CONF_SCAN_INTERVAL, default=default): whole_number(60, 3600, "s"),
        vol.Optional(CONF_PEAK_POWER): _number(0.1, 1000, 0.01, "kWp"),
        vol.Optional(CONF_EXPORT_LIMIT): _number(0, 100, 1, "%"),
        vol.Optional(CONF_BUY_PRICE): _number(0, 5, 0.001, "€/kWh"),
        vol.Optional(CONF_SELL_PRICE): _number(0, 5, 0.001, "€/kWh"),
    }
    if choices:
        fields[vol.Optional(CONF_FORECASTS)] = SelectSelector(
            SelectSelectorConfig(
                options=[SelectOptionDict(value=key, label=name) for key, name in choices.items()],
                multiple=True,
            )
        )
    return vol.Schema(fields)


def check_options(_entry: HausstromConfigEntry, user_input: Mapping[str, Any]) -> dict[str, str]:
    """Refuse prices with which storing energy would never pay."""
    prices = prices_of(user_input)
    if prices.sell < prices.buy:
        return {}
    return {
        CONF_SELL_PRICE if CONF_SELL_PRICE in user_input else CONF_BUY_PRICE: "sell_price_too_high"
    }


async def async_suggestions(hass: HomeAssistant, entry: HausstromConfigEntry) -> Mapping[str, Any]:
    """Return the peak power (kWp) that the same system tells in the local network, if it does."""
    if CONF_PEAK_POWER in entry.options:
        return {}
    systems = (await _SYSTEMS.async_get(hass))(hass)
    mine = systems.get(entry.entry_id)
    for other in hass.config_entries.async_loaded_entries(DOMAIN):
        if other.data[CONF_KIND] != "senec_local" or systems.get(other.entry_id) != mine:
            continue
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await hass.services.async_call(
                    DOMAIN,
                    "read_senec",
                    {"config_entry_id": other.entry_id, "sections": ["WIZARD"]},
                    blocking=True,
                    return_response=True,
                )
        except HomeAssistantError, TimeoutError:
            return {}
        match answer:
            case {"sections": {"WIZARD": {"PWRCFG_PEAK_PV_POWER": int() | float() as watts}}} if (
                100 <= watts <= 1_000_000
            ):
                return {CONF_PEAK_POWER: round(watts / 1000, 2)}
    return {}
