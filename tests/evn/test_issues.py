"""The life of a repair issue: it comes, says what is wrong now, and goes by itself."""

from collections.abc import Callable
from copy import replace
from itertools import count

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.evn.coordinator import FOREIGN_GONE
from custom_components.hausstrom.evn.issues import (
    async_complain,
    async_report_fall,
    async_report_foreign_meter,
)
from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from custom_components.hausstrom.evn.protocol.refusals import Cause, Complaint, Refusals
from simulators.evn_meters import BY_NAME, play
from simulators.evn_telegram import KAIFA, MeterModel, obis, scale, uint32

from .cases import START, Player, Step
from .stories import USUAL, Oddity, hexadecimal, raw_telegram, state_of, story
from .texts import issue_says


def flipped(raw: bytes) -> list[bytes]:
    return hexadecimal(raw[:100] + bytes((raw[100] ^ 4,)) + raw[101:])


def plain_text(_raw: bytes) -> list[bytes]:
    return [b"/EST5\\253700042_A\r\n\r\n1-0:1.8.0(001*Wh)\r\n!0000\r\n"]


def another_program(_raw: bytes) -> list[bytes]:
    return [b'{"temperature": 21.5}']


DAMAGED = Oddity(publish=flipped, told=False)


async def test_it_goes_when_the_entry_is_loaded_again_and_telegrams_are_believed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda n: DAMAGED if 6 <= n < 20 else USUAL, count=30)
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play(case.steps[:20])
    assert player.issues()
    await player.play([Step(case.steps[20].at - 1, None, restart=True), *case.steps[20:]])
    assert not player.issues()
    assert player.values["power_import"][-1][0] == case.steps[-1].at


async def test_it_comes_again_after_a_reload_when_it_is_as_before(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda n: DAMAGED if n >= 6 else USUAL, count=40)
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play(case.steps[:20])
    (before,) = player.issues()
    await player.play([Step(case.steps[20].at - 1, None, restart=True)])
    assert not player.issues()
    await player.play(case.steps[20:])
    assert list(player.issues()) == [before]


async def test_it_goes_with_an_entry_that_is_disabled(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda n: DAMAGED if n >= 6 else USUAL, count=20)
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play()
    assert player.issues()
    assert player.entry is not None
    assert await hass.config_entries.async_unload(player.entry.entry_id)
    assert not player.issues()


@pytest.mark.parametrize(
    ("publish", "issue"),
    [
        (plain_text, "telegrams_not_encrypted"),
        (another_program, "telegrams_other_protocol"),
        (lambda raw: hexadecimal(raw[:30] + b"\x11" + raw[30:]), "telegrams_damaged"),
    ],
)
async def test_it_says_what_is_wrong_now(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    publish: Callable[[bytes], list[bytes]],
    issue: str,
) -> None:
    """A day of one mistake is not what is wrong two minutes after it was mended by another."""
    first = plain_text if issue == "telegrams_damaged" else flipped
    case = story(
        lambda n: (
            USUAL
            if n < 6
            else Oddity(publish=first, told=False)
            if n < 200
            else Oddity(publish=publish, told=False)
        ),
        count=224,
    )
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play(case.steps[:200])
    (before,) = player.issues()
    assert not before.startswith(issue)
    await player.play(case.steps[200:])
    (issue_id,) = player.issues()
    assert issue_id.startswith(issue)
    assert player.entry is not None
    assert player.entry.entry_id in issue_id


async def test_a_second_meter_is_not_why_the_first_is_not_believed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda n: DAMAGED if n >= 6 else USUAL, count=36)
    meter = BY_NAME["wien"]
    steps: list[Step] = []
    for number, step in enumerate(case.steps):
        raw = play(meter, state_of(number, 5_000.0 + number, None), START, 50 + number)
        steps += [Step(step.at - 2, raw.hex().encode()), step]
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play(steps)
    assert sorted(issue.split("_0")[0] for issue in player.issues()) == [
        "foreign_meter",
        "telegrams_damaged",
    ]


async def test_a_second_meter_is_forgotten_when_it_is_gone_for_a_quarter_of_an_hour(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda _: USUAL, count=420)
    publish = of(OTHER_METER)
    steps: list[Step] = []
    for number, step in enumerate(case.steps):
        if 10 <= number < 14 or 300 <= number < 303:
            steps.append(Step(step.at - 2, publish(b"")[0]))
        steps.append(step)
    player = Player(hass, freezer, case)
    await player.set_up()
    gone = case.steps[13].at - 2 + FOREIGN_GONE
    await player.play([step for step in steps if step.at <= gone])
    (issue,) = player.issues()
    assert issue.startswith("foreign_meter")
    await player.play([step for step in steps if gone < step.at <= gone + 10])
    assert not player.issues()
    await player.play([step for step in steps if gone + 10 < step.at < case.steps[302].at - 2])
    assert not player.issues(), "two telegrams of another meter are none that shares the topic"
    await player.play([step for step in steps if step.at >= case.steps[302].at - 2])
    assert list(player.issues()) == [issue]


async def test_an_entry_that_stops_takes_back_all_that_was_said(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda _: USUAL, count=4)
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play()
    entry = player.entry
    assert entry is not None
    for cause in Cause:
        async_report_foreign_meter(hass, entry)
        async_report_fall(hass, entry)
        async_complain(hass, entry, Complaint(cause, 3, 3, "x"))
        assert len(player.issues()) == 3 - (cause is Cause.FOREIGN_METER)
        assert await hass.config_entries.async_unload(entry.entry_id)
        assert not player.issues(), cause
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()


def complaint(refusals: Refusals, reason: Reason, at: float) -> Complaint | None:
    return refusals.refused(TelegramError(reason, "x"), at)


def test_the_cause_is_taken_from_the_last_minute_or_the_last_four() -> None:
    refusals = Refusals()
    for number in range(1000):
        complaint(refusals, Reason.CHECKSUM, float(number))
    said = [complaint(refusals, Reason.PLAIN_TEXT, 1000.0 + number) for number in range(40)]
    assert said[0] is not None
    assert said[0].cause is Cause.DAMAGED
    assert said[-1] is not None
    assert (said[-1].cause, said[-1].refused) == (Cause.NOT_ENCRYPTED, 40)
    slow = Refusals()
    for number in range(10):
        complaint(slow, Reason.CHECKSUM, 900.0 * number)
    said = [complaint(slow, Reason.PLAIN_TEXT, 9000 + 900.0 * number) for number in range(3)]
    assert said[-1] is not None
    assert (said[-1].cause, said[-1].refused, said[-1].heard) == (Cause.NOT_ENCRYPTED, 3, 4)


def test_a_flood_is_bounded() -> None:
    refusals = Refusals()
    for number in range(5000):
        last = complaint(refusals, Reason.CHECKSUM, 40.0 + number / 1000)
    assert last is None
    last = complaint(refusals, Reason.CHECKSUM, 99.0)
    assert last is not None
    assert last.heard <= 250


OTHER_KEY = replace(KAIFA, key=bytes(range(16)))
OTHER_METER = replace(KAIFA, system_title=b"KFM" + bytes(5), key=bytes(range(16)))


def of(model: MeterModel, odd: Oddity = USUAL) -> Callable[[bytes], list[bytes]]:
    """Publish a telegram of another meter, or another telegram, at each of the moments."""
    counter = count(9000)

    def publish(_raw: bytes) -> list[bytes]:
        number = next(counter)
        return hexadecimal(
            raw_telegram(model, state_of(number, 12_345_999.0, None), 5.0 * number, number, odd)
        )

    return publish


def again(raws: list[bytes]) -> Callable[[bytes], list[bytes]]:
    """Publish the first of them for ever."""

    def publish(raw: bytes) -> list[bytes]:
        raws.append(raw)
        return hexadecimal(raws[0])

    return publish


ANOTHER_LAYOUT = Oddity(alter=lambda plain: plain[:18] + b"\x02\x02" + uint32(5) + uint32(6))
NO_REGISTER = Oddity(
    alter=lambda plain: plain[:18] + b"\x02\x03" + obis(1, 8, e=1) + uint32(5) + scale(0, 30)
)
CAUSES: dict[str, tuple[Callable[[], Callable[[bytes], list[bytes]]], str]] = {
    "another key": (lambda: of(OTHER_KEY), "telegrams_wrong_key"),
    "another layout": (lambda: of(KAIFA, ANOTHER_LAYOUT), "telegrams_unknown_layout"),
    "no register": (lambda: of(KAIFA, NO_REGISTER), "telegrams_unknown_layout"),
    "the same for ever": (lambda: again([]), "telegrams_repeated"),
    "another meter": (lambda: of(OTHER_METER), "foreign_meter"),
    "a broadcast key": (lambda: of(replace(KAIFA, security=0x60)), "telegrams_other_protocol"),
}


@pytest.mark.parametrize("name", CAUSES)
@pytest.mark.parametrize("period", [5, 30])
async def test_every_cause_is_named_within_two_minutes_and_goes_by_itself(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    period: int,
) -> None:
    make, expected = CAUSES[name]
    publish, first, count_of = make(), 4, 130 // period
    case = story(
        lambda n: Oddity(publish=publish, told=False) if first <= n < first + count_of else USUAL,
        count=first + count_of + 10,
        period=period,
    )
    if name == "the same for ever":
        # One that was believed: one that was held back would be heard for the first time.
        for step in case.steps[first : first + count_of]:
            step.payload = case.steps[first - 1].payload
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play([step for step in case.steps if step.at <= first * period + 120])
    ((issue_id, issue),) = player.issues().items()
    assert issue_id.startswith(expected)
    assert player.entry is not None
    assert issue_id.endswith(player.entry.entry_id)
    assert all("My meter" in said for said in issue_says(issue).values())
    assert player.shown["power_import"][-1][1] == "unavailable"
    assert float(player.shown["telegrams_rejected"][-1][1]) >= 3
    if name == "another layout":
        # So that an owner can report it: types only.
        because = player.entry.runtime_data.diagnostics()["refused_because"]
        assert "structure(uint32,uint32)" in because["layout"]
    if name == "another meter":
        # That one goes when the other meter has not been heard for a quarter of an hour.
        assert hass.config_entries.flow.async_progress_by_handler("hausstrom") == []
        return
    await player.play([step for step in case.steps if step.at > first * period + 120])
    assert not player.issues()
    assert player.shown["power_import"][-1][1] == str(case.steps[-1].sent["power_import"])  # type: ignore[index]  # it is told


async def test_a_wrong_authentication_key_is_named(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda _: USUAL, count=24, model=replace(KAIFA, security=0x30))
    case.authentication_key = "11" * 16
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play()
    ((issue_id, issue),) = player.issues().items()
    assert issue_id.startswith("telegrams_wrong_authentication_key")
    assert issue_says(issue)
    (flow,) = hass.config_entries.flow.async_progress_by_handler("hausstrom")
    assert flow["context"]["source"] == "reauth"


async def test_a_register_that_stays_low_asks_in_every_language(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(
        lambda n: Oddity({"energy_import": 5000 + 30 * n}, told=False) if n >= 6 else USUAL,
        count=80,
        period=60,
    )
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play()
    ((issue_id, issue),) = player.issues().items()
    assert issue_id.startswith("register_fell")
    assert issue_says(issue)
