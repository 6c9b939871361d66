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


@pytest.mark.parametrize("page", ["verify", "403", "500", "empty"])
async def test_a_page_after_the_password_is_told_and_costs_one_password(
    home: Home, page: str
) -> None:
    told = {"expect": {"passwords_sent_at_most": 1, "user_is_told": True}}
    await Driver(home).play(
        [
            {"do": "set_up"},
            {"do": "page_after_password", "page": page},
            {"do": "sessions_end", "of": "all"},
            {"do": "wait", "minutes": 60},
            told,
            {"do": "restart"},
            {"do": "wait", "minutes": 30},
            told,
            {"do": "page_after_password", "page": None},
            {"do": "user_does_what_is_asked"},
            {"do": "wait", "minutes": 6},
            {"expect": {"key": "house_power", "available": True}},
            {"expect": {"user_is_told": False}},
        ]
    )


@pytest.mark.parametrize("zone", ["CEST", "Europe/Nowhere", "../../etc/passwd"])
async def test_a_time_zone_that_is_none(home: Home, zone: str) -> None:
    home.cloud.system(100301).zone_text = zone
    await Driver(home).play(
        [{"do": "set_up"}, {"expect": {"key": "house_power", "available": True}}]
    )


@pytest.mark.parametrize("service", ["wallbox", "abilities"])
async def test_another_service_that_is_silent(home: Home, service: str) -> None:
    await Driver(home).play(
        [
            {"do": "set_up"},
            {"do": "answer", "service": service, "status": 503},
            {"do": "wait", "minutes": 120},
            {"expect": {"key": "house_power", "available": True}},
            {"expect": {"key": "peak_shaving_mode", "available": True}},
            {"expect": {"key": "current_state", "available": True}},
        ]
    )
