"""Values that a service does not publish but means: sums over phases, any alarm, the ESS mode."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Final, Protocol, override

from ...common import quantities as q
from ...common.quantities import Quantity
from ...common.slug import slug
from ...common.value import Value
from . import codes as tables
from .catalogue.model import PHASE, Category, Control, ControlForm, EntityForm, Family, Sum
from .codes import Codes
from .offer import Offer
from .payload import Json, Limits
from .topics import ServiceId

_BATTERY_LIFE_STATE: Final = "Settings/CGwacs/BatteryLife/State"
_HUB4_MODE: Final = "Settings/CGwacs/Hub4Mode"
_EXTERNAL: Final = 3


class DerivedSource(Protocol):
    """What a derived value asks its service."""

    id: ServiceId
    label: str
    family: Family
    settled: bool

    @property
    def instance(self) -> str:
        """The instance in the device's name."""

    def raw(self, path: str) -> Json:
        """Return what was last said on a path."""

    def said(self, path: str) -> str | None:
        """Return the text last said on a path, fit to be shown."""

    def moved_at(self, paths: Iterable[str]) -> float:
        """Return when the last of these paths changed (s)."""

    def number(self, path: str) -> float | None:
        """Return the number last said on a path."""

    def alarm_levels(self) -> Sequence[float]:
        """Return the level of every alarm there is."""


class Derived(ABC):
    """A value worked out from others of the same service."""

    name: str
    quantity: Quantity = q.TEXT
    form: EntityForm = EntityForm.SENSOR
    codes: Codes | None = None
    device_class: str | None = None
    category: Category | None = None
    enabled: bool = True
    control: Control | None = None
    alarms: bool = False
    """Whether every alarm of the service is an input."""

    sums_phases: bool = False
    """Whether it says at its pace what its phases say one by one."""
    shaped: bool = False
    """Whether it is offered otherwise when its inputs say so: another name, limits, form."""
    dormant: bool = False
    """Whether it has no value until an input changes that says what this is."""
    reshaped: bool = True
    """Whether an input that may say so changed since it was offered."""

    def __init__(self, service: DerivedSource, path: str, inputs: frozenset[str]) -> None:
        """Belong to a service; `inputs` are the paths whose change may change this value."""
        self.service = service
        self.path = path
        self.key = f"{service.label}_{slug(path)}"
        self.inputs = inputs
        self.value: Value = None
        """What was shown last."""
        self.revealed = False
        self.end_at = float("-inf")
        """When an end of the scale was last shown without waiting (s)."""
        self.waits: dict[Derived, None] = {}
        """Where it is put when an input changed (see `collecting.Collector`)."""

    @abstractmethod
    def compute(self) -> Value:
        """Return the value for what the service says now."""

    def reshape(self) -> None:
        """Take that an input changed which may say what this is."""
        self.reshaped = True
        self.dormant = False

    @property
    def moved_at(self) -> float:
        """When an input last changed (s)."""
        return self.service.moved_at(self.inputs)

    def rename(self, label: str) -> None:
        """Belong to another device from now on."""
        self.key = f"{label}_{slug(self.path)}"
        self.value = None
        self.revealed = False

    def needless(self) -> bool:
        """Whether the service says this itself."""
        return False

    def requests(self, value: float | str | bool) -> list[tuple[str, Json]]:
        """Return what to write where to set this value; raises KeyError for a wrong one."""
        raise KeyError(value)

    def code(self) -> float | None:
        """Return the number on the wire, if there is one and what is shown is a word."""
        return None

    def offer(self) -> Offer:
        """Return what this is to be shown as."""
        return Offer(
            key=self.key,
            label=self.service.label,
            service=self.service.id.service,
            instance=self.service.instance,
            path=self.path,
            name=self.name,
            placeholders=self.placeholders(),
            quantity=self.quantity,
            form=self.form,
            codes=self.codes,
            device_class=self.device_class,
            category=self.category,
            enabled=self.enabled,
            control=self.control,
            limits=self.limits(),
        )

    def placeholders(self) -> dict[str, str]:
        """Return what the name leaves open."""
        return {}

    def limits(self) -> Limits | None:
        """Return between what a number may be set."""
        return None


class PhaseSum(Derived):
    """A sum over phases, and over groups of them: of those that have a value, None when none has.

    The GX's counts say which phase is the last one, not which ones there are.
    """

    sums_phases = True

    def __init__(self, service: DerivedSource, row: Sum) -> None:
        """Follow a row of the catalogue."""
        self._row = row
        self._paths = tuple(
            template.replace(PHASE, phase)
            for template in row.of
            for phase in ("123" if PHASE in template else "1")
        )
        super().__init__(service, row.path, frozenset(self._paths))
        self.name = row.name
        self.quantity = row.quantity
        self.enabled = row.enabled

    @override
    def needless(self) -> bool:
        return self._row.unless is not None and self.service.number(self._row.unless) is not None

    @override
    def compute(self) -> Value:
        values = [value for path in self._paths if (value := self.service.number(path)) is not None]
        return round(sum(values), 3) if values else None


class AnyAlarm(Derived):
    """Whether any alarm of a service is a warning or an alarm."""

    name = "problem"
    form = EntityForm.BINARY
    device_class = "problem"
    category = Category.DIAGNOSTIC
    alarms = True

    def __init__(self, service: DerivedSource) -> None:
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

    def __init__(self, service: DerivedSource) -> None:
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
    def requests(self, value: float | str | bool) -> list[tuple[str, Json]]:
        if value == "external_control":
            return [(_HUB4_MODE, _EXTERNAL)]
        state = {"with_battery_life": 1, "without_battery_life": 10, "keep_charged": 9}[str(value)]
        writes: list[tuple[str, Json]] = [(_BATTERY_LIFE_STATE, state)]
        if self.service.number(_HUB4_MODE) == _EXTERNAL:
            writes.insert(0, (_HUB4_MODE, 1))
        return writes


def derived_of(service: DerivedSource) -> tuple[Derived, ...]:
    """Return the derived values of a service."""
    found: list[Derived] = [PhaseSum(service, row) for row in service.family.sums]
    if service.family.problem:
        found.append(AnyAlarm(service))
    if service.id.service == "settings":
        found.append(EssMode(service))
    return tuple(found)
