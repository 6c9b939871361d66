"""The values of a telegram as JSON, with the names and nesting of the EVN reader."""

import json
from datetime import datetime
from typing import Final

from .reader import Reading

_WIDEST_SKEW: Final = 600.0
_NAMES: Final = (
    ("energy_import", "WIn", "Wh"),
    ("energy_export", "WOut", "Wh"),
    ("power_import", "PIn", "W"),
    ("power_export", "POut", "W"),
    ("voltage_l1", "U1", "V"),
    ("voltage_l2", "U2", "V"),
    ("voltage_l3", "U3", "V"),
    ("current_l1", "I1", "A"),
    ("current_l2", "I2", "A"),
    ("current_l3", "I3", "A"),
    ("power_factor", "PF", "1"),
)


def values_json(reading: Reading, received: datetime) -> bytes:
    """Return the message for the values topic.

    What the meter did not send is left out. `timestamp` is the meter's clock as Unix
    seconds; the time of receipt where the meter has no valid clock or one that is more
    than ten minutes off.
    """
    values = reading.values
    content: dict[str, dict[str, int | float | str]] = {
        name: {"value": values[key], "unit": unit} for key, name, unit in _NAMES if key in values
    }
    time = reading.meter_time
    if time is None or reading.clock_skew is None or abs(reading.clock_skew) > _WIDEST_SKEW:
        time = received
    content["timestamp"] = {"value": int(time.timestamp()), "unit": "s"}
    return json.dumps(content).encode()
