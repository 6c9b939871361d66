"""Peak shaving: a part of the battery is kept free until a time of day (mein-senec.de).

Read with `peakshaving/getSettings`, written with `peakshaving/saveSettings`, which always wants
mode, capacity limit and end together. The end travels as epoch milliseconds of which the server
takes hours and minutes in UTC, whatever the clock on the wall says: 1696723200000 reads 00:00.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Final, Self

from ...protocol.fields import Json, number_of, sequence_of, text_of, whole_of

CAPACITY_LIMITS: Final = range(101)  # percent; what the server takes of it is the server's word


class Mode(StrEnum):
    """How the battery makes room for the midday sun."""

    DEACTIVATED = "deactivated"
    MANUAL = "manual"  # with capacity limit and end
    AUTO = "auto"  # SENEC's forecast decides


@dataclass(frozen=True, slots=True)
class Change:
    """What a person wants changed; None leaves a setting as it is."""

    mode: Mode | None = None
    capacity_limit: int | None = None
    end_time: time | None = None

    def then(self, later: Change) -> Change:
        """Return both changes as one; the later one wins."""
        return Change(
            later.mode if later.mode is not None else self.mode,
            later.capacity_limit if later.capacity_limit is not None else self.capacity_limit,
            later.end_time if later.end_time is not None else self.end_time,
        )


@dataclass(frozen=True, slots=True)
class PeakShaving:
    """The settings as the server has them."""

    mode: Mode | None
    capacity_limit: int | None  # percent
    end_time: time | None  # time of day, as the server means it
    export_limit: float | None  # percent of the peak power; there is no way to write it

    @classmethod
    def from_json(cls, answer: Json) -> Self:
        """Decode getSettings; who changed the settings last is not even read."""
        mode = (text_of(answer.get("peakShavingMode")) or "").lower()
        return cls(
            Mode(mode) if mode in set(Mode) else None,
            _percent(whole_of(answer.get("peakShavingCapacityLimitInPercent"))),
            _end_time(answer),
            number_of(answer.get("einspeisebegrenzungKwpInPercent")),
        )

    def with_change(self, change: Change) -> PeakShaving:
        """Return the settings with a change made; of the end, SENEC knows hours and minutes."""
        return replace(
            self,
            mode=change.mode if change.mode is not None else self.mode,
            capacity_limit=change.capacity_limit
            if change.capacity_limit is not None
            else self.capacity_limit,
            end_time=self.end_time
            if change.end_time is None
            else change.end_time.replace(second=0, microsecond=0, tzinfo=None),
        )

    def query(self, now: datetime) -> dict[str, str] | None:
        """Return what saveSettings wants, or None while one of the three is unknown."""
        if self.mode is None or self.capacity_limit is None or self.end_time is None:
            return None
        return {
            "mode": self.mode.name,
            "capacityLimit": str(self.capacity_limit),
            "endzeit": str(end_in_milliseconds(self.end_time, now)),
        }

    def confirms(self, wanted: PeakShaving) -> bool:
        """Whether settings read after a write are what was wanted.

        Limit and end matter in manual mode alone; in the others the server may keep its own.
        """
        if self.mode != wanted.mode:
            return False
        return self.mode is not Mode.MANUAL or (
            (self.capacity_limit, self.end_time) == (wanted.capacity_limit, wanted.end_time)
        )


def end_in_milliseconds(end: time, now: datetime) -> int:
    """Return today at that time of day, both in UTC, as epoch milliseconds."""
    today = now.astimezone(UTC).date()
    moment = datetime.combine(today, end.replace(second=0, microsecond=0, tzinfo=None), UTC)
    return int(moment.timestamp()) * 1000


def _percent(value: int | None) -> int | None:
    return value if value in CAPACITY_LIMITS else None


def _end_time(answer: Json) -> time | None:
    """Return the end by its local hours and minutes, or by the UTC fields of its instant."""
    fields = [whole_of(item) for item in sequence_of(answer.get("peakShavingLocalEndTime"))]
    try:
        if len(fields) >= 2 and fields[0] is not None and fields[1] is not None:
            return time(fields[0], fields[1])
        if (milliseconds := number_of(answer.get("peakShavingEndDate"))) is not None:
            return datetime.fromtimestamp(milliseconds / 1000, UTC).time().replace(microsecond=0)
    except ValueError, OverflowError, OSError:
        return None
    return None
