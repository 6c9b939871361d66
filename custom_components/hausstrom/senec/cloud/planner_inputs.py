"""What a plan rests on: forecasts, the house's habits, the battery, the limit; and deciding.

Loaded when somebody plans: with it comes all of `planning/` that the planner is idle without.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.energy.websocket_api import async_get_energy_platforms
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

from ...const import DOMAIN, LOGGER
from ...planning.forecast import learn
from ...planning.lever import Setting
from ...planning.load import LoadProfile, load_profile
from ...planning.model import Battery, Site
from ...planning.outlook import Situation
from ...planning.plan import Decision
from .const import CONF_FORECASTS, CONF_GENERATION
from .planner_decision import is_day, timed_decision
from .planner_needs import NoDataError, NoForecastError, Readings, Roof, number
from .prices import prices_of
from .protocol.models import Generation

if TYPE_CHECKING:
    from .planner_coordinator import PlanningCoordinator
    from .planner_eye import Eye

WEEKS: Final = timedelta(weeks=4)
PATIENCE: Final = 30.0  # seconds that all forecasts together may take
LEAST_HOURS: Final = 3  # of today, that a forecast has to speak of
WATTS_OF_A_MODULE: Final = 625.0  # V3 hybrid: NOM_CHARGEPOWER_MODULE
C_RATE: Final = 0.5  # where nothing is known of the power


async def async_forecast(
    hass: HomeAssistant,
    now: datetime,
    chosen: Sequence[str] = (),
    zone: tzinfo | None = None,
) -> dict[datetime, float]:
    """Return Wh by hour (UTC) of all forecasts that the energy preferences name, together.

    chosen: config entries that count where the energy preferences name none; zone: the system's,
    whose today it is about (None: Home Assistant's). Raises
    NoForecastError: none is named, or one that is named and set up does not answer. A sum that
    lacks a roof would be worse than none.
    """
    entry_ids = await _named(hass) or list(chosen)
    if not entry_ids:
        raise NoForecastError("no_forecast_named")
    platforms = await async_get_energy_platforms(hass)
    total: dict[datetime, float] = {}
    heard = False
    for entry_id in entry_ids:
        entry = hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.disabled_by is not None:
            continue  # the roof, or its forecast, was taken away
        if entry.domain not in platforms:
            raise NoForecastError("forecast_unavailable")
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await platforms[entry.domain](hass, entry_id)
        except Exception as error:
            # Whatever another integration raises: for us there is no forecast.
            LOGGER.debug("%s gives no forecast: %s", entry.domain, error)
            raise NoForecastError("forecast_unavailable") from error
        hours = _by_hour(None if answer is None else answer.get("wh_hours"))
        if not _speaks_of_today(hours, now, zone or dt_util.get_default_time_zone()):
            raise NoForecastError("forecast_unavailable")
        heard = True
        for hour, energy in hours.items():
            total[hour] = total.get(hour, 0.0) + energy
    if not heard:
        raise NoForecastError("forecast_unavailable")
    return total


async def _named(hass: HomeAssistant) -> list[str]:
    if "energy" not in hass.config.components:
        return []
    manager = await async_get_manager(hass)
    if manager.data is None:
        return []
    named: dict[str, None] = {}  # each once: two sources may name the same forecast
    for source in manager.data["energy_sources"]:
        if source["type"] == "solar":
            named |= dict.fromkeys(source.get("config_entry_solar_forecast") or [])
    return list(named)


def _by_hour(answer: object) -> dict[datetime, float]:
    """Return Wh by the start of the hour (UTC); shorter periods are added up."""
    hours: dict[datetime, float] = {}
    if not isinstance(answer, Mapping):
        return hours
    for key, energy in answer.items():
        moment = key if isinstance(key, datetime) else dt_util.parse_datetime(str(key))
        if moment is None or not isinstance(energy, int | float) or not 0 <= energy < 1e7:
            continue
        hour = dt_util.as_utc(moment).replace(minute=0, second=0, microsecond=0)
        hours[hour] = hours.get(hour, 0.0) + energy
    return hours


def _speaks_of_today(hours: Mapping[datetime, float], now: datetime, zone: tzinfo) -> bool:
    """Whether a forecast is about today; yesterday's says nothing."""
    today = now.astimezone(zone).date()
    return sum(hour.astimezone(zone).date() == today for hour in hours) >= LEAST_HOURS


async def async_load(hass: HomeAssistant, statistic: str | None, now: datetime) -> LoadProfile:
    """Return the habits of the house from the long-term statistics of its energy."""
    zone = dt_util.get_default_time_zone()
    if statistic is None or "recorder" not in hass.config.components:
        return load_profile([], zone)
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        now - WEEKS,
        now,
        {statistic},
        "hour",
        {"energy": "Wh"},
        {"change"},
    )
    return load_profile(
        [
            (dt_util.utc_from_timestamp(float(row["start"])), float(change))
            for row in found.get(statistic, [])
            if (change := row.get("change")) is not None
        ],
        zone,
    )


def battery_of(readings: Readings, *, is_v3: bool, most_charge: float) -> Battery | None:
    """Return the battery as the readings have it; None while its capacity is not known."""
    capacity = number(readings, "bat_capacity")
    if not capacity or capacity <= 0:
        return None
    health = number(readings, "bat_health")
    usable = capacity * 1000 * (health / 100 if health is not None and 50 <= health <= 100 else 1)
    modules = number(readings, "bat_modules")
    if is_v3 and modules:
        power = max(most_charge, WATTS_OF_A_MODULE * modules)
    else:
        power = most_charge or C_RATE * usable
    return Battery(usable, power, power, number(readings, "emergency_reserve") or 0.0)


def site_of(battery: Battery, peak_power: float, export_limit: float) -> Site:
    """Return the home; peak power in kWp, limit in percent of it."""
    return Site(battery, peak_power * 1000, peak_power * 10 * export_limit)


class Inputs:
    """Gathers what a plan rests on, for one system."""

    def __init__(self, hass: HomeAssistant, coordinator: PlanningCoordinator, eye: Eye) -> None:
        """Take whose readings and options count, and what has been seen."""
        self._hass = hass
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._eye = eye
        self._roof = Roof(coordinator)
        self._habits: tuple[date, LoadProfile] | None = None

    is_day = staticmethod(is_day)

    async def async_decide(self, situation: Situation) -> Decision:
        """Return what to do; it may take some hundred milliseconds, not of the event loop."""
        return await self._hass.async_add_executor_job(timed_decision, situation)

    async def async_situation(self, now: datetime, current: Setting | None) -> Situation:
        """Return all that a plan rests on; raises NoForecastError or NoDataError.

        current: the plan that is in force.
        """
        peak, limit = self._roof.peak_power, self._roof.export_limit
        if peak is None:
            raise NoDataError("peak_power_unknown")
        if limit is None:
            raise NoDataError("export_limit_unknown")
        coordinator, state = self._coordinator, self._eye.state
        forecast = self._eye.forecast = await async_forecast(
            self._hass, now, self._entry.options.get(CONF_FORECASTS, ()), coordinator.zone
        )
        readings = coordinator.data
        level = number(readings, "bat_fuel_charge")
        if level is None or not coordinator.available or not coordinator.is_present("dashboard"):
            raise NoDataError("level_unknown")
        is_v3 = self._entry.data.get(CONF_GENERATION) != Generation.V4.value
        battery = battery_of(readings, is_v3=is_v3, most_charge=state.most_charge)
        if battery is None:
            raise NoDataError("capacity_unknown")
        today = now.astimezone(coordinator.zone).date()
        past = [hours for day, hours in sorted(state.hours.items()) if day != today]
        return Situation(
            now=now,
            zone=coordinator.zone,
            site=site_of(battery, peak, limit),
            level=level,
            forecast=forecast,
            load=await self._async_habits(now, today),
            observed=tuple(state.hours.get(today, ())),
            errors=learn(past),
            prices=prices_of(self._entry.options),
            lever=state.evidence.lever,
            current=current,
            spent=state.ledger.spent(today),
        )

    async def _async_habits(self, now: datetime, today: date) -> LoadProfile:
        """Return the habits of the house, looked up once a day."""
        if self._habits is None or self._habits[0] != today:
            statistic = er.async_get(self._hass).async_get_entity_id(
                "sensor", DOMAIN, f"{self._entry.unique_id}_house_energy"
            )
            self._habits = (today, await async_load(self._hass, statistic, now))
        return self._habits[1]
