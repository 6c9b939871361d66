"""Readings that are made of what lala.cgi tells: the collector's keys, sums, the limits of controls."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from ....common.value import Value
from ...protocol.states import is_ok
from .catalogue import AXIS_LENGTH, CATALOGUE, Axis, Cadence, Format, VariableType
from .codec import Answer
from .points import Readout, Ref, number_at, reading_at, same, value_at

GRID_POWER: Final = Ref("ENERGY", "GUI_GRID_POW")
HOUSE_POWER: Final = Ref("ENERGY", "GUI_HOUSE_POW")
PV_POWER: Final = Ref("ENERGY", "GUI_INVERTER_POWER")
BATTERY_POWER: Final = Ref("ENERGY", "GUI_BAT_DATA_POWER")
STATE: Final = Ref("ENERGY", "STAT_STATE")
WALLBOX_POWER: Final = Ref("WALLBOX", "APPARENT_CHARGING_POWER")
VEHICLE_CONNECTED: Final = Ref("WALLBOX", "EV_CONNECTED")
MPP_POWER: Final = Ref("PV1", "MPP_POWER")
CASCADE_POWER: Final = Ref("CASC", "BATPOWERSUM")
CASCADE_PV_MASTER: Final = Ref("CASC", "PVMASTER")
CASCADE_PV: Final = Ref("CASC", "PVGEN")
WEB_TIME: Final = Ref("RTC", "WEB_TIME")
UTC_OFFSET: Final = Ref("RTC", "UTC_OFFSET")

_SAME: Final[Mapping[str, Ref]] = {
    "application_version": Ref("WIZARD", "APPLICATION_VERSION"),
    "bat_charge_current": Ref("ENERGY", "GUI_BAT_DATA_CURRENT"),
    "bat_fuel_charge": Ref("ENERGY", "GUI_BAT_DATA_FUEL_CHARGE"),
    "bat_voltage": Ref("ENERGY", "GUI_BAT_DATA_VOLTAGE"),
    "case_temp": Ref("TEMPMEASURE", "CASE_TEMP"),
    "grid_power": GRID_POWER,
    "house_power": HOUSE_POWER,
    "power_ratio": Ref("PV1", "POWER_RATIO"),
    "current_state": STATE,
}

COVERED: Final = frozenset(
    {
        *_SAME.values(),
        PV_POWER,
        BATTERY_POWER,
        WALLBOX_POWER,
        VEHICLE_CONNECTED,
        MPP_POWER,
        WEB_TIME,
    }
)
"""Variables that have a key of the collector's and so none of their own."""


def _positive(ref: Ref) -> Callable[[Answer], Value]:
    def read(answer: Answer) -> Value:
        number = number_at(answer, ref)
        return None if number is None else max(0, number)

    return read


def _negative(ref: Ref) -> Callable[[Answer], Value]:
    def read(answer: Answer) -> Value:
        number = number_at(answer, ref)
        return None if number is None else max(0, -number)

    return read


def _battery_discharge(answer: Answer) -> Value:
    number = number_at(answer, BATTERY_POWER)
    return None if number is None else 0 - number


def _state_code(answer: Answer) -> Value:
    value = value_at(answer, STATE)
    return value if isinstance(value, int) else None


def _state_ok(answer: Answer) -> Value:
    code = _state_code(answer)
    return is_ok(code) if isinstance(code, int) else None


def _vehicle_connected(answer: Answer) -> Value:
    """Any vehicle: yes as soon as one is known to be, no only when all are known not to be."""
    cell = answer.cell(*VEHICLE_CONNECTED)
    if not isinstance(cell, list):
        return None
    flags = [reading_at(answer, VEHICLE_CONNECTED, index) for index in range(len(cell))]
    if True in flags:
        return True
    return None if None in flags or not flags else False


def _wallbox_power(answer: Answer) -> Value:
    cell = answer.cell(*WALLBOX_POWER)
    if not isinstance(cell, list) or not cell:
        return None
    total = 0.0
    for index in range(len(cell)):
        number = number_at(answer, WALLBOX_POWER, index)
        if number is None:
            return None
        total += number
    return total


def _cascade_discharge(answer: Answer) -> Value:
    """Read the power of all batteries of a cascade, master and slaves, + = discharging.

    BATPOWERSUM has the sign of GUI_BAT_DATA_POWER: on a single system both show the same.
    """
    number = number_at(answer, CASCADE_POWER)
    return None if number is None else 0 - number


def _cascade_pv(answer: Answer) -> Value:
    """Sum up the sun of the master and of every slave; unused places read 0 W."""
    master = number_at(answer, CASCADE_PV_MASTER)
    cell = answer.cell(*CASCADE_PV)
    if master is None or not isinstance(cell, list):
        return None
    parts = [number_at(answer, CASCADE_PV, index) for index in range(len(cell))]
    numbers = [part for part in parts if part is not None]
    return max(0, master + sum(numbers)) if len(numbers) == len(parts) else None


def _cascade_house(answer: Answer) -> Value:
    """Read what the house of a cascade uses: what comes from the grid, every roof and every battery.

    The master's own house power is left alone: no description tells whether it knows the slaves.
    Over one section at a time there is no moment that all of it is of, and so no reading.
    """
    grid, battery, pv = (
        number_at(answer, GRID_POWER),
        _cascade_discharge(answer),
        _cascade_pv(answer),
    )
    if grid is None or not isinstance(battery, int | float) or not isinstance(pv, int | float):
        return None
    return max(0, round(grid + battery + pv, 3))


def _clock(answer: Answer) -> Value:
    """Read the clock: WEB_TIME counts local seconds, UTC_OFFSET the minutes it is ahead of UTC."""
    local, offset = number_at(answer, WEB_TIME), number_at(answer, UTC_OFFSET)
    if local is None or offset is None or abs(offset) > 24 * 60:
        return None
    try:
        return datetime.fromtimestamp(local - offset * 60, UTC)
    except OverflowError, ValueError, OSError:
        return None


_POWER: Final = CATALOGUE[GRID_POWER].form
_FLAG: Final = Format(kind=VariableType.FLAG)
_CODE_NUMBER: Final = Format(kind=VariableType.NUMBER)
_TIME: Final = Format(kind=VariableType.TEXT, device_class="timestamp")
_DURATION: Final = Format(
    kind=VariableType.MEASURE, unit="ms", device_class="duration", low=0, high=1e6, precision=0
)


def _own(
    key: str,
    needs: tuple[Ref, ...],
    read: Callable[[Answer], Value],
    form: Format = _POWER,
    *,
    index: int | None = None,
    enabled: bool = True,
) -> Readout:
    cadence = CATALOGUE[needs[0]].cadence if needs else Cadence.LIVE
    return Readout(
        key=key, needs=needs, read=read, cadence=cadence, form=form, enabled=enabled, index=index
    )


def derived_points() -> Iterable[Readout]:
    """Yield every derived point that there can be."""
    for key, ref in _SAME.items():
        yield _own(key, (ref,), same(ref), CATALOGUE[ref].form)
    # Halves of a value that has a sign: the same rows in the database once more.
    yield _own("grid_power_plus", (GRID_POWER,), _positive(GRID_POWER), enabled=False)
    yield _own("grid_power_minus", (GRID_POWER,), _negative(GRID_POWER), enabled=False)
    yield _own("bat_power_plus", (BATTERY_POWER,), _positive(BATTERY_POWER), enabled=False)
    yield _own("bat_power_minus", (BATTERY_POWER,), _negative(BATTERY_POWER), enabled=False)
    yield _own("bat_power", (BATTERY_POWER,), _battery_discharge)
    yield _own("inverter_power", (PV_POWER,), _positive(PV_POWER))
    yield _own("current_state_code", (STATE,), _state_code, _CODE_NUMBER)
    yield _own("current_state_ok", (STATE,), _state_ok, _FLAG)
    for index in range(AXIS_LENGTH[Axis.MPP]):
        yield _own(f"mpp{index + 1}_power", (MPP_POWER,), same(MPP_POWER, index), index=index)
    yield _own("ev_connected", (VEHICLE_CONNECTED,), _vehicle_connected, _FLAG)
    yield _own("wallbox_charge_power", (WALLBOX_POWER,), _wallbox_power)
    for index in range(AXIS_LENGTH[Axis.WALLBOX]):
        yield _own(
            f"wallbox_charge_power{index}",
            (WALLBOX_POWER,),
            same(WALLBOX_POWER, index),
            index=index,
        )
    yield _own("response_duration", (), lambda _answer: None, _DURATION, enabled=False)
    yield _own("casc_bat_power", (CASCADE_POWER,), _cascade_discharge)
    yield _own("casc_inverter_power", (CASCADE_PV_MASTER, CASCADE_PV), _cascade_pv)
    yield _own(
        "casc_house_power",
        (CASCADE_POWER, CASCADE_PV_MASTER, CASCADE_PV, GRID_POWER),
        _cascade_house,
    )
    yield _own("rtc_web_time", (WEB_TIME, UTC_OFFSET), _clock, _TIME, enabled=False)
