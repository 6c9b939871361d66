"""The highest charging current that a wallbox may be set to: the device's own limits, read again.

RATED is what the box is built for, ICMAX what the installer allows; 0 A is not told. Where neither is
told it is 16 A: SENEC's boxes have 11 kW, and 32 A is no safe default.
"""

from functools import cache
from typing import Final

from ....common.value import Value
from .catalogue import AXIS_LENGTH, CATALOGUE, Axis, Cadence
from .codec import Answer
from .points import Readout, Ref, number_at

LOWEST: Final = 6.0
DEFAULT: Final = 16.0
_RATED: Final = Ref("WALLBOX", "MAX_CHARGING_CURRENT_RATED")
_ALLOWED: Final = Ref("WALLBOX", "MAX_CHARGING_CURRENT_ICMAX")
_PREFIX: Final = "wallbox_current_limit_"


def limit_key(index: int) -> str:
    """Return the key under which the limit of a wallbox is kept."""
    return f"{_PREFIX}{index}"


def _limit(answer: Answer, index: int) -> Value:
    told = [number_at(answer, ref, index) for ref in (_RATED, _ALLOWED)]
    known = [number for number in told if number is not None and number > 0]
    return max(LOWEST, min(known)) if known else DEFAULT


@cache
def limit_points() -> tuple[Readout, ...]:
    """Return the inner points of the limits, one per wallbox."""

    def point(index: int) -> Readout:
        return Readout(
            key=limit_key(index),
            needs=(_RATED, _ALLOWED),
            read=lambda answer: _limit(answer, index),
            cadence=Cadence.SLOW,
            form=CATALOGUE[_RATED].form,
            enabled=False,
            index=index,
        )

    return tuple(point(index) for index in range(AXIS_LENGTH[Axis.WALLBOX]))
