"""Which way into an account is closed, and when a password was sent on it last.

The app's services and mein-senec.de are two clients of one SSO, and what one meets (a forced
second factor, terms to accept, a page nobody knows) the other need not meet: each is a door of its
own. What was wrong with the user name, the password or the code is so for both.

A password is sent once per decision of the user. What follows it and is not the way on counts as a
refusal until the user acts, whatever it was: SENEC counts sign-ins, and locks accounts. A session
that ends by itself may be opened again by a password of our own accord, once in 24 hours; what
was sent for the app counts for mein-senec.de, too.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from ...protocol.errors import SenecCloudError, ServiceReason
from ...protocol.fields import JsonObject, flag_of, object_of, text_of
from ...protocol.http import CurrentTime

REST: Final = timedelta(hours=24)
LONGEST_TITLE: Final = 80


class Door(StrEnum):
    """A way into the account."""

    APP = "app"
    SITE = "site"  # mein-senec.de


# These are about what the user knows, not about the door at which it was tried.
ABOUT_THE_CREDENTIALS: Final = frozenset(
    {ServiceReason.AUTH, ServiceReason.TOTP_REFUSED, ServiceReason.LOCKED}
)


class ClosedDoor:
    """Why a door is closed, since when, and the title of the page that was met."""

    def __init__(
        self, reason: ServiceReason, since: datetime, detail: str = "", page: str = ""
    ) -> None:
        """Keep what closed it."""
        self.reason = reason
        self.since = since
        self.detail = detail
        self.page = page

    @property
    def error(self) -> SenecCloudError:
        """The refusal as whoever asks again gets it."""
        return SenecCloudError(self.reason, self.detail, page=self.page)

    def as_dict(self) -> dict[str, str]:
        """Return what a store keeps."""
        return {
            "reason": self.reason.value,
            "since": self.since.isoformat(),
            "detail": self.detail,
            "page": self.page,
        }

    @classmethod
    def from_dict(cls, stored: object) -> Self | None:
        """Return what `as_dict` gave; None for anything else."""
        values = object_of(stored)
        since = _moment(values.get("since"))
        reason = text_of(values.get("reason"))
        if since is None or reason not in set(ServiceReason):
            return None
        page = text_of(values.get("page")) or ""
        return cls(ServiceReason(reason), since, text_of(values.get("detail")) or "", page)


class _State:
    """What is known of one door."""

    def __init__(self) -> None:
        self.posted: datetime | None = None  # when a password was sent last without the user
        self.unanswered = False  # whether it is not known yet what became of that
        self.refusal: ClosedDoor | None = None

    def as_dict(self) -> dict[str, object]:
        return {
            "posted": None if self.posted is None else self.posted.isoformat(),
            "unanswered": self.unanswered,
            "refusal": None if self.refusal is None else self.refusal.as_dict(),
        }

    @classmethod
    def from_dict(cls, stored: object) -> Self:
        values = object_of(stored)
        state = cls()
        state.posted = _moment(values.get("posted"))
        state.unanswered = flag_of(values.get("unanswered")) is True
        state.refusal = ClosedDoor.from_dict(values.get("refusal"))
        return state


class Doors:
    """The doors of one account. `keep` is awaited before a password goes out, and after."""

    def __init__(self, clock: CurrentTime, keep: Callable[[], Awaitable[None]]) -> None:
        """Begin with all doors open."""
        self.clock = clock
        self.keep = keep
        self.credentials: ClosedDoor | None = None
        self._states = {door: _State() for door in Door}

    def refusal(self, door: Door) -> ClosedDoor | None:
        """Return why no form may be filled at a door; None: the user's password may be sent."""
        now = self.clock()
        if self.credentials is not None:
            # A lock ends by itself; that a password is wrong does not.
            if (
                self.credentials.reason is not ServiceReason.LOCKED
                or now - self.credentials.since < REST
            ):
                return self.credentials
            self.credentials = None
        if (refusal := self._own_refusal(door)) is not None:
            return refusal
        # What the app's sign-in meets, that of mein-senec.de would meet with a second password;
        # the other way round the account may well be open for the app.
        if door is Door.SITE and (refusal := self._own_refusal(Door.APP)) is not None:
            return refusal
        # The password of the app opens mein-senec.de, too, by the SSO's cookie: where it does not,
        # another one has to wait. The app has no such other way, and its values are the house's.
        doors = (Door.APP, Door.SITE) if door is Door.SITE else (door,)
        for posted in (self._states[one].posted for one in doors):
            if posted is not None and abs(now - posted) < REST:
                detail = "the session ended, and a password was sent in the last 24 hours"
                return ClosedDoor(ServiceReason.SPENT, posted, detail)
        return None

    def _own_refusal(self, door: Door) -> ClosedDoor | None:
        state = self._states[door]
        if state.refusal is None and state.unanswered and state.posted is not None:
            return ClosedDoor(ServiceReason.PAGE, state.posted, "nothing came after the password")
        return state.refusal

    def check(self, door: Door) -> None:
        """Raise the refusal of a door, if there is one."""
        if (refusal := self.refusal(door)) is not None:
            raise refusal.error

    async def about_to_post(self, door: Door) -> None:
        """Note that a password goes out now: should all end here, it has been sent."""
        state = self._states[door]
        state.posted, state.unanswered = self.clock(), True
        await self.keep()

    async def opened(self, door: Door) -> None:
        """Note that a door is open: what was wanted of it has been got."""
        state = self._states[door]
        if state.unanswered or state.refusal is not None:
            state.unanswered, state.refusal = False, None
            await self.keep()

    async def refuse(
        self, door: Door, reason: ServiceReason, detail: str, page: str = ""
    ) -> ClosedDoor:
        """Close a door, or both if it is about user name, password, code or account."""
        refusal = ClosedDoor(reason, self.clock(), detail, page[:LONGEST_TITLE])
        state = self._states[door]
        state.unanswered = False
        if reason in ABOUT_THE_CREDENTIALS:
            self.credentials = refusal
        else:
            state.refusal = refusal
        await self.keep()
        return refusal

    def is_closed(self, door: Door) -> bool:
        """Whether something was refused at a door that only the user can open again."""
        return self._own_refusal(door) is not None

    def needs_user(self, door: Door) -> bool:
        """Whether something stands against a door that does not end by what has just succeeded."""
        return self.credentials is not None or self._own_refusal(door) is not None

    def is_unanswered(self, door: Door) -> bool:
        """Whether a password was sent and what was wanted with it has not been got yet."""
        return self._states[door].unanswered

    def posted(self, door: Door) -> datetime | None:
        """Return when a password was sent last at a door without the user asking for it."""
        return self._states[door].posted

    def user_acted(self, *doors: Door) -> None:
        """Forget what was refused: the user has decided. Of the named doors alone, if any."""
        if not doors:
            self.credentials = None
        for door in doors or Door:
            self._states[door] = _State()

    def as_dict(self) -> dict[str, object]:
        """Return what a store keeps."""
        return {
            "credentials": None if self.credentials is None else self.credentials.as_dict(),
            **{door.value: state.as_dict() for door, state in self._states.items()},
        }

    def restore(self, stored: JsonObject) -> None:
        """Take what `as_dict` gave before a restart: a restart is no decision of the user."""
        self.credentials = ClosedDoor.from_dict(stored.get("credentials"))
        for door in Door:
            self._states[door] = _State.from_dict(stored.get(door.value))


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except ValueError, OverflowError:
        return None
