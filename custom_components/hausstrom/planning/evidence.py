"""What the battery shows of its lever: which way the limit counts, and whether it takes the excess.

Nothing here is believed from one reading: two that agree, ten minutes apart, with none against.
"""

from copy import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, Self

from .lever import LevelLever, Sense, Setting

AGREEING: Final = timedelta(minutes=10)
CHARGES: Final = 200.0  # W: from here on a battery charges
RESTS: Final = 60.0  # W: up to here it does not
WORTH: Final = 500.0  # W of surplus that a battery would take if it may
NEAR: Final = 4.0  # percent of level: what meters and batteries are off
ALMOST_FULL: Final = 94.0  # above it a battery charges as it likes
AT_THE_LIMIT: Final = 0.96  # of the export limit: the inverter is or will be throttled
BELOW_THE_LIMIT: Final = 0.9
TIMES: Final = 3
EXPECTED: Final = 1000.0  # Wh: a day's saving that has to show
SHOWN: Final = 0.1  # of what was expected


class Observation:
    """One look at the home: W and percent. charge and export are never negative."""

    __slots__ = ("at", "charge", "export", "level")

    def __init__(self, at: datetime, level: float, charge: float, export: float) -> None:
        """Note what was seen at a time."""
        self.at = at
        self.level = level
        self.charge = charge
        self.export = export


class Evidence(NamedTuple):
    """What has been seen so far, of all days.

    unseen: days in a row on which the battery charged past both readings of its limit; unsaved:
    days in a row without a saving where one was expected.
    """

    sense: Sense = Sense.UNKNOWN
    takes_excess: bool | None = None
    unseen: int = 0
    unsaved: int = 0

    @property
    def lever(self) -> LevelLever:
        """The lever as it is known."""
        return LevelLever(self.sense, self.takes_excess)

    @property
    def failed(self) -> bool:
        """Whether planning with this lever is no use."""
        return self.unseen >= TIMES or self.unsaved >= TIMES

    def as_dict(self) -> dict[str, object]:
        """Return what is stored."""
        return {
            "sense": self.sense.value,
            "takes_excess": self.takes_excess,
            "unseen": self.unseen,
            "unsaved": self.unsaved,
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Return what was stored; what cannot be read has not been seen."""
        takes = stored.get("takes_excess")
        sense = stored.get("sense")
        return cls(
            Sense(sense) if isinstance(sense, str) and sense in set(Sense) else Sense.UNKNOWN,
            takes if isinstance(takes, bool) else None,
            *(
                value if isinstance(value := stored.get(key), int) and abs(value) < 1e6 else 0
                for key in ("unseen", "unsaved")
            ),
        )


class DayWatch:
    """Watches a day under a setting; `saved` is measured, in Wh."""

    def __init__(self, evidence: Evidence, export_limit: float, capacity: float) -> None:
        """Begin a day with what is known (export_limit: W, capacity: Wh)."""
        self.evidence = evidence
        self.export_limit = export_limit
        self.capacity = capacity
        self.saved = 0.0
        self.at_limit = False  # whether there was anything to save
        self.ineffective = False
        self._since: dict[str, datetime] = {}
        self._last: Observation | None = None

    def see(self, reading: Observation, setting: Setting) -> Evidence:
        """Take a reading made while a setting is in force (before its end); return what is known."""
        self._measure(reading, setting)
        low, high = sorted((setting.limit, 100 - setting.limit))
        free = reading.export < BELOW_THE_LIMIT * self.export_limit and reading.level < ALMOST_FULL
        charging = free and reading.charge >= CHARGES
        # Not charging tells only where there is something to charge with.
        resting = free and reading.charge <= RESTS and reading.export >= WORTH
        if self.evidence.sense is Sense.UNKNOWN and high - low > NEAR:
            lower = Sense.FILLED if setting.limit == low else Sense.KEPT_FREE
            higher = Sense.KEPT_FREE if lower is Sense.FILLED else Sense.FILLED
            inside = low - NEAR / 2 <= reading.level < high - NEAR / 2
            self._lasting("lower", reading, holds=resting and inside, against=charging)
            between = low + NEAR < reading.level < high
            self._lasting("higher", reading, holds=charging and between, against=resting)
            if self._for_long("lower", reading):
                self.evidence = replace(self.evidence, sense=lower, unseen=0)
            elif self._for_long("higher", reading):
                self.evidence = replace(self.evidence, sense=higher, unseen=0)
        past = charging and reading.level > self._ceiling(setting) + NEAR
        self._lasting("past", reading, holds=past, against=resting)
        self.ineffective = self.ineffective or self._for_long("past", reading)
        self._see_excess(reading, setting)
        return self.evidence

    def _ceiling(self, setting: Setting) -> float:
        if self.evidence.sense is Sense.UNKNOWN:
            return max(setting.limit, 100 - setting.limit)
        return self.evidence.lever.turned(setting.limit)

    def _see_excess(self, reading: Observation, setting: Setting) -> None:
        above = self._ceiling(setting) - NEAR / 2 <= reading.level < ALMOST_FULL
        full_export = reading.export >= AT_THE_LIMIT * self.export_limit
        self.at_limit = self.at_limit or full_export
        taking = above and full_export and reading.charge >= CHARGES
        refusing = above and full_export and reading.charge <= RESTS
        self._lasting("takes", reading, holds=taking, against=refusing)
        self._lasting("refuses", reading, holds=refusing, against=taking)
        if self.evidence.takes_excess is not True and self._for_long("takes", reading):
            self.evidence = replace(self.evidence, takes_excess=True)
        elif self.evidence.takes_excess is None and self._for_long("refuses", reading):
            self.evidence = replace(self.evidence, takes_excess=False)

    def _lasting(self, name: str, reading: Observation, *, holds: bool, against: bool) -> None:
        if against:
            self._since.pop(name, None)
        elif holds:
            self._since.setdefault(name, reading.at)

    def _for_long(self, name: str, reading: Observation) -> bool:
        since = self._since.get(name)
        return since is not None and reading.at - since >= AGREEING

    def _measure(self, reading: Observation, setting: Setting) -> None:
        """Count what is charged above the limit before the end: without a plan, it were lost."""
        last, self._last = self._last, reading
        if last is None or not timedelta(0) < reading.at - last.at <= timedelta(minutes=20):
            return
        if min(last.level, reading.level) < self._ceiling(setting) - 1:
            return
        near = self.export_limit * BELOW_THE_LIMIT
        if last.export < near or reading.export < near:
            return
        hours = (reading.at - last.at) / timedelta(hours=1)
        self.saved += (last.charge + reading.charge) / 2 * hours

    def close(self, expected: float) -> Evidence:
        """End a day on which a saving (Wh) was expected; return what is known then."""
        evidence = self.evidence
        if self.ineffective:
            evidence = replace(evidence, unseen=evidence.unseen + 1)
        elif evidence.sense is not Sense.UNKNOWN:
            evidence = replace(evidence, unseen=0)
        if self.saved >= SHOWN * expected:
            evidence = replace(evidence, unsaved=0)
        elif expected >= EXPECTED and self.at_limit:
            # A day on which less sun came than was forecast says nothing about the lever.
            evidence = replace(evidence, unsaved=evidence.unsaved + 1)
        self.evidence = evidence
        return evidence
