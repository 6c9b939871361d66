"""What the guide of the smart meter quotes is what Home Assistant shows; its recipes are read."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.evn.const import LISTENING, LISTENING_AGAIN
from custom_components.hausstrom.evn.protocol.errors import Reason
from custom_components.hausstrom.evn.protocol.payload import MAX_PAYLOAD

from .cases import Player
from .stories import Oddity, story
from .texts import translations

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = {"en": DOCS / "smart-meter.md", "de": DOCS / "smart-meter.de.md"}


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def pretty(raw: bytes) -> list[bytes]:
    """ESPHome's debug output: 150 bytes at a time, unless a pause comes before."""
    parts = [raw[at : at + 150] for at in range(0, len(raw), 150)]
    return [f"{part.hex('.').upper()} ({len(part)})".encode() for part in parts]


def tasmota(raw: bytes) -> list[bytes]:
    """A buffer of the serial bridge, in JSON; Tasmota adds the time."""
    return [
        json.dumps({"Time": "2026-03-10T10:00:00", "SSerialReceived": piece}).encode()
        for piece in pieces(raw.hex().upper(), 510)
    ]


RECIPES: dict[str, Callable[[bytes], list[bytes]]] = {
    "ESPHome": pretty,
    "ESP8266 sketch": lambda raw: [raw],
    "Tasmota": tasmota,
    "amsreader": lambda raw: [json.dumps({"data": raw.hex().upper()}).encode()],
    "SHRDZM": lambda raw: [
        json.dumps({"id": "3C6105", "1.8.0": "12345.678", "data": raw.hex(), "rssi": -60}).encode()
    ],
}
ON_A_PORT = {"USB", "AMIS (Netz OÖ)", "ser2net and esp-link"}
"""Played on real ports in test_serial."""


def headings(guide: Path, chapter: str) -> list[str]:
    text = guide.read_text()
    body = text.split(f"\n## {chapter}\n")[1].split("\n## ")[0]
    return re.findall(r"^### (.+)$", body, re.MULTILINE)


def test_every_recipe_is_played() -> None:
    assert set(headings(GUIDES["en"], "Recipes")) == set(RECIPES) | ON_A_PORT
    assert len(headings(GUIDES["de"], "Rezepte")) == len(RECIPES) + len(ON_A_PORT)


@pytest.mark.parametrize("name", RECIPES)
async def test_a_recipe_is_read(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    case = story(lambda _: Oddity(publish=RECIPES[name]), count=12)
    player = Player(hass, freezer, case)
    await player.set_up_by_flow()
    assert player.entry is not None, player.result
    player.check()
    assert player.shown["telegrams_rejected"][-1][1] == "0"
    assert not player.issues()


@pytest.mark.parametrize("language", GUIDES)
def test_quoted_errors_are_those_of_the_form(language: str) -> None:
    """`*what it says* (`key`)`, in the table of what the form says."""
    errors = translations(language)["config"]["error"] | translations(language)["config"]["abort"]
    quotes = re.findall(r"\*([^*|]+)\* \(`(\w+)`\)", GUIDES[language].read_text())
    assert len(quotes) >= 15
    for quote, key in quotes:
        said = re.sub(r"\{\w+\}", "…", errors[key])
        assert all(part.strip() in said for part in quote.split("…")), (quote, said)


@pytest.mark.parametrize("language", GUIDES)
def test_every_error_of_the_form_is_explained(language: str) -> None:
    config = translations(language)["config"]
    text = GUIDES[language].read_text()
    for key in [
        "no_telegram",
        "not_a_telegram",
        "pieces",
        "damaged",
        "wrong_key",
        "wrong_authentication_key",
        "not_encrypted",
        "plain_text",
        "amis_meter",
        "nes_meter",
        "other_protocol",
        "json_without_telegram",
        "unknown_layout",
        "no_register",
        "no_bytes",
        "no_frames",
        "port_busy",
        "port_missing",
        "port_forbidden",
        "port_unreachable",
        "invalid_key",
        "mqtt_not_set_up",
        "cannot_connect",
        "invalid_auth",
    ]:
        assert key in config["error"]
        assert f"`{key}`" in text, key


@pytest.mark.parametrize("language", GUIDES)
def test_every_reason_is_explained(language: str) -> None:
    text = GUIDES[language].read_text()
    for reason in Reason:
        assert f"`{reason}`" in text, reason


@pytest.mark.parametrize("language", GUIDES)
def test_names_of_fields_and_entities_are_those_of_home_assistant(language: str) -> None:
    text, tree = GUIDES[language].read_text(), translations(language)
    config = tree["config"]["step"]
    for step in ("evn", "serial", "broker"):
        for name in config[step]["data"].values():
            assert f"**{name}**" in text, name
    for option in ("update_interval", "publish_topic"):
        assert f"**{tree['options']['step']['init']['data'][option]}**" in text, option
    for source in tree["selector"]["meter_source"]["options"].values():
        assert f"**{source}**" in text, source


@pytest.mark.parametrize("language", GUIDES)
async def test_names_of_entities(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    language: str,
) -> None:
    text, names = GUIDES[language].read_text(), translations(language)["entity"]["sensor"]
    player = Player(hass, freezer, story(lambda _: Oddity(), count=4))
    with patch.object(Entity, "entity_registry_enabled_default", True):
        await player.set_up()
        await player.play()
    for key in player.shown:
        if key not in names:
            continue  # of a phase: with the number of it
        assert f"| {names[key]['name']} | `{key}` |" in text, key


@pytest.mark.parametrize("language", GUIDES)
def test_figures(language: str) -> None:
    text = GUIDES[language].read_text()
    assert f" {LISTENING:.0f} " in text
    assert f" {LISTENING_AGAIN / 60:.0f} " in text
    assert f" {MAX_PAYLOAD // 1024} kB" in text
