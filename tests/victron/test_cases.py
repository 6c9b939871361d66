"""What users lived through, and what has to come out: the cases, and variants of our own."""

import copy
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from tests.victron.case_checks import Runner
from tests.victron.case_driver import Case, Player, shared_case
from tests.victron.case_variants import VARIANTS

PLAYED = (
    "bridge_first_publish",
    "comes_to_rest",
    "limits_follow",
    "meanings",
    "names_follow",
    "null_and_back",
    "phases_house_sums",
    "phases_multi_rs_on_l3",
    "retained_leftovers",
    "serial_moves",
)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant's MQTT integration leaves one in tests."""
    return True


async def play(
    hass: HomeAssistant,
    client: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    case: Case,
    options: dict[str, Any],
) -> Player:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    player = Player(hass, client, freezer, case)
    await player.set_up(options)
    label = " ".join(f"{key} {value}" for key, value in options.items())
    await Runner(player, label).run()
    return player


@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize("name", PLAYED)
async def test_cases(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    name: str,
    turn: int,
) -> None:
    case = shared_case(name)
    options = case.get("options", [{}])
    if turn >= len(options):
        pytest.skip("one set of options only")
    if name == "bridge_first_publish":
        case = copy.deepcopy(case)
        case["steps"], case["expect"] = [], case["expect"][:1]
    await play(hass, mqtt_mock, freezer, case, options[turn])


@pytest.mark.parametrize("name", VARIANTS)
async def test_variants(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, name: str
) -> None:
    case = VARIANTS[name]
    for options in case.get("options", [{}])[:1]:
        await play(hass, mqtt_mock, freezer, copy.deepcopy(case), options)
