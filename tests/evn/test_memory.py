"""What outlives a stop, how often a meter is heard, and what it is."""

import pytest
from homeassistant.core import HomeAssistant

from custom_components.hausstrom.evn.memory import (
    Handover,
    as_content,
    drop_handover,
    from_content,
    hand_over,
    take_over,
)
from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from custom_components.hausstrom.evn.protocol.identity import identity
from custom_components.hausstrom.evn.protocol.plausibility import MeterMemory
from custom_components.hausstrom.evn.protocol.reader import MeterReader
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


KEYS = ("00" * 16, None)


def heard(at: float, keys: tuple[str, str | None] = KEYS) -> Handover:
    return Handover(keys, MeterReader(bytes(16)), None, TelegramRhythm(5.0), at)


def test_what_was_heard_is_handed_over_once(hass: HomeAssistant) -> None:
    one = heard(100.0)
    hand_over(hass, "evn_1", one)
    assert take_over(hass, "evn_2", KEYS, 101.0) is None
    assert take_over(hass, "evn_1", KEYS, 101.0) is one
    assert take_over(hass, "evn_1", KEYS, 101.0) is None


@pytest.mark.parametrize("keys", [("11" * 16, None), ("00" * 16, "22" * 16)])
def test_another_key_makes_another_meter_of_it(
    hass: HomeAssistant, keys: tuple[str, str | None]
) -> None:
    hand_over(hass, "evn_1", heard(100.0))
    assert take_over(hass, "evn_1", keys, 101.0) is None


def test_what_was_heard_before_a_silence_is_old(hass: HomeAssistant) -> None:
    hand_over(hass, "evn_1", heard(100.0))
    assert take_over(hass, "evn_1", KEYS, 100.0 + LEAST_SILENCE + 1) is None
    hand_over(hass, "evn_1", heard(100.0))
    assert take_over(hass, "evn_1", KEYS, 100.0 + LEAST_SILENCE) is not None


def test_what_a_set_up_has_heard_counts_more_than_what_an_unload_leaves(
    hass: HomeAssistant,
) -> None:
    new, old = heard(100.0), heard(99.0)
    hand_over(hass, "evn_1", new)
    hand_over(hass, "evn_1", old, again=True)
    assert take_over(hass, "evn_1", KEYS, 101.0) is new
    hand_over(hass, "evn_1", old, again=True)
    drop_handover(hass, "evn_1")
    assert take_over(hass, "evn_1", KEYS, 101.0) is None
