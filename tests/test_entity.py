"""What an entity shows of a reading, and when it can be called."""

from collections.abc import Iterable
from typing import cast

import pytest
from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from pytest_homeassistant_custom_component.common import MockEntityPlatform

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.entity import SLICE, entities_of
from custom_components.hausstrom.number import HausstromNumber, HausstromNumberDescription
from custom_components.hausstrom.select import HausstromSelect, HausstromSelectDescription
from custom_components.hausstrom.sensor import HausstromSensor, HausstromSensorDescription

from .test_coordinator import Pushed, pushed

__all__ = ["pushed"]


async def nothing(_value: object) -> None:
    """Take what was clicked."""


async def show(hass: HomeAssistant, platform: Platform, entity: Entity) -> None:
    """Add an entity as its platform does."""
    added = MockEntityPlatform(hass, domain=platform.value, platform_name=DOMAIN)
    await added.async_add_entities([entity])


def state_of(hass: HomeAssistant, entity: Entity) -> State:
    state = hass.states.get(entity.entity_id)
    assert state is not None
    return state


@pytest.mark.parametrize("many", [1, SLICE, SLICE + 1, 2 * SLICE + 50])
async def test_of_many_entities_each_is_added_once(
    hass: HomeAssistant, pushed: Pushed, many: int
) -> None:
    """A building has thousands: they are added in slices, and the loop has other work between."""
    added: list[list[str]] = []
    entry = pushed.config_entry
    entry.runtime_data = pushed

    def add(entities: Iterable[Entity], *_arguments: object) -> None:
        added.append([entity.entity_description.key for entity in entities])

    await entities_of(Platform.SENSOR, HausstromSensor)(
        hass, entry, cast("AddConfigEntryEntitiesCallback", add)
    )
    keys = [f"reading_{number}" for number in range(many)]
    pushed.async_offer(Platform.SENSOR, [HausstromSensorDescription(key=key) for key in keys])
    await hass.async_block_till_done()
    assert [key for some in added for key in some] == keys
    assert max(map(len, added)) <= SLICE


async def test_limits_and_steps_follow_what_is_described_now(
    hass: HomeAssistant, pushed: Pushed
) -> None:
    def current(most: float, step: float) -> HausstromNumberDescription:
        return HausstromNumberDescription(
            key="current",
            write=nothing,
            native_min_value=0,
            native_max_value=most,
            native_step=step,
            native_unit_of_measurement="A",
        )

    pushed.async_offer(Platform.NUMBER, [first := current(16, 1)])
    pushed.async_push({"current": 6})
    await show(hass, Platform.NUMBER, number := HausstromNumber(pushed, first))
    assert state_of(hass, number).attributes["max"] == 16
    pushed.async_describe(Platform.NUMBER, current(32, 0.5))
    attributes = state_of(hass, number).attributes
    assert (attributes["max"], attributes["step"]) == (32, 0.5)
    await pushed.async_shutdown()


async def test_choices_follow_what_is_described_now(hass: HomeAssistant, pushed: Pushed) -> None:
    def mode(*options: str) -> HausstromSelectDescription:
        return HausstromSelectDescription(key="mode", write=nothing, options=[*options])

    pushed.async_offer(Platform.SELECT, [first := mode("off", "fast")])
    pushed.async_push({"mode": "off"})
    await show(hass, Platform.SELECT, select := HausstromSelect(pushed, first))
    pushed.async_describe(Platform.SELECT, mode("off", "fast", "solar"))
    assert state_of(hass, select).attributes["options"] == ["off", "fast", "solar"]
    await pushed.async_shutdown()


@pytest.mark.parametrize("tried", [False, True])
async def test_a_control_that_is_tried_when_gone_is_called_and_yet_shown_as_gone(
    hass: HomeAssistant, pushed: Pushed, tried: bool
) -> None:
    """Home Assistant leaves out a call to what is unavailable, without a word."""
    description = HausstromNumberDescription(
        key="limit",
        write=nothing,
        native_max_value=100,
        presence="settings",
        tried_when_gone=tried,
    )
    pushed.async_push({"limit": 50})
    await show(hass, Platform.NUMBER, number := HausstromNumber(pushed, description))
    assert state_of(hass, number).state == "50"
    pushed.async_set_present("settings", False)
    assert state_of(hass, number).state == STATE_UNAVAILABLE
    assert number.available is tried
    pushed.async_set_present("settings", True)
    assert state_of(hass, number).state == "50"
    pushed.async_set_silent("silent")
    assert state_of(hass, number).state == STATE_UNAVAILABLE
    await pushed.async_shutdown()


@pytest.mark.parametrize("outlives", [False, True])
async def test_a_total_outlives_silence_and_a_power_does_not(
    hass: HomeAssistant, pushed: Pushed, outlives: bool
) -> None:
    description = HausstromSensorDescription(
        key="total", native_unit_of_measurement="kWh", outlives_silence=outlives
    )
    pushed.async_push({"total": 12.5})
    await show(hass, Platform.SENSOR, sensor := HausstromSensor(pushed, description))
    pushed.async_set_silent("silent")
    assert state_of(hass, sensor).state == ("12.5" if outlives else STATE_UNAVAILABLE)
    await pushed.async_shutdown()
