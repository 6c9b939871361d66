"""A home whose days are easy to reckon by hand."""

from copy import replace
from datetime import UTC, datetime, timedelta
from math import cos, pi
from typing import Final
from zoneinfo import ZoneInfo

from custom_components.hausstrom.planning.decision import Act
from custom_components.hausstrom.planning.lever import Hold, LevelLever, Sense, Setting
from custom_components.hausstrom.planning.load import LoadProfile
from custom_components.hausstrom.planning.model import STEP, Battery, Site
from custom_components.hausstrom.planning.observing import Observed
from custom_components.hausstrom.planning.outlook import Situation
from custom_components.hausstrom.planning.plan import Decision, decide
from custom_components.hausstrom.planning.simulation import run_held

VIENNA: Final = ZoneInfo("Europe/Vienna")
BATTERY: Final = Battery(capacity=10_000, max_charge=2500, max_discharge=2500)
SITE: Final = Site(BATTERY, peak_power=10_000, export_limit=6000)
SEEN: Final = LevelLever(Sense.FILLED, takes_excess=True)
MORNING: Final = datetime(2026, 6, 10, 6, 30, tzinfo=VIENNA)


def day_of_sun(day: datetime, peak: float, width: float = 8.0) -> dict[datetime, float]:
    """Return Wh by hour of a day that is fairest at 13 h local time."""
    hours = {}
    for hour in range(24):
        shape = cos(pi / 2 * (hour - 13) / width) if abs(hour - 13) < width else 0.0
        local = day.replace(hour=hour, minute=0, second=0, microsecond=0)
        hours[local.astimezone(UTC)] = peak * shape
    return hours


def profile(watts: float = 450.0, night: float = 300.0) -> LoadProfile:
    """Return a house that uses the same by day and less by night."""
    by_hour = {hour: watts if 6 <= hour < 22 else night for hour in range(24)}
    return LoadProfile(VIENNA, {}, by_hour, watts, 28)


def situation(
    peak: float = 8200.0,
    now: datetime = MORNING,
    level: float = 20.0,
    tomorrow: float | None = None,
    lever: LevelLever = SEEN,
    site: Site = SITE,
) -> Situation:
    """Return a morning before a day with such a peak (W), and a tomorrow."""
    forecast = day_of_sun(now, peak)
    forecast |= day_of_sun(now + timedelta(days=1), peak if tomorrow is None else tomorrow)
    return Situation(
        now=now.astimezone(UTC),
        zone=VIENNA,
        site=site,
        level=level,
        forecast=forecast,
        load=profile(),
        lever=lever,
    )


def live(
    begin: Situation,
    truth: dict[datetime, float],
    *,
    hours: int = 14,
    real: LevelLever = SEEN,
    plan: bool = True,
) -> tuple[float, float, list[Decision]]:
    """Live on from a situation under another truth; return lost Wh, the level (%), decisions."""
    battery, limit = begin.site.battery, begin.site.export_limit
    level, lost = begin.level * battery.capacity / 100, 0.0
    setting: Setting | None = None
    spent = 0
    decisions = []
    for step in range(hours * 4):
        now = begin.now + STEP * step
        if plan and step % 4 == 0:
            decision = decide(
                replace(
                    begin,
                    now=now,
                    level=100 * level / battery.capacity,
                    observed=tuple(
                        Observed(hour, begin.forecast.get(hour, 0.0), truth[hour])
                        for hour in truth
                        if begin.now <= hour and hour + timedelta(hours=1) <= now
                    ),
                    current=setting,
                    spent=spent,
                )
            )
            decisions.append(decision)
            if decision.act is not Act.NOTHING:
                setting, spent = decision.setting, spent + 1
        hold = None
        if setting is not None and now < setting.end:
            ceiling = real.turned(setting.limit) * battery.capacity / 100
            hold = Hold(ceiling, battery.max_charge, takes_excess=real.takes_excess is not False)
        hour = now.replace(minute=0, second=0, microsecond=0)
        surplus = truth.get(hour, 0.0) - begin.load.at(now)
        flow = run_held([surplus], level, battery, limit, hold).at(1)
        level, lost = flow.level, lost + flow.lost
    return lost, 100 * level / battery.capacity, decisions
