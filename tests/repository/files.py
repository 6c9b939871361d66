"""Where things are in the repository, and how they are read."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
INTEGRATION: Final = ROOT / "custom_components" / "hausstrom"
LANGUAGES: Final = ("en", "de", "it", "ro")
PLACEHOLDER: Final = re.compile(r"{(\w+)}")
SLUG: Final = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")


def existing(path: Path) -> Path:
    """Return the path, or skip the test: not every part of the house is built yet."""
    if not path.exists():
        pytest.skip(f"there is no {path.relative_to(ROOT)} yet")
    return path


def read_json(path: Path) -> Any:
    """Return what a JSON file holds; a key that stands there twice is an error."""
    return json.loads(existing(path).read_text(), object_pairs_hook=_without_duplicates)


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds."""
    return yaml.safe_load(existing(path).read_text())


def translation(language: str) -> Any:
    """Return the texts of a language."""
    return read_json(INTEGRATION / "translations" / f"{language}.json")


def texts(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a tree with its path, as in config.error.unknown."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from texts(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def modules() -> list[Path]:
    """Return all Python files of the integration."""
    return sorted(INTEGRATION.rglob("*.py"))


@cache
def syntax(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(path.read_text(), path.name)


def module_id(path: Path) -> str:
    """Name a file of the integration in a test's parameters."""
    return str(path.relative_to(INTEGRATION))


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"key twice in {keys}"
    return dict(pairs)
