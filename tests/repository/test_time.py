"""Time in tests is driven, not slept: except beside a real counterpart, which has a time of its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

from .files import ROOT

# What a test has in it that sleeps in real time: a broker, a GX with its broker, a port, a server
# of the network, a browser, a database, another process.
COUNTERPARTS = {
    "Mosquitto",
    "SimulatedGx",
    "PtyWire",
    "start_server",
    "simulators.browser",
    "simulators.home_assistant",
    "victoria",
    "create_subprocess_exec",
}
# Waits for code that Home Assistant loads in its executor, in real time.
LOADS_CODE = {"tests/evn/cases.py"}
LONGEST = 60.0
"""Seconds: nobody waits longer for a counterpart."""


def sleeps(path: Path) -> Iterator[ast.Call]:
    """Yield the calls that let real time pass: sleep(0) gives others their turn, and is none."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        if node.func.attr == "sleep" and isinstance(owner, ast.Name):
            nothing = bool(node.args) and isinstance(node.args[0], ast.Constant)
            if owner.id in {"asyncio", "time"} and not (nothing and node.args[0].value == 0):  # type: ignore[attr-defined]  # a constant
                yield node


def test_only_tests_with_a_real_counterpart_sleep() -> None:
    sleeping = {
        str(path.relative_to(ROOT)): path.read_text()
        for path in (ROOT / "tests").rglob("*.py")
        if any(True for _ in sleeps(path))
    }
    assert sleeping, "the test would notice nothing"
    alone = {
        name for name, text in sleeping.items() if not any(word in text for word in COUNTERPARTS)
    }
    assert alone <= LOADS_CODE


def test_no_sleep_is_long() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        for call in sleeps(path):
            seconds = call.args[0]
            if isinstance(seconds, ast.Constant):
                assert float(seconds.value) <= LONGEST, path  # type: ignore[arg-type]  # a number
