"""What energy is worth to a home, in € per kWh."""

from typing import NamedTuple


class Prices(NamedTuple):
    """What energy is worth; they only weigh, nothing is billed with them."""

    buy: float = 0.32
    sell: float = 0.08
