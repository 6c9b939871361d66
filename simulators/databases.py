"""Real time-series databases on this machine, for tests of what goes out to them."""

import asyncio
import shutil
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, override

import aiohttp

from simulators.debian import ProgramError, find_program
from simulators.mosquitto import free_port
from simulators.process import spawn, stop_process

READY_TIMEOUT: Final = 20.0


class Database(ABC):
    """One server on one loopback port, with a folder that goes when it ends.

    An async context manager; ProgramError says that it is not to be had here.
    """

    program: str
    """The name of the program."""
    package: str
    """The package of Debian that has it."""
    ready: str
    """A path that answers with a 2xx when the server is ready."""

    def __init__(self) -> None:
        """Choose a free port."""
        self.host = "127.0.0.1"
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.program}-"))
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://{self.host}:{self.port}"

    @abstractmethod
    def arguments(self) -> list[str]:
        """Return the arguments of the program."""

    async def start(self) -> None:
        """Start the server and return when it answers."""
        program = await find_program(self.program, self.package)
        log = self.folder / "server.log"
        self._process = await spawn(log, program, *self.arguments())
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                await self._until_it_answers()
        except TimeoutError:
            await self.stop()
            message = f"{self.program} does not answer: {log.read_text(errors='replace')[-500:]}"
            raise ProgramError(message) from None

    async def stop(self) -> None:
        """Stop the server."""
        if self._process is not None:
            await stop_process(self._process)
            self._process = None

    async def _until_it_answers(self) -> None:
        while True:
            try:
                await self.get(self.ready)
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
            else:
                return

    async def get(self, path: str, **parameters: str) -> str:
        """Return the text that a path answers with."""
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.get(f"{self.url}{path}", params=parameters) as answer,
        ):
            return await answer.text()

    async def post(self, path: str, **parameters: str) -> str:
        """Return the text that a path answers to a form with."""
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.post(f"{self.url}{path}", data=parameters) as answer,
        ):
            return await answer.text()

    async def json(self, path: str, **parameters: str) -> Any:
        """Return what a path answers with, from JSON."""
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.get(f"{self.url}{path}", params=parameters) as answer,
        ):
            return await answer.json(content_type=None)

    async def __aenter__(self) -> Self:
        """Start."""
        try:
            await self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and remove what it wrote."""
        await self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class InfluxDb(Database):
    """An InfluxDB 1 (Debian's `influxdb`)."""

    program = "influxd"
    package = "influxdb"
    ready = "/ping"

    @override
    def arguments(self) -> list[str]:
        settings = self.folder / "influxdb.conf"
        settings.write_text(
            "reporting-disabled = true\n"
            f'bind-address = "{self.host}:{free_port()}"\n'
            f'[meta]\ndir = "{self.folder}/meta"\n'
            f'[data]\ndir = "{self.folder}/data"\nwal-dir = "{self.folder}/wal"\n'
            "query-log-enabled = false\n"
            "[monitor]\nstore-enabled = false\n"
            f'[http]\nbind-address = "{self.host}:{self.port}"\nlog-enabled = false\n'
        )
        return ["-config", str(settings)]

    async def create(self, database: str) -> None:
        """Make a database."""
        await self.post("/query", q=f'CREATE DATABASE "{database}"')

    async def query(self, database: str, query: str) -> list[dict[str, Any]]:
        """Return the rows of an InfluxQL query, each as column: value, with its series' tags."""
        answer = await self.json("/query", db=database, q=query, epoch="ms")
        rows: list[dict[str, Any]] = []
        for result in answer["results"]:
            if "error" in result:
                raise ValueError(result["error"])
            for series in result.get("series", ()):
                for values in series["values"]:
                    row = dict(zip(series["columns"], values, strict=True))
                    rows.append({"measurement": series["name"], **series.get("tags", {}), **row})
        return rows


class VictoriaMetrics(Database):
    """A VictoriaMetrics, which takes the lines of InfluxDB 1 and 2 (Debian's `victoria-metrics`)."""

    program = "victoria-metrics"
    package = "victoria-metrics"
    ready = "/health"

    @override
    def arguments(self) -> list[str]:
        return [
            f"-storageDataPath={self.folder}/data",
            f"-httpListenAddr={self.host}:{self.port}",
            # What was written is found at once.
            "-search.latencyOffset=0s",
            "-influxSkipSingleField=false",
        ]

    async def query(self, query: str, **parameters: str) -> list[dict[str, Any]]:
        """Return the series that a PromQL query finds: labels, and the last value."""
        await self.get("/internal/force_flush")
        answer = await self.json("/api/v1/query", query=query, **parameters)
        return [
            {**series["metric"], "value": float(series["value"][1])}
            for series in answer["data"]["result"]
        ]
