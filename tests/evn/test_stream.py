"""The byte buffer: every framing, cut anywhere, with anything between."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol import dsmr, hdlc
from custom_components.hausstrom.evn.protocol.errors import Reason
from custom_components.hausstrom.evn.protocol.stream import DataUnit, Framing, Stream
from simulators.evn_framing import bare_text, blocks, hdlc_frame, x25
from simulators.evn_telegram import KAIFA, SAGEMCOM, encipher, long_frame, long_frames

NOW = datetime(2026, 5, 12, tzinfo=UTC)
LINK = bytes.fromhex("53FF0167")
UNIT = bytes(range(256)) + b"the rest"
CIPHERED = encipher(KAIFA, 7, bytes(range(100, 200)))


class Fed:
    """A stream, and what came out of it."""

    def __init__(self) -> None:
        self.stream = Stream()
        self.units: list[bytes] = []
        self.reasons: list[Reason] = []

    def feed(self, data: bytes, seconds: float = 0) -> Fed:
        units, dropped = self.stream.feed(data, NOW + timedelta(seconds=seconds))
        self.units += [unit.data for unit in units]
        self.reasons += [error.reason for error in dropped]
        return self


def fed(*pieces: bytes) -> Fed:
    one = Fed()
    for number, piece in enumerate(pieces):
        one.feed(piece, number / 100)
    return one


FRAMED = {
    "mbus": b"".join(long_frames(CIPHERED, 60)),
    "mbus 257": b"".join(long_frames(UNIT + CIPHERED, 257)),
    "hdlc": hdlc_frame(b"\xe6\xe7\x00" + CIPHERED),
    "blocks": b"".join(blocks(CIPHERED, 50)),
    "bare": CIPHERED,
}
CONTENT = {name: UNIT + CIPHERED if name == "mbus 257" else CIPHERED for name in FRAMED}


@pytest.mark.parametrize("name", FRAMED)
@pytest.mark.parametrize("size", [1, 2, 7, 32, 255, 4000])
def test_pieces_of_any_size(name: str, size: int) -> None:
    raw = FRAMED[name]
    one = fed(*[raw[at : at + size] for at in range(0, len(raw), size)])
    assert one.units == [CONTENT[name]]
    assert one.reasons == []


class WithoutMemory(Stream):
    """A stream to which no message is as usual: it scans every one."""

    def usual(self, data: bytes, received: datetime) -> bytes | None:
        return None


@pytest.mark.parametrize("seed", range(40))
def test_what_is_usual_is_read_as_everything_else(seed: int) -> None:
    """The short way for messages that are framed as the one before finds what a scan finds."""
    random = Random(seed)
    short, long = Stream(), WithoutMemory()
    taken = 0
    now = NOW
    # In frames of 100 bytes the unit is two frames, which is what the short way is for.
    sizes = [100, random.choice([60, 245, 257])]
    for _ in range(120):
        unit = CIPHERED if random.random() < 0.9 else UNIT
        raw = b"".join(long_frames(unit, random.choice(sizes)))
        kind = random.random()
        if kind < 0.1:
            raw = raw[: random.randrange(len(raw))]
        elif kind < 0.3:
            damaged = bytearray(raw)
            damaged[random.randrange(len(raw))] ^= 1 << random.randrange(8)
            raw = bytes(damaged)
        elif kind < 0.35:
            raw = hdlc_frame(b"\xe6\xe7\x00" + CIPHERED)
        elif kind < 0.4:
            raw = b"".join(blocks(CIPHERED, 50))[: random.randrange(60, 120)]
        now += timedelta(seconds=random.choice([0.1, 1, 5, 5]))
        usual = short.usual(raw, now)
        units, dropped = ([DataUnit(short.link, usual)], []) if usual else short.feed(raw, now)
        taken += usual is not None
        expected, refused = long.feed(raw, now)
        assert units == expected
        assert [str(error) for error in dropped] == [str(error) for error in refused]
        assert (short.waiting, short.framing) == (long.waiting, long.framing)
    assert taken > 2


@pytest.mark.parametrize("name", FRAMED)
def test_several_in_one_message(name: str) -> None:
    assert fed(FRAMED[name] * 3).units == [CONTENT[name]] * 3


@pytest.mark.parametrize("name", [name for name in FRAMED if name != "bare"])
@given(before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_noise_around(name: str, before: bytes, after: bytes) -> None:
    assert CONTENT[name] in fed(before + FRAMED[name] + after).units


@pytest.mark.parametrize("name", ["mbus", "hdlc", "blocks"])
def test_a_flipped_bit_is_found(name: str) -> None:
    raw = FRAMED[name]
    clean = fed(raw).stream
    for bit in range(8 * len(raw)):
        damaged = bytearray(raw)
        damaged[bit >> 3] ^= 1 << (bit & 7)
        one = Fed()
        one.stream = clean
        one.feed(bytes(damaged), 10 * (bit + 1))
        # A flag says nothing that the length and the check sequence do not say too.
        assert CIPHERED not in one.units or damaged[bit >> 3] ^ 0x7E == 1 << (bit & 7)


@given(st.binary(min_size=1, max_size=400))
def test_no_bytes_hang_or_crash(data: bytes) -> None:
    fed(data, data, FRAMED["mbus"])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bytes(40), Reason.NO_FRAME),
        (b"hello" * 3, Reason.NO_FRAME),
        (b"/KFM5MA309\r\n1-0:1.8.0(000001*Wh)\r\n", Reason.PLAIN_TEXT),
        (bare_text(b"/KFM5MA309\r\n\r\n1-0:1.8.0(000001*Wh)\r\n"), Reason.PLAIN_TEXT),
        (b"\x10\x40\xf0\x30\x16", Reason.AMIS),
        (long_frame(b"data", 0, last=True, ci=0x72), Reason.OTHER_PROTOCOL),
        (b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01v\x05", Reason.OTHER_PROTOCOL),
        (b"\x0f" + bytes(4) + b"\x0c" + bytes(20), Reason.NOT_CIPHERED),
        (b"\xee\x00\x20\x00\x00\x01\x20" + b"\x13\x10", Reason.NO_FRAME),
        (hdlc_frame(b"\xe6\xe7\x00" + CIPHERED)[:-3] + b"\x00\x00\x7e", Reason.CHECKSUM),
    ],
)
def test_what_is_no_telegram_is_named(data: bytes, expected: Reason) -> None:
    one = fed(data)
    assert one.units == []
    assert one.reasons == [expected]


def test_ansi_packets_are_named() -> None:
    packet = b"\xee\x00\x20\x00\x00\x01\x20"
    packet += hdlc.fcs16(packet).to_bytes(2, "little")
    assert fed(packet).reasons == [Reason.NES]


def test_the_check_sequence_is_that_of_the_standard() -> None:
    assert hdlc.fcs16(b"123456789") == 0x906E


def test_a_signature_behind_a_frame_is_skipped_quietly() -> None:
    random = Random(4)
    one = Fed()
    for number in range(60):
        signature = bytearray(random.randbytes(96))
        signature[20:23] = b"\x7e\xa0\x08"
        signature[40:44] = b"h\x10\x10h"
        raw = FRAMED["hdlc"][: -1 if number % 2 else None] + bytes(signature)
        for at in range(0, len(raw), 50):
            one.feed(raw[at : at + 50], number + at / 1000)
    assert one.units == [CIPHERED] * 60
    assert one.reasons == []


def test_a_flag_may_close_and_open() -> None:
    raw = FRAMED["hdlc"]
    assert fed(raw[:-1] * 2 + raw).units == [CIPHERED] * 3
    assert fed(b"\x7e\x7e".join([raw[1:-1]] * 3).join([b"\x7e", b"\x7e"])).units == [CIPHERED] * 3


def test_segments_of_hdlc_are_joined() -> None:
    first = hdlc_frame(b"\xe6\xe7\x00" + CIPHERED[:40], segmented=True)
    assert fed(first + hdlc_frame(CIPHERED[40:])).units == [CIPHERED]


def test_blocks_out_of_order_wait_for_the_first() -> None:
    one, two, three = blocks(CIPHERED, 50)
    assert fed(two, three).reasons == [Reason.SEGMENT] * 2
    assert fed(one, three).reasons == [Reason.SEGMENT]
    again = fed(one, two, one, two, three)
    assert again.units == [CIPHERED]
    assert again.reasons == [Reason.INCOMPLETE]
    late = fed(one, two)
    late.feed(three, 6)
    assert late.units == []
    assert Reason.INCOMPLETE in late.reasons


def test_a_unit_out_of_a_damaged_frame_is_not_a_bare_one() -> None:
    for name in ("mbus", "hdlc"):
        damaged = bytearray(FRAMED[name])
        damaged[-3] ^= 1
        assert fed(bytes(damaged)).units == []
        assert fed(bytes(damaged), bytes(40)).units == []
        one = fed(FRAMED[name])
        one.feed(bytes(damaged).replace(b"\xe6\xe7\x00", b"\xe6\xe7\x01"), 9)
        assert one.units == [CIPHERED]


def test_what_carried_the_telegram_is_known() -> None:
    for name, framing in (("mbus", Framing.MBUS), ("blocks", Framing.HDLC), ("bare", Framing.BARE)):
        assert fed(FRAMED[name]).stream.framing is framing


# M-Bus


@pytest.mark.parametrize("length", [30, 93, 250, 255, 256, 257, 300])
def test_frames_of_all_lengths_are_joined(length: int) -> None:
    units, dropped = Stream().feed(b"".join(long_frames(UNIT, length)), NOW)
    assert not dropped
    assert units == [DataUnit(LINK, UNIT, Framing.MBUS)]


def test_segments_arrive_in_two_messages() -> None:
    one = Fed().feed(long_frame(b"first", 0, last=False))
    assert (one.units, one.reasons, one.stream.waiting) == ([], [], True)
    one.feed(long_frame(b"second", 1, last=True), 3)
    assert (one.units, one.reasons, one.stream.waiting) == ([b"firstsecond"], [], False)


def test_the_rest_comes_too_late() -> None:
    one = Fed().feed(long_frame(b"first", 0, last=False))
    one.feed(long_frame(b"second", 1, last=True), 5)
    assert (one.units, one.reasons) == ([], [Reason.INCOMPLETE, Reason.SEGMENT])


def test_half_a_frame_is_missed_when_the_rest_does_not_come() -> None:
    one = Fed().feed(FRAMED["mbus"][:40])
    assert one.reasons == []
    one.feed(FRAMED["mbus"], 5)
    assert (one.units, one.reasons) == ([CIPHERED], [Reason.INCOMPLETE])


def test_a_new_telegram_replaces_half_of_one() -> None:
    one = fed(long_frame(b"first", 0, last=False), long_frame(b"whole", 0, last=True))
    assert (one.units, one.reasons) == ([b"whole"], [Reason.INCOMPLETE])


def test_duplicate_segment_is_dropped_and_the_telegram_goes_on() -> None:
    parts = [long_frame(b"a", 0, last=False), long_frame(b"b", 1, last=False)]
    one = fed(*parts, parts[1], long_frame(b"c", 2, last=True))
    assert (one.units, one.reasons) == ([b"abc"], [Reason.SEGMENT])


def test_missing_segment_loses_the_telegram() -> None:
    one = fed(long_frame(b"a", 0, last=False), long_frame(b"c", 2, last=True))
    assert (one.units, one.reasons, one.stream.waiting) == ([], [Reason.SEGMENT], False)


def test_segments_of_two_links_are_not_joined() -> None:
    other = bytearray(long_frame(b"b", 1, last=True))
    other[5], other[-2] = 0xFE, other[-2] - 1
    one = fed(long_frame(b"a", 0, last=False), bytes(other))
    assert (one.units, one.reasons) == ([], [Reason.SEGMENT])


def test_a_damaged_first_frame_is_reported() -> None:
    first = bytearray(long_frame(b"first", 0, last=False))
    first[-2] ^= 1
    one = fed(bytes(first) + long_frame(b"second", 1, last=True))
    assert (one.units, one.reasons) == ([], [Reason.CHECKSUM])
    pieces = fed(bytes(first), long_frame(b"second", 1, last=True))
    assert (pieces.units, pieces.reasons) == ([], [Reason.CHECKSUM])


def test_the_frame_of_257_bytes_may_come_in_pieces() -> None:
    raw = b"".join(long_frames(encipher(SAGEMCOM, 1, bytes(243)), 257))
    assert len(fed(raw[:100], raw[100:260], raw[260:]).units) == 1


def test_many_starts_of_a_text_do_not_cost_a_look_at_everything_each() -> None:
    """A CRC over all that follows, for each of a thousand starts, would block for seconds."""
    data = b"/AAA5" * 3000 + b"!0000\r\n"
    with patch.object(dsmr, "crc16", wraps=dsmr.crc16) as crc:
        Stream().feed(data, NOW)
    assert 0 < crc.call_count <= 8


# HDLC, blocks and bare units: what the framings say, byte by byte


def hdlc_by_hand(
    information: bytes,
    *,
    address: bytes = bytes.fromhex("CEFF03"),
    control: int = 0x13,
    header: int = 0,
) -> bytes:
    """A frame with a control byte or a header check of its own; its frame check is right."""
    size = 2 + len(address) + 1 + (2 + len(information) if information else 0) + 2
    head = (0xA000 | size).to_bytes(2) + address + bytes((control,))
    if information:
        head += (x25(head) ^ header).to_bytes(2, "little") + information
    return b"\x7e" + head + x25(head).to_bytes(2, "little") + b"\x7e"


@pytest.mark.parametrize("address", ["CEFF03", "CF0223", "CF00020023", "0303", "0002000300020003"])
def test_addresses_of_any_length_are_skipped(address: str) -> None:
    raw = hdlc_by_hand(b"\xe6\xe7\x00" + CIPHERED, address=bytes.fromhex(address))
    assert fed(raw).units == [CIPHERED]


def test_both_check_sequences_are_checked() -> None:
    raw = hdlc_by_hand(b"\xe6\xe7\x00" + CIPHERED, header=1)
    one = fed(raw)
    assert one.units == []
    assert one.reasons == [Reason.CHECKSUM]


def test_a_frame_without_information_has_no_header_check() -> None:
    one = fed(hdlc_by_hand(b"", control=0x93), hdlc_by_hand(b"\xe6\xe7\x00" + CIPHERED))
    assert one.units == [CIPHERED]
    assert one.reasons == []


def test_what_a_frame_of_another_kind_holds_is_no_telegram() -> None:
    one = fed(hdlc_by_hand(CIPHERED, control=0x10), hdlc_by_hand(CIPHERED))
    assert one.units == [CIPHERED]


@pytest.mark.parametrize("llc", [b"\xe6\xe7\x00", b"\xe6\xe6\x00", b""])
def test_the_llc_may_be_missing(llc: bytes) -> None:
    assert fed(hdlc_by_hand(llc + CIPHERED)).units == [CIPHERED]


def test_flags_inside_of_a_frame_are_not_escaped() -> None:
    content = (
        b"\xdb\x08KFM12345\x20\x20" + bytes(4) + b"\x7e\xa0\x7d\x5e\x7e\x7e\xa0\x10h\x05\x05h" * 2
    )
    for size in (1, 7, 4000):
        raw = hdlc_by_hand(b"\xe6\xe7\x00" + content)
        assert fed(*[raw[at : at + size] for at in range(0, len(raw), size)]).units == [content]


@pytest.mark.parametrize(
    ("order", "units"),
    [
        ((0, 1, 2), 1),
        ((0, 0, 1, 2), 1),  # a first block anew
        ((0, 1, 1, 2), 0),
        ((0, 2), 0),
        ((1, 2), 0),
        ((0, 1, 2, 0, 1, 2), 2),
        ((2, 0, 1, 2), 1),
        ((0, 1, 0, 1, 2), 1),
    ],
)
def test_blocks_come_in_their_order_or_not_at_all(order: tuple[int, ...], units: int) -> None:
    three = blocks(CIPHERED, 50)
    assert fed(*[three[number] for number in order]).units == [CIPHERED] * units


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:10] + b"\x7f" + raw[11:],  # longer than any
        lambda raw: raw[:11] + b"\x10" + raw[12:],  # not encrypted
        lambda raw: raw[:11] + b"\x60" + raw[12:],  # a broadcast key
        lambda raw: raw[:2] + b"kfm" + raw[5:],
        lambda raw: raw[:1] + b"\x07" + raw[2:],
    ],
)
def test_what_only_looks_like_a_bare_unit_is_none(change: Callable[[bytes], bytes]) -> None:
    bare = change(FRAMED["bare"])
    one = fed(bare)
    one.feed(FRAMED["mbus"], 9)
    assert one.units == [CIPHERED]


def test_a_bare_unit_is_whole_when_its_bytes_are_there() -> None:
    raw = FRAMED["bare"]
    one = fed(b"\x00\xff", raw[:20], raw[20:-1])
    assert one.units == []
    one.feed(raw[-1:])
    assert one.units == [raw]
