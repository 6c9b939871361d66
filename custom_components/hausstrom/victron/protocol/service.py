"""A service that is (or was) on the bus, and the slots its topics are bound to."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from ...common.text import clean
from ...common.throttle import Pace
from .catalogue.index import Match, PathIndex
from .catalogue.model import PHASE, Condition, Control, Family
from .codes import ALARM
from .combined import combined_of
from .derived import Derived, derived_of
from .errors import errors_of
from .identity import GX_IDENTITY_PATHS, IDENTITY_PATHS
from .inputs import INPUTS, InputValue
from .naming import SERIAL_PATHS, serial_of
from .offer import Offer
from .outputs import OUTPUTS, outputs_of
from .payload import Json, Limits, limits, number, text
from .slot import IGNORED, Slot
from .topics import ServiceId

MAX_NAME: Final = 64
"""Characters of a name that a user gave; longer ones are cut."""
MAX_OUTPUTS: Final = 100
"""Outputs and inputs of one service; no module has so many."""
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
_SUPPORT_ENDINGS: Final = ("/Name", "/CustomName", "MaxCurrent", "IsAdjustable")
_KILOWATTS: Final = 1000.0


class Service:
    """One service, its identity, its values and the values derived from them."""

    def __init__(
        self,
        service: ServiceId,
        family: Family,
        index: PathIndex,
        has_ess: Callable[[], bool] = lambda: False,
        has_service: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Begin with no topic heard. `id` is the place, `label` the name of the device there."""
        self.has_ess = has_ess
        self.has_service = has_service
        self.id = service
        self.label = str(service)
        self.family = family
        self._index = index
        self.slots: dict[str, Slot] = {}
        self._slugs: set[str] = set()
        self.alive = 0
        self.settled = False
        """Whether it has said completely who it is (since it last came)."""
        self.settled_as: str | None = None
        """The serial number with which it has settled."""
        self.touched_at = 0.0
        errors = errors_of(self)
        self._worded = frozenset(error.source for error in errors)
        """The codes that are shown in words too: the number itself is a second best."""
        self.derived: list[Derived] = [*derived_of(self), *combined_of(self), *errors]
        self._outputs: set[tuple[str, str]] = set()
        self.followers: defaultdict[str, list[Slot]] = defaultdict(list)
        """The slots whose name or limits another path has a part in."""
        self.flows: dict[str, list[Slot]] = {
            path: [] for point in family.points for path in point.silenced_by
        }
        """The slots that mean nothing while the power (or current) on a path is positive."""
        self._support = _supporting_paths(family)

    @property
    def present(self) -> bool:
        """Whether the service is on the bus, known, and its device connected to it."""
        return self.alive > 0 and self.settled and self.number("Connected") != 0

    @property
    def serial(self) -> str | None:
        """The serial number that the service says now."""
        heard = {
            path: slot.raw
            for path in SERIAL_PATHS
            if (slot := self.slots.get(path)) is not None and slot.alive
        }
        return serial_of(heard)

    @property
    def rating(self) -> float | None:
        """The greatest power (kW) that the device says it has."""
        power = self.number("Ac/MaxPower")
        return None if not power or power < 0 else power / _KILOWATTS

    @property
    def instance(self) -> str:
        """The instance in the device's name."""
        return self.label.partition("_")[2] if self.label != str(self.id) else self.id.instance

    def rename(self, label: str) -> None:
        """Be shown under another name: what was learnt of the values belonged to another device."""
        self.label = label
        for slot in self.slots.values():
            slot.key = f"{label}_{slot.slug}"
            slot.reset()
        for one in self.derived:
            one.rename(label)

    def bind(self, path: str, now: float) -> Slot:
        """Return the slot for a path of this service; an ignored one for what is not needed."""
        self._meet_output(path)
        match = self._index.match(path)
        feeds = tuple(one for one in self.derived if path in one.inputs)
        if match is None and not feeds and not self._needs(path):
            return IGNORED
        slot = Slot(self, path, match)
        if slot.point is not None and slot.slug in self._slugs:
            # Two paths that differ in signs only. The first keeps the key.
            return IGNORED
        self._slugs.add(slot.slug)
        self.slots[path] = slot
        slot.moved_at = now
        if slot.point is not None and slot.point.codes is ALARM:
            feeds += tuple(one for one in self.derived if one.alarms)
        slot.feed(feeds)
        self._follow(slot)
        return slot

    def _meet_output(self, path: str) -> None:
        """Make the values of an output of which the first path is heard."""
        if not path.startswith((OUTPUTS, INPUTS)):
            return
        folder, name = path.split("/", 2)[:2]
        if not name or (folder, name) in self._outputs or len(self._outputs) >= MAX_OUTPUTS:
            return
        self._outputs.add((folder, name))
        if f"{folder}/" == OUTPUTS:
            self.derived += outputs_of(self, name)
        else:
            self.derived.append(InputValue(self, name))

    def _follow(self, slot: Slot) -> None:
        point = slot.point
        if point is None:
            return
        for path in point.silenced_by:
            self.flows[path].append(slot)
        control = point.control
        if control is not None:
            for template in (control.maximum_path, control.adjustable_path):
                if template is not None:
                    self.followers[slot.match.resolve(template)].append(slot)
        for path in self._name_paths(slot.match):
            self.followers[path].append(slot)

    def _needs(self, path: str) -> bool:
        return (
            path in IDENTITY_PATHS
            or path in GX_IDENTITY_PATHS
            or path in self._support
            or path.endswith(_GATE_ENDINGS)
            or (path.startswith("Pv/") and path.endswith("/Name"))
        )

    # --- what others ask ------------------------------------------------------------------

    def raw(self, path: str) -> Json:
        """Return what was last said on a path."""
        slot = self.slots.get(path)
        return None if slot is None else slot.raw

    def number(self, path: str) -> float | None:
        """Return the number last said on a path."""
        slot = self.slots.get(path)
        return None if slot is None else number(slot.raw)

    def said(self, path: str) -> str | None:
        """Return the text last said on a path, fit to be shown."""
        return clean(text(self.raw(path)) or "", MAX_NAME) or None

    def values(self) -> dict[str, Json]:
        """Return what was last said, by path."""
        return {path: slot.raw for path, slot in self.slots.items()}

    def any_positive(self, paths: Iterable[str]) -> bool:
        """Return whether the first of these paths that has a number has one above 0."""
        for path in paths:
            if (value := self.number(path)) is not None:
                return value > 0
        return False

    def supports(self, path: str) -> bool:
        """Return whether a path may have a part in the name or the limits of others."""
        return path in self._support or path.endswith(_SUPPORT_ENDINGS)

    def hidden(self) -> Iterable[Slot]:
        """Return the slots that could be shown but are not yet."""
        return [slot for slot in self.slots.values() if slot.point and not slot.revealed]

    def moved_at(self, paths: Iterable[str]) -> float:
        """Return when the last of these paths changed (s)."""
        slots = (self.slots.get(path) for path in paths)
        return max((slot.moved_at for slot in slots if slot is not None), default=0.0)

    @staticmethod
    def opens_gates(path: str) -> bool:
        """Return whether other values depend on what is said on a path."""
        return path.endswith(_GATE_ENDINGS)

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
        """Return the phase count that goes with a phase's path; None when it is not said."""
        group = path.split("/L", 1)[0]
        for candidate in (f"{group}/NumberOfPhases", *_PHASE_COUNTS):
            count = self.number(candidate)
            if count is not None:
                return int(count)
        return None

    def siblings(self, slot: Slot) -> list[Slot]:
        """Return the other values of the phase that a slot is of."""
        folder = slot.path.rsplit("/", 1)[0] + "/"
        return [
            other
            for path, other in self.slots.items()
            if other is not slot and path.startswith(folder) and other.point is not None
        ]

    def _is_phase(self, slot: Slot) -> bool:
        """Return whether a phase is one: it has a value, and not only zeros beyond the count.

        The counts mean the highest phase with a value, or how many a unit has wherever they
        are; old firmware fills what is not there with 0 (dbus-systemcalc-py, gui-v2 PageMultiRs).
        """
        count = self.phase_count(slot.match.resolve(slot.match.point.path))
        if count is None or int(slot.match.values["phase"]) <= count:
            return True
        return any(number(one.raw) for one in (slot, *self.siblings(slot)))

    def _open(self, slot: Slot) -> bool:
        match = slot.match
        point = match.point
        if point.phased and not self._is_phase(slot):
            return False
        if "tracker" in match.values and self.family.trackers is not None:
            count = int(self.number(self.family.trackers) or 0)
            # A single tracker says what the charger as a whole says.
            if count and not 1 < count > int(match.values["tracker"]):
                return False
        return point.gate is None or self._passes(point.gate, match)

    def _passes(self, gate: Condition, match: Match) -> bool:
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
        phases = 0
        for phase in range(1, 4):
            power = self.number(match.resolve(match.point.path.replace(PHASE, str(phase))))
            phases += bool(power) or (power is not None and (count is None or phase <= count))
        return phases <= 1

    def pace(self, slot: Slot) -> Pace:
        """Return how soon a slot is shown: the power of one phase calmly, beside its sum."""
        if slot.quantity.pace is not Pace.QUICK or not slot.match.point.phased:
            return slot.quantity.pace
        total = slot.match.point.total
        summed = total is not None and self.number(total) is not None
        if summed or any(one.sums_phases and not one.needless() for one in slot.feeds):
            return Pace.CALM
        return Pace.QUICK

    def _enabled(self, slot: Slot) -> bool:
        point = slot.match.point
        if point.unless is not None:
            # A second best: worth showing where the better one is not there.
            other = self.slots.get(slot.match.resolve(point.unless))
            return other is None or number(other.raw) is None
        if slot.path in self._worded:
            return False
        if point.ess and not self.has_ess():
            return False
        if point.beside is not None and self.has_service(point.beside):
            return False
        if point.total is not None and point.total not in self.slots:
            # Where nobody says the total, nor sums it up, the phases are all there is.
            return point.enabled or not any(one.sums_phases for one in slot.feeds)
        return point.enabled and not self._alone(slot.match)

    # --- offers ---------------------------------------------------------------------------

    def offer(self, slot: Slot) -> Offer | None:
        """Return what a slot is to be shown as; None while its gate is closed."""
        if not self._open(slot):
            return None
        match = slot.match
        point = match.point
        control = self._control(slot)
        return Offer(
            key=slot.key,
            label=self.label,
            service=self.id.service,
            instance=self.instance,
            path=slot.path,
            name=point.name,
            placeholders=self._placeholders(match),
            quantity=point.quantity,
            form=point.form,
            codes=point.codes,
            device_class=point.device_class,
            category=point.category,
            enabled=self._enabled(slot),
            control=control,
            limits=None if control is None else self.limits(slot),
        )

    def _control(self, slot: Slot) -> Control | None:
        control = slot.match.point.control
        if (
            control is not None
            and control.adjustable_path is not None
            and self.number(slot.match.resolve(control.adjustable_path)) == 0
        ):
            return None
        return control

    def _name_paths(self, match: Match) -> tuple[str, ...]:
        if (tracker := match.values.get("tracker")) is not None:
            return (f"Pv/{tracker}/Name",)
        if (output := match.values.get("output")) is not None:
            folder = f"{OUTPUTS}{output}"
            return (f"{folder}/Settings/CustomName", f"{folder}/Name")
        return ()

    def _placeholders(self, match: Match) -> dict[str, str]:
        placeholders = match.placeholders
        names = [name for path in self._name_paths(match) if (name := self.said(path))]
        if names:
            (kind,) = {"tracker", "output"} & match.values.keys()
            placeholders[kind] = names[0]
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
            maximum = self.number(slot.match.resolve(control.maximum_path)) or maximum
        return Limits(control.minimum, maximum)


def _supporting_paths(family: Family) -> frozenset[str]:
    paths: set[str] = set()
    for point in family.points:
        paths |= {path for path in point.silenced_by if "{" not in path}
        if point.control is None:
            continue
        for path in (point.control.maximum_path, point.control.adjustable_path):
            if path is not None:
                paths |= {path.replace("{input}", "1"), path.replace("{input}", "2")}
    return frozenset(paths)
