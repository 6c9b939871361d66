"""The HTTP side of lala.cgi: one request at a time, https or http, every failure with its cause."""

import asyncio
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from time import monotonic
from typing import Final, Literal

import aiohttp

from .codec import MAX_ANSWER_BYTES, Answer, AnswerFault, CodecError, Decoder
from .identity import IDENTITY, SenecIdentity
from .request import inventory_groups, read_body, sections_body

type Scheme = Literal["https", "http"]
type TlsCheck = ssl.SSLContext | bool

SCHEMES: Final[tuple[Scheme, ...]] = ("https", "http")
TIMEOUT: Final = 20.0
CONNECT_TIMEOUT: Final = 10.0
LATE_FACTOR: Final = 3
"""By how much longer an answer is waited for after one did not come in time."""
MAX_LOG_BYTES: Final = 8 * 1024 * 1024
_SESSION_REFUSED: Final = frozenset({401, 403})
_HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/json"}


class LalaFault(StrEnum):
    """Why a request brought nothing."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"  # not the one that was pinned
    STATUS = "status"  # an HTTP status that is not 200
    TRUNCATED = "truncated"
    GARBAGE = "garbage"  # an answer that is not lala.cgi's
    NOT_SENEC = "not_senec"  # somebody else's web server
    NO_INTERFACE = "no_interface"  # a SENEC without lala.cgi
    WRONG_DEVICE = "wrong_device"  # another SENEC than the one that was set up

    @property
    def is_slowness(self) -> bool:
        """Whether a smaller request may be answered: it says nothing of what a device has."""
        return self in _SLOWNESS


_SLOWNESS: Final = frozenset({LalaFault.TIMEOUT, LalaFault.STATUS, LalaFault.TRUNCATED})


class LalaError(Exception):
    """A request that brought nothing; `status` is the HTTP status where there was one."""

    def __init__(self, fault: LalaFault, detail: str = "", status: int | None = None) -> None:
        """Keep the cause for the machine and the detail for the log."""
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault = fault
        self.status = status


@dataclass(slots=True, eq=False, repr=False)
class Traffic:
    """What went over the wire, for diagnostics."""

    requests: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    faults: dict[LalaFault, int] = field(default_factory=dict)
    refused_values: int = 0
    duration_ms: float | None = None


class LalaClient:
    """Talks to one device.

    The session is the caller's: it needs a cookie jar of its own that takes cookies of IP
    addresses, for newer images hand out a session cookie. `tls` is what decides about the
    certificate: a context that trusts only the pinned one, or one that trusts any and keeps what it
    was shown. `schemes` are the ways that may be tried: pinned means https and nothing else.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        host: str,
        *,
        schemes: tuple[Scheme, ...] = SCHEMES,
        tls: TlsCheck = False,
        timeout_seconds: float = TIMEOUT,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Remember how to reach the device; nothing is sent yet. clock: steady seconds."""
        self._session = session
        self._clock = clock
        self._tls = tls
        self._schemes = schemes
        self._timeout = timeout_seconds
        self._was_late = True  # patient until it has shown how fast it is
        self._decoder = Decoder()
        self._lock = asyncio.Lock()
        self.host = host
        self.scheme: Scheme = schemes[0]
        self.traffic = Traffic()

    @property
    def base_url(self) -> str:
        """Address of the device's own page."""
        return f"{self.scheme}://{_bracketed(self.host)}"

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        """The ways that may be tried."""
        return self._schemes

    def pin(self, tls: TlsCheck) -> None:
        """From now on trust this certificate alone, and use nothing but https."""
        self._tls = tls
        self._schemes = ("https",)
        self.scheme = "https"

    async def query(self, body: bytes) -> Answer:
        """Send a body to lala.cgi and return the decoded answer.

        Waits while another request runs. Raises LalaError.
        """
        async with self._lock:
            return await self._counted_query(body)

    async def _counted_query(self, body: bytes) -> Answer:
        try:
            return await self._query(body)
        except LalaError as error:
            faults = self.traffic.faults
            faults[error.fault] = faults.get(error.fault, 0) + 1
            raise

    async def _query(self, body: bytes) -> Answer:
        begun = self._clock()
        status, content = await self._post(body)
        if status in _SESSION_REFUSED:
            # Newer images hand out a cookie with the refusal; with it the device answers.
            status, content = await self._post(body)
        if status != 200:
            raise LalaError(LalaFault.STATUS, f"HTTP {status}", status)
        self.traffic.duration_ms = round((self._clock() - begun) * 1000, 1)
        try:
            answer = self._decoder.decode(content)
        except CodecError as error:
            fault = (
                LalaFault.TRUNCATED
                if error.reason in {AnswerFault.TRUNCATED, AnswerFault.EMPTY}
                else LalaFault.GARBAGE
            )
            raise LalaError(fault, str(error), status) from error
        if not answer.sections and not answer.refused_sections:
            raise LalaError(LalaFault.GARBAGE, "an answer without any section", status)
        self.traffic.refused_values += sum(
            not value.reason.is_permanent for value in answer.refused()
        )
        return answer

    async def _post(self, body: bytes) -> tuple[int, bytes]:
        self.traffic.requests += 1
        self.traffic.bytes_sent += len(body)
        status, content = await self._send("POST", "/lala.cgi", body, MAX_ANSWER_BYTES)
        self.traffic.bytes_received += len(content)
        return status, content

    async def _send(
        self, method: str, path: str, body: bytes | None, limit: int
    ) -> tuple[int, bytes]:
        """Send one request; return status and content, at most one byte more than `limit`."""
        begun = self._clock()
        try:
            async with self._session.request(
                method,
                self.base_url + path,
                data=body,
                headers=_HEADERS if body is not None else None,
                ssl=self._tls,
                timeout=self._patience(),
                allow_redirects=False,
            ) as response:
                content = bytearray()
                async for chunk in response.content.iter_any():
                    content += chunk
                    if len(content) > limit:
                        raise LalaError(LalaFault.GARBAGE, f"more than {limit} bytes")
                self._was_late = self._clock() - begun > self._timeout / 2
                return response.status, bytes(content)
        except TimeoutError as error:
            self._was_late = True
            raise LalaError(LalaFault.TIMEOUT) from error
        except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch) as error:
            raise LalaError(_tls_fault(error), str(error)) from error
        except aiohttp.ClientPayloadError as error:
            raise LalaError(LalaFault.TRUNCATED, str(error)) from error
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            # RuntimeError: the session was closed under us, with the entry that is unloaded
            raise LalaError(LalaFault.UNREACHABLE, str(error)) from error

    def _patience(self) -> aiohttp.ClientTimeout:
        """Wait longer at first and after a time-out: some devices take up to 50 s for an answer.

        An address where nobody is costs no more than the time to connect.
        """
        seconds = self._timeout * LATE_FACTOR if self._was_late else self._timeout
        return aiohttp.ClientTimeout(
            total=seconds, sock_connect=min(self._timeout, CONNECT_TIMEOUT)
        )

    async def read_sections(self, sections: Collection[str]) -> Answer:
        """Return whole sections, less credentials; none named: all that are documented.

        Raises LalaError.
        """
        if sections:
            return await self.query(sections_body(sections))
        merged = Answer({})
        for group in inventory_groups():
            answer = await self.query(sections_body(group))
            merged.sections.update(answer.sections)
            merged.refused_sections.update(answer.refused_sections)
        return merged

    async def log_lines(self, day: date, *, double_slash_first: bool = True) -> list[str]:
        """Return the lines of the device's own log of a day.

        Since firmware 0826 the path begins with two slashes; the other spelling is tried next.
        Raises LalaError: STATUS where the device has no log of that day.
        """
        path = f"/log/{day:%Y/%m/%d}.log"
        paths = [f"/{path}", path] if double_slash_first else [path, f"/{path}"]
        async with self._lock:
            status = 404
            for spelling in paths:
                self.traffic.requests += 1
                status, content = await self._send("GET", spelling, None, MAX_LOG_BYTES)
                self.traffic.bytes_received += len(content)
                if status == 200:
                    return content.decode("utf-8", "replace").splitlines()
        raise LalaError(LalaFault.STATUS, f"HTTP {status}", status)

    async def _identify(self) -> SenecIdentity:
        """Return who answers. Raises LalaError; NOT_SENEC for an answer without a device id."""
        answer = await self._counted_query(read_body(IDENTITY))
        identity = SenecIdentity.of(answer)
        if identity is None:
            raise LalaError(LalaFault.NOT_SENEC, "no device id")
        return identity

    async def probe(self) -> SenecIdentity:
        """Find out how to speak to the device: https first, then http where that may be; keep it.

        Other requests wait until it is settled which way they go. Raises LalaError: CERTIFICATE,
        NO_INTERFACE, NOT_SENEC or the fault of https.
        """
        async with self._lock:
            return await self._probe()

    async def _probe(self) -> SenecIdentity:
        before = self.scheme
        faults: list[LalaError] = []
        for scheme in self._schemes:
            self.scheme = scheme
            try:
                return await self._identify()
            except LalaError as error:
                faults.append(error)
                if error.fault is LalaFault.CERTIFICATE:
                    break
        self.scheme = before
        # What somebody answered tells more than that nobody did.
        telling = max(faults, key=lambda error: error.fault not in _NO_ANSWER)
        if telling.fault in _FOREIGN and (telling.status or 0) < 500:
            raise await self._who_else() from telling
        raise telling

    async def _who_else(self) -> LalaError:
        """Tell a SENEC that has no lala.cgi (Home P4, Home 4) from other web servers."""
        before = self.scheme
        for scheme in self._schemes:
            self.scheme = scheme
            try:
                _status, content = await self._send("GET", "/", None, MAX_ANSWER_BYTES)
            except LalaError:
                continue
            finally:
                self.scheme = before
            if b"senec" in content.lower():
                return LalaError(LalaFault.NO_INTERFACE)
        return LalaError(LalaFault.NOT_SENEC)


_NO_ANSWER: Final = frozenset({LalaFault.UNREACHABLE, LalaFault.TIMEOUT})
_FOREIGN: Final = frozenset({LalaFault.STATUS, LalaFault.GARBAGE, LalaFault.NOT_SENEC})


def _tls_fault(error: Exception) -> LalaFault:
    """Tell a certificate that is not the pinned one from a server that speaks no TLS."""
    if isinstance(
        error, aiohttp.ServerFingerprintMismatch | aiohttp.ClientConnectorCertificateError
    ):
        return LalaFault.CERTIFICATE
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return LalaFault.CERTIFICATE
        cause = cause.__cause__
    return LalaFault.UNREACHABLE


def _bracketed(host: str) -> str:
    """Return a host as it stands in a URL: IPv6 addresses in brackets."""
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
