"""A system of SENEC.Connect as readings, under the keys that every way to a SENEC shares."""

from ....common.value import Values as Readings
from ...protocol.amounts import PLACEHOLDER
from .models import ConnectSystem


def readings_of(system: ConnectSystem) -> Readings:
    """Return key → value; powers in W, capacity in kWh.

    SENEC.Connect's battery power is positive while charging, `bat_power` while discharging. The
    current keeps SENEC's sign: positive while charging, as on the local interface.
    """
    if not system.is_online:
        return _of_a_dead_one(system)
    battery, grid = _zeroed(system.battery_power), _zeroed(system.grid_power)
    readings: Readings = {
        "bat_fuel_charge": system.state_of_charge,
        "bat_power": None if battery is None else 0.0 - battery,
        "bat_power_plus": _part(battery),
        "bat_power_minus": _part(None if battery is None else -battery),
        "bat_voltage": system.voltage,
        "bat_charge_current": system.current,
        "grid_power": grid,
        "grid_power_plus": _part(grid),
        "grid_power_minus": _part(None if grid is None else -grid),
        "house_power": _zeroed(system.consumption),
        "inverter_power": _zeroed(system.production),
        "bat_capacity": _capacity(system),
        "online": True,
    }
    if system.evse:
        powers = [wallbox.power for wallbox in system.evse]
        known = [power for power in powers if power is not None]
        readings["wallbox_charge_power"] = sum(known) if len(known) == len(powers) else None
        connected = [wallbox.ev_connected for wallbox in system.evse]
        readings["ev_connected"] = (
            True if True in connected else None if None in connected else False
        )
    for index, wallbox in enumerate(system.evse):
        readings[f"wallbox_charge_power{index}"] = wallbox.power
        readings[f"wallbox_{index}_ev_connected"] = wallbox.ev_connected
        readings[f"wallbox_{index}_charging"] = wallbox.charging
    return readings


def _of_a_dead_one(system: ConnectSystem) -> Readings:
    """Return the readings of a system that does not report: whatever is told of it is old."""
    readings: Readings = dict.fromkeys(
        (
            "bat_fuel_charge",
            "bat_power",
            "bat_power_plus",
            "bat_power_minus",
            "bat_voltage",
            "bat_charge_current",
            "grid_power",
            "grid_power_plus",
            "grid_power_minus",
            "house_power",
            "inverter_power",
        )
    )
    readings |= {"bat_capacity": _capacity(system), "online": False}
    if system.evse:
        readings |= {"wallbox_charge_power": None, "ev_connected": None}
    for index in range(len(system.evse)):
        readings[f"wallbox_charge_power{index}"] = None
        readings[f"wallbox_{index}_ev_connected"] = None
        readings[f"wallbox_{index}_charging"] = None
    return readings


def _capacity(system: ConnectSystem) -> float | None:
    """Return what stands on the plate, in kWh."""
    capacity = system.nameplate.design_capacity
    return None if capacity is None else capacity / 1000


def _part(power: float | None) -> float | None:
    return None if power is None else max(0.0, power)


def _zeroed(power: float | None) -> float | None:
    return 0.0 if power is not None and abs(power) < PLACEHOLDER else power
