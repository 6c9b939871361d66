"""A building of many meters: what is shown of each, and what is left alone."""

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.smartlog import entities

from .build import NOW, data, meter, muc
from .conftest import MQTT_DATA, make_entry, publish, set_up

HEAT = "Heat (outlet)"


@pytest.fixture(autouse=True)
def _clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2026-09-21 14:13:20+00:00")  # NOW


@pytest.fixture
async def entry(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> MockConfigEntry:
    entry = make_entry(hass, MQTT_DATA)
    await set_up(hass, entry)
    return entry


def heat(number: int, **more: Any) -> dict[str, Any]:
    """Return a heat meter with two totals, a due date, and what flickers."""
    return meter(
        f"{number:08d}",
        data("Energy", 5_000 + number, obis="6-0:1.0.0*255", medium=HEAT),
        data("Volume", 900 + number, "m^3", obis="6-0:2.0.0*255", medium=HEAT),
        data("Energy", 4_000, obis="6-0:1.2.0*1", medium=HEAT),
        data("Flow temperature", 451, "Degree C", "0.1", medium=HEAT),
        data("Power", 12, "W", "100", medium=HEAT),
        MEDIUM=HEAT,
        **more,
    )


def both(number: int) -> dict[str, Any]:
    """Return a meter of heat and cooling, and one of electricity that goes both ways."""
    return meter(
        f"{number:08d}",
        data("Energy", 700, obis="6-0:1.0.0*255", medium=HEAT),
        data("Energy", 80, obis="5-0:1.0.0*255", medium="Cooling (outlet)"),
        data("Volume", 60, "m^3", obis="6-0:2.0.0*255", medium=HEAT),
    )


def two_ways(number: int) -> dict[str, Any]:
    return meter(
        f"{number:08d}",
        data("Energy", 7_000, obis="1-0:1.8.0*255"),
        data("Energy", 6_000, obis="1-0:1.8.1*255"),
        data("Energy", 3_000, obis="1-0:2.8.0*255"),
        data("Power", 300, "W", obis="1-0:16.7.0*255"),
    )


def enabled(hass: HomeAssistant, entry: MockConfigEntry, number: int) -> set[str]:
    """Return the keys of the enabled sensors of a meter."""
    prefix = f"{entry.unique_id}_{number:08d}_"
    return {
        one.unique_id.removeprefix(prefix)
        for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        if one.unique_id.startswith(prefix) and one.disabled_by is None
    }


ALL_OF_IT = {
    "6_0_1_0_0_255", "6_0_2_0_0_255", "flow_temperature_c", "power_w",
}  # fmt: skip


async def test_a_house_shows_what_its_meters_measure(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await publish(hass, muc(*(heat(number) for number in range(1, 101))))
    assert enabled(hass, entry, 7) == ALL_OF_IT


async def test_a_building_shows_one_total_of_each_medium(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await publish(hass, muc(*(heat(number) for number in range(1, 101)), both(500), two_ways(600)))
    wanted = {"6_0_1_0_0_255"}
    assert enabled(hass, entry, 7) == wanted
    assert enabled(hass, entry, 500) == {"6_0_1_0_0_255", "5_0_1_0_0_255"}
    assert enabled(hass, entry, 600) == {"1_0_1_8_0_255", "1_0_2_8_0_255"}
    # What a person enables stays so, and a start enables nothing by itself.
    registry = er.async_get(hass)
    flow = registry.async_get_entity_id(
        "sensor", "hausstrom", f"{entry.unique_id}_00000007_flow_temperature_c"
    )
    assert flow is not None
    registry.async_update_entity(flow, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert enabled(hass, entry, 7) == {*wanted, "flow_temperature_c"}
    assert enabled(hass, entry, 8) == wanted
    state = hass.states.get(flow)
    assert state is not None
    assert state.state == "45.1"


async def test_a_house_that_grows_loses_nothing(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await publish(hass, muc(*(heat(number) for number in range(1, 61))))
    later = muc(*(heat(number) for number in range(1, 121)), time=NOW + 900)
    await publish(hass, later)
    assert entities.BUILDING == 100
    assert enabled(hass, entry, 7) == ALL_OF_IT
    assert enabled(hass, entry, 100) == {"6_0_1_0_0_255"}
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert enabled(hass, entry, 7) == ALL_OF_IT
    assert enabled(hass, entry, 100) == {"6_0_1_0_0_255"}


async def test_a_register_that_becomes_the_total_is_shown(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The tariffs came first; the coded total later takes the place of the first of them."""
    first = meter("00000777", data("Energy", 10, TARIFF="1"), data("Energy", 20, TARIFF="2"))
    await publish(hass, muc(*(heat(number) for number in range(1, 102)), first))
    (before,) = enabled(hass, entry, 777)
    more = meter("00000777", data("Energy", 11, TARIFF="1", time=NOW), data("Energy", 21, TARIFF="2"),
                 data("Energy", 32, obis="1-0:1.8.0*255", time=NOW))  # fmt: skip
    await publish(hass, muc(more, time=NOW + 60))
    (after,) = enabled(hass, entry, 777)
    assert (before, after) == ("energy_kwh", "1_0_1_8_0_255")
