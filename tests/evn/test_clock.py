"""The meter's date and time: what is taken from the minute before is what is written."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol import clock


def octets(when: datetime, deviation: int, second: int) -> bytes:
    """Write local time with its deviation (minutes from local time to UTC)."""
    local = when - timedelta(minutes=deviation)
    date = local.year.to_bytes(2) + bytes((local.month, local.day, local.isoweekday()))
    return (
        date
        + bytes((local.hour, local.minute, second, 0))
        + deviation.to_bytes(2, signed=True)
        + bytes((0x80,))
    )


@given(
    when=st.integers(86_400, 4_102_000_000),
    seconds=st.lists(st.integers(0, 255), min_size=1, max_size=8),
    deviation=st.sampled_from([-120, -60, 0, 840, -840]),
)
def test_every_second_of_a_minute(when: int, seconds: list[int], deviation: int) -> None:
    minute = datetime.fromtimestamp(when, UTC).replace(second=0)
    for second in seconds:
        said = clock.instant(octets(minute, deviation, second))
        assert said == (minute + timedelta(seconds=second) if second < 60 else None)


def test_there_is_no_sixty_first_second() -> None:
    minute = datetime(2026, 5, 12, 10, 7, tzinfo=UTC)
    said = [clock.instant(octets(minute, -120, second)) for second in range(256)]
    assert said == [minute + timedelta(seconds=second) for second in range(60)] + [None] * 196


@given(st.lists(st.binary(min_size=12, max_size=12), min_size=1, max_size=4))
def test_what_was_said_before_changes_nothing(written: list[bytes]) -> None:
    said = [clock.instant(one) for one in written]
    clock._minute.cache_clear()
    assert [clock.instant(one) for one in reversed(written)] == said[::-1]
