"""A building on the dashboard: which register of which unit, of which medium, and the billing date."""

from datetime import UTC, datetime
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import MqttMockHAClient, WebSocketGenerator

from custom_components.hausstrom.smartlog.board import unit_of

from .build import NOW, data, meter, muc
from .conftest import MQTT_DATA, make_entry, publish, set_up

BILLED = int(datetime(2025, 12, 31, 23, 59, tzinfo=UTC).timestamp())
BEFORE = int(datetime(2024, 12, 31, 23, 59, tzinfo=UTC).timestamp())


def volume(value: int, *, medium: str = "Cold water", **more: Any) -> dict[str, Any]:
    return data("Volume", value, "m^3", "0.001", medium=medium, **more)


async def board(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> dict[str, Any]:
    """Return the rows that the dashboard is told, by number."""
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "hausstrom/home"})
    return {one["number"]: one for one in (await client.receive_json())["result"]["meters"]}


@pytest.fixture
async def house(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    """Have a building with meters of all kinds."""
    freezer.move_to(datetime.fromtimestamp(NOW, UTC))
    assert await async_setup_component(hass, "websocket_api", {})
    await set_up(hass, make_entry(hass, MQTT_DATA))
    await publish(
        hass,
        muc(
            meter(
                "11",
                volume(351_204),
                volume(300_000, STORAGE="1", device_time=BILLED),
                volume(250_000, STORAGE="2", device_time=BEFORE),
                MEDIUM="Cold water",
                USER="Top 1 Kaltwasser",
            ),
            meter(
                "12",
                data("Energy", 87_953, medium="Heat", obis="6-0:1.0.0*255"),
                data("Volume", 99, "m^3", "1", medium="Heat", obis="6-0:2.0.0*255"),
                MEDIUM="Heat",
                USER="Top 1 Wärme",
            ),
            meter("13", data("Temperature", 21, "°C", medium="Room sensor"), MEDIUM="Room sensor"),
            meter(
                "14",
                data("Energy", 9_000, obis="1-0:2.8.0*255"),
                data("Energy", 5_000, obis="1-0:1.8.0*255"),
                MEDIUM="Electricity",
                USER="Top 2 Strom",
            ),
            meter("15", data("Units HCA", 812, "HCA"), MEDIUM="Heat cost allocator", USER="Top 2"),
        ),
    )


@pytest.mark.usefixtures("house")
async def test_each_meter_by_the_register_that_it_is_billed_by(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    found = await board(hass, hass_ws_client)
    assert {number: (one["unit"], one["medium"]) for number, one in found.items()} == {
        "11": ("Top 1", "cold"),
        "12": ("Top 1", "heat"),
        "14": ("Top 2", "electricity"),
        "15": ("Top 2", "heat_cost"),
    }
    shown = {number: hass.states.get(one["entity"]) for number, one in found.items()}
    # Not the greatest number of the meter: what it feeds in is no consumption.
    assert {number: state and state.state for number, state in shown.items()} == {
        "11": "351.204",
        "12": "87953",
        "14": "5000",
        "15": "812",
    }
    assert {one["heard"] for one in found.values()} == {(NOW - 60) * 1000}


@pytest.mark.usefixtures("house")
async def test_the_last_billing_date_is_told(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    found = await board(hass, hass_ws_client)
    assert found["11"]["billing"] == {"date": "2025-12-31", "value": 300, "unit": "m³"}
    assert found["12"]["billing"] is None


@pytest.mark.usefixtures("house")
async def test_what_the_user_renames_hides_and_disables_is_followed(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    entities, devices = er.async_get(hass), dr.async_get(hass)
    found = await board(hass, hass_ws_client)
    entities.async_update_entity(found["12"]["entity"], hidden_by=er.RegistryEntryHider.USER)
    entities.async_update_entity(found["14"]["entity"], disabled_by=er.RegistryEntryDisabler.USER)
    entities.async_update_entity(found["15"]["entity"], new_entity_id="sensor.stairs")
    entity = entities.async_get(found["11"]["entity"])
    assert entity is not None
    assert entity.device_id is not None
    devices.async_update_device(entity.device_id, name_by_user="Bakery, cold water")
    found = await board(hass, hass_ws_client)
    assert set(found) == {"11", "15"}
    assert found["11"]["unit"] == "Bakery"
    assert found["15"]["entity"] == "sensor.stairs"


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("Top 1 Kaltwasser", "Top 1"),
        ("Flat 2 warm", "Flat 2"),
        ("Flat 3 - heat", "Flat 3"),
        ("Wohnung 4, Warmwasser", "Wohnung 4"),
        ("Wärmezähler Top 5", "Top 5"),
        ("KW Top 6", "Top 6"),
        ("Strom (Keller)", "(Keller)"),
        ("Int. 7 acqua fredda", "Int. 7"),
        ("Ap. 8 apă rece", "Ap. 8"),
        ("Boiler", "Boiler"),
        ("Water", "Water"),
        ("Waterman", "Waterman"),
        ("Gasse 9 Gas", "Gasse 9"),
        ("Top 10 (Wärme)", "Top 10"),
        ("", ""),
    ],
)
def test_labels_name_a_unit_whatever_language_the_medium_is_in(label: str, unit: str) -> None:
    assert unit_of(label) == unit
