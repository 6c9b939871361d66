"""Errors of SENEC's services as a person reads them."""

from collections.abc import Mapping
from typing import Final

from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from .protocol.errors import Reason, SenecServiceError

EXCEPTION_KEYS: Final[Mapping[Reason, str]] = {
    Reason.AUTH: "senec_auth",
    Reason.TOTP_REQUIRED: "senec_totp_required",
    Reason.TOTP_NOT_ENROLLED: "senec_totp_required",
    Reason.TOTP_REFUSED: "senec_totp_refused",
    Reason.LOCKED: "senec_locked",
    Reason.PAGE: "senec_page",
    Reason.SPENT: "senec_spent",
    Reason.MAINTENANCE: "senec_maintenance",
    Reason.RATE_LIMIT: "senec_rate_limit",
    Reason.SESSION: "senec_forbidden",
    Reason.FORBIDDEN: "senec_forbidden",
    Reason.NOT_FOUND: "senec_not_found",
    Reason.REFUSED: "senec_refused",
    Reason.NOT_CONFIRMED: "senec_not_confirmed",
    Reason.SERVER: "senec_cloud_unreachable",
    Reason.UNREACHABLE: "senec_cloud_unreachable",
    Reason.BAD_ANSWER: "senec_bad_answer",
    Reason.STALE: "senec_stale",
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
