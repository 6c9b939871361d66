"""When the GX starts a generator by itself, and when it stops it: settings of up to two."""

from typing import Final

from ....common import quantities as q
from ....common.quantities import Quantity
from .model import Category, Control, ControlForm, PathRow
from .rows import number, setting, switched

_FOLDER: Final = "Settings/Generator{generator}"
_LONGEST: Final = 86_400.0


def _delay(
    path: str, name: str, maximum: float = _LONGEST, quantity: Quantity = q.DELAY
) -> PathRow:
    return setting(f"{_FOLDER}/{path}", name, quantity, number(0, maximum), enabled=False)


def _starts(folder: str, name: str) -> tuple[PathRow, ...]:
    return (
        switched(f"{_FOLDER}/{folder}/Enabled", f"generator_{name}_enabled", enabled=False),
        _delay(f"{folder}/StartTimer", f"generator_{name}_start_delay"),
        _delay(f"{folder}/StopTimer", f"generator_{name}_stop_delay"),
    )


def _rule(folder: str, name: str, quantity: Quantity, control: Control) -> tuple[PathRow, ...]:
    """Return a rule with levels of its own, by day and in quiet hours."""
    levels = (
        ("StartValue", "start"),
        ("StopValue", "stop"),
        ("QuietHoursStartValue", "quiet_start"),
        ("QuietHoursStopValue", "quiet_stop"),
    )
    return (
        *_starts(folder, name),
        *(
            setting(
                f"{_FOLDER}/{folder}/{path}",
                f"generator_{name}_{part}",
                quantity,
                control,
                enabled=False,
            )
            for path, part in levels
        ),
    )


def _time(path: str, name: str) -> PathRow:
    return PathRow(
        path=f"{_FOLDER}/QuietHours/{path}",
        name=name,
        quantity=q.DELAY,
        category=Category.CONFIG,
        enabled=False,
        control=Control(form=ControlForm.TIME, maximum=86_399),
    )


GENERATOR_RULES: Final[tuple[PathRow, ...]] = (
    *_rule("Soc", "soc", q.PERCENT, number(0, 100)),
    *_rule("BatteryVoltage", "voltage", q.VOLTAGE, number(0, 1000, 0.1)),
    *_rule("BatteryCurrent", "current", q.CURRENT, number(0, 10_000, 0.1)),
    *_rule("AcLoad", "load", q.POWER, number(0, 1_000_000)),
    *_starts("InverterHighTemp", "temperature"),
    *_starts("InverterOverload", "overload"),
    switched(f"{_FOLDER}/QuietHours/Enabled", "generator_quiet_hours", enabled=False),
    _time("StartTime", "generator_quiet_start_time"),
    _time("EndTime", "generator_quiet_end_time"),
    _delay("WarmUpTime", "generator_warm_up", 1800),
    _delay("CoolDownTime", "generator_cool_down", 600),
    _delay("GeneratorStopTime", "generator_stop_time", 600),
    _delay("ServiceInterval", "generator_service_interval", 1_800_000, q.DURATION),
    _delay("MinimumRuntime", "generator_minimum_runtime", 1440, q.MINUTES_PAST),
)
