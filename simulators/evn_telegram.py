"""Telegrams as an Austrian smart meter sends them: A-XDR, ciphering and M-Bus, encoded.

Written independently of the decoder: nothing is imported from it, so that a mistake cannot
cancel itself out. Sources: DLMS UA Green and Blue Book, EN 13757-2.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from Crypto.Cipher import AES

TEST_KEY: Final = bytes.fromhex("A1B2C3D4E5F60718293A4B5C6D7E8F90")
TEST_AUTHENTICATION_KEY: Final = bytes.fromhex("0F1E2D3C4B5A69788796A5B4C3D2E1F0")
UNSPECIFIED_DEVIATION: Final = -0x8000

_WATT, _WATT_HOUR, _VAR_HOUR, _AMPERE, _VOLT, _NO_UNIT = 27, 30, 32, 33, 35, 255


class BodyLayout(StrEnum):
    """The two ways in which operators arrange the registers."""

    FLAT = "flat"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class MeterModel:
    """What stays the same from telegram to telegram."""

    name: str
    system_title: bytes
    meter_number: str
    layout: BodyLayout = BodyLayout.FLAT
    phases: int = 3
    frame_length: int = 250
    """The true L of a full M-Bus frame; 257 is sent as 01."""
    security: int = 0x20
    signed_power_factor: bool = False
    power_factor: bool = True
    reactive: bool = False
    logical_name: str = ""
    key: bytes = TEST_KEY
    authentication_key: bytes = TEST_AUTHENTICATION_KEY
    deviation: int | None = None
    """Minutes from local time to UTC; None: as in Austria, by the season."""


def _kaifa(serial: int) -> bytes:
    return b"KFM" + serial.to_bytes(5)


KAIFA: Final = MeterModel("Kaifa MA309", _kaifa(0x4855000001), "118000000017")
SAGEMCOM: Final = MeterModel(
    "Sagemcom T210-D",
    b"SAG" + bytes.fromhex("4855000002"),
    "118000000025",
    frame_length=257,
    signed_power_factor=True,
)
SAGEMCOM_SINGLE: Final = MeterModel(
    "Sagemcom S210", b"SAG" + bytes.fromhex("4855000003"), "118000000033", phases=1
)
TIROL: Final = MeterModel(
    "Kaifa MA309M",
    _kaifa(0x4855000004),
    "1KFM0200000041",
    layout=BodyLayout.NESTED,
    security=0x21,
    power_factor=False,
    reactive=True,
    logical_name="KFM1200200000041",
)
TIROL_SINGLE: Final = MeterModel(
    "Kaifa MA110M",
    _kaifa(0x4855000005),
    "1KFM0100000058",
    layout=BodyLayout.NESTED,
    phases=1,
    security=0x21,
    power_factor=False,
    reactive=True,
    logical_name="KFM1100100000058",
)
MODELS: Final = (KAIFA, SAGEMCOM, SAGEMCOM_SINGLE, TIROL, TIROL_SINGLE)


@dataclass(frozen=True, slots=True)
class MeterState:
    """What the registers show, as the whole numbers that are sent.

    Wh, W, tenths of a volt, hundredths of an ampere, thousandths of the power factor, varh.
    """

    energy_import: int
    energy_export: int
    power_import: int
    power_export: int
    voltages: tuple[int, ...]
    currents: tuple[int, ...]
    power_factor: int = 1000
    reactive_import: int = 0
    reactive_export: int = 0


def octets(content: bytes) -> bytes:
    """Encode an octet-string."""
    return bytes((0x09, len(content))) + content


def uint32(value: int) -> bytes:
    """Encode a double-long-unsigned."""
    return b"\x06" + value.to_bytes(4)


def uint16(value: int) -> bytes:
    """Encode a long-unsigned."""
    return b"\x12" + value.to_bytes(2)


def int16(value: int) -> bytes:
    """Encode a long."""
    return b"\x10" + value.to_bytes(2, signed=True)


def scale(scaler: int, unit: int) -> bytes:
    """Encode the structure of scaler and unit."""
    return b"\x02\x02\x0f" + scaler.to_bytes(1, signed=True) + b"\x16" + bytes((unit,))


def obis(c: int, d: int, *, a: int = 1, b: int = 0, e: int = 0) -> bytes:
    """Encode an OBIS code, by default of electricity."""
    return octets(bytes((a, b, c, d, e, 255)))


def date_time(when: datetime, deviation: int | None = None, status: int | None = None) -> bytes:
    """Encode an instant as the 12 bytes of a date-time in local time.

    `deviation` is UTC minus local time in minutes; None: Austrian time by the season.
    """
    utc = when.astimezone(UTC)
    minutes = _austrian_deviation(utc) if deviation is None else deviation
    shown = _austrian_deviation(utc) if minutes == UNSPECIFIED_DEVIATION else minutes
    local = utc - timedelta(minutes=shown)
    if status is None:
        status = 0x80 if shown == -120 else 0x00
    return struct.pack(
        ">HBBBBBBBhB",
        local.year,
        local.month,
        local.day,
        local.isoweekday(),
        local.hour,
        local.minute,
        local.second,
        0,
        minutes,
        status,
    )


def _austrian_deviation(utc: datetime) -> int:
    """Summer time: from the last Sunday of March to that of October, at 01:00 UTC."""
    begin, end = (_last_sunday(utc.year, month) for month in (3, 10))
    return -120 if begin <= utc < end else -60


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=last.isoweekday() % 7)


def registers(model: MeterModel, state: MeterState) -> list[tuple[bytes, bytes, bytes]]:
    """Return OBIS code, value, and scaler with unit of each register, in the model's order."""
    energy = [
        (obis(1, 8), uint32(state.energy_import), scale(0, _WATT_HOUR)),
        (obis(2, 8), uint32(state.energy_export), scale(0, _WATT_HOUR)),
    ]
    power = [
        (obis(1, 7), uint32(state.power_import), scale(0, _WATT)),
        (obis(2, 7), uint32(state.power_export), scale(0, _WATT)),
    ]
    phases = range(model.phases)
    grid = [(obis(32 + 20 * n, 7), uint16(state.voltages[n]), scale(-1, _VOLT)) for n in phases]
    grid += [(obis(31 + 20 * n, 7), uint16(state.currents[n]), scale(-2, _AMPERE)) for n in phases]
    if model.power_factor:
        encode = int16 if model.signed_power_factor else uint16
        grid.append((obis(13, 7), encode(state.power_factor), scale(-3, _NO_UNIT)))
    if model.layout is BodyLayout.FLAT:
        return energy + power + grid
    listed = grid + power + energy
    if model.reactive:
        listed += [
            (obis(3, 8), uint32(state.reactive_import), scale(0, _VAR_HOUR)),
            (obis(4, 8), uint32(state.reactive_export), scale(0, _VAR_HOUR)),
        ]
    return listed


def body(model: MeterModel, state: MeterState, clock: bytes) -> bytes:
    """Encode the structure with all registers in the model's layout."""
    rows = registers(model, state)
    if model.layout is BodyLayout.FLAT:
        content = octets(clock) + b"".join(map(b"".join, rows))
        content += octets(model.meter_number.encode())
        return bytes((0x02, 2 + 3 * len(rows))) + content
    content = obis(1, 0, a=0) + octets(clock)
    content += b"\x02\x02" + obis(96, 1, a=0) + octets(model.meter_number.encode())
    content += b"\x02\x02" + obis(42, 0, a=0) + octets(model.logical_name.encode())
    content += b"".join(b"\x02\x03" + b"".join(row) for row in rows)
    return bytes((0x02, 4 + len(rows))) + content


def notification(model: MeterModel, state: MeterState, when: datetime, invoke: int) -> bytes:
    """Encode the plaintext of a telegram."""
    clock = date_time(when, model.deviation)
    header = b"\x0f" + invoke.to_bytes(4) + bytes((len(clock),)) + clock
    return header + body(model, state, clock)


def encipher(model: MeterModel, counter: int, plaintext: bytes) -> bytes:
    """Put a plaintext into a general-glo-ciphering unit."""
    nonce = model.system_title + counter.to_bytes(4)
    cipher = AES.new(model.key, AES.MODE_GCM, nonce=nonce, mac_len=12)
    control = bytes((model.security,))
    cipher.update(control + model.authentication_key)
    content, tag = cipher.encrypt_and_digest(plaintext)
    content = control + counter.to_bytes(4) + content
    if model.security & 0x10:
        content += tag
    size = len(content)
    if size < 0x80:
        length = bytes((size,))
    elif size < 0x100:
        length = bytes((0x81, size))
    else:
        length = b"\x82" + size.to_bytes(2)
    return b"\xdb" + octets(model.system_title)[1:] + length + content


def long_frames(unit: bytes, frame_length: int = 250) -> list[bytes]:
    """Cut a unit into M-Bus long frames of at most `frame_length` (C to the last data byte)."""
    room = frame_length - 5
    parts = [unit[at : at + room] for at in range(0, len(unit), room)]
    return [
        long_frame(part, number, last=number == len(parts) - 1) for number, part in enumerate(parts)
    ]


def long_frame(data: bytes, number: int, *, last: bool, ci: int | None = None) -> bytes:
    """Put data into one M-Bus long frame; of its length only the low byte fits.

    `ci`: what stands in place of the segment number and the mark of the last segment.
    """
    segment = number | (0x10 if last else 0) if ci is None else ci
    content = bytes((0x53, 0xFF, segment, 0x01, 0x67)) + data
    length = len(content) & 0xFF
    checksum = sum(content) & 0xFF
    return bytes((0x68, length, length, 0x68)) + content + bytes((checksum, 0x16))


def telegram(
    model: MeterModel, state: MeterState, when: datetime, counter: int, invoke: int | None = None
) -> bytes:
    """Encode a whole telegram; the invoke id counts along with the frame counter."""
    number = 0x80000000 | (counter + 0x5742) & 0xFFFFFF if invoke is None else invoke
    unit = encipher(model, counter, notification(model, state, when, number))
    return b"".join(long_frames(unit, model.frame_length))
