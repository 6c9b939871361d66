"""The question whether a device's new certificate is to be trusted: asked, and withdrawn."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .common.text import plain
from .const import CONF_BROKER, CONF_CERTIFICATE, DOMAIN
from .coordinator import HausstromConfigEntry
from .tls import fingerprint

CERTIFICATE_CHANGED: Final = "certificate_changed"


@callback
def async_report_certificate(hass: HomeAssistant, entry: HausstromConfigEntry, shown: str) -> None:
    """Ask the user whether the device's new certificate (PEM) is to be trusted."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{CERTIFICATE_CHANGED}_{entry.entry_id}",
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=CERTIFICATE_CHANGED,
        translation_placeholders={
            "name": plain(entry.title),
            "expected": fingerprint(pinned_certificate(entry)),
            "shown": fingerprint(shown),
        },
        data={"entry_id": entry.entry_id, CONF_CERTIFICATE: shown},
    )


@callback
def async_clear_certificate(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw the question: the device shows the certificate that is trusted."""
    ir.async_delete_issue(hass, DOMAIN, f"{CERTIFICATE_CHANGED}_{entry.entry_id}")


def pinned_certificate(entry: HausstromConfigEntry) -> str:
    """Return the certificate (PEM) that an entry trusts: its broker's or its device's."""
    certificate: str = certificate_holder(dict(entry.data))[CONF_CERTIFICATE]
    return certificate


def certificate_holder(data: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an entry's data that has the certificate, as a copy inside data."""
    if broker := data.get(CONF_BROKER):
        data[CONF_BROKER] = {**broker}
        holder: dict[str, Any] = data[CONF_BROKER]
        return holder
    return data
