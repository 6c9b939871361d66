"""What was not read: which hours it concerns, and how much energy belongs into each of them.

A counter of the day shows after a gap what it had missed, all at once: the day is right, the hour
is not. What flows between a day's last reading and midnight is never shown by it. SENEC's series
has both, hour by hour.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from ...protocol.fields import number_of, object_of, text_of
from .history import ONE_HOUR, local_midnight

# A pause of the readings within a day that is shorter is none: the counter catches up nearby.
SHORTEST: Final = timedelta(minutes=12)


class Seen(NamedTuple):
    """A counter of the day when it was read last."""

    measured: datetime  # UTC
    counter: float  # kWh


class Gap(NamedTuple):
    """From the last reading before to the first one after, by when they were measured (UTC).

    `read`: when the first one after was read, which is where the recorder has what it caught up
    with. `counters`: what the last one before showed (kWh) by the keys of the sensors; other
    counters have no such gap. Of what is left of a longer gap, from a midnight on: 0.
    """

    start: datetime
    end: datetime
    read: datetime
    counters: Mapping[str, float]
    sums: Mapping[str, float] = MappingProxyType({})
    """Where the sums of the statistics stood before they were filled: kept before it is done, so
    that a power cut in the middle of it does not have it done twice."""

    @property
    def key(self) -> object:
        """What tells it from other gaps, whatever is noted of it."""
        return self.start, self.end, self.read, frozenset(self.counters)

    def as_dict(self) -> dict[str, object]:
        """Return what a store keeps."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "read": self.read.isoformat(),
            "counters": dict(self.counters),
            "sums": dict(self.sums),
        }

    @classmethod
    def from_dict(cls, stored: object) -> Self | None:
        """Return what `as_dict` gave; None for anything else."""
        values = object_of(stored)
        start, end = _moment(values.get("start")), _moment(values.get("end"))
        read = _moment(values.get("read"))
        if start is None or end is None or read is None or not start < end <= read:
            return None
        return cls(start, end, read, *(_numbers(values.get(of)) for of in ("counters", "sums")))


class GapWatch:
    """What was read last of each counter, and the gaps that a reading ends."""

    def __init__(self, stored: object = None) -> None:
        """Take what `as_dict` gave before a stop, as far as it can be read."""
        self._seen: dict[str, Seen] = {}
        for key, item in object_of(stored).items():
            values = object_of(item)
            measured, counter = _moment(values.get("measured")), number_of(values.get("counter"))
            if measured is not None and counter is not None:
                self._seen[key] = Seen(measured, counter)

    def as_dict(self) -> dict[str, object]:
        """Return what a store keeps."""
        return {
            key: {"measured": seen.measured.isoformat(), "counter": seen.counter}
            for key, seen in self._seen.items()
        }

    def see(
        self,
        measured: datetime,
        read: datetime,
        counters: Mapping[str, float],
        zone: ZoneInfo,
        shortest: timedelta = SHORTEST,
    ) -> list[Gap]:
        """Take a reading of the counters of the day (kWh); return the gaps that it ends.

        shortest: a pause within a day that is not longer is none.
        """
        gaps: dict[datetime, dict[str, float]] = {}
        for key, counter in counters.items():
            before = self._seen.get(key)
            if before is not None and measured <= before.measured:
                continue
            self._seen[key] = Seen(measured, counter)
            if before is not None and _is_gap(before.measured, measured, read, zone, shortest):
                gaps.setdefault(before.measured, {})[key] = before.counter
        return [
            Gap(start, measured, max(read, measured), of_start) for start, of_start in gaps.items()
        ]


def _is_gap(
    before: datetime, measured: datetime, read: datetime, zone: ZoneInfo, shortest: timedelta
) -> bool:
    """Whether energy is missing, or in the wrong hour, between two readings.

    Every midnight makes it so: what flowed from the last reading on is in no counter.
    """
    if before.astimezone(zone).date() != measured.astimezone(zone).date():
        return True
    return hour_of(before) != hour_of(read) and measured - before > shortest


class Part(NamedTuple):
    """The hours of a gap that lie in its first local day (all instants UTC)."""

    midnight: datetime
    """When the day began."""
    hours: tuple[datetime, ...]
    """The full hours that it touches; the last one is where its counter caught up."""
    end: datetime
    """When the day, or else the last of the hours, ends."""
    ends_day: bool
    """Whether the gap goes on after midnight: then nothing ever caught up with this day."""
    rest: Gap | None
    """What is left of the gap when this part is done."""

    @property
    def is_nothing(self) -> bool:
        """Whether no energy is missing or in another hour by it."""
        return not self.ends_day and len(self.hours) == 1

    @property
    def is_of_full_hours(self) -> bool:
        """Whether the day begins and ends with an hour of UTC, as a row of the statistics does."""
        return all(hour_of(moment) == moment for moment in (self.midnight, self.end))

    def of_this_day(
        self, recorded: Mapping[datetime, float], counter: float
    ) -> dict[datetime, float]:
        """Return what of the recorded energy of each hour is this day's.

        counter: what the day's counter showed at the beginning of the gap. Where midnight is at half
        an hour of UTC, the first and the last row of a day have another day in them, too: of the
        first one, this day's is what its counter had shown; in the last one nothing of this day was
        read, unless the gap begins in it.
        """
        own = dict(recorded)
        first, last = self.hours[0], self.hours[-1]
        if first in own and hour_of(self.midnight) == first and first != self.midnight:
            own[first] = min(own[first], counter)
        if last in own and last != first and last + ONE_HOUR > self.end:
            own[last] = 0.0
        return own


def first_part(gap: Gap, zone: ZoneInfo) -> Part:
    """Return the first day's part of a gap."""
    day = gap.start.astimezone(zone).date()
    midnight, following = local_midnight(day, zone), local_midnight(day + timedelta(days=1), zone)
    ends_day = gap.end >= following
    hours = tuple(_hours(hour_of(gap.start), following if ends_day else gap.read))
    rest = None
    if ends_day and gap.end > following:
        rest = Gap(following, gap.end, gap.read, dict.fromkeys(gap.counters, 0.0))
    return Part(midnight, hours, following if ends_day else hours[-1] + ONE_HOUR, ends_day, rest)


def hour_of(moment: datetime) -> datetime:
    """Return the hour of UTC that an instant lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _hours(hour: datetime, end: datetime) -> Iterator[datetime]:
    yield hour
    while (hour := hour + ONE_HOUR) < end:
        yield hour


def missed(told: Mapping[datetime, float], hours: Sequence[datetime], counter: float) -> float:
    """Return the energy of a day that no reading has shown.

    told: SENEC's energy of the day's hours; hours: those from the last reading on; counter: what
    it showed. Never negative, and never more than flowed in these hours: where SENEC's series and
    its counter differ, that is no reason for a spike.
    """
    most = sum(told.get(hour, 0.0) for hour in hours)
    return min(max(0.0, sum(told.values()) - counter), most)


def spread(
    recorded: Mapping[datetime, float],
    told: Mapping[datetime, float],
    hours: Sequence[datetime],
    more: float,
    *,
    ends_day: bool,
) -> dict[datetime, float]:
    """Return the energy of each hour: what was recorded and `more`, each where it belongs.

    What there is to be given is what the counter caught up with, in the last hour; where the day
    ended before it could, it is `more`. Each hour in which nothing was read gets of that what SENEC
    tells of it, as far as it goes. The rest is the share of the hour in which readings were: the
    last one, or the first one of a day that ended. No hour loses anything but the last one what it
    had caught up with, and the sum is exactly what it was, and more.
    """
    shared = hours[0] if ends_day else hours[-1]
    left = more if ends_day else recorded.get(shared, 0.0) + more
    energies: dict[datetime, float] = {}
    for hour in hours:
        if hour == shared:
            continue
        there = recorded.get(hour, 0.0)
        given = min(max(0.0, told.get(hour, 0.0) - there), max(0.0, left))
        left -= given
        energies[hour] = there + given
    energies[shared] = left + (recorded.get(shared, 0.0) if ends_day else 0.0)
    return energies


def _moment(value: object) -> datetime | None:
    text = text_of(value)
    try:
        moment = None if text is None else datetime.fromisoformat(text)
        return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except ValueError, OverflowError:
        return None


def _numbers(value: object) -> dict[str, float]:
    return {
        key: number
        for key, item in object_of(value).items()
        if (number := number_of(item)) is not None
    }
