"""Dates that meters give to their values of the past, as points in local time."""

from datetime import UTC, datetime, timedelta, tzinfo

_NEAR = timedelta(hours=3)
_DAY = timedelta(days=1)


def closes(date: int, zone: tzinfo) -> int:
    """Return the local midnight (unix seconds) that a dated value (T, unix seconds) closes.

    Loggers write midnight of the 1st as 00:00 UTC whatever the house's zone is, meters write
    23:59: what is within three hours of a midnight, local or UTC, is the local midnight of
    that date. Any other time is what it is.
    """
    local = datetime.fromtimestamp(date, zone)
    for moment in (local, datetime.fromtimestamp(date, UTC)):
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        for day in (midnight, midnight + _DAY):
            if abs(day - moment) <= _NEAR:
                start = datetime(day.year, day.month, day.day, tzinfo=zone)
                return int(start.timestamp())
    return date


def shown_date(date: int, zone: tzinfo) -> str:
    """Return a T as people read it: the date of a due date, else date and time (ISO 8601)."""
    for moment in (datetime.fromtimestamp(date, UTC), datetime.fromtimestamp(date, zone)):
        if moment.hour == 0 and moment.minute == 0:
            return moment.date().isoformat()
        if moment.hour == 23 and moment.minute == 59:
            return moment.date().isoformat()
    local = datetime.fromtimestamp(date, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (midnight, midnight + _DAY):
        if abs(day - local) <= _NEAR:
            return day.date().isoformat()
    return local.isoformat()
