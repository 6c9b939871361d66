"""SENEC's cloud on this machine: SSO, the app's services, mein-senec.de, SENEC.Connect.

One server plays every host under a path of its own; point a development build at it with
`HAUSSTROM_SENEC_CLOUD_URL`. Run it with `python -m simulators.senec_cloud [port]`; then
`GET /requests` tells what was asked and written, `POST /fault` makes an endpoint fail.
"""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from .senec_cloud_homes import CONNECT_KEY, Account, SimulatedSystem, accounts
from .senec_cloud_services import AppServices
from .senec_cloud_site import ConnectService, WebSite
from .senec_cloud_sso import Sso
from .senec_cloud_writes import Writes

type Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time; tests freeze it."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Fault:
    """What happens to requests whose path begins so, and how often (None = until removed)."""

    path: str
    ending: str = ""
    status: int = 500
    html: bool = False
    seconds: float = 0.0
    cut: bool = False
    text: str | None = None  # a body of the fault's own: a page or what should be JSON
    location: str | None = None  # where to send the client, with status 302
    times: int | None = None
    retry_after: str = "120"  # with status 429


class SenecCloud:
    """The whole cloud: its customers, its services, its faults, and what it was asked."""

    def __init__(self, clock: Clock = utc_now) -> None:
        """Take the clock that all tokens and all days follow."""
        self.clock = clock
        self.accounts: list[Account] = accounts()
        self.sso = Sso(self.accounts, clock)
        self.writing = Writes(clock)
        self.app = AppServices(self.sso, clock, self.writing)
        self.web = WebSite(self.accounts, self.sso, clock, self.writing)
        self.connect = ConnectService(self.accounts, clock, random.Random(7))
        self.faults: list[Fault] = []
        self.requests: Counter[str] = Counter()
        self.log: list[tuple[str, str]] = []
        self.writes: list[tuple[str, str, Any]] = []

    def account(self, username: str) -> Account:
        """Return a customer."""
        return next(account for account in self.accounts if account.username == username)

    def system(self, number: int) -> SimulatedSystem:
        """Return a system by its id."""
        return next(s for account in self.accounts for s in account.systems if s.id == number)

    def fail(self, path: str, **how: Any) -> Fault:
        """Make requests to a path fail: status, html, seconds, cut, times."""
        fault = Fault(path, **how)
        self.faults.append(fault)
        return fault

    def end_sessions(self, *, of_portal_alone: bool = False) -> None:
        """End cookies; unless of mein-senec.de alone, access and refresh tokens, too."""
        self.web.end_sessions()
        self.sso.sessions.clear()
        if not of_portal_alone:
            self.sso.forget_sessions()

    def heal(self) -> None:
        """End all faults."""
        self.faults.clear()

    def count(self, part: str) -> int:
        """Return how many requests had this in their path since the last `forget`."""
        return sum(number for path, number in self.requests.items() if part in path)

    def forget(self) -> None:
        """Forget what was asked and written."""
        self.requests.clear()
        self.log.clear()
        self.writes.clear()

    def application(self) -> web.Application:
        """Return the server."""
        app = web.Application(middlewares=[self._middleware()])
        app.add_routes(self.sso.routes())
        app.add_routes(self.app.routes())
        app.add_routes(self.web.routes())
        app.add_routes(self.connect.routes())
        app.add_routes([web.get("/requests", self._tell), web.post("/fault", self._set_fault)])
        return app

    def _middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        @web.middleware
        async def middleware(
            request: web.Request,
            handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
        ) -> web.StreamResponse:
            if request.path in {"/requests", "/fault"}:
                return await handler(request)
            self.writing.settle()
            self.requests[f"{request.method} {request.path}"] += 1
            self.log.append((request.method, request.path_qs))
            if request.method != "GET" and not request.path.startswith("/sso"):
                text = await request.text()
                self.writes.append((request.method, request.path_qs, text))
            if (fault := self._fault(request.path)) is not None:
                return await self._play(fault, request, handler)
            return await handler(request)

        return middleware

    def _fault(self, path: str) -> Fault | None:
        for fault in self.faults:
            if path.startswith(fault.path) and path.endswith(fault.ending) and fault.times != 0:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    @staticmethod
    async def _play(
        fault: Fault,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
            return await handler(request)
        if fault.cut:
            if request.transport is not None:
                request.transport.close()
            return web.Response()
        if fault.location is not None:
            status = fault.status if 300 <= fault.status < 400 else 302
            return web.Response(status=status, headers={"Location": fault.location})
        if fault.text is not None:
            kind = "text/html" if fault.text.startswith("<") else "application/json"
            return web.Response(status=fault.status, text=fault.text, content_type=kind)
        if fault.html:
            page = "<!DOCTYPE html><html><head><title>Oops</title></head><body>Oops</body></html>"
            return web.Response(status=fault.status, text=page, content_type="text/html")
        headers = {"Retry-After": fault.retry_after} if fault.status == 429 else None
        body = {"status": fault.status, "error": "fault", "message": "simulated", "trace": None}
        return web.json_response(body, status=fault.status, headers=headers)

    async def _tell(self, _request: web.Request) -> web.Response:
        return web.json_response({"requests": self.requests, "writes": self.writes})

    async def _set_fault(self, request: web.Request) -> web.Response:
        how = await request.json()
        if not how:
            self.heal()
        else:
            self.fail(how.pop("path"), **how)
        return web.json_response({"faults": len(self.faults)})


async def serve(port: int = 8766, clock: Clock = utc_now) -> tuple[SenecCloud, web.AppRunner]:
    """Start the cloud on this machine; the caller cleans the runner up."""
    cloud = SenecCloud(clock)
    runner = web.AppRunner(cloud.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return cloud, runner


async def _main(port: int) -> None:
    cloud, runner = await serve(port)
    print(f"SENEC's cloud: HAUSSTROM_SENEC_CLOUD_URL=http://127.0.0.1:{port}")
    for account in cloud.accounts:
        names = ", ".join(system.name for system in account.systems)
        print(f"  {account.username} / {account.password} / {account.totp_secret}: {names}")
    print(f"  SENEC.Connect key: {CONNECT_KEY}")
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 8766))
