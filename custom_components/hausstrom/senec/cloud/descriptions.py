"""What of a SENEC system, seen from the cloud, becomes an entity."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTemperature,
    UnitOfTime,
)
from homeassistant.helpers.entity import EntityDescription

from ...binary_sensor import HausstromBinarySensorDescription
from ...number import HausstromNumberDescription
from ...select import HausstromSelectDescription
from ...sensor import HausstromSensorDescription
from ...switch import HausstromSwitchDescription
from ...time import HausstromTimeDescription
from ..protocol.state_words import P4_STATES
from ..protocol.states import STATE_SLUGS
from .protocol.models import ChargingMode
from .protocol.peak_shaving import Mode

SOCKET_MODES: Final = ("off", "on", "automatic")


class Row(NamedTuple):
    """A description and the platform that it is for."""

    platform: Platform
    description: EntityDescription


def power(key: str, *, enabled: bool = True) -> Row:
    """Return the row of a power in W."""
    return Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=key,
            device_class=SensorDeviceClass.POWER,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=UnitOfPower.WATT,
            suggested_display_precision=0,
            entity_registry_enabled_default=enabled,
        ),
    )


def wallbox_power(index: int) -> Row:
    """Return the row of one wallbox's charging power in W."""
    return Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=f"wallbox_charge_power{index}",
            translation_key="wallbox_charge_power_of",
            placeholders={"number": str(index + 1)},
            device_class=SensorDeviceClass.POWER,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=UnitOfPower.WATT,
            suggested_display_precision=0,
        ),
    )


def _energy_of_day(key: str) -> Row:
    # SENEC corrects the day's energies, downwards too: a total with last_reset follows that,
    # where total_increasing would take a correction for a new counter.
    return Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=key,
            translation_key=f"{key}_today",
            device_class=SensorDeviceClass.ENERGY,
            state_class=SensorStateClass.TOTAL,
            last_reset_key="day_began",
            native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
            suggested_display_precision=2,
        ),
    )


def percent(
    key: str,
    device_class: SensorDeviceClass | None = None,
    category: EntityCategory | None = None,
    *,
    enabled: bool = True,
    presence: str | None = None,
) -> Row:
    """Return the row of a part of a whole."""
    return Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=key,
            device_class=device_class,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=PERCENTAGE,
            suggested_display_precision=0,
            entity_category=category,
            entity_registry_enabled_default=enabled,
            presence=presence,
        ),
    )


def _temperature(
    key: str, placeholders: dict[str, str] | None = None, *, enabled: bool = True
) -> Row:
    return Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=key if placeholders is None else key.format(**placeholders),
            translation_key=key.replace("{number}_", "of_") if placeholders else None,
            placeholders=placeholders,
            device_class=SensorDeviceClass.TEMPERATURE,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=UnitOfTemperature.CELSIUS,
            suggested_display_precision=1,
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=enabled,
        ),
    )


VOLTAGE: Final = Row(
    Platform.SENSOR,
    HausstromSensorDescription(
        key="bat_voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
    ),
)
CURRENT: Final = Row(
    Platform.SENSOR,
    HausstromSensorDescription(
        key="bat_charge_current",
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=1,
    ),
)
CAPACITY: Final = Row(
    Platform.SENSOR,
    HausstromSensorDescription(
        key="bat_capacity",
        device_class=SensorDeviceClass.ENERGY_STORAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)
EV_CONNECTED: Final = Row(
    Platform.BINARY_SENSOR,
    HausstromBinarySensorDescription(key="ev_connected", device_class=BinarySensorDeviceClass.PLUG),
)
POWERS: Final = (
    power("inverter_power"),
    power("house_power"),
    power("grid_power"),
    power("grid_power_plus", enabled=False),
    power("grid_power_minus", enabled=False),
    power("bat_power"),
    power("bat_power_plus", enabled=False),
    power("bat_power_minus", enabled=False),
    percent("bat_fuel_charge", SensorDeviceClass.BATTERY),
)
WALLBOX_POWER: Final = power("wallbox_charge_power")
ENERGY_KEYS: Final = (
    "inverter_energy",
    "house_energy",
    "grid_import_energy",
    "grid_export_energy",
    "bat_charge_energy",
    "bat_discharge_energy",
    "wallbox_energy",
)
DASHBOARD: Final = (
    *POWERS,
    *(_energy_of_day(key) for key in ENERGY_KEYS if key != "wallbox_energy"),
    percent("self_sufficiency", enabled=False),
    percent("self_sufficiency_today"),
    Row(
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

WALLBOX_TOTALS: Final = (WALLBOX_POWER, _energy_of_day("wallbox_energy"), EV_CONNECTED)
"""Entities of systems with a wallbox, for all wallboxes together."""

DETAILS: Final = (
    Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key="current_state",
            device_class=SensorDeviceClass.ENUM,
            options=[*STATE_SLUGS, *P4_STATES],
        ),
    ),
    Row(
        Platform.BINARY_SENSOR,
        HausstromBinarySensorDescription(
            key="current_state_ok", entity_category=EntityCategory.DIAGNOSTIC
        ),
    ),
    Row(
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
    Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key="bat_modules",
            suggested_display_precision=0,
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
        ),
    ),
)

PEAK_SHAVING: Final = (
    Row(
        Platform.SELECT,
        HausstromSelectDescription(
            key="peak_shaving_mode", options=[mode.value for mode in Mode], presence="peak_shaving"
        ),
    ),
    Row(
        Platform.NUMBER,
        HausstromNumberDescription(
            key="peak_shaving_capacity_limit",
            native_min_value=0,
            native_max_value=90,
            native_step=1,
            native_unit_of_measurement=PERCENTAGE,
            mode=NumberMode.SLIDER,
            presence="peak_shaving",
        ),
    ),
    Row(
        Platform.TIME,
        HausstromTimeDescription(key="peak_shaving_end_time", presence="peak_shaving"),
    ),
    percent("export_limit", presence="peak_shaving"),
)

RESERVE: Final = (
    Row(
        Platform.NUMBER,
        HausstromNumberDescription(
            key="emergency_reserve",
            native_min_value=0,
            native_max_value=100,
            native_step=1,
            native_unit_of_measurement=PERCENTAGE,
            mode=NumberMode.SLIDER,
            entity_category=EntityCategory.CONFIG,
            presence="reserve",
        ),
    ),
)


def _sg_ready_number(key: str, unit: str, maximum: float) -> Row:
    return Row(
        Platform.NUMBER,
        HausstromNumberDescription(
            key=key,
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


SG_READY: Final = (
    Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key="sg_ready_mode",
            device_class=SensorDeviceClass.ENUM,
            options=["mode_1", "mode_2", "mode_3", "mode_4"],
            presence="sg_ready",
        ),
    ),
    Row(
        Platform.SWITCH,
        HausstromSwitchDescription(
            key="sg_ready_enabled", entity_category=EntityCategory.CONFIG, presence="sg_ready"
        ),
    ),
    _sg_ready_number("sg_ready_mode_change_delay", UnitOfTime.MINUTES, 1440),
    _sg_ready_number("sg_ready_power_on_proposal", UnitOfPower.WATT, 100_000),
    _sg_ready_number("sg_ready_power_on_command", UnitOfPower.WATT, 100_000),
    _sg_ready_number("sg_ready_shutdown_level", UnitOfPower.WATT, 100_000),
)


def module_rows(ordinal: int) -> Iterable[Row]:
    """Return the rows of one battery module, counted from 1 as SENEC does."""
    number = {"number": str(ordinal)}
    yield Row(
        Platform.BINARY_SENSOR,
        HausstromBinarySensorDescription(
            key=f"bat_module_{ordinal}_ok",
            translation_key="bat_module_of_ok",
            placeholders=number,
            entity_category=EntityCategory.DIAGNOSTIC,
        ),
    )
    yield _temperature("bat_module_{number}_temperature_min", number, enabled=False)
    yield _temperature("bat_module_{number}_temperature_max", number, enabled=False)


def _wallbox_switch(index: int, name: str) -> Row:
    return Row(
        Platform.SWITCH,
        HausstromSwitchDescription(
            key=f"wallbox_{index}_{name}",
            translation_key=f"wallbox_of_{name}",
            placeholders={"number": str(index + 1)},
            entity_category=None if name == "locked" else EntityCategory.CONFIG,
            presence="wallboxes",
        ),
    )


def _wallbox_current(index: int, name: str) -> Row:
    return Row(
        Platform.NUMBER,
        HausstromNumberDescription(
            key=f"wallbox_{index}_{name}",
            translation_key=f"wallbox_of_{name}",
            placeholders={"number": str(index + 1)},
            device_class=NumberDeviceClass.CURRENT,
            native_min_value=6,
            native_max_value=32,
            native_step=0.5,
            native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
            mode=NumberMode.SLIDER,
            entity_category=EntityCategory.CONFIG,
            presence="wallboxes",
        ),
    )


def _wallbox_flag(
    index: int, name: str, device_class: BinarySensorDeviceClass, *, diagnostic: bool = False
) -> Row:
    return Row(
        Platform.BINARY_SENSOR,
        HausstromBinarySensorDescription(
            key=f"wallbox_{index}_{name}",
            translation_key=f"wallbox_of_{name}",
            placeholders={"number": str(index + 1)},
            device_class=device_class,
            entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
            presence="wallboxes",
        ),
    )


def wallbox_rows(index: int) -> Iterable[Row]:
    """Return the rows of one wallbox, counted from 0 in keys and from 1 in names."""
    number = {"number": str(index + 1)}
    yield wallbox_power(index)
    yield _wallbox_flag(index, "ev_connected", BinarySensorDeviceClass.PLUG)
    yield _wallbox_flag(index, "charging", BinarySensorDeviceClass.BATTERY_CHARGING)
    yield _wallbox_flag(index, "fault", BinarySensorDeviceClass.PROBLEM, diagnostic=True)
    yield Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=f"wallbox_{index}_status",
            translation_key="wallbox_of_status",
            placeholders=number,
            entity_category=EntityCategory.DIAGNOSTIC,
            presence="wallboxes",
        ),
    )
    yield Row(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=f"wallbox_{index}_temperature",
            translation_key="wallbox_of_temperature",
            placeholders=number,
            device_class=SensorDeviceClass.TEMPERATURE,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=UnitOfTemperature.CELSIUS,
            suggested_display_precision=1,
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
            presence="wallboxes",
        ),
    )
    yield _wallbox_switch(index, "locked")
    yield Row(
        Platform.SELECT,
        HausstromSelectDescription(
            key=f"wallbox_{index}_charging_mode",
            translation_key="wallbox_of_charging_mode",
            placeholders=number,
            options=[mode.value for mode in ChargingMode],
            presence="wallboxes",
        ),
    )
    yield _wallbox_current(index, "solar_min_current")
    yield _wallbox_current(index, "comfort_current")
    yield _wallbox_switch(index, "solar_prevent_interruptions")
    yield _wallbox_switch(index, "fast_intercharge")
    yield _wallbox_switch(index, "comfort_intercharge")


def socket_rows(number: int) -> Iterable[Row]:
    """Return the rows of one switched socket, counted from 0 in keys and from 1 in names."""
    placeholders = {"number": str(number + 1)}
    yield Row(
        Platform.SELECT,
        HausstromSelectDescription(
            key=f"socket_{number}_mode",
            translation_key="socket_of_mode",
            placeholders=placeholders,
            options=list(SOCKET_MODES),
            presence="sockets",
        ),
    )
    yield Row(
        Platform.BINARY_SENSOR,
        HausstromBinarySensorDescription(
            key=f"socket_{number}_on",
            translation_key="socket_of_on",
            placeholders=placeholders,
            device_class=BinarySensorDeviceClass.POWER,
            presence="sockets",
        ),
    )
