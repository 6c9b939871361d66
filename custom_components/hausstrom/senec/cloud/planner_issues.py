"""What only the user can put right, and when it is."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ...const import DOMAIN
from ...coordinator import HausstromConfigEntry

NEEDS: Final = "planner_needs"  # peak power or export limit
STUCK: Final = "planner_stuck"  # the way back fails for an hour
NO_EFFECT: Final = "planner_failed"  # the lever does nothing
LEFT_BEHIND: Final = "planner_left_behind"  # the entry was deleted, and SENEC could not be reached


@callback
def async_tell(hass: HomeAssistant, entry: HausstromConfigEntry, name: str) -> None:
    """Tell the user; what outlives the entry outlives a restart too."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{name}_{entry.entry_id}",
        is_fixable=False,
        is_persistent=name == LEFT_BEHIND,
        severity=ir.IssueSeverity.WARNING,
        translation_key=name,
        translation_placeholders={"name": entry.title},
    )


@callback
def async_take_back(hass: HomeAssistant, entry: HausstromConfigEntry, *names: str) -> None:
    """Take back what is put right."""
    for name in names:
        ir.async_delete_issue(hass, DOMAIN, f"{name}_{entry.entry_id}")
