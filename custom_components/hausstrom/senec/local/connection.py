"""How a SENEC is reached: the host as a user types it, a session of its own, the certificate it shows.

Everything goes through one session: what resolves a name for the requests resolves it for the
certificate too, and the certificate is that of the very connection which was used.
"""

import ssl
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final, NamedTuple, override
from urllib.parse import urlsplit

import aiohttp
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import (
    DATA_RESOLVER,
    HomeAssistantTCPConnector,
    async_get_clientsession,
)

from ...const import CONF_CERTIFICATE
from ...tls import pinned_context
from .protocol.client import SCHEMES, LalaClient, LalaError, LalaFault, Scheme
from .protocol.identity import SenecIdentity

_CONNECTIONS: Final = 2
_CIPHERS: Final = "DEFAULT:@SECLEVEL=0"  # as for what is pinned: cheap devices sign weakly


def cleaned_host(text: str) -> str:
    """Return host (and port, where one is given) of what was typed or pasted from a browser."""
    text = text.strip()
    if "://" in text:
        text = urlsplit(text).netloc
    return text.strip("/").split("/", 1)[0]


def new_session(hass: HomeAssistant) -> aiohttp.ClientSession:
    """Return a session with its own connections and cookies; whoever asks for it closes it.

    Cookies of an IP address need a jar of their own. Connections of Home Assistant's shared pool
    would outlive the entry: each reload has another TLS context, so none of them is used again.
    """
    async_get_clientsession(hass)  # makes the resolver that knows .local names
    return aiohttp.ClientSession(
        connector=HomeAssistantTCPConnector(limit=_CONNECTIONS, resolver=hass.data[DATA_RESOLVER]),
        cookie_jar=aiohttp.CookieJar(unsafe=True),
    )


class SeeingContext(ssl.SSLContext):
    """A client context that trusts any certificate, and keeps the one it was shown."""

    _shown: ssl.SSLObject | None = None

    @classmethod
    def make(cls) -> SeeingContext:
        """Return one that has seen nothing yet. Reads no file, so it may run in the event loop."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers(_CIPHERS)
        return context

    @property
    def certificate(self) -> str | None:
        """The certificate (PEM) of the newest connection; None where there was none."""
        der = None if self._shown is None else self._shown.getpeercert(binary_form=True)
        return None if der is None else ssl.DER_cert_to_PEM_cert(der)

    @override
    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Begin the TLS of a connection."""
        self._shown = super().wrap_bio(*args, **kwargs)
        return self._shown


class FoundDevice(NamedTuple):
    """Who answers at an address: over which way, and with which certificate (PEM; http: none)."""

    identity: SenecIdentity
    scheme: Scheme
    certificate: str | None


async def async_who_answers(
    session: aiohttp.ClientSession, host: str, schemes: tuple[Scheme, ...] = SCHEMES
) -> FoundDevice:
    """Return who answers; any certificate will do, and nothing but the identity is asked for.

    Raises LalaError, with CERTIFICATE where https works but shows no certificate to remember.
    """
    context = SeeingContext.make()
    client = LalaClient(session, host, schemes=schemes, tls=context, clock=monotonic)
    identity = await client.probe()
    certificate = context.certificate if client.scheme == "https" else None
    if client.scheme == "https" and certificate is None:
        raise LalaError(LalaFault.CERTIFICATE, "none shown")
    return FoundDevice(identity, client.scheme, certificate)


def client_of(
    session: aiohttp.ClientSession, data: Mapping[str, Any]
) -> tuple[LalaClient, SeeingContext | None]:
    """Return the client of an entry's data: over nothing but https where a certificate is pinned.

    Where none is, the context that sees it comes with it. Raises ssl.SSLError where what is
    remembered is no certificate.
    """
    certificate: str | None = data.get(CONF_CERTIFICATE)
    host: str = data[CONF_HOST]
    if certificate is None:
        seen = SeeingContext.make()
        return LalaClient(session, host, tls=seen, clock=monotonic), seen
    pinned = pinned_context(certificate)
    return LalaClient(session, host, schemes=("https",), tls=pinned, clock=monotonic), None
