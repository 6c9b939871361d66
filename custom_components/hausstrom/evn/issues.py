"""What the user should know of a meter that is heard and not believed."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_TOPIC, DOMAIN
from ..coordinator import HausstromConfigEntry
from .protocol.plausibility import quantity_of
from .protocol.refusals import Cause, Complaint

_FELL: Final = "register_fell"
FOREIGN: Final = "foreign_meter"
_BY_CAUSE: Final = {
    cause: FOREIGN if cause is Cause.FOREIGN_METER else f"telegrams_{cause}" for cause in Cause
}


@callback
def async_complain(hass: HomeAssistant, entry: HausstromConfigEntry, complaint: Complaint) -> None:
    """Say why nothing is believed; what was said before of another cause goes.

    Where it is the values, the text names the quantity; the issue stays the same one.
    """
    key = _BY_CAUSE[complaint.cause]
    for other in _BY_CAUSE.values():
        if other not in {key, FOREIGN}:
            ir.async_delete_issue(hass, DOMAIN, f"{other}_{entry.entry_id}")
    _create(
        hass,
        entry,
        key,
        ir.IssueSeverity.ERROR,
        text=f"{key}_{quantity_of(complaint.detail)}"
        if complaint.cause is Cause.IMPLAUSIBLE
        else key,
        refused=str(complaint.refused),
        heard=str(complaint.heard),
        detail=complaint.detail,
    )


@callback
def async_stop_complaining(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw all of that: telegrams are believed again."""
    for key in _BY_CAUSE.values():
        if key != FOREIGN:
            ir.async_delete_issue(hass, DOMAIN, f"{key}_{entry.entry_id}")


@callback
def async_report_foreign_meter(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Tell the user that another meter sends on the topic."""
    _create(hass, entry, FOREIGN, ir.IssueSeverity.WARNING)


@callback
def async_clear_foreign_meter(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw that; it comes again if the other meter does."""
    ir.async_delete_issue(hass, DOMAIN, f"{FOREIGN}_{entry.entry_id}")


@callback
def async_report_fall(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Ask the user what a register means that has shown less than before for long."""
    _create(hass, entry, _FELL, ir.IssueSeverity.WARNING)


@callback
def async_clear_fall(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw that: the register has caught up, or the user has answered."""
    ir.async_delete_issue(hass, DOMAIN, f"{_FELL}_{entry.entry_id}")


@callback
def async_clear_all(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw everything that was said about a meter."""
    async_stop_complaining(hass, entry)
    async_clear_foreign_meter(hass, entry)
    async_clear_fall(hass, entry)


def _create(
    hass: HomeAssistant,
    entry: HausstromConfigEntry,
    key: str,
    severity: ir.IssueSeverity,
    text: str = "",
    **placeholders: str,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{key}_{entry.entry_id}",
        is_fixable=False,
        severity=severity,
        translation_key=text or key,
        translation_placeholders={
            "name": entry.title,
            "topic": entry.data.get(CONF_TOPIC) or entry.data.get("port", ""),
            **placeholders,
        },
    )
