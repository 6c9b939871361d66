"""What is kept of a meter goes with its entry, and when the user says that what it shows is right."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN

from .cases import Player
from .conftest import TOPIC
from .stories import USUAL, Oddity, story


async def test_an_entry_that_is_deleted_leaves_no_file(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    hass_storage: dict[str, Any],
) -> None:
    player = Player(hass, freezer, story(lambda _: USUAL, count=6))
    await player.set_up()
    await player.play()
    assert player.entry is not None
    entry_id = player.entry.entry_id
    assert await hass.config_entries.async_unload(entry_id)
    assert [key for key in hass_storage if entry_id in key], "stands are kept for the next start"
    await hass.config_entries.async_remove(entry_id)
    await hass.async_block_till_done()
    assert not [key for key in hass_storage if entry_id in key]


async def test_who_sets_the_meter_up_again_says_that_what_it_shows_is_right(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    """A meter whose registers were reset: low ones are believed once the user has said so."""

    def reset(number: int) -> Oddity:
        return USUAL if number < 6 else Oddity({"energy_import": 5000 + number}, told=False)

    case = story(reset, count=30)
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play(case.steps[:14])
    assert player.values["energy_import"][-1][1] > 12_000_000
    assert player.entry is not None
    flow = hass.config_entries.flow
    result: Any = await flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": player.entry.entry_id}
    )
    task = asyncio.create_task(
        flow.async_configure(
            result["flow_id"], {"source": "homeassistant", "topic": TOPIC, "key": case.key}
        )
    )
    for step in case.steps[14:18]:
        await player.until(step.at)
        player.publish(step.payload or b"")
        await player.settle(task)
    assert task.done()
    result = task.result()
    assert result["reason"] == "reconfigure_successful", result
    await player.play(case.steps[18:])
    assert player.values["energy_import"][-1][1] == 5029
