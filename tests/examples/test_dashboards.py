"""The dashboards load, show entities that exist, and have the signs right."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from homeassistant.util import yaml as yaml_util

from tests.repository.files import ROOT

from .names import entity_ids, is_known

FOLDER: Final = ROOT / "docs" / "dashboards"
FILES: Final = sorted(FOLDER.glob("*.yaml"))
GUIDE: Final = ROOT / "docs" / "examples.md"
# Of Home Assistant 2026.10; a card of another one has "custom:" before its name.
CORE: Final = {"gauge", "grid", "heading", "history-graph", "statistics-graph", "tile"}
CUSTOM: Final = {"custom:apexcharts-card", "custom:power-flow-card-plus"}

every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def cards(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every card of a dashboard, sections included."""
    if isinstance(part, list):
        for item in part:
            yield from cards(item)
    elif isinstance(part, dict):
        if "type" in part:
            yield part
        for key in ("views", "sections", "cards"):
            yield from cards(part.get(key, []))


@every_file
def test_entities_are_ours(file: Path) -> None:
    found = entity_ids(file.read_text())
    assert found
    assert {entity for entity in found if not is_known(entity)} == set()


@every_file
def test_cards_exist(file: Path) -> None:
    types = [card["type"] for card in cards(yaml_util.load_yaml_dict(file))]
    allowed = CORE | {"sections"} if file.stem == "core" else CUSTOM
    assert types
    assert set(types) <= allowed


@every_file
def test_guide_speaks_of_it(file: Path) -> None:
    assert f"dashboards/{file.name}" in GUIDE.read_text()


def test_flow_card_takes_the_signs_as_they_are() -> None:
    card = yaml_util.load_yaml_dict(FOLDER / "power-flow-card-plus.yaml")
    entities = card["entities"]
    assert entities["grid"]["entity"].endswith("_grid_power")
    assert entities["battery"]["entity"].endswith("_battery_power")
    assert not any("invert" in key for part in ("grid", "battery") for key in entities[part])
    assert "inverted_entities" not in card


def test_chart_inverts_nothing() -> None:
    card = yaml_util.load_yaml_dict(FOLDER / "apexcharts-24h.yaml")
    axes = {axis["id"] for axis in card["yaxis"]}
    for series in card["series"]:
        assert "invert" not in series
        assert "transform" not in series
        assert series["yaxis_id"] in axes
    assert card["graph_span"] == "24h"
    assert card["all_series_config"]["group_by"]["fill"] == "null"
