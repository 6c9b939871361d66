"""Diagnostics: what helps in a bug report, without what nobody else should know."""

from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import (
    CONF_API_KEY,
    CONF_HOST,
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_USERNAME,
    CONF_WEBHOOK_ID,
)
from homeassistant.core import HomeAssistant

from .const import CONF_CERTIFICATE
from .coordinator import HausstromConfigEntry

TO_REDACT: Final = frozenset(
    {
        CONF_API_KEY,
        CONF_CERTIFICATE,
        CONF_HOST,
        CONF_PASSWORD,
        CONF_TOKEN,
        CONF_USERNAME,
        CONF_WEBHOOK_ID,
        "address",
        "control_unit_number",
        "gateway_id",
        "key",
        "meter_number",
        "portal_id",
        "serial",
        "serial_number",
        "smartlog_id",
        "system_id",
        "system_title",
        "tokens",
        "totp_secret",
        "title",
        "unique_id",
    }
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: HausstromConfigEntry
) -> dict[str, Any]:
    """Return an entry's settings, its counts and its readings."""
    about = {"data": dict(entry.data), "options": dict(entry.options)}
    if entry.state is not ConfigEntryState.LOADED:
        # An entry that does not come up is what most bug reports are about.
        reason = entry.error_reason_translation_key
        return async_redact_data(
            {"entry": about, "state": entry.state.value, "last_error": reason}, TO_REDACT
        )
    coordinator = entry.runtime_data
    return async_redact_data(
        {
            "entry": about,
            "available": coordinator.available,
            "last_error": _kind_of(coordinator.last_exception),
            "device": coordinator.diagnostics(),
            "readings": {
                key: str(value)
                for key, value in sorted(coordinator.readings_for_diagnostics().items())
            },
        },
        TO_REDACT,
    )


def _kind_of(error: BaseException | None) -> str | None:
    """Name an error without its text, which may hold an address."""
    if error is None:
        return None
    key = getattr(error, "translation_key", None)
    return f"{type(error).__name__}({key})" if key else type(error).__name__
