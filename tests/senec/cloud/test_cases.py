"""What users lived through, played from the cases beside the repository where there are any."""

import json
from pathlib import Path
from typing import Any

import pytest

from .cases import SERVICES, Driver
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


@pytest.mark.parametrize(
    ("service", "status", "key", "action", "data"),
    [
        ("web", 503, "peak_shaving_mode", "select.select_option", {"option": "auto"}),
        ("web", 500, "peak_shaving_capacity_limit", "number.set_value", {"value": 40}),
        ("web", 404, "peak_shaving_end_time", "time.set_value", {"time": "13:00:00"}),
        ("web", 503, "emergency_reserve", "number.set_value", {"value": 20}),
        ("web", 503, "socket_0_mode", "select.select_option", {"option": "on"}),
        ("wallbox", 401, "wallbox_0_charging_mode", "select.select_option", {"option": "fast"}),
        ("wallbox", 503, "wallbox_0_locked", "switch.turn_on", {}),
    ],
)
async def test_a_call_to_what_is_unavailable_is_an_error_and_works_as_soon_as_it_can(
    home: Home, service: str, status: int, key: str, action: str, data: dict[str, Any]
) -> None:
    """Home Assistant leaves out calls to unavailable entities without a word."""
    call = {"do": "call", "action": action, "key": key, "data": data}
    driver = Driver(home)
    await driver.play(
        [
            {"do": "cloud", "wallbox": True},
            {"do": "set_up"},
            {"expect": {"key": key, "available": True}},
            {"do": "answer", "service": service, "status": status},
            {"do": "wait", "minutes": 150},
            {"expect": {"key": key, "available": False}},
            {"expect": {"key": "house_power", "available": True}},
        ]
    )
    before = len(home.cloud.writes)
    await driver.play([{**call, "error": True}, {"expect": {"key": key, "available": False}}])
    await driver.play([{"do": "answer", "service": service, "status": None}])
    # Not read again yet: what can be written is written all the same.
    await driver.play([{**call, "error": False}])
    assert any(
        method in {"POST", "PATCH"} and "search" not in path
        for method, path, _ in home.cloud.writes[before:]
    )


async def test_a_call_while_nothing_of_senec_answers(home: Home) -> None:
    await Driver(home).play(
        [
            {"do": "set_up"},
            *({"do": "answer", "service": s, "status": 503} for s in SERVICES),
            {"do": "wait", "minutes": 180},
            {"expect": {"key": "peak_shaving_mode", "available": False}},
            {
                "do": "call",
                "action": "select.select_option",
                "key": "peak_shaving_mode",
                "data": {"option": "auto"},
                "error": True,
            },
            {"expect": {"key": "peak_shaving_mode", "available": False}},
            # The planner's switch is ours alone.
            {
                "do": "call",
                "action": "switch.turn_on",
                "key": "peak_shaving_planner",
                "data": {},
                "error": False,
            },
        ]
    )


async def test_a_call_at_a_closed_door_costs_no_password(home: Home) -> None:
    call = {
        "do": "call",
        "action": "select.select_option",
        "key": "peak_shaving_mode",
        "data": {"option": "auto"},
        "error": True,
    }
    await Driver(home).play(
        [
            {"do": "set_up"},
            {"do": "portal", "wants": "CONFIGURE_TOTP"},
            {"do": "sessions_end", "of": "portal"},
            {"do": "wait", "minutes": 120},
            *[call] * 5,
            {"do": "wait", "minutes": 60},
            *[call] * 5,
            {"expect": {"passwords_sent_at_most": 1, "reauth": 0, "repair_issues": 1}},
        ]
    )
