"""Energy meters by the role they have: grid, PV inverter, AC load, heat pump, EV charger."""

from typing import Final

from ....common import quantities as q
from .. import codes
from .groups import ALARMS, meter
from .model import Category, Control, ControlForm, Family
from .rows import choice, coded_fact, fact, flag, number, rare, setting, state, switched, value

_POSITION: Final = coded_fact(
    "Position",
    "load_position",
    codes.LOAD_POSITION,
)

GRID: Final = Family(
    service="grid",
    title="Grid meter",
    points=(*meter("import", "export"), *ALARMS),
    phases="NrOfPhases",
)

PVINVERTER: Final = Family(
    service="pvinverter",
    title="PV inverter",
    points=(
        *meter("produced"),
        rare("Ac/Energy/Reverse", "energy_consumed", q.ENERGY),
        state("StatusCode", "pv_inverter_status", codes.PV_INVERTER_STATUS),
        coded_fact(
            "Position",
            "source_position",
            codes.SOURCE_POSITION,
        ),
        fact("Ac/MaxPower", "max_power", q.POWER),
        setting(
            "Ac/PowerLimit",
            "power_limit",
            q.POWER,
            Control(form=ControlForm.NUMBER, maximum=100_000, step=1, maximum_path="Ac/MaxPower"),
            enabled=False,
        ),
        *ALARMS,
    ),
    phases="NrOfPhases",
)

ACLOAD: Final = Family(
    service="acload",
    title="AC load",
    points=(
        *meter("consumed"),
        rare("Ac/Energy/Reverse", "energy_delivered", q.ENERGY),
        choice("Position", "load_position", codes.LOAD_POSITION, enabled=False),
        setting("PhaseSetting", "phase_setting", q.NUMBER, number(1, 3), enabled=False),
        flag(
            "IsGenericEnergyMeter",
            "generic_energy_meter",
            enabled=False,
            category=Category.DIAGNOSTIC,
        ),
        *ALARMS,
    ),
    phases="NrOfPhases",
)

HEATPUMP: Final = Family(
    service="heatpump",
    title="Heat pump",
    points=(
        *meter("consumed"),
        state("State", "heat_pump_state", codes.HEAT_PUMP_STATE),
        value("Temperature", "temperature", q.TEMPERATURE),
        value("TargetTemperature", "target_temperature", q.TEMPERATURE),
        _POSITION,
        *ALARMS,
    ),
    phases="NrOfPhases",
)


def _amps(maximum: float, maximum_path: str | None = None) -> Control:
    return Control(form=ControlForm.NUMBER, maximum=maximum, step=1, maximum_path=maximum_path)


EVCHARGER: Final = Family(
    service="evcharger",
    title="EV charging station",
    points=(
        *(point for point in meter("consumed") if point.path != "Ac/Energy/Forward"),
        # Some stations count one charge only.
        value("Ac/Energy/Forward", "energy_consumed", q.ENERGY_RESETTING),
        state("Status", "ev_charger_status", codes.EV_CHARGER_STATUS),
        choice("Mode", "ev_charger_mode", codes.EV_CHARGER_MODE),
        switched("StartStop", "charging_allowed"),
        switched("AutoStart", "auto_start", enabled=False),
        value("Current", "charging_current", q.CURRENT),
        setting("SetCurrent", "charging_current_limit", q.CURRENT, _amps(80, "MaxCurrent")),
        setting("MaxCurrent", "max_charging_current", q.CURRENT, _amps(80), enabled=False),
        setting("MinCurrent", "min_charging_current", q.CURRENT, _amps(80), enabled=False),
        value("ChargingTime", "charging_time", q.DURATION),
        value("Session/Energy", "session_energy", q.ENERGY_RESETTING),
        rare("Session/Time", "session_time", q.DURATION),
        rare("Session/Cost", "session_cost", q.MONEY),
        _POSITION,
        flag("EnableDisplay", "display", enabled=False, category=Category.DIAGNOSTIC),
        *ALARMS,
    ),
    phases="NrOfPhases",
)

FAMILIES: Final = (GRID, PVINVERTER, ACLOAD, HEATPUMP, EVCHARGER)
