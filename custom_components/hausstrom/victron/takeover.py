"""Another GX in the place of the one that an entry belongs to."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN


async def async_take_over(
    hass: HomeAssistant, entry: ConfigEntry, portal_id: str, data: Mapping[str, Any]
) -> None:
    """Make an entry, its devices and its entities those of the GX with a portal id.

    The devices behind the GX are found again by their serial numbers, or by their places. Entity
    ids, statistics and the counters of our own (which are kept by entry) go on.
    """
    former, new = f"{entry.unique_id}", f"victron_{portal_id}"
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    devices = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        identifiers = {
            (domain, _renamed(identifier, former, new) if domain == DOMAIN else identifier)
            for domain, identifier in device.identifiers
        }
        devices.async_update_device(device.id, new_identifiers=identifiers)
    entities = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
        entities.async_update_entity(
            entity.entity_id, new_unique_id=_renamed(entity.unique_id, former, new)
        )
    hass.config_entries.async_update_entry(entry, unique_id=new, data=dict(data))
    hass.config_entries.async_schedule_reload(entry.entry_id)


def _renamed(name: str, former: str, new: str) -> str:
    return new + name.removeprefix(former) if name.startswith(former) else name
