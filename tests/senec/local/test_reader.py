"""Reading what is wanted: together where that goes, in turns where it does not, and nothing stale."""

import json
from collections.abc import Callable

import pytest

from custom_components.hausstrom.common.value import Value
from custom_components.hausstrom.senec.local.protocol.client import LalaError, LalaFault
from custom_components.hausstrom.senec.local.protocol.codec import Answer
from custom_components.hausstrom.senec.local.protocol.reader import (
    SLOW_INTERVAL,
    STALE_LIVE,
    STALE_SLOW,
    Reader,
)
from custom_components.hausstrom.senec.local.protocol.roster import all_points, points_of
from simulators.senec_local import Faults

from .support import decoded, device, everything

SENEC = device()


class Wire:
    """Answers as the device does, where `fails` does not say otherwise."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.fails: Callable[[tuple[str, ...]], bool] = lambda _sections: False
        self.fault = LalaFault.STATUS

    async def __call__(self, body: bytes) -> Answer:
        asked = json.loads(body)
        self.asked.append(tuple(asked))
        if self.fails(tuple(asked)):
            raise LalaError(self.fault, status=504)
        return decoded(SENEC.answer(asked, Faults()))

    def since(self, start: int) -> list[tuple[str, ...]]:
        return self.asked[start:]


def reader_of(wire: Wire, interval: float = 10) -> Reader:
    reader = Reader(wire, interval=interval)
    reader.want([p for p in points_of(everything(SENEC)).values() if p.enabled], 0)
    return reader


async def poll(reader: Reader, now: float) -> dict[str, Value]:
    values = await reader.read_live(now)
    values.update(await reader.read_slow(now))
    return values


LIVE = ("ENERGY", "PM1OBJ1", "PV1", "TEMPMEASURE", "WALLBOX")


async def test_one_live_request_per_poll_and_one_slow_one_in_five_minutes() -> None:
    wire = Wire()
    reader = reader_of(wire)
    for second in range(0, 600, 10):
        await poll(reader, second)
    assert wire.asked.count(LIVE) == 60
    assert len(wire.asked) == 62  # 6.2 in a minute


async def test_a_device_that_is_too_slow_is_asked_in_turns() -> None:
    wire = Wire()
    wire.fails = lambda sections: len(sections) > 1
    reader = reader_of(wire)
    values = await reader.read_live(0)
    assert {"house_power", "mpp1_power", "wallbox_charge_power", "case_temp"} <= values.keys()
    assert wire.asked == [LIVE, *((section,) for section in LIVE)]
    assert reader.is_divided
    start = len(wire.asked)
    for second in range(10, 70, 10):
        assert "house_power" in await reader.read_live(second)
    asked = wire.since(start)
    assert len(asked) == 12  # the energy flow and one other, each time
    assert {section for (section,) in asked} == set(LIVE)


@pytest.mark.parametrize("interval", [5, 10, 30, 60, 300])
async def test_in_turns_everything_is_read_within_a_minute_or_an_interval(interval: int) -> None:
    wire = Wire()
    wire.fails = lambda sections: len(sections) > 1
    reader = reader_of(wire, interval)
    await reader.read_live(0)
    for second in range(interval, 3000, interval):
        await poll(reader, second)
        assert reader.gone_silent(second) == frozenset()
    oldest = min(reader._heard[f"mpp{n}_power"] for n in (1, 2))
    assert 3000 - oldest <= max(2 * interval, 75)


async def test_together_again_after_an_hour() -> None:
    wire = Wire()
    wire.fails = lambda sections: len(sections) > 1
    reader = reader_of(wire)
    await reader.read_live(0)
    await reader.read_live(3601)
    assert wire.asked.count(LIVE) == 2
    assert reader.is_divided
    await reader.read_live(3601 + 3700)  # the next try comes later
    assert wire.asked.count(LIVE) == 2
    wire.fails = lambda _sections: False
    await reader.read_live(3601 + 7300)
    assert not reader.is_divided
    start = len(wire.asked)
    await reader.read_live(3601 + 7310)
    assert wire.since(start) == [LIVE]


async def test_a_device_that_is_gone_costs_two_requests_and_divides_nothing() -> None:
    wire = Wire()
    wire.fails = lambda _sections: True
    reader = reader_of(wire)
    with pytest.raises(LalaError):
        await reader.read_live(0)
    assert len(wire.asked) == 2
    assert not reader.is_divided
    wire.fault = LalaFault.UNREACHABLE
    with pytest.raises(LalaError):
        await reader.read_live(10)
    assert len(wire.asked) == 3  # who does not answer at all is not asked for less


async def test_what_is_not_heard_of_is_none_once() -> None:
    wire = Wire()
    reader = reader_of(wire)
    await poll(reader, 0)
    wire.fails = lambda sections: "PV1" in sections
    silent: list[tuple[float, frozenset[str]]] = []
    for second in range(10, 400, 10):
        await reader.read_live(second)
        if gone := reader.gone_silent(second):
            silent.append((second, gone))
    ((when, keys),) = silent
    assert STALE_LIVE < when <= 120
    assert {"mpp1_power", "mpp2_power", "power_ratio"} <= keys
    assert "house_power" not in keys
    wire.fails = lambda _sections: False
    for second in range(400, 500, 10):
        values = await reader.read_live(second)
        if "mpp1_power" in values:
            break
    assert "mpp1_power" in values


async def test_slow_values_that_did_not_come_are_asked_for_again_and_then_are_none() -> None:
    wire = Wire()
    reader = reader_of(wire)
    wire.fails = lambda sections: "WIZARD" in sections and len(sections) == 1
    first_failed = wire.fails
    wire.fails = lambda sections: sections != LIVE
    with pytest.raises(LalaError):
        await reader.read_slow(0)
    wire.fails = first_failed
    heard: set[str] = set()
    failures = 0
    for second in range(10, 300, 10):
        try:
            heard.update(await reader.read_slow(second))
        except LalaError:
            failures += 1
    assert "bms_cycles_0" in heard  # section by section, what answers is here
    assert "application_version" not in heard
    assert 1 <= failures <= 3
    assert "application_version" not in reader.gone_silent(SLOW_INTERVAL)
    assert "application_version" in reader.gone_silent(STALE_SLOW + 10)


async def test_what_is_wanted_now_is_asked_for_now() -> None:
    wire = Wire()
    reader = reader_of(wire)
    await poll(reader, 0)
    reader.want([all_points()["bms_cycles_0"], all_points()["house_power"]], 20)
    start = len(wire.asked)
    await poll(reader, 20)
    assert wire.since(start) == [("ENERGY",), ("BMS",)]
