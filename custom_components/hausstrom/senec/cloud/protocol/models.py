"""What the app's services say, decoded: missing or unreadable values are None, never a guess.

Field names and shapes: the app's services as of June 2026 (systems, measurements, wallbox,
abilities). Flows are separate positive numbers.
"""

from copy import replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from ...protocol.amounts import flow_of, percent_of
from ...protocol.fields import (
    JsonObject,
    flag_of,
    moment_of,
    number_of,
    object_of,
    objects_of,
    sequence_of,
    text_of,
    whole_of,
)
from .balance import Sums


class Generation(StrEnum):
    """The two families of systems, by the platform that their values come from."""

    V123 = "V123"  # a value every five minutes
    V4 = "V4"  # a value every minute


class CloudSystem(NamedTuple):
    """One system of the account."""

    id: str
    control_unit_number: str  # "S" and the DEVICE_ID that lala.cgi gives
    name: str
    generation: Generation
    timezone: str | None  # as SENEC writes it, which need not be the name of a zone
    wallbox_ids: tuple[str, ...]

    @classmethod
    def from_json(cls, value: JsonObject) -> Self | None:
        """Return a system, or None when it cannot be told from others."""
        id_, number = text_of(value.get("id")), text_of(value.get("controlUnitNumber"))
        if id_ is None or number is None:
            return None
        product = object_of(value.get("product"))
        name = text_of(product.get("name")) or text_of(product.get("systemType")) or "SENEC"
        family = " ".join(
            text_of(product.get(key)) or "" for key in ("generation", "productFamily", "systemType")
        )
        family = f"{family} {name}".upper()
        is_v4 = any(word in family for word in ("V4", "P4", "E4", "HOME 4", "HOME_4"))
        return cls(
            id_,
            number,
            name,
            Generation.V4 if is_v4 else Generation.V123,
            text_of(value.get("timezoneText")),
            tuple(
                text
                for item in sequence_of(value.get("wallboxIds"))
                if (text := text_of(item)) is not None
            ),
        )


class Flows(NamedTuple):
    """Powers in W, or the energies of a day in Wh, all of them positive."""

    generation: float | None
    consumption: float | None  # with or without the wallbox: see `balance`
    feed_in: float | None
    draw: float | None
    charge: float | None
    discharge: float | None
    wallbox: float | None
    battery_level: float | None  # percent
    self_sufficiency: float | None  # percent

    @classmethod
    def from_json(cls, value: JsonObject, unit: str) -> Self:
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
    def sums(self) -> Sums:
        """The flows for the energy balance."""
        return Sums(
            self.generation,
            self.consumption,
            self.feed_in,
            self.draw,
            self.charge,
            self.discharge,
            self.wallbox,
        )

    @property
    def without_wallbox(self) -> Flows:
        """The flows where nobody has asked for the wallboxes: what is told of them means nothing."""
        return replace(self, wallbox=None)


class Dashboard(NamedTuple):
    """The powers now, the energies of the day so far, and when they were measured."""

    measured: datetime
    now: Flows
    today: Flows
    ev_connected: bool | None
    generation: Generation | None

    @property
    def without_wallboxes(self) -> Dashboard:
        """The dashboard where nobody has asked for the wallboxes."""
        return replace(
            self,
            now=self.now.without_wallbox,
            today=self.today.without_wallbox,
            ev_connected=None,
        )

    @classmethod
    def from_json(cls, value: JsonObject) -> Self | None:
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


class Module:
    """A battery module; temperatures in °C."""

    def __init__(
        self,
        ordinal: int,
        state: str | None,
        temperature_min: float | None,
        temperature_max: float | None,
    ) -> None:
        """Keep what is told of it."""
        self.ordinal = ordinal
        self.state = state
        self.temperature_min = temperature_min
        self.temperature_max = temperature_max


class Status(NamedTuple):
    """The state of the system."""

    state: str | None  # SENEC's own word, mostly German
    ok: bool | None
    firmware: str | None

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Decode the answer of `status`."""
        severity = text_of(value.get("severity"))
        return cls(
            text_of(value.get("name")),
            None if severity is None else severity == "INFO",
            text_of(value.get("firmwareVersion")),
        )


class Details(NamedTuple):
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
    timezone: str | None  # of the installer, where the system's own is none

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
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
            timezone=text_of(
                object_of(object_of(value.get("installer")).get("address")).get("timezone")
            ),
        )


class Abilities:
    """What the system can do, by the app's names: PEAK_SHAVING, SG_READY, SOCKETS and more."""

    def __init__(self, packages: frozenset[str]) -> None:
        """Keep the names."""
        self.packages = packages

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Decode the packages."""
        return cls(
            frozenset(
                text
                for item in sequence_of(value.get("packageTypes"))
                if (text := text_of(item)) is not None
            )
        )
