"""A bug report and a debug log tell nobody's secrets, names or places."""

import json
import logging
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.diagnostics import (
    _reading,
    _without,
    async_get_config_entry_diagnostics,
)
from custom_components.hausstrom.kinds import KINDS

BROKER = {
    "host": "127.0.0.1",
    "port": 1,
    "tls": False,
    "username": "user-4711",
    "password": "broker-password-4711",
    "certificate": None,
}
ENTRIES: dict[str, dict[str, Any]] = {
    "evn": {
        "source": "broker",
        "topic": "attic/of/the/smiths",
        "broker": BROKER,
        "key": "c0ffee00c0ffee00c0ffee00c0ffee00",
        "authentication_key": "beefbeefbeefbeefbeefbeefbeefbeef",
        "system_title": "4b464d1020304050",
        "meter_number": "1KFM0200047110",
    },
    "senec_local": {"host": "127.0.0.1:1", "certificate": None, "mac": "00:11:22:33:44:55"},
    "senec_cloud": {
        "username": "smith@example.org",
        "password": "cloud-password-4711",
        "totp_secret": "JBSWY3DPEHPK3PXP",
        "system_id": "471147",
        "control_unit_number": "S2012341234",
        "generation": "V123",
        "model": "SENEC.Home V3",
        "timezone": "Europe/Berlin",
        "tokens": {"access": "token-of-access-4711", "refresh": "token-of-refresh-4711"},
    },
    "senec_connect": {
        "api_key": "api-key-0815-4711",
        "system_id": "471148",
        "model": "SENEC.Home P4",
    },
    "victron": {
        "source": "gx",
        "portal_id": "c0619ab14711",
        "topic_prefix": "house-smith",
        "broker": {**BROKER, "username": "token/homeassistant/4711"},
    },
    "smartlog": {
        "transport": "webhook",
        "webhook_id": "webhook-id-4711-4711",
        "username": "smartlog-user",
        "password": "webhook-password-4711",
        "gateway_id": "00aabb471147",
        "smartlog_id": "00aabb471147",
        "local_only": True,
        "cloudhook": "https://hooks.example.org/4711",
    },
}
# What identifies, but opens nothing: never in a report, but the log may name the end of it.
NO_KEYS = {
    "host", "port", "topic", "source", "transport", "generation", "model", "timezone",
    "local_only", "tls", "certificate", "username", "system_id", "control_unit_number",
    "gateway_id", "smartlog_id", "portal_id", "topic_prefix", "system_title", "meter_number",
    "mac",
}  # fmt: skip
MAY_BE_SHOWN = {"source", "transport", "generation", "model", "timezone", "local_only", "tls"}


def texts(data: dict[str, Any], leave_out: set[str]) -> list[str]:
    found = []
    for key, value in data.items():
        if isinstance(value, dict):
            found += texts(value, leave_out)
        elif isinstance(value, str) and key not in leave_out:
            found.append(value)
    return found


def test_every_kind_is_attacked() -> None:
    assert ENTRIES.keys() == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_report_and_a_log_tell_no_secret(
    hass: HomeAssistant, socket_enabled: None, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    data = {"kind": kind, **ENTRIES[kind]}
    entry = MockConfigEntry(
        domain=DOMAIN, data=data, title="The Smiths", unique_id=f"{kind}_identity4711"
    )
    entry.add_to_hass(hass)
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, "identity4711")},
        name="Grandma's heat pump",
        serial_number="serial-4711",
    )
    assert await async_setup_component(hass, "webhook", {})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    report = json.dumps(await async_get_config_entry_diagnostics(hass, entry), default=str)
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    for text in (*texts(data, MAY_BE_SHOWN | {"kind"}), "The Smiths", "Grandma", "serial-4711"):
        assert text not in report, text
    log = "\n".join(record.getMessage() for record in caplog.records if "hausstrom" in record.name)
    for secret in texts(data, NO_KEYS | {"kind"}):
        assert secret not in log, secret


def test_a_name_is_taken_out_wherever_it_turns_up() -> None:
    report = {
        "topics": {"n/smith/1": 2, "n/smith/2": 3},
        "list": ["at SMITH's", 5],
        "deep": [{"x": ("smith",)}],
    }
    cleaned = _without(report, frozenset({"smith"}))
    assert "smith" not in json.dumps(cleaned).casefold()
    # Nothing but the names is lost.
    assert sorted(cleaned["topics"].values()) == [2, 3]
    assert cleaned["list"][1] == 5


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (230.1, "230.1"),
        ("float", "float"),
        ("v3.52", "v3.52"),
        ("1KFM0200012345", "**REDACTED**"),
        ("Berghof, 2. Stock, bei Frau Maier klingeln", "**REDACTED**"),
        ("192.168.1.77:1883/long", "**REDACTED**"),
        ("a word of the table; however odd", "a word of the table; however odd"),
    ],
)
def test_of_words_only_harmless_ones_are_shown(value: float | str, shown: str) -> None:
    assert _reading(value, known=frozenset({"a word of the table; however odd"})) == shown
