from copy import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol.ciphering import (
    Decipherer,
    Envelope,
    manufacturer,
    open_envelope,
)
from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from simulators.evn_telegram import KAIFA, TEST_AUTHENTICATION_KEY, TEST_KEY, encipher

PLAINTEXT = bytes(range(1, 200))


@pytest.mark.parametrize("security", [0x20, 0x21, 0x30, 0x31])
@pytest.mark.parametrize("size", [1, 15, 16, 17, 120, 199, 300, 2000])
def test_what_was_enciphered_is_deciphered(security: int, size: int) -> None:
    plaintext = (PLAINTEXT * 11)[:size]
    envelope = open_envelope(encipher(replace(KAIFA, security=security), 77, plaintext))
    assert envelope.system_title == KAIFA.system_title
    assert (envelope.frame_counter, envelope.security) == (77, security)
    assert envelope.authenticated is bool(security & 0x10)
    for authentication_key in (None, TEST_AUTHENTICATION_KEY):
        number = Decipherer(TEST_KEY, authentication_key).decipher(envelope)
        assert number.to_bytes(size) == plaintext


@given(at=st.integers(0, 199 + 11), bit=st.integers(0, 7))
def test_the_tag_finds_every_flipped_bit(at: int, bit: int) -> None:
    unit = bytearray(encipher(replace(KAIFA, security=0x30), 77, PLAINTEXT))
    unit[len(unit) - 211 + at] ^= 1 << bit
    with pytest.raises(TelegramError) as caught:
        Decipherer(TEST_KEY, TEST_AUTHENTICATION_KEY).decipher(open_envelope(bytes(unit)))
    assert caught.value.reason is Reason.TAG


def test_a_wrong_authentication_key_is_refused() -> None:
    envelope = open_envelope(encipher(replace(KAIFA, security=0x31), 77, PLAINTEXT))
    with pytest.raises(TelegramError) as caught:
        Decipherer(TEST_KEY, bytes(16)).decipher(envelope)
    assert caught.value.reason is Reason.TAG


HEADER = bytes.fromhex("DB084B464D4855000001")


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        (b"", Reason.INCOMPLETE),
        (HEADER, Reason.INCOMPLETE),
        (b"\x0f" + bytes(30), Reason.NOT_CIPHERED),
        (b"\x01" + bytes(30), Reason.OTHER_PROTOCOL),
        (b"\xe0" + bytes(30), Reason.OTHER_PROTOCOL),
        (b"\xdb\x07" + bytes(30), Reason.STRUCTURE),
        (HEADER + b"\x80" + bytes(30), Reason.STRUCTURE),
        (HEADER + b"\x83\x00\x00\x10" + bytes(30), Reason.STRUCTURE),
        (HEADER + b"\x20" + b"\x20" + bytes(30), Reason.INCOMPLETE),
        (HEADER + b"\x20" + b"\x20" + bytes(32), Reason.STRUCTURE),
        (HEADER + b"\x81\x20" + b"\x20" + bytes(30), Reason.INCOMPLETE),
        (HEADER + b"\x82\x00\x20" + b"\x20" + bytes(30), Reason.INCOMPLETE),
        (HEADER + b"\x04" + b"\x20" + bytes(3), Reason.INCOMPLETE),
        (HEADER + b"\x81\x04" + b"\x20" + bytes(3), Reason.STRUCTURE),
        (HEADER + b"\x05" + b"\x20" + bytes(4), Reason.STRUCTURE),
        (HEADER + b"\x11" + b"\x30" + bytes(16), Reason.STRUCTURE),
        *(
            (HEADER + b"\x0a" + bytes((security,)) + bytes(9), Reason.SECURITY)
            for security in (0x00, 0x10, 0x22, 0x60, 0xA0, 0xFF)
        ),
    ],
)
def test_headers_that_are_refused(unit: bytes, reason: Reason) -> None:
    with pytest.raises(TelegramError) as caught:
        open_envelope(unit)
    assert caught.value.reason is reason


@given(st.binary(max_size=60))
def test_no_header_crashes(data: bytes) -> None:
    for unit in (data, HEADER + data):
        try:
            envelope = open_envelope(unit)
        except TelegramError:
            continue
        assert envelope.ciphertext


@pytest.mark.parametrize(
    ("title", "name"),
    [
        (b"KFM12345", "Kaifa"),
        (b"SAG12345", "Sagemcom"),
        (b"ELS12345", "Elster"),
        (b"LGZ12345", "Landis+Gyr"),
        (b"XYZ12345", "XYZ"),
        (b"\x00\x01\x0212345", None),
        (b"\xc4BC12345", None),
    ],
)
def test_the_title_names_the_manufacturer(title: bytes, name: str | None) -> None:
    assert manufacturer(title) == name
    assert Envelope(title, 1, 0x20, b"x", b"").manufacturer == name


@pytest.mark.parametrize(("key", "other"), [(b"short", None), (bytes(16), b"short")])
def test_keys_have_sixteen_bytes(key: bytes, other: bytes | None) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Decipherer(key, other)
