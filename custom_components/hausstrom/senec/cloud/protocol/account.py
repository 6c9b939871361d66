"""Everything that hangs on one account: its sign-in, its tokens, the app's services, the site."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import ClientSession

from ...protocol.fields import object_of
from ...protocol.hosts import Hosts
from ...protocol.http import Clock, Requests
from .app import App
from .sign_in import Credentials, SignIn
from .tokens import Tokens, TokenSet
from .totp import OneTimeCodes
from .web import Portal

type Stored = Mapping[str, object]


class Account:
    """One sign-in and what it opens. The session must have a cookie jar of its own.

    `store` is awaited with a JSON object whenever the tokens change, before they are used; given
    back as `stored` after a restart, it saves the sign-in with password and one-time code.
    """

    def __init__(
        self,
        session: ClientSession,
        hosts: Hosts,
        credentials: Credentials,
        *,
        clock: Clock,
        codes: OneTimeCodes | None = None,
        store: Callable[[Stored], Awaitable[None]],
        stored: object = None,
    ) -> None:
        """Build the clients; nothing is asked yet. Accounts of one house share their `codes`."""
        known = object_of(stored)
        self._store = store
        self.session = session
        self.requests = Requests(clock)
        self.sign_in = SignIn(
            session,
            hosts,
            credentials,
            codes=codes or OneTimeCodes(clock),
            requests=self.requests,
        )
        if cookies := object_of(known.get("cookies")):
            self.sign_in.cookies = {name: str(value) for name, value in cookies.items()}
        self.tokens = Tokens(
            session,
            hosts,
            self.sign_in,
            clock=clock,
            requests=self.requests,
            store=self._keep,
            stored=TokenSet.from_dict(known.get("tokens")),
        )
        self.app = App(session, hosts, self.tokens, requests=self.requests)
        self.portal = Portal(session, hosts, self.sign_in, clock=clock, requests=self.requests)

    async def _keep(self, tokens: TokenSet) -> None:
        await self._store({"tokens": tokens.as_dict(), "cookies": self.sign_in.cookies})
