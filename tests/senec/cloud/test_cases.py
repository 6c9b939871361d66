"""What users lived through, played from the cases beside the repository where there are any."""

import json
from pathlib import Path
from typing import Any

import pytest

from .cases import Driver
from .conftest import Home

STEPS = (
    "details_silent",
    "measurements_silent",
    "page_after_password",
    "placeholder_level",
    "portal_wants_second_factor",
    "state_words",
    "wallbox_at_start",
    "write_ignored",
    "write_seen_late",
)


def case(name: str) -> dict[str, Any]:
    for parent in Path(__file__).resolve().parents:
        path = parent / "shared" / "cases" / "senec_cloud" / f"{name}.json"
        if path.is_file():
            found: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return found
    pytest.skip("no cases beside the repository")


@pytest.mark.timeout(45)
@pytest.mark.parametrize("name", STEPS)
async def test_case(home: Home, name: str) -> None:
    await Driver(home).play(case(name)["steps"])
