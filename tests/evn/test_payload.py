"""Every way in which readers write bytes into a message."""

import base64
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from custom_components.hausstrom.evn.protocol.payload import (
    MAX_PAYLOAD,
    Spelling,
    payload_bytes,
)
from simulators.evn_telegram import KAIFA, long_frame

from .telegrams import stream

RAW = stream(KAIFA, 1)[0].raw
HEX = RAW.hex()
SIGNS = "/+*=~#!&@^`\\?;|"
_ESCAPED = dict(zip(b"\a\b\t\n\v\f\r\x1b\"'\\", "abtnvfre\"'\\", strict=True))


def _bits(byte: int) -> str:
    return f"0b{byte:08b} (0x{byte:02X})"


def _said(byte: int) -> str:
    if byte in _ESCAPED:
        return "\\" + _ESCAPED[byte]
    return chr(byte) if 32 <= byte < 127 else f"\\x{byte:02X}"


@pytest.mark.parametrize(
    "payload",
    [
        b"6805",
        b"68 05",
        b"68:05\r\n",
        b"0x68,0x05",
        b"68-05\x00\x00",
        b"h\x05",
        b"68.05 (2)",
        b"{0x68, 0x5}",
        b"{ 0x68, 0x05 };",
        b'"6805"',
        b"'68 05'",
        b"[68, 05]",
        b"\\x68\\x05",
        b"<<< 68:05",
        b"\x1b[0;36m[D][uart_debug:114]: <<< 68:05\x1b[0m",
        b"(V) 68  05",
        b"68|05",
        b"68_05",
        b"%68%05",
        b'{"data":"6805"}',
        b'{"Time":"2026-03-10T10:00:00","SSerialReceived":"6805"}',
        b'{"SerialReceived":{"Data":"68 05"}}',
        b'{"payload":{"type":"Buffer","data":[104,5]}}',
        b'["0x68","0x05"]',
        b'{"a":1,"b":null,"c":["x",{"d":"0x68 0x05"}]}',
    ],
)
def test_spellings_of_bytes(payload: bytes) -> None:
    assert payload_bytes(payload) == b"\x68\x05"


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(RAW),
        base64.urlsafe_b64encode(RAW),
        base64.b64encode(RAW).rstrip(b"="),
        base64.encodebytes(RAW),
        json.dumps({"raw": base64.b64encode(RAW).decode()}).encode(),
        json.dumps({"id": "a1b2c3d4", "data": HEX, "rssi": "-60"}).encode(),
        json.dumps({"frames": [HEX[:512], HEX[512:]]}).encode(),
        json.dumps({"one": HEX[:512], "rssi": -60, "two": HEX[512:]}).encode(),
        json.dumps({"device": "0011223344556677", "hex": HEX.upper()}).encode(),
        b"\n".join(HEX[at : at + 32].encode() for at in range(0, len(HEX), 32)),
        ", ".join(f"0x{byte:X}" for byte in RAW).encode(),
        " ".join(f"{byte:02X}" for byte in RAW).encode() + b" (282)",
        f"uint8_t telegram[] = {{{', '.join(f'0x{byte:02X}' for byte in RAW)}}};".encode(),
        f"data={HEX}".encode(),
        f"telegram: {HEX.upper()}\r\nOK\r\n".encode(),
        f"2026-03-10T10:00:00Z;{RAW.hex(' ')};-60 dBm".encode(),
        f"{{'data': '{HEX}', 'rssi': -60}}".encode(),
        b"\xef\xbb\xbf" + HEX.encode(),
        json.dumps({"payload": json.dumps({"id": 7, "data": HEX})}).encode(),
        json.dumps({"data": HEX}).encode()[:-2],
        json.dumps({"Zähler": "Küche", "data": HEX}, ensure_ascii=False).encode(),
        json.dumps({"temp": "21 °C", "SerialReceived": HEX}, ensure_ascii=False).encode(),
        json.dumps({"Zähler": "⚡", "data": HEX}, ensure_ascii=False).encode("utf-16"),
        f"Zähler: {RAW.hex(' ')}".encode(),
        f"Zähler: {RAW.hex(' ')}".encode("latin-1"),
        RAW.hex(" ").replace(" ", "\u00a0").encode(),
        RAW.decode("latin-1").encode(),
        json.dumps({"data": RAW.decode("latin-1")}).encode(),
        json.dumps({"data": RAW.decode("latin-1")}, ensure_ascii=False).encode(),
        b"data:application/octet-stream;base64," + base64.b64encode(RAW),
        json.dumps({"d": f"data:;base64,{base64.b64encode(RAW).decode()}"}).encode(),
        b"telegram=" + base64.b64encode(RAW),
        "\n".join(json.dumps({"data": half}) for half in (HEX[:512], HEX[512:])).encode(),
        json.dumps({"frames": [HEX[:300], HEX[300:400], HEX[400:]]}).encode(),
        "".join(f"&H{byte:02X} " for byte in RAW).encode(),
        f"new byte[] {{{', '.join(f'(byte)0x{byte:02x}' for byte in RAW)}}}".encode(),
        f"[]byte{{{', '.join(f'0x{byte:x}' for byte in RAW)}}}".encode(),
        *(sign.join(f"{byte:02X}" for byte in RAW).encode() for sign in SIGNS),
        *("".join(f"{sign}{byte:02x}" for byte in RAW).encode() for sign in SIGNS),
        json.dumps({"data": "/".join(f"{byte:02x}" for byte in RAW)}).encode(),
        f"<<{','.join(map(str, RAW))}>>".encode(),
        base64.b64encode(HEX.encode()),
        base64.b64encode(RAW.hex(" ").encode()),
        # ESPHome's UARTDebug: log_int, log_binary, log_string.
        f"[10:00:00][D][uart_debug:176]: <<< {','.join(map(str, RAW))}".encode(),
        f"\x1b[0;36m[D][uart_debug:158]: <<< {'; '.join(map(_bits, RAW))}\x1b[0m".encode(),
        f'[10:00:00][D][uart_debug:158]: <<< "{"".join(map(_said, RAW))}"'.encode(),
    ],
)
def test_spellings_of_a_telegram(text: bytes) -> None:
    assert payload_bytes(text) == RAW


@pytest.mark.parametrize(
    "before",
    [
        "2026-03-10 10:00:00.123 ",
        "[10:00:00.123] ",
        "10:00:00.123 | ",
        "1773133200.123 ",
        "1773133200123 ",
        "12 10:00:00,5 ",
    ],
)
@pytest.mark.parametrize("separator", ["", " ", ":"])
def test_a_time_with_thousandths_does_not_shift_the_digits(before: str, separator: str) -> None:
    text = RAW.hex(separator) if separator else HEX
    assert payload_bytes((before + text).encode()).endswith(RAW)


def _rows(raw: bytes) -> list[tuple[int, bytes, str]]:
    rows = [(at, raw[at : at + 16]) for at in range(0, len(raw), 16)]
    return [(at, row, "".join(chr(b) if 32 <= b < 127 else "." for b in row)) for at, row in rows]


def _hexdump(raw: bytes) -> str:
    lines = [
        f"{at:08x}  {row[:8].hex(' '):23}  {row[8:].hex(' '):23}  |{text}|"
        for at, row, text in _rows(raw)
    ]
    return "\n".join([*lines, f"{len(raw):08x}"])


def _xxd(raw: bytes) -> str:
    return "\n".join(f"{at:08x}: {row.hex(' ', -2):39}  {text}" for at, row, text in _rows(raw))


DUMPS = {
    "hexdump -C": _hexdump(RAW),
    "xxd": _xxd(RAW),
    "short offsets": "\r\n".join(f"{at:04X}  {row.hex(' ')}" for at, row, _ in _rows(RAW)),
    "repr": repr(RAW),
    "repr of a bytearray": repr(bytearray(RAW)),
    "repr in JSON": json.dumps({"raw": repr(RAW)}),
    "68h": " ".join(f"{byte:02X}h" for byte in RAW),
    "068h, with commas": ", ".join(f"0{byte:02X}h" for byte in RAW),
    "decimal": ", ".join(map(str, RAW)),
    "decimal, padded": " ".join(f"{byte:03}" for byte in RAW),
    "decimal in JSON": json.dumps({"data": list(RAW), "rssi": -60}),
    "decimal, each frame a list": json.dumps([list(RAW[:256]), list(RAW[256:])]),
    "decimal in a text": json.dumps({"data": ",".join(map(str, RAW))}),
    "decimal texts": json.dumps([str(byte) for byte in RAW]),
    "signed, in a text": ",".join(str(byte - 256 if byte > 127 else byte) for byte in RAW),
    "decimal, with dots": ".".join(map(str, RAW)),
    "od -t x1": "\n".join([*(f"{at:07o} {row.hex(' ')}" for at, row, _ in _rows(RAW)), "0000432"]),
    "od -A x -t x1": "\n".join(f"{at:06x} {row.hex(' ')}" for at, row, _ in _rows(RAW)),
    "Wireshark": "\n".join(f"{at:04x}   {row.hex(' '):47}   {t}" for at, row, t in _rows(RAW)),
    "signed": json.dumps([byte - 256 if byte > 127 else byte for byte in RAW]),
    "Uint8Array": json.dumps({"payload": {str(n): byte for n, byte in enumerate(RAW)}}),
}


@pytest.mark.parametrize("name", DUMPS)
def test_bytes_as_programs_show_them_to_people(name: str) -> None:
    assert payload_bytes(DUMPS[name].encode()) == RAW


@pytest.mark.parametrize("order", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [HEX, json.dumps({"data": HEX})], ids=["hex", "JSON"])
def test_texts_in_utf16(order: str, text: str) -> None:
    assert payload_bytes(text.encode(order)) == RAW


@pytest.mark.parametrize(
    "text",
    [
        "1, 2, 3, 4, 5, 6, 7, 256",  # no byte
        "00000010  68 fa fa 68",  # not the beginning: how much is missing nobody knows
        "b'\\x68' b'\\x68' and so on",
        "b'\\q'",
        '{"0": 1, "1": 2}',
        '{"0":104,"1":250,"2":250,"3":104,"4":83,"5":255,"6":0,"8":1}',
        "[-60, -61, -62]",
        "[104, 250, 250, 104, 83, 255, 0, 1000]",
        "Gh 68h",
    ],
)
def test_what_only_looks_like_a_dump(text: str) -> None:
    try:
        data = payload_bytes(text.encode())
    except TelegramError:
        return
    assert not data.startswith(b"\x68\xfa\xfa\x68")


def test_raw_bytes_with_something_before_the_frame() -> None:
    raw = b"\xff\x00" + long_frame(b"data", 0, last=True)
    assert payload_bytes(raw) == raw


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", Reason.EMPTY),
        (b" \n", Reason.EMPTY),
        (b"\x00\x00", Reason.EMPTY),
        (b"0" * (2 * MAX_PAYLOAD + 2), Reason.OVERSIZED),
        (b" 0" * (20 * MAX_PAYLOAD), Reason.OVERSIZED),
        (b"\xff" * (MAX_PAYLOAD + 1), Reason.OVERSIZED),
        (b"online", Reason.NOT_HEX),
        (b"hello, world", Reason.NOT_HEX),
        (b'{"connectsWifi":1}', Reason.JSON),
        (b'{"temperature":21.5,"unit":"C"}', Reason.JSON),
        (b"[]", Reason.JSON),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, Reason.JSON),
    ],
)
def test_what_is_no_bytes_of_a_line(payload: bytes, expected: Reason) -> None:
    with pytest.raises(TelegramError) as caught:
        payload_bytes(payload)
    assert caught.value.reason is expected


@pytest.mark.parametrize("size", [1, 3, 7, 31, 63, 255])
def test_hex_may_be_cut_in_the_middle_of_a_byte(size: int) -> None:
    spelling = Spelling()
    pieces = [HEX[at : at + size].encode() for at in range(0, len(HEX), size)]
    assert b"".join(map(spelling.read, pieces)) == RAW


@pytest.mark.parametrize("size", [70, 131, 255, 300])
def test_a_json_may_be_cut_by_the_buffer_of_the_reader(size: int) -> None:
    spelling = Spelling()
    for _ in range(3):
        text = json.dumps({"SSerialReceived": HEX}).encode()
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert b"".join(map(spelling.read, pieces)) == RAW


SPACED = {
    "spaces": RAW.hex(" "),
    "dots": RAW.hex(".").upper(),
    "as C has it": ", ".join(f"0x{byte:02X}" for byte in RAW),
    "escapes": "".join(f"\\x{byte:02x}" for byte in RAW),
    "lines": RAW.hex("\n"),
    "groups of four": RAW.hex(" ", -2),
}


@pytest.mark.parametrize("size", [2, 5, 7, 20, 31, 64, 128, 255, 256])
@pytest.mark.parametrize("name", SPACED)
def test_what_stands_apart_may_be_cut_through(name: str, size: int) -> None:
    spelling, text = Spelling(), SPACED[name]
    for _ in range(3):
        pieces = [text[at : at + size].encode() for at in range(0, len(text), size)]
        assert b"".join(map(spelling.read, pieces)) == RAW


def test_a_meter_without_leading_zeros_is_learned() -> None:
    spelling = Spelling()
    text = " ".join(f"{byte:x}" for byte in RAW)
    assert spelling.read(text.encode()) == RAW
    assert spelling.read(b"68 1 f") == b"\x68\x01\x0f"
    assert spelling.read(b"68 f") == b"\x68\x0f"


@pytest.mark.parametrize("size", [9, 12, 30, 48])
def test_base64_may_come_in_pieces(size: int) -> None:
    spelling = Spelling()
    pieces = [base64.b64encode(RAW[at : at + size]) for at in range(0, len(RAW), size)]
    assert b"".join(map(spelling.read, pieces)) == RAW


def test_a_piece_in_json_may_be_shorter_than_a_serial_number_beside_it() -> None:
    spelling = Spelling()
    for _ in range(2):
        pieces = [RAW[at : at + 14] for at in range(0, len(RAW), 14)]
        assert len(pieces[-1]) < 6
        texts = [json.dumps({"id": "AABBCCDDEEFF", "hex": piece.hex()}) for piece in pieces]
        assert b"".join([spelling.read(text.encode()) for text in texts]) == RAW


def test_many_telegrams_in_one_message() -> None:
    assert payload_bytes(HEX.encode() * 50) == RAW * 50


def test_a_word_behind_a_text_with_hex_is_no_part_of_it() -> None:
    spelling = Spelling()
    spelling.read(f"data={HEX}".encode())
    with pytest.raises(TelegramError):
        spelling.read(b"online")


def test_half_a_byte_that_was_lost_is_forgotten_with_the_next_telegram() -> None:
    spelling = Spelling()
    spelling.read(HEX[:41].encode())
    assert spelling.read(HEX.encode()) == RAW


@given(st.lists(st.integers(1, 281), max_size=6))
def test_raw_pieces_stay_raw(cuts: list[int]) -> None:
    spelling = Spelling()
    spelling.read(RAW)
    ends = sorted({0, *cuts, len(RAW)})
    pieces = [RAW[a:b] for a, b in pairwise(ends)]
    assert b"".join(map(spelling.read, pieces)) == RAW


def test_dsmr_text_is_handed_on_as_it_is() -> None:
    text = b"/KFM5MA309\r\n\r\n1-0:1.8.0(1*kWh)"
    assert payload_bytes(text) == text


@given(st.binary(max_size=300))
def test_nothing_else_is_raised(payload: bytes) -> None:
    spelling = Spelling()
    for _ in range(2):
        try:
            assert isinstance(spelling.read(payload), bytes)
        except TelegramError:
            continue


@pytest.mark.parametrize("sign", SIGNS)
def test_bytes_with_any_sign_between_may_be_cut_anywhere(sign: str) -> None:
    text = sign.join(f"{byte:02X}" for byte in RAW)
    for size in (41, 100, 256):
        spelling = Spelling()
        pieces = [text[at : at + size].encode() for at in range(0, len(text), size)]
        assert b"".join(map(spelling.read, pieces)) == RAW


@pytest.mark.parametrize(
    "text",
    [
        "68/FA+FA/68/53/FF",  # two signs: a path, a sum
        "68/FA/FA/6G/53/FF",
        "2026/11/27/10/00/00, kitchen",
        '"h\\xFA\\xZ8 and more"',
        "<<h, e, l, l, o, w, o, r, l, d>>",
    ],
)
def test_what_only_looks_like_bytes_is_none(text: str) -> None:
    with pytest.raises(TelegramError) as raised:
        Spelling().read(text.encode())
    assert raised.value.reason is Reason.NOT_HEX
