"""A year in a home, quarter by quarter, under a policy; and the best that anybody could do."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from time import thread_time
from typing import Final

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix, hstack, identity

from custom_components.hausstrom.planning.decision import Act
from custom_components.hausstrom.planning.forecast import learn
from custom_components.hausstrom.planning.lever import LOWEST, Hold, LevelLever, Setting
from custom_components.hausstrom.planning.load import load_profile
from custom_components.hausstrom.planning.model import Battery, Site
from custom_components.hausstrom.planning.observing import Observed
from custom_components.hausstrom.planning.outlook import Situation
from custom_components.hausstrom.planning.plan import decide
from custom_components.hausstrom.planning.simulation import run_held

from ._peak_shaving_home import INDEX, Place, household, sun, zone_of

FULL: Final = 95.0  # percent: near full
DAY: Final = 96  # steps


@dataclass(frozen=True)
class System:
    """A roof, a battery, a limit at the grid (part of the roof's power)."""

    roof: float  # kWp
    battery: Battery
    limit: float

    @property
    def site(self) -> Site:
        """As the planner knows it."""
        return Site(self.battery, self.roof * 1000, self.roof * 1000 * self.limit)


@dataclass(frozen=True)
class Quality:
    """How wrong forecasts are: relative errors of a day and of an hour."""

    name: str
    day: float
    hour: float


@dataclass
class Year:
    """What a year brought."""

    lost: float = 0.0  # kWh
    bought: float = 0.0
    fed: float = 0.0
    near_full: float = 0.0  # hours
    writes: dict[date, int] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)

    lost_by_day: dict[date, float] = field(default_factory=dict)

    def worst_day(self, other: Year) -> float:
        """Return the most that was lost more on a day than in another year, in kWh."""
        return max(lost - other.lost_by_day[day] for day, lost in self.lost_by_day.items())

    @property
    def most_writes(self) -> int:
        """The most writes of a day."""
        return max(self.writes.values(), default=0)

    @property
    def writes_a_day(self) -> float:
        """Writes a day, on days with any."""
        return sum(self.writes.values()) / max(1, len(self.writes))

    def cents(self) -> float:
        """Return what the year cost, in cents."""
        return self.bought * 32 - self.fed * 8


class Home:
    """The truth of a place, and forecasts of it."""

    def __init__(self, place: Place, system: System) -> None:
        """Work out the year."""
        self.place, self.system = place, system
        self.zone = zone_of(place)
        self.pv: list[float] = (sun(place) * system.roof).tolist()
        self.load: list[float] = household(place.zone).tolist()
        self.start: datetime = INDEX[0].to_pydatetime().astimezone(UTC)
        self.local = [
            (self.start + timedelta(minutes=15) * step).astimezone(self.zone)
            for step in range(len(self.pv))
        ]

    def forecasts(self, quality: Quality) -> list[float]:
        """Return a forecast of every hour of the year, in Wh."""
        chance = np.random.default_rng(14)
        hourly = np.array(self.pv).reshape(-1, 4).mean(axis=1)
        days = [moment.date().toordinal() for moment in self.local[::4]]
        spread = chance.normal(0, 1, 800)
        day = np.array([spread[ordinal - days[0]] for ordinal in days])
        factor = np.clip(1 + quality.day * day, 0.2, 2.5)
        factor = factor * np.clip(1 + quality.hour * chance.normal(0, 1, len(hourly)), 0.2, 2.5)
        most = self.system.roof * 1000
        return [float(w) for w in np.minimum(hourly * factor, most)]


type Policy = Callable[["Replay", int], Setting | None]


class Replay:
    """Plays a year under a policy that is asked every full hour."""

    def __init__(
        self, home: Home, quality: Quality, lever: LevelLever, real: LevelLever | None = None
    ) -> None:
        """Begin on New Year's Eve, empty; real: what the lever does, whatever is known of it."""
        self.home, self.quality, self.lever, self.real = home, quality, lever, real or lever
        self.forecast = home.forecasts(quality)
        self.level = 0.0  # Wh
        self.setting: Setting | None = None
        self.year = Year()
        self.actual: list[float] = []  # Wh by hour: what the roof gave, throttled or not
        self.throttled: list[bool] = []
        self._dusk, self._dusk_level = -1, 0.0
        self.evenings: dict[int, float] = {}  # by the day's last step with surplus: Wh
        self.past: deque[list[Observed]] = deque(maxlen=28)
        self.errors = learn([])
        self.profile = load_profile([], home.zone)

    def run(self, policy: Policy) -> Year:
        """Return what the year brought."""
        home, battery = self.home, self.home.system.battery
        limit = home.system.site.export_limit
        for step, (pv, load) in enumerate(zip(home.pv, home.load, strict=True)):
            now = home.local[step]
            if now.hour == 0 and now.minute == 0:
                self._new_day(step)
            if step % 4 == 0:
                self._write(policy(self, step), now)
            held = self.setting is not None and now.astimezone(UTC) < self.setting.end
            hold = (
                self.real.holds(self.setting.limit, battery)[0][1]
                if held and self.setting is not None
                else None
            )
            flow = run_held([pv - load], self.level, battery, limit, hold).at(1)
            self.level = flow.level
            year = self.year
            year.lost += flow.lost / 1000
            day = now.date()
            year.lost_by_day[day] = year.lost_by_day.get(day, 0.0) + flow.lost / 1000
            year.bought += flow.bought / 1000
            year.fed += flow.fed / 1000
            year.near_full += 0.25 * (flow.level >= battery.capacity * FULL / 100)
            self._measure(step, pv, flow.lost)
            if pv > load:
                self._dusk = step
                self._dusk_level = flow.level
        year.bought -= self.level / 1000  # what is left is not lost
        return year

    def _measure(self, step: int, pv: float, lost: float) -> None:
        if step % 4 == 0:
            self.actual.append(0.0)
            self.throttled.append(False)
        self.actual[-1] += pv / 4 - lost
        self.throttled[-1] |= lost > 0

    def _write(self, setting: Setting | None, now: datetime) -> None:
        if setting != self.setting:
            self.setting = setting
            self.year.writes[now.date()] = self.year.writes.get(now.date(), 0) + 1

    def _new_day(self, step: int) -> None:
        hour = step // 4
        if self._dusk >= 0:
            self.evenings[self._dusk] = self._dusk_level
        if hour >= 24:
            self.past.append(self.observed(hour - 24, hour))
        self.errors = learn(self.past)
        first = max(0, hour - 28 * 24)
        self.profile = load_profile(
            (
                (self.home.local[4 * h], sum(self.home.load[4 * h : 4 * h + 4]) / 4)
                for h in range(first, hour)
            ),
            self.home.zone,
        )

    def observed(self, first: int, last: int) -> list[Observed]:
        """Return hours of the past."""
        start = self.home.start
        return [
            Observed(
                start + timedelta(hours=h), self.forecast[h], self.actual[h], self.throttled[h]
            )
            for h in range(first, last)
            if self.forecast[h] > 1
        ]

    def situation(self, step: int) -> Situation:
        """Return what the planner is told at a step."""
        home, hour = self.home, step // 4
        start = home.start + timedelta(minutes=15) * step
        local = home.local[step]
        ahead = range(hour, min(len(self.forecast), hour + 36))
        return Situation(
            now=start,
            zone=home.zone,
            site=home.system.site,
            level=100 * self.level / home.system.battery.capacity,
            forecast={start + timedelta(hours=h - hour): self.forecast[h] for h in ahead},
            load=self.profile,
            observed=self.observed(max(0, hour - local.hour), hour),
            errors=self.errors,
            lever=self.lever,
            current=self.setting,
            spent=self.year.writes.get(local.date(), 0),
        )


def ours(replay: Replay, step: int) -> Setting | None:
    """Ask the planner every hour between sunrise and the end of its plan."""
    hour = step // 4
    sunny = replay.forecast[hour] > 20
    if not sunny and replay.setting is None:
        return None
    begun = thread_time()
    decision = decide(replay.situation(step))
    replay.year.milliseconds.append(1000 * (thread_time() - begun))
    return replay.setting if decision.act is Act.NOTHING else decision.setting


def nothing(_replay: Replay, _step: int) -> Setting | None:
    """Shave nothing."""
    return None


def _until_one(replay: Replay, step: int) -> Setting:
    one = datetime.combine(replay.home.local[step].date(), time(13), replay.home.zone)
    return Setting(50, one.astimezone(UTC))


def every_day(replay: Replay, step: int) -> Setting | None:
    """Hold 50 % until 13:00 every day: written once, for ever."""
    replay.setting = _until_one(replay, step)
    return replay.setting


def blueprint(replay: Replay, step: int) -> Setting | None:
    """Hold 50 % until 13:00 on a day that promises 25 kWh, as the blueprint has it."""
    local = replay.home.local[step]
    if local.hour != 6:
        return replay.setting
    hour = step // 4
    promised = sum(replay.forecast[hour - 6 : hour + 18]) / 1000
    was = replay.setting
    wanted = _until_one(replay, step) if promised >= 25 else None
    if was is not None and wanted is not None:
        replay.setting = wanted  # the same at the device: no write
    return wanted


def lowest_levels(home: Home) -> list[float]:
    """Return the level (Wh) at the end of each step under the lowest limit, held all year.

    No setting of the device keeps the battery below it: up to the lowest limit it charges freely,
    and a higher limit or a later hold never leaves less in it.
    """
    battery, limit = home.system.battery, home.system.site.export_limit
    hold = Hold(battery.capacity * LOWEST / 100, battery.max_charge)
    surplus = [pv - load for pv, load in zip(home.pv, home.load, strict=True)]
    return run_held(surplus, 0.0, battery, limit, hold).level[1:]


def optimum(home: Home, evenings: dict[int, float] | None = None) -> Year:
    """Return perfect foresight: the year of least cost that the device could do.

    It charges from the surplus alone and discharges for the house alone, within its powers, and
    never stays below what the lowest limit lets in. evenings: steps and levels (Wh) that it must
    not stay below, if it has the planner's duty to hand the battery to the night as full as
    without a plan.
    """
    system = home.system
    battery = system.battery
    surplus = np.array(home.pv) - np.array(home.load)
    plus, minus = np.maximum(surplus, 0), np.maximum(-surplus, 0)
    steps = len(surplus)
    # Variables: charge, discharge, feed-in (W); level (Wh) at the end of each step.
    eye = identity(steps, format="csr")
    before = coo_matrix(
        (np.ones(steps - 1), (np.arange(1, steps), np.arange(steps - 1))), (steps, steps)
    )
    charge = -0.25 * battery.efficiency * eye
    discharge = 0.25 / battery.efficiency * eye
    balance = hstack([charge, discharge, csr_matrix((steps, steps)), eye - before])
    feed = hstack([eye, csr_matrix((steps, steps)), eye, csr_matrix((steps, steps))])
    least = np.array(lowest_levels(home)) - 1e-3
    for step, energy in (evenings or {}).items():
        least[step] = max(least[step], energy - 1e-3)
    least = np.maximum(least, 0.0)
    result = linprog(
        np.concatenate(
            [np.zeros(steps), np.full(steps, -0.32), np.full(steps, -0.08), np.zeros(steps)]
        ),
        A_eq=balance,
        b_eq=np.zeros(steps),
        A_ub=feed,
        b_ub=plus,
        bounds=np.column_stack(
            [
                np.concatenate([np.zeros(3 * steps), least]),
                np.concatenate(
                    [
                        np.minimum(plus, battery.max_charge),
                        np.minimum(minus, battery.max_discharge),
                        np.full(steps, system.site.export_limit),
                        np.full(steps, battery.capacity),
                    ]
                ),
            ]
        ),
        method="highs-ipm",
    )
    assert result.status == 0, result.message
    charged, drawn, fed, level = np.split(result.x, 4)
    year = Year()
    year.lost = float((plus - charged - fed).sum() / 4000)
    year.bought = float((minus - drawn).sum() / 4000 - level[-1] / 1000)
    year.fed = float(fed.sum() / 4000)
    year.near_full = float((level >= battery.capacity * FULL / 100).sum() / 4)
    return year
