"""Values of the past among a meter's data points: billing dates, storages, extremes."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from .model import Signature

_CURRENT = 255
_STALE_DEVICE_TIME = 36 * 3600
_OBIS = re.compile(r"(\d+)-(\d+):(\d+)\.(\d+)\.(\d+)(?:[*.](\d+))?")
_EXTREME_FUNCTIONS = frozenset({"1", "2", "3"})


class Obis(NamedTuple):
    """The value groups A to F of an OBIS code (IEC 62056-61)."""

    a: int
    b: int
    c: int
    d: int
    e: int
    f: int


def parse_obis(text: str) -> Obis | None:
    """Return the groups of `A-B:C.D.E*F` (F may be missing: 255), None if it is none."""
    match = _OBIS.fullmatch(text)
    if match is None:
        return None
    a, b, c, d, e, f = match.groups()
    return Obis(int(a), int(b), int(c), int(d), int(e), _CURRENT if f is None else int(f))


def is_historic(signature: Signature, siblings: Iterable[Signature]) -> bool:
    """Return whether what is known of a point and its meter makes it a value of the past."""
    if signature.storage and signature.storage.strip("0"):
        return True
    function = signature.function.casefold()
    if function in _EXTREME_FUNCTIONS or any(word in function for word in ("min", "max", "error")):
        return True
    obis = parse_obis(signature.obis)
    if obis is None or obis.f == _CURRENT:
        return False
    return obis.d == 2 or any(_is_current_of(obis, signature.unit, other) for other in siblings)


def _is_current_of(obis: Obis, unit: str, other: Signature) -> bool:
    """Return whether another point is the present register of the same quantity."""
    if other.unit != unit:
        return False
    current = parse_obis(other.obis)
    return current is not None and current.f == _CURRENT and current[:3] == obis[:3]


def is_dated_back(time: int, device_time: int | None) -> bool:
    """Return whether the meter's own time says that the value is of an earlier date."""
    return device_time is not None and device_time < time - _STALE_DEVICE_TIME
