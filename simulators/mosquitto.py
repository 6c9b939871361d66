"""A real MQTT broker on this machine, for development and for tests."""

import asyncio
import base64
import contextlib
import datetime as dt
import hashlib
import ipaddress
import os
import pwd
import shutil
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from simulators.debian import CACHE, ProgramError, find_program
from simulators.process import spawn, stop_process

PLACES: Final = (
    "/usr/sbin",
    "/usr/local/sbin",
    "/opt/homebrew/sbin",
    # scripts/setup may have unpacked it together with Python.
    str(CACHE / "debian" / "usr" / "sbin"),
)
READY_TIMEOUT: Final = 10.0


class MosquittoError(Exception):
    """No broker: it is not to be had here, or it did not start. The text says what to do."""


async def find_mosquitto() -> str:
    """Return the path of a mosquitto program, unpacked from Debian's packages if need be."""
    try:
        return await find_program("mosquitto", "mosquitto", PLACES)
    except ProgramError as error:
        raise MosquittoError(str(error)) from error


def free_port(host: str = "127.0.0.1") -> int:
    """Return a TCP port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


class Mosquitto:
    """One broker on one loopback port.

    An async context manager; `stop()` and `start()` in between keep port, users and
    certificate. With `username` and `password` nobody else is let in. With `tls` the port
    speaks TLS only, with a self-signed certificate for localhost and 127.0.0.1 whose PEM
    file is `certificate`.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        username: str | None = None,
        password: str | None = None,
        tls: bool = False,
        log: Path | None = None,
    ) -> None:
        """Take the settings; `port` None is a free one, `log` None is a file that goes at the end."""
        self.host = "127.0.0.1"
        self.port = port if port is not None else free_port()
        self.username = username
        self.password = password
        self.tls = tls
        self._folder = Path(tempfile.mkdtemp(prefix="mosquitto-"))
        self.certificate = self._folder / "certificate.pem"
        self.log = log or self._folder / "mosquitto.log"
        self._process: asyncio.subprocess.Process | None = None
        if tls:
            self.renew_certificate()
        self._write_configuration()

    @property
    def running(self) -> bool:
        """Whether the broker's process is alive."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the broker and return when it accepts connections."""
        if self.running:
            return
        program = await find_mosquitto()
        self._process = await spawn(self.log, program, "-c", str(self._folder / "mosquitto.conf"))
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                await self._accepts_connections()
        except TimeoutError:
            await self.stop()
            message = f"mosquitto does not answer on port {self.port}"
            raise MosquittoError(message) from None

    async def stop(self) -> None:
        """Stop the broker; its clients lose their connections."""
        if self._process is not None:
            await stop_process(self._process)
            self._process = None

    async def wait(self) -> int:
        """Return the exit code when the process ends."""
        return await self._process.wait() if self._process else 0

    def last_lines(self) -> str:
        """Return what the broker printed."""
        return self.log.read_text(errors="replace").strip()

    def renew_certificate(self) -> None:
        """Make a new self-signed certificate; the broker shows it from the next `start()` on."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        today = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - dt.timedelta(days=1))
            .not_valid_after(today + dt.timedelta(days=3650))
            .add_extension(
                x509.SubjectAlternativeName(
                    [
                        x509.DNSName("localhost"),
                        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                    ]
                ),
                critical=False,
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (self._folder / "key.pem").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def _write_configuration(self) -> None:
        lines = [
            f"listener {self.port} {self.host}",
            # Started by root it would give up its rights, and with them these files.
            f"user {pwd.getpwuid(os.getuid()).pw_name}",
            "log_dest stderr",
            "connection_messages false",
            "set_tcp_nodelay true",
            # A slow reader in a test shall not lose messages to the default of 1,000.
            "max_queued_messages 0",
        ]
        if self.username is None:
            lines.append("allow_anonymous true")
        else:
            users = self._folder / "users"
            users.write_text(_password_line(self.username, self.password or ""))
            users.chmod(0o600)
            lines += ["allow_anonymous false", f"password_file {users}"]
        if self.tls:
            lines += [f"certfile {self.certificate}", f"keyfile {self._folder / 'key.pem'}"]
        (self._folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")

    async def _accepts_connections(self) -> None:
        while True:
            if not self.running:
                message = f"mosquitto ended at once: {self.last_lines()}"
                raise MosquittoError(message)
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(self.host, self.port)
                writer.close()
                return
            await asyncio.sleep(0.02)

    async def __aenter__(self) -> Self:
        """Start."""
        try:
            await self.start()
        except BaseException:
            self._forget_files()
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
        self._forget_files()

    def _forget_files(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _password_line(username: str, password: str) -> str:
    """Return a line of mosquitto's password file (PBKDF2 with SHA-512, as mosquitto_passwd writes it)."""
    rounds = 101
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    encoded = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"{username}:$7${rounds}${'$'.join(encoded)}\n"
