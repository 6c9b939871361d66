"""Electric vehicles, and the motor drives of boats."""

from typing import Final

from ....common import quantities as q
from .. import codes
from .groups import ALARMS, dc
from .model import Family
from .rows import fact, flag, moment, rare, state, value

EV: Final = Family(
    service="ev",
    title="Electric vehicle",
    points=(
        value("Soc", "soc", q.STATE_OF_CHARGE),
        value("TargetSoc", "target_soc", q.PERCENT),
        value("RangeToGo", "range", q.DISTANCE),
        value("Odometer", "odometer", q.ODOMETER),
        state("ChargingState", "ev_state", codes.EV_STATE),
        flag("AtSite", "at_site", "presence"),
        value("Ac/Power", "power", q.POWER),
        value("Ac/Energy/Forward", "energy_consumed", q.ENERGY_RESETTING),
        rare("Ac/Current", "current", q.CURRENT),
        rare("Ac/Voltage", "voltage", q.AC_VOLTAGE),
        rare("Dc/Power", "dc_power", q.POWER),
        rare("Dc/Voltage", "dc_voltage", q.VOLTAGE),
        rare("Dc/Current", "dc_current", q.CURRENT),
        value("BatteryTemperature", "battery_temperature", q.TEMPERATURE),
        rare("Ac/MinChargeCurrent", "ev_min_charge_current", q.CURRENT),
        rare("Ac/MaxChargeCurrent", "ev_max_charge_current", q.CURRENT),
        moment("ChargingStarted", "charging_started"),
        moment("LastUpdated/EvContact", "last_contact"),
        moment("LastEvContact", "last_contact"),
        fact("BatteryCapacity", "battery_capacity", q.ENERGY_STORAGE),
        *ALARMS,
    ),
)

MOTORDRIVE: Final = Family(
    service="motordrive",
    title="Motor drive",
    points=(
        *dc(),
        value("Motor/RPM", "motor_speed", q.ROTATION),
        state("Motor/Direction", "gear", codes.GEAR),
        rare("Motor/Torque", "torque", q.SCALAR),
        value("Motor/Temperature", "motor_temperature", q.TEMPERATURE),
        value("Controller/Temperature", "controller_temperature", q.TEMPERATURE),
        rare("Coolant/Temperature", "coolant_temperature", q.TEMPERATURE),
        *ALARMS,
    ),
)

FAMILIES: Final = (EV, MOTORDRIVE)
