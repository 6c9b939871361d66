"""What of a SENEC system, seen from the cloud, becomes an entity."""

from collections.abc import Iterable, Mapping
from copy import replace
from functools import partial
from typing import Any, Final, cast

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfElectricCurrent,
    UnitOfPower,
    UnitOfTime,
)

from ...binary_sensor import HausstromBinarySensorDescription
from ...common import quantities as q
from ...entity import Write
from ...number import HausstromNumberDescription
from ...select import HausstromSelectDescription
from ...sensor import HausstromSensorDescription, measured
from ...switch import HausstromSwitchDescription
from ...time import HausstromTimeDescription
from ..descriptions import (
    CAPACITY,
    CURRENT,
    EV_CONNECTED,
    POWERS,
    STATE_SENSOR,
    VOLTAGE,
    WALLBOX_POWER,
    EntityRow,
    percent,
    wallbox_flag,
    wallbox_power,
)
from .protocol.peak_shaving import HIGHEST_CAPACITY_LIMIT, HIGHEST_RESERVE, Mode
from .protocol.readings import SG_READY_SETTINGS, WALLBOX_SETTINGS
from .protocol.wallbox import ChargingMode
from .writing import Writing

SOCKET_MODES: Final = ("off", "on", "automatic")


def _shown_with(presence: str, *rows: EntityRow) -> tuple[EntityRow, ...]:
    """Return rows whose entities are there as long as a service is."""
    return tuple(
        EntityRow(
            row.platform,
            replace(cast("HausstromSensorDescription", row.description), presence=presence),
        )
        for row in rows
    )


def _total(key: str) -> EntityRow:
    # SENEC corrects what it has told: a total follows that, downwards too.
    return EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=f"{key}_total", presence="totals", **measured(q.ENERGY_CORRECTED, precision=0)
        ),
    )


WALLBOX_DAY_BEGAN: Final = "wallbox_day_began"
"""Since when the wallboxes' own counters count. Not `day_began`: they are read in another rhythm,
and a new beginning beside the old day's energy would count that a second time."""


def wallbox_energy_key(index: int) -> str:
    """Return the key of the day's energy of one of several wallboxes."""
    return f"wallbox_energy{index}"


def wallbox_energy_row(index: int) -> EntityRow:
    """Return the row of the day's energy of one of several wallboxes."""
    return EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=wallbox_energy_key(index),
            translation_key="wallbox_energy_of_today",
            placeholders={"number": str(index + 1)},
            last_reset_key=WALLBOX_DAY_BEGAN,
            presence="wallbox_energy",
            **measured(q.ENERGY_CORRECTED),
        ),
    )


def _energy_of_day(key: str) -> EntityRow:
    # SENEC corrects the day's energies, downwards too: a total with last_reset follows that,
    # where total_increasing would take a correction for a new counter.
    return EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=key,
            translation_key=f"{key}_today",
            last_reset_key="day_began",
            **measured(q.ENERGY_CORRECTED),
        ),
    )


def _temperature(
    key: str, placeholders: dict[str, str] | None = None, *, enabled: bool = True
) -> EntityRow:
    return EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=key if placeholders is None else key.format(**placeholders),
            translation_key=key.replace("{number}_", "of_") if placeholders else None,
            placeholders=placeholders,
            **measured(q.TEMPERATURE),
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=enabled,
            presence="details",
        ),
    )


ENERGY_KEYS: Final = (
    "inverter_energy",
    "house_energy",
    "grid_import_energy",
    "grid_export_energy",
    "bat_charge_energy",
    "bat_discharge_energy",
    "wallbox_energy",
)
DASHBOARD: Final = _shown_with(
    "dashboard",
    *POWERS,
    *(_energy_of_day(key) for key in ENERGY_KEYS if key != "wallbox_energy"),
    percent("self_sufficiency", enabled=False),
    percent("self_sufficiency_today"),
    EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key="measured",
            device_class=SensorDeviceClass.TIMESTAMP,
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
        ),
    ),
)
"""Entities of every system."""

WALLBOX_TOTALS: Final = _shown_with(
    "dashboard", WALLBOX_POWER, _energy_of_day("wallbox_energy"), EV_CONNECTED
)
"""Entities of systems with a wallbox, for all wallboxes together."""

STATE: Final = _shown_with(
    "state",
    EntityRow(Platform.SENSOR, STATE_SENSOR),
    EntityRow(
        Platform.BINARY_SENSOR,
        HausstromBinarySensorDescription(
            key="current_state_ok", entity_category=EntityCategory.DIAGNOSTIC
        ),
    ),
)

DETAILS: Final = _shown_with(
    "details",
    EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key="application_version", entity_category=EntityCategory.DIAGNOSTIC
        ),
    ),
    _temperature("case_temp"),
    _temperature("inverter_temperature"),
    VOLTAGE,
    CURRENT,
    CAPACITY,
    percent("bat_health", category=EntityCategory.DIAGNOSTIC),
    EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key="bat_modules",
            suggested_display_precision=0,
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
        ),
    ),
)

TOTALS: Final = tuple(_total(key) for key in ENERGY_KEYS)
"""Energies of the system's whole life."""

FORECAST_CHARGING: Final = (
    EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key="forecast_charging_mode",
            entity_category=EntityCategory.DIAGNOSTIC,
            presence="forecast_charging",
        ),
    ),
)


def _slider(
    key: str,
    write: Write[float],
    highest: float,
    presence: str,
    category: EntityCategory | None = None,
) -> EntityRow:
    """Return the row of a number in whole percent of what the battery holds."""
    return EntityRow(
        Platform.NUMBER,
        HausstromNumberDescription(
            key=key,
            write=write,
            tried_when_gone=True,
            native_min_value=0,
            native_max_value=highest,
            native_step=1,
            native_unit_of_measurement=PERCENTAGE,
            mode=NumberMode.SLIDER,
            entity_category=category,
            presence=presence,
        ),
    )


def peak_shaving_rows(write: Writing) -> Iterable[EntityRow]:
    """Return the rows of peak shaving."""
    yield EntityRow(
        Platform.SELECT,
        HausstromSelectDescription(
            key="peak_shaving_mode",
            write=write.set_mode,
            tried_when_gone=True,
            options=[mode.value for mode in Mode],
            presence="peak_shaving",
        ),
    )
    yield _slider(
        "peak_shaving_capacity_limit",
        write.set_capacity_limit,
        HIGHEST_CAPACITY_LIMIT,
        "peak_shaving",
    )
    yield EntityRow(
        Platform.TIME,
        HausstromTimeDescription(
            key="peak_shaving_end_time",
            write=write.set_end_time,
            tried_when_gone=True,
            presence="peak_shaving",
        ),
    )
    yield percent("export_limit", presence="peak_shaving")


def reserve_row(write: Writing) -> EntityRow:
    """Return the row of the reserve for backup power."""
    return _slider(
        "emergency_reserve", write.set_reserve, HIGHEST_RESERVE, "reserve", EntityCategory.CONFIG
    )


def _sg_ready_number(write: Writing, setting: str, unit: str, maximum: float) -> EntityRow:
    return EntityRow(
        Platform.NUMBER,
        HausstromNumberDescription(
            key=SG_READY_SETTINGS[setting],
            write=partial(write.set_sg_ready, setting),
            tried_when_gone=True,
            device_class=NumberDeviceClass.POWER
            if unit == UnitOfPower.WATT
            else NumberDeviceClass.DURATION,
            native_min_value=0,
            native_max_value=maximum,
            native_step=1,
            native_unit_of_measurement=unit,
            mode=NumberMode.BOX,
            entity_category=EntityCategory.CONFIG,
            entity_registry_enabled_default=False,
            presence="sg_ready",
        ),
    )


def sg_ready_rows(write: Writing) -> Iterable[EntityRow]:
    """Return the rows of SG Ready."""
    yield EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key="sg_ready_mode",
            device_class=SensorDeviceClass.ENUM,
            options=["mode_1", "mode_2", "mode_3", "mode_4"],
            presence="sg_ready",
        ),
    )
    yield EntityRow(
        Platform.SWITCH,
        HausstromSwitchDescription(
            key=SG_READY_SETTINGS["enabled"],
            write=partial(write.set_sg_ready, "enabled"),
            tried_when_gone=True,
            entity_category=EntityCategory.CONFIG,
            presence="sg_ready",
        ),
    )
    yield _sg_ready_number(write, "modeChangeDelayInMinutes", UnitOfTime.MINUTES, 1440)
    yield _sg_ready_number(write, "powerOnProposalThresholdInWatt", UnitOfPower.WATT, 100_000)
    yield _sg_ready_number(write, "powerOnCommandThresholdInWatt", UnitOfPower.WATT, 100_000)
    yield _sg_ready_number(write, "shutdownLevelInWatt", UnitOfPower.WATT, 100_000)


def module_rows(ordinal: int) -> Iterable[EntityRow]:
    """Return the rows of one battery module, counted from 1 as SENEC does."""
    number = {"number": str(ordinal)}
    yield EntityRow(
        Platform.BINARY_SENSOR,
        HausstromBinarySensorDescription(
            key=f"bat_module_{ordinal}_ok",
            translation_key="bat_module_of_ok",
            placeholders=number,
            entity_category=EntityCategory.DIAGNOSTIC,
            presence="details",
        ),
    )
    yield _temperature("bat_module_{number}_temperature_min", number, enabled=False)
    yield _temperature("bat_module_{number}_temperature_max", number, enabled=False)


def _wallbox_switch(index: int, name: str, write: Write[bool]) -> EntityRow:
    return EntityRow(
        Platform.SWITCH,
        HausstromSwitchDescription(
            key=f"wallbox_{index}_{name}",
            write=write,
            tried_when_gone=True,
            translation_key=f"wallbox_of_{name}",
            placeholders={"number": str(index + 1)},
            entity_category=None if name == "locked" else EntityCategory.CONFIG,
            presence="wallboxes",
        ),
    )


def _wallbox_setting(index: int, name: str, write: Writing) -> EntityRow:
    return _wallbox_switch(index, name, partial(write.set_wallbox, WALLBOX_SETTINGS[name], index))


_CURRENT: Final[Mapping[str, Any]] = {
    "device_class": NumberDeviceClass.CURRENT,
    "native_min_value": 6,
    "native_max_value": 32,
    "native_step": 0.5,
    "native_unit_of_measurement": UnitOfElectricCurrent.AMPERE,
    "mode": NumberMode.SLIDER,
}
_PRICE: Final[Mapping[str, Any]] = {
    "native_min_value": -50,
    "native_max_value": 100,
    "native_step": 0.1,
    "native_unit_of_measurement": "ct/kWh",
    "mode": NumberMode.BOX,
    "entity_registry_enabled_default": False,
}


def _wallbox_number(index: int, name: str, write: Writing, allowed: Mapping[str, Any]) -> EntityRow:
    return EntityRow(
        Platform.NUMBER,
        HausstromNumberDescription(
            key=f"wallbox_{index}_{name}",
            write=partial(write.set_wallbox, WALLBOX_SETTINGS[name], index),
            tried_when_gone=True,
            translation_key=f"wallbox_of_{name}",
            placeholders={"number": str(index + 1)},
            entity_category=EntityCategory.CONFIG,
            presence="wallboxes",
            **allowed,
        ),
    )


def wallbox_rows(index: int, write: Writing) -> Iterable[EntityRow]:
    """Return the rows of one wallbox, counted from 0 in keys and from 1 in names."""
    number = {"number": str(index + 1)}
    yield from _shown_with(
        "wallboxes",
        wallbox_power(index),
        wallbox_flag(index, "ev_connected", BinarySensorDeviceClass.PLUG),
        wallbox_flag(index, "charging", BinarySensorDeviceClass.BATTERY_CHARGING),
        wallbox_flag(index, "fault", BinarySensorDeviceClass.PROBLEM, diagnostic=True),
    )
    yield EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=f"wallbox_{index}_status",
            translation_key="wallbox_of_status",
            placeholders=number,
            entity_category=EntityCategory.DIAGNOSTIC,
            presence="wallboxes",
        ),
    )
    yield EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=f"wallbox_{index}_temperature",
            translation_key="wallbox_of_temperature",
            placeholders=number,
            **measured(q.TEMPERATURE),
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
            presence="wallboxes",
        ),
    )
    yield _wallbox_switch(index, "locked", partial(write.lock_wallbox, index))
    yield EntityRow(
        Platform.SELECT,
        HausstromSelectDescription(
            key=f"wallbox_{index}_charging_mode",
            write=partial(write.set_charging_mode, index),
            tried_when_gone=True,
            translation_key="wallbox_of_charging_mode",
            placeholders=number,
            options=[mode.value for mode in ChargingMode],
            presence="wallboxes",
        ),
    )
    yield _wallbox_number(index, "solar_min_current", write, _CURRENT)
    yield _wallbox_number(index, "comfort_current", write, _CURRENT)
    yield _wallbox_setting(index, "solar_prevent_interruptions", write)
    yield _wallbox_setting(index, "fast_intercharge", write)
    yield _wallbox_setting(index, "comfort_intercharge", write)
    yield _wallbox_setting(index, "solar_dynamic_tariffs", write)
    yield _wallbox_setting(index, "comfort_dynamic_tariffs", write)
    yield _wallbox_number(index, "solar_price_limit", write, _PRICE)
    yield _wallbox_number(index, "comfort_price_limit", write, _PRICE)


def socket_rows(number: int, write: Writing) -> Iterable[EntityRow]:
    """Return the rows of one switched socket, counted from 0 in keys and from 1 in names."""
    placeholders = {"number": str(number + 1)}
    yield EntityRow(
        Platform.SELECT,
        HausstromSelectDescription(
            key=f"socket_{number}_mode",
            write=partial(write.set_socket_mode, number),
            tried_when_gone=True,
            translation_key="socket_of_mode",
            placeholders=placeholders,
            options=list(SOCKET_MODES),
            presence="sockets",
        ),
    )
    yield EntityRow(
        Platform.BINARY_SENSOR,
        HausstromBinarySensorDescription(
            key=f"socket_{number}_on",
            translation_key="socket_of_on",
            placeholders=placeholders,
            device_class=BinarySensorDeviceClass.POWER,
            presence="sockets",
        ),
    )
