"""Many changes, few writes, and never the last change lost.

How often a value may be written is a property of its row: at once, with the powers, or calmly.
A number moves by at least a step before it is written again, but where it comes to rest it is
written exactly: no automation waits for a zero that never comes. A value that goes missing, or
comes back, is written at once, whatever the interval.

Pure: the time is a parameter, and the caller has the timer.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Final, NamedTuple

from .value import Value

RARE_INTERVAL: Final = 300.0
REST: Final = 30.0
"""Seconds after which a number that moved less than a step counts as at rest."""
_FLOAT_NOISE: Final = 1e-6


class Pace(Enum):
    """How soon a change has to reach a person."""

    NOW = auto()
    """States and switches: rare, and automations wait for them."""
    QUICK = auto()
    """Power: what people watch."""
    CALM = auto()
    """Everything else: voltage, temperature, counters. A database is somebody's disk."""
    RARE = auto()
    """What only says that time passed: an uptime, a response time."""


class Pacing(NamedTuple):
    """How a row is written: its pace, the smallest change worth a write, its upper end."""

    pace: Pace = Pace.NOW
    step: float = 0.0
    full: float | None = None
    """The value that is reached at once like zero: 100 for a percentage."""


class Throttle:
    """Decide which changes are written now, and remember those that have to wait."""

    def __init__(self, *, quick: float, calm: float) -> None:
        """Write quick values every `quick` seconds, calm ones every `calm` (0: every change)."""
        self._interval = {
            Pace.QUICK: quick,
            Pace.CALM: calm,
            Pace.RARE: max(calm, RARE_INTERVAL),
        }
        self._opened: dict[Pace, float] = {}
        self._written: dict[str, float] = {}
        self._waiting: dict[Pace, dict[str, None]] = {pace: {} for pace in self._interval}
        self._resting: dict[str, float] = {}
        self._shown: dict[str, Value] = {}
        self._rows: dict[str, Pacing] = {}

    def passing(
        self, changed: Iterable[tuple[str, Pacing]], values: Mapping[str, Value], now: float
    ) -> list[str]:
        """Take the keys that changed, with their rows; return those to write now, in order."""
        passes: list[str] = []
        open_now: dict[Pace, bool] = {}
        for key, row in changed:
            pace = row.pace
            value = values.get(key)
            if pace is Pace.NOW or self._is_urgent(key, value, row):
                self._pass(key, value, passes)
                continue
            self._rows[key] = row
            if self._is_within_step(key, value, row):
                self._waiting[pace].pop(key, None)
                if value == self._shown[key]:
                    self._resting.pop(key, None)
                else:
                    self._resting[key] = now
                continue
            self._resting.pop(key, None)
            if pace not in open_now:
                open_now[pace] = now >= self._opened.get(pace, float("-inf")) + self._interval[pace]
            # What has not been written for a whole interval waits for nobody else's window: a level
            # that stood still all night is news at once.
            rested = now >= self._written.get(key, float("-inf")) + self._interval[pace]
            if open_now[pace] or rested:
                self._pass_in_turn(key, value, passes, now)
            else:
                self._waiting[pace][key] = None
        for pace, passed in open_now.items():
            if passed:
                self._opened[pace] = now
        return passes

    def due(self, values: Mapping[str, Value], now: float) -> list[str]:
        """Return what waited for its turn, or has come to rest, and is to be written now."""
        passes: list[str] = []
        for pace, waiting in self._waiting.items():
            if waiting and now >= self._opened[pace] + self._interval[pace]:
                self._waiting[pace] = {}
                self._opened[pace] = now
                for key in waiting:
                    value = values.get(key)
                    if not self._is_within_step(key, value, self._rows[key]):
                        self._pass_in_turn(key, value, passes, now)
                    elif value != self._shown[key]:
                        self._resting[key] = now
        # Reckoned as in `next_due`: otherwise a last bit would have it ask again at once, for ever.
        for key in [key for key, since in self._resting.items() if now >= since + REST]:
            self._pass(key, values.get(key), passes)
        return passes

    def next_due(self, now: float) -> float | None:
        """Return after how many seconds `due` should be asked; None: nothing waits."""
        times = [
            self._opened[pace] + self._interval[pace] - now
            for pace, waiting in self._waiting.items()
            if waiting
        ]
        if self._resting:
            # The oldest is the first to rest: a value that moves again goes to the end.
            times.append(min(self._resting.values()) + REST - now)
        return max(0.0, min(times)) if times else None

    def note(self, key: str, value: Value) -> None:
        """Say what is shown of a key that nobody has watched until now."""
        self._shown.setdefault(key, value)

    def forget(self, values: Mapping[str, Value]) -> None:
        """Drop what waits: everything has been written as it is in values."""
        for waiting in self._waiting.values():
            waiting.clear()
        self._resting.clear()
        for key in self._shown:
            self._shown[key] = values.get(key)

    def _pass_in_turn(self, key: str, value: Value, passes: list[str], now: float) -> None:
        """Pass what had to wait for its window: for a whole interval it is no news again."""
        self._pass(key, value, passes)
        self._written[key] = now

    def _pass(self, key: str, value: Value, passes: list[str]) -> None:
        self._shown[key] = value
        self._resting.pop(key, None)
        for waiting in self._waiting.values():
            waiting.pop(key, None)
        passes.append(key)

    def _is_urgent(self, key: str, value: Value, row: Pacing) -> bool:
        """Tell whether a value went missing, came back, or reached an end of its scale."""
        shown = self._shown.get(key)
        if value is None or shown is None:
            return value is not shown
        return value != shown and value in (0, row.full)

    def _is_within_step(self, key: str, value: Value, row: Pacing) -> bool:
        shown = self._shown.get(key)
        if not row.step or not isinstance(value, int | float) or not isinstance(shown, int | float):
            return False
        # In floats 100.0 - 99.9 is a little less than 0.1: without the allowance a battery
        # that reports tenths would never be shown full.
        return abs(value - shown) < row.step - _FLOAT_NOISE
