"""Batteries: monitors (BMV, SmartShunt) and BMSes."""

from typing import Final

from ....common import quantities as q
from .. import codes
from .groups import ALARMS, dc, limits_of_bms
from .model import Category, Family
from .rows import (
    ERROR_CODE,
    HAS_MID_VOLTAGE,
    HAS_STARTER_VOLTAGE,
    HAS_TEMPERATURE,
    RELAY,
    choice,
    fact,
    flag,
    rare,
    state,
    time_to_go,
    value,
)

BATTERY: Final = Family(
    service="battery",
    title="Battery",
    points=(
        value("Soc", "soc", q.STATE_OF_CHARGE),
        *dc(temperature=HAS_TEMPERATURE),
        time_to_go("TimeToGo", "time_to_go", "Dc/0"),
        rare("ConsumedAmphours", "consumed_charge", q.CHARGE),
        value("Dc/1/Voltage", "starter_voltage", q.VOLTAGE, gate=HAS_STARTER_VOLTAGE),
        value("Dc/0/MidVoltage", "mid_voltage", q.VOLTAGE, gate=HAS_MID_VOLTAGE),
        rare("Dc/0/MidVoltageDeviation", "mid_voltage_deviation", q.PERCENT, gate=HAS_MID_VOLTAGE),
        fact("Soh", "state_of_health", q.PERCENT, enabled=True),
        fact("Capacity", "capacity", q.CHARGE),
        fact("InstalledCapacity", "installed_capacity", q.CHARGE),
        state("State", "battery_state", codes.BATTERY_STATE, category=Category.DIAGNOSTIC),
        state("Balancer/Status", "balancer", codes.BALANCER, enabled=False),
        flag("Balancing", "balancing", enabled=False),
        choice("Mode", "battery_mode", codes.BATTERY_MODE),
        *limits_of_bms("Info"),
        flag("Io/AllowToCharge", "allow_to_charge", category=Category.DIAGNOSTIC),
        flag("Io/AllowToDischarge", "allow_to_discharge", category=Category.DIAGNOSTIC),
        value("System/MinCellVoltage", "min_cell_voltage", q.CELL_VOLTAGE),
        value("System/MaxCellVoltage", "max_cell_voltage", q.CELL_VOLTAGE),
        value("System/MinCellTemperature", "min_cell_temperature", q.TEMPERATURE),
        value("System/MaxCellTemperature", "max_cell_temperature", q.TEMPERATURE),
        fact("System/NrOfModulesOnline", "modules_online", q.COUNT),
        fact("System/NrOfModulesOffline", "modules_offline", q.COUNT),
        fact("System/NrOfModulesBlockingCharge", "modules_blocking_charge", q.COUNT),
        fact("System/NrOfModulesBlockingDischarge", "modules_blocking_discharge", q.COUNT),
        fact("Info/ChargeMode", "charge_mode", q.TEXT),
        fact("System/MinVoltageCellId", "min_voltage_cell", q.TEXT),
        fact("System/MaxVoltageCellId", "max_voltage_cell", q.TEXT),
        fact("System/MinTemperatureCellId", "min_temperature_cell", q.TEXT),
        fact("System/MaxTemperatureCellId", "max_temperature_cell", q.TEXT),
        rare("Battery/{pack}/Voltage", "pack_voltage", q.VOLTAGE),
        rare("Battery/{pack}/Current", "pack_current", q.CURRENT),
        rare("Battery/{pack}/Temperature", "pack_temperature", q.TEMPERATURE),
        fact("Battery/{pack}/Capacity", "pack_capacity", q.CHARGE),
        rare("Battery/{pack}/Cell/{cell}/Voltage", "pack_cell_voltage", q.CELL_VOLTAGE),
        rare("Battery/{pack}/Cell/{cell}/Temperature", "pack_cell_temperature", q.TEMPERATURE),
        rare("Voltages/Cell{cell}", "cell_voltage", q.CELL_VOLTAGE),
        rare("Voltages/Diff", "cell_voltage_difference", q.CELL_VOLTAGE),
        value("History/ChargedEnergy", "energy_charged", q.ENERGY),
        value("History/DischargedEnergy", "energy_discharged", q.ENERGY),
        fact("History/ChargeCycles", "charge_cycles", q.TOTAL_COUNT, enabled=True),
        fact("History/FullDischarges", "full_discharges", q.TOTAL_COUNT),
        fact("History/AutomaticSyncs", "automatic_syncs", q.TOTAL_COUNT),
        fact("History/TotalAhDrawn", "total_charge_drawn", q.CHARGE_PAST),
        fact("History/TimeSinceLastFullCharge", "time_since_full_charge", q.DURATION),
        fact("History/DeepestDischarge", "deepest_discharge", q.CHARGE_PAST),
        fact("History/LastDischarge", "last_discharge", q.CHARGE_PAST),
        fact("History/AverageDischarge", "average_discharge", q.CHARGE_PAST),
        fact("History/MinimumVoltage", "minimum_voltage", q.VOLTAGE_PAST),
        fact("History/MaximumVoltage", "maximum_voltage", q.VOLTAGE_PAST),
        RELAY,
        ERROR_CODE,
        *ALARMS,
    ),
)

BMS: Final = Family(service="bms", title="BMS", points=BATTERY.points)
"""What older versions of Venus OS call some batteries."""

FAMILIES: Final = (BATTERY, BMS)
