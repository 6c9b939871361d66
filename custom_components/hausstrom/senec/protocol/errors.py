"""What can go wrong between us and SENEC's services."""

from enum import StrEnum
from typing import override


class ServiceReason(StrEnum):
    """Why a request was not answered as wanted; the caller decides by this alone."""

    AUTH = "auth"  # user name or password (or the key) refused: only the user can help
    TOTP_REQUIRED = "totp_required"  # SENEC asks for a one-time code and we have no secret
    TOTP_NOT_ENROLLED = "totp_not_enrolled"  # SENEC wants a second factor to be set up first
    TOTP_REFUSED = "totp_refused"  # the one-time code was refused
    LOCKED = "locked"  # too many sign-ins: the account is locked for a while
    PAGE = "page"  # after the password came a page (or nothing) that is not the way on
    SPENT = "spent"  # the session ended again, and today's password has been sent already
    MAINTENANCE = "maintenance"  # SENEC says that it is not at home
    RATE_LIMIT = "rate_limit"  # too many requests, or the month's budget is used up
    SESSION = "session"  # the token or the web session is no longer accepted
    FORBIDDEN = "forbidden"  # signed in, but this system or function is not ours
    NOT_FOUND = "not_found"
    REFUSED = "refused"  # a write was refused; the detail is the server's own answer
    NOT_CONFIRMED = "not_confirmed"  # a write was accepted, but the values read afterwards differ
    SERVER = "server"  # 5xx other than 503
    UNREACHABLE = "unreachable"  # no connection, or no answer in time
    BAD_ANSWER = "bad_answer"  # answered with something that we cannot read
    STALE = "stale"  # the values are too old: the system does not report to SENEC


# After these, another try without the user would only do harm.
ONLY_THE_USER_CAN_HELP = frozenset(
    {
        ServiceReason.AUTH,
        ServiceReason.TOTP_REQUIRED,
        ServiceReason.TOTP_NOT_ENROLLED,
        ServiceReason.TOTP_REFUSED,
        ServiceReason.LOCKED,
        ServiceReason.PAGE,
        ServiceReason.SPENT,
    }
)


class SenecServiceError(Exception):
    """A request that was not answered as wanted: a machine-readable reason and a detail.

    The detail is fit for a log: it never has a token, a password, a query or an address in it.
    `retry_after` are the seconds that the server asked us to wait, where it did; `page` is the
    title of the page that stood in the way, for the user to look for; `status` the HTTP status.
    """

    def __init__(
        self,
        reason: ServiceReason,
        detail: str = "",
        *,
        retry_after: float | None = None,
        page: str = "",
        status: int | None = None,
    ) -> None:
        """Take the reason, a detail for the log, the wait asked for, and a page's title."""
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after
        self.page = page
        self.status = status

    @override
    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)


class SenecCloudError(SenecServiceError):
    """From the account's side: sign-in, the app's services, mein-senec.de."""
