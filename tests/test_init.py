"""The entry's life, and the pages that Home Assistant shows of an integration."""

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.kinds import KINDS, async_get_kind


async def test_system_health_counts_what_is_there(hass: HomeAssistant) -> None:
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={
            "kind": "evn",
            "source": "homeassistant",
            "topic": "sensors/smartmeter",
            "key": "00" * 16,
            "system_title": "4b464d0000000000",
        },
    )
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "system_health", {})
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    assert await get_system_health_info(hass, DOMAIN) == {"evn": "0/1"}


@pytest.mark.parametrize("name", KINDS)
async def test_every_kind_has_its_steps_and_platforms(hass: HomeAssistant, name: str) -> None:
    kind = await async_get_kind(hass, name)
    set_up = await kind.set_up.async_get(hass)
    for step in (f"async_step_{name}", "async_step_reconfigure"):
        assert callable(getattr(set_up.flow, step)), step
    assert set(kind.platforms) <= set(Platform)
