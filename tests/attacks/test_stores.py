"""What is on disk may be anything: the entry starts, and does not retry for ever.

Every file of every kind, as a living entry left it: damaged, of a newer release, somebody else's, twisted
inside; a full disk, and one that turned read-only. What was known outside of the file is there again.
"""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, Final
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError

from custom_components.hausstrom.const import DOMAIN
from tests.senec.cloud.conftest import Home
from tests.senec.local.conftest import Site
from tests.years.books import Year
from tests.years.fixtures import Ways


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


DISKS: Final = (
    WriteError("no space left"),
    OSError(errno.EROFS, "Read-only file system"),
)
"""What Home Assistant's store raises on a full disk, and on one that turned read-only."""


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


@contextmanager
def no_disk(trouble: Exception) -> Iterator[None]:
    """Have nothing of ours written nor deleted; Home Assistant's own files are its own affair."""
    usual, removal = Store._async_write_data, Store.async_remove

    async def write(store: Store[Any], content: dict[str, Any]) -> None:
        if store.key.startswith(DOMAIN):
            raise trouble
        await usual(store, content)

    async def remove(store: Store[Any]) -> None:
        if store.key.startswith(DOMAIN) and not isinstance(trouble, WriteError):
            raise trouble
        await removal(store)

    with (
        patch.object(Store, "_async_write_data", write),
        patch.object(Store, "async_remove", remove),
    ):
        yield


def unwritten(hass: HomeAssistant) -> list[str]:
    """Return the repair issues that say that something could not be saved."""
    return [
        issue.issue_id
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "store_unwritten" and issue.active
    ]


async def reload_and_live(year: Year[Any]) -> None:
    """Reload, and have enough told that there is something to keep."""
    await year.hass.config_entries.async_reload(year.way.entry_id)
    await year.settle()
    for _ in range(3):
        await year.way.live(away=False)


async def attack(year: Year[Any]) -> None:
    """Start with every file damaged in every way, one after the other; then on no disk."""
    hass, storage, way = year.hass, year.storage, year.way
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
    for trouble in DISKS:
        with no_disk(trouble):
            for _ in range(2):
                await reload_and_live(year)
                assert entry.state is ConfigEntryState.LOADED, trouble
            assert unwritten(hass), trouble
        await reload_and_live(year)
        assert not unwritten(hass), trouble
    with no_disk(DISKS[1]):
        await hass.config_entries.async_remove(way.entry_id)
    assert hass.config_entries.async_get_entry(way.entry_id) is None


async def test_a_smart_meter(ways: Ways) -> None:
    year = await ways.meter()
    await attack(year)


async def test_a_smartlog(ways: Ways) -> None:
    year = await ways.smartlog()
    await attack(year)


async def test_a_system_in_the_cloud(ways: Ways, home: Home) -> None:
    year = await ways.cloud(home)
    await attack(year)


async def test_a_senec_on_the_local_network(ways: Ways, site: Site) -> None:
    year = await ways.senec(site, 60)
    await attack(year)


async def test_a_gx(ways: Ways) -> None:
    year = await ways.gx(10)
    await attack(year)


async def test_a_smartlog_that_posts(ways: Ways) -> None:
    await attack(await ways.smartlog_that_posts())


async def test_a_system_of_senec_connect(ways: Ways, home: Home) -> None:
    await attack(await ways.connect(home))
