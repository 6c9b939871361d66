"""What a report changed of a meter."""

from dataclasses import dataclass, field
from typing import NamedTuple

from ...common.value import Value
from .point import KnownPoint


class RegisterReading(NamedTuple):
    """A reading of the register that a meter is billed by, for its history.

    `time` in unix seconds; `restart` says that the register began anew before it. `dated`
    readings are of a due date: `time` is T as the meter sent it.
    """

    time: int
    value: float
    restart: bool = False
    dated: bool = False


class Followed(NamedTuple):
    """A register that was followed although it fell or leapt."""

    point: KnownPoint
    before: float
    now: float


@dataclass(slots=True, eq=False, repr=False)
class MeterChanges:
    """What a report changed: values by key, points heard for the first time, a new label."""

    readings: dict[str, Value] = field(default_factory=dict)
    created: list[KnownPoint] = field(default_factory=list)
    promoted: list[KnownPoint] = field(default_factory=list)
    demoted: list[KnownPoint] = field(default_factory=list)
    history: list[RegisterReading] = field(default_factory=list)
    followed: list[Followed] = field(default_factory=list)
    appeared: bool = False
    heard: bool = False
    renamed: bool = False
    reclassified: bool = False
    stored: bool = False
    """Something changed that must outlive a restart."""
    backlog: int = 0
    skipped: int = 0
    unreadable: int = 0
    held: int = 0
