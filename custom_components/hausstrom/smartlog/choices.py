"""What the user decided about meters: their totals, an exchange, how many may appear."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant, callback

from ..coordinator import HausstromConfigEntry
from .const import (
    CONF_AREAS_BY_LABEL,
    CONF_REPLACED,
    CONF_REPLACEMENT,
    CONF_RESTORE_METERS,
    CONF_TOTALS,
)
from .devices import Devices
from .protocol.changes import MeterChanges
from .protocol.gateway import Gateway

_ONCE = (CONF_RESTORE_METERS, CONF_REPLACED, CONF_REPLACEMENT)
"""Options that are orders: carried out, and forgotten."""


@callback
def async_take_choices(
    hass: HomeAssistant, entry: HausstromConfigEntry, gateway: Gateway, devices: Devices
) -> bool:
    """Do what the options of an entry say; return whether meters are others now."""
    options: Mapping[str, Any] = entry.options
    changed = _take_totals(options.get(CONF_TOTALS, []), gateway, devices)
    if wanted := options.get(CONF_RESTORE_METERS):
        gateway.bring_back(wanted)
        changed = True
    if old := options.get(CONF_REPLACED):
        removed = gateway.replace(old, options.get(CONF_REPLACEMENT, ""))
        if removed is not None:
            devices.remove(removed)
        changed = True
    if options.get(CONF_AREAS_BY_LABEL):
        for meter in gateway.wanted:
            devices.place_by_label(meter)
    if any(name in options for name in _ONCE):
        kept = {name: value for name, value in options.items() if name not in _ONCE}
        hass.config_entries.async_update_entry(entry, options=kept)
    return changed


def _take_totals(chosen: list[str], gateway: Gateway, devices: Devices) -> bool:
    """Make the chosen registers (`uid/key`) the totals of their meters."""
    choices = dict(one.split("/", 1) for one in chosen if "/" in one)
    changed = False
    for uid, meter in gateway.meters.items():
        if meter.choice == choices.get(uid):
            continue
        meter.choice = choices.get(uid)
        changes = MeterChanges()
        meter.choose_registers(changes)
        for point in changes.demoted:
            devices.set_enabled(meter, point, enabled=False)
        changed = True
    return changed
