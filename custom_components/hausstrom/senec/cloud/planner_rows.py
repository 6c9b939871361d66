"""What of the planner becomes an entity."""

from enum import StrEnum
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE, Platform, UnitOfEnergy

from ...entity import Write
from ...sensor import HausstromSensorDescription
from ...switch import HausstromSwitchDescription
from ..descriptions import EntityRow


class PlanState(StrEnum):
    """What the planner is doing."""

    IDLE = "idle"  # it is switched off
    PLANNED = "planned"
    NOT_NEEDED = "not_needed"
    PAUSED = "paused"  # a person changed peak shaving today
    NO_FORECAST = "no_forecast"
    NO_DATA = "no_data"  # something has to be said or measured first
    FAILED = "failed"  # SENEC does not take the plan


SWITCH_KEY: Final = "peak_shaving_planner"
PLAN_KEY: Final = "peak_shaving_plan"
LIMIT_KEY: Final = "peak_shaving_planned_limit"
END_KEY: Final = "peak_shaving_planned_end"
EXPECTED_KEY: Final = "peak_shaving_expected_saving"
SAVED_KEY: Final = "peak_shaving_saved_energy"


def switch_row(write: Write[bool]) -> EntityRow:
    """Return the row of the planner's switch."""
    return EntityRow(
        Platform.SWITCH,
        HausstromSwitchDescription(key=SWITCH_KEY, write=write, tried_when_gone=True),
    )


PLANNER: Final = (
    EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=PLAN_KEY, device_class=SensorDeviceClass.ENUM, options=[s.value for s in PlanState]
        ),
    ),
    EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=LIMIT_KEY, native_unit_of_measurement=PERCENTAGE, suggested_display_precision=0
        ),
    ),
    EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(key=END_KEY, device_class=SensorDeviceClass.TIMESTAMP),
    ),
    EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=EXPECTED_KEY,
            device_class=SensorDeviceClass.ENERGY,
            native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
            suggested_display_precision=1,
        ),
    ),
    EntityRow(
        Platform.SENSOR,
        HausstromSensorDescription(
            key=SAVED_KEY,
            device_class=SensorDeviceClass.ENERGY,
            state_class=SensorStateClass.TOTAL_INCREASING,
            native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
            suggested_display_precision=2,
            outlives_silence=True,
        ),
    ),
)
"""Entities of every system that has peak shaving."""
