"""The app's tokens: renewed before they end, stored before they are used, asked for once."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final, Self

from aiohttp import ClientSession

from ...protocol.errors import SenecCloudError, SenecServiceError, ServiceReason
from ...protocol.fields import JsonObject, number_of, object_of, text_of
from ...protocol.hosts import Hosts
from ...protocol.http import CurrentTime, Reply, Requests, ServiceLine
from .doors import Door
from .sign_in import CLIENT_ID, REALM, REDIRECT_URI, SignIn

EARLY: Final = timedelta(seconds=30)  # a token that ends sooner than this is renewed first
REST_AFTER_FAILURE: Final = timedelta(seconds=50)  # less than between two polls
REST_AFTER_RENEWAL: Final = timedelta(seconds=60)  # a refused token this young is not renewed again
COOKIE_MAY_HELP: Final = frozenset({ServiceReason.SPENT, ServiceReason.PAGE})
REST_AFTER_SIGN_IN: Final = timedelta(minutes=15)  # between two tries to sign in


class TokenSet:
    """An access token with its end, and the refresh token for the next one; it shows neither."""

    def __init__(self, access: str, refresh: str, obtained: datetime, ends: datetime) -> None:
        """Keep what was granted."""
        self.access = access
        self.refresh = refresh
        self.obtained = obtained
        self.ends = ends

    def as_dict(self) -> dict[str, str]:
        """Return what a store keeps: texts only."""
        return {
            "access": self.access,
            "refresh": self.refresh,
            "obtained": self.obtained.isoformat(),
            "ends": self.ends.isoformat(),
        }

    @classmethod
    def from_dict(cls, stored: object) -> Self | None:
        """Return what `as_dict` gave, or None for anything else."""
        values = object_of(stored)
        access, refresh = text_of(values.get("access")), text_of(values.get("refresh"))
        try:
            obtained, ends = (
                datetime.fromisoformat(str(values.get(key))).astimezone(UTC)
                for key in ("obtained", "ends")
            )
        except ValueError, OverflowError:
            return None
        return cls(access, refresh, obtained, ends) if access and refresh else None


class Tokens:
    """Keeps one valid access token, with as few sign-ins as can be.

    `store` is awaited with every new set before anything uses it: SENEC accepts each refresh
    token once, so a set that is lost costs a sign-in with password and one-time code.
    """

    def __init__(
        self,
        session: ClientSession,
        hosts: Hosts,
        sign_in: SignIn,
        *,
        clock: CurrentTime,
        requests: Requests,
        store: Callable[[TokenSet], Awaitable[None]],
        stored: TokenSet | None = None,
    ) -> None:
        """Take the sign-in for when tokens are at their end, and what was stored last time."""
        self._hosts = hosts
        self._sign_in = sign_in
        self._clock = clock
        self._line = ServiceLine(session, requests, SenecCloudError)
        self._store = store
        self._set = stored
        self._signed_in: datetime | None = None
        self._tried: datetime | None = None
        self._failed: tuple[datetime, int, SenecServiceError] | None = None
        self._renewing = asyncio.Lock()
        self.sign_ins = 0
        self.renewals = 0

    @property
    def current(self) -> TokenSet | None:
        """The set that is in use."""
        return self._set

    async def access(self) -> str:
        """Return an access token that is valid for at least half a minute more.

        Raises `SenecCloudError`. Callers at the same time share one renewal.
        """
        async with self._renewing:
            if self._set is None or self._clock() >= self._set.ends - EARLY:
                await self._renew()
            return self._valid.access

    async def replace(self, refused: str) -> str:
        """Return another access token than the one that a service has just refused.

        A token that was fresh when it was refused is not the trouble: then `session` is raised
        instead of renewing again and again.
        """
        async with self._renewing:
            if self._set is not None and self._set.access == refused:
                if self._clock() - self._set.obtained < REST_AFTER_RENEWAL:
                    raise self._line.failure(ServiceReason.SESSION, "a fresh token is refused")
                await self._renew()
            elif self._set is None:
                await self._renew()
            return self._valid.access

    @property
    def _valid(self) -> TokenSet:
        if self._set is None:  # pragma: no cover - _renew sets it or raises
            raise SenecCloudError(ServiceReason.SESSION)
        return self._set

    async def _renew(self) -> None:
        """Get another set. Who asks within a minute of a failure gets that: it would be the same."""
        now, acts = self._clock(), self._sign_in.acts
        if self._failed is not None:
            failed, acts_before, error = self._failed
            if acts == acts_before and timedelta() <= now - failed < REST_AFTER_FAILURE:
                raise error
        try:
            await self._renew_once()
        except SenecServiceError as err:
            self._failed = (now, acts, err)
            raise
        self._failed = None

    async def _renew_once(self) -> None:
        if self._set is not None:
            if await to_its_end(self._refresh(self._set.refresh)):
                return
            self._set = None
        await to_its_end(self._full_sign_in())

    async def _refresh(self, token: str) -> bool:
        """Exchange the refresh token for a new set; False if it has ended."""
        reply = await self._token(
            "refresh", {"grant_type": "refresh_token", "refresh_token": token}
        )
        if _is_invalid_grant(reply):
            return False
        await self._take("refresh", reply)
        self.renewals += 1
        return True

    async def _full_sign_in(self) -> None:
        """Sign in: with the SSO's cookie if it still holds, else with the password if that may be.

        A door that is closed for a reason of the credentials is not even knocked at. Where it was
        a page, or today's password has been sent, the cookie is tried, but not with every poll.
        """
        doors, now = self._sign_in.doors, self._clock()
        refusal = doors.refusal(Door.APP)
        just_tried = self._tried is not None and now - self._tried < REST_AFTER_SIGN_IN
        if refusal is not None and (refusal.reason not in COOKIE_MAY_HELP or just_tried):
            raise refusal.error
        if just_tried and self._signed_in == self._tried:
            raise self._line.failure(
                ServiceReason.SESSION, "SENEC ended the session after the sign-in"
            )
        self._tried = now
        grant = await self._sign_in.authorize()
        try:
            reply = await self._token(
                "code",
                {
                    "grant_type": "authorization_code",
                    "code": grant.code,
                    "code_verifier": grant.verifier,
                    "redirect_uri": REDIRECT_URI,
                },
            )
            await self._take("code", reply)
        except SenecServiceError as err:
            if doors.is_unanswered(Door.APP):
                raise await self._sign_in.refuse_after_password(Door.APP, err) from err
            raise
        await doors.opened(Door.APP)
        self._signed_in = now
        self.sign_ins += 1

    async def _token(self, name: str, form: dict[str, str]) -> Reply:
        url = self._hosts.sso / REALM / "protocol/openid-connect/token"
        return await self._line.ask(
            f"token_{name}", "POST", url, form={"client_id": CLIENT_ID, **form}
        )

    async def _take(self, name: str, reply: Reply) -> None:
        """Decode the answer of the token service, store the set, and only then use it."""
        answer = object_of(self._line.json(name, self._line.check(f"token_{name}", reply)))
        tokens = self._decoded(answer)
        if tokens is None:
            raise self._line.failure(ServiceReason.BAD_ANSWER, f"token_{name}: not a set of tokens")
        self._set = tokens
        await self._store(tokens)

    def _decoded(self, answer: JsonObject) -> TokenSet | None:
        access, refresh = text_of(answer.get("access_token")), text_of(answer.get("refresh_token"))
        seconds = number_of(answer.get("expires_in"))
        if not access or not refresh or seconds is None or not 0 < seconds <= 31 * 86400:
            return None
        now = self._clock()
        return TokenSet(access, refresh, now, now + timedelta(seconds=seconds))


async def to_its_end[Result](work: Coroutine[object, object, Result]) -> Result:
    """Await work that must not stop half-way; whoever is cancelled meanwhile is so afterwards.

    The token service takes back the old refresh token when it sends the new one: an entry that is
    unloaded between the two would have neither.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _is_invalid_grant(reply: Reply) -> bool:
    """Whether the refresh token has ended (RFC 6749 section 5.2), and not just the server."""
    if reply.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        return False
    try:
        return object_of(json.loads(reply.body)).get("error") == "invalid_grant"
    except ValueError, RecursionError:
        return False
