"""Payloads of a GX."""

import contextlib
import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.victron.protocol.payload import (
    MAX_PAYLOAD,
    Json,
    Limits,
    PayloadError,
    PayloadFault,
    decode,
    encode,
    limits,
    number,
    text,
)


@given(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.lists(st.dictionaries(st.text(), st.integers(0, 9)))
)
def test_a_value_is_read_as_it_was_written(value: object) -> None:
    shown = None if value == [] else value  # D-Bus has an empty list for no value
    assert decode(orjson.dumps({"max": 1, "min": 0, "value": value})) == shown


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        (b"", PayloadFault.NOT_JSON),
        (b"12", PayloadFault.NO_VALUE),
        (b"null", PayloadFault.NO_VALUE),
        (b"[]", PayloadFault.NO_VALUE),
        (b'"value"', PayloadFault.NO_VALUE),
        (b"{}", PayloadFault.NO_VALUE),
        (b'{"value":', PayloadFault.NOT_JSON),
        (b'{"value":NaN}', PayloadFault.NOT_JSON),
        (b'\xff{"value":1}', PayloadFault.NOT_JSON),
        (b'{"value":1}' + b" " * MAX_PAYLOAD, PayloadFault.TOO_LONG),
        (b"[" * 5000, PayloadFault.NOT_JSON),
    ],
)
def test_what_is_no_value_is_refused(payload: bytes, fault: PayloadFault) -> None:
    with pytest.raises(PayloadError) as refused:
        decode(payload)
    assert refused.value.fault is fault
    assert str(refused.value) == f"payload refused: {fault}"


@given(st.binary(max_size=64))
def test_no_bytes_do_worse_than_being_refused(payload: bytes) -> None:
    with contextlib.suppress(PayloadError):
        assert decode(payload) is not NotImplemented


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"max":100,"min":0,"value":10}', Limits(0, 100)),
        (b'{"max":0,"min":0,"value":""}', None),
        (b'{"max":null,"min":0,"value":1}', None),
        (b'{"value":1}', None),
        (b"[1]", None),
        (b"nonsense", None),
    ],
)
def test_limits(payload: bytes, expected: Limits | None) -> None:
    assert limits(payload) == expected


@pytest.mark.parametrize(
    ("value", "payload"),
    [
        (20.0, b'{"value":20}'),
        (20.5, b'{"value":20.5}'),
        (3, b'{"value":3}'),
        ("x", b'{"value":"x"}'),
    ],
)
def test_whole_numbers_are_written_as_integers(value: float | str, payload: bytes) -> None:
    assert encode(value) == payload


def test_numbers() -> None:
    assert number(True) == 1
    assert number(0.0) == 0
    hostile: tuple[Json, ...] = (None, "12", "", [], {}, math.inf, math.nan)
    for nothing in hostile:
        assert number(nothing) is None


def test_texts() -> None:
    assert text(" Roof \0") == "Roof"
    hostile: tuple[Json, ...] = ("", "  ", None, 1, [])
    for nothing in hostile:
        assert text(nothing) is None
