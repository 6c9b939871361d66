"""A building of flats behind a SmartLog, whose consumption is known exactly; all numbers are invented.

Every flat has a heat cost allocator, a cold and a warm water meter, and a heat meter. What each
of them counted between two times is a function here: what a bill has to say.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Vienna")
DAY: Final = 86_400
YEAR: Final = 365.2425 * DAY
MONTHS_KEPT: Final = 13
"""Month values that a heat meter remembers."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the meters of one kind have in common."""

    medium: str
    description: str
    unit: str
    scale: str
    obis: str
    per_day: float
    """Raw units that a small flat counts a day."""
    seasonal: bool
    interface: str
    maker: str


HEAT_COST: Final = Kind(
    "Heat cost allocator", "Units for H. C. A.", "", "1", "4-1:1.0.0*255", 9, True, "05", "QDS"
)
COLD: Final = Kind("Cold water", "Volume", "m^3", "0.001", "8-1:1.0.0*255", 310, False, "05", "BMT")
WARM: Final = Kind("Warm water", "Volume", "m^3", "0.001", "9-1:1.0.0*255", 140, False, "05", "BMT")
HEAT: Final = Kind(
    "Heat (outlet)", "Energy", "kWh", "1", "6-0:1.0.0*255", 14, True, "02", "KAM"
)  # fmt: skip
KINDS: Final = (HEAT_COST, COLD, WARM, HEAT)


@dataclass(frozen=True, slots=True)
class FlatMeter:
    """One meter of a flat; times are unix seconds."""

    flat: int
    kind: Kind
    house: int = 0

    @property
    def number(self) -> str:
        """The number on the meter: 8 digits."""
        return f"{61 + self.house:02d}{KINDS.index(self.kind)}{self.flat:05d}"

    @property
    def label(self) -> str:
        """What the installer wrote into the logger."""
        return f"Flat {self.flat}"

    @property
    def unit(self) -> str:
        """The unit of a bill."""
        return {"m^3": "m³", "": "HCA"}.get(self.kind.unit, self.kind.unit)

    def raw(self, time: int) -> int:
        """Return what was counted since the meter was made, in raw units; it never falls."""
        days = time / DAY
        if self.kind.seasonal:
            # Twice the mean in January, nothing in July: 1 + cos, integrated.
            since_winter = 2 * math.pi * (time - DAY * 14) / YEAR
            days += math.sin(since_winter) * YEAR / DAY / (2 * math.pi)
        rate = self.kind.per_day * (1 + (self.flat * 7 + self.house * 3) % 10 / 10)
        return 1_000 * self.flat + math.floor(rate * (days - 20_000))

    def shown(self, time: int) -> int:
        """Return what the meter shows, in raw units; an allocator begins anew each year."""
        if self.kind is HEAT_COST:
            return self.raw(time) - self.raw(due_date(time))
        return self.raw(time)

    def consumption(self, start: int, end: int) -> float:
        """Return what was counted between two times, in the unit of a bill: the truth."""
        return float((self.raw(end) - self.raw(start)) * Fraction(self.kind.scale))

    def node(self, time: int) -> dict[str, object]:
        """Return the meter as a report has it."""
        kind = self.kind
        points = [self._point(kind.obis, self.shown(time), time)]
        if kind is HEAT_COST:
            due = due_date(time)
            counted = self.raw(due) - self.raw(due_date(due - 1))
            points.append(self._point("4-1:1.2.0*0", counted, time, as_sent(due)))
        if kind is HEAT:
            points.extend(
                self._point(f"6-0:1.2.0*{place}", self.raw(first), time, as_sent(first))
                for place, first in enumerate(months_before(time))
            )
        return {
            "METER_ID": self.number,
            "INTERFACE": kind.interface,
            "MANUFACTURER": kind.maker,
            "MEDIUM": kind.medium,
            "USER": self.label,
            "data": points,
        }

    def _point(
        self, obis: str, value: int, time: int, date: int | None = None
    ) -> dict[str, object]:
        entry = {"T_MUC": str(time), "VAL": str(value)}
        if date is not None:
            entry["T"] = str(date)
        return {
            "DESCRIPTION": self.kind.description,
            "UNIT": self.kind.unit,
            "SCALE": self.kind.scale,
            "OBIS_ID": obis,
            "entry": [entry],
        }


@dataclass(frozen=True, slots=True)
class Building:
    """A house with its flats; `gateway` is its SmartLog's id."""

    gateway: str
    flats: int = 20
    house: int = 0

    @property
    def meters(self) -> Iterator[FlatMeter]:
        """The meters, flat by flat."""
        for flat in range(1, self.flats + 1):
            for kind in KINDS:
                yield FlatMeter(flat, kind, self.house)

    def report(self, read: int, sent: int | None = None) -> dict[str, object]:
        """Return a report of what all meters showed at `read`; `sent` is the logger's time."""
        return {
            "muc": {
                "MUC_ID": self.gateway,
                "VERSION": "1f6",
                "TIMESTAMP": str(read if sent is None else sent),
                "meter": [meter.node(read) for meter in self.meters],
            }
        }


def month(year: int, number: int) -> int:
    """Return when a month begins in the house; 13 is the January after."""
    return int(
        datetime(year + (number - 1) // 12, (number - 1) % 12 + 1, 1, tzinfo=ZONE).timestamp()
    )


@cache
def _firsts(year: int, number: int) -> tuple[int, ...]:
    return tuple(month(year - 2, 12 + number + 12 - back) for back in range(MONTHS_KEPT))


def months_before(time: int) -> tuple[int, ...]:
    """Return when the months began that are past at a time, the newest first."""
    now = datetime.fromtimestamp(time, ZONE)
    return _firsts(now.year, now.month)


def due_date(time: int) -> int:
    """Return the beginning of the year that a time is in: when allocators begin anew."""
    return month(datetime.fromtimestamp(time, ZONE).year, 1)


def as_sent(midnight: int) -> int:
    """Return a midnight of the house as loggers write it: that date, 00:00 UTC."""
    day = datetime.fromtimestamp(midnight, ZONE)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
