"""A gateway and all its meters: takes reports, knows what changed, survives restarts."""

from collections.abc import Iterable, Iterator

from ...common.slug import slug
from ...common.value import Value
from .changes import Followed, MeterChanges, RegisterReading
from .clock import Clock
from .mbus import OPPOSITES, DeviceType, contradicts, device_type
from .meter import Meter, load_meter
from .model import GatewayReport, MeterReport
from .point import KnownPoint

MAX_METERS = 2_000
_MOST_PENDING = 20_000

type GatewayStep = tuple[Meter | None, MeterChanges]
"""A meter with what its report changed; no meter: one that is not known and not to be learnt."""


class Changes:
    """What one or several meters of a report changed; keys are `<meter uid>_<point key>`."""

    def __init__(self) -> None:
        """Begin with nothing changed."""
        self.readings: dict[str, Value] = {}
        self.meters: list[Meter] = []
        self.points: list[tuple[Meter, KnownPoint]] = []
        self.renamed: list[Meter] = []
        self.heard: list[Meter] = []
        self.promoted: list[tuple[Meter, KnownPoint]] = []
        self.demoted: list[tuple[Meter, KnownPoint]] = []
        self.history: list[tuple[Meter, list[RegisterReading]]] = []
        self.followed: list[tuple[Meter, Followed]] = []
        self.stored: set[str] = set()
        """The meters (by uid) of which something changed that must outlive a restart."""
        self.reclassified = False
        self.backlog = 0
        self.skipped = 0
        self.unreadable = 0
        self.held = 0
        self.unknown_meters = 0

    def by_meter(self) -> dict[Meter, list[KnownPoint]]:
        """Return the new points of each meter."""
        points: dict[Meter, list[KnownPoint]] = {}
        for meter, point in self.points:
            points.setdefault(meter, []).append(point)
        return points

    def add(self, step: GatewayStep) -> None:
        """Add what one meter's report changed."""
        meter, changes = step
        if meter is None:
            self.unknown_meters += 1
            return
        if changes.appeared:
            self.meters.append(meter)
        prefix = f"{meter.uid}_"
        for key, value in changes.readings.items():
            self.readings[prefix + key] = value
        if changes.created:
            self.points.extend((meter, point) for point in changes.created)
        if changes.renamed:
            self.renamed.append(meter)
        if changes.heard:
            self.heard.append(meter)
        self.promoted.extend((meter, point) for point in changes.promoted)
        self.demoted.extend((meter, point) for point in changes.demoted)
        self.followed.extend((meter, followed) for followed in changes.followed)
        if changes.history:
            self.history.append((meter, changes.history))
        if changes.stored or changes.appeared:
            self.stored.add(meter.uid)
        self.held += changes.held
        self.reclassified |= changes.reclassified
        self.backlog += changes.backlog
        self.skipped += changes.skipped
        self.unreadable += changes.unreadable


class Gateway:
    """The meters of one gateway, and the meters that the user does not want."""

    def __init__(self) -> None:
        """Begin with no meter known."""
        self.version = ""
        self.meters: dict[str, Meter] = {}
        self.removed: set[str] = set()
        self.clock = Clock()
        self._by_id: dict[str, list[Meter]] = {}
        self._pending: list[tuple[Meter, list[RegisterReading]]] = []

    def take(self, report: GatewayReport, received: int, *, learn: bool = True) -> Changes:
        """Take a whole report at once."""
        changes = Changes()
        for step in self.take_stepwise(report, received, learn=learn):
            changes.add(step)
        return changes

    def take_stepwise(
        self,
        report: GatewayReport,
        received: int,
        *,
        learn: bool = True,
        late: bool = False,
    ) -> Iterator[GatewayStep]:
        """Take a report meter by meter; each step is short.

        `received` is our time of arrival in unix seconds. Without `learn` only meters and
        points that are known already are read. `late` says that the report lay somewhere
        before it came: then it tells nothing of the logger's clock.
        """
        self.version = report.version or self.version
        if not late:
            yield from self._hear(report, received)
        clock = self.clock

        def at(time: int) -> int:
            return clock.time_of(time, received)

        taken: dict[str, MeterReport] = {}
        for meter_report in report.meters:
            meter = self._find(meter_report, taken)
            appeared = meter is None and learn and len(self.meters) < MAX_METERS
            if appeared:
                meter = self._create(meter_report)
            if meter is None:
                yield None, MeterChanges()
                continue
            taken[meter.uid] = meter_report
            if meter.uid in self.removed:
                continue
            changes = meter.take(meter_report, received, at, learn=learn)
            changes.appeared = appeared
            if clock.doubtful and changes.history:
                # Where these belong only the next report will tell.
                if len(self._pending) < _MOST_PENDING:
                    self._pending.append((meter, changes.history))
                changes.history = []
            yield meter, changes

    def _hear(self, report: GatewayReport, received: int) -> Iterator[GatewayStep]:
        """Judge the logger's clock, and with it the readings that were held back for that."""
        sent = report.time
        if sent is None:
            times = [point.time for meter in report.meters for point in meter.points]
            sent = max(times, default=None)
        too_late = self.clock.late_by_too_much
        self.clock.hear(sent, received)
        if not self._pending or (self.clock.doubtful and self.clock.agreed > 1):
            return
        pending, self._pending = self._pending, []
        offset = self.clock.offset
        if not self.clock.is_wrong and too_late and not self.clock.doubtful:
            # Older than any backlog, and alone: a clock that has been set since.
            return
        for meter, readings in pending:
            moved = [
                reading if reading.dated else reading._replace(time=reading.time - offset)
                for reading in readings
            ]
            changes = MeterChanges()
            changes.history = moved
            yield meter, changes

    def _find(self, report: MeterReport, taken: dict[str, MeterReport]) -> Meter | None:
        """Return the known meter that a report is about.

        The id alone decides, unless two meters share it: then manufacturer, interface and
        (within one report) type must not contradict.
        """
        candidates = self._by_id.get(report.id)
        if not candidates:
            return None
        fitting = [meter for meter in candidates if _fits(meter, report, taken.get(meter.uid))]
        if len(fitting) > 1:
            fitting.sort(key=lambda meter: _closeness(meter, report), reverse=True)
        return fitting[0] if fitting else None

    def _create(self, report: MeterReport) -> Meter:
        base = slug(report.id) or "meter"
        meter = Meter(self._free_uid(base, report), report)
        self._keep(meter)
        return meter

    def _free_uid(self, base: str, report: MeterReport) -> str:
        """Return the id, with manufacturer, interface or type for a second meter of this id."""
        if base not in self.meters:
            return base
        for part in (report.manufacturer, report.interface, report.medium):
            if part and (uid := f"{base}_{slug(part)}") not in self.meters:
                return uid
        number = 2
        while f"{base}_{number}" in self.meters:
            number += 1
        return f"{base}_{number}"

    def _keep(self, meter: Meter) -> None:
        self.meters[meter.uid] = meter
        self._by_id.setdefault(meter.id, []).append(meter)

    @property
    def wanted(self) -> Iterable[Meter]:
        """Return the meters that were not removed."""
        return [meter for meter in self.meters.values() if meter.uid not in self.removed]

    def remove(self, uid: str) -> None:
        """Remove a meter; it stays away until it is asked for."""
        self.removed.add(uid)
        meter = self.meters.get(uid)
        if meter is not None:
            meter.forget()

    def bring_back(self, uids: Iterable[str]) -> None:
        """Let removed meters appear again with their next report."""
        for uid in uids:
            self.removed.discard(uid)
            meter = self.meters.pop(uid, None)
            if meter is not None:
                self._by_id[meter.id].remove(meter)

    def replace(self, old: str, new: str) -> str | None:
        """Let the meter `new` (uid) go on as `old`; return the uid that is free now.

        The old one keeps its points, keys and history, and takes the new one's number. Without
        a new one, only the registers of the old begin anew: its electronics were exchanged.
        """
        meter = self.meters.get(old)
        if meter is None:
            return None
        meter.restart()
        successor = self.meters.get(new)
        if successor is None or successor is meter:
            return None
        del self.meters[new]
        self._by_id[successor.id].remove(successor)
        self._by_id[meter.id].remove(meter)
        meter.id, meter.manufacturer = successor.id, successor.manufacturer
        meter.interface, meter.version = successor.interface, successor.version
        self._by_id.setdefault(meter.id, []).append(meter)
        return new

    def readings(self) -> dict[str, Value]:
        """Return the values of all wanted meters by key."""
        return {
            f"{meter.uid}_{key}": value
            for meter in self.wanted
            for key, value in meter.readings().items()
        }

    def dump(self) -> dict[str, object]:
        """Return all that must survive a restart, for JSON."""
        return {
            "version": self.version,
            "removed": sorted(self.removed),
            "meters": [meter.dump() for meter in self.meters.values()],
        }


def load_gateway(stored: object) -> tuple[Gateway, int]:
    """Return the gateway that `dump` wrote and how many stored meters could not be read."""
    gateway = Gateway()
    lost = 0
    match stored:
        case {"version": str(version), "removed": list(removed), "meters": list(meters)}:
            gateway.version = version
            gateway.removed = {uid for uid in removed if isinstance(uid, str)}
            for item in meters:
                try:
                    gateway._keep(load_meter(item))  # noqa: SLF001 - this is its constructor
                except ValueError:
                    lost += 1
    return gateway, lost


def _fits(meter: Meter, report: MeterReport, taken: MeterReport | None) -> bool:
    if meter.manufacturer and report.manufacturer and meter.manufacturer != report.manufacturer:
        return False
    if meter.interface and report.interface and meter.interface != report.interface:
        return False
    told = device_type(report.medium)
    # What its points say of a meter may be the logger's default; heat beside cooling is none.
    certain = report.own_medium or {told, meter.type} in OPPOSITES
    if report.medium and certain and contradicts(told, meter.type) and not _share(meter, report):
        return False
    # Two of one id in one report: two meters only if they say that they are different.
    return not (
        taken is not None and taken.own_medium and report.own_medium and told is not meter.type
    )


def _share(meter: Meter, report: MeterReport) -> bool:
    """Whether a meter measures something of what the points of a report say, whichever prevails.

    One meter of heat and cooling is told as what most points of a report are: today one, tomorrow
    the other.
    """
    if report.own_medium:
        return False
    told = {device_type(point.signature.medium) for point in report.points}
    known = {device_type(point.signature.medium) for point in meter.points.values()}
    return not told.isdisjoint({meter.type, *known} - {DeviceType.UNKNOWN})


def _closeness(meter: Meter, report: MeterReport) -> tuple[bool, bool, bool]:
    return (
        bool(report.manufacturer) and meter.manufacturer == report.manufacturer,
        bool(report.interface) and meter.interface == report.interface,
        bool(report.medium) and meter.type is device_type(report.medium),
    )


def order_of_listings(meters: list[MeterReport]) -> list[MeterReport]:
    """Return the meters of a report, one that is listed for several times oldest first."""
    return sorted(meters, key=lambda meter: max((point.time for point in meter.points), default=0))
