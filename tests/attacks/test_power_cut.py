"""SIGKILL at any moment: nothing changes places, nothing falls, and a minute of counting is lost at most.

What is on disk and in the recorder at that moment is all there is afterwards.
"""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from tests.senec.cloud.conftest import Home
from tests.senec.local.conftest import Site
from tests.years.books import Year
from tests.years.fixtures import Ways

from .test_stores import energies


def places(hass: HomeAssistant, entry_id: str) -> dict[str, tuple[str, str | None]]:
    """Return what each entity is and whose it is: entity id and serial number, by unique id."""
    devices = dr.async_get(hass)
    found = {}
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry_id):
        device = devices.async_get(entity.device_id or "")
        found[entity.unique_id] = (entity.entity_id, getattr(device, "serial_number", None))
    return found


async def attack(year: Year[Any]) -> None:
    """Kill at once after the first values, then after one more step each, four times."""
    hass, way = year.hass, year.way
    entry = hass.config_entries.async_get_entry(way.entry_id)
    assert entry is not None
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


async def test_a_smart_meter(ways: Ways) -> None:
    year = await ways.meter(10)
    await attack(year)


async def test_a_smartlog(ways: Ways) -> None:
    year = await ways.smartlog()
    way = year.way
    await attack(year)
    # Totals are there again before the next report.
    await year.restart(killed=True)
    assert len(energies(ways.hass, way.entry_id)) == 4


@pytest.mark.parametrize("backwards", [False, True])
async def test_two_meters_do_not_change_places(ways: Ways, backwards: bool) -> None:
    """The order of a report after the cut is another one."""
    year = await ways.smartlog()
    way = year.way
    before = energies(ways.hass, way.entry_id)
    await year.restart(killed=True)
    if backwards:
        way.stands = dict(reversed(way.stands.items()))
    await way.live(away=False)
    after = energies(ways.hass, way.entry_id)
    for entity_id, energy in before.items():
        assert energy <= after[entity_id] <= energy + 2, entity_id


async def test_a_system_in_the_cloud(ways: Ways, home: Home) -> None:
    year = await ways.cloud(home)
    await attack(year)
    assert home.cloud.count("login-actions/authenticate") == 1  # the tokens were on the disk


async def test_a_senec_on_the_local_network(ways: Ways, site: Site) -> None:
    year = await ways.senec(site)
    await attack(year)


async def test_a_gx(ways: Ways) -> None:
    year = await ways.gx(10)
    await attack(year)


async def test_a_smartlog_that_posts(ways: Ways) -> None:
    await attack(await ways.smartlog_that_posts())


async def test_a_system_of_senec_connect(ways: Ways, home: Home) -> None:
    await attack(await ways.connect(home))
