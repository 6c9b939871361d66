"""When something is asked of SENEC again."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.hausstrom.senec.cloud.chores import Chore
from custom_components.hausstrom.senec.cloud.protocol.doors import Door
from custom_components.hausstrom.senec.protocol.errors import SenecServiceError, ServiceReason

NOW = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)


async def _read() -> datetime | None:
    return None


@pytest.mark.parametrize(("asked", "failures"), [(900.0, 1), (3000.0, 1), (3000.0, 4)])
def test_a_server_that_asks_for_a_wait_is_left_alone_so_long(asked: float, failures: int) -> None:
    minute = timedelta(minutes=1)
    chore = Chore("dashboard", Door.APP, minute, minute, _read)
    for _ in range(failures):
        chore.failed(NOW, SenecServiceError(ServiceReason.RATE_LIMIT, "wait", retry_after=asked))
    assert not chore.is_due(NOW + timedelta(seconds=asked - 60))
    assert chore.is_due(NOW + timedelta(seconds=asked + 60))


def test_without_a_word_of_the_server_the_waits_grow_from_seconds() -> None:
    minute = timedelta(minutes=1)
    chore = Chore("dashboard", Door.APP, minute, minute, _read)
    waits = []
    for _ in range(4):
        chore.failed(NOW, SenecServiceError(ServiceReason.UNREACHABLE, "gone"))
        assert chore.due is not None
        waits.append(chore.due - NOW)
    assert waits == sorted(waits)
    assert waits[0] <= minute < waits[-1]


def test_a_success_ends_the_streak() -> None:
    minute = timedelta(minutes=1)
    chore = Chore("dashboard", Door.APP, minute, minute, _read)
    gone = SenecServiceError(ServiceReason.UNREACHABLE, "gone")
    for _ in range(8):
        chore.failed(NOW, gone)
    assert chore.due is not None
    assert chore.due - NOW > 5 * minute
    chore.succeeded(NOW, None)
    assert (chore.failures, chore.error) == (0, None)
    chore.failed(NOW, gone)
    assert chore.due - NOW <= minute
