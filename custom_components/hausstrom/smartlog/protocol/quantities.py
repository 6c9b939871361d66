"""What a data point measures: its quantity by name, its class by unit, type and function."""

import re
from collections.abc import Mapping
from copy import replace
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from ...common.slug import slug
from .mbus import GAS_TYPES, WATER_TYPES, DeviceType
from .model import Signature
from .units import Group, Unit, normalise


class ValueType(StrEnum):
    """How a raw value is read."""

    NUMBER = "number"
    TEXT = "text"
    TIME = "time"
    FLAGS = "flags"
    OPAQUE = "opaque"


class PointTraits(NamedTuple):
    """How a data point appears; device and state classes are Home Assistant's own words.

    `quantity` is a slug with a translation, None when the description names the point.
    `alarm` marks a point that says smoke or alarm in so many words.
    """

    kind: ValueType = ValueType.NUMBER
    quantity: str | None = None
    device_class: str | None = None
    state_class: str | None = None
    unit: str | None = None
    factor: Fraction | None = None
    diagnostic: bool = False
    enabled: bool = True
    alarm: bool = False

    @property
    def is_total(self) -> bool:
        """Return whether this is a register that keeps its value while the meter is silent."""
        return self.state_class in {"total", "total_increasing"}


MEASUREMENT = "measurement"
TOTAL_INCREASING = "total_increasing"

_IN_BRACKETS = re.compile(r"\([^)]*\)")

# Description as sent, as a slug without brackets → quantity.
_QUANTITIES: Mapping[str, str] = MappingProxyType(
    {
        "energy": "energy", "energie": "energy", "actual_energy": "energy",
        "power": "power", "leistung": "power", "actual_power": "power",
        "volume": "volume", "volumen": "volume",
        "volume_flow": "volume_flow", "volume_flow_ext": "volume_flow", "durchfluss": "volume_flow",
        "flow_temperature": "flow_temperature", "vorlauftemperatur": "flow_temperature",
        "return_temperature": "return_temperature", "rucklauftemperatur": "return_temperature",
        "temperature_difference": "temperature_difference",
        "temperaturdifferenz": "temperature_difference", "temperature_delta": "temperature_difference",
        "external_temperature": "external_temperature", "room_temperature": "room_temperature",
        "temperature": "temperature", "temperatur": "temperature",
        "volts": "voltage", "volt": "voltage", "voltage": "voltage", "spannung": "voltage",
        "supply_voltage": "supply_voltage",
        "ampere": "current", "amperes": "current", "current": "current", "strom": "current",
        "frequency": "frequency", "frequenz": "frequency",
        "reactive_power": "reactive_power", "reactive_energy": "reactive_energy",
        "apparent_power": "apparent_power", "apparent_energy": "apparent_energy",
        "pressure": "pressure", "druck": "pressure", "mass": "mass", "mass_flow": "mass_flow",
        "units_for_h_c_a": "heat_cost_units", "units_for_hca": "heat_cost_units",
        "h_c_a": "heat_cost_units", "hca": "heat_cost_units",
        "relative_humidity": "humidity", "humidity": "humidity", "luftfeuchte": "humidity",
        "battery": "battery", "battery_level": "battery", "remaining_battery": "remaining_battery",
        "remaining_battery_life_time": "remaining_battery", "co2": "co2", "carbon_dioxide": "co2",
        "illuminance": "illuminance",
        "operating_time": "operating_time", "operation_time": "operating_time", "on_time": "on_time",
        "uptime": "uptime", "actuality_duration": "actuality_duration",
        "averaging_duration": "averaging_duration",
        "error_flags": "error_flags", "error_mask": "error_flags", "errorflags": "error_flags",
        "status": "status", "fabrication": "fabrication", "fabrication_no": "fabrication",
        "fabrication_number": "fabrication", "enhanced_identification": "fabrication",
        "timestamp": "time_point", "time_point": "time_point", "time_point_date": "time_point",
        "special_supplier_information": "supplier_information",
        "manufacturer_specific": "supplier_information", "access_number": "access_number",
        "bus_address": "bus_address", "model_version": "model_version",
        "firmware_version": "firmware_version", "hardware_version": "hardware_version",
        "software_version": "software_version", "customer_location": "customer_location",
        "customer": "customer", "digital_input": "digital_input", "digital_output": "digital_output",
        "reset_counter": "reset_counter", "signal_strength": "signal_strength", "rssi": "signal_strength",
        "cpu_load": "cpu_load", "cpu_usage": "cpu_load", "memory_usage": "memory_usage",
    }
)  # fmt: skip

_IDENTIFICATION = frozenset(
    {"fabrication", "access_number", "bus_address", "model_version", "firmware_version",
     "hardware_version", "software_version", "customer_location", "customer"}
)  # fmt: skip
_TEXTS = _IDENTIFICATION - {"access_number", "bus_address"}

# The same whatever the type of the meter: device class, state class.
_CLASSES: Mapping[Group, tuple[str | None, str | None]] = MappingProxyType(
    {
        Group.ENERGY: ("energy", TOTAL_INCREASING),
        Group.POWER: ("power", MEASUREMENT),
        Group.VOLUME: ("volume", TOTAL_INCREASING),
        Group.VOLUME_FLOW: ("volume_flow_rate", MEASUREMENT),
        Group.TEMPERATURE: ("temperature", MEASUREMENT),
        Group.TEMPERATURE_DELTA: ("temperature_delta", MEASUREMENT),
        Group.PERCENT: (None, MEASUREMENT),
        Group.HUMIDITY: ("humidity", MEASUREMENT),
        Group.VOLTAGE: ("voltage", MEASUREMENT),
        Group.CURRENT: ("current", MEASUREMENT),
        Group.FREQUENCY: ("frequency", MEASUREMENT),
        Group.REACTIVE_POWER: ("reactive_power", MEASUREMENT),
        Group.REACTIVE_ENERGY: ("reactive_energy", TOTAL_INCREASING),
        Group.APPARENT_POWER: ("apparent_power", MEASUREMENT),
        Group.APPARENT_ENERGY: (None, TOTAL_INCREASING),
        Group.PRESSURE: ("pressure", MEASUREMENT),
        Group.MASS: ("weight", MEASUREMENT),
        Group.MASS_FLOW: (None, MEASUREMENT),
        Group.DURATION: ("duration", MEASUREMENT),
        Group.SIGNAL: ("signal_strength", MEASUREMENT),
        Group.CONCENTRATION: (None, MEASUREMENT),
        Group.ILLUMINANCE: ("illuminance", MEASUREMENT),
        Group.HCA: (None, TOTAL_INCREASING),
        Group.UNKNOWN: (None, MEASUREMENT),
        Group.NONE: (None, None),
    }
)

_SYSTEM_ENABLED = frozenset(
    {Group.TEMPERATURE, Group.SIGNAL, Group.VOLTAGE, Group.PERCENT, Group.DURATION}
)


def quantity_of(description: str) -> str | None:
    """Return the quantity that a description names, None for words of the user's own."""
    name = slug(_IN_BRACKETS.sub(" ", description))
    return _QUANTITIES.get(name) or _QUANTITIES.get(slug(description))


def traits_of(
    signature: Signature, device: DeviceType, *, historic: bool, numeric: bool
) -> PointTraits:
    """Return how a data point of a meter of this type appears.

    `historic` values (billing dates, maxima, storages) get no state class and are disabled;
    `numeric` says whether the raw value is a number.
    """
    unit = normalise(signature.unit)
    traits = _special(signature, unit, device, numeric=numeric)
    if traits is None:
        traits = _measured(signature, unit, device)
    if device is DeviceType.SYSTEM:
        traits = replace(traits, diagnostic=True, enabled=unit.group in _SYSTEM_ENABLED and numeric)
    return past_traits(traits) if historic else traits


def past_traits(traits: PointTraits) -> PointTraits:
    """Return the traits of the same value as of an earlier date."""
    return replace(traits, state_class=None, diagnostic=True, enabled=False)


def _special(
    signature: Signature, unit: Unit, device: DeviceType, *, numeric: bool
) -> PointTraits | None:
    """Return the traits of what is no measurement: flags, dates, identification."""
    quantity = quantity_of(signature.description)
    name = slug(signature.description)
    if device is DeviceType.SMOKE_DETECTOR and numeric and _says_alarm(name):
        return PointTraits(
            kind=ValueType.FLAGS, quantity=quantity, diagnostic=True, enabled=False, alarm=True
        )
    if quantity in _IDENTIFICATION:
        kind = ValueType.TEXT if quantity in _TEXTS else ValueType.OPAQUE
        return PointTraits(kind=kind, quantity=quantity, diagnostic=True, enabled=False)
    if unit.group is Group.TIME_POINT or (quantity == "time_point" and unit.group is Group.NONE):
        return PointTraits(
            kind=ValueType.TIME,
            quantity=quantity,
            device_class="timestamp",
            diagnostic=True,
            enabled=False,
        )
    if quantity in {"supplier_information", "digital_input", "digital_output", "reset_counter"}:
        return PointTraits(kind=ValueType.OPAQUE, quantity=quantity, diagnostic=True, enabled=False)
    if unit.group is Group.BITS or (
        quantity in {"error_flags", "status"} and unit.group is Group.NONE
    ):
        if not numeric:
            return PointTraits(kind=ValueType.TEXT, quantity=quantity, diagnostic=True)
        return PointTraits(kind=ValueType.FLAGS, quantity=quantity, diagnostic=True)
    unitless = unit.group in {Group.NONE, Group.UNKNOWN}
    if signature.unit.casefold() == "none" or (unitless and not numeric):
        return PointTraits(kind=ValueType.OPAQUE, quantity=quantity, diagnostic=True, enabled=False)
    return None


def _says_alarm(name: str) -> bool:
    words = name.split("_")
    return not {"error", "flags", "counter", "count", "date", "time", "test"} & set(words) and bool(
        {"alarm", "smoke", "rauch", "rauchalarm", "feueralarm"} & set(words)
    )


def _measured(signature: Signature, unit: Unit, device: DeviceType) -> PointTraits:
    quantity = quantity_of(signature.description)
    name = slug(signature.description)
    group = unit.group
    if group is Group.NONE and (
        quantity == "heat_cost_units" or device is DeviceType.HEAT_COST_ALLOCATOR
    ):
        group = Group.HCA
    device_class, state_class = _CLASSES[group]
    diagnostic, enabled = False, True
    match group:
        case Group.VOLUME if device in WATER_TYPES and unit.symbol != "mL":
            device_class = "water"
        case Group.VOLUME if device in GAS_TYPES and unit.symbol != "mL":
            device_class = "gas"
        case Group.TEMPERATURE if "difference" in name or "delta" in name or "differenz" in name:
            device_class = "temperature_delta"
        case Group.PERCENT if "battery" in name or "batterie" in name:
            device_class, diagnostic = "battery", True
        case Group.PERCENT if (
            "humid" in name or "feuchte" in name or device is DeviceType.ROOM_SENSOR
        ):
            device_class = "humidity"
        case Group.MASS if device is DeviceType.OIL:
            state_class = TOTAL_INCREASING
        case Group.DURATION:
            diagnostic = True
            if quantity in {"operating_time", "on_time"}:
                state_class = TOTAL_INCREASING
        case Group.SIGNAL:
            diagnostic, enabled = True, False
        case Group.CONCENTRATION if "co2" in name or "carbon" in name:
            device_class = "carbon_dioxide"
        case Group.POWER if "max" in name or "cumul" in name:
            state_class = None
    return PointTraits(
        quantity=quantity,
        device_class=device_class,
        state_class=state_class,
        unit="HCA" if group is Group.HCA else unit.symbol,
        factor=unit.factor,
        diagnostic=diagnostic,
        enabled=enabled,
    )
