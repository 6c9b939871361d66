"""What guards a register: readings that no meter of this kind can have are held or refused.

A register never falls, and rises no faster than what runs through it. What breaks that is
held until the readings after it agree with it; what is no number of a register at all (all
nines, a full counter of 32 bits) is refused. Nothing is refused for ever: a meter that was
exchanged is followed after five readings that agree with one another.
"""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from .model import Raw
from .units import Group, size_of
from .values import decimal

CONFIRMED_BY = 5
"""Readings that agree with one another before they are believed against the one before."""
_MOST_HELD = 24
_STANDING_STILL = 86_400
"""Seconds after which a register that stands at nothing is believed to be a new one."""
_LARGEST = Decimal(10) ** 13
_NINES_FROM = 6
_BINARY_SENTINELS = frozenset(
    {
        2**24 - 1, 2**23 - 1, 2**31 - 1, -(2**31), 2**31, 2**32 - 1, 2**47 - 1, 2**48 - 1,
        2**63 - 1, -(2**63), 2**64 - 1,
    }
)  # fmt: skip
# Of 16 bits and less: only where no meter measures that much.
_SMALL_SENTINELS = frozenset({2**15 - 1, -(2**15), 2**16 - 1})
_SMALL_GROUPS = frozenset({Group.TEMPERATURE, Group.TEMPERATURE_DELTA, Group.HUMIDITY})

type Moment = tuple[int, float]
"""Unix seconds, and the value at that time."""


class Throughput(NamedTuple):
    """How much may run through a meter: at once (since readings are not to the second), and per hour."""

    at_once: float
    per_hour: float


# In kWh, m³ and units of a heat cost allocator. A house's mains at the most; what runs faster
# is confirmed by the readings that follow, and then known.
_PACES = {
    Group.ENERGY: Throughput(60, 250),
    Group.REACTIVE_ENERGY: Throughput(60, 250),
    Group.APPARENT_ENERGY: Throughput(60, 250),
    Group.VOLUME: Throughput(3, 25),
    Group.HCA: Throughput(60, 60),
    Group.MASS: Throughput(100, 1_000),
    Group.DURATION: Throughput(30, 1.5),
}
_ANY = Throughput(1_000, 10_000)


class Verdict(StrEnum):
    """What becomes of a reading."""

    TAKEN = "taken"
    HELD = "held"
    REFUSED = "refused"
    FOLLOWED = "followed"
    """Taken although it contradicts the one before: enough others agree with it."""


def is_sentinel(raw: Raw, group: Group) -> bool:
    """Return whether a raw value is one that meters send for "none": all nines, all bits set."""
    number = decimal(raw)
    if number is None:
        return False
    if abs(number) >= _LARGEST:
        return True
    if number != number.to_integral_value():
        return False
    whole = int(number)
    if whole in _BINARY_SENTINELS or (group in _SMALL_GROUPS and whole in _SMALL_SENTINELS):
        return True
    digits = str(abs(whole))
    return len(digits) >= _NINES_FROM and set(digits) == {"9"}


class RegisterGate:
    """The guard of one register; values in its own unit, times in unix seconds."""

    __slots__ = ("fastest", "held")

    def __init__(self) -> None:
        """Begin with nothing held."""
        self.held: list[Moment] = []
        self.fastest = 0.0
        """What was confirmed to run through in an hour, where that is more than is usual."""

    def judge(
        self, before: Moment | None, now: Moment, group: Group, unit: str | None, step: Fraction
    ) -> Verdict:
        """Say what becomes of a reading after the one `before`; `step` is the smallest change."""
        time, value = now
        if before is None or self._follows(before, now, group, unit, step):
            self.held.clear()
            return Verdict.TAKEN
        if self.held and time <= self.held[-1][0]:
            return Verdict.HELD
        if self.held and not (
            self._follows(self.held[-1], now, group, unit, step) or self._as_fast(now)
        ):
            self.held.clear()
        self.held.append(now)
        del self.held[:-_MOST_HELD]
        if len(self.held) < CONFIRMED_BY or not self._believable(time, value):
            return Verdict.HELD
        first = self.held[0]
        hours = max((time - first[0]) / 3600, 0.25)
        self.fastest = max(self.fastest, 2 * (value - first[1]) / hours)
        self.held.clear()
        return Verdict.FOLLOWED

    def _believable(self, time: int, value: float) -> bool:
        """Return whether held readings are a register: not one that stands at nothing."""
        return value != 0 or time - self.held[0][0] >= _STANDING_STILL

    def _as_fast(self, now: Moment) -> bool:
        """Return whether a held register runs evenly, only faster than is usual."""
        if len(self.held) < 2:
            # A first step says nothing yet; but a leap upon a leap is no register.
            return self.held[-1][1] <= now[1] <= self.held[-1][1] * 1.2
        (t0, v0), (t1, v1), (t2, v2) = self.held[-2], self.held[-1], now
        last, this = (v1 - v0) / max(t1 - t0, 1), (v2 - v1) / max(t2 - t1, 1)
        return this >= 0 and this <= 3 * last

    def _follows(
        self, before: Moment, now: Moment, group: Group, unit: str | None, step: Fraction
    ) -> bool:
        """Return whether one reading can come after another."""
        pace = _PACES.get(group, _ANY)
        size = float(size_of(unit))
        hours = max(0.0, (now[0] - before[0]) / 3600)
        rise = (now[1] - before[1]) * size
        if now[1] < 0:
            # What counts backwards too may fall; HA is told that it is no mere total.
            rise = abs(rise)
        per_hour = max(pace.per_hour, self.fastest * size)
        allowed = pace.at_once + 2.5 * float(step) * size + per_hour * hours
        return 0 <= rise <= allowed
