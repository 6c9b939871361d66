"""What of a smart meter becomes an entity."""

from copy import replace
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory

from ..common import quantities as q
from ..common.quantities import Quantity
from ..common.throttle import Pace, Pacing
from ..sensor import HausstromSensorDescription, measured
from .const import PRESENCE


def _energy(key: str) -> HausstromSensorDescription:
    # A meter exchange begins a new count: total_increasing, where total would jump.
    return HausstromSensorDescription(key=key, **measured(q.METERED_ENERGY))


def _reactive_energy(key: str) -> HausstromSensorDescription:
    return HausstromSensorDescription(
        key=key, entity_registry_enabled_default=False, **measured(q.METERED_REACTIVE_ENERGY)
    )


def _power(key: str, pacing: Pacing | None = None) -> HausstromSensorDescription:
    return HausstromSensorDescription(key=key, pacing=pacing, **measured(q.POWER))


def _reactive_power(key: str) -> HausstromSensorDescription:
    return HausstromSensorDescription(
        key=key, entity_registry_enabled_default=False, **measured(q.REACTIVE_POWER)
    )


def _of_phase(name: str, phase: int, quantity: Quantity) -> HausstromSensorDescription:
    return HausstromSensorDescription(
        key=f"{name}_l{phase}",
        translation_key=f"{name}_phase",
        placeholders={"phase": str(phase)},
        **measured(quantity),
    )


_MEASUREMENTS: Final = (
    _energy("energy_import"),
    _energy("energy_export"),
    _power("power"),
    # Halves of the one above: not worth its pace.
    _power("power_import", Pacing(Pace.CALM, 0.5)),
    _power("power_export", Pacing(Pace.CALM, 0.5)),
    _of_phase("voltage", 1, q.AC_VOLTAGE),
    _of_phase("voltage", 2, q.AC_VOLTAGE),
    _of_phase("voltage", 3, q.AC_VOLTAGE),
    _of_phase("current", 1, q.CURRENT),
    _of_phase("current", 2, q.CURRENT),
    _of_phase("current", 3, q.CURRENT),
    HausstromSensorDescription(
        key="power_factor",
        **measured(q.POWER_FACTOR, precision=3),
        pacing=Pacing(Pace.RARE, 0.005),
    ),
    _reactive_energy("reactive_energy_import"),
    _reactive_energy("reactive_energy_export"),
    _reactive_power("reactive_power_import"),
    _reactive_power("reactive_power_export"),
)

# What a telegram says is true as long as telegrams are believed; what is refused is counted as
# long as anything is heard.
MEASUREMENTS: Final = tuple(replace(one, presence=PRESENCE) for one in _MEASUREMENTS)
"""Entities for what the meter sends; what it does not send has none."""

DIAGNOSTICS: Final = (
    HausstromSensorDescription(
        key="meter_time",
        presence=PRESENCE,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    HausstromSensorDescription(
        key="frame_counter",
        presence=PRESENCE,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    HausstromSensorDescription(
        key="telegrams_rejected",
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)
"""Entities for the reception itself."""
