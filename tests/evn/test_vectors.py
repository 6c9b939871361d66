"""Published telegrams, and ones with a published layout; skipped where they are not beside us."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from custom_components.hausstrom.evn.descriptions import MEASUREMENTS
from custom_components.hausstrom.evn.protocol import notification
from custom_components.hausstrom.evn.protocol.errors import Reason
from custom_components.hausstrom.evn.protocol.reader import MeterReader, Reading, envelopes

from .cases import folder
from .telegrams import vector

NETZ_NOE = "01_netznoe_official_kaifa_ma309.json"
TIROL = "05_tirol_kaifa_single_phase.json"
WITHOUT_KEY = "20_seed_sample_nokey.json"
WHERE = folder("samples", "evn")
CONTENTS = (
    {path.name: json.loads(path.read_text()) for path in WHERE.glob("*.json")} if WHERE else {}
)
LAYOUTS = sorted(name for name, one in CONTENTS.items() if one.get("key") and "telegrams" in one)
"""Samples whose every value is known; the others have tests of their own below."""
TAGGED = [name for name in LAYOUTS if CONTENTS[name].get("authentication_key")]


UNITS = {
    description.key: str(description.native_unit_of_measurement or "1")
    for description in MEASUREMENTS
}
"""What an entity says that a value is in; a power factor has no unit."""


@dataclass(frozen=True)
class Sample:
    """Telegrams of one meter, in order, and what each says."""

    key: bytes
    authentication_key: bytes | None
    meter_number: str | None
    telegrams: list[dict[str, Any]]


def sample(name: str) -> Sample:
    content = CONTENTS[name]
    second = content.get("authentication_key")
    return Sample(
        bytes.fromhex(content["key"]),
        bytes.fromhex(second) if second else None,
        content["meter_number"],
        content["telegrams"],
    )


def check(one: Sample, telegram: dict[str, Any], reading: Reading) -> None:
    values = {key: value for key, value in reading.values.items() if key != "power"}
    assert values == {key: entry["value"] for key, entry in telegram["values"].items()}
    assert {key: UNITS[key] for key in values} == {
        key: entry["unit"] for key, entry in telegram["values"].items()
    }
    assert reading.meter_time == datetime.fromisoformat(telegram["meter_time_utc"])
    assert reading.meter_number == one.meter_number
    assert reading.frame_counter == telegram["frame_counter"]


@pytest.mark.parametrize("size", [1, 7, 100, 4096])
@pytest.mark.parametrize("tags", [True, False])
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout(name: str, tags: bool, size: int) -> None:
    one = sample(name)
    second = one.authentication_key if tags else None
    reader = MeterReader(one.key, authentication_key=second)
    read = 0
    for telegram in one.telegrams:
        raw = bytes.fromhex(telegram["frame_hex"])
        now = datetime.fromisoformat(telegram["meter_time_utc"]) + timedelta(seconds=0.2)
        for at in range(0, len(raw), size):
            heard = reader.feed_bytes(
                raw[at : at + size], received=now + timedelta(milliseconds=at)
            )
            for reading in heard.readings:
                check(one, telegram, reading)
                read += 1
    # The first waits for one that agrees, unless something in it proves it.
    proven = second is not None or name.startswith("18")
    assert read == len(one.telegrams) - (not proven)
    assert reader.rejected == ({} if proven else {Reason.UNCONFIRMED: 1})


@pytest.mark.parametrize("name", TAGGED)
def test_a_wrong_authentication_key_is_told_from_a_wrong_key(name: str) -> None:
    one = sample(name)
    raw = bytes.fromhex(one.telegrams[0]["frame_hex"])
    now = datetime.fromisoformat(one.telegrams[0]["meter_time_utc"])
    for key, expected in ((one.key, Reason.TAG), (bytes(16), Reason.WRONG_KEY)):
        heard = MeterReader(key, authentication_key=bytes(16)).feed_bytes(raw, received=now)
        assert [error.reason for error in heard.rejections] == [expected]


@pytest.mark.parametrize("name", LAYOUTS)
def test_random_keys_open_nothing(name: str) -> None:
    one = sample(name)
    raw = bytes.fromhex(one.telegrams[0]["frame_hex"])
    now = datetime.fromisoformat(one.telegrams[0]["meter_time_utc"])
    random = Random(name)
    for _ in range(300):
        reader = MeterReader(random.randbytes(16))
        reader.feed_bytes(raw, received=now)
        assert reader.rejected == {Reason.WRONG_KEY: 1}


def read(name: str, received: datetime) -> tuple[MeterReader, dict[str, int | float], str | None]:
    one = vector(name)
    assert one.key is not None
    reader = MeterReader(one.key)
    reader.feed(one.hex, received=received - timedelta(seconds=5))
    heard = reader.feed(one.hex, received=received)
    assert not heard.rejections, "the same telegram again agrees"
    (reading,) = heard.readings
    assert reading.meter_time == received
    assert reading.clock_skew == 0
    return reader, dict(reading.values), reading.meter_number


def test_netz_noe() -> None:
    reader, values, number = read(NETZ_NOE, datetime(2021, 9, 27, 7, 47, 15, tzinfo=UTC))
    assert reader.system_title == bytes.fromhex("4B464D6750000009")
    assert number == "181220000009"
    assert values == {
        "energy_import": 12937,
        "energy_export": 0,
        "power_import": 0,
        "power_export": 0,
        "power": 0,
        "voltage_l1": 233.7,
        "voltage_l2": 0.0,
        "voltage_l3": 0.0,
        "current_l1": 0.0,
        "current_l2": 0.0,
        "current_l3": 0.0,
        "power_factor": 1.0,
    }


def test_tirol() -> None:
    _, values, number = read(TIROL, datetime(2021, 7, 19, 13, 46, 35, tzinfo=UTC))
    assert number == "1KFM0100000035"
    assert values == {
        "energy_import": 9108,
        "energy_export": 0,
        "power_import": 0,
        "power_export": 0,
        "power": 0,
        "voltage_l1": 230.8,
        "current_l1": 0.0,
        "reactive_energy_import": 96,
        "reactive_energy_export": 9,
    }


def test_the_plaintexts() -> None:
    for name in (NETZ_NOE, TIROL):
        one = vector(name)
        assert one.plaintext is not None
        assert notification.read(one.plaintext)[0].values


def test_without_a_key_the_frame_is_read_and_no_key_fits() -> None:
    one = vector(WITHOUT_KEY)
    (envelope,) = envelopes(one.hex)
    assert envelope.manufacturer == "Sagemcom"
    assert envelope.system_title.hex() == "5341475905e6dbe2"
    assert (envelope.frame_counter, envelope.security) == (3_770_040, 0x20)
    assert len(envelope.ciphertext) == 243
    random = Random(20)
    now = datetime(2026, 5, 12, tzinfo=UTC)
    for _ in range(20_000):
        reader = MeterReader(random.randbytes(16))
        heard = reader.feed(one.hex, received=now)
        assert not heard.readings
        assert [error.reason for error in heard.rejections] == [Reason.WRONG_KEY]
