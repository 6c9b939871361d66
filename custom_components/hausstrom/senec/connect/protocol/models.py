"""The answer of SENEC.Connect, decoded: `systems/device-data/general` (July 2026)."""

from collections.abc import Mapping
from typing import NamedTuple, Self

from ...protocol.amounts import percent_of
from ...protocol.fields import (
    JsonObject,
    flag_of,
    number_of,
    object_of,
    objects_of,
    text_of,
    whole_of,
)


class Nameplate(NamedTuple):
    """What stands on the system's plate."""

    system_id: str
    manufacturer: str
    model: str
    serial_number: str | None
    design_capacity: float | None  # Wh
    charge_power: float | None  # W, the most it can take
    discharge_power: float | None  # W


class Evse(NamedTuple):
    """A wallbox."""

    id: str
    ev_connected: bool | None
    charging: bool | None
    power: float | None  # W


class ConnectSystem(NamedTuple):
    """One system; powers in W, battery power positive while charging, grid while importing."""

    nameplate: Nameplate
    state: int | None
    state_of_charge: float | None  # percent
    battery_power: float | None
    voltage: float | None
    current: float | None
    grid_power: float | None
    consumption: float | None
    production: float | None
    evse: tuple[Evse, ...]

    @classmethod
    def from_json(cls, value: JsonObject) -> Self | None:
        """Return a system, or None when it does not say which one it is."""
        plate = object_of(value.get("bessNameplate"))
        if (system_id := text_of(plate.get("system_id"))) is None:
            return None
        battery, meter = object_of(value.get("battery")), object_of(value.get("meter"))
        return cls(
            Nameplate(
                system_id,
                text_of(plate.get("manufacturer")) or "SENEC",
                text_of(plate.get("model")) or "SENEC",
                text_of(plate.get("serial_number")),
                number_of(plate.get("design_capacity")),
                number_of(plate.get("active_charge_power")),
                number_of(plate.get("active_discharge_power")),
            ),
            whole_of(battery.get("state")),
            percent_of(battery.get("state_of_charge")),
            number_of(battery.get("power")),
            number_of(battery.get("voltage")),
            number_of(battery.get("current")),
            number_of(meter.get("grid_power")),
            number_of(meter.get("consumption")),
            number_of(meter.get("production")),
            tuple(
                Evse(
                    id_,
                    flag_of(item.get("ev_connected")),
                    flag_of(item.get("ev_charging")),
                    number_of(item.get("charging_power")),
                )
                for item in objects_of(value.get("evse"))
                if (id_ := text_of(item.get("id"))) is not None
            ),
        )

    @property
    def is_online(self) -> bool:
        """Whether it reports: a battery that does has a voltage or a current.

        A system that was replaced stays in the list for ever, with a level and with grid power and
        consumption of some past moment (ha-senec-v3#233): those prove nothing.
        """
        return self.voltage is not None or self.current is not None


def systems_of(answer: object) -> Mapping[str, ConnectSystem]:
    """Return the systems by their id: the array has no order."""
    return {
        system.nameplate.system_id: system
        for item in objects_of(answer)
        if (system := ConnectSystem.from_json(item)) is not None
    }
