"""What of a SENEC on the local network becomes which entity: made from the catalogue's tables."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from copy import replace
from functools import partial
from typing import Final, NamedTuple

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.button.const import ButtonDeviceClass
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, Platform
from homeassistant.helpers.entity import EntityDescription

from ...binary_sensor import HausstromBinarySensorDescription
from ...button import HausstromButtonDescription
from ...common.throttle import Pace, Pacing
from ...entity import Press, Write
from ...number import HausstromNumberDescription
from ...select import HausstromSelectDescription
from ...sensor import HausstromSensorDescription
from ...switch import HausstromSwitchDescription
from ..descriptions import STATE_SENSOR, VEHICLE_SENSOR, energy_counter
from .protocol.catalogue import Axis, VariableType
from .protocol.controls import (
    CONTROL_BY_STEM,
    FORCED_CHARGE,
    MODES,
    REBOOT,
    ControlKind,
    VariableControl,
)
from .protocol.counters import EnergyMeters
from .protocol.names import NAMED
from .protocol.points import Readout

type Descriptions = dict[Platform, list[EntityDescription]]

_STATE_CLASS: Final[Mapping[VariableType, SensorStateClass]] = {
    VariableType.MEASURE: SensorStateClass.MEASUREMENT,
    VariableType.COUNTER: SensorStateClass.TOTAL_INCREASING,
}
_MAIN: Final = frozenset({"current_state", "current_state_ok", "ev_connected", "wallbox_state"})
_DIAGNOSTIC: Final = frozenset({"response_duration", "energy_stat_hours_of_operation"})
_BINARY_CLASS: Final[Mapping[str, BinarySensorDeviceClass]] = {
    "energy_gui_charging_info": BinarySensorDeviceClass.BATTERY_CHARGING,
    "energy_stat_maint_required": BinarySensorDeviceClass.PROBLEM,
    "pv1_pv_missing": BinarySensorDeviceClass.PROBLEM,
    "pm1_pwr_meters_missing": BinarySensorDeviceClass.PROBLEM,
    "pwr_unit_pu_missing": BinarySensorDeviceClass.PROBLEM,
    "sys_update_update_available": BinarySensorDeviceClass.UPDATE,
}
# Parts of a power that is there as a whole, and what changes slowly or is looked at seldom: a home
# that shows everything within seconds fills its disk with what nobody sees (docs/database.md).
_PACING: Final = {
    **dict.fromkeys(("mpp1_power", "mpp2_power", "mpp3_power"), Pacing(Pace.RARE, 0.5)),
    **{f"wallbox_charge_power{index}": Pacing(Pace.RARE, 0.5) for index in range(4)},
    "bat_charge_current": Pacing(Pace.RARE, 0.05),
    "bat_voltage": Pacing(Pace.RARE, 0.01),
    "power_ratio": Pacing(Pace.RARE, 0.1, 100),
    "pm1obj1_freq": Pacing(Pace.RARE, 0.01),
    "case_temp": Pacing(Pace.RARE, 0.1),
    "tempmeasure_battery_temp": Pacing(Pace.RARE, 0.1),
    "response_duration": Pacing(Pace.RARE),
}
_BOX: Final = re.compile(r"wallbox_energy(\d)")
_TRACKER_NAME: Final = "mpp_power"
_WALLBOX_NAME: Final = "wallbox_power"


class Writes(NamedTuple):
    """What the controls write with."""

    set: Callable[[VariableControl, int | None, bool | float | str], Awaitable[None]]
    """Sets a control of the device; with its index where it is an array's."""
    hold: Write[bool]
    reboot: Press


def describe(
    points: Iterable[Readout],
    meters: EnergyMeters,
    writes: Writes,
    limits: Mapping[int, float] | None = None,
) -> Descriptions:
    """Return the entities of the points that a system has, by platform.

    `limits` are the highest charging currents (A) that its wallboxes tell, by index.
    """
    described: Descriptions = {}
    keys: list[str] = []
    for point in points:
        keys.append(point.key)
        control = CONTROL_BY_STEM.get(_stem(point))
        platform, description = (
            _reading(point) if control is None else _control(point, control, writes, limits or {})
        )
        described.setdefault(platform, []).append(description)
    described.setdefault(Platform.SENSOR, []).extend(_counters(meters, keys))
    if FORCED_CHARGE.stem in keys:
        described.setdefault(Platform.SWITCH, []).append(
            HausstromSwitchDescription(key="hold_battery", write=writes.hold)
        )
    if "bms_soc_1" in keys:  # one module has none to drift from
        described.setdefault(Platform.BINARY_SENSOR, []).append(
            HausstromBinarySensorDescription(
                key="module_drift",
                device_class=BinarySensorDeviceClass.PROBLEM,
                entity_category=EntityCategory.DIAGNOSTIC,
            )
        )
    if keys:
        described[Platform.BUTTON] = [
            HausstromButtonDescription(
                key=REBOOT.stem,
                write=writes.reboot,
                device_class=ButtonDeviceClass.RESTART,
                entity_category=EntityCategory.CONFIG,
                entity_registry_enabled_default=False,
            )
        ]
    return described


def _counters(meters: EnergyMeters, keys: list[str]) -> Iterable[HausstromSensorDescription]:
    several = "wallbox_charge_power1" in keys
    for key in meters.keys:
        if not meters.needed(key, keys):
            continue
        counter = energy_counter(key)
        if (box := _BOX.fullmatch(key)) is not None:
            # With a single wallbox it is the same as the total.
            counter = replace(
                counter,
                translation_key="wallbox_energy_of",
                placeholders={"number": str(int(box[1]) + 1)},
                entity_registry_enabled_default=several,
            )
        yield counter


def _stem(point: Readout) -> str:
    return point.key if point.variable is None else point.variable.key


def _reading(point: Readout) -> tuple[Platform, EntityDescription]:
    if point.key == STATE_SENSOR.key:
        return Platform.SENSOR, STATE_SENSOR
    if point.key == VEHICLE_SENSOR.key:
        return Platform.BINARY_SENSOR, VEHICLE_SENSOR
    name, placeholders = _name(point)
    form = point.form
    if form.kind is VariableType.FLAG:
        return Platform.BINARY_SENSOR, HausstromBinarySensorDescription(
            key=point.key,
            translation_key=name,
            placeholders=placeholders,
            device_class=_BINARY_CLASS.get(_stem(point)),
            entity_category=_category(point),
            entity_registry_enabled_default=point.enabled,
        )
    device_class = SensorDeviceClass(form.device_class) if form.device_class else None
    return Platform.SENSOR, HausstromSensorDescription(
        key=point.key,
        translation_key=name,
        placeholders=placeholders,
        device_class=SensorDeviceClass.ENUM if form.codes else device_class,
        options=list(dict.fromkeys(form.codes.values())) if form.codes else None,
        state_class=_STATE_CLASS.get(form.kind),
        native_unit_of_measurement=form.unit,
        suggested_display_precision=form.precision,
        entity_category=_category(point),
        entity_registry_enabled_default=point.enabled,
        pacing=_PACING.get(point.key),
    )


def _category(point: Readout) -> EntityCategory | None:
    stem = _stem(point)
    if stem in _DIAGNOSTIC:
        return EntityCategory.DIAGNOSTIC
    if stem in _MAIN or point.form.kind in _STATE_CLASS:
        return None
    return EntityCategory.DIAGNOSTIC


def _name(point: Readout) -> tuple[str, Mapping[str, str] | None]:
    """Return the translated name's key, and what it leaves open.

    What has no name of its own is called by lala.cgi's, which is the same in every language.
    """
    row, index = point.variable, point.index
    if row is None:
        if index is None:
            return point.key, None
        stem = _TRACKER_NAME if point.key.startswith("mpp") else _WALLBOX_NAME
        return stem, {"number": str(index + 1)}
    if row.key not in NAMED:
        item = "" if index is None else f" {index + 1}"
        return "lala_variable", {"variable": f"{row.section} {row.name}{item}"}
    if index is None:
        return row.key, None
    match row.axis:
        case Axis.PHASE:
            return row.key, {"number": f"L{index + 1}"}
        case Axis.MODULE:
            return row.key, {"number": "ABCD"[index]}
        case Axis.CELL | Axis.CELL_SENSOR:
            return row.key[:-2], {"module": row.name[-1], "number": str(index + 1)}
        case _:
            return row.key, {"number": str(index + 1)}


def _control(
    point: Readout, control: VariableControl, writes: Writes, limits: Mapping[int, float]
) -> tuple[Platform, EntityDescription]:
    write = partial(writes.set, control, point.index)
    placeholders = None if point.index is None else {"number": str(point.index + 1)}
    match control.kind:
        case ControlKind.SELECT:
            return Platform.SELECT, HausstromSelectDescription(
                key=point.key,
                write=write,
                translation_key=control.stem,
                placeholders=placeholders,
                options=list(MODES),
                entity_registry_enabled_default=control.enabled,
            )
        case ControlKind.NUMBER:
            return Platform.NUMBER, HausstromNumberDescription(
                key=point.key,
                write=write,
                translation_key=control.stem,
                placeholders=placeholders,
                device_class=NumberDeviceClass(point.form.device_class)
                if point.form.device_class
                else None,
                native_unit_of_measurement=point.form.unit,
                native_min_value=control.low,
                native_max_value=limits.get(point.index or 0, control.high)
                if control.limited
                else control.high,
                native_step=control.step,
                mode=NumberMode.BOX,
                entity_category=EntityCategory.CONFIG,
                entity_registry_enabled_default=control.enabled,
            )
        case _:
            return Platform.SWITCH, HausstromSwitchDescription(
                key=point.key,
                write=write,
                translation_key=control.stem,
                placeholders=placeholders,
                entity_registry_enabled_default=control.enabled,
            )
