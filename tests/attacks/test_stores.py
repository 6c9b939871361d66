"""What is on disk may be anything: the entry starts, and does not retry for ever.

Every file of every kind, as a living entry left it: damaged, of a newer release, somebody else's, twisted
inside; and a disk that takes nothing. What was known outside of the file is there again.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from tests.senec.cloud.conftest import Home, home
from tests.senec.local.conftest import Site, site
from tests.smartlog.conftest import _subscribed_at_once
from tests.years.books import Way, Year
from tests.years.conftest import enable_event_loop_debug, expected_lingering_timers
from tests.years.ways import CloudWay, GxWay, MeterWay, SenecWay, SmartLogWay

__all__ = [
    "_subscribed_at_once",
    "enable_event_loop_debug",
    "expected_lingering_timers",
    "home",
    "site",
]

BEGIN: Final = "2026-06-21 12:00:10+00:00"


def twisted(content: Any, leaf: object) -> Any:
    """Return the same tree with another kind of thing at every leaf."""
    if isinstance(content, dict):
        return {key: twisted(value, leaf) for key, value in content.items()}
    if isinstance(content, list):
        return [twisted(value, leaf) for value in content]
    return leaf


def flattened(content: Any) -> Any:
    """Return the same keys, with a number where a tree was."""
    return dict.fromkeys(content, 7) if isinstance(content, dict) else 7


DAMAGES: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "newer": lambda store: {**store, "version": 99},
    "foreign list": lambda store: {**store, "data": [1, 2]},
    "foreign text": lambda store: {**store, "data": "nothing of ours"},
    "foreign tree": lambda store: {**store, "data": {"x": {"y": [None]}}},
    "empty": lambda store: {**store, "data": {}},
    "none inside": lambda store: {**store, "data": twisted(store["data"], None)},
    "text inside": lambda store: {**store, "data": twisted(store["data"], "x" * 300)},
    "huge inside": lambda store: {**store, "data": twisted(store["data"], 2**64 - 1)},
    "not a number inside": lambda store: {**store, "data": twisted(store["data"], float("nan"))},
    "negative inside": lambda store: {**store, "data": twisted(store["data"], -1e300)},
    "lists inside": lambda store: {**store, "data": twisted(store["data"], [[[]]])},
    "flat": lambda store: {**store, "data": flattened(store["data"])},
}


def energies(hass: HomeAssistant, entry_id: str) -> dict[str, float]:
    """Return what the energy entities of an entry show, by entity."""
    shown = {}
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry_id):
        state = hass.states.get(entity.entity_id)
        if (
            state is not None
            and state.attributes.get("device_class") == "energy"
            and state.attributes.get("state_class") == "total_increasing"
            and state.state not in {STATE_UNKNOWN, STATE_UNAVAILABLE}
        ):
            shown[entity.entity_id] = float(state.state)
    return shown


async def attack(hass: HomeAssistant, storage: dict[str, Any], way: Way) -> None:
    """Start with every file damaged in every way, one after the other; then with a full disk."""
    year = Year(hass, storage, way)
    for _ in range(2):
        await way.live(away=False)
    await year.restart(killed=False)
    await way.live(away=False)
    stores = [name for name in storage if name.startswith(DOMAIN) and "energy_offer" not in name]
    assert stores, "this kind keeps nothing: what is attacked here?"
    entry = hass.config_entries.async_get_entry(way.entry_id)
    assert entry is not None
    for name in stores:
        for damage, apply in DAMAGES.items():
            good = deepcopy(storage[name])
            before = energies(hass, way.entry_id)
            await hass.config_entries.async_unload(way.entry_id)
            await year.settle()
            storage[name] = apply(good)
            await way.start()
            await way.live(away=False)
            assert entry.state is ConfigEntryState.LOADED, (name, damage)
            after = energies(hass, way.entry_id)
            for entity_id in before.keys() & after.keys():
                # The recorder knows what the file has lost, and no leap comes of what it holds.
                assert after[entity_id] >= before[entity_id] * 0.99 - 0.2, (name, damage, entity_id)
                assert after[entity_id] <= before[entity_id] * 1.5 + 100, (name, damage, entity_id)
            if name not in storage or storage[name]["version"] == 99:
                storage[name] = good
    with patch.object(Store, "_async_write_data", side_effect=WriteError("no space left")):
        await hass.config_entries.async_reload(way.entry_id)
        await way.live(away=False)
        assert entry.state is ConfigEntryState.LOADED
        await hass.config_entries.async_reload(way.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_a_smart_meter(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(BEGIN)
    way = MeterWay(hass, freezer)
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


async def test_a_system_in_the_cloud(
    recorder_mock: Recorder, home: Home, hass_storage: dict[str, Any]
) -> None:
    way = CloudWay(home)
    await way.begin()
    await attack(home.hass, hass_storage, way)


async def test_a_senec_on_the_local_network(
    recorder_mock: Recorder, site: Site, hass_storage: dict[str, Any]
) -> None:
    way = SenecWay(site, 60)
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
