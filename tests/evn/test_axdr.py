import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol.axdr import MAX_DEPTH, Node, Tag, parse
from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError

type Plain = bool | int | float | bytes | list[Plain] | None


def plain(node: Node) -> Plain:
    if node.children is not None:
        return [plain(child) for child in node.children]
    assert not isinstance(node.value, tuple)
    return node.value


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("00", None),
        ("0300", False),
        ("0301", True),
        ("05FFFFFFFF", -1),
        ("06FFFFFFFF", 0xFFFFFFFF),
        ("0FFF", -1),
        ("10FC18", -1000),
        ("11FF", 255),
        ("1203E8", 1000),
        ("14FFFFFFFFFFFFFFFE", -2),
        ("15FFFFFFFFFFFFFFFF", 2**64 - 1),
        ("161E", 30),
        ("173F000000", 0.5),
        ("183FE0000000000000", 0.5),
        ("0900", b""),
        ("09021234", b"\x12\x34"),
        ("0A024142", b"AB"),
        ("0C024142", b"AB"),
        ("0981021234", b"\x12\x34"),
        ("098200021234", b"\x12\x34"),
        ("19" + "07" * 12, b"\x07" * 12),
        ("0203110111020901FF", [1, 2, b"\xff"]),
        ("010211011102", [1, 2]),
        ("0200", []),
        # A number that is not finite is one that was not measured.
        ("177F800000", None),
        ("17FFC00000", None),
        ("187FF8000000000000", None),
        # Compact arrays: of uint16; of structures of uint8 and an array of four int8.
        ("13120400010002", b"\x00\x01\x00\x02"),
        ("130202110100040F050102030405", b"\x01\x02\x03\x04\x05"),
    ],
)
def test_every_type(data: str, value: Plain) -> None:
    assert plain(parse(bytes.fromhex(data))) == value


@pytest.mark.parametrize(
    "data",
    [
        "",
        "04",
        "FE",
        "0500",
        "09",
        "0902",
        "0905AA",
        "0983000001AA",
        "0980",
        "098101",
        "0981",
        "03",
        "1907",
        "02",
        "0201",
        "02FF00",
        "02820FFF00",
        "0203110111020901FF00",
        "1100AA",
        "13",
        "1312",
        "13120200",
        "1302FF1100",
        "13" + "0201" * 10 + "1100",
        "13010001",
    ],
)
def test_what_is_broken_is_refused(data: str) -> None:
    with pytest.raises(TelegramError) as caught:
        parse(bytes.fromhex(data))
    assert caught.value.reason is Reason.STRUCTURE


def test_depth_is_bounded() -> None:
    deepest = bytes.fromhex("0201") * MAX_DEPTH + b"\x00"
    assert parse(deepest)
    with pytest.raises(TelegramError):
        parse(b"\x02\x01" + deepest)


@given(st.binary(max_size=300))
def test_no_bytes_crash_or_hang(data: bytes) -> None:
    with suppress(TelegramError):
        assert parse(data).end == len(data)


def depth(value: Plain) -> int:
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


leaves = st.one_of(
    st.none().map(lambda _: (b"\x00", None)),
    st.integers(0, 2**32 - 1).map(lambda n: (b"\x06" + n.to_bytes(4), n)),
    st.integers(-(2**15), 2**15 - 1).map(lambda n: (b"\x10" + n.to_bytes(2, signed=True), n)),
    st.binary(max_size=300).map(
        lambda b: (
            (b"\x09" + bytes((len(b),)) if len(b) < 128 else b"\x09\x82" + len(b).to_bytes(2)) + b,
            b,
        )
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(
        lambda f: (b"\x18" + struct.pack(">d", f), f)
    ),
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=5).map(
        lambda items: (
            bytes((2, len(items))) + b"".join(data for data, _ in items),
            [value for _, value in items],
        )
    ),
    max_leaves=20,
)


@given(trees.filter(lambda tree: depth(tree[1]) <= MAX_DEPTH))
def test_what_was_encoded_is_read(tree: tuple[bytes, Plain]) -> None:
    data, value = tree
    assert plain(parse(data)) == value


def test_a_node_knows_where_it_stands() -> None:
    node = parse(bytes.fromhex("0202110509021234"))
    assert node.tag is Tag.STRUCTURE
    assert node.octets is None
    assert node.children is not None
    number, text = node.children
    assert (number.start, number.end) == (3, 4)
    assert (text.start, text.end) == (6, 8)
