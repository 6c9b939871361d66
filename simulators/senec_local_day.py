"""A day of a house with sun on the roof and a battery in the cellar."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

_STEP_S: Final = 60
_DAY_S: Final = 86_400
_SOME_LEVEL: Final = 50.0


@dataclass(frozen=True, slots=True)
class Flow:
    """Powers in W: grid + = import, battery + = charging; house includes the wallbox."""

    pv: float
    house: float
    battery: float
    grid: float
    wallbox: float
    charge_level: float  # %


@dataclass(frozen=True, slots=True)
class Hold:
    """A setting of peak shaving, from a second of a day until its end on the same day.

    Up to the ceiling (%) the battery takes what there is, above it only what exceeds the export limit (W).
    """

    day: int
    begin: float
    end: float
    ceiling: float
    export_limit_w: float


@dataclass(frozen=True, slots=True)
class House:
    """What the day is made of. The same second of the same day is always the same."""

    peak_pv_w: float = 9_500
    capacity_wh: float = 10_000
    charge_w: float = 2_500
    discharge_w: float = 3_750
    has_wallbox: bool = True
    holds: tuple[Hold, ...] = ()
    """What peak shaving was set to, in order of time: a later one takes an earlier one's place."""

    def flow(self, day: int, second: float, *, forced: bool = False) -> Flow:
        """Return the powers of a moment; `forced` charges the battery whatever the sun does."""
        level = self._level(day, second)
        pv, base, wallbox = self.pv(day, second), self.base(second), self.wallbox(second)
        house = base + wallbox
        battery = (
            self.charge_w if forced else self.battery(pv - house, level, self.hold(day, second))
        )
        return Flow(pv, house, battery, house - pv + battery, wallbox, level)

    def pv(self, day: int, second: float) -> float:
        """Return the power from the sun: a bell from six to seven, with clouds."""
        sun = math.sin(math.pi * (second / 3600 - 6) / 13) if 6 < second / 3600 < 19 else 0
        clouds = 0.75 + 0.25 * math.sin(second / 613 + day) * math.sin(second / 97 + 2 * day)
        return max(0.0, self.peak_pv_w * 0.82 * sun * clouds)

    def base(self, second: float) -> float:
        """Return what the house uses without the wallbox."""
        fridge = 90 if second % 2700 < 900 else 0
        kettle = 2100 if second % 21_600 < 180 else 0
        cooking = 1400 if 42_300 < second < 44_100 or 66_000 < second < 69_000 else 0
        evening = 350 * math.exp(-(((second - 72_000) / 9_000) ** 2))
        # Hot water for the day: the battery is empty before the sun is up.
        boiler = 1900 if 7_200 < second < 14_400 else 0
        return 390 + fridge + kettle + cooking + boiler + evening + 25 * math.sin(second / 41)

    def wallbox(self, second: float) -> float:
        """Return what the vehicle takes, three hours of the afternoon."""
        return 4140.0 if self.has_wallbox and 50_400 < second < 61_200 else 0.0

    def hold(self, day: int, second: float) -> Hold | None:
        """Return the setting of peak shaving that is in force."""
        for hold in reversed(self.holds):
            if (hold.day, hold.begin) <= (day, second):
                return hold if hold.day == day and second < hold.end else None
        return None

    def battery(self, surplus: float, level: float, hold: Hold | None = None) -> float:
        """Return what the battery does with a surplus, or against the lack of one."""
        if surplus > 0 and hold is not None and level >= hold.ceiling:
            surplus = max(0.0, surplus - hold.export_limit_w)
        if surplus > 50 and level < 100:
            return min(surplus, self.charge_w)
        if surplus < -50 and level > 5:
            return max(surplus, -self.discharge_w)
        return 0.0

    def _level(self, day: int, second: float) -> float:
        return _levels(self, day)[min(int(second // _STEP_S), _DAY_S // _STEP_S - 1)]


@cache
def _levels(house: House, day: int) -> tuple[float, ...]:
    """Return the state of charge of each minute; a day goes on from where the one before ended."""
    return _levels_from(house, day, _at_midnight(house, day))


@cache
def _at_midnight(house: House, day: int) -> float:
    """Return the state of charge a day begins with.

    That is where the day before ended. It is full at some minute of every day, whatever it began with,
    so what lies further back makes no difference.
    """
    before = _levels_from(house, day - 1, _SOME_LEVEL)
    return _after(house, day - 1, _DAY_S - _STEP_S, before[-1])


def _levels_from(house: House, day: int, level: float) -> tuple[float, ...]:
    levels = []
    for second in range(0, _DAY_S, _STEP_S):
        levels.append(level)
        level = _after(house, day, second, level)
    return tuple(levels)


def _after(house: House, day: int, second: int, level: float) -> float:
    """Return the state of charge one step later."""
    surplus = house.pv(day, second) - house.base(second) - house.wallbox(second)
    energy = house.battery(surplus, level, house.hold(day, second)) * _STEP_S / 3600
    return min(100.0, max(0.0, level + 100 * energy / house.capacity_wh))
