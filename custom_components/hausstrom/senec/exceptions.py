"""Errors of SENEC's services as a person reads them."""

from collections.abc import Mapping
from typing import Final

from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from .protocol.errors import SenecServiceError, ServiceReason

EXCEPTION_KEYS: Final[Mapping[ServiceReason, str]] = {
    ServiceReason.AUTH: "senec_auth",
    ServiceReason.TOTP_REQUIRED: "senec_totp_required",
    ServiceReason.TOTP_NOT_ENROLLED: "senec_totp_required",
    ServiceReason.TOTP_REFUSED: "senec_totp_refused",
    ServiceReason.LOCKED: "senec_locked",
    ServiceReason.PAGE: "senec_page",
    ServiceReason.SPENT: "senec_spent",
    ServiceReason.MAINTENANCE: "senec_maintenance",
    ServiceReason.RATE_LIMIT: "senec_rate_limit",
    ServiceReason.SESSION: "senec_forbidden",
    ServiceReason.FORBIDDEN: "senec_forbidden",
    ServiceReason.NOT_FOUND: "senec_not_found",
    ServiceReason.REFUSED: "senec_refused",
    ServiceReason.NOT_CONFIRMED: "senec_not_confirmed",
    ServiceReason.SERVER: "senec_cloud_unreachable",
    ServiceReason.UNREACHABLE: "senec_cloud_unreachable",
    ServiceReason.BAD_ANSWER: "senec_bad_answer",
    ServiceReason.STALE: "senec_stale",
}
NO_TITLE: Final = "?"


def placeholders_of(error: SenecServiceError) -> dict[str, str]:
    """Return what the texts leave open: the server's own words, and a page's title."""
    return {"answer": error.detail, "page": error.page or NO_TITLE}


def translated(error: SenecServiceError) -> HomeAssistantError:
    """Return the error that a person reads: what happened, and SENEC's own words if any."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=EXCEPTION_KEYS[error.reason],
        translation_placeholders=placeholders_of(error),
    )
