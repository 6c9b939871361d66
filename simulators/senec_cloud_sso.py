"""The simulated SSO: Keycloak's pages in both kinds, one-time codes, codes and tokens."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape
from itertools import count
from urllib.parse import urlencode

from aiohttp import web

from custom_components.hausstrom.senec.cloud.protocol import totp

from .senec_cloud_homes import Account

REALM = "/sso/realms/senec"
SITE_CLIENT = "meinsenec"
ACCESS_LIFE = timedelta(seconds=300)
REFRESH_LIFE = timedelta(days=30)
MOST_WRONG_PASSWORDS = 5


@dataclass(slots=True)
class Attempt:
    """A person in the middle of signing in."""

    query: dict[str, str]
    account: Account | None = None
    password_ok: bool = False


@dataclass(slots=True)
class Sso:
    """The state of the SSO: who is signing in, which codes, tokens and sessions hold."""

    accounts: list[Account]
    clock: Callable[[], datetime]
    two_pages: bool = False  # whether user name and password are asked on a page each
    site_wants: str | None = None  # a required action of mein-senec.de's sign-in alone
    after_password: tuple[int, str] | None = None  # status and page instead of the way on
    passwords: int = 0  # how many were posted, right or wrong
    attempts: dict[str, Attempt] = field(default_factory=dict)
    sessions: dict[str, Account] = field(default_factory=dict)
    codes: dict[str, tuple[Account, dict[str, str]]] = field(default_factory=dict)
    access: dict[str, tuple[Account, datetime]] = field(default_factory=dict)
    refresh: dict[str, tuple[Account, datetime]] = field(default_factory=dict)
    used_codes: set[tuple[str, str]] = field(default_factory=set)
    numbers: count[int] = field(default_factory=count)

    def routes(self) -> list[web.RouteDef]:
        """Return what the SSO answers to."""
        oidc = f"{REALM}/protocol/openid-connect"
        return [
            web.get(f"{oidc}/auth", self.auth),
            web.post(f"{REALM}/login-actions/authenticate", self.authenticate),
            web.post(f"{oidc}/token", self.token),
            web.get(f"{REALM}/login-actions/required-action", self.enrol),
        ]

    def forget_sessions(self) -> None:
        """End every session of the SSO, as an administrator or a password change would."""
        self.sessions.clear()
        self.refresh.clear()
        self.access.clear()

    def owner(self, token: str) -> Account | None:
        """Return whose access token this is, while it holds."""
        account, ends = self.access.get(token, (None, self.clock()))
        return account if self.clock() < ends else None

    async def auth(self, request: web.Request) -> web.StreamResponse:
        """Show the first page, or send somebody who is known straight on."""
        query = dict(request.query)
        needed = {"client_id", "redirect_uri", "response_type"}
        if query.get("client_id") == "endcustomer-app-frontend":
            needed |= {"code_challenge", "code_challenge_method", "scope"}
        if not needed <= query.keys():
            return web.Response(status=400, text="invalid request")
        if account := self.sessions.get(request.cookies.get("KEYCLOAK_IDENTITY", "")):
            self._check_actions(query, "")
            raise self._on(account, query)
        tab = f"tab{next(self.numbers)}"
        self.attempts[tab] = Attempt(query)
        return self._page(tab, ask_password=not self.two_pages)

    async def authenticate(self, request: web.Request) -> web.StreamResponse:
        """Judge a form: user name, password, code, in whatever pieces they come."""
        tab = request.query.get("tab_id", "")
        if (attempt := self.attempts.get(tab)) is None:
            return web.Response(status=400, text="<title>We are sorry...</title>expired")
        form = await request.post()
        if "username" in form:
            attempt.account = next(
                (a for a in self.accounts if a.username == form["username"]), None
            )
            if "password" not in form:
                if attempt.account is None:
                    return self._page(tab, error="Invalid username.", ask_password=False)
                return self._page(tab, ask_username=False)
        account = attempt.account
        one_page = "username" in form
        if "password" in form:
            self.passwords += 1
            if account is not None and account.locked:
                return self._page(
                    tab,
                    error="Account is temporarily disabled, retry later.",
                    ask_username=one_page,
                )
            if account is None or form["password"] != account.password:
                if account is not None:
                    account.wrong_passwords += 1
                    account.locked = account.wrong_passwords >= MOST_WRONG_PASSWORDS
                return self._page(tab, error="Invalid username or password.", ask_username=one_page)
            attempt.password_ok = True
        if account is None or not attempt.password_ok:
            return self._page(tab)
        if account.totp_secret is not None:
            if "otp" not in form:
                return self._otp_page(tab)
            wanted = totp.code(totp.secret_from(account.totp_secret), self.clock())
            used = (account.username, wanted)
            if form["otp"] != wanted or used in self.used_codes:
                return self._otp_page(tab, "Invalid authenticator code.")
            self.used_codes.add(used)
        return self._let_in(tab, attempt, account)

    def _let_in(self, tab: str, attempt: Attempt, account: Account) -> web.Response:
        """Open a session for somebody who has said everything right, unless an action is due."""
        if account.must_enrol:
            page = f"{REALM}/login-actions/required-action?execution=CONFIGURE_TOTP&tab_id={tab}"
            raise web.HTTPFound(page)
        account.wrong_passwords = 0
        if self.after_password is not None:
            status, page = self.after_password
            return web.Response(status=status, text=page, content_type="text/html")
        self._check_actions(attempt.query, tab)
        session = f"session{next(self.numbers)}"
        self.sessions[session] = account
        redirect = self._on(account, attempt.query)
        redirect.set_cookie(
            "KEYCLOAK_IDENTITY", session, path=f"{REALM}/", httponly=True, max_age=30 * 86400
        )
        raise redirect

    def _check_actions(self, query: dict[str, str], tab: str) -> None:
        """Send whoever signs in at mein-senec.de to the action that it requires."""
        if self.site_wants is not None and query["client_id"] == SITE_CLIENT:
            query = {"execution": self.site_wants, "tab_id": tab}
            action = f"{REALM}/login-actions/required-action?{urlencode(query)}"
            raise web.HTTPFound(action)

    async def enrol(self, _request: web.Request) -> web.Response:
        """Show the page that wants a second factor to be set up."""
        return _html(
            "Mobile Authenticator Setup",
            '<form method="post"><input type="hidden" name="totpSecret" value="x"/>'
            '<input name="totp"/></form>',
        )

    async def token(self, request: web.Request) -> web.Response:
        """Exchange a code or a refresh token; each is accepted once."""
        form = await request.post()
        match form.get("grant_type"):
            case "authorization_code":
                account, query = self.codes.pop(str(form.get("code")), (None, {}))
                proof = sha256(str(form.get("code_verifier")).encode()).digest()
                challenge = urlsafe_b64encode(proof).rstrip(b"=").decode()
                if account is None or challenge != query.get("code_challenge"):
                    return _invalid("Code not valid")
            case "refresh_token":
                account, ends = self.refresh.pop(
                    str(form.get("refresh_token")), (None, self.clock())
                )
                if account is None or self.clock() >= ends:
                    return _invalid("Token is not active")
            case _:
                return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if form.get("client_id") != "endcustomer-app-frontend":
            return web.json_response({"error": "invalid_client"}, status=401)
        access, refresh = (f"{kind}{next(self.numbers)}" for kind in ("access", "refresh"))
        now = self.clock()
        self.access[access] = (account, now + ACCESS_LIFE)
        self.refresh[refresh] = (account, now + REFRESH_LIFE)
        return web.json_response(
            {
                "access_token": access,
                "expires_in": int(ACCESS_LIFE.total_seconds()),
                "refresh_token": refresh,
                "refresh_expires_in": int(REFRESH_LIFE.total_seconds()),
                "token_type": "Bearer",
                "scope": "meinsenec roles",
            }
        )

    def _on(self, account: Account, query: dict[str, str]) -> web.HTTPFound:
        code = f"code{next(self.numbers)}"
        self.codes[code] = (account, query)
        answer = {"code": code, "session_state": "x"}
        if "state" in query:
            answer["state"] = query["state"]
        return web.HTTPFound(f"{query['redirect_uri']}?{urlencode(answer)}")

    @staticmethod
    def _page(
        tab: str, *, error: str = "", ask_username: bool = True, ask_password: bool = True
    ) -> web.Response:
        fields = ""
        if ask_username:
            fields += '<input type="text" id="username" name="username" value="">'
        if error:
            fields += f'<span id="input-error" class="input-error-message">{escape(error)}</span>'
        if ask_password:
            fields += '<input type="password" id="password" name="password">'
        return _form(tab, "Login - SENEC", fields)

    @staticmethod
    def _otp_page(tab: str, error: str = "") -> web.Response:
        fields = '<input id="otp" name="otp" autocomplete="one-time-code" type="text">'
        if error:
            fields += f'<span class="input-error-message">{escape(error)}</span>'
        return _form(tab, "Login - SENEC", fields)


def _form(tab: str, title: str, fields: str) -> web.Response:
    action = escape(
        f"{REALM}/login-actions/authenticate?session_code=s&execution=e"
        f"&client_id=endcustomer-app-frontend&tab_id={tab}"
    )
    return _html(
        title,
        f'<form id="kc-form-login" action="{action}" method="post">{fields}'
        '<input type="hidden" id="id-hidden-input" name="credentialId" />'
        '<button type="submit" name="login">Login</button></form>',
    )


def _html(title: str, body: str) -> web.Response:
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return web.Response(text=page, content_type="text/html")


def _invalid(words: str) -> web.Response:
    return web.json_response({"error": "invalid_grant", "error_description": words}, status=400)
