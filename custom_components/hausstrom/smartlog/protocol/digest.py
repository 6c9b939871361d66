"""HTTP Digest authentication (RFC 7616) for clients that refuse to send their password.

The nonce is a time, signed: nothing needs to be remembered of it. MD5 is what the loggers'
HTTP libraries know; SHA-256 is offered too.
"""

import hashlib
import hmac
from collections.abc import Callable

from ...common.pattern import LatePattern

REALM = "SmartLog"
_VALID_FOR = 300
_LONGEST_HEADER = 2_048
_PARAMETER = LatePattern(r'(\w{1,20})=(?:"([^"]{0,512})"|([^\s,"]{1,128}))')
_ALGORITHMS: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
}


def challenges(secret: bytes, now: int) -> list[str]:
    """Return the values of WWW-Authenticate that ask for Digest; `now` in unix seconds."""
    nonce = _nonce(secret, now)
    return [
        f'Digest realm="{REALM}", qop="auth", algorithm={name}, nonce="{nonce}"'
        for name in ("SHA-256", "MD5")
    ]


def is_authorized_by_digest(
    header: str | None, method: str, login: tuple[str, str], secret: bytes, now: int
) -> bool:
    """Return whether an Authorization header proves to know the password, for a fresh nonce.

    `login` are user name and password, `method` that of the request, `now` is in unix seconds.
    """
    username, password = login
    if header is None or len(header) > _LONGEST_HEADER or header[:7].casefold() != "digest ":
        return False
    sent = {
        name.casefold(): quoted or plain for name, quoted, plain in _PARAMETER().findall(header)
    }
    digest = _ALGORITHMS.get(sent.get("algorithm", "MD5").upper())
    if digest is None or not password or not _is_fresh(sent.get("nonce", ""), secret, now):
        return False
    authorized = False
    for encoding in ("utf-8", "iso-8859-1"):
        try:
            who = f"{username}:{REALM}:{password}".encode(encoding)
        except UnicodeEncodeError:
            continue
        ha1 = digest(who)
        ha2 = digest(f"{method}:{sent.get('uri', '')}".encode())
        parts = [ha1, sent["nonce"], ha2]
        if sent.get("qop") == "auth":
            parts[2:2] = [sent.get("nc", ""), sent.get("cnonce", ""), "auth"]
        expected = digest(":".join(parts).encode())
        authorized |= hmac.compare_digest(expected, sent.get("response", "").casefold())
    return authorized & hmac.compare_digest(sent.get("username", "").encode(), username.encode())


def _nonce(secret: bytes, now: int) -> str:
    signature = hmac.new(secret, str(now).encode(), "sha256").hexdigest()[:32]
    return f"{now:x}-{signature}"


def _is_fresh(nonce: str, secret: bytes, now: int) -> bool:
    stamp, _, _signature = nonce.partition("-")
    try:
        issued = int(stamp, 16)
    except ValueError:
        return False
    genuine = hmac.compare_digest(_nonce(secret, issued).encode(), nonce.encode())
    return genuine and 0 <= now - issued <= _VALID_FOR
