"""Time in tests is driven, not slept; beside a real counterpart, what is waited for is said."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .files import ROOT

WAITING = ROOT / "tests" / "waiting.py"
"""Waits for a condition, and has a simulated device act in its rhythm: nothing else sleeps."""


def sleeps(path: Path) -> Iterator[int]:
    """Yield the lines that let real time pass: sleep(0) gives others their turn, and is none."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module in {"asyncio", "time"}:
            yield from (node.lineno for name in node.names if name.name == "sleep")
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in {"asyncio.sleep", "time.sleep"}
            and [ast.unparse(argument) for argument in node.args] != ["0"]
        ):
            yield node.lineno


def test_no_test_sleeps() -> None:
    assert set(sleeps(WAITING)), "the test would notice nothing"
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in (ROOT / "tests").rglob("*.py")
        if path != WAITING
        for line in sleeps(path)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("asyncio.sleep(1)", True),
        ("time.sleep(pause)", True),
        ("from time import sleep", True),
        ("asyncio.sleep(0)", False),
        ("from time import monotonic", False),
    ],
)
def test_what_a_sleep_is(tmp_path: Path, text: str, is_one: bool) -> None:
    path = tmp_path / "some.py"
    path.write_text(text)
    assert bool(list(sleeps(path))) is is_one
