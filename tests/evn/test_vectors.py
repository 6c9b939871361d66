"""Published telegrams; skipped where the samples are not beside the project."""

from datetime import UTC, datetime
from random import Random

from custom_components.hausstrom.evn.protocol import notification
from custom_components.hausstrom.evn.protocol.errors import Reason
from custom_components.hausstrom.evn.protocol.reader import MeterReader, envelopes

from .telegrams import vector

NETZ_NOE = "01_netznoe_official_kaifa_ma309.json"
TIROL = "05_tirol_kaifa_single_phase.json"
WITHOUT_KEY = "20_seed_sample_nokey.json"


def read(name: str, received: datetime) -> tuple[MeterReader, dict[str, int | float], str | None]:
    sample = vector(name)
    assert sample.key is not None
    reader = MeterReader(sample.key)
    heard = reader.feed(sample.hex, received=received)
    assert not heard.rejections
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
        sample = vector(name)
        assert sample.plaintext is not None
        assert notification.read(sample.plaintext)[0].values


def test_without_a_key_the_frame_is_read_and_no_key_fits() -> None:
    sample = vector(WITHOUT_KEY)
    (envelope,) = envelopes(sample.hex)
    assert envelope.manufacturer == "Sagemcom"
    assert envelope.system_title.hex() == "5341475905e6dbe2"
    assert (envelope.frame_counter, envelope.security) == (3_770_040, 0x20)
    assert len(envelope.ciphertext) == 243
    random = Random(20)
    now = datetime(2026, 5, 12, tzinfo=UTC)
    for _ in range(20_000):
        reader = MeterReader(random.randbytes(16))
        heard = reader.feed(sample.hex, received=now)
        assert not heard.readings
        assert [error.reason for error in heard.rejections] == [Reason.WRONG_KEY]
