"""Other shapes of what users lived through: at least three of each kind, through Home Assistant."""

import base64
import json
from collections.abc import Callable
from random import Random
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from simulators.evn_meters import BY_NAME, play
from simulators.evn_telegram import (
    SAGEMCOM,
    date_time,
    int16,
    long_frame,
    long_frames,
    obis,
    octets,
    scale,
    uint32,
)

from .cases import START, Case, Player, Step
from .stories import (
    USUAL,
    Oddities,
    Oddity,
    hexadecimal,
    raw_telegram,
    state_of,
    story,
    with_restart,
)
from .texts import form_says, issue_says

GONE = {STATE_UNAVAILABLE, STATE_UNKNOWN}


async def played(hass: HomeAssistant, freezer: FrozenDateTimeFactory, case: Case) -> Player:
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play()
    return player


def always(**state: object) -> Oddities:
    return lambda _: Oddity(state)


def in_turn(*states: dict[str, object]) -> Oddities:
    return lambda number: Oddity(states[number % len(states)])


def at_random(seed: int, make: Callable[[Random], dict[str, object]]) -> Oddities:
    random = Random(seed)
    return lambda _: Oddity(make(random))


# --- a gate without a way out -----------------------------------------------------------

STATES = {
    "both directions, 1.5 and 3 kW": always(power_import=1500, power_export=3000),
    "both directions, 4 telegrams of 8": lambda n: (
        Oddity({"power_import": 1200, "power_export": 1300}) if n % 8 < 4 else USUAL
    ),
    "both directions, never twice the same": at_random(
        1, lambda r: {"power_import": r.randint(2000, 12000), "power_export": r.randint(1500, 9000)}
    ),
    "a phase at half a volt": always(voltages=(2338, 5, 2347), currents=(86, 0, 34)),
    "a phase at 301 V": always(voltages=(2338, 2340, 3010)),
    "a phase that wanders": at_random(2, lambda r: {"voltages": (2338, r.randint(0, 950), 2347)}),
    "all phases high": at_random(
        3, lambda r: {"voltages": tuple(r.randint(2535, 2620) for _ in range(3))}
    ),
    "no phase at all": always(voltages=(2338, 0, 0), currents=(86, 0, 0)),
    "power factor 1.001": always(power_factor=1001),
    "power factor as high as it goes": always(power_factor=0xFFFF),
    "power factor now and then": in_turn({"power_factor": 0x7FFF}, {"power_factor": 990}),
    "650 A and 440 kW": always(power_import=440_000, currents=(65_000, 64_900, 64_800)),
    "a plant that exports 200 kW": always(
        power_import=0, power_export=200_000, currents=(29_000, 29_100, 28_900), power_factor=1000
    ),
    "a load of 180 kW that comes and goes": lambda n: (
        Oddity({"power_import": 180_000, "currents": (26_000, 26_100, 25_900)})
        if n % 12 < 6
        else USUAL
    ),
}


@pytest.mark.parametrize("before", [0, 3], ids=["from the first on", "after three"])
@pytest.mark.parametrize("name", STATES)
async def test_what_persists_is_shown(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    before: int,
) -> None:
    player = await played(hass, freezer, story(STATES[name], before=before))
    player.check()
    assert not player.issues()


async def test_a_signed_power_factor_at_its_end(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    player = await played(
        hass, freezer, story(always(power_factor=-0x8000), model=SAGEMCOM, before=2)
    )
    player.check()
    assert player.shown["power_factor"][-1][1] in GONE


# --- a diagnostic vetoes a measurement --------------------------------------------------

_CLOCK = date_time(START, -60)


def clocks(make: Callable[[int], bytes]) -> Oddities:
    return lambda number: Oddity({"power_import": 3000 + number % 5}, clock=make(number))


CLOCKS = {
    "stands at 2000-01-01": clocks(lambda _: bytes.fromhex("07D00101060000000000C400")),
    "stands today": clocks(lambda _: _CLOCK),
    "a hundred years ahead": clocks(
        lambda n: (
            (2126).to_bytes(2) + date_time(START, -60)[2:6] + bytes((n // 12, n % 60)) + _CLOCK[8:]
        )
    ),
    "goes backwards": clocks(lambda n: _CLOCK[:5] + bytes((9, 59 - n, 0)) + _CLOCK[8:]),
    "jumps about": lambda n: Oddity(
        clock=Random(n).choice([2001, 2019, 2026, 2031]).to_bytes(2)
        + bytes((Random(n).randint(1, 12), Random(n).randint(1, 28), 1))
        + _CLOCK[5:]
    ),
    "nothing but FF": clocks(lambda _: b"\xff" * 12),
    "month 13": clocks(lambda _: _CLOCK[:2] + b"\x0d" + _CLOCK[3:]),
    "30 February": clocks(lambda _: _CLOCK[:2] + b"\x02\x1e" + _CLOCK[4:]),
    "hour 24": clocks(lambda _: _CLOCK[:5] + b"\x18" + _CLOCK[6:]),
    "deviation of a day": clocks(lambda _: _CLOCK[:9] + b"\x05\xa0" + _CLOCK[11:]),
    "all zeros": clocks(lambda _: bytes(12)),
    "there and not there": clocks(lambda n: _CLOCK if n % 2 else b"\xff" * 12),
}


@pytest.mark.parametrize("name", CLOCKS)
async def test_a_clock_vetoes_nothing(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    player = await played(hass, freezer, story(CLOCKS[name], before=3))
    player.check()
    assert not player.issues()


# --- a fall under the same title --------------------------------------------------------

FALLS: dict[str, Oddities] = {
    "zeros for a minute": lambda n: (
        Oddity({"energy_import": 0, "energy_export": 0}, told=False) if 10 <= n < 22 else USUAL
    ),
    "zeros in everything": lambda n: (
        Oddity(
            {
                "energy_import": 0,
                "energy_export": 0,
                "power_import": 0,
                "currents": (0, 0, 0),
            },
            told=False,
        )
        if 10 <= n < 13
        else USUAL
    ),
    "half of it": lambda n: (
        Oddity({"energy_import": 6_000_000 + n}, told=False) if 10 <= n < 16 else USUAL
    ),
    "a little less, again and again": lambda n: (
        Oddity({"energy_import": 12_345_000 + n}, told=False) if n % 5 == 4 else USUAL
    ),
    "low ones that differ": lambda n: (
        Oddity({"energy_import": Random(n).randrange(12_000_000)}, told=False)
        if 10 <= n < 20
        else USUAL
    ),
    "all ones for a moment": lambda n: (
        Oddity({"energy_import": 0xFFFFFFFF}, told=False) if n in {10, 11} else USUAL
    ),
}


@pytest.mark.parametrize("reload", [None, 9, 11, 13])
@pytest.mark.parametrize("name", FALLS)
async def test_a_register_that_falls_is_never_shown(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    reload: int | None,
) -> None:
    case = story(
        FALLS[name],
        expect={
            "never_falls": ["energy_import", "energy_export"],
            "only_sent": ["energy_import", "energy_export"],
            "follows": ["energy_import", "energy_export", "power_import"],
        },
    )
    player = await played(hass, freezer, with_restart(case, reload))
    player.check()


# --- the first telegram -----------------------------------------------------------------


def compensated(bit: int, distance: int) -> Callable[[bytes], list[bytes]]:
    """Two flipped bits in the energy register that leave the sum of the frame as it was."""

    def publish(raw: bytes) -> list[bytes]:
        damaged = bytearray(raw)
        # The octets of the register, and some later byte: of a power, a voltage, a constant.
        for one in range(69, 73):
            for other in range(one + 1, one + distance):
                if (damaged[one] ^ damaged[other]) & bit:
                    damaged[one] ^= bit
                    damaged[other] ^= bit
                    return hexadecimal(bytes(damaged))
        return hexadecimal(raw)

    return publish


FIRSTS: dict[str, Oddities] = {
    "the first": lambda n: Oddity(publish=compensated(0x80, 60), told=False) if n == 0 else USUAL,
    "the first two, differently": lambda n: (
        Oddity(publish=compensated(0x80 >> n, 60 + n), told=False) if n < 2 else USUAL
    ),
    "every other one of the first eight": lambda n: (
        Oddity(publish=compensated(0x80 >> n % 7, 60), told=False)
        if n < 8 and n % 2 == 0
        else USUAL
    ),
    "a high register": lambda n: (
        Oddity({"energy_import": 29_123_456}, told=False) if n == 0 else USUAL
    ),
    "a low register": lambda n: Oddity({"energy_import": 12}, told=False) if n == 0 else USUAL,
    "a high power": lambda n: Oddity({"power_import": 4_194_704}, told=False) if n == 0 else USUAL,
}


def damaged_first(name: str, *, restart: bool, count: int = 40) -> Case:
    """Return the story of a first telegram; restart: the first after twelve usual ones and a stop."""
    after = 12 if restart else 0
    case = story(lambda n: USUAL if n < after else FIRSTS[name](n - after), count=count)
    return with_restart(case, after or None)


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("name", FIRSTS)
async def test_a_first_telegram_that_is_damaged_is_never_shown(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    restart: bool,
) -> None:
    case = damaged_first(name, restart=restart)
    case.expect = {
        "never_falls": ["energy_import"],
        "only_sent": ["energy_import", "energy_export", "power_import"],
        "follows": ["energy_import", "power_import"],
    }
    player = await played(hass, freezer, case)
    player.check()


# --- refused is taken for silence -------------------------------------------------------


def _unencrypted(raw: bytes) -> list[bytes]:
    return hexadecimal(b"".join(long_frames(b"\x0f" + bytes(4) + b"\x0c" + _CLOCK + b"\x02\x00")))


def _only_signed(raw: bytes) -> list[bytes]:
    unit = raw[9:-2]
    at = 12 if unit[10] == 0x81 else 11
    return hexadecimal(b"".join(long_frames(unit[:at] + b"\x10" + unit[at + 1 : 240], 250)))


def _flipped(raw: bytes) -> list[bytes]:
    return hexadecimal(raw[:100] + bytes((raw[100] ^ 4,)) + raw[101:])


REFUSED: dict[str, tuple[Callable[[bytes], list[bytes]], str]] = {
    "a flipped bit": (_flipped, "telegrams_damaged"),
    "a lost byte": (lambda raw: hexadecimal(raw[:77] + raw[78:]), "telegrams_damaged"),
    "the end is missing": (lambda raw: hexadecimal(raw[:200]), "telegrams_damaged"),
    "the second frame is missing": (lambda raw: hexadecimal(raw[:256]), "telegrams_damaged"),
    "noise": (lambda raw: [b"F000FF8080F8" * 12], "telegrams_damaged"),
    "a plain notification": (_unencrypted, "telegrams_not_encrypted"),
    "plain text": (
        lambda raw: [b"/EST5\\253700042_A\r\n\r\n1-0:1.8.0(001*Wh)\r\n!0000\r\n"],
        "telegrams_not_encrypted",
    ),
    "JSON of another program": (lambda raw: [b'{"temperature": 21.5}'], "telegrams_other_protocol"),
    "words": (lambda raw: [b"online"], "telegrams_other_protocol"),
    "wireless M-Bus": (
        lambda raw: hexadecimal(long_frame(bytes(40), 0, last=True, ci=0x7A)),
        "telegrams_other_protocol",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_is_heard_and_named(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    publish, issue = REFUSED[name]
    case = story(lambda n: Oddity(publish=publish, told=False) if 6 <= n < 30 else USUAL, count=36)
    player = Player(hass, freezer, case)
    await player.set_up()
    refused = [step for step in case.steps if step.at <= 150]
    await player.play(refused)
    ((issue_id, entry),) = player.issues().items()
    assert issue_id.startswith(issue)
    assert "My meter" in issue_says(entry)["de"]
    rejected = [state for _, state in player.shown["telegrams_rejected"]]
    assert not GONE & set(rejected[1:])
    assert float(rejected[-1]) >= 20
    assert player.shown["power_import"][-1][1] == STATE_UNAVAILABLE
    await player.play(case.steps[len(refused) :])
    assert not player.issues()
    assert player.shown["power_import"][-1][1] not in GONE


async def test_stands_that_never_agree_are_named_by_their_quantity(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    random = Random(4)
    stands = sorted((random.randrange(12_000_000) for _ in range(40)), reverse=True)
    case = story(
        lambda n: Oddity({"energy_import": stands[n]}, told=False) if 4 <= n < 30 else USUAL,
        expect={"follows": ["energy_import"], "never_falls": ["energy_import"]},
    )
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play([step for step in case.steps if step.at <= 150])
    ((issue_id, issue),) = player.issues().items()
    assert issue_id.startswith("telegrams_implausible_")
    assert issue.translation_key == "telegrams_implausible_energy"
    assert issue_says(issue)
    await player.play([step for step in case.steps if step.at > 150])
    assert not player.issues()
    player.check()


# --- one spelling of one transport ------------------------------------------------------


def cut(
    size: int, spell: Callable[[bytes], list[bytes]] = hexadecimal
) -> Callable[[bytes], list[bytes]]:
    def publish(raw: bytes) -> list[bytes]:
        (whole,) = spell(raw)
        return [whole[at : at + size] for at in range(0, len(whole), size)]

    return publish


def cut_anywhere(raw: bytes) -> list[bytes]:
    random, pieces, at = Random(raw), [], 0
    text = raw.hex().encode()
    while at < len(text):
        size = random.randint(1, 150)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def framed_by_lines(raw: bytes) -> list[bytes]:
    return [frame.hex(" ").encode() for frame in (raw[:256], raw[256:])]


SPELLINGS: dict[str, Callable[[bytes], list[bytes]]] = {
    "pieces of 63 digits": cut(63),
    "pieces of 20 digits": cut(20),
    "pieces of any size": cut_anywhere,
    "raw pieces of 48": lambda raw: [raw[at : at + 48] for at in range(0, len(raw), 48)],
    "a frame a message": framed_by_lines,
    "raw": lambda raw: [raw],
    "with dashes": lambda raw: [raw.hex("-").encode()],
    "with dots": lambda raw: [raw.hex(".").upper().encode() + b" (282)"],
    "as C has it": lambda raw: [b"{ " + b", ".join(b"0x%02X" % byte for byte in raw) + b" };"],
    "in lines of 16": lambda raw: [
        b"\r\n".join(raw[at : at + 16].hex(" ").encode() for at in range(0, len(raw), 16))
    ],
    "with a zero behind": lambda raw: [raw.hex().encode() + b"\x00"],
    "base64": lambda raw: [base64.b64encode(raw)],
    "base64 in lines": lambda raw: [base64.encodebytes(raw)],
    "base64 for addresses": lambda raw: [base64.urlsafe_b64encode(raw)],
    "a string in JSON": lambda raw: [json.dumps(raw.hex()).encode()],
    "deep in JSON": lambda raw: [
        json.dumps({"Time": "2026-03-10T10:00:00", "SBR": {"SSerialReceived": raw.hex()}}).encode()
    ],
    "base64 in JSON": lambda raw: [
        json.dumps({"id": 7, "payload": base64.b64encode(raw).decode()}).encode()
    ],
    "a buffer of Node-RED": lambda raw: [
        json.dumps({"type": "Buffer", "data": list(raw)}).encode()
    ],
    "a list of texts": lambda raw: [json.dumps([f"0x{byte:02x}" for byte in raw]).encode()],
    "escapes": lambda raw: ["".join(f"\\x{byte:02x}" for byte in raw).encode()],
    "as a program in C has it": lambda raw: [
        f"uint8_t t[] = {{{', '.join(f'0x{byte:02X}' for byte in raw)}}};".encode()
    ],
    "a line of a log": lambda raw: [b"2026-03-10T10:00:00Z telegram: " + raw.hex(" ").encode()],
    "JSON in JSON": lambda raw: [json.dumps({"p": json.dumps({"data": raw.hex()})}).encode()],
    "JSON cut in two": lambda raw: [
        json.dumps({"data": raw.hex()}).encode()[:301],
        json.dumps({"data": raw.hex()}).encode()[301:],
    ],
    "decimal numbers in JSON": lambda raw: [json.dumps({"frame": list(raw)}).encode()],
    "decimal numbers": lambda raw: [", ".join(map(str, raw)).encode()],
    "as Python shows it": lambda raw: [repr(raw).encode()],
    "68h": lambda raw: [" ".join(f"{byte:02X}h" for byte in raw).encode()],
    "a text of Windows": lambda raw: [raw.hex().encode("utf-16")],
    "a dump": lambda raw: [
        b"\n".join(
            f"{at:08x}  {raw[at : at + 16].hex(' ')}  |................|".encode()
            for at in range(0, len(raw), 16)
        )
    ],
    "with slashes": lambda raw: [raw.hex("/").encode()],
    "with pluses, in pieces of 100": cut(100, lambda raw: [raw.hex("+").upper().encode()]),
    "numbers in a log of ESPHome": lambda raw: [
        f"[10:00:00][D][uart_debug:176]: <<< {','.join(map(str, raw))}".encode()
    ],
    "hex in base64": lambda raw: [base64.b64encode(raw.hex().encode())],
    "two at once, every other time": lambda raw: [raw.hex().encode()],
}


@pytest.mark.parametrize("name", SPELLINGS)
async def test_every_spelling_is_read(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    player = await played(hass, freezer, story(lambda _: Oddity(publish=SPELLINGS[name]), count=15))
    player.check()
    assert not player.issues()
    assert player.shown["telegrams_rejected"][-1][1] == "0"


# --- a foreign detail refuses the whole telegram ----------------------------------------

WH = scale(0, 30)
NAN = bytes.fromhex("7FC00000")
DETAILS: dict[str, Oddity] = {
    "a number of 64 bits": Oddity(more=obis(1, 8, e=7) + b"\x15" + bytes(8) + WH, more_count=3),
    "a truth": Oddity(more=obis(96, 3, a=0) + b"\x03\x01", more_count=2),
    "lists in lists": Oddity(
        more=obis(97, 97, a=0) + b"\x01\x01\x02\x02\x01\x01\x11\x05\x02\x00", more_count=2
    ),
    "a float of an unknown unit": Oddity(
        more=obis(14, 7) + b"\x17\x42\x48\x00\x00" + scale(0, 44), more_count=3
    ),
    "a voltage in amperes": Oddity(
        more=obis(12, 7) + b"\x12\x09\x00" + scale(-1, 33), more_count=3
    ),
    "bits": Oddity(more=obis(96, 5, a=0) + b"\x04\x0c\xa5\xf0", more_count=2),
    "nothing at all": Oddity(more=obis(96, 7, a=0) + b"\x00", more_count=2),
    "a negative number": Oddity(more=obis(16, 7) + int16(-400) + scale(0, 27), more_count=3),
    "a text that grows": Oddity(more=obis(96, 13, a=0) + octets(b"message"), more_count=2),
    "a compact array": Oddity(
        more=obis(99, 1, a=0) + b"\x13\x12\x04\x00\x01\x00\x02", more_count=2
    ),
    "a float that is not measured": Oddity(
        more=obis(14, 7) + b"\x17\x7f\xc0\x00\x00" + scale(0, 44), more_count=3
    ),
    "an infinite one": Oddity(more=obis(15, 7) + b"\x18\x7f\xf0" + bytes(6) + WH, more_count=3),
    "a date and a time": Oddity(
        more=obis(0, 9, a=0, e=2)
        + b"\x1a\x07\xea\x05\x0c\x02"
        + obis(0, 9, a=0, e=1)
        + b"\x1b"
        + bytes(4),
        more_count=4,
    ),
    "a register in a text": Oddity(more=obis(3, 8) + octets(b"12.5") + WH, more_count=3),
    "a voltage of a fourth phase, without a unit": Oddity(
        more=obis(92, 7) + b"\x12\x08\xfc", more_count=2
    ),
    "a register twice": Oddity(more=obis(1, 8) + uint32(7) + WH, more_count=3),
    "a number with an umlaut": Oddity(number="Zähler 0042".encode()),
    "a number in Latin-1": Oddity(number="Zähler 0042".encode("latin-1")),
    "a number of zeros": Oddity(number=bytes(12)),
    "no number": Oddity(number=b""),
    "a number of any bytes": Oddity(number=bytes(range(0x80, 0x8C))),
    "a long number": Oddity(number=b"0123456789" * 4),
    "no date": Oddity(header=b"\x00"),
    "an empty date": Oddity(header=b"\x09\x00"),
    "a date with its type": Oddity(header=b"\x09\x0c" + _CLOCK),
    "a date-time": Oddity(header=b"\x19" + _CLOCK),
    "channel 1": Oddity(
        alter=lambda plain: plain.replace(b"\x09\x06\x01\x00", b"\x09\x06\x01\x01")
    ),
    "channel 64": Oddity(
        alter=lambda plain: plain.replace(b"\x09\x06\x01\x00", b"\x09\x06\x01\x40")
    ),
    "period 0": Oddity(
        alter=lambda plain: (
            b"\x00".join(plain.split(b"\xff"))
            if plain.count(b"\xff") < 2
            else plain.replace(b"\x07\x00\xff", b"\x07\x00\x00").replace(
                b"\x08\x00\xff", b"\x08\x00\x00"
            )
        )
    ),
    "channels of their own": Oddity(
        alter=lambda plain: plain.replace(b"\x01\x00\x01\x08", b"\x01\x02\x01\x08")
    ),
}


async def test_a_foreign_text_may_change_its_length_with_every_telegram(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    def odd(number: int) -> Oddity:
        text = octets(b"x" * (number * 7 % 23))
        return Oddity(more=obis(96, 13, a=0) + text, more_count=2)

    case = story(odd, count=40)
    player = Player(hass, freezer, case)
    await player.set_up_by_flow()
    assert player.entry is not None, player.result
    player.check()


async def test_a_number_that_is_measured_now_and_then_is_shown_when_it_is(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    def odd(number: int) -> Oddity:
        value = bytes.fromhex("42C80000") if number % 3 else NAN
        return Oddity(more=obis(3, 7) + b"\x17" + value + scale(0, 29), more_count=3)

    case = story(odd, count=30)
    player = Player(hass, freezer, case)
    with patch.object(Entity, "entity_registry_enabled_default", True):
        await player.set_up()
        await player.play()
    player.check()
    assert not player.issues()
    assert player.shown["reactive_power_import"][-1][1] == "100.0"


@pytest.mark.parametrize("name", DETAILS)
async def test_a_foreign_detail_costs_only_itself(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    case = story(lambda _: DETAILS[name], count=15)
    player = Player(hass, freezer, case)
    await player.set_up_by_flow()
    assert player.entry is not None, player.result
    player.check()
    assert not player.issues()


# --- one cadence, one meter -------------------------------------------------------------


@pytest.mark.parametrize("period", [1, 10, 30, 45, 60])
async def test_any_cadence_can_be_added_and_does_not_flap(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, period: float
) -> None:
    case = story(
        lambda _: USUAL,
        count=14,
        period=period,
        expect={
            "never_unavailable_after_setup": ["power_import", "energy_import"],
            "follows": ["energy_import", "power_import"],
        },
    )
    player = Player(hass, freezer, case)
    await player.set_up_by_flow()
    assert player.entry is not None, player.result
    player.check()


@pytest.mark.parametrize("others", [["wien"], ["noe-sagemcom", "tirol"], ["steiermark", "graz"]])
async def test_the_meter_that_the_key_opens_is_taken(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    others: list[str],
) -> None:
    case = story(lambda _: USUAL, count=20)
    steps = []
    for number, step in enumerate(case.steps):
        for place, name in enumerate(others):
            meter = BY_NAME[name]
            # Their keys are others: every meter has its own.
            model = meter.model.__class__(
                **{field: getattr(meter.model, field) for field in meter.model.__dataclass_fields__}
                | {"key": bytes(range(16))}
            )
            other = meter.__class__(
                **{field: getattr(meter, field) for field in meter.__dataclass_fields__}
                | {"model": model}
            )
            raw = play(other, state_of(number, 5_000.0 + number, None), START, 50 + number)
            steps.append(Step(step.at - 2 + place, raw.hex().encode()))
        steps.append(step)
    case.steps = steps
    player = Player(hass, freezer, case)
    await player.set_up_by_flow()
    assert player.entry is not None, player.result
    assert player.entry.unique_id == f"evn_{case.system_title.lower()}"
    player.check()


# --- the form says what was heard -------------------------------------------------------


def _other_key() -> bytes:
    case = story(lambda _: USUAL, count=1)
    assert case.steps[0].payload is not None
    return case.steps[0].payload


def _unknown_layout() -> bytes:
    odd = Oddity(alter=lambda plain: plain[:18] + b"\x02\x02" + uint32(5) + uint32(6))
    return raw_telegram(SAGEMCOM, state_of(1, 5.0, None), 5, 7, odd).hex().encode()


def _no_register() -> bytes:
    odd = Oddity(alter=lambda plain: plain[:18] + b"\x02\x03" + obis(1, 8, e=1) + uint32(5) + WH)
    return raw_telegram(SAGEMCOM, state_of(1, 5.0, None), 5, 7, odd).hex().encode()


FORMS: dict[str, tuple[bytes, str]] = {
    "SML": (b"1B1B1B1B01010101760512345678" * 3, "other_protocol"),
    "wireless M-Bus": (
        hexadecimal(long_frame(bytes(40), 0, last=True, ci=0x72))[0],
        "other_protocol",
    ),
    "words": (b"online", "not_a_telegram"),
    "numbers in JSON": (b'{"power": 400, "energy": 12.5}', "json_without_telegram"),
    "a list in JSON": (b"[1.5, 2.5, 3.5]", "json_without_telegram"),
    "half a telegram": (_other_key()[:300], "pieces"),
    "the end of a telegram": (_other_key()[-200:], "damaged"),
    "another key": (_other_key(), "wrong_key"),
    "another layout": (_unknown_layout(), "unknown_layout"),
    "no register": (_no_register(), "no_register"),
    "a plain notification": (_unencrypted(b"")[0], "not_encrypted"),
    "plain text": (b"/EST5\\253700042_A\r\n\r\n1-0:1.8.0(001*Wh)\r\n!0000\r\n", "plain_text"),
    "zeros": (b"00" * 60, "not_a_telegram"),
}


@pytest.mark.parametrize("name", FORMS)
async def test_the_form_names_the_mistake(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    payload, error = FORMS[name]
    key = bytes(16).hex() if name == "another key" else SAGEMCOM.key.hex()
    case = Case("form", key, "", "", [Step(5, payload)])
    player = Player(hass, freezer, case)
    await player.set_up_by_flow()
    assert player.entry is None
    assert player.result is not None
    assert player.result["errors"] == {"base": error}
    assert "?" not in form_says(player.result)["en"]
