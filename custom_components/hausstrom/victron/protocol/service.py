"""A service that is (or was) on the bus, and the slots its topics are bound to."""

from collections import Counter
from collections.abc import Callable, Container, Iterable
from typing import Final

from ...common.throttle import Pace
from .catalogue.index import Match, PathIndex
from .catalogue.model import ControlForm, Family, Gate, Point
from .codes import ALARM
from .counters import CounterGuard
from .decoding import Decoder, count_unknown, decoder
from .derived import Derived, derived_of
from .identity import GX_IDENTITY_PATHS, IDENTITY_PATHS
from .offer import Offer, Value
from .payload import Json, Limits, limits, number, text
from .topics import ServiceId, ValueTopic

_PHASE_COUNTS: Final = ("NrOfPhases", "Ac/NumberOfPhases", "Ac/NrOfPhases")
_GATE_ENDINGS: Final = (
    "NumberOfPhases",
    "NrOfPhases",
    "NrOfTrackers",
    "Settings/Type",
    "Settings/HasTemperature",
    "Settings/HasStarterVoltage",
    "Settings/HasMidVoltage",
)
_NAME_ENDINGS: Final = ("/Settings/CustomName", "/Name")


class Slot:
    """What is known about one topic. Plain attributes: this is what every message touches."""

    __slots__ = (
        "_decode",
        "_match",
        "alive",
        "feeds",
        "guard",
        "hook",
        "key",
        "pace",
        "path",
        "payload",
        "point",
        "raw",
        "revealed",
        "service",
        "value",
    )

    def __init__(self, service: Service | None, path: str, match: Match | None) -> None:
        """Bind a path of a service to a row of the catalogue (None: known, but not shown)."""
        self.service = service
        self.path = path
        self.point: Point | None = None if match is None else match.point
        self._match = match
        self.key = "" if service is None else ValueTopic(service.id, path).key
        self.payload: bytes | None = None
        """The last payload; None when not heard yet or in doubt, empty when gone."""
        self.raw: Json = None
        self.value: Value = None
        self.alive = False
        self.revealed = False
        self.hook: Callable[[Slot, float], None] | None = None
        self.feeds: tuple[Derived, ...] = ()
        self.pace = Pace.NOW if self.point is None else self.point.quantity.pace
        counter = self.point is not None and self.point.quantity.counter
        self.guard = CounterGuard() if counter else None
        self._decode: Decoder | None = None

    @classmethod
    def ignored(cls) -> Slot:
        """Return the slot of a topic that nobody wants to know."""
        return cls(None, "", None)

    @property
    def opens_gates(self) -> bool:
        """Whether other values depend on this one being so or so."""
        return self.path.endswith(_GATE_ENDINGS)

    @property
    def prompt(self) -> bool:
        """Whether a change should be shown at once."""
        return self.point is not None and self.pace is Pace.NOW

    @property
    def showable(self) -> bool:
        """Whether there is something to show: a value, or something to press."""
        control = None if self.point is None else self.point.control
        return self.value is not None or (
            control is not None and control.form is ControlForm.BUTTON and self.alive
        )

    @property
    def match(self) -> Match:
        """The row of the catalogue and its placeholders."""
        if self._match is None:
            raise LookupError(self.path)
        return self._match

    def decode(self, now: float, unknown_codes: Counter[str]) -> bool:
        """Work out the value from what was last said; returns whether it changed noticeably."""
        if self._decode is None:
            if self.point is None or self.service is None:
                return False
            label = f"{self.service.id.service}/{self.point.path}"
            self._decode = decoder(self.point, count_unknown(unknown_codes, label))
        value = self._decode(self.raw)
        if self.guard is not None and isinstance(value, (int, float)):
            value = self.guard.accept(value, now)
        if value == self.value and value is not None:
            return False
        if self._imperceptible(value):
            return False
        changed = value is not self.value
        self.value = value
        return changed

    def _imperceptible(self, value: Value) -> bool:
        if self.point is None or not self.point.quantity.step:
            return False
        known = self.value
        return (
            isinstance(value, (int, float))
            and isinstance(known, (int, float))
            and not self.point.quantity.is_noticeable(known, value)
        )


class Service:
    """One service, its identity, its values and the values derived from them."""

    def __init__(self, service: ServiceId, family: Family, index: PathIndex) -> None:
        """Begin with no topic heard."""
        self.id = service
        self.family = family
        self._index = index
        self.slots: dict[str, Slot] = {}
        self.alive = 0
        self.built = False
        self.touched_at = 0.0
        self.derived: tuple[Derived, ...] = derived_of(self)
        self._support = _supporting_paths(family, self.derived)

    @property
    def present(self) -> bool:
        """Whether the service is on the bus and its device connected to it."""
        return self.alive > 0 and self.number("Connected") != 0

    def bind(self, path: str, topic: str, *, taken: Container[str]) -> Slot:
        """Return the slot for a path of this service; an ignored one for what is not needed."""
        match = self._index.match(path)
        if match is None and not self._needs(path):
            return Slot.ignored()
        slot = Slot(self, path, match)
        if slot.point is not None and slot.key in taken:
            # Two paths that differ in signs only. The first keeps the key.
            return Slot.ignored()
        del topic
        self.slots[path] = slot
        slot.feeds = tuple(
            derived
            for derived in self.derived
            if path in derived.inputs
            or (derived.alarms and slot.point is not None and slot.point.codes is ALARM)
        )
        return slot

    def _needs(self, path: str) -> bool:
        return (
            path in IDENTITY_PATHS
            or path in self._support
            or (self.id.service == "platform" and path in GX_IDENTITY_PATHS)
            or path.endswith(_GATE_ENDINGS)
            or (path.startswith("SwitchableOutput/") and path.endswith(_NAME_ENDINGS))
            or (path.startswith("Pv/") and path.endswith("/Name"))
        )

    def raw(self, path: str) -> Json:
        """Return what was last said on a path."""
        slot = self.slots.get(path)
        return None if slot is None or not slot.alive else slot.raw

    def number(self, path: str) -> float | None:
        """Return the number last said on a path."""
        return number(self.raw(path))

    def values(self) -> dict[str, Json]:
        """Return what was last said, by path; also of what has gone, for names outlive it."""
        return {path: slot.raw for path, slot in self.slots.items()}

    def hidden(self) -> Iterable[Slot]:
        """Return the slots that could be shown but are not yet."""
        return [slot for slot in self.slots.values() if slot.point and not slot.revealed]

    def alarm_levels(self) -> list[float]:
        """Return the level of every alarm there is: 0 is none."""
        return [
            level
            for path, slot in self.slots.items()
            if slot.point is not None
            and slot.point.codes is ALARM
            and (level := self.number(path)) is not None
        ]

    # --- phases, trackers, gates ----------------------------------------------------------

    def phase_count(self, path: str) -> int | None:
        """Return how many phases the group of a phase's path has; None when it is not said."""
        group = path.split("/L", 1)[0]
        for candidate in (f"{group}/NumberOfPhases", *_PHASE_COUNTS):
            count = self.number(candidate)
            if count is not None:
                return int(count)
        return None

    def _open(self, match: Match) -> bool:
        point = match.point
        if point.phased:
            count = self.phase_count(match.resolve(point.path))
            if count is None and not self.number(match.resolve(point.path)):
                # Nobody says how many phases there are: one that says 0 is none (yet).
                return False
            if count and int(match.values["phase"]) > count:
                return False
        if "tracker" in match.values and self.family.trackers is not None:
            count = int(self.number(self.family.trackers) or 0)
            # A single tracker says what the charger as a whole says.
            if count and not 1 < count > int(match.values["tracker"]):
                return False
        return point.gate is None or self._passes(point.gate, match)

    def _passes(self, gate: Gate, match: Match) -> bool:
        value = self.number(match.resolve(gate.path))
        if value is None:
            return gate.open_when_absent
        return value in gate.values if gate.values is not None else value != 0

    def _alone(self, match: Match) -> bool:
        """Whether a phase is the only one, and its total is there too."""
        total = match.point.total
        if total is None or self.number(total) is None:
            return False
        count = self.phase_count(match.resolve(match.point.path))
        if count is None:
            phases = (match.point.path.replace("{phase}", phase) for phase in "123")
            count = sum(self.number(path) is not None for path in phases)
        return count <= 1

    # --- offers ---------------------------------------------------------------------------

    def offer(self, slot: Slot) -> Offer | None:
        """Return what a slot is to be shown as; None while its gate is closed."""
        match = slot.match
        if not self._open(match):
            return None
        point = match.point
        control = point.control
        if (
            control is not None
            and control.adjustable_path is not None
            and self.number(match.resolve(control.adjustable_path)) == 0
        ):
            control = None
        return Offer(
            key=slot.key,
            service=self.id,
            name=point.name,
            placeholders=self._placeholders(match),
            quantity=point.quantity,
            form=point.form,
            codes=point.codes,
            device_class=point.device_class,
            category=point.category,
            enabled=point.enabled and not self._alone(match),
            control=control,
        )

    def _placeholders(self, match: Match) -> dict[str, str]:
        placeholders = match.placeholders
        if (output := match.values.get("output")) is not None:
            folder = f"SwitchableOutput/{output}"
            placeholders["output"] = (
                text(self.raw(f"{folder}/Settings/CustomName"))
                or text(self.raw(f"{folder}/Name"))
                or output.replace("_", " ")
            )
        if (tracker := match.values.get("tracker")) is not None:
            name = text(self.raw(f"Pv/{tracker}/Name"))
            placeholders["tracker"] = name or placeholders["tracker"]
        return placeholders

    def limits(self, slot: Slot) -> Limits | None:
        """Return between what a slot may be set: as the GX says, else as the catalogue says."""
        control = None if slot.point is None else slot.point.control
        if control is None:
            return None
        said = limits(slot.payload) if slot.payload else None
        if said is not None:
            return said
        maximum = control.maximum
        if control.maximum_path is not None:
            maximum = self.number(control.maximum_path) or maximum
        return Limits(control.minimum, maximum)


def _supporting_paths(family: Family, derived: Iterable[Derived]) -> frozenset[str]:
    paths = {path for one in derived for path in one.inputs}
    for point in family.points:
        if point.control is None:
            continue
        for path in (point.control.maximum_path, point.control.adjustable_path):
            if path is not None:
                paths |= {path.replace("{input}", "1"), path.replace("{input}", "2")}
    return frozenset(paths)
