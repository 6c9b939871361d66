"""The rows of a simulated series of measurements: which spans they are of, and their form."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

HOUR = timedelta(hours=1)
# How long the rows are; of a year, as long as it is.
STEPS = {"FIVE_MINUTES": timedelta(minutes=5), "HOUR": HOUR, "YEAR": None}


def spans(
    request: web.Request, resolution: str, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when to when each row is of which the request asks, up to now."""
    asked = (request.query["from"], request.query["to"])
    start, end = (datetime.fromisoformat(text).astimezone(UTC) for text in asked)
    step = STEPS[resolution]
    minute = start.minute // 5 * 5 if step is not None and step < HOUR else 0
    moment = start.replace(minute=minute, second=0, microsecond=0)
    while moment < min(end, now):
        following = datetime(moment.year + 1, 1, 1, tzinfo=UTC) if step is None else moment + step
        yield moment, following
        moment = following


def row(start: datetime, end: datetime, values: list[float]) -> dict[str, Any]:
    """Return a row as SENEC's services give it."""
    seconds = int((end - start).total_seconds())
    return {
        "date": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "measurements": {"durationInSeconds": seconds, "values": values},
    }
