"""What the cloud knows, as readings: key of the entity → value in the unit of its description.

Powers in W, energies in kWh, levels in percent. `grid_power` is positive while importing,
`bat_power` while discharging, as Home Assistant's energy dashboard wants.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ....common.slug import slug
from ....common.value import Values as Readings
from ...protocol.state_words import slug_of_word
from .balance import house_of
from .history import local_midnight
from .models import Dashboard, Details, Generation
from .peak_shaving import PeakShaving
from .wallbox import NO_PRICE_LIMIT, ChargingMode, Wallbox, WallboxSetting
from .web import SgReady, Socket

MOST_POWER: Final = 100.0
"""kW: what no system of a home moves."""
# How old a dashboard may be: several times the rhythm in which the system reports.
STALE_AFTER: Final[Mapping[Generation, timedelta]] = {
    Generation.V4: timedelta(minutes=15),
    Generation.V123: timedelta(minutes=30),
}

# Key of an entity → the wallbox's setting that it shows and sets.
WALLBOX_SETTINGS: Final[Mapping[str, WallboxSetting]] = {
    "fast_intercharge": WallboxSetting(ChargingMode.FAST, "allowIntercharge"),
    "solar_min_current": WallboxSetting(ChargingMode.SOLAR, "minChargingCurrentInA"),
    "solar_prevent_interruptions": WallboxSetting(ChargingMode.SOLAR, "preventInterruptions"),
    "solar_dynamic_tariffs": WallboxSetting(ChargingMode.SOLAR, "useDynamicTariffs"),
    "solar_price_limit": WallboxSetting(ChargingMode.SOLAR, "priceLimitInCtPerKwh"),
    "comfort_intercharge": WallboxSetting(ChargingMode.COMFORT, "allowIntercharge"),
    "comfort_current": WallboxSetting(ChargingMode.COMFORT, "configuredChargingCurrent"),
    "comfort_dynamic_tariffs": WallboxSetting(ChargingMode.COMFORT, "useDynamicTariffs"),
    "comfort_price_limit": WallboxSetting(ChargingMode.COMFORT, "priceLimitInCtPerKwh"),
}
SG_READY_SETTINGS: Final[Mapping[str, str]] = {
    "enabled": "sg_ready_enabled",
    "modeChangeDelayInMinutes": "sg_ready_mode_change_delay",
    "powerOnProposalThresholdInWatt": "sg_ready_power_on_proposal",
    "powerOnCommandThresholdInWatt": "sg_ready_power_on_command",
    "shutdownLevelInWatt": "sg_ready_shutdown_level",
}


def is_stale(dashboard: Dashboard, generation: Generation, now: datetime) -> bool:
    """Whether the system has not reported for so long that its values mean nothing any more."""
    return now - dashboard.measured > STALE_AFTER[generation]


def from_dashboard(dashboard: Dashboard, *, holds_wallbox: bool) -> Readings:
    """Return live powers and the day's energies; house is always without the wallboxes."""
    now, today = dashboard.now, dashboard.today
    return {
        "inverter_power": now.generation,
        "house_power": house_of(now.consumption, now.wallbox, holds=holds_wallbox),
        "grid_power_plus": now.draw,
        "grid_power_minus": now.feed_in,
        "grid_power": _difference(now.draw, now.feed_in),
        "bat_power_plus": now.charge,
        "bat_power_minus": now.discharge,
        "bat_power": _difference(now.discharge, now.charge),
        "bat_fuel_charge": now.battery_level,
        "self_sufficiency": now.self_sufficiency,
        "wallbox_charge_power": now.wallbox,
        "inverter_energy": _kilo(today.generation),
        "house_energy": _kilo(house_of(today.consumption, today.wallbox, holds=holds_wallbox)),
        "grid_import_energy": _kilo(today.draw),
        "grid_export_energy": _kilo(today.feed_in),
        "bat_charge_energy": _kilo(today.charge),
        "bat_discharge_energy": _kilo(today.discharge),
        "wallbox_energy": _kilo(today.wallbox),
        "self_sufficiency_today": today.self_sufficiency,
        "ev_connected": dashboard.ev_connected,
        "measured": dashboard.measured,
    }


def day_began(dashboard: Dashboard, zone: ZoneInfo) -> datetime:
    """Return the local midnight (as UTC) from which on the day's energies count."""
    return local_midnight(dashboard.measured.astimezone(zone).date(), zone)


def leave_out_leaps(values: Readings, keys: Iterable[str], hours: float) -> None:
    """Make missing what no system can have moved in so many hours of the day.

    An hour more is allowed: a day that has just begun may hold the end of the one before. What comes
    back to what can be is shown again at the next reading.
    """
    most = MOST_POWER * (hours + 1)
    for key in keys:
        energy = values.get(key)
        if isinstance(energy, int | float) and not 0 <= energy <= most:
            values[key] = None


def from_state(word: str | None, ok: bool | None) -> Readings:
    """Return the state. A word that nobody knows is None: an enumeration must not grow by itself."""
    return {
        "current_state": None if word is None else slug_of_word(word),
        "current_state_ok": ok,
    }


def from_details(details: Details) -> Readings:
    """Return what changes slowly."""
    readings: Readings = {
        "application_version": details.firmware,
        "case_temp": details.case_temperature,
        "bat_voltage": details.voltage,
        "bat_charge_current": details.current,
        "bat_capacity": details.capacity,
        "bat_health": details.health,
        "bat_modules": details.module_count,
        "inverter_temperature": details.inverter_temperature,
    }
    for module in details.modules:
        name = f"bat_module_{module.ordinal}"
        readings[f"{name}_ok"] = None if module.state is None else module.state == "OK"
        readings[f"{name}_temperature_min"] = module.temperature_min
        readings[f"{name}_temperature_max"] = module.temperature_max
    return readings


def from_forecast_charging(mode: str | None) -> Readings:
    """Return the mode of a P4's forecast charging, as a slug."""
    return {"forecast_charging_mode": None if mode is None else slug(mode, german=True)}


def from_wallboxes(wallboxes: Mapping[int, Wallbox]) -> Readings:
    """Return state and settings of each wallbox by its number, counted from 0 as everywhere."""
    readings: Readings = {}
    for index, wallbox in wallboxes.items():
        readings[f"wallbox_charge_power{index}"] = wallbox.power
        name = f"wallbox_{index}"
        readings[f"{name}_locked"] = wallbox.locked
        readings[f"{name}_ev_connected"] = wallbox.ev_connected
        readings[f"{name}_charging"] = wallbox.charging
        readings[f"{name}_fault"] = wallbox.fault
        readings[f"{name}_temperature"] = wallbox.temperature
        readings[f"{name}_status"] = (
            None if wallbox.status is None else slug(wallbox.status, german=True)
        )
        mode = wallbox.charging_mode
        readings[f"{name}_charging_mode"] = None if mode is None else mode.value
        for key, setting in WALLBOX_SETTINGS.items():
            value = setting.of(wallbox)
            readings[f"{name}_{key}"] = None if value == NO_PRICE_LIMIT else value
    return readings


def keep_the_old_day(values: Readings, known: Readings, keys: Iterable[str]) -> None:
    """Let no counter fall after midnight before a report of the new day has come.

    Until then a fall is SENEC's new day under the old one's time: statistics would take the
    whole old day back.
    """
    for key in keys:
        before, told = known.get(key), values.get(key)
        if isinstance(before, float) and isinstance(told, float) and told < before:
            values[key] = before


def from_peak_shaving(settings: PeakShaving) -> Readings:
    """Return the peak-shaving settings."""
    return {
        "peak_shaving_mode": None if settings.mode is None else settings.mode.value,
        "peak_shaving_capacity_limit": settings.capacity_limit,
        "peak_shaving_end_time": settings.end_time,
        "export_limit": settings.export_limit,
    }


def from_sg_ready(sg_ready: SgReady) -> Readings:
    """Return SG-Ready's mode (`mode_1`…`mode_4`) and settings."""
    readings: Readings = {
        "sg_ready_mode": None if sg_ready.mode is None else f"mode_{sg_ready.mode}"
    }
    for setting, key in SG_READY_SETTINGS.items():
        value = sg_ready.settings.get(setting)
        readings[key] = value if isinstance(value, bool | int | float) else None
    return readings


def from_sockets(sockets: Iterable[Socket]) -> Readings:
    """Return mode and state of each switched socket."""
    readings: Readings = {}
    for socket in sockets:
        readings[f"socket_{socket.number}_mode"] = (
            None if socket.mode is None else slug(socket.mode, german=True)
        )
        readings[f"socket_{socket.number}_on"] = socket.on
    return readings


def _difference(plus: float | None, minus: float | None) -> float | None:
    return None if plus is None or minus is None else plus - minus


def _kilo(value: float | None) -> float | None:
    return None if value is None else value / 1000


def age(dashboard: Dashboard, now: datetime) -> float:
    """Return how old the values are, in seconds, never negative."""
    return max(0.0, (now.astimezone(UTC) - dashboard.measured).total_seconds())
