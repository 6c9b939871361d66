"""What the threat model says is held by a test that exists."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from .files import ROOT

PAGE: Final = ROOT / "docs" / "threat-model.md"
TEST: Final = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[list[str]]:
    """Return the lines of the table, without its head."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].strip("*")[:30])
def test_each_defence_has_a_test(row: list[str]) -> None:
    attack, defence, tests, _ = row
    assert attack
    assert defence
    found = TEST.findall(tests)
    assert found, "a defence without a test is a wish"
    for path, name in found:
        tree = ast.parse((ROOT / path).read_text())
        names = {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert name in names, f"{path} has no {name}"


def test_every_attack_file_is_in_the_table() -> None:
    named = {path for row in rows() for path, _ in TEST.findall(row[2])}
    attacks: set[Path] = set((ROOT / "tests" / "attacks").glob("test_*.py"))
    assert {str(path.relative_to(ROOT)) for path in attacks} <= named
