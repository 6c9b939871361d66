"""What a report leaves in Activity: nothing, unless something happened."""

from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.logbook.helpers import (
    async_determine_event_types,
    async_subscribe_events,
)
from homeassistant.components.logbook.processor import EventProcessor
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN

from .build import GATEWAY, data, meter, muc
from .conftest import MQTT_DATA, make_entry, publish, set_up

pytestmark = pytest.mark.usefixtures("recorder_mock")


async def test_reports_do_not_fill_activity(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    assert await async_setup_component(hass, "logbook", {})
    freezer.move_to("2026-11-26 14:20:07+00:00")
    entry = make_entry(hass, MQTT_DATA)
    await set_up(hass, entry)
    registry = er.async_get(hass)

    def report(number: int) -> Any:
        now = int(dt_util.utcnow().timestamp())
        points = (
            data("Volume", 100_000 + number, "m^3", "0.001", medium="Water", time=now),
            data("Error flags", 0, "Bin", medium="Water", time=now),
        )
        return muc(meter("00000001", *points), time=now)

    await publish(hass, report(0))
    for one in list(registry.entities.values()):
        if one.disabled_by is er.RegistryEntryDisabler.INTEGRATION:
            registry.async_update_entity(one.entity_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    # Enabling entities has the entry set up once more.
    freezer.tick(timedelta(minutes=15))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    await publish(hass, report(1))
    await async_wait_recording_done(hass)
    freezer.tick(timedelta(minutes=1))
    after = dt_util.utcnow()
    live: list[Event[Any]] = []
    ends: list[CALLBACK_TYPE] = []

    @callback
    def hear(event: Event[Any]) -> None:
        live.append(event)

    kinds = async_determine_event_types(hass, None, None)
    async_subscribe_events(hass, ends, hear, kinds, None, None, None)
    for number in range(2, 30):
        freezer.tick(timedelta(minutes=15))
        async_fire_time_changed(hass)
        await publish(hass, report(number))
    last = registry.async_get_entity_id("sensor", DOMAIN, f"smartlog_{GATEWAY}_last_message")
    assert last is not None
    state = hass.states.get(last)
    assert state is not None
    assert state.state == dt_util.utcnow().isoformat()
    assert state.attributes["device_class"] == "timestamp"
    await async_wait_recording_done(hass)
    for end in ends:
        end()
    ours = {one.entity_id for one in registry.entities.values() if one.platform == DOMAIN}
    assert last in ours
    processor = EventProcessor(hass, kinds)
    stored = await get_instance(hass).async_add_executor_job(
        processor.get_events, after, dt_util.utcnow() + timedelta(seconds=1)
    )
    assert [one for one in stored if one.get("entity_id") in ours] == []
    assert [one.data["entity_id"] for one in live if one.data.get("entity_id") in ours] == []
