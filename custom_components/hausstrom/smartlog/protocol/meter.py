"""One meter behind a gateway: its points, its rhythm, its last readings."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from .historic import is_historic
from .matching import Matching, match
from .mbus import DeviceType, device_type
from .model import MeterReport, Point, Signature
from .point import KnownPoint, Value, key_of, load_point, starts_historic
from .quantities import past_traits
from .rhythm import Rhythm

LAST_READING = "last_reading"
MAX_POINTS = 1_000


@dataclass(slots=True)
class MeterChanges:
    """What a report changed: values by key, points heard for the first time, a new label."""

    readings: dict[str, Value] = field(default_factory=dict)
    created: list[KnownPoint] = field(default_factory=list)
    appeared: bool = False
    heard: bool = False
    renamed: bool = False
    reclassified: bool = False
    backlog: int = 0
    skipped: int = 0
    unreadable: int = 0


class Meter:
    """A meter, known by its id from its first report on."""

    def __init__(self, uid: str, report: MeterReport) -> None:
        """Make a meter that has no points yet; `uid` is its id, made unique in the gateway."""
        self.uid = uid
        self.id = report.id
        self.interface = report.interface
        self.manufacturer = report.manufacturer
        self.version = report.version
        self.medium = report.medium
        self.type = device_type(report.medium)
        self.label = report.label
        self.rhythm = Rhythm()
        self.points: dict[str, KnownPoint] = {}
        self._reports = 0
        self._sequence: list[Signature] = []
        self._assigned: list[KnownPoint | None] = []

    @property
    def last_reading(self) -> datetime | None:
        """Return the logger's time of the newest reading."""
        return datetime.fromtimestamp(self.rhythm.last, UTC) if self.rhythm.last else None

    @property
    def is_system(self) -> bool:
        """Return whether this is the logger itself."""
        return self.type is DeviceType.SYSTEM

    def take(
        self, report: MeterReport, received: int, logger: int | None, *, learn: bool = True
    ) -> MeterChanges:
        """Take the readings of a report; return what they change.

        `received` is our time of arrival, `logger` the logger's time of the report. Without
        `learn`, points that are not known yet are left out.
        """
        changes = MeterChanges()
        self._take_description(report, changes)
        points = report.points
        if not points:
            return changes
        self._reports += 1
        newest = max([point.time for point in points])
        assigned = self._assignment(points, changes, learn=learn)
        self._take_readings(points, assigned, received, changes)
        if self.rhythm.heard(newest, received, logger):
            changes.heard = True
            changes.readings[LAST_READING] = datetime.fromtimestamp(self.rhythm.last, UTC)
        return changes

    def _take_description(self, report: MeterReport, changes: MeterChanges) -> None:
        """Learn what came late: manufacturer, type, label."""
        self.manufacturer = self.manufacturer or report.manufacturer
        self.interface = self.interface or report.interface
        self.version = self.version or report.version
        if report.label and report.label != self.label:
            self.label = report.label
            changes.renamed = True
        if report.medium and self.type is DeviceType.UNKNOWN and report.medium != self.medium:
            self.medium = report.medium
            self.type = device_type(report.medium)
            changes.renamed = True
            for point in self.points.values():
                point.classify(self.type, "" if point.raw is None else point.raw)

    def _take_readings(
        self,
        points: list[Point],
        assigned: list[KnownPoint | None],
        received: int,
        changes: MeterChanges,
    ) -> None:
        reports = self._reports
        for point, known in zip(points, assigned, strict=True):
            if known is None:
                continue
            known.seen = reports
            # A time in the future counts as now: the logger's clock may be set right any moment.
            time = point.time if point.time < received else received  # noqa: FURB136  hot path
            if point.raw == known.raw:
                known.time = max(known.time, time)
                continue
            if time < known.time:
                changes.backlog += 1
                continue
            state_class = known.state_class
            value = known.read(point.raw)
            if value is None:
                changes.unreadable += 1
                continue
            changes.reclassified |= known.state_class != state_class
            news = value != known.value
            known.accept(point.raw, time, value)
            if news:
                changes.readings.update(known.readings())

    def _assignment(
        self, points: list[Point], changes: MeterChanges, *, learn: bool
    ) -> list[KnownPoint | None]:
        """Return the known point of each point; the same sequence as before needs no matching."""
        sequence = [point.signature for point in points]
        if sequence == self._sequence:
            return self._assigned
        matching = match(points, self.points.values(), self._reports - 1)
        changes.skipped = matching.skipped
        if learn:
            for group in matching.new:
                self._create(group, points, matching, changes)
            if changes.created:
                self._find_historic(changes)
        # What depends on values, or may yet be learnt, is matched anew each time.
        settled = not (matching.collapsed or matching.skipped) and None not in matching.known
        self._sequence = sequence if settled else []
        self._assigned = matching.known
        return matching.known

    def _create(
        self, group: list[int], points: list[Point], matching: Matching, changes: MeterChanges
    ) -> None:
        for index in group:
            if len(self.points) >= MAX_POINTS:
                changes.skipped += 1
                continue
            point = points[index]
            known = KnownPoint(
                self._free_key(key_of(point.signature)),
                point.signature,
                ambiguous=len(group) > 1,
                historic=starts_historic(point),
            )
            known.classify(self.type, point.raw)
            if known.read(point.raw) is None:
                changes.unreadable += 1
                continue
            self.points[known.key] = known
            changes.created.append(known)
            matching.known[index] = known

    def _find_historic(self, changes: MeterChanges) -> None:
        """Recognise past values now that their present siblings may have come."""
        signatures = [point.signature for point in self.points.values()]
        new = {point.key for point in changes.created}
        for point in self.points.values():
            past = point.historic or is_historic(point.signature, signatures)
            if past and (not point.historic or point.key in new):
                changes.reclassified |= point.key not in new
                point.historic = True
                point.traits = past_traits(point.traits)

    def _free_key(self, key: str) -> str:
        free, number = key, 1
        while free in self.points or free == LAST_READING:
            number += 1
            free = f"{key}_{number}"
        return free

    def forget(self) -> None:
        """Drop all points; the meter itself stays known."""
        self.points.clear()
        self._sequence = []
        self._assigned = []

    def readings(self) -> dict[str, Value]:
        """Return all values by key, as far as they are known."""
        values: dict[str, Value] = {}
        for point in self.points.values():
            values.update(point.readings())
        last = self.last_reading
        if last is not None:
            values[LAST_READING] = last
        return values

    def dump(self) -> dict[str, object]:
        """Return all that must survive a restart, for JSON."""
        return {
            "uid": self.uid,
            "id": self.id,
            "interface": self.interface,
            "manufacturer": self.manufacturer,
            "version": self.version,
            "medium": self.medium,
            "label": self.label,
            "last": self.rhythm.last,
            "fresh": self.rhythm.fresh,
            "intervals": self.rhythm.intervals,
            "points": [point.dump() for point in self.points.values()],
        }


def load_meter(stored: object) -> Meter:
    """Return the meter that `dump` wrote; raises ValueError for anything else."""
    match stored:
        case {
            "uid": str(uid), "id": str(meter_id), "interface": str(interface),
            "manufacturer": str(manufacturer), "version": str(version), "medium": str(medium),
            "label": str(label), "last": int(last), "fresh": int(fresh),
            "intervals": list(intervals), "points": list(points),
        }:  # fmt: skip
            meter = Meter(
                uid,
                MeterReport(meter_id, interface, manufacturer, version, medium, label=label),
            )
            meter.rhythm = Rhythm(last, fresh, [step for step in intervals if type(step) is int])
            for item in points:
                point = load_point(item, meter.type)
                meter.points[point.key] = point
            return meter
    raise ValueError("not a stored meter")
