"""A year of a local SENEC in driven time: counters against the truth, with everything that happens.

python -m benchmarks.senec_local_year [days]

The real reader, chart and counters over an invented home, polled every 10 s. Firmware updates (one of
them takes the device's statistics away), busy answers, outages, restarts and kills of Home Assistant.
What is shown is written once a minute, what is stored once in 50 s, as in Home Assistant; after a kill
the store is what it was, and the recorder has what was shown. Prints, per counter, the difference to
what flowed, how much of it flowed while the device or Home Assistant was away (nobody can have that:
it is not guessed), and the number of slots of five minutes below zero or above what can flow.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

import numpy as np

from custom_components.hausstrom.senec.local.charting import Chart
from custom_components.hausstrom.senec.local.protocol.client import LalaError, LalaFault
from custom_components.hausstrom.senec.local.protocol.codec import Answer, Section
from custom_components.hausstrom.senec.local.protocol.counters import EnergyMeters
from custom_components.hausstrom.senec.local.protocol.points import Readout
from custom_components.hausstrom.senec.local.protocol.reader import Reader

POLL: Final = 10
FINE: Final = 2  # seconds between two samples of the truth
DAY: Final = 86_400
SLOT: Final = 300
SHOWN_EVERY: Final = 60
STORED_EVERY: Final = 50
MOST_POWER: Final = 15_000.0
_SIGNS: Final = {
    "grid_import_energy": ("grid", 1),
    "grid_export_energy": ("grid", -1),
    "bat_charge_energy": ("battery", -1),
    "bat_discharge_energy": ("battery", 1),
    "inverter_energy": ("pv", 1),
    "house_energy": ("house", 1),
    "wallbox_energy": ("wallbox", 1),
}
COUNTERS: Final = tuple(_SIGNS)
type Samples = np.ndarray[tuple[int, ...], np.dtype[np.floating]]


@dataclass
class Home:
    """What flows, day by day: powers in W by name, + = import, discharging."""

    rng: np.random.Generator
    level: float = 5.0  # kWh in the battery

    def day(self, number: int) -> dict[str, Samples]:
        """Return the powers of a day, one value every FINE seconds."""
        steps = DAY // FINE
        hour = np.arange(steps) * FINE / 3600
        season = 0.55 - 0.45 * np.cos(2 * np.pi * (number + 10) / 365)
        raw = np.repeat(self.rng.uniform(0.25, 1, steps // 60 + 1), 60)[:steps]
        clouds = np.convolve(raw, np.ones(15) / 15, "same")
        pv = 9000 * season * np.clip(np.sin((hour - 5) / 15 * np.pi), 0, None) * clouds
        pv[(hour < 5) | (hour > 20)] = 0
        house = 250 + 60 * np.sin(hour) + self.rng.normal(0, 6, steps)
        for _ in range(25):  # kettles, ovens, machines
            begin = int(self.rng.integers(0, steps - 600))
            house[begin : begin + int(self.rng.integers(15, 600))] += self.rng.uniform(300, 3000)
        wallbox = np.zeros(steps)
        if number % 3 == 0:
            begin = int(self.rng.integers(steps // 2, steps * 3 // 4))
            wallbox[begin : begin + 3600] = 7200
        want = np.clip(house + wallbox - pv, -3000, 3000)
        battery = np.zeros(steps)
        for index in range(0, steps, 30):  # in steps of a minute
            power = float(want[index : index + 30].mean())
            if (power > 0 and self.level < 0.3) or (power < 0 and self.level > 9.7):
                power = 0
            battery[index : index + 30] = power
            self.level -= power * 60 / 3.6e6
        return {
            "house": house + wallbox,
            "pv": pv,
            "battery": battery,
            "wallbox": wallbox,
            "grid": house + wallbox - pv - battery,
        }


def counts_itself(version: str) -> bool:
    """Whether a firmware has the device's own totals, of all but the wallbox here."""
    return int(version) < 825


@dataclass
class Device:
    """Answers requests of its moment, or not."""

    powers: dict[str, float] = field(default_factory=dict)
    totals: dict[str, float] = field(default_factory=dict)
    version: str = "0811"
    away: bool = False
    busy: int = 0  # requests for whole sections that are answered with 504

    async def query(self, body: bytes) -> Answer:
        """Answer one request."""
        if self.away:
            raise LalaError(LalaFault.UNREACHABLE)
        asked: dict[str, dict[str, str]] = json.loads(body)
        if self.busy and {} in asked.values():
            self.busy -= 1
            raise LalaError(LalaFault.STATUS, "busy", 504)
        table = self.table()
        return Answer({section: dict(table.get(section, {})) for section in asked})

    def table(self) -> dict[str, Section]:
        """Return what there is now."""
        powers = self.powers
        statistic: Section = {}
        if counts_itself(self.version):
            statistic = {
                "LIVE_GRID_IMPORT": self.totals["grid_import_energy"],
                "LIVE_GRID_EXPORT": self.totals["grid_export_energy"],
                "LIVE_BAT_CHARGE": self.totals["bat_charge_energy"],
                "LIVE_BAT_DISCHARGE": self.totals["bat_discharge_energy"],
                "LIVE_PV_GEN": self.totals["inverter_energy"],
                "LIVE_HOUSE_CONS": self.totals["house_energy"],
            }
        return {
            "ENERGY": {
                "GUI_GRID_POW": powers["grid"],
                "GUI_HOUSE_POW": powers["house"],
                "GUI_INVERTER_POWER": powers["pv"],
                "GUI_BAT_DATA_POWER": -powers["battery"],
            },
            "STATISTIC": statistic,
            "WALLBOX": {"APPARENT_CHARGING_POWER": [powers["wallbox"], 0.0, 0.0, 0.0]},
            "WIZARD": {
                "APPLICATION_VERSION": self.version,
                "SETUP_NUMBER_WALLBOXES": 1,
                "MASTER_SLAVE_MODE": 0,
            },
        }


class Assistant:
    """What runs in Home Assistant: from one start to the next stop."""

    def __init__(
        self, device: Device, stored: dict[str, object], recorded: dict[str, float]
    ) -> None:
        """Start with what is on disk and what the recorder holds."""
        self.meters = EnergyMeters(longest_gap=60)
        energy = stored.get("energy")
        self.meters.restore(energy if isinstance(energy, dict) else {})
        self.meters.resume_above(recorded)
        self.chart = Chart(device.query)
        if not self.chart.restore(stored, 0):
            self.chart.begin()
        self.reader = Reader(device.query, interval=POLL)
        self.device = device
        self._planned: frozenset[str] = frozenset()

    async def poll(self, now: float) -> dict[str, float]:
        """Read once; return the counters that were fed."""
        words = f"{self.device.version}/1/0/"
        if self.chart.hardware.get("WIZARD") != words and not self.device.away:
            self.chart.note({"WIZARD": words})  # as its slow request tells
            self.chart.begin({"WIZARD"})
        keys = frozenset(
            key for one in COUNTERS for key in self.meters.needed(one, self.chart.points)
        )
        if keys != self._planned:
            self._planned = keys
            wanted: list[Readout] = [self.chart.points[key] for key in sorted(keys)]
            self.reader.want(wanted, now)
        fed = dict(self.meters.feed(await self.reader.read_live(now), self.chart.points, now))
        try:
            if self.chart.is_due(now):
                await self.chart.step(now, now)
            else:
                slow = await self.reader.read_slow(now)
                fed.update(self.meters.feed(slow, self.chart.points, now))
        except LalaError:
            pass
        return {key: float(value) for key, value in fed.items() if isinstance(value, int | float)}

    def stored(self) -> dict[str, object]:
        """Return what is written to disk."""
        content = {"energy": self.meters.stored(), **self.chart.stored()}
        copied: dict[str, object] = json.loads(json.dumps(content))
        return copied


def events(rng: random.Random, days: int) -> list[tuple[int, str, int]]:
    """Return (second, what, seconds): what happens in so many days."""
    share, end = days / 365, days * DAY
    kinds = (("update", 8, 300, 2400), ("outage", 250, 20, 400), ("busy", 60, 20, 60))
    planned = [
        (rng.randrange(3600, end), kind, rng.randrange(low, high))
        for kind, many, low, high in (*kinds, ("stop", 80, 40, 120), ("kill", 25, 40, 300))
        for _ in range(max(1, round(many * share)))
    ]
    return sorted(planned)


class Year:
    """The home, its device, and Home Assistant that comes and goes."""

    def __init__(self, days: int) -> None:
        """Plan what happens."""
        self.home, self.device = Home(np.random.default_rng(7)), Device()
        self.plan = events(random.Random(11), days)
        self.truth = dict.fromkeys(COUNTERS, 0.0)
        self.unseen = dict.fromkeys(
            COUNTERS, 0.0
        )  # nobody could read, and the device does not count
        self.device.totals = self.truth
        self.disk: dict[str, object] = {}
        self.shown: dict[str, float] = {}
        self.waiting: dict[str, float] = {}
        self.slots: dict[str, list[float]] = {key: [] for key in COUNTERS}
        self.assistant: Assistant | None = Assistant(self.device, self.disk, self.shown)
        self.back_at = self.away_until = self.counts_itself = 0
        self.shown_at = self.stored_at = -1_000
        self.falls = self.polls = 0

    async def run(self, day: int) -> None:
        """Live through one day."""
        powers = self.home.day(day)
        each = POLL // FINE
        flows = {
            key: (
                np.clip(sign * powers[name], 0, None).reshape(-1, each).sum(axis=1) * FINE / 3.6e6
            ).tolist()
            for key, (name, sign) in _SIGNS.items()
        }
        sampled = {name: values[::each].tolist() for name, values in powers.items()}
        for index in range(DAY // POLL):
            now = day * DAY + index * POLL
            self.device.powers = {name: values[index] for name, values in sampled.items()}
            while self.plan and self.plan[0][0] <= now:
                self.happens(now, *self.plan.pop(0)[1:])
            if now >= self.away_until:
                self.device.away = False
            if self.assistant is None and now >= self.back_at and not self.device.away:
                self.assistant = Assistant(self.device, self.disk, self.shown)
            if self.assistant is not None:
                await self.poll(self.assistant, now)
            if now % SLOT == 0:
                for key in COUNTERS:
                    self.slots[key].append(self.shown.get(key, 0.0))
            is_seen = self.assistant is not None and not self.device.away
            counts = counts_itself(self.device.version)
            for key, values in flows.items():
                self.truth[key] += values[index]
                if not is_seen and not (counts and key != "wallbox_energy"):
                    self.unseen[key] += values[index]

    def happens(self, now: int, kind: str, seconds: int) -> None:
        """Begin what was planned."""
        if kind in {"update", "outage"}:
            self.device.away, self.away_until = True, now + seconds
        if kind == "update":
            self.device.version = f"{int(self.device.version) + 14:04}"
            self.device.busy = seconds % 7
            self.counts_itself = self.counts_itself or (now + seconds + 2 * SLOT) // SLOT
        elif kind == "busy":
            self.device.busy = seconds % 5
        elif kind in {"stop", "kill"} and self.assistant is not None:
            if kind == "stop":
                self.disk = self.assistant.stored()
            self.assistant, self.back_at = None, now + seconds
            self.waiting.clear()

    async def poll(self, assistant: Assistant, now: int) -> None:
        """Read once; show and store in their rhythms."""
        self.polls += 1
        try:
            fed = await assistant.poll(now)
        except LalaError:
            fed = {}
        self.waiting.update(fed)
        if fed and now - self.shown_at >= SHOWN_EVERY:
            self.shown_at = now
            for key, total in self.waiting.items():
                self.falls += total < self.shown.get(key, 0.0)
                self.shown[key] = total
            self.waiting.clear()
        if now - self.stored_at >= STORED_EVERY:
            self.stored_at = now
            self.disk = assistant.stored()


async def year(days: int) -> int:
    """Run it and print the figures; return how many limits are broken."""
    lived = Year(days)
    counted = Counter(kind for _at, kind, _seconds in lived.plan)
    begun = perf_counter()
    for day in range(days):
        await lived.run(day)
    print(f"{days} days, {lived.polls} polls in {perf_counter() - begun:.0f} s; {dict(counted)}")
    return report(lived)


def report(lived: Year) -> int:
    """Print what came out; return how many limits are broken."""
    truth, shown, broken = lived.truth, lived.shown, lived.falls
    heads = ("counter", "truth kWh", "shown kWh", "error %", "unseen %", "below 0", "spikes")
    print("{:24}{:>12}{:>12}{:>9}{:>9}{:>9}{:>8}".format(*heads))
    for key in COUNTERS:
        steps = np.diff(lived.slots[key])
        # As long as the device itself counts, a slot may hold what flowed while nobody looked; from
        # the update on that takes its statistics away, a minute of the slot before.
        limits = np.full(len(steps), MOST_POWER * (SLOT + 2 * SHOWN_EVERY) / 3.6e6)
        limits[: lived.counts_itself] = MOST_POWER * 3000 / 3.6e6
        spikes, below = int((steps > limits).sum()), int((steps < -1e-9).sum())
        error = 100 * (shown[key] - truth[key]) / truth[key]
        broken += spikes + below + (abs(error) > 0.5)
        unseen = 100 * lived.unseen[key] / truth[key]
        figures = f"{truth[key]:12.1f}{shown[key]:12.1f}{error:9.3f}{unseen:9.3f}"
        print(f"{key:24}{figures}{below:9}{spikes:8}")
    print(f"falls of what was shown: {lived.falls}; limits broken: {broken}")
    return broken


if __name__ == "__main__":
    sys.exit(min(1, asyncio.run(year(int(sys.argv[1]) if len(sys.argv) > 1 else 365))))
