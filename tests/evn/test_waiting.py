"""No more than three telegrams in a row are held back: whatever for, and across a stop."""

from collections.abc import Callable
from copy import replace
from datetime import UTC, datetime, timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.evn.memory import as_content, drop_handover, from_content
from custom_components.hausstrom.evn.protocol.errors import Reason
from custom_components.hausstrom.evn.protocol.reader import MeterReader
from simulators.evn_telegram import KAIFA, date_time, obis, scale, uint32

from .cases import START, Player, Step
from .stories import USUAL, Oddities, Oddity, raw_telegram, state_of, story

CALM = 100
"""Usual telegrams before what is odd."""


def wild(number: int) -> Oddity:
    """A telegram that is unlike the one before and the one after, whatever they are."""
    voltages = (2310 + 97 * number * number % 61, 2390 - 53 * number % 47, 2347)
    current = 40 + 331 * number * number % 1900
    return Oddity({"voltages": voltages, "currents": (current, 52, 34)})


def another_layout(number: int) -> Oddity:
    """A register more than before, from now on: an update of the meter."""
    more = obis(3, 7) + uint32(17 + number) + scale(0, 29)
    return replace(wild(number), more=more, more_count=3)


def jumping_clock(number: int) -> Oddity:
    when = START + timedelta(days=number * number % 37)
    return replace(wild(number), clock=date_time(when, -60))


def another_layout_later(number: int) -> Oddity:
    return wild(number) if number < CALM + 2 else another_layout(number)


HELD: dict[str, Oddities] = {
    "unlike each other": wild,
    "unlike each other, then another layout": another_layout_later,
    "another layout, unlike each other": another_layout,
    "a clock that jumps": jumping_clock,
}


def raw_of(number: int, oddities: Oddities, *, counter: int | None = None) -> bytes:
    odd = USUAL if number < CALM else oddities(number)
    state = state_of(number, 12_345_678 + number * 400 * 5 / 3600, odd.state)
    at = 5.0 * (number + 1)
    return raw_telegram(KAIFA, state, at, 7000 + number if counter is None else counter, odd)


def received(number: int) -> datetime:
    return START + timedelta(seconds=5.0 * (number + 1) + 0.6)


def started_again(reader: MeterReader) -> MeterReader:
    """Return the reader of the next start, by what stands in the file."""
    content = as_content(reader.memory, 5.0)
    return MeterReader(
        KAIFA.key, system_title=KAIFA.system_title, memory=from_content(content).memory
    )


def reloaded(reader: MeterReader) -> MeterReader:
    reader.doubt()
    return reader


@pytest.mark.parametrize("again", [started_again, reloaded])
@pytest.mark.parametrize("at", [(1,), (2,), (3,), (1, 2), (1, 2, 3), (2, 4)], ids=str)
@pytest.mark.parametrize("name", HELD)
def test_a_stop_in_the_middle_begins_no_new_count(
    name: str, at: tuple[int, ...], again: Callable[[MeterReader], MeterReader]
) -> None:
    reader = MeterReader(KAIFA.key)
    row = longest = 0
    for number in range(CALM + 30):
        if number - CALM in at:
            reader = again(reader)
        heard = reader.feed_bytes(raw_of(number, HELD[name]), received=received(number))
        row = 0 if heard.readings else row + 1
        longest = max(longest, row)
        if number == CALM:
            assert row == 1, "the series begins"
    assert longest <= 3


def test_a_stop_before_anything_was_believed_is_survived_too() -> None:
    reader = MeterReader(KAIFA.key)
    believed = []
    for number in range(CALM, CALM + 5):
        reader = started_again(reader)
        heard = reader.feed_bytes(raw_of(number, wild), received=received(number))
        believed.append(bool(heard.readings))
    assert believed == [False, False, False, True, False]


def test_what_older_versions_wrote_is_read_and_they_read_what_is_written() -> None:
    reader = MeterReader(KAIFA.key)
    for number in range(CALM + 1):
        reader.feed_bytes(raw_of(number, wild), received=received(number))
    content = as_content(reader.memory, 5.0)
    assert content["waited"] == 1
    before = {key: value for key, value in content.items() if key != "waited"}
    assert set(before) == {"interval", "stands", "received", "meter_number", "bounds"}
    old = from_content(before).memory
    assert old is not None
    assert old.waited == 0
    assert from_content({**content, "waited": "x"}).memory == old
    assert from_content({**content, "waited": 10**9}).memory == old
    assert from_content({**content, "waited": -1}).memory == old


def test_damage_between_them_breaks_the_row() -> None:
    """What is damaged may have been damaged unseen before: it is no reason to believe the next."""
    reader = MeterReader(KAIFA.key)
    for number in range(CALM):
        reader.feed_bytes(raw_of(number, wild), received=received(number))
    believed = []
    for number in range(CALM, CALM + 8):
        raw = raw_of(number, wild)
        damaged = raw[:-1] + b"\x00"
        reader.feed_bytes(damaged, received=received(number) - timedelta(seconds=4.5))
        heard = reader.feed_bytes(raw, received=received(number))
        believed.append(bool(heard.readings))
    assert not any(believed[:8])


def test_counter_and_clock_may_begin_anew_at_once() -> None:
    reader = MeterReader(KAIFA.key)
    for number in range(CALM):
        reader.feed_bytes(raw_of(number, wild), received=received(number))
    believed = []
    for number in range(CALM, CALM + 10):
        odd = Oddity(clock=date_time(datetime(2000, 1, 1, tzinfo=UTC) + number * timedelta(0, 5)))
        raw = raw_of(number, lambda _, odd=odd: odd, counter=number - CALM)  # type: ignore[misc]
        believed.append(bool(reader.feed_bytes(raw, received=received(number)).readings))
    assert believed.index(True) <= 3
    assert all(believed[4:])


@pytest.mark.parametrize("seconds", [60, 120, 600])
def test_a_clock_that_is_set_anew_again_and_again_costs_three_telegrams_an_hour(
    seconds: int,
) -> None:
    def resets(number: int) -> Oddity:
        return Oddity(clock=date_time(START + timedelta(seconds=5 * number % seconds), -60))

    reader = MeterReader(KAIFA.key)
    held = []
    for number in range(CALM + 720):
        heard = reader.feed_bytes(raw_of(number, resets), received=received(number))
        held += [error.detail for error in heard.rejections]
    assert sum("clock" in detail for detail in held) <= 3
    assert len(held) <= 12, "as many as of a house whose clock goes"


def frozen(number: int) -> bytes:
    """The telegrams of a reader that stays at the first odd one for ten minutes."""
    stuck = CALM <= number < CALM + 120
    return raw_of(CALM if stuck else number, wild if stuck else lambda _: USUAL)


@pytest.mark.parametrize("oddities", [wild, another_layout, lambda _: Oddity({"energy_import": 5})])
def test_what_is_heard_again_and_again_is_a_repeat_and_teaches_nothing(
    oddities: Oddities,
) -> None:
    reader = MeterReader(KAIFA.key)
    for number in range(CALM):
        reader.feed_bytes(raw_of(number, oddities), received=received(number))
    bounds = reader.memory and reader.memory.bounds
    reasons = []
    for number in range(CALM, CALM + 50):
        heard = reader.feed_bytes(raw_of(CALM, oddities), received=received(number))
        assert not heard.readings
        reasons += [error.reason for error in heard.rejections]
        if number == CALM:
            bounds = reader.memory and reader.memory.bounds
    assert reasons[0] in {Reason.UNCONFIRMED, Reason.REGISTER_FELL}
    assert set(reasons[1:]) == {Reason.REPLAY}
    assert reader.memory is not None
    assert reader.memory.bounds == bounds
    assert reader.memory.waited == 1
    usual = [
        reader.feed_bytes(raw_of(number, lambda _: USUAL), received=received(number)).readings
        for number in range(CALM + 50, CALM + 54)
    ]
    assert any(usual[:3])


def test_the_first_telegram_of_a_start_is_believed_when_it_is_heard_twice() -> None:
    reader = MeterReader(KAIFA.key)
    heard = [reader.feed_bytes(raw_of(0, wild), received=received(n)) for n in range(3)]
    assert [bool(one.readings) for one in heard] == [False, True, False]
    assert heard[2].rejections[0].reason is Reason.REPLAY


@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "reloaded"])
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("name", HELD)
async def test_a_restart_in_a_held_series_is_not_seen(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    at: int,
    stopped: bool,
) -> None:
    case = story(HELD[name], count=CALM + 12, before=CALM)
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play(case.steps[:CALM])
    entry = player.entry
    assert entry is not None
    row = longest = 0
    for number, step in enumerate(case.steps[CALM:]):
        if number == at:
            assert await hass.config_entries.async_unload(entry.entry_id)
            if stopped:
                drop_handover(hass, entry.unique_id)  # as in another process
            assert await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()
        before = entry.runtime_data.diagnostics()["telegrams_accepted"]
        await player.play([step])
        believed = entry.runtime_data.diagnostics()["telegrams_accepted"] - before
        row = 0 if believed else row + 1
        longest = max(longest, row)
    assert 1 <= longest <= 3
    assert not player.issues()


async def test_a_reader_stuck_at_what_was_held_back_is_named_and_the_issue_goes(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda _: USUAL, count=CALM + 130)
    steps: list[Step] = [
        replace(step, payload=frozen(number).hex().encode())
        for number, step in enumerate(case.steps)
    ]
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play(steps[: CALM + 24])
    (issue,) = player.issues()
    assert issue.startswith("telegrams_repeated")
    assert dict(player.states())["power_import"].state == "unavailable"
    await player.play(steps[CALM + 24 :])
    assert not player.issues()
    assert dict(player.states())["power_import"].state != "unavailable"


@pytest.mark.parametrize("every", [1, 2, 10, 40])
def test_a_scaler_that_changes_to_and_fro_is_believed_once_it_is_known(every: int) -> None:
    """A meter with ranges: what it sends has two layouts of the same length, and both are its own."""

    def ranges(number: int) -> Oddity:
        more = obis(3, 7) + uint32(1700) + scale(number // every % 2, 29)
        return Oddity(more=more, more_count=3)

    reader = MeterReader(KAIFA.key)
    held = []
    for number in range(CALM, CALM + 400):
        heard = reader.feed_bytes(raw_of(number, ranges), received=received(number))
        held += [error.detail for error in heard.rejections]
        for reading in heard.readings:
            shown = reading.values["reactive_power_import"]
            assert shown == (1700, 17_000)[number // every % 2]
    assert held.count("telegrams of this meter looked different") <= 2


def test_a_layout_that_was_never_confirmed_is_not_a_known_one() -> None:
    """What damage made of a telegram is no layout of the meter when it comes again."""

    def damaged(number: int) -> Oddity:
        more = obis(3, 7) + uint32(1700) + scale(1 if number % 70 == 0 else 0, 29)
        return Oddity(more=more, more_count=3)

    reader = MeterReader(KAIFA.key)
    for number in range(CALM + 1, CALM + 150):
        heard = reader.feed_bytes(raw_of(number, damaged), received=received(number))
        if number % 70 == 0:
            assert not heard.readings
