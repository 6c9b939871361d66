"""What the roof of the simulated home will give: the bell of `senec_local_day`, without its clouds."""

import math
import os
from datetime import timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

_PEAK_W: Final = float(os.environ.get("SIMULATED_SUN_PEAK") or 9_500 * 0.82 * 0.75)
"""W at noon, with clouds as they are on average; of the SENEC's roof unless another is meant."""
_SUNRISE: Final = 6
_HOURS: Final = 13


async def async_get_solar_forecast(
    hass: HomeAssistant, config_entry_id: str
) -> dict[str, dict[str, float]]:
    """Return Wh by the start of the hour, for today and the three days that follow."""
    midnight = dt_util.start_of_local_day()
    hours = {}
    for day in range(4):
        for hour in range(_SUNRISE, _SUNRISE + _HOURS):
            share = math.sin(math.pi * (hour + 0.5 - _SUNRISE) / _HOURS)
            begin = midnight + timedelta(days=day, hours=hour)
            hours[begin.isoformat()] = round(_PEAK_W * share, 1)
    return {"wh_hours": hours}
