"""Signing in at SENEC's SSO: OpenID Connect with PKCE (RFC 7636) through Keycloak's pages.

There is no password grant for the app's client, so the pages are walked as a browser would:
follow the redirects, fill the fields that each form shows, until the address is reached that
the walk was for. The same walk opens mein-senec.de, which hangs on the same SSO. How often that
may be done, and for which of the two, `doors` decides.
"""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Final

from aiohttp import ClientSession
from yarl import URL

from ...protocol.errors import (
    ONLY_THE_USER_CAN_HELP,
    SenecCloudError,
    SenecServiceError,
    ServiceReason,
)
from ...protocol.hosts import Hosts
from ...protocol.http import Reply, Requests, ServiceLine
from . import totp
from .doors import Door, Doors
from .pages import HtmlForm, Page, read_page

CLIENT_ID: Final = "endcustomer-app-frontend"
REDIRECT_URI: Final = "senec-app-auth://keycloak.prod"
SCOPE: Final = "roles meinsenec"
REALM: Final = "realms/senec"
FIELDS: Final = frozenset({"username", "password", "otp"})
MOST_HOPS: Final = 20  # redirects and forms together; of forms there are three at most

# English is asked for, but accounts have a language of their own.
_ACCOUNT_LOCKED_WORDS: Final = ("locked", "disabled", "gesperrt", "deaktiviert", "bloccato")
_LOCKED_WORDS: Final = ("temporarily", *_ACCOUNT_LOCKED_WORDS)
_MAINTENANCE_WORDS: Final = ("maintenance", "wartung", "manutenzione")
_HEADERS: Final = {"Accept": "text/html,*/*", "Accept-Language": "en"}


class Credentials:
    """What a person knows: user name, password, and the secret of the second factor if any."""

    def __init__(self, username: str, password: str, totp_secret: str | None = None) -> None:
        """Keep it; what is printed of it shows nothing of it."""
        self.username = username
        self.password = password
        self.totp_secret = totp_secret


class Grant:
    """What a sign-in of the app yields: to be exchanged for tokens within a minute."""

    def __init__(self, code: str, verifier: str) -> None:
        """Keep both, which are secrets."""
        self.code = code
        self.verifier = verifier


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class _Walk:
    """How far a walk has come."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.answered: set[str] = set()
        """The fields that were filled: one that is asked for again has been refused."""

    @property
    def password_sent(self) -> bool:
        return "password" in self.answered


class SignIn:
    """Walks SENEC's sign-in pages with one person's credentials.

    A refusal closes the door that the walk was for: from then on every walk that would fill a form
    for it fails at once with the same reason and sends nothing, until the user has acted.
    """

    def __init__(
        self,
        session: ClientSession,
        hosts: Hosts,
        credentials: Credentials,
        *,
        codes: totp.OneTimeCodes,
        requests: Requests,
        doors: Doors,
    ) -> None:
        """Take the session whose cookie jar is ours alone, and the one-time codes of all."""
        self._session = session
        self._hosts = hosts
        self._credentials = credentials
        self._codes = codes
        self._line = ServiceLine(session, requests, SenecCloudError)
        self._walking = asyncio.Lock()
        self.doors = doors
        self.title = ""  # of the last page that came
        self.forms_sent = 0  # all forms; diagnostics and tests count sign-ins by it
        self.passwords_sent = 0
        self.acts = 0  # of the user: what failed before one says nothing of what comes after

    @property
    def _realm(self) -> URL:
        return self._hosts.sso / REALM

    def reset(self, credentials: Credentials) -> None:
        """Take new credentials from the user and forget the refusal of the old ones."""
        self._credentials = credentials
        self.acts += 1
        self.doors.user_acted()

    @property
    def cookies(self) -> dict[str, str]:
        """The SSO's cookies: with them the next walk needs no password for thirty days."""
        jar = self._session.cookie_jar
        return {
            name: morsel.value for name, morsel in jar.filter_cookies(self._realm / "x").items()
        }

    @cookies.setter
    def cookies(self, cookies: dict[str, str]) -> None:
        self._session.cookie_jar.update_cookies(cookies, self._realm / "x")

    async def authorize(self) -> Grant:
        """Sign in as the app does and return the code for the token service.

        Raises `SenecCloudError`; those of its reasons that only the user can help with are not
        tried again. The door counts as open when the code has been exchanged.
        """
        verifier = token_urlsafe(48)
        state = token_urlsafe(16)
        start = (self._realm / "protocol/openid-connect/auth").with_query(
            client_id=CLIENT_ID,
            redirect_uri=REDIRECT_URI,
            response_type="code",
            scope=SCOPE,
            code_challenge=_base64url(sha256(verifier.encode()).digest()),
            code_challenge_method="S256",
            state=state,
            ui_locales="en",
        )
        return await self.walk(
            start, URL(REDIRECT_URI), Door.APP, lambda end: self._grant(end, state, verifier)
        )

    def _grant(self, end: URL, state: str, verifier: str) -> Grant:
        if end.query.get("state") != state:
            raise self._line.failure(ServiceReason.BAD_ANSWER, "sign-in: a state that is not ours")
        if not (code := end.query.get("code")):
            cause = end.query.get("error", "no code")
            reason = (
                ServiceReason.MAINTENANCE
                if cause == "temporarily_unavailable"
                else ServiceReason.BAD_ANSWER
            )
            raise self._line.failure(reason, f"sign-in: {cause[:60]}")
        return Grant(code, verifier)

    async def walk[Result](
        self, start: URL, goal: URL, door: Door, take: Callable[[URL], Result]
    ) -> Result:
        """Follow redirects and fill forms from `start` until the `goal` is reached.

        An app's address (no http) is reached when a redirect names it, a site when a page of
        it comes. Forms are filled only on the SSO's own pages and sent only to the SSO itself.
        Returns what `take` makes of the address that was reached; raises `SenecCloudError`. One
        walk at a time: the next one finds the cookies of the one before and needs no password.
        """
        async with self._walking:
            walk = _Walk(door)
            try:
                return take(await self._walk(start, goal, walk))
            except SenecServiceError as err:
                if not walk.password_sent or err.reason in ONLY_THE_USER_CAN_HELP:
                    raise
                raise await self.refuse_after_password(door, err) from err

    async def _walk(self, start: URL, goal: URL, walk: _Walk) -> URL:
        goal_is_site = goal.scheme in {"http", "https"}
        reply = await self._line.ask("sso_page", "GET", start, headers=_HEADERS)
        for _ in range(MOST_HOPS):
            if (target := self._redirect(reply)) is not None:
                if not goal_is_site and (target.scheme, target.host) == (goal.scheme, goal.host):
                    return target
                if "configure_totp" in str(target).lower():
                    raise await self._wants_enrolment(walk)
                self._check_on_the_way(target)
                reply = await self._line.ask("sso_page", "GET", target, headers=_HEADERS)
                continue
            page = read_page(reply.body)
            self.title = page.title
            if walk.answered and is_within(reply.url, self._hosts.sso):
                await self._check_refusal(reply, page, walk)
            self._check_status(reply, page)
            form = page.form_asking_for(FIELDS)
            if goal_is_site and is_within(reply.url, goal):
                if form is None and _says(page.title, _MAINTENANCE_WORDS):
                    raise self._line.failure(ServiceReason.MAINTENANCE, "sign-in: maintenance")
                return reply.url
            if form is None:
                raise await self._unknown(page, walk)
            if _says(page.errors, _LOCKED_WORDS):
                raise await self._refuse(
                    walk.door, ServiceReason.LOCKED, "SENEC has locked this account", page.title
                )
            answers = await self._answers(form, walk)
            action = self._form_target(reply.url, form)
            walk.answered |= answers.keys()
            self.forms_sent += 1
            if "password" in answers:
                self.passwords_sent += 1
                await self.doors.about_to_post(walk.door)
            reply = await self._line.ask(
                "sso_form", "POST", action, headers=_HEADERS, form={**form.carried, **answers}
            )
        raise self._line.failure(ServiceReason.BAD_ANSWER, "sign-in: going round in circles")

    async def _wants_enrolment(self, walk: _Walk) -> SenecServiceError:
        return await self._refuse(
            walk.door,
            ServiceReason.TOTP_NOT_ENROLLED,
            "SENEC wants a second factor to be set up",
            self.title,
        )

    def _check_status(self, reply: Reply, page: Page) -> None:
        """Raise what a status means, with the title of the page that came with it."""
        try:
            self._line.check("sso_page", reply)
        except SenecServiceError as err:
            err.page = page.title
            raise

    def _redirect(self, reply: Reply) -> URL | None:
        if not HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
            return None
        try:
            target = reply.url.join(URL(reply.headers.get("Location", "")))
        except ValueError as err:
            raise self._line.failure(ServiceReason.BAD_ANSWER, "sign-in: no way on") from err
        return target

    def _check_on_the_way(self, target: URL) -> None:
        """Leave the SSO and mein-senec.de for nobody."""
        if not is_within(target, self._hosts.sso) and not is_within(target, self._hosts.web):
            raise self._line.failure(ServiceReason.BAD_ANSWER, "sign-in: sent to a foreign host")

    def _form_target(self, page: URL, form: HtmlForm) -> URL:
        try:
            target = page.join(URL(form.action))
        except ValueError as err:
            raise self._line.failure(
                ServiceReason.BAD_ANSWER, "sign-in: a form without a way on"
            ) from err
        if not is_within(target, self._hosts.sso):
            raise self._line.failure(ServiceReason.BAD_ANSWER, "sign-in: a form for a foreign host")
        return target

    async def _check_refusal(self, reply: Reply, page: Page, walk: _Walk) -> None:
        """Raise for a status that refuses what was just sent: a second try counts as an attack."""
        if reply.status < HTTPStatus.BAD_REQUEST:
            return
        if _says(f"{page.title} {page.errors}", _ACCOUNT_LOCKED_WORDS):
            raise await self._refuse(
                walk.door, ServiceReason.LOCKED, "SENEC has locked this account", page.title
            )
        if reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            detail = f"SENEC refused the sign-in: {reply.status}"
            raise await self._refuse(walk.door, ServiceReason.AUTH, detail, page.title)

    async def _unknown(self, page: Page, walk: _Walk) -> SenecServiceError:
        """Return what a page means that asks for nothing we know."""
        if any("totpSecret" in form.carried | dict.fromkeys(form.asked) for form in page.forms):
            return await self._wants_enrolment(walk)
        if _says(f"{page.title} {page.errors}", _LOCKED_WORDS) and walk.answered:
            return await self._refuse(
                walk.door, ServiceReason.LOCKED, "SENEC has locked this account", page.title
            )
        if _says(f"{page.title} {page.errors}", _MAINTENANCE_WORDS):
            return self._line.failure(
                ServiceReason.MAINTENANCE, "sign-in: SENEC is under maintenance", page=page.title
            )
        return self._line.failure(
            ServiceReason.BAD_ANSWER, f"sign-in: unknown page {page.title[:60]!r}", page=page.title
        )

    async def _answers(self, form: HtmlForm, walk: _Walk) -> dict[str, str]:
        """Return what the form asks for; a question asked again is a refusal."""
        asked = form.asked & FIELDS
        if asked <= walk.answered:
            reason = ServiceReason.TOTP_REFUSED if "otp" in asked else ServiceReason.AUTH
            detail = f"SENEC refused the {' and '.join(sorted(asked))}"
            raise await self._refuse(walk.door, reason, detail, self.title)
        if not walk.answered:
            self.doors.check(walk.door)
        answers: dict[str, str] = {}
        if "username" in asked:
            answers["username"] = self._credentials.username
        if "password" in asked:
            answers["password"] = self._credentials.password
        if "otp" in asked:
            answers["otp"] = await self._one_time_code(walk)
        return answers

    async def _one_time_code(self, walk: _Walk) -> str:
        secret = self._credentials.totp_secret
        if not secret:
            raise await self._refuse(
                walk.door, ServiceReason.TOTP_REQUIRED, "SENEC asks for a one-time code", self.title
            )
        try:
            key = totp.secret_from(secret)
        except ValueError as err:
            raise await self._refuse(
                walk.door, ServiceReason.TOTP_REFUSED, str(err), self.title
            ) from err
        return await self._codes.take(key)

    async def refuse_after_password(self, door: Door, err: SenecServiceError) -> SenecServiceError:
        """Close a door at which something came after the password that is not the way on.

        Whatever it was: the password is with SENEC, and a second one is a second attempt.
        """
        page = err.page or self.title
        return await self._refuse(door, ServiceReason.PAGE, f"after the password: {err}", page)

    async def _refuse(
        self, door: Door, reason: ServiceReason, detail: str, page: str = ""
    ) -> SenecServiceError:
        """Remember a refusal that only the user can heal, and return it."""
        await self.doors.refuse(door, reason, detail, page)
        return self._line.failure(reason, detail, page=page)


def is_within(address: URL, base: URL) -> bool:
    """Whether an address belongs to a site: same scheme, host and port, and below its path."""
    return (address.scheme, address.host, address.port) == (
        base.scheme,
        base.host,
        base.port,
    ) and f"{address.path}/".startswith(f"{base.path.rstrip('/')}/")


def _says(text: str, words: tuple[str, ...]) -> bool:
    text = text.lower()
    return any(word in text for word in words)
