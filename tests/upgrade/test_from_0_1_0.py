"""Entries, entities and stores that version 0.1.0 wrote, as a real start of it left them."""

import json
from copy import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_RESTORED, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from simulators.evn_telegram import KAIFA
from tests.evn.conftest import MeterInFrozenTime
from tests.senec.local.conftest import Site, site

__all__ = ["site"]

BEFORE: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "version_0_1_0.json").read_text()
)


def restored(
    hass: HomeAssistant, storage: dict[str, Any], kind: str, **data: Any
) -> MockConfigEntry:
    """Put an entry, its entities and its store where 0.1.0 left them."""
    before = BEFORE[kind]
    entry = MockConfigEntry(
        domain=DOMAIN,
        entry_id=before["entry_id"],
        unique_id=before["unique_id"],
        title=before["title"],
        data={**before["data"], **data},
        options=before["options"],
    )
    entry.add_to_hass(hass)
    registry = er.async_get(hass)
    for unique_id, entity_id in before["enabled"].items():
        domain, _, name = entity_id.partition(".")
        registry.async_get_or_create(
            domain, DOMAIN, unique_id, config_entry=entry, suggested_object_id=name
        )
    if before["store"]:
        storage[before["store"]["key"]] = before["store"]
    return entry


def assert_nothing_is_orphaned(hass: HomeAssistant, kind: str) -> None:
    """Each entity that was shown is there under its entity id, and belongs to a platform."""
    registry = er.async_get(hass)
    for unique_id, entity_id in BEFORE[kind]["enabled"].items():
        found = registry.async_get(entity_id)
        assert found is not None, entity_id
        assert found.unique_id == unique_id
        state = hass.states.get(entity_id)
        assert state is not None, entity_id
        assert not state.attributes.get(ATTR_RESTORED), entity_id


async def test_a_meter(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to("2026-11-26 16:00:00+00:00")
    entry = restored(hass, hass_storage, "evn")
    assert await hass.config_entries.async_setup(entry.entry_id)
    meter = MeterInFrozenTime(hass, freezer)
    meter.model = replace(KAIFA, system_title=bytes.fromhex(entry.data["system_title"]))
    for _ in range(3):
        await meter.send()
    assert_nothing_is_orphaned(hass, "evn")
    unique_id = f"{entry.unique_id}_energy_import"
    state = hass.states.get(BEFORE["evn"]["enabled"][unique_id])
    assert state is not None
    assert float(state.state) == pytest.approx(meter.state.energy_import, abs=20)


async def test_a_senec(site: Site, hass_storage: dict[str, Any]) -> None:
    running = site.device()
    entry = restored(site.hass, hass_storage, "senec_local", host=running.simulator.host)
    assert await site.hass.config_entries.async_setup(entry.entry_id)
    await site.settle()
    for _ in range(30):  # what the older release knew of the device is looked at anew
        await site.wait(10)
    assert entry.state is ConfigEntryState.LOADED
    assert_nothing_is_orphaned(site.hass, "senec_local")
    totals = BEFORE["senec_local"]["store"]["data"]["energy"]["totals"]
    for key, total in totals.items():
        shown = float(site.state(entry, key))
        assert total <= shown < total + 2, key


async def test_a_smartlog(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    store = BEFORE["smartlog"]["store"]
    meters = store["data"]["gateway"]["meters"]
    freezer.move_to(datetime.fromtimestamp(max(meter["last"] for meter in meters) + 60, tz=UTC))
    entry = restored(hass, hass_storage, "smartlog")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert_nothing_is_orphaned(hass, "smartlog")
    # Totals are there again before the next report.
    shown = [
        state.state
        for entity_id in BEFORE["smartlog"]["enabled"].values()
        if (state := hass.states.get(entity_id)) is not None
        and state.attributes.get("state_class") in ("total", "total_increasing")
    ]
    assert shown
    assert all(float(value) >= 0 for value in shown if value != STATE_UNAVAILABLE)
    assert STATE_UNAVAILABLE not in shown
