"""Home Assistant's energy preferences: what they use, and sources as they want them.

Shapes: components/energy/data.py. Signs of power: grid + import, battery + discharge.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from homeassistant.components.energy.data import (
    BatterySourceType,
    DeviceConsumption,
    EnergyPreferences,
    GasSourceType,
    GridSourceType,
    PowerConfig,
    SolarSourceType,
    SourceType,
    WaterSourceType,
)


def statistics_in(preferences: EnergyPreferences) -> Iterator[str]:
    """Yield every statistic that the preferences use, whatever for."""
    for group in (
        preferences["energy_sources"],
        preferences["device_consumption"],
        preferences.get("device_consumption_water", []),
    ):
        for item in group:
            yield from _statistics(cast("Mapping[str, object]", item))


def _statistics(item: Mapping[str, object]) -> Iterator[str]:
    for name, value in item.items():
        if isinstance(value, Mapping):
            yield from _statistics(value)
        elif name.startswith("stat_") and isinstance(value, str):
            yield value


def foreign_statistics(preferences: EnergyPreferences, ours: set[str]) -> dict[str, str]:
    """Return, by type of source, a statistic of a source that none of ours is part of."""
    foreign: dict[str, str] = {}
    for source in preferences["energy_sources"]:
        statistics = list(_statistics(cast("Mapping[str, object]", source)))
        if statistics and not ours.intersection(statistics):
            foreign.setdefault(source["type"], statistics[0])
    return foreign


def has_forecast(preferences: EnergyPreferences) -> bool:
    """Whether the user has told which forecast belongs to a production."""
    return any(
        source["type"] == "solar" and source["config_entry_solar_forecast"]
        for source in preferences["energy_sources"]
    )


def extended(
    preferences: EnergyPreferences,
    sources: Iterable[SourceType],
    devices: Iterable[DeviceConsumption],
    water_devices: Iterable[DeviceConsumption],
) -> EnergyPreferences:
    """Return the preferences with these sources and devices behind what is there."""
    return {
        "energy_sources": [*preferences["energy_sources"], *sources],
        "device_consumption": [*preferences["device_consumption"], *devices],
        "device_consumption_water": [
            *preferences.get("device_consumption_water", []),
            *water_devices,
        ],
    }


def grid(energy: str, back: str | None, power: str | None) -> GridSourceType:
    """Return a grid connection: import, export, power."""
    source: GridSourceType = {
        "type": "grid",
        "stat_energy_from": energy,
        "stat_energy_to": back,
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
        "stat_compensation": None,
        "entity_energy_price_export": None,
        "number_energy_price_export": None,
        "cost_adjustment_day": 0.0,
    }
    if power:
        source["power_config"] = {"stat_rate": power}
    return source


def solar(energy: str, power: str | None, forecasts: Sequence[str] = ()) -> SolarSourceType:
    """Return a production; `forecasts`: the config entries that forecast it."""
    source: SolarSourceType = {
        "type": "solar",
        "stat_energy_from": energy,
        "config_entry_solar_forecast": list(forecasts) or None,
    }
    if power:
        source["stat_rate"] = power
    return source


def battery(
    discharge: str, charge: str, power: str | None, soc: str | None, *, inverted: bool
) -> BatterySourceType:
    """Return a battery; `inverted`: its power counts charging as positive."""
    source: BatterySourceType = {
        "type": "battery",
        "stat_energy_from": discharge,
        "stat_energy_to": charge,
    }
    if power:
        config: PowerConfig = {"stat_rate_inverted": power} if inverted else {"stat_rate": power}
        source["power_config"] = config
    if soc:
        source["stat_soc"] = soc
    return source


def gas(volume: str, flow: str | None) -> GasSourceType:
    """Return a gas meter."""
    source: GasSourceType = {
        "type": "gas",
        "stat_energy_from": volume,
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
    }
    if flow:
        source["stat_rate"] = flow
    return source


def water(volume: str, flow: str | None) -> WaterSourceType:
    """Return a water meter."""
    source: WaterSourceType = {
        "type": "water",
        "stat_energy_from": volume,
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
    }
    if flow:
        source["stat_rate"] = flow
    return source


def device(consumption: str, name: str, power: str | None) -> DeviceConsumption:
    """Return a device that consumes."""
    item: DeviceConsumption = {"stat_consumption": consumption, "name": name}
    if power:
        item["stat_rate"] = power
    return item
