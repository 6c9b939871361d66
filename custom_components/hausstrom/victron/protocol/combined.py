"""Values that the GX's menus show as one, and the bus says in another way."""

from math import cos, hypot, radians
from typing import Final, override

from ...common.quantities import Quantity
from ...common.throttle import Pace
from ...common.value import Value
from .catalogue.model import Category, Control, ControlForm, EntityForm
from .derived import Derived, DerivedSource
from .notifications import NewestNotification
from .payload import Json

_CGWACS: Final = "Settings/CGwacs"
_LIMITS: Final = (
    (f"{_CGWACS}/MaxFeedInPower", "max_feed_in_power", 1000),
    (f"{_CGWACS}/MaxChargePower", "max_charge_power", 1000),
    (f"{_CGWACS}/MaxDischargePower", "max_discharge_power", 1000),
    (f"{_CGWACS}/AcInputLimit", "peak_shaving_import_limit", 100),
    (f"{_CGWACS}/AcExportLimit", "peak_shaving_export_limit", 100),
    ("Settings/SystemSetup/MaxChargeCurrent", "dvcc_max_charge_current", 50),
)
"""Path, name, and what a limit is at first when somebody switches it on (gui-v2)."""
_SCHEDULES: Final = 5
_DAY_OFF: Final = -10
"""What a schedule for Sunday (0, which has no sign) says when it is off (gui-v2)."""
_EARTH_RADIUS: Final = 6_371_000.0
FIX: Final = "Fix"
"""Where a receiver says whether it has a position at all."""
_STILL: Final = 15.0
"""Metres within which a position is the one that is shown: receivers wander."""


class Limited(Derived):
    """Whether there is a limit at all: without one the number is -1."""

    form = EntityForm.BINARY
    category = Category.CONFIG
    enabled = False
    control = Control(form=ControlForm.SWITCH)

    def __init__(self, service: DerivedSource, path: str, name: str, first: float) -> None:
        """Watch the limit; `first` is what it is switched on with when it never was anything."""
        super().__init__(service, f"{path}/Limited", frozenset({path}))
        self._source = path
        self._last = first
        self.name = f"{name}_limited"

    @override
    def compute(self) -> Value:
        value = self.service.number(self._source)
        if value is None:
            return None
        if value >= 0:
            self._last = value
        return value >= 0

    @override
    def requests(self, value: float | str | bool) -> list[tuple[str, Json]]:
        return [(self._source, self._last if value else -1)]


class ScheduleActive(Derived):
    """Whether a schedule for charging is on: one that is off keeps its day as a negative number."""

    name = "schedule_active"
    form = EntityForm.BINARY
    category = Category.CONFIG
    enabled = False
    control = Control(form=ControlForm.SWITCH)

    def __init__(self, service: DerivedSource, schedule: int) -> None:
        """Watch the day of a schedule (from 0)."""
        folder = f"{_CGWACS}/BatteryLife/Schedule/Charge/{schedule}"
        self._day = f"{folder}/Day"
        self._schedule = schedule
        super().__init__(service, f"{folder}/Active", frozenset({self._day}))

    @override
    def compute(self) -> Value:
        day = self.service.number(self._day)
        return None if day is None else day >= 0

    @override
    def placeholders(self) -> dict[str, str]:
        return {"schedule": str(self._schedule + 1)}

    @override
    def requests(self, value: float | str | bool) -> list[tuple[str, Json]]:
        day = self.service.number(self._day)
        if day is None:
            raise KeyError(value)
        if bool(value) is (day >= 0):
            return [(self._day, day)]
        if not value:
            return [(self._day, -day if day else _DAY_OFF)]
        return [(self._day, 0 if day == _DAY_OFF else -day)]


class Dvcc(Derived):
    """Whether the GX controls charging (DVCC); some batteries force it on or off."""

    name = "dvcc"
    form = EntityForm.BINARY
    category = Category.CONFIG
    enabled = False
    control = Control(form=ControlForm.SWITCH)
    _PATH: Final = "Settings/Services/Bol"

    def __init__(self, service: DerivedSource) -> None:
        """Watch the setting: 0 off, 1 on, 2 forced off, 3 forced on."""
        super().__init__(service, self._PATH, frozenset({self._PATH}))

    @override
    def compute(self) -> Value:
        value = self.service.number(self._PATH)
        return None if value is None else value in (1, 3)

    @override
    def requests(self, value: float | str | bool) -> list[tuple[str, Json]]:
        if self.service.number(self._PATH) not in (0, 1):
            raise KeyError(value)
        return [(self._PATH, int(bool(value)))]


class OverridesEnd(Derived):
    """A way back from what was set in place of the ESS: its limits, and its setpoint.

    hub4control forgets a setpoint that is not said again within a minute; a limit of -1 is none.
    """

    name = "overrides_end"
    category = Category.CONFIG
    enabled = False
    control = Control(form=ControlForm.BUTTON, releases=True)
    _LIMITS: Final = ("Overrides/MaxChargePower", "Overrides/MaxDischargePower")

    def __init__(self, service: DerivedSource) -> None:
        """Watch what there is to be ended."""
        paths = (*self._LIMITS, "Overrides/Setpoint")
        super().__init__(service, "Overrides/End", frozenset(paths))

    @override
    def compute(self) -> Value:
        # What nobody has set says nothing yet; the button is there as soon as the service is.
        return True

    @override
    def requests(self, value: float | str | bool) -> list[tuple[str, Json]]:
        limits = ((path, self.service.number(path)) for path in self._LIMITS)
        return [(path, -1) for path, limit in limits if limit is not None and limit >= 0]


class Position(Derived):
    """Where a receiver or a vehicle is, as `latitude longitude` in degrees."""

    name = "position"
    form = EntityForm.TRACKER
    quantity = Quantity(state_class=None, pace=Pace.QUICK)
    _PATHS: Final = ("Position/Latitude", "Position/Longitude")

    def __init__(self, service: DerivedSource, *, enabled: bool) -> None:
        """Watch the position, and whether the receiver has one."""
        super().__init__(service, "Position", frozenset({*self._PATHS, FIX}))
        self.enabled = enabled

    @override
    def compute(self) -> Value:
        here = tuple(self.service.number(path) for path in self._PATHS)
        latitude, longitude = here
        if latitude is None or longitude is None or self.service.number(FIX) == 0:
            return None
        if abs(latitude) > 90 or abs(longitude) > 180:
            return None
        known = str(self.value).split() if self.value is not None else []
        if len(known) == 2 and _metres(latitude, longitude, *map(float, known)) < _STILL:
            return self.value
        return f"{latitude:.6f} {longitude:.6f}"


def _metres(latitude: float, longitude: float, other_lat: float, other_lon: float) -> float:
    """Return the distance of two points that are near each other."""
    east = radians(longitude - other_lon) * cos(radians(latitude))
    return hypot(radians(latitude - other_lat), east) * _EARTH_RADIUS


def combined_of(service: DerivedSource) -> tuple[Derived, ...]:
    """Return what a service has of these."""
    match service.id.service:
        case "settings":
            return (
                *(Limited(service, *row) for row in _LIMITS),
                *(ScheduleActive(service, schedule) for schedule in range(_SCHEDULES)),
                Dvcc(service),
            )
        case "platform":
            return (NewestNotification(service),)
        case "hub4":
            return (OverridesEnd(service),)
        case "gps" | "ev":
            return (Position(service, enabled=service.id.service == "ev"),)
        case _:
            return ()
