"""DSMR text inside of a ciphered unit (Steiermark): lines, clock, CRC."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol import dsmr
from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from simulators.evn_framing import bare_text, crc16

FIRST = "/EST5\\253700042_A\r\n\r\n"
IMPORT = "1-0:1.8.0(004112944*Wh)"


def text(*lines: str) -> bytes:
    return bare_text((FIRST + "".join(f"{line}\r\n" for line in lines)).encode())


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("1-0:1.8.0(007112944*Wh)", "energy_import", 7_112_944),
        ("1-0:1.8.0(007112.944*kWh)", "energy_import", 7_112_944),
        ("1-0:2.8.0(000000000*Wh)", "energy_export", 0),
        ("1-0:1.7.0(000001060*W)", "power_import", 1060),
        ("1-0:1.7.0(01.0605*kW)", "power_import", 1060.5),
        ("1-0:2.7.0(1060*W)", "power_export", 1060),
        ("1-0:3.8.0(000000012*varh)", "reactive_energy_import", 12),
        ("1-0:4.8.0(0.5*kvarh)", "reactive_energy_export", 500),
        ("1-0:3.7.0(000000199*var)", "reactive_power_import", 199),
        ("1-0:4.7.0(000000199*var)", "reactive_power_export", 199),
        ("1-0:32.7.0(230.1*V)", "voltage_l1", 230.1),
        ("1-0:51.7.0(002*A)", "current_l2", 2),
        ("1-0:1.8.0.255(5*Wh)", "energy_import", 5),
        ("1-0:1.8.0*255(5*Wh)", "energy_import", 5),
        ("1-1:1.8.0(5*Wh)", "energy_import", 5),
    ],
)
def test_registers(line: str, key: str, value: float) -> None:
    read = dsmr.read(text(line))
    assert read.values == {key: value}
    assert read.left_out == []


@pytest.mark.parametrize(
    "line",
    [
        "1-0:1.8.1(001*Wh)",
        "1-0:1.8.2(001*Wh)",
        "1-0:1.7.1(001*W)",
        "1-3:0.2.8(50)",
        "0-0:96.14.0(0002)",
        "0-1:24.2.1(101209112500W)(12785.123*m3)",
        "1-0:99.97.0()",
        "no line of DSMR",
        "1-0:2.8.0(001*W)",
        "1-0:2.8.0(-5*Wh)",
        "1-0:2.8.0(*Wh)",
        "1-0:2.8.0(12345678901234567*Wh)",
        "1-0:1.8.0(5*Wh)",
    ],
)
def test_what_is_not_known_costs_only_itself(line: str) -> None:
    assert dsmr.read(text(IMPORT, line)).values == {"energy_import": 4_112_944}


@pytest.mark.parametrize(
    ("line", "when"),
    [
        ("0-0:1.0.0(260310101500W)", datetime(2026, 3, 10, 9, 15, tzinfo=UTC)),
        ("0-0:1.0.0(260712101500S)", datetime(2026, 7, 12, 8, 15, tzinfo=UTC)),
        ("0-0:1.0.0(261025023000S)", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("0-0:1.0.0(261025023000W)", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("0-0:1.0.0(240229120000W)", datetime(2024, 2, 29, 11, 0, tzinfo=UTC)),
        ("0-0:1.0.0(260229120000W)", None),
        ("0-0:1.0.0(260310240000W)", None),
        ("0-0:1.0.0(000000000000W)", None),
        ("0-0:1.0.0(yesterday)", None),
    ],
)
def test_clock(line: str, when: datetime | None) -> None:
    read = dsmr.read(text(line, IMPORT))
    assert read.meter_time == when
    assert read.values == {"energy_import": 4_112_944}


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("0-0:96.1.1(323533373030303432)", "253700042"),
        ("0-0:96.1.0(253700042X)", "253700042X"),
        ("0-0:42.0.0(SAG1030)", "SAG1030"),
        ("0-0:96.1.0()", None),
        ("0-0:96.1.0(0102)", None),
    ],
)
def test_meter_number(line: str, number: str | None) -> None:
    assert dsmr.read(text(line, IMPORT)).meter_number == number


def test_the_first_line_is_no_meter_number() -> None:
    assert dsmr.read(text(IMPORT)).meter_number is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.STRUCTURE),
        (text(IMPORT)[:-6], Reason.STRUCTURE),
        (text(IMPORT).replace(b"4112944", b"4112945"), Reason.STRUCTURE),
        (text(IMPORT).replace(b"!", b"?"), Reason.STRUCTURE),
        (b"x" + text(IMPORT), Reason.STRUCTURE),
        (text(IMPORT).replace(b"EST5", b"\xc3ST5"), Reason.STRUCTURE),
        (text(), Reason.NO_REGISTER),
        (text("1-0:1.8.1(001*Wh)"), Reason.NO_REGISTER),
    ],
)
def test_what_is_refused(content: bytes, reason: Reason) -> None:
    with pytest.raises(TelegramError) as caught:
        dsmr.read(content)
    assert caught.value.reason is reason


@given(st.binary(max_size=200))
def test_the_crc_is_that_of_the_standard(data: bytes) -> None:
    assert dsmr.crc16(data) == crc16(data)


@given(st.integers(0, len(text(IMPORT)) - 8), st.integers(0, 7))
def test_a_flipped_bit_is_found(at: int, bit: int) -> None:
    damaged = bytearray(text(IMPORT, "1-0:1.7.0(000001060*W)"))
    damaged[at] ^= 1 << bit
    with pytest.raises(TelegramError):
        dsmr.read(bytes(damaged))
