from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol import clock, notification
from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from custom_components.hausstrom.evn.protocol.layout import Layout
from simulators.evn_telegram import (
    KAIFA,
    MODELS,
    TIROL,
    UNSPECIFIED_DEVIATION,
    MeterModel,
    MeterState,
    date_time,
    int16,
    obis,
    octets,
    scale,
    uint16,
    uint32,
)
from simulators.evn_telegram import notification as encode

from .telegrams import NOON, expected

STATE = MeterState(10_069_016, 219, 366, 0, (2338, 2346, 2348), (33, 46, 141), 943, 96, 9)
CLOCK = date_time(NOON)
HEADER = b"\x0f" + bytes(4) + b"\x0c" + CLOCK


def single(model: MeterModel) -> MeterState:
    n = model.phases
    return MeterState(
        STATE.energy_import, 219, 366, 0, STATE.voltages[:n], STATE.currents[:n], 943, 96, 9
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_both_layouts(model: MeterModel) -> None:
    state = single(model)
    said, anatomy = notification.read(encode(model, state, NOON, 0x80001234))
    values = expected(model, state)
    del values["power"]
    assert said == (0x80001234, NOON, True, values, b"\x80\x80")
    assert anatomy.meter_number == model.meter_number
    assert isinstance(said, notification.Notification)
    for key, value in said.values.items():
        assert isinstance(value, int) is not key.startswith(("voltage", "current", "power_f"))


@given(raw=st.integers(0, 2**32 - 1), scaler=st.integers(-9, 9))
def test_values_are_exact(raw: int, scaler: int) -> None:
    value = notification.scaled(raw, scaler)
    if scaler >= 0:
        assert value == raw * 10**scaler
        assert isinstance(value, int)
    else:
        assert value == float(f"{raw}e{scaler}")


def body(*elements: bytes, count: int | None = None) -> bytes:
    return HEADER + bytes((2, len(elements) if count is None else count)) + b"".join(elements)


def test_negative_power_factor() -> None:
    data = body(obis(13, 7), int16(-943), scale(-3, 255))
    assert notification.read(data)[0].values == {"power_factor": -0.943}


def test_scaler_and_unit_are_those_transmitted() -> None:
    data = body(obis(1, 8), uint32(12), scale(3, 30), obis(32, 7), uint32(230123), scale(-3, 35))
    assert notification.read(data)[0].values == {"energy_import": 12000, "voltage_l1": 230.123}


def test_unknown_registers_and_missing_values_are_left_out() -> None:
    data = body(
        obis(99, 9), uint32(1), scale(0, 7), obis(96, 9), uint32(1), obis(98, 9), b"\x00", obis(97, 9), octets(b"x"),
        obis(1, 8), b"\x00", scale(0, 30), obis(2, 8), uint32(5), scale(0, 30),
    )  # fmt: skip
    assert notification.read(data)[0].values == {"energy_export": 5}


def test_floating_point_values() -> None:
    data = body(obis(32, 7), b"\x17\x43\x66\x80\x00", scale(0, 35))
    assert notification.read(data)[0].values == {"voltage_l1": 230.5}


def test_a_number_that_was_not_measured_is_read_when_it_is() -> None:
    """Its place is no loose one: the next telegram may have it, and looks the same but for it."""

    def telegram(volts: bytes) -> bytes:
        return body(*WHOLE, obis(32, 7), b"\x17" + volts, scale(0, 35))

    nothing = telegram(bytes.fromhex("7FC00000"))
    said, anatomy = notification.read(nothing)
    assert said.values == {"energy_export": 5}
    assert anatomy.left_out == ["1-0:32.7.0.255 float32"]
    assert Layout.of(nothing, anatomy).read(int.from_bytes(telegram(bytes(4)))) is None
    later, _ = notification.read(telegram(bytes.fromhex("43668000")))
    assert later.values == {"energy_export": 5, "voltage_l1": 230.5}


WHOLE = (obis(2, 8), uint32(5), scale(0, 30))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.STRUCTURE),
        (HEADER, Reason.STRUCTURE),
        (b"\x0e" + body()[1:], Reason.STRUCTURE),
        (HEADER[:5] + b"\x0b" + body()[6:], Reason.STRUCTURE),
        (HEADER + b"\x06" + bytes(4), Reason.STRUCTURE),
        (body() + b"\x00", Reason.STRUCTURE),
        (body(*WHOLE, b"\x1f\x00"), Reason.STRUCTURE),
        (body(*WHOLE, b"\x02\x7f"), Reason.STRUCTURE),
        (HEADER + b"\x01\x00", Reason.LAYOUT),
        (body(uint32(1)), Reason.LAYOUT),
        (body(octets(CLOCK), uint32(1)), Reason.LAYOUT),
        (body(octets(b"12345"), octets(b"1234567"), uint32(1)), Reason.LAYOUT),
        (body(obis(96, 1, a=0), octets(b"123")), Reason.NO_REGISTER),
        (body(obis(1, 8, e=1), uint32(1), scale(0, 30)), Reason.NO_REGISTER),
        (body(obis(1, 8), uint32(1)), Reason.NO_REGISTER),
        (body(obis(1, 8), uint32(1), scale(0, 27)), Reason.NO_REGISTER),
        (body(obis(1, 8), uint32(1), scale(10, 30)), Reason.NO_REGISTER),
    ],
)
def test_what_is_broken_is_refused(data: bytes, reason: Reason) -> None:
    with pytest.raises(TelegramError) as caught:
        notification.read(data)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "foreign",
    [
        (octets(b"12345"),),
        (uint32(1),),
        (b"\x01\x00",),
        (obis(1, 8), uint32(1)),
        (obis(1, 8), uint32(1), scale(0, 27)),
        (obis(1, 8), uint32(1), scale(10, 30)),
        (obis(1, 8), octets(b"1"), scale(0, 30)),
        (obis(1, 8), b"\x16\x01", scale(0, 30)),
        (obis(1, 8), b"\x03\x01", scale(0, 30)),
        (obis(1, 8), b"\x02\x00"),
        (obis(1, 0, a=0), octets(b"short")),
        (obis(1, 0, a=0), uint32(1)),
        (obis(96, 1, a=0), uint32(1)),
        (obis(96, 1, a=0), octets(b"\x01\xff")),
        (b"\x02\x00",),
        (b"\x02\x01" + obis(1, 8),),
        (b"\x02\x02" + uint32(1) + uint32(1),),
        (b"\x02\x03" + obis(1, 8) + uint32(1) + uint32(1),),
        (b"\x02\x04" + obis(1, 8) + uint32(1) + scale(0, 30) * 2,),
        (b"\x02\x03" + octets(b"5byte") + uint32(1) + scale(0, 30),),
        (obis(96, 3, a=0), b"\x02\x02\x03\x01\x16\x02"),
        (obis(97, 97, a=0), b"\x01\x02\x12\x00\x01\x12\x00\x02"),
        (obis(96, 5, a=0), b"\x04\x08\xa5"),
        (obis(96, 5, a=0), b"\x04\x81\x90" + bytes(18)),
        (obis(96, 8, a=0), b"\x0d\x42"),
        (obis(96, 8, a=0), b"\x1a\x07\xea\x05\x0c\x02"),
        (obis(96, 8, a=0), b"\x1b\x0a\x00\x00\x00"),
        (obis(96, 8, a=0), b"\xff"),
        (obis(99, 1, a=0), b"\x13\x12\x04\x00\x01\x00\x02"),
        (obis(1, 8), b"\x13\x12\x04\x00\x01\x00\x02", scale(0, 30)),
        (obis(32, 7), b"\x17\x7f\xc0\x00\x00", scale(0, 35)),
        (obis(14, 7), b"\x18\x7f\xf0" + bytes(6), scale(0, 44)),
    ],
)
def test_a_detail_that_is_not_understood_costs_only_itself(foreign: tuple[bytes, ...]) -> None:
    for elements in (foreign + WHOLE, WHOLE + foreign):
        said, anatomy = notification.read(body(*elements))
        assert said.values == {"energy_export": 5}
        assert anatomy.left_out or foreign[-1] == b"\xff" or len(foreign) == 1


def test_what_is_left_out_is_named_without_its_content() -> None:
    _, anatomy = notification.read(body(*WHOLE, obis(96, 5, a=0), octets(b"SECRET")))
    assert anatomy.left_out == ["0-0:96.5.0.255 octets6"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (b"118000000017", "118000000017"),
        ("Zähler-0042".encode(), "Zähler-0042"),
        ("Zähler-0042".encode("latin-1"), "Zähler-0042"),
        (b"  0042\x00\x00", "0042"),
        (b"\x01\x02\x03\xff", None),
        (b"", None),
    ],
)
def test_meter_numbers(number: bytes, expected: str | None) -> None:
    said, anatomy = notification.read(body(*WHOLE, octets(number)))
    assert said.values == {"energy_export": 5}
    assert anatomy.meter_number == expected


def code(b: int, c: int, d: int, f: int = 255, e: int = 0) -> bytes:
    return octets(bytes((1, b, c, d, e, f)))


def test_other_b_and_f_fields_are_read_where_the_plain_code_is_missing() -> None:
    one = (code(1, 1, 8), uint32(1), scale(0, 30), code(0, 2, 8, f=0), uint32(2), scale(0, 30))
    assert notification.read(body(*one))[0].values == {"energy_import": 1, "energy_export": 2}
    plain = (code(0, 1, 8), uint32(7), scale(0, 30), code(0, 2, 8), uint32(8), scale(0, 30))
    both = {"energy_import": 7, "energy_export": 8}
    for elements in (one + plain, plain + one):
        data = body(*elements)
        said, anatomy = notification.read(data)
        assert said.values == both
        assert Layout.of(data, anatomy).read(int.from_bytes(data)) == said


def test_tariffs_are_not_the_total() -> None:
    tariff = (code(0, 1, 8, e=1), uint32(9), scale(0, 30))
    assert notification.read(body(*tariff, *WHOLE))[0].values == {"energy_export": 5}


@pytest.mark.parametrize(
    "header",
    [b"\x00", b"\x09\x00", b"\x0c" + CLOCK, b"\x09\x0c" + CLOCK, b"\x19" + CLOCK],
)
def test_the_date_of_the_header_may_be_missing_or_tagged(header: bytes) -> None:
    data = HEADER[:5] + header + body(octets(CLOCK), *WHOLE)[len(HEADER) :]
    said, anatomy = notification.read(data)
    assert said.values == {"energy_export": 5}
    assert said.meter_time == clock.instant(CLOCK)
    assert notification.looks_like_notification(data)
    assert Layout.of(data, anatomy).read(int.from_bytes(data)) == said


def test_no_scaler_is_a_matter_of_the_meter() -> None:
    data = body(octets(CLOCK), obis(1, 8), uint32(7), obis(31, 7), uint16(123))
    with pytest.raises(TelegramError):
        notification.read(data)
    assert notification.read(data, scalers=False)[0].values == {
        "energy_import": 7,
        "current_l1": 1.23,
    }


@given(st.binary(max_size=200))
def test_no_body_crashes(data: bytes) -> None:
    for plaintext in (data, HEADER + data):
        try:
            notification.read(plaintext)
        except TelegramError:
            continue


def test_a_clock_that_differs_is_noticed() -> None:
    other = date_time(NOON, deviation=0)
    said, anatomy = notification.read(body(octets(other), *WHOLE))
    assert (said.meter_time, said.clocks_agree) == (NOON, False)
    assert anatomy.clocks == [6, len(HEADER) + 4]


def test_an_impossible_clock_leaves_the_other_one() -> None:
    said, _ = notification.read(body(octets(CLOCK[:2] + b"\x0d" + CLOCK[3:]), *WHOLE))
    assert said.meter_time == clock.instant(CLOCK)
    assert not said.clocks_agree


def test_landmarks_tell_damage_from_a_wrong_key() -> None:
    plaintext = bytearray(encode(KAIFA, STATE, NOON, 1))
    plaintext[0] ^= 1
    plaintext[5] ^= 1
    assert notification.looks_like_notification(bytes(plaintext))
    assert notification.looks_like_notification(encode(TIROL, STATE, NOON, 1))
    assert not notification.looks_like_notification(bytes(243))
    assert not notification.looks_like_notification(b"")
    assert notification.looks_like_text(b"/SAG5T210-D\r\n\r\n1-0:1.8.0(1)")
    assert not notification.looks_like_text(b"/\xff")


# The clock


@pytest.mark.parametrize(
    ("octets_hex", "when"),
    [
        ("07E5091B01092F0F00FF8880", datetime(2021, 9, 27, 7, 47, 15, tzinfo=UTC)),
        ("07E5091B01092F0FFFFFC400", datetime(2021, 9, 27, 8, 47, 15, tzinfo=UTC)),
        ("07E5091BFF0C000000000082", datetime(2021, 9, 27, 12, 0, 0, tzinfo=UTC)),
        ("07E8021D04173B3B00FFC400", datetime(2024, 2, 29, 22, 59, 59, tzinfo=UTC)),
        # summer time at 02:30 of the repeated hour, then winter time
        ("07EA0A1907021E0000800080", datetime(2026, 10, 25, 0, 30, 0, tzinfo=UTC)),
        ("07EA0A1907021E0000800000", datetime(2026, 10, 25, 1, 30, 0, tzinfo=UTC)),
        ("07EA0A1907021E00008000FF", datetime(2026, 10, 25, 1, 30, 0, tzinfo=UTC)),
        ("FFFF091B01092F0F00FF8880", None),
        ("07E5FF1B01092F0F00FF8880", None),
        ("07E509FE01092F0F00FF8880", None),
        ("07E5091B01FF2F0F00FF8880", None),
        ("07E5091B0109FFFF00FF8880", None),
    ],
)
def test_instants(octets_hex: str, when: datetime | None) -> None:
    assert clock.instant(bytes.fromhex(octets_hex)) == when


@pytest.mark.parametrize(
    "octets_hex",
    [
        "07E5001B01092F0F00FF8880",
        "07E50D1B01092F0F00FF8880",
        "07E5021E01092F0F00FF8880",
        "07E5091B08092F0F00FF8880",
        "07E5091B01182F0F00FF8880",
        "07E5091B01093C0F00FF8880",
        "07E5091B01092F3C00FF8880",
        "07E5091B01092F0F64FF8880",
        "07E5091B01092F0F00FC0080",
        "0000091B01092F0F00FF8880",
        "0001010101000000 00FF8880".replace(" ", ""),
        "EC00091B01092F0F00800080",
        "000101010100000000800080",
    ],
)
def test_what_no_calendar_has_is_no_clock(octets_hex: str) -> None:
    assert clock.instant(bytes.fromhex(octets_hex)) is None


@given(
    when=st.integers(946_771_200, 4_102_185_600).map(
        lambda seconds: datetime.fromtimestamp(seconds, UTC)
    ),
    deviation=st.sampled_from([None, 0, -60, -120, 60, UNSPECIFIED_DEVIATION]),
)
def test_clock_round_trip(when: datetime, deviation: int | None) -> None:
    assert clock.instant(date_time(when, deviation)) == when


def test_uint16_at_its_end() -> None:
    data = body(obis(32, 7), uint16(65535), scale(-1, 35))
    assert notification.read(data)[0].values == {"voltage_l1": 6553.5}
