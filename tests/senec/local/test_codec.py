"""The codec: types, sentinels, arrays, lenient JSON, what is refused and why."""

import contextlib
import json
import struct
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.senec_fuzz import fuzz
from custom_components.hausstrom.senec.local.protocol.codec import (
    MAX_ANSWER_BYTES,
    AnswerFault,
    CodecError,
    Decoder,
    EncodeFault,
    Refusal,
    RefusedValue,
    decode_value,
    encode_value,
)

from .support import shared


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("u8_0D", 13),
        ("u8_ff", 255),
        ("u1_012C", 300),
        ("u3_000004D2", 1234),
        ("u6_0000000100000000", 4294967296),
        ("i8_FF", -1),
        ("i8_7F", 127),
        ("i1_FF9C", -100),
        ("i3_FFFFFFC4", -60),
        ("i3_61A9B9A5", 1638513061),
        ("fl_41800000", 16.0),
        ("fl_C279C28F", -62.439998626708984),
        ("st_0826", "0826"),
        ("st_HMI: 3_16", "HMI: 3_16"),
        ("st_", ""),
        ("ch_A", "A"),
    ],
)
def test_values(raw: str, value: object) -> None:
    assert decode_value(raw) == value
    assert type(decode_value(raw)) is type(value)


def test_minus_zero_is_zero() -> None:
    assert str(decode_value("fl_80000000")) == "0.0"


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        ("VARIABLE_NOT_FOUND", Refusal.NOT_FOUND),
        ("FORBIDDEN", Refusal.FORBIDDEN),
        ("FILE_VARIABLE_NOT_READABLE", Refusal.NOT_READABLE),
        ("MALFORMED_VALUE", Refusal.MALFORMED),
        ("er_0001", Refusal.DEVICE_ERROR),
        ("fl_7FC00000", Refusal.NOT_FINITE),
        ("fl_7F800000", Refusal.NOT_FINITE),
        ("fl_FF800000", Refusal.NOT_FINITE),
        ("fl_4180000", Refusal.BAD_HEX),
        ("fl_418000000", Refusal.BAD_HEX),
        ("fl_4180000G", Refusal.BAD_HEX),
        ("u1_ 1 1", Refusal.BAD_HEX),
        ("u8_+1", Refusal.BAD_HEX),
        ("u8_1_", Refusal.BAD_HEX),
        ("u1_0x1F", Refusal.BAD_HEX),
        ("u8_٣٣", Refusal.BAD_HEX),
        ("u8_", Refusal.BAD_HEX),
        ("u9_00", Refusal.UNKNOWN_PREFIX),
        ("u8", Refusal.UNKNOWN_PREFIX),
        ("13", Refusal.UNKNOWN_PREFIX),
        ("_", Refusal.UNKNOWN_PREFIX),
        ("", Refusal.EMPTY),
        (13, Refusal.WRONG_TYPE),
        (None, Refusal.WRONG_TYPE),
        (True, Refusal.WRONG_TYPE),
        ({}, Refusal.WRONG_TYPE),
    ],
)
def test_what_is_no_value_is_refused_with_its_reason(raw: object, refusal: Refusal) -> None:
    assert decode_value(raw) is refusal


def test_only_what_the_firmware_decides_is_permanent() -> None:
    assert {refusal for refusal in Refusal if refusal.is_permanent} == {
        Refusal.NOT_FOUND,
        Refusal.FORBIDDEN,
        Refusal.NOT_READABLE,
    }


def test_a_bad_value_leaves_the_rest() -> None:
    answer = Decoder().decode(
        b'{"ENERGY":{"A":"fl_41800000","B":"fl_4180","C":7,"D":["u8_01","u8_1","u8_03"]},'
        b'"BAT1OBJ2":{"OBJECT_NOT_FOUND":""},"LOG":"FORBIDDEN","X":[1]}'
    )
    assert answer.sections == {
        "ENERGY": {
            "A": 16.0,
            "B": Refusal.BAD_HEX,
            "C": Refusal.WRONG_TYPE,
            "D": [1, Refusal.BAD_HEX, 3],
        },
        "BAT1OBJ2": {},
    }
    assert answer.refused_sections == {
        "BAT1OBJ2": Refusal.NOT_FOUND,
        "LOG": Refusal.FORBIDDEN,
        "X": Refusal.WRONG_TYPE,
    }
    assert list(answer.refused()) == [
        RefusedValue("ENERGY", "B", None, Refusal.BAD_HEX),
        RefusedValue("ENERGY", "C", None, Refusal.WRONG_TYPE),
        RefusedValue("ENERGY", "D", 1, Refusal.BAD_HEX),
    ]
    assert answer.cell("ENERGY", "A") == 16.0
    assert answer.cell("ENERGY", "Z") is None
    assert answer.cell("LOG", "A") is None


def test_a_section_that_is_a_typed_string_is_refused() -> None:
    assert Decoder().decode(b'{"A":"u8_01"}').refused_sections == {"A": Refusal.WRONG_TYPE}


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        (["st_a", "st_", "st_END_OF_ARRAY"], ["a", ""]),
        (["st_a", "st_END_OF_ARRAY", "st_b", "st_END_OF_ARRAY"], ["a"]),
        (["st_END_OF_ARRAY"], []),
        ([], []),
        (["st_END_OF_ARRAY", "st_b"], [Refusal.END_OF_ARRAY, "b"]),
        (["u8_01", ["u8_02"]], [1, Refusal.WRONG_TYPE]),
        (["u8_01", {}], [1, Refusal.WRONG_TYPE]),
        ([None, 1], [Refusal.WRONG_TYPE, Refusal.WRONG_TYPE]),
    ],
)
def test_arrays(raw: list[object], values: list[object]) -> None:
    body = json.dumps({"S": {"V": raw, "W": "u8_05"}}).encode()
    assert Decoder().decode(body).sections == {"S": {"V": values, "W": 5}}


def test_latin_1_is_understood() -> None:
    answer = Decoder().decode('{"S":{"V":"st_Überschuss"}}'.encode("latin-1"))
    assert answer.sections == {"S": {"V": "Überschuss"}}


def test_quotes_escaped_twice_are_understood() -> None:
    answer = Decoder().decode(rb'{"S":{"V":"st_a \\"quoted\\" word","W":"u8_02"}}')
    assert answer.sections == {"S": {"V": 'a "quoted" word', "W": 2}}
    answer = Decoder().decode(rb"{\"S\":{\"V\":\"u8_01\"}}")
    assert answer.sections == {"S": {"V": 1}}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", AnswerFault.EMPTY),
        (b" \r\n\0", AnswerFault.EMPTY),
        (b'{"ENERGY":{"A":"u8_0', AnswerFault.TRUNCATED),
        (b'{"ENERGY":{"A":"u8_01"}', AnswerFault.TRUNCATED),
        (b"<html>504 Gateway Time-out</html>", AnswerFault.NOT_JSON),
        (b"{garbage}", AnswerFault.NOT_JSON),
        (b"[]", AnswerFault.NOT_AN_OBJECT),
        (b'"st_"', AnswerFault.NOT_AN_OBJECT),
        (b"[" * 100_000, AnswerFault.NOT_JSON),
        (b'{"A":' * 5000 + b"1" + b"}" * 5000, AnswerFault.NOT_JSON),
        (b" " * (MAX_ANSWER_BYTES + 1), AnswerFault.TOO_LARGE),
    ],
)
def test_what_is_no_answer_is_refused_whole(body: bytes, reason: AnswerFault) -> None:
    with pytest.raises(CodecError) as caught:
        Decoder().decode(body)
    assert caught.value.reason is reason


def test_the_memory_is_bounded() -> None:
    decoder = Decoder()
    for start in range(0, 20_000, 1000):
        values = [f"u3_{number:08X}" for number in range(start, start + 1000)]
        decoder.decode(json.dumps({"S": {"V": values, "T": "st_" + "x" * 5000}}).encode())
    assert len(decoder._memo) <= 8192
    assert all(len(text) <= 64 for text in decoder._memo)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_come_back(number: float) -> None:
    assert decode_value(encode_value("fl", number)) == number


@given(
    st.sampled_from(["u8", "u1", "u3", "u6", "i8", "i1", "i3", "i6"]).flatmap(
        lambda prefix: st.tuples(st.just(prefix), _range_of(prefix))
    )
)
def test_whole_numbers_come_back(case: tuple[str, int]) -> None:
    prefix, number = case
    encoded = encode_value(prefix, number)
    assert decode_value(encoded) == number
    assert encoded == encoded[:3] + encoded[3:].upper()


def _range_of(prefix: str) -> st.SearchStrategy[int]:
    bits = {"8": 8, "1": 16, "3": 32, "6": 64}[prefix[1]]
    if prefix[0] == "u":
        return st.integers(0, 2**bits - 1)
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


@pytest.mark.parametrize(
    ("prefix", "value", "typed"),
    [
        ("u8", 1, "u8_01"),
        ("u1", 300, "u1_012C"),
        ("fl", 16, "fl_41800000"),
        ("st", "a_b", "st_a_b"),
        ("ch", "x", "ch_x"),
    ],
)
def test_writes_have_fixed_widths(prefix: str, value: float | str, typed: str) -> None:
    assert encode_value(prefix, value) == typed


@pytest.mark.parametrize(
    ("prefix", "value", "reason"),
    [
        ("u8", 256, EncodeFault.OUT_OF_RANGE),
        ("u8", -1, EncodeFault.OUT_OF_RANGE),
        ("u8", 1.5, EncodeFault.OUT_OF_RANGE),
        ("i8", 128, EncodeFault.OUT_OF_RANGE),
        ("fl", 1e39, EncodeFault.OUT_OF_RANGE),
        ("fl", nan, EncodeFault.NOT_A_NUMBER),
        ("u8", inf, EncodeFault.NOT_A_NUMBER),
        ("u8", "1", EncodeFault.NOT_A_NUMBER),
        ("zz", 1, EncodeFault.UNKNOWN_TYPE),
        ("er", 1, EncodeFault.UNKNOWN_TYPE),
    ],
)
def test_what_a_type_cannot_carry_is_not_written(
    prefix: str, value: float | str, reason: EncodeFault
) -> None:
    with pytest.raises(CodecError) as caught:
        encode_value(prefix, value)
    assert caught.value.reason is reason


@given(st.dictionaries(st.text(max_size=8), st.dictionaries(st.text(max_size=8), st.text())))
def test_any_text_is_a_value_or_a_refusal(sections: dict[str, dict[str, str]]) -> None:
    body = json.dumps(sections).encode("utf-8", "surrogatepass")
    answer = Decoder().decode(body)
    for section in answer.sections.values():
        for cell in section.values():
            assert isinstance(cell, int | float | str | Refusal)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_a_codec_error(body: bytes) -> None:
    with contextlib.suppress(CodecError):
        assert Decoder().decode(body).sections is not None


def test_a_share_of_the_fuzzing() -> None:
    ends = fuzz(6000, seed=20261121)
    assert ends["decoded"] > 500
    assert ends[AnswerFault.TRUNCATED.value] > 100


def test_the_raw_sections_of_a_device_decode() -> None:
    """Every typed value of the samples, checked against a decoder written here."""
    seen = 0
    for file in sorted(shared("samples/senec").glob("lala_v3_0811_section_*.json")):
        raw = json.loads(file.read_text())
        answer = Decoder().decode(file.read_bytes())
        assert not list(answer.refused()), file.name
        for section, variables in raw.items():
            for name, typed in variables.items():
                cell = answer.sections[section][name]
                wanted = typed if isinstance(typed, list) else [typed]
                wanted = wanted[:-1] if wanted[-1] == "st_END_OF_ARRAY" else wanted
                found = cell if isinstance(cell, list) else [cell]
                assert found == [_plain(one) for one in wanted], (section, name)
                seen += len(found)
    assert seen > 150


def _plain(typed: str) -> float | str:
    prefix, _, text = typed.partition("_")
    if prefix == "st":
        return text
    if prefix == "fl":
        return float(struct.unpack("!f", int(text, 16).to_bytes(4))[0])
    number = int(text, 16)
    bits = 4 * len(text)
    return number - (1 << bits) if prefix[0] == "i" and number >> (bits - 1) else number


def test_requests_and_answers_of_writes_decode() -> None:
    folder = shared("samples/senec")
    answer = Decoder().decode(
        (folder / "lala_v3_request-allow-discharge_response.json").read_bytes()
    )
    assert answer.cell("ENERGY", "SAFE_CHARGE_RUNNING") == 1
    assert not list(answer.refused())
