"""A SENEC that is nothing but a table, and answers badly as it is told: for cases and years."""

import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from simulators.senec_local_tls import server_context

type Raw = str | list[str]
type RawTable = dict[str, dict[str, Raw]]

COMMANDS: Final = {
    ("ENERGY", "SAFE_CHARGE_FORCE"): ("SAFE_CHARGE_RUNNING", True),
    ("ENERGY", "SAFE_CHARGE_PROHIBIT"): ("SAFE_CHARGE_RUNNING", False),
    ("ENERGY", "LI_STORAGE_MODE_START"): ("LI_STORAGE_MODE_RUNNING", True),
    ("ENERGY", "LI_STORAGE_MODE_STOP"): ("LI_STORAGE_MODE_RUNNING", False),
}


@dataclass(slots=True)
class Trouble:
    """One way to answer badly, for so many requests or until a time."""

    to: str
    status: int = 504
    times: int | None = None
    until: float | None = None
    section: str = ""
    count: int = 0
    how: str = "status"  # or truncated, dropped

    def concerns(self, asked: dict[str, dict[str, Any]], *, after_write: bool) -> bool:
        match self.to:
            case "everything":
                return True
            case "whole_sections":
                return {} in asked.values()
            case "more_sections_than":
                return len(asked) > self.count
            case "only":
                return set(asked) == {self.section}
            case "any_with":
                return self.section in asked
            case "after_write":
                return after_write
            case _:
                raise AssertionError(self.to)


@dataclass
class FakeSenec:
    """The device and its web server. `now` gives its time in seconds."""

    table: RawTable
    now: Callable[[], float]
    folder: Path
    scheme: str = "https"
    shows_after: float = 0
    troubles: list[Trouble] = field(default_factory=list)
    writes: list[tuple[str, str, str]] = field(default_factory=list)
    """What was written: scheme, SECTION.VARIABLE or SECTION.VARIABLE[index], typed value."""
    requests: int = 0
    asked: list[list[str]] = field(default_factory=list)
    """The sections of each request."""
    connections: set[object] = field(default_factory=set)
    port: int = 0
    _pending: list[tuple[float, str, bool]] = field(default_factory=list)
    _after_write: bool = False
    _runner: web.AppRunner | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def certificate(self) -> str:
        """The certificate (PEM) that https shows."""
        return (self.folder / "certificate.pem").read_text()

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/lala.cgi", self._lala)
        app.router.add_get("/", self._page)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        context: ssl.SSLContext | None = None
        if self.scheme == "https":
            context = server_context(self.folder)
        site = web.TCPSite(
            self._runner, "127.0.0.1", self.port, ssl_context=context, reuse_address=True
        )
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def change(self, scheme: str, *, new_certificate: bool = False) -> None:
        """Come back at the same address over another scheme, or with another certificate."""
        await self.stop()
        self.scheme = scheme
        if new_certificate:
            (self.folder / "certificate.pem").unlink()
        await self.start()

    def update(self, table: dict[str, dict[str, Raw | None]]) -> None:
        """Change variables; None: the variable is gone."""
        for section, variables in table.items():
            rows = self.table.setdefault(section, {})
            for name, value in variables.items():
                if value is None:
                    rows.pop(name, None)
                else:
                    rows[name] = value

    async def _page(self, _request: web.Request) -> web.Response:
        return web.Response(text="<title>SENEC</title>")

    async def _lala(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        self.connections.add(request.transport)
        asked: dict[str, dict[str, Any]] = json.loads(await request.read())
        self.asked.append(list(asked))
        after_write, self._after_write = self._after_write, False
        if (trouble := self._trouble(asked, after_write=after_write)) is not None:
            if trouble.how == "dropped" and request.transport is not None:
                request.transport.close()
            if trouble.how == "truncated":
                return web.Response(text=json.dumps(self._reply(asked))[:-5])
            return web.Response(status=trouble.status)
        for section, variables in asked.items():
            for name, wanted in variables.items():
                if wanted != "":
                    self._write(section, name, wanted)
        self._settle()
        return web.Response(text=json.dumps(self._reply(asked)), content_type="application/json")

    def _trouble(self, asked: dict[str, dict[str, Any]], *, after_write: bool) -> Trouble | None:
        self.troubles = [
            one for one in self.troubles if one.until is None or self.now() < one.until
        ]
        for trouble in self.troubles:
            if trouble.concerns(asked, after_write=after_write):
                if trouble.times is not None:
                    trouble.times -= 1
                    if trouble.times <= 0:
                        self.troubles.remove(trouble)
                return trouble
        return None

    def _reply(self, asked: dict[str, dict[str, Any]]) -> dict[str, object]:
        answer: dict[str, object] = {}
        for section, variables in asked.items():
            rows = self.table.get(section)
            if rows is None:
                answer[section] = {"OBJECT_NOT_FOUND": ""}
            else:
                names = variables or rows
                answer[section] = {name: rows.get(name, "VARIABLE_NOT_FOUND") for name in names}
        return answer

    def _write(self, section: str, name: str, wanted: Raw) -> None:
        self._after_write = True
        rows = self.table.get(section, {})
        if isinstance(wanted, list):
            values = list(rows[name])
            for index, value in enumerate(wanted):
                if value:
                    self.writes.append((self.scheme, f"{section}.{name}[{index}]", value))
                    values[index] = value
            rows[name] = values
            return
        self.writes.append((self.scheme, f"{section}.{name}", wanted))
        if (command := COMMANDS.get((section, name))) is not None:
            self._pending.append((self.now() + self.shows_after, *command))
        elif name in rows:
            rows[name] = wanted

    def _settle(self) -> None:
        for entry in list(self._pending):
            at, name, value = entry
            if self.now() >= at:
                self._pending.remove(entry)
                self.table["ENERGY"][name] = "u8_01" if value else "u8_00"
