from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol import notification
from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from custom_components.hausstrom.evn.protocol.layout import Layout
from custom_components.hausstrom.evn.protocol.notification import Notification
from simulators.evn_telegram import KAIFA, MODELS, MeterModel, obis, octets, scale
from simulators.evn_telegram import notification as encode

from .telegrams import stream
from .test_notification import CLOCK, body

PLAINTEXTS = {
    model.name: [
        encode(model, sent.state, sent.when, 0x80000000 + n)
        for n, sent in enumerate(stream(model, 3))
    ]
    for model in MODELS
}


def learn(plaintext: bytes) -> Layout:
    return Layout.of(plaintext, notification.read(plaintext)[1])


def fast(layout: Layout, plaintext: bytes) -> Notification | Reason | None:
    try:
        return layout.read(int.from_bytes(plaintext))
    except TelegramError as error:
        return error.reason


def complete(plaintext: bytes) -> tuple[Notification, Layout] | Reason:
    try:
        said, anatomy = notification.read(plaintext)
    except TelegramError as error:
        return error.reason
    return said, Layout.of(plaintext, anatomy)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_next_telegram_is_read_the_same(model: MeterModel) -> None:
    first, second, third = PLAINTEXTS[model.name]
    layout = learn(first)
    assert layout.meter_number == model.meter_number
    for plaintext in (first, second, third):
        assert fast(layout, plaintext) == notification.read(plaintext)[0]


@given(
    name=st.sampled_from(sorted(PLAINTEXTS)),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
)
def test_fast_and_complete_reading_accept_the_same(
    name: str, changes: list[tuple[int, int]]
) -> None:
    first, second, _ = PLAINTEXTS[name]
    layout = learn(first)
    changed = bytearray(second)
    for at, byte in changes:
        changed[at % len(changed)] = byte
    quick, thorough = fast(layout, bytes(changed)), complete(bytes(changed))
    if isinstance(thorough, Reason):
        assert quick in {None, thorough}
    elif quick is None:
        assert not thorough[1].same_as(layout)
    else:
        assert quick == thorough[0]
        assert thorough[1].same_as(layout)


def test_every_single_byte() -> None:
    random = Random(3)
    for first, second, _ in PLAINTEXTS.values():
        layout = learn(first)
        for at in range(len(second)):
            changed = bytearray(second)
            changed[at] ^= random.randint(1, 255)
            quick, thorough = fast(layout, bytes(changed)), complete(bytes(changed))
            if isinstance(thorough, Reason):
                assert quick in {None, thorough}
            elif quick is not None:
                assert quick == thorough[0]
            else:
                assert not thorough[1].same_as(layout)


@pytest.mark.parametrize(
    "plaintext",
    [
        body(obis(32, 7), b"\x17\x43\x66\x80\x00", scale(0, 35)),
        body(obis(1, 7), b"\x06" + bytes(4), scale(0, 27), obis(1, 0, a=0), octets(CLOCK)),
    ],
    ids=["floating point", "clock behind a number"],
)
def test_shapes_that_are_always_read_completely(plaintext: bytes) -> None:
    layout = learn(plaintext)
    assert layout.form is None
    assert fast(layout, plaintext) is None


def test_a_second_clock_is_checked_too() -> None:
    first, second, _ = PLAINTEXTS[KAIFA.name]
    layout = learn(first)
    at = second.rindex(second[6:18])
    changed = bytearray(second)
    changed[at + 5] = 77
    said = fast(layout, bytes(changed))
    assert isinstance(said, Notification)
    assert not said.clocks_agree
    changed[at + 5] = (second[at + 5] + 1) % 24
    said = fast(layout, bytes(changed))
    assert isinstance(said, Notification)
    assert not said.clocks_agree
