"""No two entities of one device have the same name, in any language."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from unittest.mock import AsyncMock

import pytest
from homeassistant.helpers.entity import EntityDescription

from custom_components.hausstrom.evn import descriptions as evn
from custom_components.hausstrom.senec.descriptions import EntityRow
from custom_components.hausstrom.senec.local.descriptions import Writes, describe
from custom_components.hausstrom.senec.local.protocol.counters import EnergyMeters
from custom_components.hausstrom.senec.local.protocol.roster import all_points
from custom_components.hausstrom.victron.protocol.catalogue import FAMILIES, GX_SERVICES

from .files import LANGUAGES
from .files import translation as read_translation
from .rows import cloud_rows

translation = cache(read_translation)

type Named = tuple[str, str, str]
"""Platform, key of the name, key of the entity."""


def twice(language: str, named: Iterable[tuple[Named, dict[str, str]]]) -> dict[str, set[str]]:
    """Return the names that entities with different keys have, each with those keys."""
    entities = translation(language)["entity"]
    found = defaultdict(set)
    for (platform, name_key, key), placeholders in named:
        text = entities[platform][name_key]["name"]
        for place, value in placeholders.items():
            text = text.replace(f"{{{place}}}", value)
        found[text.lower()].add(key)
    return {text: keys for text, keys in found.items() if len(keys) > 1}


def named(platform: str, description: EntityDescription) -> tuple[Named, dict[str, str]]:
    """Return what an entity is called by."""
    name_key = description.translation_key or description.key
    placeholders = dict(getattr(description, "placeholders", None) or {})
    return (platform, name_key, description.key), placeholders


def wanted(rows: Iterable[EntityRow]) -> Iterator[tuple[Named, dict[str, str]]]:
    """Yield those whose name is a text of ours: device classes name the others."""
    entities = translation("en")["entity"]
    for row in rows:
        found = named(row.platform.value, row.description)
        if found[0][1] in entities.get(row.platform.value, {}):
            yield found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_local_senec(language: str) -> None:
    writes = Writes(AsyncMock(), AsyncMock(), AsyncMock())
    described = describe(all_points().values(), EnergyMeters(longest_gap=60), writes)
    rows = [named(platform.value, row) for platform, rows in described.items() for row in rows]
    assert len(rows) > 300
    assert twice(language, rows) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_senec_of_the_cloud(language: str) -> None:
    rows = list(wanted(cloud_rows()))
    assert len(rows) > 80
    assert twice(language, rows) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_smart_meter(language: str) -> None:
    sensors = [
        named("sensor", row)
        for content in vars(evn).values()
        if isinstance(content, tuple)
        for row in content
        if isinstance(row, EntityDescription)
    ]
    assert len(sensors) > 10
    assert twice(language, sensors) == {}


@pytest.mark.parametrize("service", [*sorted({*FAMILIES} - GX_SERVICES), "gx"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_device_of_victron(language: str, service: str) -> None:
    services = sorted(GX_SERVICES) if service == "gx" else [service]
    # A point that Venus OS spells in two ways is one point: it is known by its name.
    points = {
        ((form, f"gx_{point.name}", point.name), ())
        for name in services
        for point in FAMILIES[name].points
        for form in (point.control.form.value if point.control else point.form.value,)
        if f"gx_{point.name}" in translation("en")["entity"].get(form, {})
    }
    assert twice(language, [(point, {}) for point, _ in points]) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_meter_of_a_smartlog(language: str) -> None:
    rows: list[tuple[Named, dict[str, str]]] = [
        ((platform, key, key), {})
        for platform, entities in translation(language)["entity"].items()
        for key in entities
        if platform in {"sensor", "binary_sensor"} and key.startswith("meter_")
        if key != "meter_time"
    ]
    assert len(rows) > 40
    assert twice(language, rows) == {}


def test_a_double_is_found() -> None:
    rows: list[tuple[Named, dict[str, str]]] = [
        (("sensor", "gx_power", "a"), {}),
        (("sensor", "gx_power", "b"), {}),
    ]
    assert twice("en", rows) == {"power": {"a", "b"}}
