"""Short ways to write rows of the catalogue that many services share."""

from copy import replace
from typing import Final, Literal

from ....common import quantities as q
from ....common.quantities import Quantity
from ....common.throttle import Pace
from .. import codes
from ..codes import ALARM, Codes
from .model import Category, Condition, Control, ControlForm, Conversion, EntityForm, PathRow

MAINS_VOLTAGE: Final = replace(q.AC_VOLTAGE, step=1.0)
"""Of an AC voltage only what a person would notice is written, until it rests."""
LEVEL: Final = replace(q.PERCENT, step=0.5)
"""The level of a tank, which a boat or a caravan shakes."""

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


def value(
    path: str,
    name: str,
    quantity: Quantity,
    *,
    gate: Condition | None = None,
    total: str | None = None,
    reading: Conversion = Conversion.AS_IS,
    category: Category | None = None,
) -> PathRow:
    """Return a measured value that people look at."""
    return PathRow(
        path=path,
        name=name,
        quantity=quantity,
        gate=gate,
        total=total,
        reading=reading,
        category=category,
    )


def rare(
    path: str,
    name: str,
    quantity: Quantity,
    *,
    gate: Condition | None = None,
    total: str | None = None,
    reading: Conversion = Conversion.AS_IS,
) -> PathRow:
    """Return a measured value that only few want: there, but not enabled."""
    return replace(
        value(path, name, quantity, gate=gate, total=total, reading=reading), enabled=False
    )


def time_to_go(path: str, name: str, folder: str, *, enabled: bool = True) -> PathRow:
    """Return the time until a battery is empty: none while it is charged, whatever is said."""
    return PathRow(
        path=path,
        name=name,
        quantity=q.DURATION,
        enabled=enabled,
        reading=Conversion.TIME_TO_GO,
        silenced_by=(f"{folder}/Power", f"{folder}/Current"),
    )


def fact(path: str, name: str, quantity: Quantity, *, enabled: bool = False) -> PathRow:
    """Return a value about the device rather than about the energy."""
    return PathRow(
        path=path,
        name=name,
        quantity=quantity,
        category=Category.DIAGNOSTIC,
        enabled=enabled,
    )


def state(
    path: str,
    name: str,
    table: Codes,
    *,
    enabled: bool = True,
    category: Category | None = None,
    reading: Conversion = Conversion.AS_IS,
    control: Control | None = None,
) -> PathRow:
    """Return a value that is one of a table of codes."""
    return PathRow(
        path=path,
        name=name,
        quantity=q.STATE,
        codes=table,
        enabled=enabled,
        category=category,
        reading=reading,
        control=control,
    )


def flag(
    path: str,
    name: str,
    device_class: str | None = None,
    *,
    enabled: bool = True,
    category: Category | None = None,
    inverted: bool = False,
    control: Control | None = None,
    gate: Condition | None = None,
) -> PathRow:
    """Return a value that is on or off."""
    return PathRow(
        path=path,
        name=name,
        quantity=q.TEXT,
        form=EntityForm.BINARY,
        device_class=device_class,
        enabled=enabled,
        category=category,
        inverted=inverted,
        control=control,
        gate=gate,
    )


def setting(
    path: str, name: str, quantity: Quantity, control: Control, *, enabled: bool = True
) -> PathRow:
    """Return a number that a person can set."""
    return PathRow(
        path=path,
        name=name,
        quantity=quantity,
        category=Category.CONFIG,
        control=control,
        enabled=enabled,
    )


def switched(path: str, name: str, *, enabled: bool = True, inverted: bool = False) -> PathRow:
    """Return a setting that a person can switch."""
    return flag(
        path,
        name,
        enabled=enabled,
        category=Category.CONFIG,
        inverted=inverted,
        control=Control(form=ControlForm.SWITCH),
    )


def choice(path: str, name: str, table: Codes, *, enabled: bool = True) -> PathRow:
    """Return a setting that is chosen from a table of codes."""
    return state(
        path,
        name,
        table,
        enabled=enabled,
        category=Category.CONFIG,
        control=Control(form=ControlForm.SELECT),
    )


def alarms(folder: str = "Alarms") -> tuple[PathRow, ...]:
    """Return every alarm we know the name of; an alarm of a service that has none is no row."""
    return tuple(
        PathRow(
            path=f"{folder}/{name}",
            name=f"alarm_{_snake(name)}",
            quantity=q.STATE,
            codes=ALARM,
            category=Category.DIAGNOSTIC,
            enabled=False,
        )
        for name in ALARM_NAMES
    )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


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


def output(total: bool) -> tuple[PathRow, ...]:
    """Return the AC output of an inverter; `total` where the phases have a sum of their own."""
    rows = (
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
    if not total:
        return rows
    return (
        value("Ac/Out/P", "output_power", q.POWER),
        rare("Ac/Out/S", "output_apparent_power", q.APPARENT_POWER),
        *rows,
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


def moment(path: str, name: str, *, enabled: bool = False) -> PathRow:
    """Return a point in time; 0 is never."""
    return PathRow(
        path=path, name=name, quantity=TIMESTAMP, enabled=enabled, reading=Conversion.TIMESTAMP
    )


def button(path: str, name: str) -> PathRow:
    """Return something that a person can press."""
    return PathRow(
        path=path,
        name=name,
        quantity=q.NUMBER,
        form=EntityForm.BINARY,
        category=Category.CONFIG,
        enabled=False,
        control=Control(form=ControlForm.BUTTON, maximum=1),
    )


def number(
    minimum: float,
    maximum: float,
    step: float = 1,
    *,
    unlimited: float | None = None,
    repeated: bool = False,
) -> Control:
    """Return how a number is set, where the GX does not say between what."""
    return Control(
        form=ControlForm.NUMBER,
        minimum=minimum,
        maximum=maximum,
        step=step,
        unlimited=unlimited,
        repeated=repeated,
    )


TIMESTAMP: Final = Quantity(device_class="timestamp", state_class=None, pace=Pace.NOW)
ERROR_CODE: Final = fact("ErrorCode", "error_code", q.NUMBER, enabled=True)
HAS_TEMPERATURE: Final = Condition(path="Settings/HasTemperature")
HAS_STARTER_VOLTAGE: Final = Condition(path="Settings/HasStarterVoltage")
HAS_MID_VOLTAGE: Final = Condition(path="Settings/HasMidVoltage")
RELAY: Final = flag("Relay/{relay}/State", "relay", enabled=False)
RELAY_SETTING: Final = switched("Relay/{relay}/State", "relay", enabled=False)
OFF_REASON: Final = state(
    "DeviceOffReason",
    "off_reason",
    codes.OFF_REASON,
    category=Category.DIAGNOSTIC,
    reading=Conversion.LOWEST_BIT,
)
