"""A SmartLog that posts, set up."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.const import DOMAIN

GATEWAY = "a1b2c3"
WEBHOOK = "0123456789abcdef"


async def posting_smartlog(hass: HomeAssistant, password: str, **data: Any) -> MockConfigEntry:
    """Return its loaded entry; it takes reports from everywhere with the user smartlog."""
    assert await async_setup_component(hass, "http", {})
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="SmartLog",
        unique_id=f"smartlog_{GATEWAY}",
        data={
            "kind": "smartlog",
            "transport": "webhook",
            "webhook_id": WEBHOOK,
            "username": "smartlog",
            "password": password,
            "gateway_id": GATEWAY,
            "smartlog_id": GATEWAY,
            "local_only": False,
            **data,
        },
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry
