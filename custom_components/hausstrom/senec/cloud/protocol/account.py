"""Everything that hangs on one account: its sign-in, its tokens, the app's services, the site."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import ClientSession

from ...protocol.fields import object_of
from ...protocol.hosts import Hosts
from ...protocol.http import CurrentTime, Requests
from .app import App
from .confirming import Sleep
from .doors import Door, Doors
from .sign_in import Credentials, SignIn
from .tokens import Tokens, TokenSet
from .totp import OneTimeCodes
from .web import Portal

type Stored = Mapping[str, object]


class Account:
    """One sign-in and what it opens. The session must have a cookie jar of its own.

    `store` is awaited with a JSON object whenever the tokens change, before they are used, and
    whenever a password goes out; given back as `stored` after a restart, it saves the sign-in with
    password and one-time code, and says which doors are closed.
    """

    def __init__(
        self,
        session: ClientSession,
        hosts: Hosts,
        credentials: Credentials,
        *,
        clock: CurrentTime,
        codes: OneTimeCodes | None = None,
        sleep: Sleep = asyncio.sleep,
        store: Callable[[Stored], Awaitable[None]],
        stored: object = None,
    ) -> None:
        """Build the clients; nothing is asked yet. Accounts of one house share their `codes`."""
        known = object_of(stored)
        self._store = store
        self.session = session
        self.requests = Requests(clock)
        self.doors = Doors(clock, self._keep)
        self.doors.restore(object_of(known.get("doors")))
        self.sign_in = SignIn(
            session,
            hosts,
            credentials,
            codes=codes or OneTimeCodes(clock),
            requests=self.requests,
            doors=self.doors,
        )
        if cookies := object_of(known.get("cookies")):
            self.sign_in.cookies = {name: str(value) for name, value in cookies.items()}
        self.tokens = Tokens(
            session,
            hosts,
            self.sign_in,
            clock=clock,
            requests=self.requests,
            store=self._keep_tokens,
            stored=TokenSet.from_dict(known.get("tokens")),
        )
        self.app = App(session, hosts, self.tokens, requests=self.requests, sleep=sleep)
        self.portal = Portal(
            session, hosts, self.sign_in, clock=clock, requests=self.requests, sleep=sleep
        )

    def diagnostics(self) -> dict[str, object]:
        """Return what was asked of SENEC and how often, and which doors are closed; no secrets."""
        refusals = {door: self.doors.refusal(door) for door in Door}
        return {
            "requests_in_the_last_hour": self.requests.last_hour,
            "requests": dict(self.requests.by_name),
            "failures": dict(self.requests.failures),
            "sign_ins": self.tokens.sign_ins,
            "sign_in_forms_sent": self.sign_in.forms_sent,
            "passwords_sent": self.sign_in.passwords_sent,
            "token_renewals": self.tokens.renewals,
            "doors": {
                door.value: "open"
                if refusal is None
                else {"reason": refusal.reason.value, "page": refusal.page}
                for door, refusal in refusals.items()
            },
        }

    async def _keep_tokens(self, _tokens: TokenSet) -> None:
        await self._keep()

    async def _keep(self) -> None:
        await self._store({**self.state, "doors": self.doors.as_dict()})

    @property
    def state(self) -> Stored:
        """What goes on with another account of the same credentials: tokens and cookies."""
        tokens = self.tokens.current
        return {
            "tokens": None if tokens is None else tokens.as_dict(),
            "cookies": self.sign_in.cookies,
        }
