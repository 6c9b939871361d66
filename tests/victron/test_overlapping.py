"""Two clicks on one control before the GX has answered the first."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from tests.victron.case_driver import Json
from tests.victron.case_variants import case
from tests.victron.test_controls import House, everything_enabled

__all__ = ["everything_enabled"]  # a fixture

PATH = "settings/0/Settings/CGwacs/AcPowerSetPoint"
KEY = "settings_0_settings_cgwacs_acpowersetpoint"
MODE = "settings/0/Settings/CGwacs/Hub4Mode"
START: dict[str, Json] = {PATH: 20, "system/0/SystemType": "ESS", MODE: 1}


class SlowGx(House):
    """Takes writes, and shows them when the test says so."""

    def _fresh_calls(self) -> list[tuple[str, bytes]]:
        calls = super()._fresh_calls()
        self.received = [
            *getattr(self, "received", ()),
            *(orjson.loads(payload)["value"] for topic, payload in calls if topic.startswith("W/")),
        ]
        return [(topic, payload) for topic, payload in calls if not topic.startswith("W/")]

    async def pass_time(self, seconds: float, step: float = 0.5) -> None:
        """Let time pass without waiting for what waits for this GX."""
        if not hasattr(self, "clicked"):
            await super().pass_time(seconds, step)
            return
        for _ in range(round(seconds / step)):
            self._freezer.tick(timedelta(seconds=step))
            async_fire_time_changed(self.hass)
            for _turn in range(20):
                await asyncio.sleep(0)
            self._answer()

    def click(self, value: float) -> asyncio.Task[Any]:
        self.clicked = True
        target = {"entity_id": self.of(KEY, "number").entity_id, "value": value}
        return self.hass.async_create_background_task(
            self.hass.services.async_call("number", "set_value", target, blocking=True), "click"
        )

    def shown(self) -> float:
        return float(self.of(KEY, "number").state)

    async def finished(self, *clicks: asyncio.Task[Any]) -> list[BaseException | None]:
        """Let up to 15 s pass; return what became of each click."""
        for _ in range(30):
            if all(click.done() for click in clicks):
                break
            await self.pass_time(0.5)
        return [click.exception() for click in clicks]


@pytest.fixture
async def gx(
    everything_enabled: None,
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
) -> SlowGx:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    player = SlowGx(hass, mqtt_mock, freezer, case(START, expect=[]))
    await player.set_up({"controls": True})
    await player.pass_time(2)
    return player


async def test_one_after_the_other(gx: SlowGx) -> None:
    first, second = gx.click(50), gx.click(70)
    await gx.pass_time(2)
    assert gx.received == [50], "the second waits for what becomes of the first"
    gx.set({PATH: 50})
    await gx.pass_time(1)
    assert (first.done(), second.done(), gx.received) == (True, False, [50, 70])
    gx.set({PATH: 70})
    assert await gx.finished(first, second) == [None, None]
    assert gx.shown() == 70


async def test_there_and_back(gx: SlowGx) -> None:
    """The second click wants what still stands there when it is made: it is written all the same."""
    clicks = gx.click(50), gx.click(20)
    await gx.pass_time(1)
    gx.set({PATH: 50})
    await gx.pass_time(1)
    assert gx.received == [50, 20]
    gx.set({PATH: 20})
    assert await gx.finished(*clicks) == [None, None]
    assert gx.shown() == 20


async def test_twice_the_same_is_written_once(gx: SlowGx) -> None:
    clicks = gx.click(50), gx.click(50)
    await gx.pass_time(1)
    gx.set({PATH: 50})
    assert await gx.finished(*clicks) == [None, None]
    assert (gx.received, gx.shown()) == ([50], 50)


async def test_three_in_a_row_and_the_last_is_limited(gx: SlowGx) -> None:
    clicks = gx.click(50), gx.click(70), gx.click(90)
    for shown in (50, 70, 80):
        await gx.pass_time(1)
        gx.set({PATH: shown})
    assert await gx.finished(*clicks) == [None, None, None]
    assert (gx.received, gx.shown()) == ([50, 70, 90], 80)


async def test_the_first_is_never_answered(gx: SlowGx) -> None:
    """Who clicked first is told; the second is as good as any."""
    first, second = gx.click(50), gx.click(70)
    await gx.pass_time(11)
    assert first.done()
    assert gx.received == [50, 70]
    gx.set({PATH: 70})
    failed, fine = await gx.finished(first, second)
    assert isinstance(failed, HomeAssistantError)
    assert failed.translation_key == "gx_write_not_confirmed"
    assert (fine, gx.shown()) == (None, 70)


async def test_another_hand_comes_between(gx: SlowGx) -> None:
    """At the device itself: what it shows then answers the click, and the next one is written."""
    clicks = gx.click(50), gx.click(70)
    await gx.pass_time(1)
    gx.set({PATH: 35})
    await gx.pass_time(1)
    gx.set({PATH: 70})
    assert await gx.finished(*clicks) == [None, None]
    assert (gx.received, gx.shown()) == ([50, 70], 70)
