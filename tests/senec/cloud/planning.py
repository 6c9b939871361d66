"""A home that lives on under SENEC's settings: sun, house, battery, export limit, forecasts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from unittest.mock import Mock
from zoneinfo import ZoneInfo

from homeassistant.components.energy.data import async_get_manager
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
    mock_platform,
)

from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.planning.lever import Hold
from custom_components.hausstrom.planning.model import Battery
from custom_components.hausstrom.planning.simulation import run_held
from simulators.senec_cloud_day import Step
from simulators.senec_cloud_homes import SimulatedSystem

from .conftest import Home

BERLIN: Final = ZoneInfo("Europe/Berlin")
LIMIT: Final = 6000.0  # W: 60 % of 10 kWp
STEP: Final = timedelta(minutes=5)

# Wh by local hour.
CLEAR: Final = dict(
    zip(
        range(5, 22),
        (
            90,
            480,
            1350,
            2700,
            4200,
            5700,
            6950,
            7800,
            8150,
            7850,
            6900,
            5700,
            4200,
            2700,
            1350,
            450,
            90,
        ),
        strict=True,
    )
)
MIXED: Final = {hour: wh * (0.9 if hour % 2 else 0.55) for hour, wh in CLEAR.items()}
DARK: Final = {hour: wh * 0.12 for hour, wh in CLEAR.items()}


@dataclass
class LivingHome:
    """The V3 of the simulated cloud, in a home with 10 kWp, 10 kWh and 2.5 kW."""

    home: Home
    system: SimulatedSystem
    sun: Mapping[int, float] = field(default_factory=lambda: CLEAR)
    forecast: Mapping[int, float] | None = field(default_factory=lambda: CLEAR)
    level: float = 2500.0  # Wh
    kept_free: bool = False  # which way the limit counts
    takes_excess: bool = True
    obeys: bool = True
    lost: float = 0.0  # Wh
    lived: datetime = field(default_factory=dt_util.utcnow)
    flows: Step | None = None
    levels: dict[datetime, float] = field(default_factory=dict)

    battery: Battery = field(default_factory=lambda: Battery(10_000, 2500, 2500))

    def settings(self) -> tuple[str, int, str]:
        """Return mode, limit and end as SENEC has them."""
        at = self.system.peak_shaving
        hour, minute = at["peakShavingLocalEndTime"]
        return (
            at["peakShavingMode"],
            at["peakShavingCapacityLimitInPercent"],
            f"{hour:02}:{minute:02}",
        )

    def set_in_app(self, mode: str, limit: int = 0, hour: int = 0) -> None:
        """Change the settings as a person does in SENEC's app."""
        self.system.peak_shaving |= {
            "peakShavingMode": mode,
            "peakShavingCapacityLimitInPercent": limit,
            "peakShavingLocalEndTime": [hour, 0],
        }

    def _hold(self, now: datetime) -> Hold | None:
        mode, limit, end = self.settings()
        local = now.astimezone(BERLIN)
        if mode != "MANUAL" or not self.obeys or local.strftime("%H:%M") >= end:
            return None
        ceiling = 100 - limit if self.kept_free else limit
        return Hold(self.battery.capacity * ceiling / 100, 2500, takes_excess=self.takes_excess)

    def live(self, now: datetime) -> None:
        """Live on until now, five minutes at a time."""
        while self.lived < now:
            local = self.lived.astimezone(BERLIN)
            sun = self.sun.get(local.hour, 0.0)
            house = 300.0 if not 6 <= local.hour < 22 else 900.0 if local.hour >= 17 else 450.0
            # run_held steps a quarter of an hour: a third of it at a third of the energy.
            run = run_held([sun - house], self.level, self.battery, LIMIT, self._hold(self.lived))
            flow = run.at(1)
            change = (flow.level - self.level) / 3
            self.level += change
            self.lost += flow.lost / 3
            power = change * 12
            charge = max(0.0, power / self.battery.efficiency)
            discharge = max(0.0, -power * self.battery.efficiency)
            self.lived += STEP
            self.levels[self.lived] = self.level / 100
            self.flows = Step(
                self.lived, sun - 4 * flow.lost, house, 4 * flow.fed, 4 * flow.bought,
                charge, discharge, 0.0, self.level / 100,
            )  # fmt: skip

    def step_at(self, _home: object, _moment: datetime) -> Step:
        """Stand in for the simulator's day."""
        assert self.flows is not None
        return self.flows

    async def until(self, hour: int, minute: int = 0, *, days: int = 0) -> None:
        """Let time pass until a local time of day."""
        now = dt_util.utcnow().astimezone(BERLIN)
        target = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        target += timedelta(days=days)
        assert target > now
        while dt_util.utcnow() < target:
            self.live(dt_util.utcnow() + STEP)
            await self.home.wait(minutes=5)

    @property
    def saves(self) -> int:
        """How often settings were sent."""
        return sum("saveSettings" in path for _, path, _ in self.home.cloud.writes)

    # --- forecasts --------------------------------------------------------------------

    async def solar_forecast(
        self, _hass: HomeAssistant, _entry_id: str
    ) -> dict[str, dict[str, float]] | None:
        """Return half of what is forecast: there are two roofs."""
        if self.forecast is None:
            return None
        today = dt_util.utcnow().astimezone(BERLIN)
        hours = {}
        for days in (0, 1):
            for hour, energy in self.forecast.items():
                at = (today + timedelta(days=days)).replace(
                    hour=hour, minute=0, second=0, microsecond=0
                )
                hours[at.isoformat()] = energy / 2
        return {"wh_hours": hours}


async def name_forecasts(
    hass: HomeAssistant, answer: Callable[[HomeAssistant, str], Any], count: int = 2
) -> list[str]:
    """Set up forecasts, and name them in the energy preferences; return their entries."""
    mock_integration(hass, MockModule("sun_oracle"))
    mock_platform(hass, "sun_oracle.energy", Mock(async_get_solar_forecast=answer))
    hass.config.components.add("sun_oracle")
    entries = [MockConfigEntry(domain="sun_oracle") for _ in range(count)]
    for entry in entries:
        entry.add_to_hass(hass)
    assert await async_setup_component(hass, "energy", {})
    manager = await async_get_manager(hass)
    await manager.async_update(
        {
            "energy_sources": [
                {
                    "type": "solar",
                    "stat_energy_from": f"sensor.roof_{number}",
                    "config_entry_solar_forecast": [entry.entry_id],
                }
                for number, entry in enumerate(entries)
            ],
            "device_consumption": [],
            "device_consumption_water": [],
        }
    )
    return [entry.entry_id for entry in entries]


def set_options(hass: HomeAssistant, entry: HausstromConfigEntry, **options: float) -> None:
    """Enter what the planner has to know."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
