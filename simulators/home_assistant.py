"""A real Home Assistant with the integration, in a folder of its own."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from simulators.home_assistant_client import HomeAssistantClient, HomeAssistantError
from simulators.process import spawn, stop_process
from simulators.zone import VARIABLE

FORECAST: Final = Path(__file__).resolve().parent / "forecast"
COMPONENTS: Final = Path(__file__).resolve().parent.parent / "custom_components"
# The first start installs what scripts/setup could not.
START_TIMEOUT: Final = 300.0
STOP_TIMEOUT: Final = 30.0
TAIL_LINES: Final = 25

# No default_config: it would look for devices and services outside this machine.
CONFIGURATION: Final = """\
# Written by scripts/develop at every start.
homeassistant:
  name: Hausstrom
  language: {language}
  country: AT
  currency: EUR
  time_zone: {zone}
  latitude: 48.2
  longitude: 15.6
  elevation: 270
  unit_system: metric
  auth_providers:
    - type: trusted_networks
      trusted_networks: [127.0.0.0/8, "::1/128"]
      allow_bypass_login: true
    - type: homeassistant
config:
energy:
history:
logbook:
my:
logger:
  default: warning
  logs:
    custom_components.hausstrom: debug
    # Cameras are no business of ours, and their libraries need not be here.
    haffmpeg: critical
    homeassistant.components.camera: critical
"""


class HomeAssistant:
    """Home Assistant as a child process. An async context manager.

    `config` is its folder, made where it is missing; `client` is somebody logged in as the
    owner, usable between entering and leaving the context.
    """

    def __init__(
        self,
        config: Path,
        *,
        port: int,
        host: str = "127.0.0.1",
        language: str = "en",
        environment: Mapping[str, str] | None = None,
        components: Path = COMPONENTS,
    ) -> None:
        """Take the settings; `environment` is added to this process's own."""
        self.config = config
        self.port = port
        self.host = host
        self.language = language
        self.client = HomeAssistantClient(f"http://127.0.0.1:{port}")
        self._environment = {**os.environ, **(environment or {})}
        self._components = components
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """The address of the web page."""
        return self.client.url

    @property
    def pid(self) -> int:
        """The process that runs. Raises HomeAssistantError if none does."""
        if self._process is None:
            raise HomeAssistantError("Home Assistant is not running")
        return self._process.pid

    async def start(self) -> None:
        """Start Home Assistant, and return when it has started and the client is logged in."""
        self._write_configuration()
        console = self.config / "console.log"
        console.write_bytes(b"")  # of this start alone
        self._process = await spawn(
            console,
            sys.executable,
            "-P",  # else the folder we are in is searched for components too
            "-m",
            "homeassistant",
            "--config",
            str(self.config),
            "--log-no-color",
            cwd=self.config,
            env=self._environment,
        )
        started = asyncio.create_task(self._log_in())
        ended = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait(
                {started, ended}, timeout=START_TIMEOUT, return_when=asyncio.FIRST_COMPLETED
            )
            if not started.done():
                cause = "ended" if ended.done() else f"did not start in {START_TIMEOUT:.0f} s"
                message = f"Home Assistant {cause}:\n{self.last_lines()}"
                raise HomeAssistantError(message)
            await started
        finally:
            for task in (started, ended):
                task.cancel()

    async def wait(self) -> int:
        """Return the exit code when the process ends."""
        return await self._process.wait() if self._process else 0

    async def stop(self) -> None:
        """Have Home Assistant shut down in order."""
        if self._process is not None:
            await stop_process(self._process, STOP_TIMEOUT)
            self._process = None

    def last_lines(self) -> str:
        """Return the end of what Home Assistant printed."""
        lines = (self.config / "console.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])

    async def _log_in(self) -> None:
        await self.client.wait_until_served()
        await self.client.authorize(self.language)
        await self.client.wait_until_started()

    def _write_configuration(self) -> None:
        storage = self.config / ".storage"
        storage.mkdir(parents=True, exist_ok=True)
        (self.config / "configuration.yaml").write_text(
            CONFIGURATION.format(
                language=self.language, zone=os.environ.get(VARIABLE, "Europe/Vienna")
            )
        )
        folder = self.config / "custom_components"
        if folder.is_symlink():  # as earlier versions made it
            folder.unlink()
        folder.mkdir(exist_ok=True)
        for source in (*self._components.iterdir(), *FORECAST.iterdir()):
            link = folder / source.name
            if link.is_symlink():
                link.unlink()
            if source.is_dir():
                link.symlink_to(source)
        # The web server's settings are no longer read from configuration.yaml.
        _store(
            storage / "http",
            version=2,
            minor_version=2,
            data={
                "stable": {
                    "server_host": [self.host],
                    "server_port": self.port,
                    "cors_allowed_origins": [],
                    "login_attempts_threshold": -1,
                    "ip_ban_enabled": False,
                    "ssl_profile": "modern",
                    "use_x_frame_options": True,
                    "created_at": "2026-01-01T00:00:00+00:00",
                    "error": None,
                    "error_message": None,
                },
                "pending": None,
                "yaml_migration_done": True,
            },
        )
        # Of onboarding only the owner's account is left to do: the other steps add
        # integrations that need services of the internet.
        onboarding = storage / "onboarding"
        if not onboarding.exists():
            _store(
                onboarding,
                version=4,
                minor_version=1,
                data={"done": ["core_config", "analytics", "integration"]},
            )

    async def __aenter__(self) -> Self:
        """Start."""
        await self.client.__aenter__()
        try:
            await self.start()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.client.__aexit__(error_type, error, traceback)
        await self.stop()


def _store(path: Path, *, version: int, minor_version: int, data: Mapping[str, object]) -> None:
    """Write a file as Home Assistant's storage helper does."""
    content = {"version": version, "minor_version": minor_version, "key": path.name, "data": data}
    path.write_text(json.dumps(content, indent=2))
