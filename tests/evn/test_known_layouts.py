"""What is constant in a meter's telegrams proves them, until the meter itself changes it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.hausstrom.evn.protocol.reader import MeterReader
from simulators.evn import frame_counter
from simulators.evn_household import Household
from simulators.evn_meters import BY_NAME, play
from simulators.evn_telegram import KAIFA, TIROL, MeterModel, telegram

from .telegrams import NOON, Sent, listen, stream

FIRST, LAST = 107, 122
"""Of the bytes on the line, where the logical device name of the Kaifa MA309M stands."""
INVOKE = 31


def flipped(sent: Sent, *places: int) -> bytes:
    """Bit 0 of some bytes changed, so that the sum of the frame stays what it is."""
    raw = bytearray(sent.raw)
    for at in places:
        raw[at] ^= 1
    assert sum(raw[4:254]) & 0xFF == raw[254], "the sum does not tell"
    return bytes(raw)


def compensating(sent: Sent, place: int) -> int | None:
    """Return the last byte of a voltage whose bit 0 compensates the one at `place`."""
    for at in (135, 154, 173):
        if (sent.raw[at] ^ sent.raw[place]) & 1:
            return at
    return None


def primed(count: int = 80) -> tuple[MeterReader, list[Sent]]:
    reader = MeterReader(TIROL.key)
    sent = stream(TIROL, count + 60)
    for one in sent[:count]:
        listen(reader, one)
    return reader, sent[count:]


@pytest.mark.parametrize("place", range(FIRST, LAST + 1))
def test_a_bit_in_a_name_is_the_trace_of_one_in_a_value(place: int) -> None:
    """The pairs that were believed: a voltage off by its last digit, and a name nobody reads."""
    reader, following = primed()
    tried = 0
    for one in following[:12]:
        if (other := compensating(one, place)) is not None:
            heard = reader.feed(flipped(one, place, other), received=one.received)
            assert [error.detail for error in heard.rejections] == [
                "a string of this meter looked different"
            ]
            tried += 1
        assert listen(reader, one).readings, "what is intact is read at once"
    assert tried


def test_of_a_number_that_counts_no_telegram_has_the_one_before() -> None:
    """A changed bit makes the invoke id of the telegram before in every second telegram."""
    reader, following = primed()
    tried = 0
    for one in following[:30]:
        # A gate that breaks often learns that it is no habit: three times are not often.
        if tried < 3 and (other := compensating(one, INVOKE)) is not None:
            heard = reader.feed(flipped(one, INVOKE, other), received=one.received)
            assert [error.detail for error in heard.rejections] == ["the invoke id counts along"]
            tried += 1
        assert listen(reader, one).readings
    assert tried == 3


def named(name: str, sent: Sent, model: MeterModel = TIROL) -> Sent:
    changed = replace(model, logical_name=name)
    raw = telegram(changed, sent.state, sent.when, frame_counter(sent.when))
    return replace(sent, raw=raw)


def test_a_meter_with_another_name_is_believed_with_the_second_telegram() -> None:
    reader, following = primed()
    believed = [bool(listen(reader, named("KFM1200200000099", one)).readings) for one in following]
    assert not believed[0]
    assert all(believed[1:])


@pytest.mark.parametrize("heard_before", [0, 1, 5, 80])
def test_a_string_that_always_changes_silences_nothing(heard_before: int) -> None:
    reader = MeterReader(TIROL.key)
    sent = stream(TIROL, 140)
    for one in sent[:heard_before]:
        listen(reader, one)
    believed = [
        bool(listen(reader, named(f"KFM12002{number:08}", one)).readings)
        for number, one in enumerate(sent[heard_before:])
    ]
    assert believed[:4].count(False) <= 3
    assert believed[3:].count(False) <= 1, "what a calm house holds back"
    assert reader.left_out == ("0-0:42.0.0.255 octets16",)


def test_a_string_that_changes_now_and_then_delays_one_telegram_once() -> None:
    reader, following = primed()
    held = sum(
        not listen(reader, named(f"KFM12002{number // 10:08}", one)).readings
        for number, one in enumerate(following)
    )
    assert held <= 2


def test_damage_among_clean_telegrams_teaches_nothing() -> None:
    """Every other telegram has a changed name: those between them prove that it has not."""
    reader, following = primed()
    for number, one in enumerate(following):
        if number % 2:
            assert listen(reader, one).readings
        else:
            assert not listen(reader, named(f"KFM12002{number:08}", one)).readings


def test_at_a_start_a_changed_name_makes_the_second_telegram_the_first() -> None:
    first, second, third, *_ = stream(TIROL, 5)
    reader = MeterReader(TIROL.key)
    assert not listen(reader, first).readings
    assert not listen(reader, named("KFM1200200000099", second)).readings
    assert not listen(reader, third).readings or reader.accepted == 1


def test_an_invoke_id_that_stands_still_or_counts_is_usual_from_the_second_telegram() -> None:
    for invoke in (None, 0x80000001):
        reader = MeterReader(KAIFA.key)
        believed = [
            bool(
                reader.feed(
                    telegram(KAIFA, one.state, one.when, frame_counter(one.when), invoke),
                    received=one.received,
                ).readings
            )
            for one in stream(KAIFA, 40)
        ]
        assert believed.index(True) == 1
        assert all(believed[1:])


def test_a_check_sequence_of_16_bits_does_not_vouch_for_the_clock() -> None:
    """One burst in 65,536 passes it; in the bytes of the clock it left a time of another day."""
    meter = BY_NAME["wels"]
    house = Household(3, NOON, phases=meter.model.phases)
    reader = MeterReader(meter.model.key)
    moments = [NOON + timedelta(seconds=5 * number) for number in range(1, 40)]
    for number, when in enumerate(moments):
        state = house.advance(when)
        shown = when - timedelta(days=20) if number == 30 else when
        raw = play(meter, state, shown, frame_counter(when))
        heard = reader.feed(raw, received=when + timedelta(seconds=0.6))
        assert bool(heard.readings) is (number not in {0, 30})
        for error in heard.rejections[:number]:
            assert error.detail == "the clock goes forward, as fast as ours"
