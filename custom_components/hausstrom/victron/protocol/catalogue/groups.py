"""Groups of rows that many services have alike: alarms, DC terminals, meters, outputs of inverters."""

from copy import replace
from typing import Final, Literal

from ....common import quantities as q
from ..codes import ALARM
from .model import Condition, PathRow
from .rows import ERROR_CODE, MAINS_VOLTAGE, coded_fact, fact, rare, value

type EnergyNames = Literal["import", "export", "produced", "consumed", "delivered", "charged"]

ALARM_NAMES: Final = (
    "AutoStartDisabled",
    "BatteryOvervoltageProtection",
    "BmsCable",
    "BmsConnectionLost",
    "BmsPreAlarm",
    "CellImbalance",
    "ChargeBlocked",
    "Contactor",
    "DischargeBlocked",
    "EmergencyStop",
    "EnergyMeterMissing",
    "FuseBlown",
    "GenericAlarm",
    "GridLost",
    "HighCellVoltage",
    "HighChargeCurrent",
    "HighChargeTemperature",
    "HighCurrent",
    "HighDcCurrent",
    "HighDcVoltage",
    "HighDischargeCurrent",
    "HighFusedVoltage",
    "HighInternalTemperature",
    "HighStarterVoltage",
    "HighTemperature",
    "HighVoltage",
    "HighVoltageAcOut",
    "InternalFailure",
    "LowBattery",
    "LowCellVoltage",
    "LowChargeTemperature",
    "LowCoolantLevel",
    "LowFuelLevel",
    "LowFusedVoltage",
    "LowOilLevel",
    "LowOilPressure",
    "LowSoc",
    "LowStarterVoltage",
    "LowTemperature",
    "LowVoltage",
    "LowVoltageAcOut",
    "MidVoltage",
    "NoGeneratorAtAcIn",
    "NoGeneratorAtDcIn",
    "Overload",
    "PhaseRotation",
    "RemoteStartModeDisabled",
    "Ripple",
    "ServiceIntervalExceeded",
    "ServicesNeeded",
    "ShortCircuit",
    "StarterBatteryLow",
    "StateOfHealth",
    "StoppedByTankLevelCondition",
    "TemperatureSensor",
    "VoltageSensor",
)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


ALARMS: Final = tuple(
    coded_fact(f"Alarms/{name}", f"alarm_{_snake(name)}", ALARM) for name in ALARM_NAMES
)
"""Every alarm we know the name of; an alarm that a service does not have is never shown."""


def dc(
    *,
    power: bool = True,
    current: bool = True,
    temperature: Condition | bool = True,
    busbar: bool = False,
) -> tuple[PathRow, ...]:
    """Return the values at the DC terminals; without `current` that is there, but not enabled.

    `busbar`: the voltage is the battery's, which a battery monitor says better.
    """
    measured = value if current else rare
    rows = [
        replace(
            value("Dc/0/Voltage", "dc_voltage", q.VOLTAGE), beside="battery" if busbar else None
        ),
        measured("Dc/0/Current", "dc_current", q.CURRENT),
    ]
    if power:
        rows.append(value("Dc/0/Power", "dc_power", q.POWER))
    if temperature is not False:
        gate = temperature if isinstance(temperature, Condition) else None
        rows.append(value("Dc/0/Temperature", "temperature", q.TEMPERATURE, gate=gate))
    return tuple(rows)


def meter(forward: EnergyNames, reverse: EnergyNames | None = None) -> tuple[PathRow, ...]:
    """Return the values of anything that measures AC; `forward` says what the counter counts.

    What counts in both directions is the connection to the grid: there people look at each
    phase. A single device interests as a whole.
    """
    phase = rare if reverse is None else value
    rows = [
        value("Ac/Power", "power", q.POWER),
        phase("Ac/L{phase}/Power", "phase_power", q.POWER, total="Ac/Power"),
        phase("Ac/L{phase}/Voltage", "phase_voltage", MAINS_VOLTAGE),
        rare("Ac/L{phase}/Current", "phase_current", q.CURRENT),
        rare("Ac/L{phase}/PowerFactor", "phase_power_factor", q.POWER_FACTOR),
        rare("Ac/L{phase}/VoltageLineToLine", "phase_line_voltage", MAINS_VOLTAGE),
        rare("Ac/Frequency", "frequency", q.FREQUENCY),
        rare("Ac/PowerFactor", "power_factor", q.POWER_FACTOR),
        # Older meters publish averages over the phases here.
        rare("Ac/Voltage", "voltage", MAINS_VOLTAGE),
        rare("Ac/Current", "current", q.CURRENT),
        rare("Ac/N/Current", "neutral_current", q.CURRENT),
        rare("Ac/PENVoltage", "pen_voltage", MAINS_VOLTAGE),
        value("Ac/Energy/Forward", f"energy_{forward}", q.ENERGY),
        rare("Ac/L{phase}/Energy/Forward", f"phase_energy_{forward}", q.ENERGY),
    ]
    if reverse is not None:
        rows += [
            value("Ac/Energy/Reverse", f"energy_{reverse}", q.ENERGY),
            rare("Ac/L{phase}/Energy/Reverse", f"phase_energy_{reverse}", q.ENERGY),
        ]
    else:
        # A meter on a load that feeds in, or on an inverter that draws.
        rows.append(rare("Ac/L{phase}/Energy/Reverse", "phase_energy_delivered", q.ENERGY))
    return (*rows, ERROR_CODE)


def output() -> tuple[PathRow, ...]:
    """Return the AC output of an inverter; the totals are of those that say them."""
    return (
        value("Ac/Out/P", "output_power", q.POWER),
        rare("Ac/Out/S", "output_apparent_power", q.APPARENT_POWER),
        value("Ac/Out/L{phase}/P", "output_phase_power", q.POWER, total="Ac/Out/P"),
        value("Ac/Out/L{phase}/V", "output_phase_voltage", MAINS_VOLTAGE),
        rare("Ac/Out/L{phase}/I", "output_phase_current", q.CURRENT),
        rare("Ac/Out/L{phase}/F", "output_phase_frequency", q.FREQUENCY),
        # Small inverters say no power: the apparent power is all there is to their load.
        replace(
            rare("Ac/Out/L{phase}/S", "output_phase_apparent_power", q.APPARENT_POWER),
            unless="Ac/Out/L{phase}/P",
        ),
    )


def internal_energy(*, solar: bool) -> tuple[PathRow, ...]:
    """Return the counters between the terminals of an inverter/charger.

    Of a VE.Bus system these are volatile: they begin at 0 when it, or the GX, is switched on.
    """
    names: tuple[str, ...] = (
        "AcIn1ToAcOut",
        "AcIn1ToInverter",
        "AcIn2ToAcOut",
        "AcIn2ToInverter",
        "AcOutToAcIn1",
        "AcOutToAcIn2",
        "InverterToAcIn1",
        "InverterToAcIn2",
        "InverterToAcOut",
        "OutToInverter",
    )
    if solar:
        names += ("SolarToAcIn1", "SolarToAcIn2", "SolarToAcOut", "SolarToBattery")
    return tuple(rare(f"Energy/{name}", f"energy_{_flow(name)}", q.ENERGY) for name in names)


def _flow(name: str) -> str:
    return _snake(name.replace("In1", "In_1").replace("In2", "In_2")).replace("__", "_")


def limits_of_bms(prefix: str) -> tuple[PathRow, ...]:
    """Return what a battery's BMS allows."""
    return (
        fact(f"{prefix}/MaxChargeCurrent", "max_charge_current", q.CURRENT),
        fact(f"{prefix}/MaxDischargeCurrent", "max_discharge_current", q.CURRENT),
        fact(f"{prefix}/MaxChargeVoltage", "max_charge_voltage", q.VOLTAGE),
        fact(f"{prefix}/BatteryLowVoltage", "low_voltage_limit", q.VOLTAGE),
    )
