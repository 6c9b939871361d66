"""One meter of each operator: what it sends, on which line, in which framing and layout.

Written independently of the decoder, as `evn_telegram` is. The layouts are those of public
telegrams; keys, numbers and titles are invented.
"""

from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from .evn_framing import bare_text, blocks, framed, records
from .evn_telegram import (
    KAIFA,
    SAGEMCOM,
    SAGEMCOM_SINGLE,
    TEST_AUTHENTICATION_KEY,
    TEST_KEY,
    TIROL,
    TIROL_SINGLE,
    UNSPECIFIED_DEVIATION,
    BodyLayout,
    MeterModel,
    MeterState,
    date_time,
    encipher,
    obis,
    octets,
    telegram,
    uint16,
    uint32,
)


class Body(StrEnum):
    """How a meter that is not of Netz NÖ or Tirol arranges its values."""

    EIGHT = "eight"
    """Wiener Netze: clock and eight numbers, by place."""
    LIST = "list"
    """Kärnten, Wels: number, time, date and six numbers, by place."""
    SHORT = "short"
    """Burgenland: voltages, currents, power, energy, number, by place."""
    LONG = "long"
    """Graz: clock, then OBIS code and number without scaler and unit."""
    OBJECTS = "objects"
    """Klagenfurt: a list of objects, then their values."""
    TEXT = "text"
    """Steiermark: DSMR text."""
    RECORDS = "records"
    """Netz OÖ: records of M-Bus, not DLMS."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One meter that can be played."""

    name: str
    """As `python -m simulators.evn --meter` has it."""
    operator: str
    model: MeterModel
    body: Body | None = None
    """None: what the model itself says."""
    address: bytes = bytes.fromhex("CEFF03")
    block: int = 0
    """Bytes of data in the first block; 0: no block transfer."""
    signature: int = 0
    """Bytes behind the frame that nobody can read."""
    numbered: bool = False
    """Whether the meter number stands before the clock (IM350 in Vienna)."""
    empty: int = 0
    """Empty strings at the end (Kärnten)."""
    period: float = 5.0
    baudrate: int = 2400
    parity: str = "E"

    @property
    def keys(self) -> tuple[bytes, bytes | None]:
        """The key, and the authentication key where the operator hands one out."""
        second = self.model.authentication_key if self.model.security & 0x10 else None
        return self.model.key, second

    @property
    def number(self) -> str | None:
        """The meter number as the telegrams tell it; None where they do not."""
        silent = self.body in {Body.LONG, Body.TEXT, Body.RECORDS} or (
            self.body is Body.EIGHT and not self.numbered
        )
        return None if silent else self.model.meter_number


def _model(
    name: str, title: bytes, number: str, security: int = 0x20, deviation: int | None = None
) -> MeterModel:
    return MeterModel(
        name,
        title,
        number,
        security=security,
        deviation=deviation,
        key=TEST_KEY,
        authentication_key=TEST_AUTHENTICATION_KEY,
    )


def _title(maker: str, serial: int) -> bytes:
    return maker.encode() + serial.to_bytes(5)


METERS: Final = (
    Meter("noe", "Netz NÖ", KAIFA),
    Meter("noe-sagemcom", "Netz NÖ", SAGEMCOM),
    Meter("noe-single", "Netz NÖ", SAGEMCOM_SINGLE),
    Meter("tirol", "TINETZ", TIROL),
    Meter("tirol-single", "TINETZ", TIROL_SINGLE),
    Meter(
        "graz",
        "Stromnetz Graz",
        _model("E450", _title("LGZ", 0x48550010), "30040042", 0x30, UNSPECIFIED_DEVIATION),
        Body.LONG,
        block=119,
    ),
    Meter(
        "burgenland",
        "Netz Burgenland",
        _model("E450", _title("LGZ", 0x48550011), "30050042", 0x30, UNSPECIFIED_DEVIATION),
        Body.SHORT,
    ),
    Meter(
        "klagenfurt",
        "Stadtwerke Klagenfurt",
        _model("E450", _title("LGZ", 0x48550012), "30060042", 0x30, UNSPECIFIED_DEVIATION),
        Body.OBJECTS,
        block=119,
    ),
    Meter(
        "wien",
        "Wiener Netze",
        _model("AM550", _title("ISK", 0x48550013), "1ISK0042"),
        Body.EIGHT,
        address=bytes.fromhex("CF0223"),
        signature=96,
        period=1.0,
        baudrate=9600,
        parity="N",
    ),
    Meter(
        "wien-im350",
        "Wiener Netze",
        _model("IM350", _title("SMS", 0x48550014), "SMS1030700000042"),
        Body.EIGHT,
        address=bytes.fromhex("CF00020023"),
        signature=96,
        numbered=True,
        period=1.0,
        baudrate=9600,
        parity="N",
    ),
    Meter(
        "wien-e450",
        "Wiener Netze",
        _model("E450", _title("LGZ", 0x48550015), "1LGZ0042", 0x20, UNSPECIFIED_DEVIATION),
        Body.EIGHT,
        signature=96,
        period=1.0,
        baudrate=9600,
        parity="N",
    ),
    Meter(
        "kaernten",
        "Kärnten Netz",
        _model("IM350", _title("SMS", 0x48550016), "2221200000042"),
        Body.LIST,
        address=bytes.fromhex("CF00020023"),
        empty=2,
        baudrate=115200,
        parity="N",
    ),
    Meter(
        "wels",
        "Wels Strom",
        _model("IM350", _title("SMS", 0x48550017), "18030042"),
        Body.LIST,
        address=bytes.fromhex("CF00020023"),
        baudrate=115200,
        parity="N",
    ),
    Meter(
        "steiermark",
        "Energienetze Steiermark",
        _model("T210-D-r", _title("SAG", 0x48550018), "253700042", 0x30),
        Body.TEXT,
        baudrate=115200,
        parity="N",
    ),
    Meter(
        "ooe",
        "Netz OÖ",
        # An AMIS has no number of its own in its telegrams: all of them begin alike.
        _model("AMIS TD-3511", b"SAM" + bytes(4) + b"\x01", ""),
        Body.RECORDS,
        period=1.0,
        baudrate=9600,
    ),
)
BY_NAME: Final = {meter.name: meter for meter in METERS}


def reactive_power(state: MeterState) -> tuple[int, int]:
    """Return var in both directions: a little more than a third of the active power."""
    power = state.power_import - state.power_export
    return max(power * 3 // 8, 0), max(-power * 3 // 8, 0)


def expected(meter: Meter, state: MeterState) -> dict[str, int | float]:
    """Return what a reading of this state must say, without the clock."""
    values: dict[str, int | float] = {
        "energy_import": state.energy_import,
        "energy_export": state.energy_export,
        "power_import": state.power_import,
        "power_export": state.power_export,
        "power": state.power_import - state.power_export,
    }
    body, model = meter.body, meter.model
    if body is None:
        for n, (volts, amperes) in enumerate(zip(state.voltages, state.currents, strict=True), 1):
            values[f"voltage_l{n}"] = volts / 10
            values[f"current_l{n}"] = amperes / 100
        if model.power_factor:
            values["power_factor"] = state.power_factor / 1000
    if body is Body.SHORT:
        for n, volts in enumerate(state.voltages, 1):
            values[f"voltage_l{n}"] = volts // 10
    if body in {Body.SHORT, Body.OBJECTS}:
        for n, amperes in enumerate(state.currents, 1):
            values[f"current_l{n}"] = amperes / 100
    if model.reactive or body not in {None, Body.SHORT}:
        values["reactive_energy_import"] = state.reactive_import
        values["reactive_energy_export"] = state.reactive_export
    if body in {Body.EIGHT, Body.LONG, Body.OBJECTS, Body.TEXT, Body.RECORDS}:
        inductive, capacitive = reactive_power(state)
        values["reactive_power_import"] = inductive
        values["reactive_power_export"] = capacitive
    return values


def play(meter: Meter, state: MeterState, when: datetime, counter: int) -> bytes:
    """Return the bytes of one telegram as they stand on the line, without any signature."""
    model = meter.model
    if meter.body is None:
        return telegram(model, state, when, counter)
    if meter.body is Body.TEXT:
        return encipher(model, counter, bare_text(_text(model, state, when)))
    if meter.body is Body.RECORDS:
        return records(_records(state, when), model.key, counter)
    header = (
        b"\x0f" + (counter & 0xFFFFFFFF).to_bytes(4) + b"\x0c" + date_time(when, model.deviation)
    )
    unit = encipher(model, counter, header + _body(meter, state, when))
    if meter.block:
        return b"".join(blocks(unit, meter.block, meter.address))
    return framed(unit, meter.address)


def _body(meter: Meter, state: MeterState, when: datetime) -> bytes:
    clock = octets(date_time(when, meter.model.deviation))
    number = octets(meter.model.meter_number.encode())
    energies = (
        state.energy_import,
        state.energy_export,
        state.reactive_import,
        state.reactive_export,
    )
    powers = (state.power_import, state.power_export)
    match meter.body:
        case Body.EIGHT:
            values = (*energies, *powers, *reactive_power(state))
            elements = [*([number] if meter.numbered else []), clock, *map(uint32, values)]
        case Body.LIST:
            local = when + timedelta(hours=1)
            elements = [
                obis(25, 9, a=0, b=6),
                number,
                octets(bytes((local.hour, local.minute, local.second, 0))),
                octets(
                    local.year.to_bytes(2) + bytes((local.month, local.day, local.isoweekday()))
                ),
                *map(uint32, (*energies, *powers)),
                *[octets(b"")] * meter.empty,
            ]
        case Body.SHORT:
            elements = [
                *(uint16(volts // 10) for volts in state.voltages),
                *map(uint16, state.currents),
                *map(uint32, (*powers, state.energy_import, state.energy_export)),
                number,
            ]
        case Body.LONG:
            elements = [clock]
            for c, d, value in _registers(state):
                elements += [obis(c, d), uint32(value)]
        case _:
            rows = [(8, obis(1, 0, a=0), clock), (1, obis(96, 1, a=0), number)]
            rows += [(3, obis(c, d), uint32(value)) for c, d, value in _registers(state)]
            rows += [
                (3, obis(31 + 20 * n, 7), uint16(amperes))
                for n, amperes in enumerate(state.currents)
            ]
            listed = [(40, obis(25, 9, a=0, b=8), b""), *rows]
            objects = b"".join(
                b"\x02\x04" + uint16(kind) + code + b"\x0f\x02" + uint16(0)
                for kind, code, _ in listed
            )
            elements = [bytes((1, len(listed))) + objects, *(value for _, _, value in rows)]
    return bytes((2, len(elements))) + b"".join(elements)


def _registers(state: MeterState) -> list[tuple[int, int, int]]:
    inductive, capacitive = reactive_power(state)
    return [
        (1, 8, state.energy_import),
        (2, 8, state.energy_export),
        (3, 8, state.reactive_import),
        (4, 8, state.reactive_export),
        (1, 7, state.power_import),
        (2, 7, state.power_export),
        (3, 7, inductive),
        (4, 7, capacitive),
    ]


def _records(state: MeterState, when: datetime) -> bytes:
    """Return time and registers with their data and value information."""
    summer = date_time(when)[11] == 0x80
    local = when + timedelta(hours=2 if summer else 1)
    year = local.year - 2000
    clock = bytes(
        (
            local.second | (0x40 if summer else 0),
            local.minute,
            local.hour | local.isoweekday() << 5,
            local.day | (year & 0x07) << 5,
            local.month | (year & 0x78) << 1,
            local.isocalendar().week,
        )
    )
    heads = ("0403", "04833C", "8410FB8273", "8410FB82F33C", "042B", "04AB3C", "04FB14", "04FB943C")
    values = [value for _, _, value in _registers(state)]
    rows = zip(heads, values, strict=True)
    content = b"\x2f\x2f\x06\x6d" + clock
    content += b"".join(bytes.fromhex(head) + value.to_bytes(4, "little") for head, value in rows)
    return content + bytes.fromhex("0483FF04") + bytes(4)


def _text(model: MeterModel, state: MeterState, when: datetime) -> bytes:
    octets_of_clock = date_time(when)
    minutes = -int.from_bytes(octets_of_clock[9:11], signed=True)
    local = when + timedelta(minutes=minutes)
    season = "S" if minutes == 120 else "W"
    units = {(1, 8): "Wh", (2, 8): "Wh", (3, 8): "varh", (4, 8): "varh", (1, 7): "W", (2, 7): "W"}
    lines = [
        f"/EST5\\{model.meter_number}_A",
        "",
        "1-3:0.2.8(50)",
        f"0-0:1.0.0({local:%y%m%d%H%M%S}{season})",
        *(
            f"1-0:{c}.{d}.0({value:09}*{units.get((c, d), 'var')})"
            for c, d, value in _registers(state)
        ),
        f"1-0:1.8.1({state.energy_import:09}*Wh)",
        "",
    ]
    return "\r\n".join(lines).encode()


def nested(meter: Meter) -> bool:
    """Whether the registers stand in structures of their own."""
    return meter.model.layout is BodyLayout.NESTED


def with_security(meter: Meter, security: int) -> Meter:
    """Return the same meter with another security control."""
    return replace(meter, model=replace(meter.model, security=security))
