"""One meter behind a gateway: its points, its rhythm, its last readings."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from ...common.value import Value
from .changes import MeterChanges
from .historic import QuantityKey, Sibling, dated_points, is_historic, quantity_key
from .intake import Taking, due_value, take_date, take_register, take_value
from .matching import Matching, match
from .mbus import WATER_TYPES, DeviceType, contradicts, device_type
from .model import DataPoint, MeterReport, Signature
from .point import KnownPoint, key_of, load_point
from .quantities import past_traits
from .registers import billed_by, dimension_of, principals_of, totals_of
from .rhythm import ReadingRhythm

LAST_READING = "last_reading"
MAX_POINTS = 1_000
_TOLD_EVERY = 3_600
"""Seconds between two values of the time of the last reading: a database is somebody's disk."""

type At = Callable[[int], int]
"""Makes a time of the logger one of ours."""


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
        self.rhythm = ReadingRhythm()
        self.points: dict[str, KnownPoint] = {}
        self.choice: str | None = None
        """The key of the register that the user chose to be the total."""
        self.billed: KnownPoint | None = None
        """The register that the meter is billed by."""
        self.principals: set[str] = set()
        """The keys of its totals, one of each medium: what a building shows of it."""
        self._told = 0
        self._reports = 0
        self._sequence: list[Signature] = []
        self._dated: list[bool] = []
        self._assigned: list[KnownPoint | None] = []

    @property
    def last_reading(self) -> datetime | None:
        """Return the logger's time of the newest reading."""
        return datetime.fromtimestamp(self.rhythm.last, UTC) if self.rhythm.last else None

    @property
    def name(self) -> str:
        """Return label and number, as a list of meters shows them."""
        return f"{self.label} ({self.id})" if self.label else f"{self.medium} {self.id}".strip()

    @property
    def rivals(self) -> list[KnownPoint]:
        """Return the registers that could be the total, where there are several."""
        dimensions: defaultdict[str, list[KnownPoint]] = defaultdict(list)
        for point in self.points.values():
            if (dimension := dimension_of(point)) is not None:
                dimensions[dimension].append(point)
        return [point for group in dimensions.values() if len(group) > 1 for point in group]

    @property
    def is_system(self) -> bool:
        """Return whether this is the logger itself."""
        return self.type is DeviceType.SYSTEM

    def take(
        self, report: MeterReport, received: int, at: At | None = None, *, learn: bool = True
    ) -> MeterChanges:
        """Take the readings of a report; return what they change.

        `received` is our time of arrival, `at` makes the logger's times ours. Without `learn`,
        points that are not known yet are left out.
        """
        changes = MeterChanges()
        self._take_description(report, changes)
        points = report.points
        if not points:
            return changes
        at = at or (lambda time: min(time, received))
        self._reports += 1
        newest = max(at(point.time) for point in points)
        points, assigned = self._assignment(points, changes, learn=learn)
        self._take_readings(points, assigned, received, at, changes)
        if self.rhythm.heard(newest, received, received):
            changes.heard = True
            if not 0 <= self.rhythm.last - self._told < _TOLD_EVERY:
                self._told = self.rhythm.last
                changes.readings[LAST_READING] = datetime.fromtimestamp(self._told, UTC)
        changes.stored |= bool(changes.created or changes.renamed or changes.readings)
        return changes

    def _take_description(self, report: MeterReport, changes: MeterChanges) -> None:
        """Learn what came late: manufacturer, type, label."""
        self.manufacturer = self.manufacturer or report.manufacturer
        self.interface = self.interface or report.interface
        self.version = self.version or report.version
        if report.label and report.label != self.label:
            self.label = report.label
            changes.renamed = True
        if report.medium and report.medium != self.medium and self._says_more(report.medium):
            self.medium = report.medium
            self.type = device_type(report.medium)
            changes.renamed = True
            for point in self.points.values():
                point.classify(self.type, "" if point.raw is None else point.raw)
            self._sequence = []

    def _says_more(self, medium: str) -> bool:
        """Return whether a medium names the type of this meter for the first time, or better."""
        told = device_type(medium)
        if self.type is DeviceType.UNKNOWN:
            return True
        vague = self.type is DeviceType.WATER and told in WATER_TYPES
        return vague and not contradicts(told, self.type)

    # --- readings -----------------------------------------------------------------

    def _take_readings(
        self,
        points: list[DataPoint],
        assigned: list[KnownPoint | None],
        received: int,
        at: At,
        changes: MeterChanges,
    ) -> None:
        reports = self._reports
        taken: Taking | None = None
        for point, known in zip(points, assigned, strict=True):
            if known is None:
                continue
            known.seen = reports
            if known.time > received:
                # Noted while our own clock was ahead: it must not block the meter until then.
                known.time = 0
            time = at(point.time)
            if known.date != point.device_time:
                take_date(known, point, self.billed, changes)
            elif point.raw == known.raw and not point.earlier:
                if time >= known.time:
                    known.sighted(time)
                continue
            if known.counts and not known.historic:
                if taken is None:
                    taken = Taking(self.billed, due_value(points, assigned), changes)
                for entry in point.earlier:
                    take_register(known, entry, at(entry.time), taken)
                take_register(known, point, time, taken)
            else:
                take_value(known, point, time, self.billed, changes)

    # --- which point is which -----------------------------------------------------

    def _assignment(
        self, points: list[DataPoint], changes: MeterChanges, *, learn: bool
    ) -> tuple[list[DataPoint], list[KnownPoint | None]]:
        """Return the points and the known one of each.

        The same sequence as before needs no matching.
        """
        sequence = [point.signature for point in points]
        dated = dated_points(points, self._siblings() if _has_dates(points) else {})
        if sequence == self._sequence and dated == self._dated:
            return points, self._assigned
        matching = match(points, self.points.values(), self._reports - 1, dated, self.type)
        changes.skipped = matching.skipped
        if learn:
            for group in matching.new:
                self._create(group, dated, matching, changes)
            if changes.created:
                self._find_historic(changes)
                self.choose_registers(changes)
        # What depends on values, or may yet be learnt, is matched anew each time.
        settled = not (matching.collapsed or matching.skipped) and None not in matching.known
        self._sequence = sequence if settled else []
        self._dated = dated
        self._assigned = matching.known
        return matching.points, matching.known

    def _siblings(self) -> dict[QuantityKey, list[Sibling]]:
        siblings: defaultdict[QuantityKey, list[Sibling]] = defaultdict(list)
        for point in self.points.values():
            if not point.historic or point.dated:
                key = quantity_key(point.signature)
                siblings[key].append(Sibling(point.signature, point.date, point.dated))
        return siblings

    def _create(
        self, group: list[int], dated: list[bool], matching: Matching, changes: MeterChanges
    ) -> None:
        first = True
        for index in group:
            if len(self.points) >= MAX_POINTS:
                changes.skipped += 1
                continue
            point = matching.points[index]
            known = KnownPoint(
                self._free_key(key_of(point.signature)),
                point.signature,
                dated=dated[index],
                device=self.type,
            )
            known.classify(self.type, point.raw)
            if known.read(point.raw) is None:
                changes.unreadable += 1
                continue
            # The first of those that nothing tells apart is the register, the others are not.
            known.ambiguous = not first or any(
                other.identity == known.identity for other in self.points.values()
            )
            first = False
            self.points[known.key] = known
            changes.created.append(known)
            matching.known[index] = known

    def _find_historic(self, changes: MeterChanges) -> None:
        """Recognise past values now that their present siblings may have come."""
        signatures = [point.signature for point in self.points.values()]
        new = {point.key for point in changes.created}
        for point in self.points.values():
            past = point.dated or is_historic(point.signature, signatures)
            if past and (not point.historic or point.key in new):
                changes.reclassified |= point.key not in new
                point.historic = True
                point.traits = past_traits(point.traits)

    def choose_registers(self, changes: MeterChanges) -> None:
        """Settle which registers are the totals, and by which the meter is billed."""
        totals = totals_of(self.points.values(), self.choice)
        new = {point.key for point in changes.created}
        mains = {point.key for point in totals.values()}
        for point in self.points.values():
            chosen = point.key in mains
            if point.main is not chosen:
                point.main = chosen
                if point.key not in new:
                    (changes.promoted if chosen else changes.demoted).append(point)
        name = billed_by(self.type, totals)
        self.billed = totals.get(name) if name is not None else None
        self.principals = principals_of(self.type, totals)

    def _free_key(self, key: str) -> str:
        free, number = key, 1
        while free in self.points or free == LAST_READING:
            number += 1
            free = f"{key}_{number}"
        return free

    # --- what is asked of it ---------------------------------------------------------

    def stale_points(self, now: int, stale_after: int | None) -> Iterator[tuple[KnownPoint, bool]]:
        """Yield the points whose value fades, and whether it has been too long ago."""
        limit = self.rhythm.limit(stale_after)
        for point in self.points.values():
            if point.fades:
                yield point, point.stale(now, limit)

    def forget(self) -> None:
        """Drop all points; the meter itself stays known."""
        self.points.clear()
        self.billed = None
        self._sequence = []
        self._assigned = []

    def restart(self) -> None:
        """Take the next reading of each register whatever it is: the meter was exchanged."""
        for point in self.points.values():
            point.time = 0
            point.gate = None
        self.rhythm.last = 0

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
            "choice": self.choice,
        }


def load_meter(stored: object) -> Meter:
    """Return the meter that `dump` wrote; raises ValueError for anything else."""
    match stored:
        case {
            "uid": str(uid), "id": str(meter_id), "interface": str(interface),
            "manufacturer": str(manufacturer), "version": str(version), "medium": str(medium),
            "label": str(label), "last": int(last), "fresh": int(fresh),
            "intervals": list(intervals), "points": list(points), **rest,
        }:  # fmt: skip
            meter = Meter(
                uid,
                MeterReport(meter_id, interface, manufacturer, version, medium, label=label),
            )
            meter.rhythm = ReadingRhythm(_time(last), _time(fresh), [*filter(_time, intervals)])
            choice = rest.get("choice")
            meter.choice = choice if isinstance(choice, str) else None
            seen = set()
            for item in points:
                point = load_point(item, meter.type)
                # The version before called all of a group ambiguous; its first is the register.
                point.ambiguous = point.ambiguous and point.identity in seen
                seen.add(point.identity)
                meter.points[point.key] = point
            meter.choose_registers(MeterChanges())
            return meter
    raise ValueError("not a stored meter")


def _time(stored: object) -> int:
    """Return a time in unix seconds, or a span of it; 0 for what is none of this century or next."""
    return stored if type(stored) is int and 0 <= stored < 1 << 33 else 0


def _has_dates(points: list[DataPoint]) -> bool:
    return any(point.device_time is not None for point in points)
