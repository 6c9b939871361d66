"""Readings of power become hours of energy, as far as they were seen."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

HOUR: Final = timedelta(hours=1)
LONGEST_GAP: Final = timedelta(minutes=20)
ENOUGH: Final = timedelta(minutes=45)  # of an hour, to say what it brought
NEAR_THE_LIMIT: Final = 0.95


class Observed(NamedTuple):
    """An hour that is over: what was forecast and what came, in Wh.

    at_least: the inverter was throttled, or stood at its end; more might have come.
    """

    hour: datetime  # its start
    forecast: float
    actual: float
    at_least: bool = False


class SeenHour(NamedTuple):
    """What an hour brought, in Wh; throttled: the export stood at its limit."""

    hour: datetime
    energy: float
    throttled: bool


class HourMeter:
    """Counts what the roof gives, hour by hour."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._last: tuple[datetime, float] | None = None
        self._energy = 0.0
        self._seen = timedelta(0)
        self._throttled = False

    def see(self, now: datetime, power: float, export: float, limit: float) -> SeenHour | None:
        """Take a reading (W); return the hour that is over with it, if enough of it was seen."""
        last, self._last = self._last, (now, power)
        if last is None or not timedelta(0) < now - last[0] <= LONGEST_GAP:
            hour = None if last is None else self._close(last[0])
            self._throttled = self._is_throttled(export, limit)
            return hour if last is not None and _hour(last[0]) < _hour(now) else None
        begun = _hour(last[0])
        if begun == _hour(now):
            self._add(last, now, power)
            self._throttled = self._throttled or self._is_throttled(export, limit)
            return None
        boundary = begun + HOUR
        part = (boundary - last[0]) / (now - last[0])
        between = last[1] + (power - last[1]) * part
        self._add(last, boundary, between)
        closed = self._close(last[0])
        self._add((_hour(now), between), now, power)
        self._throttled = self._is_throttled(export, limit)
        return closed

    @staticmethod
    def _is_throttled(export: float, limit: float) -> bool:
        return limit > 0 and export >= NEAR_THE_LIMIT * limit

    def _add(self, last: tuple[datetime, float], now: datetime, power: float) -> None:
        self._energy += (last[1] + power) / 2 * ((now - last[0]) / HOUR)
        self._seen += now - last[0]

    def _close(self, within: datetime) -> SeenHour | None:
        seen, energy, throttled = self._seen, self._energy, self._throttled
        self._seen, self._energy, self._throttled = timedelta(0), 0.0, False
        if seen < ENOUGH:
            return None
        return SeenHour(_hour(within), energy * (HOUR / seen), throttled)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
