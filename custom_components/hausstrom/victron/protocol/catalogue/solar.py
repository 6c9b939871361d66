"""Solar chargers (MPPT), and what other devices with trackers share with them."""

from typing import Final

from ....common import quantities as q
from .. import codes
from .groups import ALARMS, dc
from .model import Category, Control, ControlForm, Family, PathRow
from .rows import (
    ERROR_CODE,
    OFF_REASON,
    RELAY_SETTING,
    choice,
    fact,
    flag,
    rare,
    setting,
    state,
    value,
)


def trackers() -> tuple[PathRow, ...]:
    """Return the PV side; single trackers appear where there are several."""
    return (
        value("Yield/Power", "pv_power", q.POWER),
        value("Pv/V", "pv_voltage", q.VOLTAGE),
        rare("Pv/I", "pv_current", q.CURRENT),
        value("Pv/{tracker}/P", "tracker_power", q.POWER),
        value("Pv/{tracker}/V", "tracker_voltage", q.VOLTAGE),
        state("Pv/{tracker}/MppOperationMode", "tracker_mode", codes.TRACKER_MODE, enabled=False),
        state("MppOperationMode", "mpp_mode", codes.TRACKER_MODE, enabled=False),
        value("Yield/System", "energy_produced", q.ENERGY),
        # The one the user can reset; it begins as a copy of the other.
        rare("Yield/User", "yield_since_reset", q.ENERGY_RESETTING),
    )


def history() -> tuple[PathRow, ...]:
    """Return today's and yesterday's history."""
    return (
        value("History/Daily/0/Yield", "yield_today", q.ENERGY_RESETTING),
        rare("History/Daily/0/MaxPower", "max_power_today", q.POWER_PAST),
        rare("History/Daily/0/MaxPvVoltage", "max_pv_voltage_today", q.VOLTAGE_PAST),
        rare("History/Daily/0/MinBatteryVoltage", "min_battery_voltage_today", q.VOLTAGE_PAST),
        rare("History/Daily/0/MaxBatteryVoltage", "max_battery_voltage_today", q.VOLTAGE_PAST),
        rare("History/Daily/0/TimeInBulk", "bulk_time_today", q.MINUTES_PAST),
        rare("History/Daily/0/TimeInAbsorption", "absorption_time_today", q.MINUTES_PAST),
        rare("History/Daily/0/TimeInFloat", "float_time_today", q.MINUTES_PAST),
        rare("History/Daily/1/Yield", "yield_yesterday", q.ENERGY_PAST),
        rare("History/Daily/1/MaxPower", "max_power_yesterday", q.POWER_PAST),
        rare("History/Daily/0/Pv/{tracker}/Yield", "tracker_yield_today", q.ENERGY_RESETTING),
        rare("History/Daily/0/Pv/{tracker}/MaxPower", "tracker_max_power_today", q.POWER_PAST),
        rare(
            "History/Daily/0/Pv/{tracker}/MaxVoltage", "tracker_max_voltage_today", q.VOLTAGE_PAST
        ),
        rare("History/Daily/1/Pv/{tracker}/Yield", "tracker_yield_yesterday", q.ENERGY_PAST),
    )


SOLARCHARGER: Final = Family(
    service="solarcharger",
    title="Solar charger",
    points=(
        state("State", "device_state", codes.DEVICE_STATE),
        choice("Mode", "charger_mode", codes.CHARGER_MODE, enabled=False),
        *trackers(),
        *history(),
        *dc(power=False, busbar=True),
        value("Load/I", "load_current", q.CURRENT),
        flag("Load/State", "load_output", "power"),
        setting(
            "Settings/ChargeCurrentLimit",
            "charge_current_limit",
            q.CURRENT,
            Control(form=ControlForm.NUMBER, maximum=500, step=0.1),
            enabled=False,
        ),
        fact("Link/ChargeVoltage", "charge_voltage_setpoint", q.VOLTAGE),
        fact("Link/ChargeCurrent", "charge_current_setpoint", q.CURRENT),
        flag(
            "Equalization/Pending",
            "equalization_pending",
            category=Category.DIAGNOSTIC,
            enabled=False,
        ),
        RELAY_SETTING,
        ERROR_CODE,
        OFF_REASON,
        *ALARMS,
    ),
    trackers="NrOfTrackers",
)

FAMILIES: Final = (SOLARCHARGER,)
