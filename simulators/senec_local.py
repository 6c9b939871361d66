"""A SENEC.Home on the local network: lala.cgi over https or http, with a day's life and its faults.

python -m simulators.senec_local --model v3 --port 8443
"""

import argparse
import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aiohttp import web

from simulators.senec_local_device import Faults, Model, SenecDevice, typed, untyped
from simulators.senec_local_tls import server_context

__all__ = ["COOKIE", "Faults", "Model", "SenecDevice", "SenecSimulator", "typed", "untyped"]

COOKIE: Final = "senec-homev3-gui"
_LONGEST_REQUEST: Final = 12_000


class SenecSimulator:
    """The device's web server. `requests` holds the bodies it was sent, with the time."""

    def __init__(
        self,
        device: SenecDevice,
        *,
        tls: bool | None = None,
        session_cookie: bool = True,
        folder: Path | None = None,
    ) -> None:
        """Serve a device: over https where its firmware does, unless `tls` says otherwise.

        The certificate is kept in `folder`; without one it goes at the end.
        """
        self.device = device
        self.tls = not device.is_old if tls is None else tls
        self.session_cookie = session_cookie and self.tls
        self.faults = Faults()
        self.requests: list[tuple[float, bytes]] = []
        self.most_at_once = 0
        self.port = 0
        self._now = 0
        self._sessions: set[str] = set()
        self._runner: web.AppRunner | None = None
        self._temporary = TemporaryDirectory()
        self.folder = folder or Path(self._temporary.name)

    @property
    def host(self) -> str:
        """Host and port, as a user would enter them."""
        return f"127.0.0.1:{self.port}"

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; with TLS, a certificate is made unless there is one."""
        app = web.Application(client_max_size=1024 * 1024)
        app.router.add_post("/lala.cgi", self._lala)
        app.router.add_get("/{path:.*}", self._page)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        context = server_context(self.folder, "senecGuiSelf") if self.tls else None
        site = web.TCPSite(self._runner, host, port, ssl_context=context, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        with contextlib.suppress(FileNotFoundError):
            self._temporary.cleanup()

    async def change_certificate(self) -> None:
        """Come back on the same port with another certificate."""
        if self._runner is not None:
            await self._runner.cleanup()
        (self.folder / "certificate.pem").unlink(missing_ok=True)
        await self.start(self.port)

    async def _lala(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests.append((time.monotonic(), body))
        with self._in_progress():
            return await self._answer(request, body)

    @contextlib.contextmanager
    def _in_progress(self) -> Iterator[None]:
        """Count what is answered at the same time, whatever is asked for."""
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            yield
        finally:
            self._now -= 1

    async def _answer(self, request: web.Request, body: bytes) -> web.StreamResponse:
        faults = self.faults
        if faults.delay:
            await asyncio.sleep(faults.delay)
        if faults.dropped or self.device.is_rebooting:
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=500)
        if faults.status is not None:
            return web.Response(status=faults.status, text="<html>nginx</html>")
        if faults.garbage is not None:
            return web.Response(body=faults.garbage)
        known = request.cookies.get(COOKIE) in self._sessions
        if faults.strict_session and not known:
            return self._with_session(web.Response(status=403), known=False)
        try:
            asked = json.loads(body)
        except ValueError:
            return web.Response(status=400)
        too_many = faults.most_sections is not None and len(asked) > faults.most_sections
        if too_many or faults.refused_section in asked:
            return web.Response(status=504)
        text = json.dumps(self.device.answer(asked, faults), separators=(",", ":"))
        if faults.double_escaped:
            text = text.replace('"st_Senec"', '"st_Senec \\\\"V3\\\\""')
        answer = text.encode("latin-1", "replace")
        if faults.truncated or len(body) > _LONGEST_REQUEST:
            answer = answer[: len(answer) // 2]
        response = web.Response(body=answer, content_type="application/json", charset="utf-8")
        return self._with_session(response, known=known)

    def _with_session(self, response: web.Response, *, known: bool) -> web.Response:
        if self.session_cookie and not known:
            session = secrets.token_hex(16)
            self._sessions.add(session)
            response.set_cookie(
                COOKIE, session, secure=True, httponly=True, max_age=3600, samesite="Strict"
            )
        return response

    async def _page(self, request: web.Request) -> web.Response:
        with self._in_progress():
            await asyncio.sleep(self.faults.delay)
            return self._file(request)

    def _file(self, request: web.Request) -> web.Response:
        now = self.device.clock()
        log = f"log/{now:%Y/%m/%d}.log"
        path = request.path
        wanted = f"/{log}" if self.device.is_old else f"//{log}"
        if path == wanted:
            lines = (f"{now:%d.%m.%Y} 00:00:0{n} INFO line {n}" for n in range(5))
            return web.Response(text="\n".join(lines))
        if path == "/":
            return web.Response(text="<html><title>SENEC</title></html>", content_type="text/html")
        return web.Response(status=404)


async def _serve(model: Model, application: str, host: str, port: int) -> None:
    simulator = SenecSimulator(SenecDevice(model, application=application))
    await simulator.start(port, host)
    print(
        f"SENEC {model} {application} at {'https' if simulator.tls else 'http'}://{host}:{simulator.port}"
    )
    try:
        await asyncio.Event().wait()
    finally:
        await simulator.stop()


def main() -> None:
    """Run one device until it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Model, choices=list(Model), default=Model.V3)
    parser.add_argument("--application", default="0826", help="firmware; below 0825: http")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8443)
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments.model, arguments.application, arguments.host, arguments.port))


if __name__ == "__main__":
    main()
