"""The PV forecast: hours become quarters, and what the roof really did corrects the rest.

The error of a forecast has a part that lasts (haze, snow, a wrong tilt) and a part that each hour
has for itself. A filter tells them apart: an estimate of what lasts, which fades, and its spread.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import exp, log, sqrt
from statistics import fmean
from typing import Final, NamedTuple

from .model import STEPS_AN_HOUR
from .observing import HOUR, Observed

FADES: Final = 12.0  # hours until an error of the day has lost all but 1/e
FARTHEST: Final = 1.2  # logarithm: no hour is believed to be off by more than a factor of 3.3
TELLS: Final = 0.05  # an hour below this part of the best hour tells nothing
ROUGH: Final = 0.02  # of the best hour: what any hour may be off whatever its forecast
TRUSTED_DAYS: Final = 6  # a prior weighs as much as so many days
MARGIN: Final = 1.15  # for a season that goes up, and quarters that are above their hour
QUARTERS: Final = (-0.375, -0.125, 0.125, 0.375)


def quarters(hours: Sequence[float]) -> list[float]:
    """Return W by quarter hour from Wh by hour; each hour keeps its energy, none falls below 0."""
    result: list[float] = []
    last = len(hours) - 1
    for index, here in enumerate(hours):
        before = hours[index - 1] if index else here
        after = hours[index + 1] if index < last else here
        slope = (after - before) / 2
        # No quarter below zero, and none beyond the neighbours' mean where the hour is a peak.
        steepest = here / QUARTERS[-1]
        slope = max(-steepest, min(steepest, slope))
        result.extend(here + slope * quarter for quarter in QUARTERS)
    return result


@dataclass(frozen=True, slots=True)
class Errors:
    """How far a forecast of this roof usually is from what comes, as natural logarithms.

    bias: what has to be added, by hour of the day (UTC); day: spread of whole days; hour: spread
    of an hour around its day. most: W that this roof gives at best this season, None if unknown.
    """

    day: float = 0.25
    hour: float = 0.20
    bias: dict[int, float] = field(default_factory=dict)
    most: float | None = None


class Belief(NamedTuple):
    """What is believed of the rest of the day: a logarithm to add, its spread, at a time."""

    at: datetime
    mean: float
    spread: float
    day: float  # spread of an error about which nothing has been seen

    def ahead(self, hours: float) -> tuple[float, float]:
        """Return mean and spread so many hours later: the estimate fades, the spread grows."""
        kept = exp(-max(hours, 0.0) / FADES)
        spread = self.spread**2 * kept**2 + self.day**2 * (1 - kept**2)
        return self.mean * kept, sqrt(spread)


def _ratio(observed: Observed, bias: float) -> float:
    """Return the logarithm of what came over what was forecast, within reason."""
    expected = max(observed.forecast, 1.0) * exp(bias)
    return max(-FARTHEST, min(FARTHEST, log(max(observed.actual, 1.0) / expected)))


def believe(observed: Iterable[Observed], errors: Errors, now: datetime) -> Belief:
    """Return what the hours of today that are over tell about those that come."""
    hours = sorted(observed, key=lambda hour: hour.hour)
    best = max((hour.forecast for hour in hours), default=0.0)
    mean, variance, at = 0.0, errors.day**2, now
    for hour in hours:
        if hour.forecast < TELLS * best or hour.forecast < 1.0:
            continue
        if at is not now:
            kept = exp(-(hour.hour - at) / HOUR / FADES)
            mean *= kept
            variance = variance * kept**2 + errors.day**2 * (1 - kept**2)
        at = hour.hour
        ratio = _ratio(hour, errors.bias.get(hour.hour.hour, 0.0))
        if hour.at_least and ratio < mean:
            continue  # what was throttled says nothing against more
        noise = errors.hour**2 + (ROUGH * best / hour.forecast) ** 2
        gain = variance / (variance + noise)
        mean += gain * (ratio - mean)
        variance *= 1 - gain
    belief = Belief(at, mean, sqrt(variance), errors.day)
    return Belief(now, *belief.ahead((now - at) / HOUR), errors.day)


# Fixed draws (day, hours): three nodes of a normal day, each with hours that go one way and the
# other, so that what a plan is worth does not hang on chance, and a passing cloud is in it.
_NOISE: Final = (0.9, -0.6, 0.2, -1.3, 1.1, -0.1, 0.5, -0.9, 1.4, -0.4, -1.1, 0.7)


class Draw(NamedTuple):
    """A way the day may go: standard deviations of day and hours, and how likely."""

    day: float
    hours: int  # +1, -1: the noise or its mirror; 0: none
    weight: float


DRAWS: Final = (
    Draw(0.0, 1, 0.2),
    Draw(0.0, -1, 0.2),
    Draw(-1.0, 1, 0.13),
    Draw(1.0, -1, 0.13),
    Draw(1.0, 1, 0.1),
    Draw(-1.0, -1, 0.1),
    Draw(-2.0, 1, 0.07),
    Draw(2.0, -1, 0.07),
)


def expected(
    hours: Mapping[datetime, float], belief: Belief, errors: Errors, most: float
) -> dict[datetime, float]:
    """Return Wh by hour as they are believed now, none above what the roof gives (most, W)."""
    return scenario(hours, belief, errors, most, Draw(0.0, 0, 1.0))


def scenario(
    hours: Mapping[datetime, float], belief: Belief, errors: Errors, most: float, draw: Draw
) -> dict[datetime, float]:
    """Return Wh by hour as one draw has them."""
    result: dict[datetime, float] = {}
    for hour, energy in hours.items():
        mean, spread = belief.ahead((hour - belief.at) / HOUR)
        noise = draw.hours * _NOISE[hour.hour % len(_NOISE)] * errors.hour
        factor = errors.bias.get(hour.hour, 0.0) + mean + draw.day * spread + noise
        result[hour] = min(most, energy * exp(factor))
    return result


def quarters_of(hours: Mapping[datetime, float], start: datetime, steps: int) -> list[float]:
    """Return W by quarter hour from a start (a full quarter), so many; 0 where nothing is known."""
    first = start.replace(minute=0, second=0, microsecond=0)
    skip = int((start - first).total_seconds() // 900)
    count = (steps + skip + STEPS_AN_HOUR - 1) // STEPS_AN_HOUR
    # One hour before and behind, so that the first and the last have their slope.
    series = [hours.get(first + HOUR * index, 0.0) for index in range(-1, count + 1)]
    fine = quarters(series)[STEPS_AN_HOUR:]
    return fine[skip : skip + steps]


def learn(days: Sequence[Sequence[Observed]]) -> Errors:
    """Return what past days (most recent weeks) taught about this roof's forecast.

    A few days change little: what is assumed weighs as much as some days.
    """
    prior = Errors()
    by_hour: dict[int, list[float]] = {}
    centres: list[float] = []
    residuals: list[float] = []
    for day in days:
        best = max((hour.forecast for hour in day), default=0.0)
        told = [
            hour for hour in day if hour.forecast >= 4 * TELLS * best > 0.0 and not hour.at_least
        ]
        if len(told) < 3:
            continue
        ratios = [(hour.hour.hour, _ratio(hour, 0.0)) for hour in told]
        centre = fmean(ratio for _, ratio in ratios)
        centres.append(centre)
        residuals.append(fmean((ratio - centre) ** 2 for _, ratio in ratios))
        for clock, ratio in ratios:
            by_hour.setdefault(clock, []).append(ratio)
    if not centres:
        return prior
    bias = {clock: sum(ratios) / (len(ratios) + TRUSTED_DAYS) for clock, ratios in by_hour.items()}
    middle = sum(centres) / (len(centres) + TRUSTED_DAYS)
    weight = len(centres) + TRUSTED_DAYS
    of_days = sum((centre - middle) ** 2 for centre in centres) + TRUSTED_DAYS * prior.day**2
    of_hours = sum(residuals) + TRUSTED_DAYS * prior.hour**2
    return Errors(sqrt(of_days / weight), sqrt(of_hours / weight), bias, _most(days))


def _most(days: Sequence[Sequence[Observed]]) -> float | None:
    """Return what the roof gives at best, from its best hours; None if it was ever throttled."""
    hours = [hour for day in days for hour in day]
    if len(days) < TRUSTED_DAYS or any(hour.at_least for hour in hours):
        return None
    return MARGIN * max((hour.actual for hour in hours), default=0.0) or None
