"""The simulated meter against the reader: every fault ends in no wrong value."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import serialx

from custom_components.hausstrom.evn.protocol.errors import Reason
from custom_components.hausstrom.evn.protocol.reader import MeterReader
from simulators.develop import Development, parse_arguments
from simulators.evn import EvnMeter, Fault
from simulators.evn_device import evn_meter
from simulators.evn_household import Household
from simulators.evn_meters import BY_NAME
from simulators.evn_telegram import (
    KAIFA,
    SAGEMCOM_SINGLE,
    TEST_AUTHENTICATION_KEY,
    TIROL,
    MeterModel,
    MeterState,
)
from simulators.house import House, Ports
from simulators.mosquitto import Mosquitto, free_port

from .telegrams import NOON, stream
from .telegrams import shown as as_sent

MIDNIGHT = NOON.replace(hour=0)
HARMLESS = {Fault.NONE, Fault.RETAINED, Fault.SPLIT, Fault.GARBAGE, Fault.JOINED}


def play(model: MeterModel, fault: Fault) -> tuple[int, Counter[Reason]]:
    """Twenty clean telegrams, thirty with the fault; the readings of the thirty."""
    meter, twin = (EvnMeter(model, seed=3, start=MIDNIGHT) for _ in range(2))
    reader = MeterReader(model.key)
    readings = 0
    when = MIDNIGHT
    shown: dict[datetime, MeterState] = {}
    for number in range(50):
        meter.fault = fault if number >= 20 else Fault.NONE
        when += timedelta(seconds=5)
        shown[when] = twin._household.advance(when)
        for message in meter.messages(when):
            heard = reader.feed(
                message.payload, received=when + timedelta(seconds=1), retained=message.retain
            )
            for reading in heard.readings:
                assert reading.meter_time is not None
                assert as_sent(reading, model, shown[reading.meter_time])
                readings += number >= 20
    return readings, reader.rejected


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("model", [KAIFA, TIROL, SAGEMCOM_SINGLE], ids=lambda model: model.name)
def test_faults(model: MeterModel, fault: Fault) -> None:
    readings, rejected = play(model, fault)
    if fault in HARMLESS or fault is Fault.SECOND_METER:
        assert readings == 30
    elif fault is Fault.REPEAT:
        assert rejected[Reason.REPLAY] >= 1
    else:
        assert readings <= 2
    expected_reason = {
        Fault.WRONG_KEY: Reason.WRONG_KEY,
        Fault.SECOND_METER: Reason.FOREIGN_METER,
        Fault.TRUNCATE: Reason.INCOMPLETE,
        Fault.JOINED: Reason.REPLAY,
        Fault.GIBBERISH: Reason.NO_FRAME,
    }.get(fault)
    assert expected_reason is None or rejected[expected_reason] >= 20


def test_the_house_is_the_same_every_time() -> None:
    assert [sent.raw for sent in stream(KAIFA, 20, seed=9)] == [
        sent.raw for sent in stream.__wrapped__(KAIFA, 20, seed=9)
    ]


def test_registers_integrate_the_power() -> None:
    house = Household(4, NOON)
    before = house.state()
    flowed = 0.0
    for second in range(1, 1801):
        state = house.advance(NOON + timedelta(seconds=second))
        flowed += (state.power_import - state.power_export) / 3600
    moved = (state.energy_import - state.energy_export) - (
        before.energy_import - before.energy_export
    )
    assert moved == pytest.approx(flowed, abs=2.5)


def test_a_restart_goes_on_where_the_house_would_be() -> None:
    later = NOON + timedelta(minutes=10)
    assert Household(4, NOON).advance(later) == Household(4, later).state()
    tomorrow = Household(4, NOON + timedelta(days=1)).state()
    assert tomorrow.energy_import > Household(4, NOON).state().energy_import


@pytest.mark.parametrize(("name", "wire"), [("wien", "tcp"), ("wien-im350", "serial")])
async def test_the_meter_of_a_home_that_runs_can_be_any_on_any_wire(
    tmp_path: Path, socket_enabled: None, name: str, wire: str
) -> None:
    """What `scripts/develop --meter wien --wire tcp` starts, and what it enters in the form."""
    broker = Mosquitto(port=free_port(), log=tmp_path / "unused.log")
    house = House(broker, Ports(None), tmp_path, meter=name, wire=wire)
    async with evn_meter(house) as steps:
        assert steps["evn"] == {"source": "serial", "key": BY_NAME[name].model.key.hex().upper()}
        port = steps["serial"]["port"]
        reader = MeterReader(bytes.fromhex(str(steps["evn"]["key"])))
        ours, theirs = await serialx.open_serial_connection(url=str(port), baudrate=9600)
        async with asyncio.timeout(30):
            while not reader.accepted:
                reader.feed_bytes(await ours.read(512), received=datetime.now(UTC))
        theirs.close()


async def test_the_second_key_is_entered_where_there_is_one(
    tmp_path: Path, socket_enabled: None
) -> None:
    broker = Mosquitto(port=free_port(), log=tmp_path / "unused.log")
    async with evn_meter(House(broker, Ports(None), tmp_path, meter="graz")) as steps:
        assert steps["evn"]["source"] == "homeassistant"
        assert steps["evn"]["authentication_key"] == TEST_AUTHENTICATION_KEY.hex().upper()


def test_develop_knows_the_meters() -> None:
    options = parse_arguments(["--meter", "wien", "--wire", "tcp"])
    assert (options.meter, options.wire) == ("wien", "tcp")
    assert Development(options, Path("unused"))._home == "meter"
    assert Development(parse_arguments([]), Path("unused"))._home == "home"
