"""A wallbox of the app's service: what is read of it, and what a write has to hold.

Reads and writes do not have the same keys, and a write is refused or misread when it holds `null`
or keys that belong to reads alone. Bodies and methods are those of the field-proven client
(ha-senec-v3, switching seen in device logs, #220); a key that was read as null is left out.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple, Self

from ...protocol.amounts import flow_of
from ...protocol.fields import JsonObject, flag_of, number_of, object_of, text_of

NO_PRICE_LIMIT: Final = -99  # ct/kWh


class ChargingMode(StrEnum):
    """How a wallbox charges."""

    FAST = "fast"
    SOLAR = "solar"
    COMFORT = "comfort"


class Wallbox(NamedTuple):
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
    settings: Mapping[ChargingMode, JsonObject]  # as SENEC gave them

    @classmethod
    def from_json(cls, value: JsonObject) -> Self | None:
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


# What a mode's write may hold beside the changed value: key of the write → key of the read.
_SOLAR: Final = {
    "preventInterruptions": "preventInterruptions",
    "minChargingCurrentInA": "minChargingCurrentInA",
    "useDynamicTariffs": "useDynamicTariffs",
    "priceLimitInCtPerKwh": "priceLimitInCtPerKwh",
}
_COMFORT: Final = {
    "minChargingCurrentInA": "configuredChargingCurrent",
    "allowIntercharge": "allowIntercharge",
    "preventInterruptions": "preventInterruptions",
    "useDynamicTariffs": "useDynamicTariffs",
    "priceLimitInCtPerKwh": "priceLimitInCtPerKwh",
}
_FAST: Final = {"allowIntercharge": "allowIntercharge"}
_KEYS: Final[Mapping[ChargingMode, Mapping[str, str]]] = {
    ChargingMode.FAST: _FAST,
    ChargingMode.SOLAR: _SOLAR,
    ChargingMode.COMFORT: _COMFORT,
}
_PATHS: Final[Mapping[ChargingMode, str]] = {
    ChargingMode.FAST: "settings/fast-charge",
    ChargingMode.SOLAR: "settings/solar-charge",
    ChargingMode.COMFORT: "comfort-charge-expert-settings",
}


class WallboxSetting(NamedTuple):
    """A setting of a charging mode, by the name under which it is read."""

    mode: ChargingMode
    read_as: str

    @property
    def path(self) -> str:
        """Where the mode's settings are written, below the wallbox."""
        return _PATHS[self.mode]

    def of(self, box: Wallbox) -> bool | float | None:
        """Return the value that a wallbox has of it."""
        value = box.settings[self.mode].get(self.read_as)
        return value if isinstance(value, bool) else number_of(value)

    def body(self, box: Wallbox, value: float | bool) -> JsonObject | None:
        """Return what a write of the value has to hold; None if the wallbox lacks the setting.

        The other settings of the mode go back as they were read, without what was null.
        """
        if self.of(box) is None:
            return None
        known = box.settings[self.mode]
        return {
            key: value if read == self.read_as else known[read]
            for key, read in _KEYS[self.mode].items()
            if read == self.read_as or known.get(read) is not None
        }
