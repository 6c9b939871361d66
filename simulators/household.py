"""One consistent home: the meter at the grid shows what the systems behind it leave over.

The flows of the SENEC are those of `senec_local_day`, a function of the time alone, so that meter
and battery agree at every second without a word between them. A GX in the same home moves by
chance, and is asked for what it takes. What peak shaving is set to at SENEC's cloud, battery and meter
follow from that second on.
"""

from collections.abc import Callable, Sequence
from copy import replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from .evn_telegram import MeterState
from .senec_local_day import Flow, Hold, House
from .zone import at_home

_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
_DAILY_IMPORT: Final = 6_000
_DAILY_EXPORT: Final = 60_000
"""Wh by which the registers stand higher each midnight; no day has more."""
_VOLTAGES: Final = (2316, 2328, 2309)
_STEP: Final = timedelta(seconds=5)


def flow_at(moment: datetime, house: House) -> Flow:
    """Return the powers of the home at a moment."""
    now = at_home(moment)
    return house.flow(now.toordinal(), _second(now))


class Shaving:
    """What peak shaving of the home's SENEC is set to: shared by everything that shows its battery."""

    def __init__(self) -> None:
        """Begin without."""
        self._holds: list[Hold] = []

    def house(self, house: House) -> House:
        """Return a house whose battery follows."""
        return replace(house, holds=tuple(self._holds)) if self._holds else house

    def set(self, moment: datetime, ceiling: float, end: time, export_limit_w: float) -> None:
        """Hold the battery at a ceiling (%) from a moment until a time of its day."""
        now = at_home(moment)
        until = end.hour * 3600 + end.minute * 60
        self._holds.append(
            Hold(now.toordinal(), _second(now), until, ceiling, export_limit_w),
        )

    def release(self, moment: datetime) -> None:
        """Let the battery charge freely from a moment on."""
        self.set(moment, 100, time(), 0)


def _second(now: datetime) -> int:
    return now.hour * 3600 + now.minute * 60 + now.second


class GridOfTheHome:
    """The registers of the meter between the home and the grid."""

    def __init__(
        self,
        start: datetime,
        house: House | None = None,
        others: Sequence[Callable[[], float]] = (),
        shaving: Shaving | None = None,
    ) -> None:
        """Begin at the midnight (UTC) before `start` and catch up with it.

        `others` tell what other systems behind the meter take now (W, + = import).
        """
        self._house = house or House()
        self._shaving = shaving or Shaving()
        self._others = others
        midnight = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        days = (midnight - _EPOCH).days
        self._now = midnight
        self._import, self._export = float(days * _DAILY_IMPORT), float(days * _DAILY_EXPORT)
        self.advance(start)

    def advance(self, to: datetime) -> MeterState:
        """Count until `to` and show the meter."""
        while self._now + _STEP <= to:
            self._now += _STEP
            energy = self._power() * _STEP.total_seconds() / 3600
            self._import += max(energy, 0)
            self._export += max(-energy, 0)
        return self.state()

    def _power(self) -> float:
        """Return what flows (W, + = import)."""
        return flow_at(self._now, self._shaving.house(self._house)).grid + sum(
            other() for other in self._others
        )

    def state(self) -> MeterState:
        """Return what the meter shows, in whole numbers."""
        grid = round(self._power())
        amperes = abs(grid) / 3 / 231
        return MeterState(
            int(self._import),
            int(self._export),
            max(grid, 0),
            max(-grid, 0),
            _VOLTAGES,
            tuple(round(100 * (amperes + 0.2 * phase)) for phase in range(3)),
            980,
            int(self._import / 9),
            int(self._export / 12),
        )
