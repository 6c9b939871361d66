"""Systems that were replaced stay in SENEC.Connect's answer for ever; what is told of them is no value."""

import json
from pathlib import Path
from typing import Any

import pytest
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.helpers import entity_registry as er

from tests.senec.cloud.conftest import Home, home

from .test_entry import add

__all__ = ["home"]

FOLDERS = Path(__file__).resolve().parents
OLD, NEW = "S4H1-OLD000001-0000-01", "P4H1-NEW000001-0000-02"
NO_VALUE = {STATE_UNAVAILABLE, STATE_UNKNOWN}


def record(system_id: str, battery: dict[str, Any], meter: dict[str, Any]) -> dict[str, Any]:
    plate = {
        "manufacturer": "SENEC GmbH",
        "model": "SENEC.Home 4 hybrid / 11.8",
        "serial_number": system_id[-2:],
        "system_id": system_id,
        "design_capacity": 7100,
    }
    return {"battery": battery, "meter": meter, "evse": [], "bessNameplate": plate}


LIVE = record(
    NEW,
    {"state": 0, "state_of_charge": 63, "power": -800.0, "voltage": 405.0, "current": -2.0},
    {"grid_power": 0.0, "consumption": 800.0, "production": 0.0},
)
SHOWN = {"bat_fuel_charge": 63, "house_power": 800.0, "bat_power": 800.0}
NOTHING = dict.fromkeys(("bat_fuel_charge", "house_power", "grid_power", "bat_power"))


async def check(home: Home, answer: list[Any], expected: dict[str, dict[str, Any]]) -> None:
    """Add each system of an answer, and look at what it shows."""
    home.cloud.fail("/connect", status=200, text=json.dumps(answer))
    registry = er.async_get(home.hass)
    for system_id, readings in expected.items():
        entry = await add(home, system_id)
        await home.wait(minutes=2)
        for key, wanted in readings.items():
            unique_id = f"{entry.unique_id}_{key}"
            entity_id = registry.async_get_entity_id("sensor", "hausstrom", unique_id)
            state = None if entity_id is None else home.hass.states.get(entity_id)
            shown = STATE_UNAVAILABLE if state is None else state.state
            if wanted is None:
                assert shown in NO_VALUE, (system_id, key, shown)
            else:
                assert float(shown) == wanted, (system_id, key, shown)


async def test_the_case(home: Home) -> None:
    for parent in FOLDERS:
        path = parent / "shared" / "cases" / "senec_cloud" / "connect_dead_record.json"
        if path.is_file():
            found = json.loads(path.read_text("utf-8"))
            await check(home, found["answer"], found["expect"])
            return
    pytest.skip("no cases beside the repository")


@pytest.mark.parametrize(
    ("battery", "meter"),
    [
        # Consumption for ever, as of a replaced Home 4.
        (
            {"state": 0, "state_of_charge": 2, "power": 0.0},
            {"grid_power": 512.0, "consumption": 512.0, "production": 0.0},
        ),
        # A level that looks like one, and nothing else.
        ({"state": 0, "state_of_charge": 24, "power": 0.0}, {"grid_power": 0.0}),
        # Null is no voltage.
        (
            {"state_of_charge": 55, "power": 120.0, "voltage": None, "current": None},
            {"grid_power": -80.0, "consumption": 40.0, "production": 240.0},
        ),
        # Production proves nothing, either.
        (
            {"state_of_charge": 100},
            {"grid_power": -3000.0, "consumption": 1.0, "production": 3001.0},
        ),
        ({}, {"grid_power": 7.0, "consumption": 7.0}),
    ],
)
async def test_dead(home: Home, battery: dict[str, Any], meter: dict[str, Any]) -> None:
    await check(home, [record(OLD, battery, meter), LIVE], {OLD: NOTHING, NEW: SHOWN})


@pytest.mark.parametrize(
    "sign", [{"voltage": 398.0}, {"current": 0.4}, {"voltage": 1.0, "current": 0.0}]
)
async def test_alive_is_a_battery_with_voltage_or_current(home: Home, sign: dict[str, Any]) -> None:
    battery = {"state": 0, "state_of_charge": 41, "power": 160.0, **sign}
    meter = {"grid_power": 100.0, "consumption": 90.0, "production": 150.0}
    other = record(NEW, {"state_of_charge": 1}, {"grid_power": 1.0})
    await check(
        home,
        [other, record(OLD, battery, meter)],
        {OLD: {"bat_fuel_charge": 41, "house_power": 90.0, "bat_power": -160.0}},
    )
