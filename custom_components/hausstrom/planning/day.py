"""The rules of a day: whose settings are at the device, how often it is written to, the way back.

A `Ledger` is what must outlive a crash. It is changed before a write and after it, so that
whatever happens in between, the next start knows what may be found at the device and whose it is.
"""

from copy import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

from .lever import Setting

MOST_WRITES: Final = 4  # a day, the way back among them
COMPLAIN_AFTER: Final = timedelta(hours=1)
RETRIES: Final = tuple(timedelta(minutes=minutes) for minutes in (0, 5, 15, 30, 60))
FOR_THE_WAY_BACK: Final = 1  # of a day's writes


class SettingOwner(StrEnum):
    """Whose settings are at the device."""

    USER = "user"  # the planner has set nothing
    PLANNER = "planner"
    STRANGER = "stranger"  # not what the planner set: a person changed them


class Settings(NamedTuple):
    """What a device has: a mode, and in manual mode a limit (percent) and an end (hh:mm)."""

    mode: str
    limit: int | None
    end: str | None

    def same(self, other: Settings, manual: str) -> bool:
        """Whether two settings do the same; limit and end matter in manual mode alone."""
        if self.mode != other.mode:
            return False
        return self.mode != manual or (self.limit, self.end) == (other.limit, other.end)

    def as_dict(self) -> dict[str, object]:
        """Return what is stored."""
        return {"mode": self.mode, "limit": self.limit, "end": self.end}

    @classmethod
    def from_dict(cls, stored: object) -> Self | None:
        """Return what was stored, or None."""
        match stored:
            case {"mode": str(mode), "limit": int() | None as limit, "end": str() | None as end}:
                return cls(mode, limit, end)
        return None


class Ledger(NamedTuple):
    """What the planner did and has to undo.

    users: what the user had before; written: what the planner set, and before_it what stood there
    until the write was confirmed (None once it was); setting: the same as the plan knows it.
    """

    users: Settings | None = None
    written: Settings | None = None
    before_it: Settings | None = None
    setting: Setting | None = None
    paused: date | None = None
    day: date | None = None  # of the writes
    writes: int = 0
    failing_since: datetime | None = None
    attempts: int = 0
    next_attempt: datetime | None = None

    def in_force(self, found: Settings | None, manual: str, now: datetime) -> Setting | None:
        """Return the plan that is at the device now (`found` is what it has), if there is one."""
        if self.written is None or found is None or self.setting is None:
            return None
        is_there = found.same(self.written, manual)
        return self.setting if is_there and now < self.setting.end else None

    def owner(self, found: Settings, manual: str) -> SettingOwner:
        """Return whose the settings are that were found."""
        if self.written is None:
            return SettingOwner.USER
        if found.same(self.written, manual):
            return SettingOwner.PLANNER
        if self.before_it is not None and found.same(self.before_it, manual):
            return SettingOwner.PLANNER  # the write has not been seen to arrive
        return SettingOwner.STRANGER

    def is_changed(self, found: Settings, expected: Settings | None, manual: str) -> bool:
        """Whether a person changed the settings: they are not the planner's, nor those expected."""
        owner = self.owner(found, manual)
        if owner is SettingOwner.USER:
            return expected is not None and not found.same(expected, manual)
        return owner is SettingOwner.STRANGER

    def spent(self, today: date) -> int:
        """Return how many writes of today are used up."""
        return self.writes if self.day == today else 0

    def may_set(self, today: date) -> bool:
        """Whether a plan may be written today, with a write left for the way back."""
        return self.paused != today and self.spent(today) + 1 + FOR_THE_WAY_BACK <= MOST_WRITES

    def may_restore(self, now: datetime, today: date) -> bool:
        """Whether it is time to try the way back (again)."""
        if self.next_attempt is not None and now < self.next_attempt:
            return False
        return self.spent(today) < MOST_WRITES

    def _counted(self, today: date) -> Ledger:
        return replace(self, day=today, writes=self.spent(today) + 1)

    def setting_out(
        self, found: Settings, wanted: Settings, setting: Setting, today: date
    ) -> Ledger:
        """Return the ledger to store before a plan is written."""
        users = found if self.written is None else self.users
        return replace(
            self._counted(today), users=users, written=wanted, before_it=found, setting=setting
        )

    def arrived(self) -> Ledger:
        """Return the ledger after a write was confirmed."""
        return replace(self, before_it=None)

    def restoring(self, today: date) -> Ledger:
        """Return the ledger to store before the user's settings are written back."""
        return self._counted(today)

    def not_restored(self, now: datetime) -> Ledger:
        """Return the ledger after the way back has failed; it is tried again, ever more seldom."""
        attempts = self.attempts + 1
        wait = RETRIES[min(attempts, len(RETRIES) - 1)]
        return replace(
            self,
            failing_since=self.failing_since or now,
            attempts=attempts,
            next_attempt=now + wait,
        )

    def cleared(self) -> Ledger:
        """Return the ledger once the device has what the user wants."""
        return Ledger(paused=self.paused, day=self.day, writes=self.writes)

    def hands_off(self, today: date) -> Ledger:
        """Return the ledger after a person changed the settings: theirs they are, until tomorrow."""
        return replace(self.cleared(), paused=today)

    def to_complain(self, now: datetime) -> bool:
        """Whether the way back has failed for so long that the user has to know."""
        return self.failing_since is not None and now - self.failing_since >= COMPLAIN_AFTER

    def as_dict(self) -> dict[str, object]:
        """Return what is stored."""
        setting = self.setting
        return {
            "users": None if self.users is None else self.users.as_dict(),
            "written": None if self.written is None else self.written.as_dict(),
            "before_it": None if self.before_it is None else self.before_it.as_dict(),
            "setting": None
            if setting is None
            else {"limit": setting.limit, "end": setting.end.isoformat()},
            "paused": None if self.paused is None else self.paused.isoformat(),
            "day": None if self.day is None else self.day.isoformat(),
            "writes": self.writes,
            "failing_since": None if self.failing_since is None else self.failing_since.isoformat(),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Return what was stored; what cannot be read is as if it had not been."""
        writes = stored.get("writes")
        return cls(
            Settings.from_dict(stored.get("users")),
            Settings.from_dict(stored.get("written")),
            Settings.from_dict(stored.get("before_it")),
            _setting(stored.get("setting")),
            _date(stored.get("paused")),
            _date(stored.get("day")),
            writes if isinstance(writes, int) and 0 <= writes < 1_000 else 0,
            _datetime(stored.get("failing_since")),
        )


def _setting(stored: object) -> Setting | None:
    match stored:
        case {"limit": int(limit), "end": str(end)}:
            moment = _datetime(end)
            return None if moment is None else Setting(limit, moment)
    return None


def _date(stored: object) -> date | None:
    try:
        return date.fromisoformat(stored) if isinstance(stored, str) else None
    except ValueError:
        return None


def _datetime(stored: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(stored) if isinstance(stored, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
