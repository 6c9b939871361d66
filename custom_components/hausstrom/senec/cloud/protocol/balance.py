"""Whether a system's consumption holds its wallbox: the energy balance says it.

Consumption = generation + draw - feed-in + discharge - charge holds for everything behind the
meter. SENEC's services differ in whether the wallbox is in the consumption that they tell, and it
is written nowhere; so the two possibilities are tried against the balance.
"""

from typing import Final, NamedTuple

CLOSE: Final = 0.25  # of the wallbox's energy: the right possibility is off by less
APART: Final = 0.6  # and the wrong one by more


class Sums(NamedTuple):
    """The flows of one span, all positive, in one unit of energy or power."""

    generation: float | None
    consumption: float | None
    feed_in: float | None
    draw: float | None
    charge: float | None
    discharge: float | None
    wallbox: float | None


def holds_wallbox(sums: Sums, least: float) -> bool | None:
    """Return whether consumption holds the wallbox; None while that cannot be told.

    It cannot while a flow is missing, while the wallbox has had less than `least` (in the unit of
    the sums), and when neither possibility fits clearly.
    """
    if any(flow is None for flow in sums):
        return None
    generation, consumption, feed_in, draw, charge, discharge, wallbox = (
        flow or 0.0 for flow in sums
    )
    if wallbox < least:
        return None
    used = generation + draw - feed_in + discharge - charge
    with_it, without_it = abs(used - consumption), abs(used - consumption - wallbox)
    if with_it < CLOSE * wallbox and without_it > APART * wallbox:
        return True
    if without_it < CLOSE * wallbox and with_it > APART * wallbox:
        return False
    return None


def house_of(consumption: float | None, wallbox: float | None, *, holds: bool) -> float | None:
    """Return what the house uses without its wallboxes."""
    if consumption is None or not holds:
        return consumption
    return None if wallbox is None else max(0.0, consumption - wallbox)
