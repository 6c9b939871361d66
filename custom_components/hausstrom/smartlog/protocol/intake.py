"""Taking readings: what a point shows from now on, and what belongs into the history.

Times are unix seconds by our clock. `billed` is the register that the meter is billed by: of
it, and of what was kept of it at due dates, every reading goes into the history.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from ...common.value import Value
from .changes import Followed, MeterChanges, RegisterReading
from .gate import Verdict
from .historic import parse_obis, quantity_key
from .model import DataPoint, Entry
from .point import KnownPoint
from .quantities import ValueType
from .units import Group

_ZONES: Final = 14 * 3600
"""Seconds by which a zone may be ahead of UTC."""


class Taking(NamedTuple):
    """What the registers of one report are taken with."""

    billed: KnownPoint | None
    due: float
    """The highest value of a due date that is in the report, -1 where there is none."""
    changes: MeterChanges


def take_date(
    known: KnownPoint, point: DataPoint, billed: KnownPoint | None, changes: MeterChanges
) -> None:
    """Note the T of a point; a new due date belongs into the history with its value."""
    known.date = point.device_time
    if not known.historic:
        return
    changes.stored = True
    value = known.read(point.raw)
    if isinstance(value, datetime) or value is None:
        return
    # Shown anew even if the value is the one of the due date before.
    changes.readings[known.key] = value
    _note_due(known, point, value, billed, changes)


def take_value(
    known: KnownPoint, point: DataPoint, time: int, billed: KnownPoint | None, changes: MeterChanges
) -> None:
    """Take a value that is no register of the present."""
    if time < known.time:
        changes.backlog += 1
        return
    state_class = known.state_class
    value = known.read(point.raw)
    if value is None:
        changes.unreadable += 1
        known.refused += 1
        return
    changes.reclassified |= known.state_class != state_class
    news = value != known.value
    known.accept(point.raw, time, value)
    changes.stored = True
    if news:
        changes.readings.update(known.readings())
        if known.historic:
            _note_due(known, point, value, billed, changes)


def take_register(known: KnownPoint, entry: Entry | DataPoint, time: int, taking: Taking) -> None:
    """Take a reading of a register, if it can be one."""
    changes = taking.changes
    state_class = known.state_class
    value = known.read(entry.raw)
    if not isinstance(value, int | float):
        changes.unreadable += 1
        known.refused += 1
        return
    billed = known is taking.billed
    before = known.value if isinstance(known.value, int | float) else None
    if time < known.time and before is not None:
        changes.backlog += 1
        if billed:
            changes.history.append(RegisterReading(time, float(value)))
        return
    changes.reclassified |= known.state_class != state_class
    verdict = known.judge(time, value)
    if known.group is Group.HCA and before is not None and value < before <= taking.due:
        # Heat cost allocators begin anew at their due date, and then show what was.
        verdict = Verdict.FOLLOWED
    if verdict in {Verdict.HELD, Verdict.REFUSED}:
        changes.held += 1
        return
    # After an exchange that the user told of, the register has no time of before.
    told = before is not None and not known.time and value < before
    restart = verdict is Verdict.FOLLOWED or told
    if restart and not told and before is not None:
        if known.group is not Group.HCA or before > taking.due:
            changes.followed.append(Followed(known, before, value))
        if known.gate is not None:
            known.gate.held.clear()
    if billed and value != before:
        if before is not None and known.time:
            # It stood still until then: what came after came after.
            changes.history.append(RegisterReading(known.time, before))
        # Read for the first time, and less than at its due date: it has begun anew since.
        anew = before is None and known.group is Group.HCA and value < taking.due
        changes.history.append(RegisterReading(time, float(value), restart=restart or anew))
    news = value != known.value
    known.accept(entry.raw, time, value)
    changes.stored = True
    if news:
        changes.readings.update(known.readings())


def due_value(points: Iterable[DataPoint], assigned: Iterable[KnownPoint | None]) -> float:
    """Return the highest value of a due date in a report, -1 where there is none."""
    values = (
        known.read(point.raw)
        for point, known in zip(points, assigned, strict=True)
        if known is not None and known.historic and known.group is Group.HCA
    )
    return max((float(value) for value in values if isinstance(value, int | float)), default=-1)


def _note_due(
    known: KnownPoint,
    point: DataPoint,
    value: Value,
    billed: KnownPoint | None,
    changes: MeterChanges,
) -> None:
    date = point.device_time
    # A date is written as midnight of some zone: in the house's it may have just been.
    if date is None or date > point.time + _ZONES or not isinstance(value, int | float):
        return
    if billed is not None and _is_past_of(known, billed):
        changes.history.append(RegisterReading(date, float(value), dated=True))


def _is_past_of(known: KnownPoint, billed: KnownPoint) -> bool:
    """Return whether a value of a due date is one of the register that is billed."""
    if known.group is not billed.group or known.signature.function:
        return False
    if known.traits.kind is not ValueType.NUMBER or known.identity.medium != billed.identity.medium:
        return False
    own, other = known.signature, billed.signature
    if (own.tariff.strip("0"), own.subunit.strip("0")) != (
        other.tariff.strip("0"),
        other.subunit.strip("0"),
    ):
        return False
    if quantity_key(own) != quantity_key(other) and known.traits.quantity != billed.traits.quantity:
        return False
    code, present = parse_obis(own.obis), parse_obis(other.obis)
    return code is None or present is None or (code[:3], code.e) == (present[:3], present.e)
