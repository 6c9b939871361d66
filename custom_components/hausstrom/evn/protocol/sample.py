"""One telegram as the gates see it: its values, and what happened since the one before."""

import math
from collections.abc import Mapping
from itertools import compress
from operator import itemgetter, mul
from typing import Final

from .notification import Number

REGISTERS: Final = (
    "energy_import",
    "energy_export",
    "reactive_energy_import",
    "reactive_energy_export",
)
_MISSING: Final = math.nan
_VOLTAGES: Final = ("voltage_l1", "voltage_l2", "voltage_l3")
_CURRENTS: Final = ("current_l1", "current_l2", "current_l3")
_PHASES: Final = tuple(zip(_VOLTAGES, _CURRENTS, strict=True))
_DETAILS: Final = (*_VOLTAGES, *_CURRENTS, "power_factor")
_DETAIL_KEYS: Final = frozenset(_DETAILS)
_NOMINAL: Final = 230.0
_ROUNDED: Final = 0.0005
_UNKNOWN: Final = 0.02
"""Shares of a power that rounding hides; and nobody knows a voltage that is not sent."""
_THREE_PHASES: Final = itemgetter(*_VOLTAGES, *_CURRENTS)
SAME_PACE: Final = 0.5

type Span = tuple[float, float]
type Stands = tuple[Number, Number, Number, Number]


class Sample:
    """What the gates look at. Units: W, V, A, Wh, seconds since 1970."""

    __slots__ = (
        *("values", "counter", "invoke", "time", "received", "clocks_agree", "status", "number"),
        *("proven", "checked", "imported", "exported", "voltages", "currents", "factor"),
        *("apparent", "apart", "earlier", "coarseness", "power", "loads", "stands", "stood"),
        *("event", "leap", "seconds", "surely", "spans", "period", "odd_pace", "invoke_counts"),
    )
    status: bytes
    """What the clocks say of themselves."""
    proven: bool
    """Whether a tag or a CRC inside proves every byte."""
    checked: bool
    """Whether one check sequence of 16 bits holds (HDLC), which misses no two flipped bits."""
    voltages: tuple[float, ...]
    currents: tuple[float, ...]
    """Of the phases that are sent, in the same order."""
    apparent: float
    """VA of all phases."""
    apart: float
    """W by which the power is more than voltages times currents times power factor."""
    earlier: float
    """The same of the sample before."""
    coarseness: float
    """W that rounding alone may add to that."""
    loads: tuple[float, ...]
    """VA of each phase."""
    stands: Stands
    """Of all registers; not a number where one is missing, which compares as neither."""
    stood: float
    """When the stands were received: that of the sample, unless they are older ones."""
    event: float
    """VA by which the phases changed, each for itself, since the sample before."""
    leap: float
    """VA by which that one changed which changed most."""
    seconds: float
    """Since the sample before, by the larger of both clocks."""
    surely: float
    """The same by the smaller one: two telegrams in one message are not as far apart as those."""
    spans: tuple[Span | None, Span | None]
    """For import and export, in which range the stand before rounding must lie."""
    period: float | None
    """Seconds from telegram to telegram that are usual for this meter."""
    odd_pace: float | None
    invoke_counts: bool
    """Whether the invoke id went on as the frame counter did since the sample before."""

    def __init__(  # noqa: PLR0917  (arguments with names would take a tenth longer)
        self,
        values: Mapping[str, Number],
        counter: int,
        invoke: int,
        time: float | None,
        received: float,
        clocks_agree: bool = True,
        status: bytes = b"",
        number: str | None = None,
        proven: bool = False,
        checked: bool = False,
    ) -> None:
        """Collect what the gates look at more than once."""
        self.values, self.counter, self.invoke = values, counter, invoke
        self.time, self.received = time, received
        self.clocks_agree, self.status, self.number = clocks_agree, status, number
        self.proven, self.checked = proven, checked
        get = values.get
        self.imported = imported = get("power_import", 0)
        self.exported = exported = get("power_export", 0)
        self.power = imported - exported
        self.factor = factor = abs(get("power_factor", 1.0))
        voltages: tuple[float, ...]
        loads: tuple[float, ...]
        share = _ROUNDED
        try:
            u, v, w, i, j, k = _THREE_PHASES(values)
        except KeyError:
            # Klagenfurt sends currents alone: for comparing, any usual voltage will do.
            sent = [u in values or i in values for u, i in _PHASES]
            phases = list(compress(_PHASES, sent))
            voltages = tuple([get(u, _NOMINAL) for u, _ in phases])
            self.currents = tuple([get(i, 0.0) for _, i in phases])
            loads = tuple(map(mul, voltages, self.currents, strict=True))
            if not values.keys() & _VOLTAGES:
                share = _UNKNOWN
        else:
            voltages, loads = (u, v, w), (u * i, v * j, w * k)
            self.currents = (i, j, k)
        self.voltages, self.loads = voltages, loads
        self.apparent = apparent = sum(loads)
        possible = apparent * factor if factor < 1 else apparent
        # Without currents there is nothing that the power could be compared with.
        self.apart = self.earlier = imported + exported - possible if voltages else 0.0
        self.coarseness = 2.0 + share * apparent
        self.stands = (
            get("energy_import", _MISSING),
            get("energy_export", _MISSING),
            get("reactive_energy_import", _MISSING),
            get("reactive_energy_export", _MISSING),
        )
        self.stood = received
        self.event = self.leap = self.seconds = self.surely = 0.0
        self.spans = (None, None)
        self.period = self.odd_pace = None
        self.invoke_counts = False

    @property
    def details(self) -> tuple[str, ...]:
        """Keys of what only describes power and energy: voltages, currents, power factor."""
        values = self.values
        # Most meters have all of them, or the six of three phases.
        if values.keys() >= _DETAIL_KEYS:
            return _DETAILS
        return tuple([key for key in _DETAILS if key in values])

    def follow(self, before: Sample) -> None:
        """Take the measure of what happened since the sample before."""
        self.event = self.leap = 0.0
        for load, other in zip(self.loads, before.loads, strict=False):
            change = abs(load - other)
            self.event += change
            self.leap = max(self.leap, change)
        self.earlier = before.apart
        step = self.invoke - before.invoke - self.counter + before.counter
        self.invoke_counts = not step & 0xFFFFFF
        period = before.period
        passed = self.received - before.received
        if self.time is None or before.time is None:
            self.period, self.odd_pace = period, None
            self.seconds = self.surely = max(passed, 0.0)
            return
        shown = self.time - before.time
        # By the larger of both clocks: the meter's may stand, ours may be behind when
        # telegrams come late and together.
        self.seconds = max(passed, shown, 0.0)
        self.surely = max(min(passed, shown), 0.0)
        pace = shown / max(self.counter - before.counter, 1)
        if period is None or abs(pace - period) <= SAME_PACE:
            self.period, self.odd_pace = pace if period is None else period, None
        elif before.odd_pace is not None and abs(pace - before.odd_pace) <= SAME_PACE:
            self.period, self.odd_pace = pace, None
        else:
            self.period, self.odd_pace = period, pace


def elapsed(now: Sample, last: Sample) -> float:
    """Seconds between two telegrams, by the larger of the meter's clock and ours."""
    passed = now.received - last.received
    if now.time is not None and last.time is not None:
        passed = max(passed, now.time - last.time)
    return max(passed, 0.0)


def without(now: Sample, last: Sample, keys: list[str]) -> Sample:
    """Return a sample that leaves out registers which fell; their last stands stay."""
    values = {key: value for key, value in now.values.items() if key not in keys}
    kept = Sample(
        values,
        now.counter,
        now.invoke,
        now.time,
        now.received,
        clocks_agree=now.clocks_agree,
        status=now.status,
        number=now.number,
        proven=now.proven,
        checked=now.checked,
    )
    a, b, c, d = (
        before if key in keys else stand
        for key, stand, before in zip(REGISTERS, now.stands, last.stands, strict=True)
    )
    kept.stands = (a, b, c, d)
    kept.stood = last.stood
    kept.period, kept.odd_pace = now.period, now.odd_pace
    kept.invoke_counts = now.invoke_counts
    return kept
