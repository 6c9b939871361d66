"""What outlives a stop, how often a meter is heard, and what it is."""

import pytest

from custom_components.hausstrom.evn.memory import as_content, from_content
from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from custom_components.hausstrom.evn.protocol.identity import identity
from custom_components.hausstrom.evn.protocol.plausibility import MeterMemory
from custom_components.hausstrom.evn.protocol.refusals import CAUSES, Cause, Refusals
from custom_components.hausstrom.evn.protocol.rhythm import (
    LEAST_SILENCE,
    UNKNOWN_SILENCE,
    TelegramRhythm,
)

MEMORY = MeterMemory({"energy_import": 12345, "energy_export": 6.5}, 1.5e9, "0042", (0.1, 2.0))


def test_what_is_written_is_read() -> None:
    kept = from_content(as_content(MEMORY, 5.0))
    assert (kept.memory, kept.interval) == (MEMORY, 5.0)
    assert from_content(as_content(None, None)).memory is None
    assert from_content(None).memory is None


@pytest.mark.parametrize("key", ["stands", "received", "meter_number", "bounds", "interval"])
@pytest.mark.parametrize(
    "value", [None, True, -1, "x", [], ["x"], {}, {"energy_import": "x"}, 1e300]
)
def test_whatever_stands_in_the_file_is_survived(key: str, value: object) -> None:
    kept = from_content({**as_content(MEMORY, 5.0), key: value})
    if kept.memory is not None:
        assert all(isinstance(one, int | float) for one in kept.memory.stands.values())


@pytest.mark.parametrize(
    ("seconds", "silence"),
    [(1, LEAST_SILENCE), (5, 30), (6, 36), (30, 105), (60, 210), (900, 3150)],
)
def test_silence_follows_the_rhythm(seconds: float, silence: float) -> None:
    rhythm = TelegramRhythm()
    assert rhythm.silence == UNKNOWN_SILENCE
    for number in range(5):
        rhythm.heard(number * seconds)
        rhythm.heard(number * seconds + 0.1)
    assert rhythm.interval == seconds
    assert rhythm.silence == silence
    assert TelegramRhythm(seconds).silence == silence


def test_what_a_telegram_tells_of_the_meter() -> None:
    assert identity(b"ISK12345", "clock and eight", single_phase=False) == (
        "AM550",
        "Wiener Netze",
    )
    assert identity(b"SAG12345", "flat", single_phase=True).model == "S210"
    assert identity(b"KFM12345", "nested", single_phase=True).model == "MA110M"
    assert identity(b"XYZ12345", "flat", single_phase=False) == (None, None)
    assert identity(b"\xff\xff\xff12345", None, single_phase=False) == (None, None)


def test_every_reason_has_a_cause_but_the_past() -> None:
    assert set(Reason) - set(CAUSES) == {Reason.RETAINED}


def test_a_complaint_names_what_is_most_frequent() -> None:
    refusals = Refusals()
    for number in range(10):
        reason = Reason.CHECKSUM if number % 3 else Reason.FOREIGN_METER
        complaint = refusals.refused(TelegramError(reason, "x"), 5.0 * number)
        assert (complaint is None) is (number < 6)
    assert complaint is not None
    assert (complaint.cause, complaint.refused, complaint.heard) == (Cause.DAMAGED, 6, 10)
    refusals.believed()
    assert refusals.refused(TelegramError(Reason.CHECKSUM, "x"), 99.0) is None
    slow = Refusals()
    assert slow.refused(TelegramError(Reason.WRONG_KEY, "x"), 0.0) is None
    late = slow.refused(TelegramError(Reason.WRONG_KEY, "x"), 60.0)
    assert late is not None
    assert late.cause is Cause.WRONG_KEY
