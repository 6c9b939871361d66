"""What the planner of peak shaving has to know after a restart, a crash or a power cut."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ...planning.day import Ledger
from ...planning.evidence import Evidence
from ...planning.observing import Observed
from ...storage import Content, EntryStore

SAMPLES_KEPT: Final = 600.0
"""Seconds within which what was only seen is on disk; what was written to SENEC is at once."""
REMEMBERED_DAYS: Final = 28
MOST: Final = 1e9  # Wh or W: more is no number of a home's


def planner_store(
    hass: HomeAssistant,
    entry_id: str,
    collect: Callable[[], Content] | None = None,
    title: str = "",
) -> EntryStore:
    """Return where the planner's state is kept."""
    return EntryStore(
        hass, f"{entry_id}.planner", collect, title=title, seldom=SAMPLES_KEPT, durable=True
    )


class PlannerState:
    """Whether the planner is on, what it did, and what it has learnt."""

    def __init__(self) -> None:
        """Begin with a planner that is off and knows nothing."""
        self.enabled = False
        self.failed = False
        self.ledger = Ledger()
        self.evidence = Evidence()
        self.planned: datetime | None = None  # the hour for which was planned last
        self.most_charge = 0.0  # W: the highest charging power that was seen
        self.saved = 0.0  # Wh: all days
        self.expected = 0.0  # Wh: what today's plan was to save when it was made
        self.today: date | None = None
        self.hours: dict[date, list[Observed]] = {}

    def as_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "enabled": self.enabled,
            "failed": self.failed,
            "ledger": self.ledger.as_dict(),
            "evidence": self.evidence.as_dict(),
            "planned": None if self.planned is None else self.planned.isoformat(),
            "most_charge": round(self.most_charge),
            "saved": round(self.saved, 1),
            "expected": round(self.expected, 1),
            "today": None if self.today is None else self.today.isoformat(),
            "hours": [
                [hour.hour.isoformat(), round(hour.forecast), round(hour.actual), hour.at_least]
                for hours in self.hours.values()
                for hour in hours
            ],
        }

    def add_hour(self, day: date, hour: Observed) -> None:
        """Remember an hour of the roof, and forget days that are long past."""
        self.hours.setdefault(day, []).append(hour)
        for old in sorted(self.hours)[: -REMEMBERED_DAYS - 1]:
            del self.hours[old]


def state_from(stored: object, zone: tzinfo = UTC) -> PlannerState:
    """Return what was stored; a part that cannot be read is as it was at first.

    zone: the system's, to whose days the hours of the roof belong.
    """
    state = PlannerState()
    if not isinstance(stored, Mapping):
        return state
    state.enabled = stored.get("enabled") is True
    state.failed = stored.get("failed") is True
    state.ledger = Ledger.from_dict(_mapping(stored.get("ledger")))
    state.evidence = Evidence.from_dict(_mapping(stored.get("evidence")))
    state.planned = _moment(stored.get("planned"))
    state.most_charge = _number(stored.get("most_charge"))
    state.saved = _number(stored.get("saved"))
    state.expected = _number(stored.get("expected"))
    state.today = None if (day := _moment(stored.get("today"))) is None else day.date()
    state.hours = _hours(stored.get("hours"), zone)
    return state


def _mapping(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < MOST else 0.0


def _moment(value: object) -> datetime | None:
    return dt_util.parse_datetime(value) if isinstance(value, str) else None


def _hours(value: object, zone: tzinfo) -> dict[date, list[Observed]]:
    hours: dict[date, list[Observed]] = {}
    for item in value if isinstance(value, list) else []:
        match item:
            case [str(at), int() | float() as told, int() | float() as came, bool(least)]:
                if (moment := _moment(at)) is not None and moment.tzinfo is not None:
                    day = moment.astimezone(zone).date()
                    hours.setdefault(day, []).append(Observed(moment, told, came, least))
    return hours
