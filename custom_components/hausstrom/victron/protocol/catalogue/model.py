"""What a row of the catalogue says about one value of a service."""

from collections.abc import Callable
from enum import Enum, StrEnum, auto
from typing import Final, NamedTuple

from ....common.quantities import SCALAR, Quantity
from ..codes import Codes

PHASE: Final = "{phase}"


class EntityForm(StrEnum):
    """As what kind of entity a value is shown."""

    SENSOR = "sensor"
    BINARY = "binary_sensor"
    TRACKER = "device_tracker"
    EVENT = "event"


class ControlForm(StrEnum):
    """As what kind of entity a value can be set, when the user allows controls."""

    NUMBER = "number"
    SELECT = "select"
    SWITCH = "switch"
    BUTTON = "button"
    TIME = "time"
    LIGHT = "light"
    UPDATE = "update"


class Category(StrEnum):
    """Where an entity stands on the device's page."""

    DIAGNOSTIC = "diagnostic"
    CONFIG = "config"


class Conversion(Enum):
    """How a raw value becomes a reading, where its quantity does not say it all."""

    AS_IS = auto()
    TIME_TO_GO = auto()
    """0 is "not known", and ten days are the end of the scale: no time at all."""
    TIMESTAMP = auto()
    """Seconds since 1970; 0 is never."""
    AIR_PRESSURE = auto()
    """Older drivers say kPa, newer ones hPa; no air on earth is in doubt between them."""
    LOWEST_BIT = auto()
    """Bits as number or as hex text; the lowest one set is the code."""


class Control(NamedTuple):
    """How a value can be set. Limits the GX sends with the value go before these."""

    form: ControlForm
    minimum: float = 0
    maximum: float = 100
    step: float = 1
    unlimited: float | None = None
    """The number that stands for "no limit"; nothing else is below `minimum`."""
    target: str | None = None
    """The path that is written, where it is another one than the value's."""
    light: str = ""
    """What of a light can be set: `hs`, `color_temp`, `hs_white`."""
    repeated: bool = False
    """Has to be written again within a minute, else the GX takes it back (external control)."""
    releases: bool = False
    """Ends what is written again and again to its service."""
    maximum_path: str | None = None
    """A path of the same service that says what the maximum is."""
    adjustable_path: str | None = None
    """A path of the same service that is 0 when the device does not let us set this."""


class Condition(NamedTuple):
    """A path of the same service that says whether a value means something.

    Open while the path has not been seen, or holds one of `values` (or, without, is not 0).
    """

    path: str
    values: frozenset[int] | None = None
    open_when_absent: bool = True


class PathRow(NamedTuple):
    """One value worth having.

    `path` may hold `{phase}` (L1..L3) and `{tracker}`, `{input}`, `{relay}`, `{schedule}`,
    `{output}`, `{cell}` (see `index`). `name` is the translation key of the entity's name; the
    placeholders of the path are the placeholders of the name.
    """

    path: str
    name: str
    quantity: Quantity = SCALAR
    form: EntityForm = EntityForm.SENSOR
    codes: Codes | None = None
    device_class: str | None = None
    category: Category | None = None
    enabled: bool = True
    gate: Condition | None = None
    total: str | None = None
    """The path of the sum over the phases: with one phase only, that one says it all."""
    unless: str | None = None
    """The path of a better value: enabled only where that one is not there."""
    beside: str | None = None
    """The type of service that says it better: enabled only where there is none."""
    ess: bool = False
    """A setting of an ESS: enabled only where there is one."""
    silenced_by: tuple[str, ...] = ()
    """Paths of which the first one there says, being above 0, that there is no value."""
    reading: Conversion = Conversion.AS_IS
    inverted: bool = False
    """A binary value that is on when the number is 0."""
    control: Control | None = None

    @property
    def phased(self) -> bool:
        """Whether this is a value of one phase."""
        return PHASE in self.path


type Rule = Callable[[dict[str, float | None]], float | None]


class Sum:
    """A value that the system does not publish: a sum over phases, or over other sums."""

    __slots__ = ("enabled", "name", "of", "path", "quantity", "unless")

    def __init__(
        self,
        path: str,
        name: str,
        quantity: Quantity,
        of: tuple[str, ...],
        *,
        enabled: bool = True,
        unless: str | None = None,
    ) -> None:
        """Sum what is on the path templates `of`; `{phase}` stands for all phases.

        `unless` is a path that makes this sum needless: the system publishes it itself.
        """
        self.path = path
        self.name = name
        self.quantity = quantity
        self.of = of
        self.enabled = enabled
        self.unless = unless


class Family:
    """All that is known about one type of service."""

    __slots__ = ("phases", "points", "problem", "service", "sums", "title", "trackers")

    def __init__(
        self,
        *,
        service: str,
        title: str,
        points: tuple[PathRow, ...],
        sums: tuple[Sum, ...] = (),
        phases: str | None = None,
        trackers: str | None = None,
        problem: bool = True,
    ) -> None:
        """Name the type of service, its values, and what tells how many of them there are.

        `title` is English, the fallback of the fallbacks for a device's name. `phases` and
        `trackers` are the paths that say how many there are. `problem`: whether an entity is made
        that says if any alarm of this service is active.
        """
        self.service = service
        self.title = title
        self.points = points
        self.sums = sums
        self.phases = phases
        self.trackers = trackers
        self.problem = problem
