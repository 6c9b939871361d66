"""Peak shaving: a part of the battery is kept free until a time of day (mein-senec.de).

Read with `peakshaving/getSettings`, written with `peakshaving/saveSettings`, which always wants
mode, capacity limit and end together. The end travels as epoch milliseconds of which the server
takes hours and minutes in UTC, whatever the clock on the wall says: 1696723200000 reads 00:00.
"""

from copy import replace
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Final, NamedTuple, Self

from ...protocol.fields import JsonObject, number_of, sequence_of, text_of, whole_of

CAPACITY_LIMITS: Final = range(101)  # percent; what may be read
HIGHEST_CAPACITY_LIMIT: Final = 90  # percent; what may be set: where ioBroker's field trials end
HIGHEST_RESERVE: Final = 50  # percent; SENEC's own slider ends here (ha-senec-v3#116)


class Mode(StrEnum):
    """How the battery makes room for the midday sun."""

    DEACTIVATED = "deactivated"
    MANUAL = "manual"  # with capacity limit and end
    AUTO = "auto"  # SENEC's forecast decides


class Change(NamedTuple):
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

    def missing_in(self, found: PeakShaving) -> str:
        """Return what of the change is not in settings read afterwards; "" if all of it is.

        Only what was to change counts: in modes where limit and end do not matter, the server may
        keep its own of what nobody wanted changed.
        """
        return ", ".join(
            f"{name} {has} instead of {wanted}"
            for name, has, wanted in (
                ("mode", found.mode, self.mode),
                ("limit", found.capacity_limit, self.capacity_limit),
                ("end", found.end_time, by_the_minute(self.end_time)),
            )
            if wanted is not None and has != wanted
        )


class PeakShaving(NamedTuple):
    """The settings as the server has them."""

    mode: Mode | None
    capacity_limit: int | None  # percent
    end_time: time | None  # time of day, as the server means it
    export_limit: float | None  # percent of the peak power; there is no way to write it

    @classmethod
    def from_json(cls, answer: JsonObject) -> Self:
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
            end_time=self.end_time if change.end_time is None else by_the_minute(change.end_time),
        )

    @property
    def as_change(self) -> Change:
        """The settings as a change that asks for each of them."""
        return Change(self.mode, self.capacity_limit, self.end_time)

    def query(self, now: datetime) -> dict[str, str] | None:
        """Return what saveSettings wants, or None while one of the three is unknown."""
        if self.mode is None or self.capacity_limit is None or self.end_time is None:
            return None
        return {
            "mode": self.mode.name,
            "capacityLimit": str(self.capacity_limit),
            "endzeit": str(end_in_milliseconds(self.end_time, now)),
        }


def by_the_minute(end: time | None) -> time | None:
    """Return a time of day as SENEC knows it: hours and minutes."""
    return None if end is None else end.replace(second=0, microsecond=0, tzinfo=None)


def end_in_milliseconds(end: time, now: datetime) -> int:
    """Return today at that time of day, both in UTC, as epoch milliseconds."""
    today = now.astimezone(UTC).date()
    moment = datetime.combine(today, end.replace(second=0, microsecond=0, tzinfo=None), UTC)
    return int(moment.timestamp()) * 1000


def _percent(value: int | None) -> int | None:
    return value if value in CAPACITY_LIMITS else None


def _end_time(answer: JsonObject) -> time | None:
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
