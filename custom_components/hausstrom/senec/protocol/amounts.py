"""Amounts as SENEC's services give them: `1e-05` is a placeholder and never a measurement.

What it stands for depends on the quantity: of a flow (W, Wh, kWh) it is zero; of a percentage it
is "not known", as a P4 says it of its battery several times a day while far from empty
(ha-senec-v3#130).
"""

from typing import Final

from .fields import number_of

PLACEHOLDER: Final = 1e-4  # SENEC writes 1e-05, in single precision too
OVERFULL: Final = 100.5  # percent: what rounding explains, and no more


def flow_of(value: object) -> float | None:
    """Return a power or an energy, with SENEC's placeholder as the zero it stands for.

    A flow is never negative; one that is has been measured wrongly and is missing.
    """
    number = number_of(value)
    if number is None or number <= -PLACEHOLDER:
        return None
    return 0.0 if number < PLACEHOLDER else number


def percent_of(value: object) -> float | None:
    """Return a level between 0 and 100 percent; a placeholder and anything beyond are missing.

    A level of exactly 0 is one: an empty battery.
    """
    number = number_of(value)
    if number is None or not 0 <= number <= OVERFULL or 0 < number < PLACEHOLDER:
        return None
    return min(number, 100.0)
