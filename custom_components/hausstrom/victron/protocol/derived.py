"""Values that a service does not publish but means: sums over phases, any alarm, the ESS mode."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Protocol, override

from ...common import quantities as q
from ...common.quantities import Quantity
from . import codes as tables
from .catalogue.model import PHASE, Category, Control, ControlForm, Family, Form, Sum
from .codes import Codes
from .offer import Offer, Value
from .topics import ServiceId, ValueTopic

_PHASES: Final = ("L1", "L2", "L3")
_BATTERY_LIFE_STATE: Final = "Settings/CGwacs/BatteryLife/State"
_HUB4_MODE: Final = "Settings/CGwacs/Hub4Mode"
_EXTERNAL: Final = 3


class Source(Protocol):
    """What a derived value asks its service."""

    id: ServiceId
    family: Family
    built: bool

    def number(self, path: str) -> float | None:
        """Return the number last said on a path."""

    def phase_count(self, path: str) -> int | None:
        """Return how many phases the group of a phase's path has; None when it is not said."""

    def alarm_levels(self) -> Sequence[float]:
        """Return the level of every alarm there is."""


class Derived(ABC):
    """A value worked out from others of the same service."""

    name: str
    quantity: Quantity = q.TEXT
    form: Form = Form.SENSOR
    codes: Codes | None = None
    device_class: str | None = None
    category: Category | None = None
    enabled: bool = True
    control: Control | None = None
    alarms: bool = False
    """Whether every alarm of the service is an input."""

    def __init__(self, service: Source, path: str, inputs: frozenset[str]) -> None:
        """Belong to a service; `inputs` are the paths whose change may change this value."""
        self.service = service
        self.key = ValueTopic(service.id, path).key
        self.inputs = inputs
        self.value: Value = None
        self.revealed = False

    @abstractmethod
    def compute(self) -> Value:
        """Return the value for what the service says now."""

    def needless(self) -> bool:
        """Whether the service says this itself."""
        return False

    def update(self) -> bool:
        """Compute anew; returns whether it changed noticeably."""
        value = self.compute()
        known = self.value
        if value == known and type(value) is type(known):
            return False
        if (
            isinstance(value, (int, float))
            and isinstance(known, (int, float))
            and not self.quantity.is_noticeable(known, value)
        ):
            return False
        self.value = value
        return True

    def requests(self, value: float | str | bool) -> list[tuple[str, float]]:
        """Return what to write where to set this value; raises KeyError for a wrong one."""
        raise KeyError(value)

    def offer(self) -> Offer:
        """Return what this is to be shown as."""
        return Offer(
            key=self.key,
            service=self.service.id,
            name=self.name,
            placeholders={},
            quantity=self.quantity,
            form=self.form,
            codes=self.codes,
            device_class=self.device_class,
            category=self.category,
            enabled=self.enabled,
            control=self.control,
        )


class PhaseSum(Derived):
    """A sum over phases, and over groups of them."""

    def __init__(self, service: Source, row: Sum) -> None:
        """Follow a row of the catalogue."""
        self._row = row
        self._groups = tuple(
            tuple(template.replace("L{phase}", phase) for phase in _PHASES)
            if PHASE in template
            else (template,)
            for template in row.of
        )
        super().__init__(service, row.path, frozenset(sum(self._groups, ())))
        self.name = row.name
        self.quantity = row.quantity
        self.enabled = row.enabled

    @override
    def needless(self) -> bool:
        return self._row.unless is not None and self.service.number(self._row.unless) is not None

    @override
    def compute(self) -> Value:
        total: float | None = None
        for group in self._groups:
            values = [value for path in group if (value := self.service.number(path)) is not None]
            expected = self.service.phase_count(group[0]) if len(group) > 1 else 1
            if not values:
                if self._row.absent_as_zero:
                    continue
                return None
            if expected is not None and len(values) < expected:
                # One phase of several is missing: a sum without it would be wrong.
                return None
            total = sum(values) + (total or 0)
        return None if total is None else round(total, 3)


class AnyAlarm(Derived):
    """Whether any alarm of a service is a warning or an alarm."""

    name = "problem"
    form = Form.BINARY
    device_class = "problem"
    category = Category.DIAGNOSTIC
    alarms = True

    def __init__(self, service: Source) -> None:
        """Watch all alarms."""
        super().__init__(service, "Problem", frozenset())

    @override
    def compute(self) -> Value:
        levels = self.service.alarm_levels()
        return any(levels) if levels else None


class EssMode(Derived):
    """The ESS mode as the GX's menu shows it; on the bus it is two settings."""

    name = "ess_mode"
    quantity = q.STATE
    codes = tables.ESS_MODE
    category = Category.CONFIG
    control = Control(form=ControlForm.SELECT)

    def __init__(self, service: Source) -> None:
        """Watch both settings."""
        super().__init__(service, "EssMode", frozenset({_BATTERY_LIFE_STATE, _HUB4_MODE}))

    @override
    def compute(self) -> Value:
        state = self.service.number(_BATTERY_LIFE_STATE)
        if self.service.number(_HUB4_MODE) == _EXTERNAL:
            return "external_control"
        if state is None:
            return None
        if 1 <= state <= 8:
            return "with_battery_life"
        if state == 9:
            return "keep_charged"
        return "without_battery_life" if 10 <= state <= 12 else None

    @override
    def requests(self, value: float | str | bool) -> list[tuple[str, float]]:
        if value == "external_control":
            return [(_HUB4_MODE, _EXTERNAL)]
        state = {"with_battery_life": 1, "without_battery_life": 10, "keep_charged": 9}[str(value)]
        writes: list[tuple[str, float]] = [(_BATTERY_LIFE_STATE, state)]
        if self.service.number(_HUB4_MODE) == _EXTERNAL:
            writes.insert(0, (_HUB4_MODE, 1))
        return writes


def derived_of(service: Source) -> tuple[Derived, ...]:
    """Return the derived values of a service."""
    found: list[Derived] = [PhaseSum(service, row) for row in service.family.sums]
    if service.family.problem:
        found.append(AnyAlarm(service))
    if service.id.service == "settings":
        found.append(EssMode(service))
    return tuple(found)
