"""What a battery does with a surplus, with and without a hold. Steps of a quarter hour.

A surplus is PV less load in W: positive may be stored or fed in, negative is drawn from the battery,
then from the grid. Levels are Wh in the battery.
"""

# ruff: noqa: FURB136  a call of min or max costs more than the rest of a step

from collections.abc import Sequence
from typing import Final, NamedTuple

from .lever import Hold
from .model import STEP_HOURS, Battery

WH: Final = STEP_HOURS


class SpanFlows(NamedTuple):
    """What a span of time brought, in Wh: fed in, bought, lost at the export limit; the level."""

    fed: float
    bought: float
    lost: float
    level: float


class Trace(NamedTuple):
    """The same, as it grew: entry i is what was so at the beginning of step i."""

    fed: list[float]
    bought: list[float]
    lost: list[float]
    level: list[float]

    def at(self, step: int) -> SpanFlows:
        """Return what was so at the beginning of a step."""
        return SpanFlows(self.fed[step], self.bought[step], self.lost[step], self.level[step])


def run_held(
    surplus: Sequence[float],
    level: float,
    battery: Battery,
    limit: float,
    hold: Hold | None,
    *,
    steps: int | None = None,
) -> Trace:
    """Return what happens in the first steps while a hold is in force (None: never)."""
    capacity, floor, efficiency = battery.capacity, battery.floor, battery.efficiency
    most, into, out_of = battery.max_charge, efficiency * WH, WH / efficiency
    ceiling, free, takes = (
        (capacity, most, True)
        if hold is None
        else (min(hold.ceiling, capacity), min(hold.free_power, most), hold.takes_excess)
    )
    fed = bought = lost = 0.0
    feds, boughts, losts, levels = [0.0], [0.0], [0.0], [level]
    for power in surplus if steps is None else surplus[:steps]:
        if power > 0.0:
            charge = power if power < free else free
            if (room := (ceiling - level) / into) < charge:
                charge = room if room > 0.0 else 0.0
            over = power - charge - limit
            if over > 0.0:
                if takes:
                    more = over if over < most - charge else most - charge
                    if (room := (capacity - level) / into - charge) < more:
                        more = room if room > 0.0 else 0.0
                    charge += more
                    over -= more
                lost += over * WH
                fed += limit * WH
            else:
                fed += (power - charge) * WH
            level += charge * into
        else:
            drawn = -power if -power < battery.max_discharge else battery.max_discharge
            if (left := (level - floor) / out_of) < drawn:
                drawn = left if left > 0.0 else 0.0
            level -= drawn * out_of
            bought += (-power - drawn) * WH
        feds.append(fed)
        boughts.append(bought)
        losts.append(lost)
        levels.append(level)
    return Trace(feds, boughts, losts, levels)


def run_free(
    surplus: Sequence[float], first: int, so_far: SpanFlows, battery: Battery, limit: float
) -> SpanFlows:
    """Return what has come together at the end when the battery charges freely from a step on."""
    capacity, floor = battery.capacity, battery.floor
    most, into, out_of = battery.max_charge, battery.efficiency * WH, WH / battery.efficiency
    most_out = battery.max_discharge
    fed, bought, lost, level = so_far.fed, so_far.bought, so_far.lost, so_far.level
    for step in range(first, len(surplus)):
        power = surplus[step]
        if power > 0.0:
            charge = power if power < most else most
            if (room := (capacity - level) / into) < charge:
                charge = room if room > 0.0 else 0.0
            level += charge * into
            power -= charge
            if power > limit:
                lost += (power - limit) * WH
                power = limit
            fed += power * WH
        else:
            drawn = -power if -power < most_out else most_out
            if (left := (level - floor) / out_of) < drawn:
                drawn = left if left > 0.0 else 0.0
            level -= drawn * out_of
            bought += (-power - drawn) * WH
    return SpanFlows(fed, bought, lost, level)
