"""The rules of the house that a program can check."""

import ast
import os
import stat
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from homeassistant.const import Platform

from .files import INTEGRATION, ROOT, module_id, modules, read_json, syntax

# Pure is a path: what lies below a folder of one of these names knows no Home Assistant.
PURE: Final = {"common", "planning", "protocol"}
MAXIMUM_LINES: Final = 400
# Components that are part of Home Assistant's core, always there for everybody.
ALWAYS_THERE: Final = {
    *(platform.value for platform in Platform),
    "diagnostics",
    "homeassistant",
    "repairs",
    "system_health",
}

PURE_MODULES: Final = [
    path for path in modules() if PURE.intersection(path.relative_to(INTEGRATION).parts[:-1])
]


def imports(path: Path) -> Iterator[str]:
    """Yield the absolute names of what a module of the integration imports."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (base, node.module) if part)
            yield source
            yield from (f"{source}.{name.name}" for name in node.names)


@cache
def reaches_home_assistant(path: Path) -> str | None:
    """Return how a module comes to import Home Assistant, through others of ours; else None."""
    for name in imports(path):
        if name.partition(".")[0] in {"homeassistant", "probatio", "voluptuous"}:
            return f"{module_id(path)} → {name}"
        other = ROOT / Path(*name.split(".")).with_suffix(".py")
        if other.is_file() and other != path and (way := reaches_home_assistant(other)):
            return f"{module_id(path)} → {way}"
    return None


@pytest.mark.parametrize("path", PURE_MODULES, ids=module_id)
def test_what_lies_in_a_pure_folder_knows_no_home_assistant(path: Path) -> None:
    assert reaches_home_assistant(path) is None


def test_the_test_above_would_notice() -> None:
    assert reaches_home_assistant(INTEGRATION / "kinds.py")
    assert PURE_MODULES


def test_a_name_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for path in modules():
        for node in syntax(path).body:
            name = ""
            if isinstance(node, ast.ClassDef):
                name = node.name
            elif isinstance(node, ast.TypeAlias):
                name = node.name.id
            if name and not name.startswith("_"):
                places.setdefault(name, []).append(module_id(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def is_table(path: Path) -> bool:
    """Whether a file is a table, and as long as its subject."""
    return (
        path.name == "descriptions.py"
        or path.name.endswith("_values.py")
        or "catalogue" in path.parts
    )


@pytest.mark.parametrize(
    "path", [*modules(), *sorted((ROOT / "simulators").glob("*.py"))], ids=lambda path: path.name
)
def test_files_have_one_subject(path: Path) -> None:
    if not is_table(path):
        assert len(path.read_text().splitlines()) <= MAXIMUM_LINES


@pytest.mark.parametrize("path", modules(), ids=module_id)
def test_other_components_are_declared(path: Path) -> None:
    manifest = read_json(INTEGRATION / "manifest.json")
    declared = {*manifest.get("dependencies", ()), *manifest.get("after_dependencies", ())}
    used = {
        name.split(".")[2] for name in imports(path) if name.startswith("homeassistant.components.")
    }
    assert used <= declared | ALWAYS_THERE


@pytest.mark.parametrize("path", modules(), ids=module_id)
def test_no_annotations_from_the_future(path: Path) -> None:
    assert "__future__" not in set(imports(path))


def test_platforms_say_how_many_updates_run_at_once() -> None:
    for platform in Platform:
        path = INTEGRATION / f"{platform.value}.py"
        if path.exists():
            assert "PARALLEL_UPDATES" in path.read_text(), platform


def test_nothing_names_a_mirror_or_a_private_place() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if name and path.suffix != ".png" and path.is_file():
            text = path.read_text(errors="replace")
            # Put together here, lest this file find itself.
            assert "/work" + "/shared" not in text, name
            assert "deb." + "debian.org" not in text, name


@pytest.mark.parametrize(
    "name", ["setup", "develop", "test", "lint", "bench", "screenshot", "lib/debian"]
)
def test_scripts_are_programs(name: str) -> None:
    path = ROOT / "scripts" / name
    assert path.stat().st_mode & stat.S_IXUSR
    assert path.read_text().startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", os.fspath(path)], check=True)
