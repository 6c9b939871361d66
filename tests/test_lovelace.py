"""The dashboard's module: served, registered once, in the version that runs, and taken back."""

from http import HTTPStatus
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.lovelace import (
    MODULE_URL,
    YAML_ISSUE,
    async_add_module,
    async_remove_module,
)

RESOURCES = "lovelace_resources"


async def start(hass: HomeAssistant, lovelace: dict[str, Any] | None = None) -> None:
    """Set up what Home Assistant's frontend needs of the backend."""
    with patch("homeassistant.components.onboarding.async_is_onboarded", return_value=True):
        assert await async_setup_component(hass, "http", {})
        assert await async_setup_component(hass, "websocket_api", {})
        hass.config.components |= {"frontend"}
        assert await async_setup_component(hass, "lovelace", {"lovelace": lovelace or {}})
    await hass.async_block_till_done()


def items(hass: HomeAssistant) -> list[dict[str, str]]:
    return list(hass.data["lovelace"].resources.async_items())


@pytest.fixture(autouse=True)
def no_panels() -> Any:
    with (
        patch("homeassistant.components.frontend.async_register_built_in_panel"),
        patch("homeassistant.components.lovelace._async_ensure_default_panel"),
    ):
        yield


async def url_of(hass: HomeAssistant) -> str:
    return f"{MODULE_URL}?v={(await async_get_integration(hass, DOMAIN)).version}"


async def test_it_is_served_and_registered_once(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await start(hass)
    await async_add_module(hass)
    await async_add_module(hass)
    (item,) = items(hass)
    assert (item["type"], item["url"]) == ("module", await url_of(hass))
    client = await hass_client_no_auth()
    response = await client.get(item["url"])
    assert response.status == HTTPStatus.OK
    assert "javascript" in response.content_type
    assert "ll-strategy-dashboard-hausstrom" in await response.text()


async def test_an_old_version_is_replaced_and_others_stay(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    hass_storage[RESOURCES] = {
        "version": 1,
        "data": {
            "items": [
                {"id": "a", "type": "module", "url": "/hacsfiles/other.js"},
                {"id": "b", "type": "module", "url": f"{MODULE_URL}?v=0.0.1"},
                {"id": "c", "type": "module", "url": MODULE_URL},
            ]
        },
    }
    await start(hass)
    await async_add_module(hass)
    assert [(item["id"], item["url"]) for item in items(hass)] == [
        ("a", "/hacsfiles/other.js"),
        ("b", await url_of(hass)),
    ]


async def test_it_is_taken_back(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    hass_storage[RESOURCES] = {
        "version": 1,
        "data": {"items": [{"id": "a", "type": "module", "url": "/hacsfiles/other.js"}]},
    }
    await start(hass)
    await async_add_module(hass)
    assert len(items(hass)) == 2
    await async_remove_module(hass)
    assert [item["id"] for item in items(hass)] == ["a"]


async def test_who_keeps_resources_in_yaml_is_told(hass: HomeAssistant) -> None:
    await start(hass, {"resource_mode": "yaml", "resources": []})
    await async_add_module(hass)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, YAML_ISSUE)
    assert issue is not None
    assert issue.translation_placeholders == {"url": MODULE_URL}
    await async_remove_module(hass)
    assert ir.async_get(hass).async_get_issue(DOMAIN, YAML_ISSUE) is None


async def test_who_has_it_in_yaml_is_not_told(hass: HomeAssistant) -> None:
    await start(
        hass, {"resource_mode": "yaml", "resources": [{"url": MODULE_URL, "type": "module"}]}
    )
    await async_add_module(hass)
    assert ir.async_get(hass).async_get_issue(DOMAIN, YAML_ISSUE) is None


async def test_without_a_web_server_nothing_is_done(hass: HomeAssistant) -> None:
    await async_add_module(hass)
    await async_remove_module(hass)


async def test_without_lovelace_it_is_served_only(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "http", {})
    await async_add_module(hass)
    hass.data["lovelace"] = object()
    await async_add_module(hass)


async def test_another_interface_is_no_failure(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    await start(hass)
    with patch.object(
        hass.data["lovelace"].resources, "async_create_item", side_effect=TypeError("changed")
    ):
        await async_add_module(hass)
    assert "could not be registered" in caplog.text
    await async_add_module(hass)
    with patch.object(
        hass.data["lovelace"].resources, "async_delete_item", side_effect=TypeError("changed")
    ):
        await async_remove_module(hass)
    assert "could not be unregistered" in caplog.text
