"""AMIS meters: records of M-Bus in AES-CBC, from a simulated meter that was built without them."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from custom_components.hausstrom.evn.protocol import amis
from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from custom_components.hausstrom.evn.protocol.reader import MeterReader
from simulators.evn_framing import records
from simulators.evn_household import Household
from simulators.evn_meters import BY_NAME, expected, play

from .telegrams import NOON

METER = BY_NAME["ooe"]
KEY = METER.model.key
HEAD = b"\x2f\x2f"


def test_the_access_number_goes_on_from_the_last() -> None:
    reader = MeterReader(KEY)
    house = Household(5, NOON)
    seen: list[int] = []
    for number in range(600):
        when = NOON + timedelta(seconds=number)
        state = house.advance(when)
        if number % 7 == 3:
            continue  # lost
        (reading,) = reader.feed_bytes(
            play(METER, state, when, 200 + number), received=when
        ).readings
        assert dict(reading.values) == expected(METER, state)
        assert reading.meter_time == when
        seen.append(reading.frame_counter)
    assert seen == sorted(set(seen))
    assert not reader.rejected


def test_the_same_telegram_again_is_a_replay() -> None:
    reader = MeterReader(KEY)
    raw = play(METER, Household(5, NOON).state(), NOON, 5)
    assert reader.feed_bytes(raw, received=NOON).readings
    assert not reader.feed_bytes(raw, received=NOON + timedelta(seconds=1)).readings
    assert reader.rejected == {Reason.REPLAY: 1}


def test_it_waits_for_an_answer() -> None:
    reader = MeterReader(KEY)
    reader.feed_bytes(amis.ASKS, received=NOON)
    assert reader.answer() == amis.ACKNOWLEDGE
    assert reader.answer() == b""
    raw = play(METER, Household(5, NOON).state(), NOON, 5)
    reader.feed_bytes(raw[:40], received=NOON)
    assert reader.answer() == b""
    assert reader.feed_bytes(raw[40:], received=NOON).readings
    assert reader.answer() == amis.ACKNOWLEDGE
    # It begins anew after a pause: no telegram is lost by it.
    before = reader.rejected.total()
    reader.feed_bytes(amis.ASKS, received=NOON + timedelta(minutes=2))
    assert reader.answer() == amis.ACKNOWLEDGE
    assert reader.rejected.total() == before


@pytest.mark.parametrize("name", ["noe", "wien", "steiermark"])
def test_no_other_meter_is_answered(name: str) -> None:
    meter = BY_NAME[name]
    reader = MeterReader(meter.model.key)
    for number in range(3):
        when = NOON + timedelta(seconds=5 * number)
        reader.feed_bytes(play(meter, Household(5, NOON).state(), when, number), received=when)
        assert reader.answer() == b""


def test_another_key_is_a_wrong_key() -> None:
    raw = play(METER, Household(5, NOON).state(), NOON, 5)
    random = Random(1)
    for _ in range(2_000):
        reader = MeterReader(random.randbytes(16))
        assert not reader.feed_bytes(raw, received=NOON).readings
        assert reader.rejected == {Reason.WRONG_KEY: 1}


@pytest.mark.parametrize(
    ("plaintext", "reason"),
    [
        (b"", Reason.STRUCTURE),
        (b"\x2f\x04\x03", Reason.STRUCTURE),
        (HEAD + b"\x2f" * 14, Reason.NO_REGISTER),
        (HEAD + b"\x04\x03\x01\x02", Reason.STRUCTURE),
        (HEAD + b"\x0d\x03\x01\x02\x03\x04", Reason.STRUCTURE),
        (HEAD + b"\x84\x90\xfb\x82", Reason.STRUCTURE),
        (HEAD + b"\x04\x13\x01\x02\x03\x04", Reason.NO_REGISTER),
    ],
)
def test_what_is_broken_is_refused(plaintext: bytes, reason: Reason) -> None:
    with pytest.raises(TelegramError) as caught:
        amis.read(plaintext)
    assert caught.value.reason is reason


def test_what_is_not_known_is_left_out() -> None:
    plaintext = HEAD + bytes.fromhex("0413 01000000 042B F4010000 02FD48 3209 2F2F")
    said, left_out, _ = amis.read(plaintext)
    assert said.values == {"power_import": 500}
    assert said.meter_time is None
    assert left_out == ("record 04 13", "record 02 FD 48")


@pytest.mark.parametrize(
    ("octets", "when"),
    [
        ("4224D7F41619", datetime(2015, 6, 20, 21, 36, 2, tzinfo=UTC)),
        ("0224D7F41C19", datetime(2015, 12, 20, 22, 36, 2, tzinfo=UTC)),
        ("421E02593A00", datetime(2026, 10, 25, 0, 30, 2, tzinfo=UTC)),
        ("021E02593A00", datetime(2026, 10, 25, 1, 30, 2, tzinfo=UTC)),
        ("42A4D7F41619", None),
        ("4224D7E01619", None),
        ("423FD7F41619", None),
        ("000000000000", None),
    ],
)
def test_instants(octets: str, when: datetime | None) -> None:
    plaintext = HEAD + b"\x06\x6d" + bytes.fromhex(octets) + bytes.fromhex("042B00000000")
    assert amis.read(plaintext).said.meter_time == when


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [(10, 0x40, Reason.STRUCTURE), (10, 0x00, Reason.STRUCTURE), (11, 0x00, Reason.SECURITY)],
)
def test_a_header_of_another_kind(at: int, value: int, reason: Reason) -> None:
    frame = records(HEAD + bytes.fromhex("042B00000000"), KEY, 1)
    data = bytearray(frame[7:-2])
    data[at] = value
    with pytest.raises(TelegramError) as caught:
        amis.open_unit(bytes(data), None)
    assert caught.value.reason is reason
    with pytest.raises(TelegramError):
        amis.open_unit(bytes(data[:12]), None)


def test_damage_that_the_sum_does_not_see_is_never_believed() -> None:
    """Two bits that compensate: one destroys a block and changes the next, or the nonce."""
    random = Random(7)
    house = Household(5, NOON)
    passed = 0
    for begun in (False, True):
        for number in range(1, 4_000):
            when = NOON + timedelta(seconds=number)
            state = house.advance(when)
            raw = play(METER, state, when, 200 + number)
            reader = MeterReader(KEY)
            if begun:
                earlier = when - timedelta(seconds=1)
                before = play(METER, state, earlier, 199 + number)
                assert reader.feed_bytes(before, received=earlier).readings
            bit = random.randrange(8)
            places = random.sample(range(8, len(raw) - 2), 2)
            if sum((raw[at] >> bit) & 1 for at in places) != 1:
                continue  # the sum sees it
            damaged = bytearray(raw)
            for at in places:
                damaged[at] ^= 1 << bit
            for reading in reader.feed_bytes(bytes(damaged), received=when).readings:
                assert dict(reading.values) == expected(METER, state)
                assert reading.meter_time == when
            passed += 1
    assert passed > 3_000


def test_other_records_are_believed_once_they_are_usual_for_this_meter() -> None:
    reader = MeterReader(KEY)
    shown = []
    for number in range(6):
        content = HEAD + bytes.fromhex("042B") + (500 + number).to_bytes(4, "little")
        content += bytes.fromhex("0413") + bytes(4)
        when = NOON + timedelta(seconds=number)
        heard = reader.feed_bytes(records(content, KEY, 50 + number), received=when)
        shown.append([dict(reading.values) for reading in heard.readings])
    assert shown == [[], *([{"power_import": 500 + n}] for n in range(1, 6))]
    assert reader.left_out == ("record 04 13",)
