"""Numbers, times and texts as a logger writes them."""

import re
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction

from .model import Raw

# More digits than any register has, so that a product is always exact.
_EXACT = Context(prec=120)
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,40}(?:[.,][0-9]{0,40})?|[.,][0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?"
)
_LARGEST_EXACT_FLOAT = 2**53
_LONGEST_NUMBER = 100
_SMALLEST_SCALE, _LARGEST_SCALE = Decimal("1e-12"), Decimal("1e12")

# A logger whose clock was never set starts counting in 1970 or 2000.
_FIRST_CREDIBLE_TIME = int(datetime(2010, 1, 1, tzinfo=UTC).timestamp())
_MILLISECONDS_FROM = 100_000_000_000
_DAY = 86_400
_LONGEST_TEXT = 255


def decimal(raw: object) -> Decimal | None:
    """Return a number exactly as written, None for what is no number.

    Takes texts with `.` or `,` as the decimal sign, integers, floats and booleans. A float
    too large to hold its own digits is refused: they may already have been rounded away.
    """
    if isinstance(raw, str):
        text = raw.strip()
        if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
            return None
        return Decimal(text.replace(",", "."))
    if isinstance(raw, int):
        return Decimal(raw) if -(10**40) < raw < 10**40 else None
    if isinstance(raw, float) and -_LARGEST_EXACT_FLOAT < raw < _LARGEST_EXACT_FLOAT:
        return Decimal(repr(raw))
    return None


def scaled(raw: Raw, scale: Decimal, factor: Fraction | None = None) -> int | float | None:
    """Return raw by scale by factor, multiplied exactly and rounded once at most.

    An integer comes out where raw and scale have no decimal places, else the nearest float.
    """
    number = decimal(raw)
    if number is None:
        return None
    product = _EXACT.multiply(number, scale)
    if factor is not None:
        return float(Fraction(product) * factor)
    exponent = product.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= 0:
        return int(product)
    return float(product)


def scale_of(text: str) -> Decimal | None:
    """Return the factor a SCALE states; absent means 1.

    None where nothing says what is meant: zero, negative (an exponent?), unreadable, or
    beyond what a meter's digits need.
    """
    if not text:
        return Decimal(1)
    scale = decimal(text)
    return scale if scale is not None and _SMALLEST_SCALE <= scale <= _LARGEST_SCALE else None


def decimal_places(scale: Decimal) -> int:
    """Return how many decimal places a value of this scale has, 4 at most."""
    try:
        exponent = scale.normalize(_EXACT).as_tuple().exponent
    except InvalidOperation:  # pragma: no cover - a finite factor always normalises
        return 0
    return min(max(-exponent, 0), 4) if isinstance(exponent, int) else 0


def unix_time(raw: object) -> int | None:
    """Return unix seconds from seconds, milliseconds or ISO 8601 (without zone: UTC)."""
    number = decimal(raw)
    if number is not None:
        if number > _MILLISECONDS_FROM:
            number /= 1000
        return int(number) if 0 < number < _MILLISECONDS_FROM else None
    if not isinstance(raw, str):
        return None
    try:
        moment = datetime.fromisoformat(raw.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        seconds = int(moment.timestamp())
    except OverflowError:  # pragma: no cover - depends on the zone at the ends of the calendar
        return None
    return seconds if seconds > 0 else None


def reading_time(raw: object, received: int) -> int:
    """Return the logger's time of a reading, or the time of arrival if it is no credible one."""
    seconds = raw if type(raw) is int else unix_time(raw)
    if seconds is None:
        return received
    if seconds > _MILLISECONDS_FROM:
        seconds //= 1000
    return seconds if _FIRST_CREDIBLE_TIME <= seconds <= received + _DAY else received


def moment(raw: Raw) -> datetime | None:
    """Return the point in time that a value is, None where it is none."""
    seconds = unix_time(raw)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def text(raw: Raw) -> str | None:
    """Return a value as the text it is, shortened to what a state may hold."""
    return str(raw).strip()[:_LONGEST_TEXT] or None


def clean(sent: str, limit: int) -> str:
    """Return a name as a device may be called by it: cut, without control characters."""
    cut = sent[: limit * 2]
    if not cut.isprintable():
        cut = "".join(char if char.isprintable() else " " for char in cut)
    return cut.strip()[:limit].rstrip()


def usable(raw: object) -> Raw | None:
    """Return what a VAL holds, None for the many ways of saying nothing."""
    if isinstance(raw, bool):
        return int(raw)
    if isinstance(raw, int):
        # The store takes integers of 64 bits; longer ones keep their digits as text.
        return raw if -(2**63) <= raw < 2**63 else str(raw)
    if isinstance(raw, float):
        return raw if -_LARGEST_EXACT_FLOAT < raw < _LARGEST_EXACT_FLOAT else None
    if isinstance(raw, str):
        stripped = raw.strip()
        return None if stripped.casefold() in _NOTHING else stripped[:_LONGEST_TEXT]
    return None


_NOTHING = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "----",
        "null",
        "none",
        "nan",
        "+nan",
        "-nan",
        "inf",
        "+inf",
        "-inf",
        "infinity",
        "-infinity",
        "n/a",
        "na",
        "undefined",
    }
)


def digits(value: float) -> str:
    """Return a number as a meter's display has it: every digit, no exponent, no empty decimals."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
