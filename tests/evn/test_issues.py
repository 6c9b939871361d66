"""The life of a repair issue: it comes, says what is wrong now, and goes by itself."""

from collections.abc import Callable

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from custom_components.hausstrom.evn.protocol.refusals import Cause, Complaint, Refusals
from simulators.evn_meters import BY_NAME, play

from .cases import START, Player, Step
from .stories import USUAL, Oddity, hexadecimal, state_of, story


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
