"""Certificates of devices that sign their own: fetched once, trusted from then on.

A device in the house has no certificate that any authority vouches for. Its certificate is
taken at first use and pinned: later handshakes succeed with exactly this certificate and
fail, before any secret is sent, with any other.
"""

import asyncio
import hashlib
import ssl
from typing import Final

# Cheap devices have no clock when they sign, and sign for a century: a pinned
# certificate is trusted for being this one, not for its dates (OpenSSL x509_vfy.h).
_NO_CHECK_TIME: Final = ssl.VerifyFlags(0x200000)
# ... nor for the strength of its signature.
_DEVICE_CIPHERS: Final = "DEFAULT:@SECLEVEL=0"
FETCH_TIMEOUT: Final = 15.0


def _client_context() -> ssl.SSLContext:
    # Unlike ssl.create_default_context this reads no file, so it may run in the event loop.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.set_ciphers(_DEVICE_CIPHERS)
    return context


def pinned_context(certificate: str, *, named: bool = False) -> ssl.SSLContext:
    """Return a client context that trusts the one certificate (PEM) and nothing else.

    `named` is for that of an authority: what it signed has to name the host that was asked.

    Raises ssl.SSLError if the text is not a certificate.
    """
    context = _client_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = named
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME
    context.load_verify_locations(cadata=certificate)
    return context


async def async_fetch_certificate(host: str, port: int) -> str:
    """Return the certificate (PEM) that a TLS server shows; nothing is sent to it.

    Raises OSError (which ssl.SSLError and TimeoutError are) if there is no TLS server.
    """
    context = _client_context()
    context.verify_mode = ssl.CERT_NONE
    async with asyncio.timeout(FETCH_TIMEOUT):
        _reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        ssl_object: ssl.SSLObject = writer.get_extra_info("ssl_object")
        der = ssl_object.getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
    if der is None:  # pragma: no cover  TLS without a certificate needs anonymous ciphers
        raise ssl.SSLError("the server showed no certificate")
    return ssl.DER_cert_to_PEM_cert(der)


def fingerprint(certificate: str) -> str:
    """Return the SHA-256 fingerprint of a certificate (PEM), as browsers print it."""
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest().upper()
    return ":".join(digest[index : index + 2] for index in range(0, len(digest), 2))
