from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from custom_components.hausstrom.evn.protocol.mbus import (
    MAX_PAYLOAD,
    Assembler,
    payload_bytes,
    scan,
)
from simulators.evn_telegram import long_frame, long_frames

NOW = datetime(2026, 5, 12, tzinfo=UTC)
LINK = bytes.fromhex("53FF0167")
UNIT = bytes(range(256)) + b"the rest"


def reason(payload: bytes) -> Reason:
    with pytest.raises(TelegramError) as caught:
        scan(payload_bytes(payload))
    return caught.value.reason


@pytest.mark.parametrize(
    "payload",
    [
        b"6805",
        b"68 05",
        b"68:05\r\n",
        b"0x68,0x05",
        b"68-05\x00\x00",
        b"h\x05",
    ],
)
def test_spellings_of_bytes(payload: bytes) -> None:
    assert payload_bytes(payload) == b"\x68\x05"


def test_raw_bytes_with_something_before_the_frame() -> None:
    raw = b"\xff\x00" + long_frame(b"data", 0, last=True)
    assert payload_bytes(raw) == raw


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", Reason.EMPTY),
        (b" \n", Reason.EMPTY),
        (b"0" * (MAX_PAYLOAD + 1), Reason.OVERSIZED),
        (b"680", Reason.NOT_HEX),
        (b"hello" * 3, Reason.NO_FRAME),
        (b"online", Reason.NOT_HEX),
        (b'{"connectsWifi":1}', Reason.NOT_HEX),
        (b"/KFM5MA309\r\n\r\n1-0:1.8.0(1*kWh)", Reason.OTHER_PROTOCOL),
        (b"/KFM5MA309".hex().encode(), Reason.OTHER_PROTOCOL),
        (b"7EA08BCEFF03", Reason.OTHER_PROTOCOL),
        (b"\x7e\xa0\x8b\xce\xff\x03", Reason.OTHER_PROTOCOL),
        (b"\xff\xfe\xfd", Reason.NOT_HEX),
        (b"00" * 40, Reason.NO_FRAME),
        (b"68", Reason.NO_FRAME),
        (b"68FAFA6853FF", Reason.INCOMPLETE),
        (b"6801016853FF", Reason.INCOMPLETE),
    ],
)
def test_what_is_no_frame_is_named(payload: bytes, expected: Reason) -> None:
    assert reason(payload) is expected


@pytest.mark.parametrize("length", [30, 93, 250, 255, 256, 257, 300])
def test_frames_of_all_lengths_are_joined(length: int) -> None:
    found = scan(b"".join(long_frames(UNIT, length)))
    assert found.damage is None
    whole, dropped = Assembler().feed(found, NOW)
    assert not dropped
    assert [tuple(unit) for unit in whole] == [(LINK, UNIT)]


@given(before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_frames_are_found_in_garbage(before: bytes, after: bytes) -> None:
    frame = long_frame(UNIT[:40], 0, last=True)
    assert UNIT[:40] in [found.data for found in scan(before + frame + after).frames]


@given(at=st.integers(0, 51), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found(at: int, bit: int) -> None:
    frame = bytearray(long_frame(UNIT[:41], 0, last=True))
    frame[at] ^= 1 << bit
    with pytest.raises(TelegramError) as caught:
        scan(bytes(frame))
    assert caught.value.reason in {Reason.CHECKSUM, Reason.NO_FRAME, Reason.INCOMPLETE}


@given(st.binary(min_size=1, max_size=400))
def test_no_bytes_hang_or_crash(data: bytes) -> None:
    try:
        found = scan(data)
    except TelegramError:
        return
    Assembler().feed(found, NOW)


def feed(
    assembler: Assembler, *frames: bytes, seconds: float = 0
) -> tuple[list[bytes], list[Reason]]:
    whole, dropped = assembler.feed(scan(b"".join(frames)), NOW + timedelta(seconds=seconds))
    return [unit.data for unit in whole], [error.reason for error in dropped]


def test_segments_arrive_in_two_messages() -> None:
    assembler = Assembler()
    assert feed(assembler, long_frame(b"first", 0, last=False)) == ([], [])
    assert assembler.waiting
    assert feed(assembler, long_frame(b"second", 1, last=True), seconds=3) == ([b"firstsecond"], [])
    assert not assembler.waiting


def test_the_rest_comes_too_late() -> None:
    assembler = Assembler()
    feed(assembler, long_frame(b"first", 0, last=False))
    assert feed(assembler, long_frame(b"second", 1, last=True), seconds=5) == (
        [],
        [Reason.INCOMPLETE, Reason.SEGMENT],
    )


def test_a_new_telegram_replaces_half_of_one() -> None:
    assembler = Assembler()
    feed(assembler, long_frame(b"first", 0, last=False))
    assert feed(assembler, long_frame(b"whole", 0, last=True)) == ([b"whole"], [Reason.INCOMPLETE])


def test_duplicate_segment_is_dropped_and_the_telegram_goes_on() -> None:
    parts = [long_frame(b"a", 0, last=False), long_frame(b"b", 1, last=False)]
    last = long_frame(b"c", 2, last=True)
    assert feed(Assembler(), *parts, parts[1], last) == ([b"abc"], [Reason.SEGMENT])


def test_missing_segment_loses_the_telegram() -> None:
    first, last = long_frame(b"a", 0, last=False), long_frame(b"c", 2, last=True)
    assembler = Assembler()
    assert feed(assembler, first, last) == ([], [Reason.SEGMENT])
    assert not assembler.waiting


def test_segments_of_two_links_are_not_joined() -> None:
    first = long_frame(b"a", 0, last=False)
    other = bytearray(long_frame(b"b", 1, last=True))
    other[5], other[-2] = 0xFE, other[-2] - 1
    assert feed(Assembler(), first, bytes(other)) == ([], [Reason.SEGMENT])


def test_two_telegrams_in_one_message() -> None:
    frames = [long_frame(text, 0, last=True) for text in (b"one", b"two")]
    assert feed(Assembler(), *frames) == ([b"one", b"two"], [])


def test_a_damaged_first_frame_is_what_is_reported() -> None:
    first = bytearray(long_frame(b"first", 0, last=False))
    first[-2] ^= 1
    assert feed(Assembler(), bytes(first), long_frame(b"second", 1, last=True)) == (
        [],
        [Reason.CHECKSUM],
    )


def test_application_data_of_other_meters_is_explained() -> None:
    frame = bytearray(long_frame(b"data", 0, last=True))
    frame[-2] = (frame[-2] - frame[6] + 0x72) & 0xFF
    frame[6] = 0x72
    assert feed(Assembler(), bytes(frame)) == ([], [Reason.OTHER_PROTOCOL])
