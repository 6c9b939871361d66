"""Where a SENEC is: the host as a user types it, and the certificate it shows."""

from urllib.parse import urlsplit

from ...tls import async_fetch_certificate
from .const import HTTPS_PORT


def cleaned_host(text: str) -> str:
    """Return host (and port, where one is given) of what was typed or pasted from a browser."""
    text = text.strip()
    if "://" in text:
        text = urlsplit(text).netloc
    return text.strip("/").split("/", 1)[0]


def host_and_port(host: str) -> tuple[str, int]:
    """Return the name and the port for TLS; an address of IPv6 may stand without brackets."""
    if host.count(":") > 1 and not host.startswith("["):
        return host, HTTPS_PORT
    parts = urlsplit(f"//{host}")
    return parts.hostname or host, parts.port or HTTPS_PORT


async def async_shown_certificate(host: str) -> str | None:
    """Return the certificate (PEM) that the device shows; None where it speaks no TLS."""
    try:
        name, port = host_and_port(host)
        return await async_fetch_certificate(name, port)
    except OSError, ValueError:
        return None
