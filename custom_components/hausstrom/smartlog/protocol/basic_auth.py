"""HTTP Basic authentication (RFC 7617), compared in constant time."""

import base64
import binascii
import hmac

_LONGEST_HEADER = 1_024


def is_authorized(header: str | None, username: str, password: str) -> bool:
    """Return whether an Authorization header carries these credentials.

    Clients write them in UTF-8 or, as older ones do, in ISO-8859-1; both are accepted. Both
    fields are always compared, each in constant time.
    """
    sent_name, sent_password = _credentials(header)
    authorized = False
    for encoding in ("utf-8", "iso-8859-1"):
        name_fits = hmac.compare_digest(sent_name, _encoded(username, encoding))
        password_fits = hmac.compare_digest(sent_password, _encoded(password, encoding))
        authorized |= name_fits & password_fits
    return authorized and bool(password)


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode()


def _credentials(header: str | None) -> tuple[bytes, bytes]:
    """Return user name and password as sent, empty where there are none."""
    if header is None or len(header) > _LONGEST_HEADER:
        return b"", b""
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.casefold() != "basic":
        return b"", b""
    try:
        name, _, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except binascii.Error, ValueError:
        return b"", b""
    return name, password
