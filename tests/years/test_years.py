"""Years of every kind that gives energy: no spike, nothing below zero, and how far from the truth.

A few days in every run; HAUSSTROM_YEAR_DAYS=365 for a year (minutes per kind, with -s for the table).
What counts power is lived through at its usual rhythm in every run; of a year, a local SENEC all of it
at the slowest rhythm that its form allows, and a sixth of it a GX that says its powers once a minute.
"""

from typing import Any

from tests.senec.cloud.conftest import Home
from tests.senec.local.conftest import Site

from .books import DAYS, Line, Year, table
from .fixtures import Ways

BEGIN = "2026-01-05 00:55:10+00:00"
OFTEN = {"away": 0.7, "stop": 0.25, "kill": 0.1, "reload": 0.1}
SHORT = {what: 20 * often for what, often in OFTEN.items()}


def judge(
    name: str, days: float, year: Year[Any], lines: list[Line], *, within: float = 0.5
) -> None:
    """Judge a year; in a few days a register's last digit, or a minute lost to a kill, is much."""
    print("\n" + table(name, days, year, lines))  # noqa: T201  the table is what a year is for
    assert len([line for line in lines if line.truth > 1]) >= 2
    slack = 0.0 if DAYS >= 365 else 0.12
    for line in lines:
        assert line.below == 0, line
        assert line.spikes == 0, line
        assert abs(line.shown - line.truth) <= within / 100 * line.truth + slack, line
    assert year.falls == {}
    assert set(year.events) == set(OFTEN)


async def test_a_smart_meter(ways: Ways) -> None:
    year = await ways.meter()
    days = DAYS or 4
    await year.live(days, per_day=OFTEN)
    judge("smart meter", days, year, await year.lines())


async def test_a_smartlog(ways: Ways) -> None:
    year = await ways.smartlog()
    way = year.way
    days = DAYS or 4
    await year.live(days, per_day=OFTEN)
    judge("SmartLog", days, year, await year.lines())
    judge("SmartLog, external", days, year, await year.lines(way.external()))


async def test_a_senec_in_the_cloud(ways: Ways, home: Home) -> None:
    home.freezer.move_to("2026-01-05 00:59:30+00:00")
    year = await ways.cloud(home)
    days = DAYS or 2
    await year.live(days, per_day=OFTEN)
    # SENEC gives the energy of the day: what flows between the last answer before midnight and
    # midnight is never told, and of a few days one such night is much.
    within = 0.5 if days > 100 else 3
    judge("SENEC cloud", days, year, await year.lines(), within=within)


async def test_a_senec_on_the_local_network(ways: Ways, site: Site) -> None:
    year = await ways.senec(site, 300 if DAYS else 10)
    days = DAYS or 0.04
    await year.live(days, per_day=OFTEN if DAYS else SHORT)
    judge("SENEC local", days, year, await year.lines(), within=1 if DAYS else 0.5)


async def test_the_registers_of_a_gx(ways: Ways) -> None:
    year = await ways.gx(3600)
    days = DAYS or 1.5
    await year.live(days, per_day=OFTEN)
    judge("GX, registers", days, year, await year.lines())


async def test_what_is_counted_of_a_gx(ways: Ways) -> None:
    ways.freezer.move_to("2026-06-21 15:00:10+00:00")
    year = await ways.gx(60 if DAYS else 10)
    days = DAYS / 6 or 0.04
    await year.live(days, per_day=OFTEN if DAYS else SHORT)
    judge("GX, counted", days, year, await year.lines())
