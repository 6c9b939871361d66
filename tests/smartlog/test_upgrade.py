"""What the version before has stored goes on: keys, unique ids, values."""

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN

from .build import GATEWAY, NOW, data, meter, muc
from .conftest import MQTT_DATA, make_entry, publish, set_up


@pytest.fixture(autouse=True)
def _clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2026-09-21 14:13:20+00:00")


def old_point(key: str, raw: object, *texts: str, **flags: bool) -> list[Any]:
    """Return a point as the version before wrote it: seven fields."""
    signature = [*texts, *[""] * (11 - len(texts))]
    return [key, signature, raw, NOW - 900, flags.get("ambiguous", False),
            flags.get("historic", False), False]  # fmt: skip


OLD = {
    "version": 1,
    "minor_version": 1,
    "key": "x",
    "data": {
        "gateway": {
            "version": "1f6",
            "removed": ["00000009"],
            "meters": [
                {
                    "uid": "00000001", "id": "00000001", "interface": "02", "manufacturer": "BMT",
                    "version": "", "medium": "Electricity", "label": "Flat 1", "last": NOW - 900,
                    "fresh": NOW - 900, "intervals": [900, 900],
                    "points": [
                        old_point("energy_kwh", "5000", "", "Energy", "kWh", "1", ambiguous=True),
                        old_point("energy_kwh_2", "3000", "", "Energy", "kWh", "1", ambiguous=True),
                        old_point("energy_wh", "5000000", "", "Energie", "Wh", "1"),
                        old_point("power_w", "12", "", "Power", "W", "1"),
                    ],
                },
                {
                    "uid": "00000002", "id": "00000002", "interface": "05", "manufacturer": "",
                    "version": "", "medium": "Heat cost allocator", "label": "", "last": NOW - 900,
                    "fresh": NOW - 900, "intervals": [],
                    "points": [
                        old_point("units_for_hca", "100", "", "Units for HCA", "", "1",
                                  historic=True),
                        old_point("units_for_hca_2", "120", "", "Units for HCA", "", "1"),
                    ],
                },
            ],
        }
    },
}  # fmt: skip


async def test_entities_of_the_version_before_go_on(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, hass_storage: dict[str, Any]
) -> None:
    entry = make_entry(hass, MQTT_DATA)
    hass_storage[f"hausstrom.smartlog.{entry.entry_id}"] = OLD
    registry = er.async_get(hass)
    ids = {}
    for key in ("00000001_energy_kwh", "00000001_energy_kwh_2", "00000001_energy_wh",
                "00000001_power_w", "00000002_units_for_hca", "00000002_units_for_hca_2"):  # fmt: skip
        nameless = key.startswith("00000001_energy_kwh")
        ids[key] = registry.async_get_or_create(
            "sensor", DOMAIN, f"smartlog_{GATEWAY}_{key}", config_entry=entry,
            disabled_by=er.RegistryEntryDisabler.INTEGRATION
            if nameless or key == "00000002_units_for_hca" else None,
        ).entity_id  # fmt: skip
    await set_up(hass, entry)
    before = len(er.async_entries_for_config_entry(registry, entry.entry_id))
    await publish(
        hass,
        muc(
            meter("00000001", data("Energy", 5002), data("Energy", 3001),
                  data("Energie", 5_002_000, "Wh"), data("Power", 14, "W"), USER="Flat 1"),
            meter("00000002",
                  data("Units for HCA", 121, "", medium="Heat cost allocator"),
                  data("Units for HCA", 100, "", medium="Heat cost allocator",
                       device_time=NOW - 200 * 86_400), interface="05"),
        ),
    )  # fmt: skip
    # Nothing is new, whatever order things came in.
    assert len(er.async_entries_for_config_entry(registry, entry.entry_id)) == before
    values = entry.runtime_data.data
    assert values["00000001_energy_kwh"] == 5002
    assert values["00000001_energy_kwh_2"] == 3001
    # An entity that was made in Wh stays in Wh: its statistics are in that unit.
    assert values["00000001_energy_wh"] == 5_002_000
    assert values["00000002_units_for_hca_2"] == 121
    assert values["00000002_units_for_hca"] == 100
    # The register of a nameless group is there to be seen now.
    first = registry.async_get(ids["00000001_energy_kwh"])
    assert first is not None
    shown = [registry.async_get(one) for one in ids.values()]
    enabled = {one.unique_id for one in shown if one is not None and one.disabled_by is None}
    assert f"smartlog_{GATEWAY}_00000001_energy_wh" in enabled
    assert f"smartlog_{GATEWAY}_00000002_units_for_hca_2" in enabled
    assert entry.runtime_data.removed_meters == ["00000009"]
