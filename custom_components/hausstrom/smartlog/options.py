"""The options of a SmartLog: what appears by itself, which registers count, what replaced what."""

from collections.abc import Mapping
from typing import Any

import probatio as vol
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..coordinator import HausstromConfigEntry
from .const import (
    CONF_AREAS_BY_LABEL,
    CONF_AUTO_CREATE,
    CONF_MOST_METERS,
    CONF_REPLACED,
    CONF_REPLACEMENT,
    CONF_RESTORE_METERS,
    CONF_STALE_AFTER,
    CONF_TOTALS,
)
from .protocol.meter import Meter


def options_schema(entry: HausstromConfigEntry) -> vol.Schema:
    """Return the options of a SmartLog: what appears by itself, and when values are stale."""
    hours = NumberSelector(
        NumberSelectorConfig(
            min=0, max=8760, step=0.5, unit_of_measurement="h", mode=NumberSelectorMode.BOX
        )
    )
    fields: dict[Any, Any] = {
        vol.Required(CONF_AUTO_CREATE, default=True): BooleanSelector(),
        vol.Optional(CONF_STALE_AFTER): hours,
        vol.Optional(CONF_MOST_METERS): NumberSelector(
            NumberSelectorConfig(min=1, max=2000, step=1, mode=NumberSelectorMode.BOX)
        ),
        vol.Optional(CONF_AREAS_BY_LABEL): BooleanSelector(),
    }
    coordinator = getattr(entry, "runtime_data", None)
    meters: list[Meter] = getattr(coordinator, "meters", [])
    names = {meter.uid: meter.name for meter in meters}
    totals = {
        f"{meter.uid}/{point.key}": f"{meter.name}: {point.name}"
        for meter in meters
        for point in meter.rivals
    }
    removed: list[str] = getattr(coordinator, "removed_meters", [])
    if totals:
        fields[vol.Optional(CONF_TOTALS)] = _choice(totals, multiple=True)
    if names:
        fields[vol.Optional(CONF_REPLACED)] = _choice(names)
        fields[vol.Optional(CONF_REPLACEMENT)] = _choice(names)
    if removed:
        fields[vol.Optional(CONF_RESTORE_METERS)] = SelectSelector(
            SelectSelectorConfig(options=removed, multiple=True)
        )
    return vol.Schema(fields)


def _choice(names: dict[str, str], *, multiple: bool = False) -> SelectSelector:
    """Return a list to select from: values with the names that people know them by."""
    options = [SelectOptionDict(value=value, label=label) for value, label in names.items()]
    return SelectSelector(
        SelectSelectorConfig(
            options=options, multiple=multiple, mode=SelectSelectorMode.DROPDOWN, sort=True
        )
    )


def check_options(entry: HausstromConfigEntry, options: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the options: a replacement without what it replaces."""
    replacement = options.get(CONF_REPLACEMENT)
    if replacement and not options.get(CONF_REPLACED):
        return {CONF_REPLACED: "replaced_missing"}
    if replacement and replacement == options.get(CONF_REPLACED):
        return {CONF_REPLACEMENT: "replaced_by_itself"}
    return {}
