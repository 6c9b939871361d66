"""What the app's services say, decoded: missing or unreadable values are None, never a guess.

Field names and shapes: the app's services as of June 2026 (systems, measurements, wallbox,
abilities). Flows are separate positive numbers; `1e-05` stands for zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from ...protocol.fields import (
    Json,
    flag_of,
    moment_of,
    number_of,
    object_of,
    objects_of,
    sequence_of,
    text_of,
    whole_of,
)

PLACEHOLDER: Final = 1e-4  # SENEC writes 1e-05 where it means zero


class Generation(StrEnum):
    """The two families of systems, by the platform that their values come from."""

    V123 = "V123"  # a value every five minutes
    V4 = "V4"  # a value every minute


def flow_of(value: object) -> float | None:
    """Return a power, an energy or a level, with SENEC's placeholder as the zero it stands for.

    A flow is never negative; one that is has been measured wrongly and is missing.
    """
    number = number_of(value)
    if number is None or number <= -PLACEHOLDER:
        return None
    return 0.0 if number < PLACEHOLDER else number


def percent_of(value: object) -> float | None:
    """Return a level between 0 and 100 percent; anything beyond is missing."""
    number = flow_of(value)
    return None if number is None or number > 100.5 else min(number, 100.0)


@dataclass(frozen=True, slots=True)
class System:
    """One system of the account."""

    id: str
    control_unit_number: str  # "S" and the DEVICE_ID that lala.cgi gives
    name: str
    generation: Generation
    timezone: str
    wallbox_ids: tuple[str, ...]

    @classmethod
    def from_json(cls, value: Json) -> Self | None:
        """Return a system, or None when it cannot be told from others."""
        id_, number = text_of(value.get("id")), text_of(value.get("controlUnitNumber"))
        if id_ is None or number is None:
            return None
        product = object_of(value.get("product"))
        name = text_of(product.get("name")) or text_of(product.get("systemType")) or "SENEC"
        family = f"{product.get('generation')} {product.get('productFamily')} {name}".upper()
        is_v4 = any(word in family for word in ("V4", "P4", "HOME 4"))
        return cls(
            id_,
            number,
            name,
            Generation.V4 if is_v4 else Generation.V123,
            text_of(value.get("timezoneText")) or "Europe/Berlin",
            tuple(
                text
                for item in sequence_of(value.get("wallboxIds"))
                if (text := text_of(item)) is not None
            ),
        )


@dataclass(frozen=True, slots=True)
class Flows:
    """Powers in W, or the energies of a day in Wh, all of them positive."""

    generation: float | None
    consumption: float | None  # with the wallbox
    feed_in: float | None
    draw: float | None
    charge: float | None
    discharge: float | None
    wallbox: float | None
    battery_level: float | None  # percent
    self_sufficiency: float | None  # percent

    @classmethod
    def from_json(cls, value: Json, unit: str) -> Self:
        """Decode one of the two halves of a dashboard; the unit ends its names."""

        def flow(name: str) -> float | None:
            return flow_of(value.get(f"{name}{unit}"))

        return cls(
            flow("powerGenerationIn"),
            flow("powerConsumptionIn"),
            flow("gridFeedInIn"),
            flow("gridDrawIn"),
            flow("batteryChargeIn"),
            flow("batteryDischargeIn"),
            flow("wallboxIn"),
            percent_of(value.get("batteryLevelInPercent")),
            percent_of(value.get("selfSufficiencyInPercent")),
        )

    @property
    def house(self) -> float | None:
        """What the house uses without its wallboxes, as SENEC's collector reckons it."""
        if self.consumption is None:
            return None
        return max(0.0, self.consumption - (self.wallbox or 0.0))


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The powers now, the energies of the day so far, and when they were measured."""

    measured: datetime
    now: Flows
    today: Flows
    ev_connected: bool | None
    generation: Generation | None

    @classmethod
    def from_json(cls, value: Json) -> Self | None:
        """Return a dashboard, or None when it does not say of when it is."""
        measured = moment_of(value.get("timestamp"))
        now, today = value.get("currently"), value.get("today")
        if measured is None or not isinstance(now, dict) or not isinstance(today, dict):
            return None
        family = text_of(value.get("systemType"))
        return cls(
            measured,
            Flows.from_json(now, "W"),
            Flows.from_json(today, "Wh"),
            flag_of(value.get("electricVehicleConnected")),
            Generation(family) if family in {"V123", "V4"} else None,
        )


@dataclass(frozen=True, slots=True)
class Module:
    """A battery module."""

    ordinal: int
    state: str | None
    temperature_min: float | None
    temperature_max: float | None


@dataclass(frozen=True, slots=True)
class Details:
    """What changes slowly: state, firmware, temperatures, the battery's make-up."""

    product: str | None
    serial: str | None
    state: str | None  # SENEC's own word, mostly German
    state_ok: bool | None
    firmware: str | None
    case_temperature: float | None
    voltage: float | None
    current: float | None
    capacity: float | None  # kWh
    health: float | None  # percent of the capacity that is left (P4)
    module_count: int | None
    technology: str | None
    inverter_state: str | None
    inverter_temperature: float | None
    modules: tuple[Module, ...]
    last_contact: datetime | None

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Decode the details; the installer's and owner's data are not even read."""
        casing, mcu = object_of(value.get("casing")), object_of(value.get("mcu"))
        state = object_of(mcu.get("mainControllerUnitState"))
        pack = object_of(value.get("batteryPack"))
        inverter = object_of(value.get("batteryInverter"))
        severity = text_of(state.get("severity"))
        inverter_state = inverter.get("state")
        return cls(
            product=text_of(object_of(value.get("systemOverview")).get("productName")),
            serial=text_of(mcu.get("mainControllerSerial")),
            state=text_of(state.get("name")),
            state_ok=None if severity is None else severity == "INFO",
            firmware=text_of(mcu.get("firmwareVersion")),
            case_temperature=number_of(casing.get("temperatureInCelsius")),
            voltage=number_of(pack.get("currentVoltageInV")),
            current=number_of(pack.get("currentCurrentInA")),
            capacity=number_of(pack.get("maxCapacityInKwh")),
            health=percent_of(pack.get("remainingCapacityInPercent")),
            module_count=whole_of(pack.get("numberOfBatteryModules")),
            technology=text_of(pack.get("technology")),
            inverter_state=text_of(object_of(inverter_state).get("name"))
            or text_of(inverter_state),
            inverter_temperature=number_of(object_of(inverter.get("temperatures")).get("max")),
            modules=tuple(
                Module(
                    ordinal,
                    text_of(object_of(module.get("state")).get("state")),
                    number_of(module.get("minTemperature")),
                    number_of(module.get("maxTemperature")),
                )
                for module in objects_of(value.get("batteryModules"))
                if (ordinal := whole_of(module.get("ordinal"))) is not None
            ),
            last_contact=moment_of(object_of(mcu.get("lastContact")).get("timestamp")),
        )


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the system can do, by the app's names: PEAK_SHAVING, SG_READY, SOCKETS and more."""

    packages: frozenset[str]

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Decode the packages."""
        return cls(
            frozenset(
                text
                for item in sequence_of(value.get("packageTypes"))
                if (text := text_of(item)) is not None
            )
        )


class ChargingMode(StrEnum):
    """How a wallbox charges."""

    FAST = "fast"
    SOLAR = "solar"
    COMFORT = "comfort"


@dataclass(frozen=True, slots=True)
class Wallbox:
    """A wallbox with its state and its settings."""

    id: str
    name: str
    locked: bool | None
    ev_connected: bool | None
    charging: bool | None
    fault: bool | None
    status: str | None
    temperature: float | None
    charging_mode: ChargingMode | None
    power: float | None  # W
    min_possible_current: float | None  # A
    settings: Mapping[ChargingMode, Json]  # as SENEC gave them: a write sends all of them back

    @classmethod
    def from_json(cls, value: Json) -> Self | None:
        """Return a wallbox, or None when it has no id."""
        if (id_ := text_of(value.get("id"))) is None:
            return None
        state, mode = object_of(value.get("state")), object_of(value.get("chargingMode"))
        currents = object_of(value.get("chargingCurrents"))
        kilowatts = flow_of(currents.get("currentApparentChargingPowerInKw"))
        kind = (text_of(mode.get("type")) or "").lower()
        return cls(
            id=id_,
            name=text_of(value.get("name")) or f"Wallbox {id_}",
            locked=flag_of(value.get("prohibitUsage")),
            ev_connected=flag_of(state.get("electricVehicleConnected")),
            charging=flag_of(state.get("isCharging")),
            fault=flag_of(state.get("hasError")),
            status=text_of(state.get("statusCode")),
            temperature=number_of(state.get("temperatureInCelsius")),
            charging_mode=ChargingMode(kind) if kind in set(ChargingMode) else None,
            power=None if kilowatts is None else kilowatts * 1000,
            min_possible_current=number_of(currents.get("minPossibleCharging")),
            settings={
                ChargingMode.FAST: object_of(mode.get("fastChargingSettings")),
                ChargingMode.SOLAR: object_of(mode.get("solarOptimizeSettings")),
                ChargingMode.COMFORT: object_of(mode.get("comfortChargeSettings")),
            },
        )
