"""The hour in which an allocator begins anew, in whatever order its readings stand."""

from itertools import permutations

import pytest

from custom_components.hausstrom.smartlog.protocol.changes import RegisterReading
from custom_components.hausstrom.smartlog.protocol.series import HOUR, RegisterHour, merged

MIDNIGHT = 1_767_222_000  # the house's, at the end of 2025
DUE = RegisterReading(MIDNIGHT, 2_500, dated=True)
ANEW = RegisterReading(MIDNIGHT, 0, restart=True)
LATER = RegisterReading(MIDNIGHT + 24 * HOUR, 15)
NOW = MIDNIGHT + 48 * HOUR


@pytest.mark.parametrize("readings", permutations((DUE, ANEW, LATER)))
@pytest.mark.parametrize("rows", [[], [RegisterHour(MIDNIGHT - 25 * HOUR, 2_400, 900.0)]])
def test_the_due_date_comes_before_the_new_beginning(
    readings: tuple[RegisterReading, ...], rows: list[RegisterHour]
) -> None:
    new, refused = merged(rows, readings, from_zero=True, now=NOW)
    start = rows[-1].sum + 100 if rows else 0
    assert refused == 0
    assert [(row.hour, row.state, row.sum) for row in new] == [
        (MIDNIGHT - HOUR, 0, start),
        (LATER.time - HOUR, 15, start + 15),
    ]
