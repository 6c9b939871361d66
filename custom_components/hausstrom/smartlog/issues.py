"""What only the user can sort out about a SmartLog."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..coordinator import HausstromConfigEntry


@callback
def async_report_foreign(hass: HomeAssistant, entry: HausstromConfigEntry, gateway_id: str) -> None:
    """Tell the user that another SmartLog reports to this entry."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"foreign_smartlog_{entry.entry_id}",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="foreign_smartlog",
        translation_placeholders={"name": entry.title, "gateway_id": gateway_id},
    )


@callback
def async_clear_foreign(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw that; it comes again if the other SmartLog does."""
    ir.async_delete_issue(hass, DOMAIN, f"foreign_smartlog_{entry.entry_id}")
