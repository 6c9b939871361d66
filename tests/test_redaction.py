"""Each net of a bug report and of the log, by what only that net holds back."""

import json
import logging
from collections.abc import Mapping
from typing import Any, override

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.common.value import Value
from custom_components.hausstrom.const import DOMAIN, LOGGER
from custom_components.hausstrom.coordinator import HausstromCoordinator
from custom_components.hausstrom.diagnostics import async_get_config_entry_diagnostics
from custom_components.hausstrom.kinds import KINDS
from custom_components.hausstrom.log_filter import async_filter_log
from custom_components.hausstrom.senec.cloud.coordinator import SenecCloudCoordinator
from tests.attacks.test_secrets import ENTRIES, MAY_BE_SHOWN, NO_KEYS, texts
from tests.senec.cloud.conftest import Home, home

__all__ = ["home"]


class Talkative(HausstromCoordinator):
    """Tells in its diagnostics, and in a reading, what its own code should have left out."""

    told: Mapping[str, Any] = {}
    read: Mapping[str, Value] = {}

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        return DeviceInfo(identifiers={(DOMAIN, "talkative")})

    @override
    def diagnostics(self) -> dict[str, Any]:
        return dict(self.told)

    @override
    def readings_for_diagnostics(self) -> Mapping[str, Value]:
        return self.read


def entry_of(hass: HomeAssistant, kind: str, **more: object) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={"kind": kind, **ENTRIES[kind], **more},
        options=more,
        title="The Smiths",
        unique_id=f"{kind}_identity4711",
    )
    entry.add_to_hass(hass)
    return entry


async def report_of(hass: HomeAssistant, entry: MockConfigEntry, **facts: Any) -> str:
    coordinator = Talkative(hass, entry)
    coordinator.told = facts.get("told", {})
    coordinator.read = facts.get("read", {})
    entry.runtime_data = coordinator
    entry.mock_state(hass, ConfigEntryState.LOADED)
    return json.dumps(await async_get_config_entry_diagnostics(hass, entry), default=str)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("secret", ["abc", 471147, ["x"], True], ids=str)
async def test_what_a_kind_does_not_list_is_not_shown(
    hass: HomeAssistant, kind: str, secret: object
) -> None:
    """Too short, or no text at all: the search for secrets would let it pass."""
    entry = entry_of(hass, kind, pin=secret)
    shown = json.loads(await report_of(hass, entry))["entry"]
    assert shown["data"]["pin"] == shown["options"]["pin"] == "**REDACTED**"
    assert shown["data"]["kind"] == kind


@pytest.mark.parametrize("kind", KINDS)
async def test_a_secret_that_turns_up_elsewhere_is_taken_out(
    hass: HomeAssistant, kind: str
) -> None:
    entry = entry_of(hass, kind)
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, "talkative")},
        name="Grandma's heat pump",
        serial_number="serial-4711",
    )
    hidden = [
        *texts(ENTRIES[kind], MAY_BE_SHOWN),
        "The Smiths",
        "Grandma's heat pump",
        "serial-4711",
    ]
    told = {f"line {number}": f"said {text.upper()}!" for number, text in enumerate(hidden)}
    report = await report_of(hass, entry, told={"errors": told, "requests": 5})
    assert not [text for text in hidden if text.casefold() in report.casefold()]
    assert json.loads(report)["device"]["requests"] == 5


@pytest.mark.parametrize(
    "word", ["Wohnung Müller, 1. OG links", "SN 12345678", "deadbeefcafe", "a" * 25]
)
async def test_a_word_that_a_device_sends_is_not_shown(hass: HomeAssistant, word: str) -> None:
    report = await report_of(hass, entry_of(hass, "smartlog"), read={"label": word, "power": 5})
    readings = json.loads(report)["readings"]
    assert readings == {"label": "**REDACTED**", "power": "5"}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_secret_that_is_logged_is_not_in_the_log(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """Whatever a library's exception holds: the last net is our logger's."""
    caplog.set_level(logging.DEBUG)
    secrets = texts(ENTRIES[kind], NO_KEYS | MAY_BE_SHOWN | {"model"})
    entry_of(hass, kind)
    async_filter_log(hass)
    for secret in secrets:
        LOGGER.debug("The server said: %s", secret)
        error = ValueError(f"cannot use {secret.upper()}")
        LOGGER.error("That failed", exc_info=error)
    log = "\n".join(
        f"{record.getMessage()} {record.exc_text or ''}"
        for record in caplog.records
        if "hausstrom" in record.name
    )
    assert log.count("That failed") == len(secrets)
    assert not [secret for secret in secrets if secret.casefold() in log.casefold()]


async def test_a_token_that_is_logged_is_not_in_the_log(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """The tokens of the cloud change every few minutes, and stand in no entry."""
    entry = await home.add()
    coordinator = entry.runtime_data
    assert isinstance(coordinator, SenecCloudCoordinator)
    tokens = coordinator.account.tokens.current
    assert tokens is not None
    caplog.set_level(logging.DEBUG)
    LOGGER.debug("Authorization: Bearer %s", tokens.access)
    LOGGER.debug("refresh_token=%s", tokens.refresh)
    log = [record.getMessage() for record in caplog.records]
    assert {"Authorization: Bearer **", "refresh_token=**"} <= {*log}
