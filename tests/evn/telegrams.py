"""What the tests of the EVN protocol share: telegrams of a simulated house, public vectors."""

import json
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from custom_components.hausstrom.evn.protocol.reader import Heard, MeterReader, Reading
from custom_components.hausstrom.evn.protocol.sample import Sample
from simulators.evn import frame_counter
from simulators.evn_household import Household
from simulators.evn_telegram import MeterModel, MeterState, telegram

NOON = datetime(2026, 5, 12, 10, 0, tzinfo=UTC)
FIVE_SECONDS = timedelta(seconds=5)


def replace(sample: Sample, **changes: Any) -> Sample:
    """Return a sample that differs in what is named, whatever follows from that."""
    other = copy(sample)
    for name, value in changes.items():
        setattr(other, name, value)
    return other


@dataclass(frozen=True)
class Sent:
    """One telegram on the wire, and what the meter showed."""

    when: datetime
    state: MeterState
    raw: bytes

    @property
    def received(self) -> datetime:
        return self.when + timedelta(seconds=0.6)

    @property
    def hex(self) -> bytes:
        return self.raw.hex().upper().encode()


@cache
def stream(model: MeterModel, count: int, seed: int = 5, start: datetime = NOON) -> list[Sent]:
    """`count` telegrams, five seconds apart."""
    house = Household(seed, start, phases=model.phases)
    sent: list[Sent] = []
    for number in range(1, count + 1):
        when = start + number * FIVE_SECONDS
        state = house.advance(when)
        sent.append(Sent(when, state, telegram(model, state, when, frame_counter(when))))
    return sent


def listen(reader: MeterReader, sent: Sent) -> Heard:
    """Feed one telegram as the gateway publishes it."""
    return reader.feed(sent.hex, received=sent.received)


def expected(model: MeterModel, state: MeterState) -> dict[str, int | float]:
    """The values that a reading of this state must have."""
    values: dict[str, int | float] = {
        "energy_import": state.energy_import,
        "energy_export": state.energy_export,
        "power_import": state.power_import,
        "power_export": state.power_export,
        "power": state.power_import - state.power_export,
    }
    for n, (volts, amperes) in enumerate(zip(state.voltages, state.currents, strict=True), 1):
        values[f"voltage_l{n}"] = volts / 10
        values[f"current_l{n}"] = amperes / 100
    if model.power_factor:
        values["power_factor"] = state.power_factor / 1000
    if model.reactive:
        values["reactive_energy_import"] = state.reactive_import
        values["reactive_energy_export"] = state.reactive_export
    return values


def shown(reading: Reading, model: MeterModel, state: MeterState) -> bool:
    """Whether a reading has the values of this state, but for what waits for the next telegram."""
    values = expected(model, state)
    return reading.values == {key: values[key] for key in values if key not in reading.late}


@dataclass(frozen=True)
class Vector:
    """A published telegram."""

    key: bytes | None
    hex: bytes
    plaintext: bytes | None


def vector(name: str) -> Vector:
    """Read a published telegram from the samples beside the project; skip without them."""
    for folder in Path(__file__).parents:
        path = folder / "shared" / "samples" / "evn" / name
        if path.exists():
            content = json.loads(path.read_text())
            key, plaintext = content["key"], content.get("plaintext_hex")
            return Vector(
                bytes.fromhex(key) if key else None,
                content["frame_hex"].encode(),
                bytes.fromhex(plaintext) if plaintext else None,
            )
    pytest.skip("no samples beside the project")
