"""A SmartLog entry in Home Assistant, by webhook or by MQTT."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.mqtt_link.home_assistant import HomeAssistantLink

from .build import GATEWAY, body

USERNAME = "smartlog"
PASSWORD = "gehÄim:1"
WEBHOOK_ID = "c0ffee"
PATH = f"/api/webhook/{WEBHOOK_ID}"
TOPIC = "smartlog/#"

type Post = Callable[..., Awaitable[int]]

COMMON = {"kind": "smartlog", "smartlog_id": "", "gateway_id": GATEWAY}
WEBHOOK_DATA = {
    **COMMON,
    "transport": "webhook",
    "username": USERNAME,
    "password": PASSWORD,
    "webhook_id": WEBHOOK_ID,
    "local_only": False,
}
MQTT_DATA = {**COMMON, "transport": "mqtt", "source": "homeassistant", "topic": TOPIC}


@pytest.fixture(autouse=True)
def _subscribed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a subscription be confirmed at once: with a clock that stands still it never would."""

    async def confirmed(*_: object) -> None:
        pass

    monkeypatch.setattr(HomeAssistantLink, "_async_confirmed", confirmed)


def make_entry(hass: HomeAssistant, data: dict[str, Any], **options: object) -> MockConfigEntry:
    """Return an entry that is not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=f"smartlog_{GATEWAY}",
        title=f"SmartLog {GATEWAY}",
        data=data,
        options=options,
    )
    entry.add_to_hass(hass)
    return entry


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
async def webhook_entry(hass: HomeAssistant) -> MockConfigEntry:
    """Return an entry whose reports come to a webhook."""
    await async_setup_component(hass, "http", {})
    entry = make_entry(hass, WEBHOOK_DATA)
    await set_up(hass, entry)
    return entry


@pytest.fixture
async def mqtt_entry(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> MockConfigEntry:
    """Return an entry whose reports come over MQTT."""
    entry = make_entry(hass, MQTT_DATA)
    await set_up(hass, entry)
    return entry


@pytest.fixture
async def post(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator, webhook_entry: MockConfigEntry
) -> Post:
    """Return what posts a body and tells the status of the answer."""
    client = await hass_client_no_auth()

    async def send(
        raw: object, username: str = USERNAME, password: str = PASSWORD, **more: Any
    ) -> int:
        headers = {"Authorization": aiohttp.encode_basic_auth(username, password)}
        content = raw if isinstance(raw, bytes) else body(raw)
        request = {"headers": headers, "data": content, **more}
        response = await client.post(PATH, **request)
        await hass.async_block_till_done(wait_background_tasks=True)
        status: int = response.status
        return status

    return send


async def publish(
    hass: HomeAssistant, raw: object, topic: str = "smartlog/report", *, retain: bool = False
) -> None:
    """Let a message arrive over MQTT."""
    content = raw if isinstance(raw, bytes) else body(raw)
    async_fire_mqtt_message(hass, topic, content, 1, retain)
    await hass.async_block_till_done(wait_background_tasks=True)
