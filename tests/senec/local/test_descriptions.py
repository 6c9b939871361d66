"""Every point becomes an entity that has a name, in every language, and states with texts."""

import json
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from homeassistant.const import Platform
from homeassistant.helpers.entity import EntityDescription

import custom_components.hausstrom as integration
from custom_components.hausstrom.entity import Traits
from custom_components.hausstrom.senec.local.descriptions import Writes, describe
from custom_components.hausstrom.senec.local.protocol.catalogue import CATALOGUE
from custom_components.hausstrom.senec.local.protocol.counters import EnergyMeters
from custom_components.hausstrom.senec.local.protocol.names import NAMED
from custom_components.hausstrom.senec.local.protocol.roster import all_points

FOLDER = Path(integration.__file__).parent / "translations"
LANGUAGES = ("en", "de", "it", "ro")


def described() -> list[tuple[Platform, EntityDescription]]:
    return [
        (platform, description)
        for platform, descriptions in describe(
            all_points().values(),
            EnergyMeters(longest_gap=60),
            Writes(AsyncMock(), AsyncMock(), AsyncMock()),
        ).items()
        for description in descriptions
    ]


def test_every_point_and_counter_is_one_entity() -> None:
    keys = [description.key for _, description in described()]
    assert len(keys) == len(set(keys))
    assert set(all_points()) | set(EnergyMeters(longest_gap=60).keys) <= set(keys)


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_and_states_are_translated(language: str) -> None:
    texts = json.loads((FOLDER / f"{language}.json").read_text())["entity"]
    for platform, description in described():
        name = description.translation_key or description.key
        entity = texts[platform.value][name]
        placeholders = description.placeholders if isinstance(description, Traits) else None
        open_places = {"{" + place + "}" for place in placeholders or ()}
        assert all(place in entity["name"] for place in open_places), (name, entity)
        assert entity["name"].count("{") == len(open_places), (name, entity)
        options = getattr(description, "options", None)
        assert set(options or ()) == set(entity.get("state", ())), name


def test_what_has_a_name_is_in_the_catalogue() -> None:
    assert {row.key for row in CATALOGUE.values()} >= NAMED
