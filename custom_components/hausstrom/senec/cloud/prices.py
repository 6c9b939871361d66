"""What energy is worth to a home, for the planner and the form of its options."""

from collections.abc import Mapping
from typing import Any

from ...planning.prices import Prices
from .const import CONF_BUY_PRICE, CONF_SELL_PRICE


def prices_of(options: Mapping[str, Any]) -> Prices:
    """Return what energy is worth, as it was entered; else as is usual in Germany."""
    usual = Prices()
    return Prices(options.get(CONF_BUY_PRICE, usual.buy), options.get(CONF_SELL_PRICE, usual.sell))
