"""A house with three phases, a roof full of photovoltaics and people who drink tea.

Second by second, from a seed and a date: what each phase draws and feeds in, what that does
to the voltages, and what a meter makes of it. The registers integrate the power exactly.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from .evn_telegram import MeterState

_PHASES: Final = 3
_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
_DAILY: Final = 60_000.0
"""Wh by which the registers stand higher each midnight; no day uses (or feeds in half) as much."""
_SOURCE: Final = 0.25  # ohm between the house and a stiff grid
_PEAK: Final = 8_000.0  # W of photovoltaics at a clear noon in June
_SECONDS: Final = 86_400


@dataclass(slots=True)
class Load:
    """An appliance: the phases that it is on, and how it shifts and distorts the current."""

    name: str
    phases: tuple[int, ...]
    reactive: float = 0.0
    """var per W."""
    distortion: float = 0.0
    """VA of harmonics per W."""
    windows: list[tuple[int, int, float]] = field(default_factory=list)
    """From second, to second, W (of all phases together)."""


class Household:
    """Steps through time; the same seed and start always give the same house."""

    def __init__(
        self,
        seed: int,
        start: datetime,
        *,
        phases: int = _PHASES,
        vector_power_factor: bool = False,
        restless: float = 1.0,
    ) -> None:
        """Begin at the midnight (UTC) before `start` and catch up with it.

        `vector_power_factor`: power over the vector sum of the phases instead of over the
        sum of the apparent powers; then power, currents and power factor of one telegram
        do not agree where the phases differ, as in the EVN reader's published sample.
        `restless` multiplies what the grid adds to the voltages.
        """
        self._seed = seed
        self._phases = phases
        self._vector = vector_power_factor
        self._restless = restless
        midnight = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self._now = midnight - timedelta(seconds=1)
        stand = (midnight - _EPOCH).days * _DAILY
        self._imported, self._exported = stand + 1_234, stand / 2 + 567
        self._inductive, self._capacitive = stand / 5, stand / 9
        self._draw = Random()
        self._clouds = self._clear = 1.0
        self._common = 0.0
        self._apart = [0.0] * _PHASES
        self._hum = [70.0, 45.0, 90.0]
        self._loads: list[Load] = []
        self._active = [0.0] * _PHASES
        self._reactive = [0.0] * _PHASES
        self._apparent = [0.0] * _PHASES
        self._volts = [232.0] * _PHASES
        self.advance(start)

    @property
    def now(self) -> datetime:
        """The moment that the house has reached."""
        return self._now

    def advance(self, to: datetime) -> MeterState:
        """Live until `to` (whole seconds) and show the meter."""
        steps = int((to - self._now).total_seconds())
        for _ in range(steps):
            self._second()
        return self.state()

    def state(self) -> MeterState:
        """Return what the meter shows, rounded as it rounds."""
        n = self._phases
        power = sum(self._active[:n])
        if self._vector:
            apparent = math.hypot(power, sum(self._reactive[:n]))
        else:
            apparent = sum(self._apparent[:n])
        factor = min(abs(power) / apparent, 1.0) if apparent > 1 else 1.0
        watts = round(power)
        return MeterState(
            int(self._imported),
            int(self._exported),
            max(watts, 0),
            max(-watts, 0),
            tuple(round(u * 10) for u in self._volts[:n]),
            tuple(
                round(s / u * 100) for s, u in zip(self._apparent[:n], self._volts[:n], strict=True)
            ),
            round(factor * 1000),
            int(self._inductive),
            int(self._capacitive),
        )

    def _second(self) -> None:
        self._now += timedelta(seconds=1)
        second = self._now.hour * 3600 + self._now.minute * 60 + self._now.second
        if second == 0:
            self._draw = Random(f"{self._seed} {self._now.date()}")
            self._plan_day()
        active, reactive, distorted = self._consume(second)
        sun = self._sun(second) / self._phases
        gauss, restless = self._draw.gauss, self._restless
        self._common += gauss(0, 0.05 * restless) - self._common / 900
        power = reactance = 0.0
        for n in range(self._phases):
            p = active[n] - sun
            q = reactive[n] + 0.04 * sun
            self._apart[n] += gauss(0, 0.025 * restless) - self._apart[n] / 900
            stiff = 233.5 + 4 * self._common + 4 * self._apart[n] + gauss(0, 0.03 * restless)
            u = stiff - _SOURCE * p / stiff
            self._volts[n] = u
            self._active[n] = p
            self._reactive[n] = q
            self._apparent[n] = math.hypot(p, q, distorted[n])
            power += p
            reactance += q
        if power > 0:
            self._imported += power / 3600
        else:
            self._exported -= power / 3600
        if reactance > 0:
            self._inductive += reactance / 3600
        else:
            self._capacitive -= reactance / 3600

    def _consume(self, second: int) -> tuple[list[float], list[float], list[float]]:
        gauss, hum = self._draw.gauss, self._hum
        active, reactive, distorted = [0.0] * _PHASES, [0.0] * _PHASES, [0.0] * _PHASES
        for n in range(_PHASES):
            hum[n] = min(max(hum[n] + gauss(0, 0.3) + (70 - hum[n]) / 4000, 25), 180)
            active[n], reactive[n], distorted[n] = hum[n], 0.35 * hum[n], 0.3 * hum[n]
        for load in self._loads:
            windows = load.windows
            while windows and windows[0][1] <= second:
                windows.pop(0)
            if not windows or windows[0][0] > second:
                continue
            watts = windows[0][2] * (1 + gauss(0, 0.0005)) / len(load.phases)
            for phase in load.phases:
                n = phase if phase < self._phases else 0
                active[n] += watts
                reactive[n] += watts * load.reactive
                distorted[n] += watts * load.distortion
        return active, reactive, distorted

    def _sun(self, second: int) -> float:
        """W of the roof: a bell over the day, cut by clouds that come and go."""
        hour = second / 3600 + 1  # true noon is near 11:00 UTC in Austria
        season = math.cos((self._now.timetuple().tm_yday - 172) / 365 * 2 * math.pi)
        half_day = 6 + 1.9 * season
        angle = (hour - 12) / half_day
        if abs(angle) >= 1:
            return 0.0
        draw = self._draw.random
        if draw() < 1 / 400:
            self._clear = 1.0 if draw() < 0.6 else 0.2 + 0.6 * draw()
        self._clouds += (self._clear - self._clouds) / 12
        height = math.pow(math.cos(angle * math.pi / 2), 1.3)
        return _PEAK * (0.75 + 0.25 * season) * height * self._clouds

    def _plan_day(self) -> None:
        """Decide when which appliance runs today."""
        draw = self._draw
        fridge = Load("fridge", (1,), reactive=0.8, distortion=0.1)
        at = draw.randrange(1800)
        while at < _SECONDS:
            fridge.windows += [(at, at + 2, 700.0), (at + 2, at + 1100, 85.0)]
            at += draw.randrange(2800, 3600)
        kettle = Load("kettle", (0,))
        for hour in (5.2, 6.5, 8.1, 12.6, 14.0, 16.4, 19.3):
            at = int(hour * 3600) + draw.randrange(1500)
            kettle.windows.append((at, at + draw.randrange(140, 230), 2150.0))
        cooking = Load("hob", (2, 1), distortion=0.02)
        for begin in (10.6, 17.2):
            at = int(begin * 3600) + draw.randrange(900)
            end = at + draw.randrange(1500, 2700)
            while at < end:
                cooking.windows.append((at, at + draw.randrange(8, 30), 2900.0))
                at += draw.randrange(35, 70)
        washing = Load("washing machine", (2,), reactive=0.5, distortion=0.3)
        at = 8 * 3600 + draw.randrange(3600)
        washing.windows.append((at, at + 900, 2050.0))
        at += 900
        for _ in range(120):
            on = draw.randrange(6, 14)
            washing.windows.append((at, at + on, draw.uniform(120, 380)))
            at += on + draw.randrange(4, 12)
        heat_pump = Load("heat pump", (0, 1, 2), reactive=0.3, distortion=0.08)
        at = draw.randrange(3600)
        while at < _SECONDS - 6000:
            full = draw.uniform(1400, 2400)
            heat_pump.windows += [
                (at + 6 * n, at + 6 * n + 6, full * (0.3 + 0.07 * n)) for n in range(10)
            ]
            end = at + draw.randrange(2400, 4800)
            heat_pump.windows.append((at + 60, end, full))
            at = end + draw.randrange(2700, 5400)
        car = Load("car", (0, 1, 2), reactive=0.02, distortion=0.02)
        at = 17 * 3600 + draw.randrange(7200)
        car.windows += [(at + 2 * n, at + 2 * n + 2, 1380.0 * (n + 1)) for n in range(8)]
        car.windows.append((at + 16, at + draw.randrange(5400, 9000), 11_040.0))
        self._loads = [fridge, kettle, cooking, washing, heat_pump, car]
