"""The meter's date and time as an instant.

Source: DLMS UA Blue Book 4.1.6.1 (date-time, 12 bytes). The deviation is UTC minus local
time in minutes: FF88 (-120) belongs to Austrian summer time.
"""

import struct
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_DATE: Final = struct.Struct(">HBBBBB")
_REST: Final = struct.Struct(">BhB")
_ANY_YEAR: Final = 0xFFFF
_ANY: Final = 0xFF
_ANY_DEVIATION: Final = -0x8000
_WIDEST_DEVIATION: Final = 840
_DAYLIGHT_SAVING: Final = 0x80
VIENNA: Final = ZoneInfo("Europe/Vienna")


_SECONDS: Final = tuple(timedelta(seconds=second) for second in range(60))


def instant(octets: bytes) -> datetime | None:
    """Return the instant in UTC; None where the meter leaves a part of it open.

    A missing deviation means Austrian local time, whose repeated hour in October is
    decided by the daylight-saving bit. The other status bits are no reason for doubt:
    healthy meters send "doubtful" all day. What no calendar and no clock has is no clock:
    None too, since the clock only describes the reading.
    """
    return instant_of(octets[:7], octets[7], octets[8:])


def instant_of(date: bytes, second: int, rest: bytes) -> datetime | None:
    """Return what `instant` does for what stands before and behind the seconds."""
    # Most telegrams are in the minute of the one before.
    minute = _minute(date, rest)
    return minute + _SECONDS[second] if minute is not None and second < 60 else None


@lru_cache(maxsize=4)
def _minute(date: bytes, rest: bytes) -> datetime | None:
    """Return the beginning of a minute; `rest`: what stands behind the seconds."""
    year, month, day, weekday, hour, minute = _DATE.unpack(date)
    hundredths, deviation, status = _REST.unpack(rest)
    if year == _ANY_YEAR or month >= 0xFD or day >= 0xFD or _ANY in (hour, minute):
        return None
    if (weekday > 7 and weekday != _ANY) or (hundredths > 99 and hundredths != _ANY):
        return None
    try:
        if deviation == _ANY_DEVIATION:
            summer = status != _ANY and bool(status & _DAYLIGHT_SAVING)
            local = datetime(year, month, day, hour, minute, tzinfo=VIENNA, fold=not summer)
            return local.astimezone(UTC)
        if not -_WIDEST_DEVIATION <= deviation <= _WIDEST_DEVIATION:
            return None
        utc = datetime(year, month, day, hour, minute, tzinfo=UTC)
        return utc + timedelta(minutes=deviation)
    except ValueError, OverflowError:
        return None
