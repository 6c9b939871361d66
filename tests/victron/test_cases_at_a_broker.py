"""The cases once more, at a real broker that the integration connects to itself."""

import copy
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant

from simulators.mosquitto import Mosquitto
from tests.victron.broker_driver import BrokerPlayer
from tests.victron.case_checks import Runner
from tests.victron.case_driver import Case, shared_case
from tests.victron.test_cases import ALL_VARIANTS

CASES = (
    "limits_follow",
    "meanings",
    "names_follow",
    "null_and_back",
    "phases_house_sums",
    "phases_multi_rs_on_l3",
    "retained_leftovers",
    "serial_moves",
)
SHORT = (
    "a_leftover_of_what_is_alive_now",
    "a_name_that_is_taken_back",
    "a_service_leaves_and_returns",
    "leftovers_of_a_whole_system",
    "limits_of_an_output",
    "two_that_change_places",
)
"""Variants that take little time."""


@pytest.fixture
async def broker(socket_enabled: None) -> AsyncIterator[Mosquitto]:
    """A broker; it is started before time is frozen: ask for it before `freezer`."""
    async with Mosquitto() as mosquitto:
        yield mosquitto


async def play(
    hass: HomeAssistant,
    broker: Mosquitto,
    freezer: FrozenDateTimeFactory,
    case: Case,
    options: dict[str, Any],
) -> None:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    player = BrokerPlayer(hass, broker, freezer, case)
    try:
        case["steps"] = [step for step in case["steps"] if not await _left_behind(player, step)]
        await player.set_up(options)
        label = " ".join(f"{key} {value}" for key, value in options.items())
        await Runner(player, label).run()
        assert player.entry is not None
        await hass.config_entries.async_unload(player.entry.entry_id)
    finally:
        player.close()


async def _left_behind(player: BrokerPlayer, step: dict[str, Any]) -> bool:
    """Have the broker retain what a step says; it is there before anybody listens."""
    for path, payload in step.get("retained_on_the_broker", {}).items():
        await player.leave_behind(path, orjson.dumps(payload))
    return "retained_on_the_broker" in step


@pytest.mark.parametrize("name", CASES)
async def test_cases(
    hass: HomeAssistant, broker: Mosquitto, freezer: FrozenDateTimeFactory, name: str
) -> None:
    case = shared_case(name)
    await play(hass, broker, freezer, copy.deepcopy(case), case.get("options", [{}])[0])


@pytest.mark.parametrize("name", SHORT)
async def test_variants(
    hass: HomeAssistant, broker: Mosquitto, freezer: FrozenDateTimeFactory, name: str
) -> None:
    case = ALL_VARIANTS[name]
    await play(hass, broker, freezer, copy.deepcopy(case), case.get("options", [{}])[0])
