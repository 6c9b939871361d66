"""What a report changed of a meter."""

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


class MeterChanges:
    """What a report changed: values by key, points heard for the first time, a new label."""

    def __init__(self) -> None:
        """Begin with nothing changed."""
        self.readings: dict[str, Value] = {}
        self.created: list[KnownPoint] = []
        self.promoted: list[KnownPoint] = []
        self.demoted: list[KnownPoint] = []
        self.history: list[RegisterReading] = []
        self.followed: list[Followed] = []
        self.appeared = False
        self.heard = False
        self.renamed = False
        self.reclassified = False
        self.stored = False
        """Something changed that must outlive a restart."""
        self.backlog = 0
        self.skipped = 0
        self.unreadable = 0
        self.held = 0
