"""Which door of the account is closed, told where the user looks: one repair issue for each.

A closed app needs the user's sign-in, so Home Assistant asks for it; a closed mein-senec.de does
not, for no answer to that question could open it: the user has to see to it there.
"""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ...const import DOMAIN
from ...coordinator import HausstromConfigEntry
from ..exceptions import NO_TITLE
from ..protocol.errors import SenecServiceError, ServiceReason
from .protocol.doors import Door

SITE_KEYS: Final[Mapping[ServiceReason, str]] = {
    ServiceReason.TOTP_NOT_ENROLLED: "senec_site_second_factor",
    ServiceReason.TOTP_REQUIRED: "senec_site_second_factor",
    ServiceReason.TOTP_REFUSED: "senec_site_sign_in",
    ServiceReason.AUTH: "senec_site_sign_in",
    ServiceReason.LOCKED: "senec_site_sign_in",
    ServiceReason.SPENT: "senec_site_page",
    ServiceReason.PAGE: "senec_site_page",
    ServiceReason.BAD_ANSWER: "senec_site_page",
}
APP_KEYS: Final[Mapping[ServiceReason, str]] = {
    ServiceReason.TOTP_NOT_ENROLLED: "senec_app_page",
    ServiceReason.PAGE: "senec_app_page",
    ServiceReason.BAD_ANSWER: "senec_app_page",
}
KEYS: Final = {Door.SITE: SITE_KEYS, Door.APP: APP_KEYS}


@callback
def async_tell_of_door(
    hass: HomeAssistant, entry: HausstromConfigEntry, door: Door, error: SenecServiceError
) -> None:
    """Say that a door is closed, and which page was met."""
    if (key := KEYS[door].get(error.reason)) is None:
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry, door),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders={"name": entry.title, "page": error.page or NO_TITLE},
    )


@callback
def async_door_is_open(hass: HomeAssistant, entry: HausstromConfigEntry, door: Door) -> None:
    """Withdraw what was said and asked of a door."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry, door))
    if door is Door.APP:
        for flow in entry.async_get_active_flows(hass, {SOURCE_REAUTH}):
            hass.config_entries.flow.async_abort(flow["flow_id"])


@callback
def async_forget_doors(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw everything: the entry is unloaded or deleted."""
    for door in Door:
        ir.async_delete_issue(hass, DOMAIN, _issue_id(entry, door))


def _issue_id(entry: HausstromConfigEntry, door: Door) -> str:
    return f"senec_{door.value}_{entry.entry_id}"
