"""The action that fills the energy dashboard, and the offer of it."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components.energy.data import EnergyManager, async_get_manager
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.hausstrom import async_remove_entry, async_setup, kinds
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.energy_dashboard.fill import sensors_of
from custom_components.hausstrom.energy_dashboard.offer import OFFER, async_offer

UNIQUE_ID = "evn_4b464d0000000000"


@pytest.fixture(autouse=True)
def energy(hass: HomeAssistant) -> Iterator[None]:
    """Pretend that the energy dashboard is set up: its data needs nothing else."""
    hass.config.components.add("energy")
    with patch("homeassistant.components.energy.data.EnergyManager.async_listen_updates"):
        yield


@pytest.fixture
async def entry(hass: HomeAssistant) -> MockConfigEntry:
    """Return the entry of a meter with its entities in the registry; it is not set up."""
    assert await async_setup_component(hass, DOMAIN, {})
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id=UNIQUE_ID, title="Smart meter", data={"kind": "evn"}
    )
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, UNIQUE_ID)}, name="Smart meter"
    )
    for key, device_class, state_class in (
        ("energy_import", "energy", "total_increasing"),
        ("energy_export", "energy", "total_increasing"),
        ("power", "power", "measurement"),
    ):
        er.async_get(hass).async_get_or_create(
            Platform.SENSOR,
            DOMAIN,
            f"{UNIQUE_ID}_{key}",
            suggested_object_id=key,
            config_entry=entry,
            device_id=device.id,
            original_device_class=device_class,
            capabilities={"state_class": state_class},
        )
    return entry


async def run(hass: HomeAssistant, **data: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN, "setup_energy_dashboard", data, blocking=True, return_response=True
    )


async def test_it_adds_and_says_so(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    response = await run(hass)
    assert response == {
        "dry_run": False,
        "added": [
            {
                "type": "grid",
                "device": "Smart meter",
                "statistics": ["sensor.energy_import", "sensor.energy_export", "sensor.power"],
            }
        ],
        "skipped": [],
    }
    manager = await async_get_manager(hass)
    assert manager.data is not None
    (source,) = manager.data["energy_sources"]
    assert source["type"] == "grid"
    # Home Assistant's own doing: the power of the dashboard's "now" is there.
    assert source["stat_rate"] == "sensor.power"


@pytest.mark.parametrize("broken", ["smartlog", "senec_local", "of_a_later_release"])
async def test_a_kind_that_does_not_load_takes_nothing_with_it(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    entry: MockConfigEntry,
    broken: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    load = kinds._load
    monkeypatch.setattr(kinds, "_FAILED", set())
    monkeypatch.delitem(kinds._LOADED, broken, raising=False)

    def fail(name: str) -> kinds.Kind:
        if name == broken:
            raise ImportError("libbroken.so: cannot open shared object file")
        return load(name)

    monkeypatch.setattr(kinds, "_load", fail)
    other = MockConfigEntry(domain=DOMAIN, unique_id="other", data={"kind": broken})
    other.add_to_hass(hass)
    response = await run(hass, dry_run=True)
    assert [source["type"] for source in response["added"]] == ["grid"]
    client = await hass_ws_client(hass)
    for _ in range(3):
        await client.send_json_auto_id({"type": "hausstrom/home"})
        answer = await client.receive_json()
        assert answer["success"]
        assert len(answer["result"]["missing"]) == 1
    assert caplog.text.count("does not load") == (0 if broken == "of_a_later_release" else 1)
    # Deleting the entry, and starting with it, works as well.
    await async_remove_entry(hass, other)
    assert await async_setup(hass, {})
    assert not await hass.config_entries.async_setup(other.entry_id)
    assert caplog.text.count("is left out") == 1
    # What is mended is used again, without a restart being needed for the others.
    monkeypatch.setattr(kinds, "_load", load)
    assert (await kinds.async_find_kind(hass, broken) is None) is (broken not in kinds.KINDS)


async def test_a_dry_run_changes_nothing(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    response = await run(hass, dry_run=True)
    assert response["dry_run"] is True
    assert len(response["added"]) == 1
    assert (await async_get_manager(hass)).data is None


async def test_twice_is_once(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await run(hass)
    response = await run(hass)
    assert response["added"] == []
    (skipped,) = response["skipped"]
    assert skipped["reason"] == "in_use"
    assert skipped["explanation"] == "Already used in the energy dashboard."


@pytest.mark.parametrize(("language", "word"), [("de", "doppelt"), ("it", "due volte")])
async def test_explanations_are_translated(
    hass: HomeAssistant, entry: MockConfigEntry, language: str, word: str
) -> None:
    hass.config.language = language
    manager = await async_get_manager(hass)
    await manager.async_update(
        {
            **EnergyManager.default_preferences(),
            "energy_sources": [
                {
                    "type": "grid",
                    "stat_energy_from": "sensor.other",
                    "stat_energy_to": None,
                    "stat_cost": None,
                    "entity_energy_price": None,
                    "number_energy_price": None,
                    "stat_compensation": None,
                    "entity_energy_price_export": None,
                    "number_energy_price_export": None,
                    "cost_adjustment_day": 0,
                }
            ],
        }
    )
    (skipped,) = (await run(hass))["skipped"]
    assert skipped["reason"] == "other_source"
    assert word in skipped["explanation"]
    assert "sensor.other" in skipped["explanation"]


async def test_without_an_energy_dashboard(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    hass.config.components.remove("energy")
    with pytest.raises(ServiceValidationError) as error:
        await run(hass)
    assert error.value.translation_key == "energy_dashboard_missing"
    await async_offer(hass)
    assert ir.async_get(hass).async_get_issue(DOMAIN, OFFER) is None


async def test_it_is_for_administrators(
    hass: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "setup_energy_dashboard",
            {},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_disabled_entities_do_not_count(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    registry = er.async_get(hass)
    registry.async_update_entity("sensor.power", disabled_by=er.RegistryEntryDisabler.USER)
    registry.async_get_or_create(Platform.SENSOR, DOMAIN, "deviceless", config_entry=entry)
    registry.async_get_or_create(Platform.BUTTON, DOMAIN, "button", config_entry=entry)
    assert [sensor.key for sensor in sensors_of(hass)] == ["energy_import", "energy_export"]
