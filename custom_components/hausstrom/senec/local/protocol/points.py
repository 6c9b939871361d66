"""What can be read from a SENEC system: a point is a key, what it needs of lala.cgi, how to read it.

Keys are the product's public names: those of the SENEC collector for what it measures,
`<section>_<variable>[_<index from 0>]` for everything else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from ...protocol.states import is_ok
from .catalogue import AXIS_LENGTH, CATALOGUE, Axis, Cadence, Form, Kind, Variable
from .codec import Answer, Refusal, Value
from .installed import Installed

type Reading = int | float | str | bool | datetime | None


class Ref(NamedTuple):
    """A variable of lala.cgi by name."""

    section: str
    variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One reading: `needs` says which variables must be asked for, `read` takes it from an answer.

    `variable` and `index` tell where a reading comes from that is a variable's own.
    """

    key: str
    needs: tuple[Ref, ...]
    read: Callable[[Answer], Reading]
    cadence: Cadence
    form: Form
    enabled: bool
    variable: Variable | None = None
    index: int | None = None


def interpret(form: Form, value: Value | None) -> Reading:
    """Return a decoded value as its form wants it; None where it is none or not plausible."""
    if value is None or isinstance(value, Refusal):
        return None
    if form.kind in _TEXTS:
        return str(value).strip() or None
    if isinstance(value, str):
        return None
    if form.kind is Kind.FLAG:
        return value != 0
    if form.codes is not None:
        return form.codes.get(int(value)) if value == int(value) else None
    if form.wrap is not None and value >= 1 << (form.wrap - 1):
        value -= 1 << form.wrap
    scaled = round(value * form.factor, 3)  # 32-bit floats have digits that mean nothing
    return scaled if form.low <= scaled <= form.high else None


_TEXTS: Final = frozenset({Kind.TEXT, Kind.IDENTITY})
_UNREAD: Final = frozenset({Kind.LISTING, Kind.COMMAND, Kind.CREDENTIAL})


def value_at(answer: Answer, ref: Ref, index: int | None = None) -> Value | None:
    """Return one value of an answer; None where the answer does not have it."""
    cell = answer.cell(*ref)
    if isinstance(cell, list):
        return cell[index] if index is not None and index < len(cell) else None
    return cell if index is None else None


def reading_at(answer: Answer, ref: Ref, index: int | None = None) -> Reading:
    """Return one value of an answer, interpreted as the catalogue says."""
    return interpret(CATALOGUE[ref].form, value_at(answer, ref, index))


def number_at(answer: Answer, ref: Ref, index: int | None = None) -> float | None:
    """Return one value of an answer as a number; None where it is not a plausible one."""
    reading = reading_at(answer, ref, index)
    return reading if isinstance(reading, int | float) else None


GRID_POWER: Final = Ref("ENERGY", "GUI_GRID_POW")
HOUSE_POWER: Final = Ref("ENERGY", "GUI_HOUSE_POW")
PV_POWER: Final = Ref("ENERGY", "GUI_INVERTER_POWER")
BATTERY_POWER: Final = Ref("ENERGY", "GUI_BAT_DATA_POWER")
STATE: Final = Ref("ENERGY", "STAT_STATE")
WALLBOX_POWER: Final = Ref("WALLBOX", "APPARENT_CHARGING_POWER")
VEHICLE_CONNECTED: Final = Ref("WALLBOX", "EV_CONNECTED")
MPP_POWER: Final = Ref("PV1", "MPP_POWER")
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


def _positive(ref: Ref) -> Callable[[Answer], Reading]:
    def read(answer: Answer) -> Reading:
        number = number_at(answer, ref)
        return None if number is None else max(0, number)

    return read


def _negative(ref: Ref) -> Callable[[Answer], Reading]:
    def read(answer: Answer) -> Reading:
        number = number_at(answer, ref)
        return None if number is None else max(0, -number)

    return read


def _same(ref: Ref, index: int | None = None) -> Callable[[Answer], Reading]:
    def read(answer: Answer) -> Reading:
        return reading_at(answer, ref, index)

    return read


def _battery_discharge(answer: Answer) -> Reading:
    number = number_at(answer, BATTERY_POWER)
    return None if number is None else 0 - number


def _state_code(answer: Answer) -> Reading:
    value = value_at(answer, STATE)
    return value if isinstance(value, int) else None


def _state_ok(answer: Answer) -> Reading:
    code = _state_code(answer)
    return is_ok(code) if isinstance(code, int) else None


def _vehicle_connected(answer: Answer) -> Reading:
    """Any vehicle: yes as soon as one is known to be, no only when all are known not to be."""
    cell = answer.cell(*VEHICLE_CONNECTED)
    if not isinstance(cell, list):
        return None
    flags = [reading_at(answer, VEHICLE_CONNECTED, index) for index in range(len(cell))]
    if True in flags:
        return True
    return None if None in flags or not flags else False


def _wallbox_power(answer: Answer) -> Reading:
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


def _clock(answer: Answer) -> Reading:
    """Read the clock: WEB_TIME counts local seconds, UTC_OFFSET the minutes it is ahead of UTC."""
    local, offset = number_at(answer, WEB_TIME), number_at(answer, UTC_OFFSET)
    if local is None or offset is None or abs(offset) > 24 * 60:
        return None
    try:
        return datetime.fromtimestamp(local - offset * 60, UTC)
    except OverflowError, ValueError, OSError:
        return None


_POWER: Final = CATALOGUE[GRID_POWER].form
_FLAG: Final = Form(kind=Kind.FLAG)
_CODE_NUMBER: Final = Form(kind=Kind.NUMBER)
_TIME: Final = Form(kind=Kind.TEXT, device_class="timestamp")
_DURATION: Final = Form(
    kind=Kind.MEASURE, unit="ms", device_class="duration", low=0, high=1e6, precision=0
)


def _own(
    key: str,
    needs: tuple[Ref, ...],
    read: Callable[[Answer], Reading],
    form: Form = _POWER,
    *,
    index: int | None = None,
    enabled: bool = True,
) -> Point:
    cadence = CATALOGUE[needs[0]].cadence if needs else Cadence.LIVE
    return Point(
        key=key, needs=needs, read=read, cadence=cadence, form=form, enabled=enabled, index=index
    )


def _collector_points() -> Iterable[Point]:
    for key, ref in _SAME.items():
        yield _own(key, (ref,), _same(ref), CATALOGUE[ref].form)
    yield _own("grid_power_plus", (GRID_POWER,), _positive(GRID_POWER))
    yield _own("grid_power_minus", (GRID_POWER,), _negative(GRID_POWER))
    yield _own("bat_power_plus", (BATTERY_POWER,), _positive(BATTERY_POWER))
    yield _own("bat_power_minus", (BATTERY_POWER,), _negative(BATTERY_POWER))
    yield _own("bat_power", (BATTERY_POWER,), _battery_discharge)
    yield _own("inverter_power", (PV_POWER,), _positive(PV_POWER))
    yield _own("current_state_code", (STATE,), _state_code, _CODE_NUMBER)
    yield _own("current_state_ok", (STATE,), _state_ok, _FLAG)
    for index in range(AXIS_LENGTH[Axis.MPP]):
        yield _own(f"mpp{index + 1}_power", (MPP_POWER,), _same(MPP_POWER, index), index=index)
    yield _own("ev_connected", (VEHICLE_CONNECTED,), _vehicle_connected, _FLAG)
    yield _own("wallbox_charge_power", (WALLBOX_POWER,), _wallbox_power)
    for index in range(AXIS_LENGTH[Axis.WALLBOX]):
        yield _own(
            f"wallbox_charge_power{index}",
            (WALLBOX_POWER,),
            _same(WALLBOX_POWER, index),
            index=index,
        )
    yield _own("response_duration", (), lambda _answer: None, _DURATION)
    yield _own("rtc_web_time", (WEB_TIME, UTC_OFFSET), _clock, _TIME, enabled=False)


def _catalogue_points() -> Iterable[Point]:
    for ref, row in CATALOGUE.items():
        if ref in COVERED or row.form.kind in _UNREAD:
            continue
        place = Ref(*ref)
        indices = [None] if row.axis is Axis.SCALAR else range(AXIS_LENGTH[row.axis])
        for index in indices:
            yield Point(
                key=row.key if index is None else f"{row.key}_{index}",
                needs=(place,),
                read=_same(place, index),
                cadence=row.cadence,
                form=row.form,
                enabled=row.enabled,
                variable=row,
                index=index,
            )


@cache
def all_points() -> Mapping[str, Point]:
    """Return every point there can be, by key."""
    points: dict[str, Point] = {}
    for point in (*_collector_points(), *_catalogue_points()):
        points[point.key] = point
    return MappingProxyType(points)


def points_of(answer: Answer) -> dict[str, Point]:
    """Return the points that a system has, by key.

    Takes the answer to a request for everything. A variable that this firmware does not have makes
    no point, nor does an item of an array for which nothing is installed.
    """
    installed = Installed.of(answer)
    return {
        key: point
        for key, point in all_points().items()
        if all(_has(answer, installed, ref, point.index) for ref in point.needs)
    }


def _has(answer: Answer, installed: Installed, ref: Ref, index: int | None) -> bool:
    cell = answer.cell(*ref)
    if cell is None or (isinstance(cell, Refusal) and cell.is_permanent):
        return False
    row = CATALOGUE[ref]
    if row.axis is Axis.SCALAR:
        return not isinstance(cell, list) and installed.has_section(row.section)
    if not isinstance(cell, list):
        return False
    if index is None:  # a reading of the whole array
        return bool(cell) and installed.has_any(row)
    return index < len(cell) and installed.has(row, index)
