"""Where the simulated homes stand: their sun follows the time of day of a zone.

UTC, unless HAUSSTROM_HOME_ZONE names another: for pictures of a morning that are taken at night, and for
tests that want the same hour whenever they run.
"""

import os
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

VARIABLE: Final = "HAUSSTROM_HOME_ZONE"


@cache
def home_zone() -> tzinfo:
    """Return the zone whose noon is the homes' noon."""
    name = os.environ.get(VARIABLE)
    return ZoneInfo(name) if name else UTC


def at_home(moment: datetime) -> datetime:
    """Return a moment on the clock of the homes."""
    return moment.astimezone(home_zone())
