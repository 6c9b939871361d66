"""Peak shaving over whole years: the planner beside no shaving, fixed rules, and the optimum.

python -m benchmarks.peak_shaving_year [--short]

Recovered is what is not lost at the export limit, as a share of what a linear program with perfect
foresight recovers that may do what the device may (no charging from the grid, no feeding from the
battery, nothing held back below the lowest limit) and owes what the planner owes: each evening a
battery as full as without a plan. Beside it, in brackets, the share of a program without that
duty, which empties the battery for the next day's sun.
"""

import sys
from dataclasses import dataclass
from typing import Final

from custom_components.hausstrom.planning.lever import LevelLever, Sense
from custom_components.hausstrom.planning.model import Battery

from ._peak_shaving_home import PLACES
from ._peak_shaving_replay import (
    Home,
    Policy,
    Quality,
    Replay,
    System,
    Year,
    blueprint,
    every_day,
    nothing,
    optimum,
    ours,
)

QUALITIES: Final = (
    Quality("perfect", 0.0, 0.0),
    Quality("20 % a day, 15 % an hour", 0.20, 0.15),
    Quality("35 % a day, 25 % an hour", 0.35, 0.25),
)
BATTERIES: Final = (
    ("10 kWp, 10 kWh, 2.5 kW", 10.0, Battery(10_000, 2500, 2500)),
    ("10 kWp, 10 kWh, 5 kW", 10.0, Battery(10_000, 5000, 5000)),
    ("7 kWp, 5 kWh, 2.5 kW", 7.0, Battery(5_000, 2500, 2500)),
)
LIMITS: Final = (0.5, 0.6, 0.7)
SEEN: Final = LevelLever(Sense.FILLED, takes_excess=True)


@dataclass(frozen=True)
class Yardstick:
    """What a home loses without shaving, and with perfect foresight."""

    none: Year
    best: Year
    free: Year

    def line(self, name: str, year: Year) -> str:
        """Return a line of the table."""
        recovered = self.none.lost - year.lost
        share = 100 * recovered / max(1e-9, self.none.lost - self.best.lost)
        of_free = 100 * recovered / max(1e-9, self.none.lost - self.free.lost)
        times = sorted(year.milliseconds) or [0.0]
        return (
            f"    {name:<34} {share:6.1f} % ({of_free:5.1f} %)  {recovered:6.0f} kWh  "
            f"bought {year.bought - self.none.bought:+6.1f} kWh  "
            f"{year.near_full:5.0f} h full  writes {year.writes_a_day:4.2f} on {len(year.writes):3d} d, "
            f"at most {year.most_writes}  {times[len(times) // 2]:4.1f} / {times[-1]:5.1f} ms"
        )


def measure(home: Home, qualities: tuple[Quality, ...]) -> None:
    """Print a home's table."""
    first = Replay(home, QUALITIES[0], SEEN)
    none = first.run(nothing)
    sticks = Yardstick(none, optimum(home, first.evenings), optimum(home))
    print(
        f"    lost without shaving {none.lost:.0f} kWh, at best {sticks.best.lost:.0f} "
        f"(without the evening's duty {sticks.free.lost:.0f}); {none.near_full:.0f} h full, "
        f"at best {sticks.best.near_full:.0f}"
    )
    rules: tuple[tuple[str, Policy], ...] = (
        ("50 % until 13:00 every day", every_day),
        ("the blueprint's rule", blueprint),
    )
    for name, rule in rules:
        print(sticks.line(name, Replay(home, qualities[0], SEEN).run(rule)))
    for quality in qualities:
        print(sticks.line(quality.name, Replay(home, quality, SEEN).run(ours)), flush=True)


def doubtful(home: Home) -> None:
    """Print what becomes of a year with a lever that nobody has seen at work."""
    quality = QUALITIES[1]
    none = Replay(home, quality, SEEN).run(nothing)
    for name, lever, real in (
        ("never seen, and as assumed", LevelLever(), SEEN),
        ("never seen, and the other way round", LevelLever(), LevelLever(Sense.KEPT_FREE, True)),
        (
            "known, takes no excess (never noticed)",
            LevelLever(Sense.FILLED),
            LevelLever(Sense.FILLED, False),
        ),
        (
            "takes no excess, noticed",
            LevelLever(Sense.FILLED, False),
            LevelLever(Sense.FILLED, False),
        ),
    ):
        year = Replay(home, quality, lever, real).run(ours)
        euros = (none.cents() - year.cents()) / 100
        print(
            f"    {name:<40} lost {year.lost:6.0f} instead of {none.lost:.0f} kWh, "
            f"bought {year.bought - none.bought:+5.1f} kWh, {euros:+6.2f} € a year, "
            f"worst day {year.worst_day(none):.2f} kWh"
        )


def main(*, short: bool) -> None:
    """Print all tables."""
    places = PLACES[:1] if short else PLACES
    batteries = BATTERIES[:2] if short else BATTERIES
    for place in places:
        for name, roof, battery in batteries:
            for limit in LIMITS:
                print(f"{place.name}, {name}, limit {limit:.0%}")
                measure(Home(place, System(roof, battery, limit)), QUALITIES)
    print("Nothing curtailed: 10 kWp at a limit of 100 %")
    measure(Home(PLACES[0], System(10.0, BATTERIES[0][2], 1.0)), QUALITIES[1:])
    print("The lever in doubt: Mannheim, 10 kWp, 10 kWh, 2.5 kW, 60 %, errors 20 and 15 %")
    doubtful(Home(PLACES[0], System(10.0, BATTERIES[0][2], 0.6)))


if __name__ == "__main__":
    main(short="--short" in sys.argv[1:])
