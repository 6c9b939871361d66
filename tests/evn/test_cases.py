"""What users lived through, and what must come out: the cases beside the project."""

from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from .cases import Player, Step, read_case

PLAYED = [
    "both_directions",
    "clock_impossible",
    "clock_stands",
    "first_telegram_damaged",
    "foreign_types",
    "lost_phase",
    "no_date_in_header",
    "number_is_no_text",
    "obis_b_is_1",
    "pieces",
    "power_factor_beyond_one",
    "registers_zero_15s",
    "transformer_meter",
    "wrappings",
]
SET_UP = [
    "foreign_types",
    "no_date_in_header",
    "number_is_no_text",
    "obis_b_is_1",
    "once_a_minute",
    "two_meters_one_topic",
]


@pytest.mark.parametrize("name", PLAYED)
async def test_what_is_shown(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    player = Player(hass, freezer, read_case(name))
    player.case.expect |= player.case.expect.get("either", [{}])[0]
    await player.set_up()
    await player.play()
    player.check()


@pytest.mark.parametrize("name", SET_UP)
async def test_a_set_up_ends_in_an_entry(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    player = Player(hass, freezer, read_case(name))
    player.case.expect |= player.case.expect.get("either", [{}])[0]
    await player.set_up_by_flow()
    assert player.entry is not None, player.result
    assert player.entry.unique_id == f"evn_{player.case.system_title.lower()}"
    player.check()


async def test_an_impossible_clock_alone_is_unknown(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
) -> None:
    player = Player(hass, freezer, read_case("clock_impossible"))
    with patch.object(Entity, "entity_registry_enabled_default", True):
        await player.set_up()
        await player.play()
    assert player.shown["meter_time"][-1][1] == STATE_UNKNOWN
    assert player.shown["power_import"][-1][1] not in {STATE_UNKNOWN, STATE_UNAVAILABLE}


@pytest.mark.parametrize("name", ["all_damaged", "not_encrypted"])
async def test_heard_and_refused(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    player = Player(hass, freezer, read_case(name))
    await player.set_up()
    steps = player.case.steps
    last_refused = max(i for i, step in enumerate(steps) if _refused(name, step))
    await player.play(steps[: last_refused + 1])
    (issue_id,) = player.issues()
    assert issue_id.startswith(
        {"all_damaged": "telegrams_damaged", "not_encrypted": "telegrams_not_encrypted"}[name]
    )
    rejected = [state for _, state in player.shown["telegrams_rejected"]]
    assert STATE_UNAVAILABLE not in rejected[1:]
    assert float(rejected[-1]) >= 20
    await player.play(steps[last_refused + 1 :])
    assert not player.issues()
    assert player.shown["power_import"][-1][1] not in {STATE_UNKNOWN, STATE_UNAVAILABLE}
    player.check()


def _refused(name: str, step: Step) -> bool:
    if name == "all_damaged":
        return step.sent is None
    return step.payload is not None and step.payload.startswith(b"68F8")


ERRORS = ["wrong_key", "plain_text", "not_encrypted", "json_without_telegram", "not_a_telegram"]


@pytest.mark.parametrize(("number", "error"), enumerate(ERRORS))
async def test_nothing_fits_and_the_form_says_why(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    number: int,
    error: str,
) -> None:
    player = Player(hass, freezer, read_case("nothing_fits"))
    await player.set_up_by_flow([player.case.steps[number]])
    assert player.entry is None
    assert player.result is not None
    assert player.result["errors"] == {"base": error}
