"""SIGKILL at any moment: nothing changes places, nothing falls, and a minute of counting is lost at most.

What is on disk and in the recorder at that moment is all there is afterwards.
"""

from typing import Any, Final

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from tests.senec.cloud.conftest import Home, home
from tests.senec.local.conftest import Site, site
from tests.smartlog.conftest import _subscribed_at_once
from tests.years.books import Way, Year
from tests.years.conftest import enable_event_loop_debug, expected_lingering_timers
from tests.years.ways import CloudWay, GxWay, MeterWay, SenecWay, SmartLogWay

from .test_stores import energies

__all__ = [
    "_subscribed_at_once",
    "enable_event_loop_debug",
    "expected_lingering_timers",
    "home",
    "site",
]

BEGIN: Final = "2026-06-21 12:00:10+00:00"


def places(hass: HomeAssistant, entry_id: str) -> dict[str, tuple[str, str | None]]:
    """Return what each entity is and whose it is: entity id and serial number, by unique id."""
    devices = dr.async_get(hass)
    found = {}
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry_id):
        device = devices.async_get(entity.device_id or "")
        found[entity.unique_id] = (entity.entity_id, getattr(device, "serial_number", None))
    return found


async def attack(hass: HomeAssistant, storage: dict[str, Any], way: Way) -> None:
    """Kill at once after the first values, then after one more step each, four times."""
    entry = hass.config_entries.async_get_entry(way.entry_id)
    assert entry is not None
    year = Year(hass, storage, way)
    for lived in range(4):
        for _ in range(lived):
            await way.live(away=False)
        before, shown = places(hass, way.entry_id), energies(hass, way.entry_id)
        assert before
        await year.restart(killed=True)
        assert entry.state is ConfigEntryState.LOADED
        at_once = energies(hass, way.entry_id)
        for entity_id in shown.keys() & at_once.keys():
            assert at_once[entity_id] >= shown[entity_id] - 1e-9, entity_id
        await way.live(away=False)
        await way.live(away=False)
        after, again = places(hass, way.entry_id), energies(hass, way.entry_id)
        assert before.items() <= after.items()
        most = way.most_power / 3.6e6 * (2 * way.seconds + 120)
        for entity_id, energy in shown.items():
            assert entity_id in again, entity_id
            assert energy - 1e-9 <= again[entity_id] <= energy + most, entity_id


async def test_a_smart_meter(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(BEGIN)
    way = MeterWay(hass, freezer, 10)
    await way.begin()
    await attack(hass, hass_storage, way)


async def test_a_smartlog(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(BEGIN)
    way = SmartLogWay(hass, freezer)
    await way.begin()
    await attack(hass, hass_storage, way)
    # Totals are there again before the next report.
    await Year(hass, hass_storage, way).restart(killed=True)
    assert len(energies(hass, way.entry_id)) == 4


@pytest.mark.parametrize("backwards", [False, True])
async def test_two_meters_do_not_change_places(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    backwards: bool,
) -> None:
    """The order of a report after the cut is another one."""
    freezer.move_to(BEGIN)
    way = SmartLogWay(hass, freezer)
    await way.begin()
    year = Year(hass, hass_storage, way)
    before = energies(hass, way.entry_id)
    await year.restart(killed=True)
    if backwards:
        way.stands = dict(reversed(way.stands.items()))
    await way.live(away=False)
    after = energies(hass, way.entry_id)
    for entity_id, energy in before.items():
        assert energy <= after[entity_id] <= energy + 2, entity_id


async def test_a_system_in_the_cloud(
    recorder_mock: Recorder, home: Home, hass_storage: dict[str, Any]
) -> None:
    way = CloudWay(home)
    await way.begin()
    await attack(home.hass, hass_storage, way)
    assert home.cloud.count("login-actions/authenticate") == 1  # the tokens were on the disk


async def test_a_senec_on_the_local_network(
    recorder_mock: Recorder, site: Site, hass_storage: dict[str, Any]
) -> None:
    way = SenecWay(site)
    await way.begin()
    await attack(site.hass, hass_storage, way)


async def test_a_gx(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(BEGIN)
    way = GxWay(hass, mqtt_mock, freezer, 10)
    await way.begin()
    await attack(hass, hass_storage, way)
