"""A subscription with wildcards, on which other programs publish too; and patience in the form."""

import asyncio
import json
from copy import replace
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from simulators.evn_meters import BY_NAME, play

from .cases import START, Case, Player
from .conftest import TOPIC
from .stories import USUAL, Oddity, state_of, story

OTHERS: dict[str, bytes] = {
    "module/values": json.dumps({"1.8.0": "0012345678", "2.8.0": "00345678"}).encode(),
    "module/status": b"online",
    "module/wifi": json.dumps({"rssi": -60, "name": "Zähler"}, ensure_ascii=False).encode(),
    "module/uptime": b"86412",
    "module/empty": b"",
}


class OnSeveralTopics(Player):
    """A module that publishes the telegrams on one topic, and other things on others."""

    def make_entry(self) -> Any:
        entry = super().make_entry()
        self.hass.config_entries.async_update_entry(entry, data={**entry.data, "topic": "module/#"})
        return entry

    def publish(self, payload: bytes) -> None:
        for topic, content in OTHERS.items():
            async_fire_mqtt_message(self.hass, topic, content)
        async_fire_mqtt_message(self.hass, "module/telegram", payload)
        for topic, content in OTHERS.items():
            async_fire_mqtt_message(self.hass, topic, content)


@pytest.mark.parametrize("period", [5, 60])
async def test_what_others_publish_is_no_rejected_telegram(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, period: float
) -> None:
    case = story(lambda _: USUAL, count=30, period=period)
    case.expect["longest_gap_s"] = max(2 * period, 20)
    player = OnSeveralTopics(hass, freezer, case)
    await player.set_up()
    await player.play()
    player.check()
    assert not player.issues()
    counted = [float(state) for _, state in player.shown["telegrams_rejected"][3:]]
    assert counted[0] == counted[-1]
    assert player.entry is not None
    assert player.entry.runtime_data.diagnostics()["interval_seconds"] == period
    unavailable = [at for at, state in player.shown["power_import"] if state == "unavailable"]
    assert not unavailable


async def test_others_that_speak_between_the_telegrams_do_not_make_it_flap(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda _: USUAL, count=12, period=60)
    player = OnSeveralTopics(hass, freezer, case)
    await player.set_up()
    for step in case.steps:
        while player._now < step.at - 6:
            await player.until(player._now + 6)
            async_fire_mqtt_message(hass, "module/wifi", OTHERS["module/wifi"])
            await hass.async_block_till_done()
            player.look(player._now)
        await player.play([step])
    shown = [state for at, state in player.shown["power_import"] if at >= case.steps[3].at]
    assert "unavailable" not in shown
    player.case.expect["longest_gap_s"] = 120
    player.check()


async def test_where_nothing_is_believed_everything_counts_as_heard(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(
        lambda n: USUAL if n < 6 else Oddity(publish=lambda raw: [b'{"telegram": "off"}']), count=36
    )
    player = OnSeveralTopics(hass, freezer, case)
    await player.set_up()
    await player.play()
    (issue_id,) = player.issues()
    assert issue_id.startswith("telegrams_other_protocol")


async def begin(hass: HomeAssistant, player: Player, result: Any, **fields: str) -> Any:
    """Submit the form; return what goes on."""
    flow = hass.config_entries.flow
    if result is None:
        result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        result = await flow.async_configure(result["flow_id"], {"next_step_id": "evn"})
    task = asyncio.create_task(
        flow.async_configure(
            result["flow_id"],
            {"source": "homeassistant", "topic": TOPIC, "key": player.case.key, **fields},
        )
    )
    await player.settle(task)
    return task


async def wait(player: Player, task: Any, seconds: float) -> Any:
    """Let time pass until the form says something; None if it does not."""
    end = player._now + seconds
    while player._now < end and player.result is None and player.entry is None:
        await player.until(min(player._now + 5, end))
        await player.settle(task)
    return player.result


async def test_who_tries_again_is_listened_to_for_a_quarter_of_an_hour(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda _: USUAL, count=3, period=890)
    player = Player(hass, freezer, case)
    result = await wait(player, await begin(hass, player, None), 150)
    assert result["errors"] == {"base": "no_telegram"}
    assert result["description_placeholders"]["seconds"] == "130"
    assert result["description_placeholders"]["minutes"] == "16"
    player.result = None
    task = await begin(hass, player, result)
    assert await wait(player, task, 700) is None
    player.publish(case.steps[0].payload or b"")
    await wait(player, task, 400)
    assert player.entry is not None
    assert player.entry.unique_id == f"evn_{case.system_title.lower()}"


async def test_who_tries_again_with_the_same_key_waits_for_a_slower_meter(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    """Another meter sends every five seconds, the one of the key once a minute."""
    case = story(lambda _: USUAL, count=5, period=60)
    wien = BY_NAME["wien"]
    meter = replace(wien, model=replace(wien.model, key=bytes(range(16))))
    player = Player(hass, freezer, case)

    async def others(task: Any, seconds: float) -> Any:
        end = player._now + seconds
        while player._now < end and player.result is None and player.entry is None:
            number = int(player._now / 5)
            raw = play(meter, state_of(number, 5_000.0 + number, None), START, 50 + number)
            player.publish(raw.hex().encode())
            if player._now % 60 == 55:
                player.publish(case.steps[int(player._now / 60)].payload or b"")
            await wait(player, task, 5)
        return player.result

    result = await others(await begin(hass, player, None), 100)
    assert result["errors"] == {"base": "wrong_key"}
    assert player._now < 40, "a wrong key is told soon"
    player.result = None
    await others(await begin(hass, player, result), 150)
    assert player.entry is not None
    assert player.entry.unique_id == f"evn_{case.system_title.lower()}"


async def test_messages_of_others_do_not_end_the_listening(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = Case("wild", "", "", "", [])
    story_of_meter = story(lambda _: USUAL, count=3, period=50)
    case.key, case.system_title = story_of_meter.key, story_of_meter.system_title
    player = Player(hass, freezer, case)
    task = await begin(hass, player, None, topic="module/#")
    for step in story_of_meter.steps:
        async_fire_mqtt_message(hass, "module/wifi", OTHERS["module/wifi"])
        result = await wait(player, task, step.at - player._now)
        if player.entry is not None:
            break
        assert result is None
        async_fire_mqtt_message(hass, "module/telegram", step.payload or b"")
        await player.settle(task)
    assert player.entry is not None
    assert player.entry.data["topic"] == "module/#"


async def test_words_on_the_only_topic_are_told_soon(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    player = Player(hass, freezer, story(lambda _: USUAL, count=1))
    task = await begin(hass, player, None)
    await wait(player, task, 5)
    player.publish(OTHERS["module/wifi"])
    result = await wait(player, task, 60)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": "json_without_telegram"}
    assert player._now < 40


async def test_a_known_meter_is_listened_to_for_two_of_its_intervals(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    case = story(lambda _: USUAL, count=6, period=300)
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play(case.steps[:4])
    entry = player.entry
    assert entry is not None
    flow = hass.config_entries.flow
    result: Any = await flow.async_init(
        DOMAIN, context={"source": SOURCE_REAUTH, "entry_id": entry.entry_id}, data=entry.data
    )
    task = asyncio.create_task(flow.async_configure(result["flow_id"], {"key": case.key}))
    for step in case.steps[4:]:
        while player._now < step.at:
            await player.until(player._now + 5)
        player.publish(step.payload or b"")
        await hass.async_block_till_done()
    result = task.result()
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    assert result["description_placeholders"]["seconds"] == "660"
    (shown,) = flow.async_progress_by_handler(DOMAIN)
    assert shown["step_id"] == "heard", "it has heard two that agree"
    result = await flow.async_configure(result["flow_id"])
    assert result["reason"] == "reauth_successful"
