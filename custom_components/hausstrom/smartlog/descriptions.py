"""What becomes an entity: the gateway's own table, and the rows that data points make."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, override

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, EntityCategory, UnitOfTime
from homeassistant.helpers.typing import UNDEFINED
from homeassistant.util import dt as dt_util

from ..binary_sensor import HausstromBinarySensorDescription
from ..common.throttle import Pace, Pacing
from ..sensor import HausstromSensorDescription
from .protocol.calendar import shown_date
from .protocol.meter import LAST_READING, Meter
from .protocol.point import KnownPoint
from .protocol.quantities import ValueType

# Activity tells every change of a sensor that has no unit: a line for each report. One that
# is empty keeps a time out of it, and changes nothing else.
_NO_ACTIVITY: Final = {ATTR_UNIT_OF_MEASUREMENT: ""}

GATEWAY_SENSORS: Final = (
    HausstromSensorDescription(
        key="last_message",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        attributes=_NO_ACTIVITY,
    ),
    HausstromSensorDescription(
        key="meters_seen",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
)
GATEWAY_BINARY_SENSORS: Final = (
    HausstromBinarySensorDescription(
        key="reporting",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)

# Quantities with a translated name; all others are called as the logger calls them.
_PREFIX: Final = "meter_"


def device_of(meter: Meter) -> str | None:
    """Return the device that shows a meter's values; the logger's own are the gateway's."""
    return None if meter.is_system else meter.uid


class PointAttributes(Mapping[str, str]):
    """What a register says of itself beside its value; read when a state is written.

    `date` is the due date of a value of the past (ISO 8601), `register` says of a total
    whether it is certainly the one, a guess (it came first), or the user's choice; `meter`,
    `medium` and `label` say which meter it is.
    """

    __slots__ = ("_meter", "_point")

    def __init__(self, meter: Meter, point: KnownPoint) -> None:
        """Follow a point."""
        self._meter = meter
        self._point = point

    def _now(self) -> dict[str, str]:
        shown: dict[str, str] = {}
        point = self._point
        if point.historic and point.date is not None:
            shown["date"] = shown_date(point.date, dt_util.get_default_time_zone())
        if point.main:
            chosen = self._meter.choice == point.key
            shown["register"] = "chosen" if chosen else "guess" if point.guessed else "total"
            # For databases outside, where entity ids of many houses mean nothing.
            shown["meter"] = self._meter.id
            shown["medium"] = self._meter.type.value
            if self._meter.label:
                shown["label"] = self._meter.label
        return shown

    @override
    def __getitem__(self, name: str) -> str:
        """Return an attribute."""
        return self._now()[name]

    @override
    def __iter__(self) -> Iterator[str]:
        """Yield the names of the attributes that there are now."""
        return iter(self._now())

    @override
    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._now())


def last_reading_of(meter: Meter) -> HausstromSensorDescription:
    """Return the description of the time at which a meter was read last."""
    return HausstromSensorDescription(
        key=f"{meter.uid}_{LAST_READING}",
        translation_key="last_reading",
        device=device_of(meter),
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        # A state a meter and report is 96,000 rows a day in a building of a thousand meters.
        entity_registry_enabled_default=False,
        outlives_silence=True,
        attributes=_NO_ACTIVITY,
    )


def is_shown(meter: Meter, point: KnownPoint, *, sparing: bool) -> bool:
    """Return whether a sensor is enabled by itself.

    `sparing` is a building of so many meters that of each only the totals are of use to most
    people; the logger's own values are few.
    """
    if not point.enabled:
        return False
    return not sparing or meter.is_system or point.key in meter.principals


def sensor_of(
    meter: Meter, point: KnownPoint, *, sparing: bool = False
) -> HausstromSensorDescription:
    """Return what a data point is as a sensor."""
    traits = point.traits
    state_class = point.state_class
    suffix = _suffix(meter, point)
    return HausstromSensorDescription(
        key=f"{meter.uid}_{point.key}",
        name=UNDEFINED
        if traits.quantity
        else f"{point.signature.description or point.key}{suffix}",
        translation_key=f"{_PREFIX}{traits.quantity}" if traits.quantity else "meter_value",
        placeholders={"suffix": suffix} if traits.quantity else None,
        device=device_of(meter),
        presence=f"{meter.uid}_{point.key}" if point.fades else None,
        outlives_silence=not point.fades,
        device_class=SensorDeviceClass(traits.device_class) if traits.device_class else None,
        state_class=SensorStateClass(state_class) if state_class else None,
        native_unit_of_measurement=traits.unit,
        # Nobody reads 1,328,157 s.
        suggested_unit_of_measurement=UnitOfTime.DAYS if traits.quantity == "uptime" else None,
        suggested_display_precision=1 if traits.quantity == "uptime" else point.precision,
        entity_category=EntityCategory.DIAGNOSTIC if traits.diagnostic else None,
        entity_registry_enabled_default=is_shown(meter, point, sparing=sparing),
        pacing=_pacing(point),
        attributes=PointAttributes(meter, point) if point.main or point.historic else None,
    )


def _pacing(point: KnownPoint) -> Pacing | None:
    """Return how a point is written; None: as its quantity is.

    A register is written with every digit; only what flickers may wait for its turn, and what
    only says that time passed.
    """
    if point.traits.device_class == SensorDeviceClass.DURATION:
        return Pacing(Pace.RARE)
    return Pacing() if point.counts or point.historic else None


def problem_of(meter: Meter, point: KnownPoint) -> HausstromBinarySensorDescription | None:
    """Return what flags are as a binary sensor: a fault, or smoke where the point says so."""
    if point.problem_key is None:
        return None
    alarm = point.traits.alarm
    return HausstromBinarySensorDescription(
        key=f"{meter.uid}_{point.problem_key}",
        translation_key="meter_smoke" if alarm else "meter_problem",
        placeholders={"suffix": _suffix(meter, point)},
        device=device_of(meter),
        presence=f"{meter.uid}_{point.key}",
        device_class=BinarySensorDeviceClass.SMOKE if alarm else BinarySensorDeviceClass.PROBLEM,
        entity_category=None if alarm else EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=not meter.is_system,
    )


def sensors_of(
    meter: Meter, points: Iterable[KnownPoint], *, sparing: bool = False
) -> list[HausstromSensorDescription]:
    """Return the sensors of these points."""
    return [sensor_of(meter, point, sparing=sparing) for point in points]


def problems_of(
    meter: Meter, points: Iterable[KnownPoint]
) -> list[HausstromBinarySensorDescription]:
    """Return the binary sensors of these points."""
    found = (problem_of(meter, point) for point in points if point.traits.kind is ValueType.FLAGS)
    return [description for description in found if description is not None]


def _suffix(meter: Meter, point: KnownPoint) -> str:
    """Return what tells a point from others of its quantity: nothing, label, code or number."""
    quantity = point.traits.quantity or point.signature.description
    namesakes = [
        other
        for other in meter.points.values()
        if (other.traits.quantity or other.signature.description) == quantity
        # The present value needs no words to be told from those of the past.
        and (point.historic or not other.historic)
    ]
    if len(namesakes) < 2:
        return ""
    signature = point.signature
    for field in ("label", "obis"):
        own = getattr(signature, field)
        if own and sum(getattr(other.signature, field) == own for other in namesakes) == 1:
            return f" {own}"
    details = [
        f"{letter}{value}"
        for letter, value in (
            ("T", signature.tariff),
            ("S", signature.storage),
            ("U", signature.subunit),
        )
        if value
    ]
    number = namesakes.index(point) + 1
    return " ".join(["", *details, signature.label or "", str(number)]).replace("  ", " ")
