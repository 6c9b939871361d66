"""One-time codes for the second factor (RFC 6238 with SHA-1, six digits, thirty seconds)."""

import binascii
import hmac
from base64 import b32decode
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

STEP_SECONDS: Final = 30
DIGITS: Final = 6


def secret_from(text: str) -> bytes:
    """Return the key bytes of a base32 secret or of an `otpauth://totp/…` address.

    Blanks, dashes, lower case and missing padding are forgiven, as people copy them.
    Raises `ValueError` when nothing usable remains, or the address asks for another kind of code.
    """
    text = text.strip()
    if text.lower().startswith("otpauth:"):
        address = urlsplit(text)
        fields = parse_qs(address.query)
        if (
            address.netloc.lower() != "totp"
            or fields.get("algorithm", ["SHA1"])[0].upper() != "SHA1"
            or fields.get("digits", ["6"])[0] != str(DIGITS)
            or fields.get("period", ["30"])[0] != str(STEP_SECONDS)
        ):
            raise ValueError("not a time-based code with SHA-1, 6 digits, 30 seconds")
        text = fields.get("secret", [""])[0]
    text = "".join(text.split()).replace("-", "").rstrip("=").upper()
    try:
        key = b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError) as err:
        raise ValueError("not a base32 secret") from err
    if not key:
        raise ValueError("empty secret")
    return key


def code(key: bytes, now: datetime) -> str:
    """Return the code that is valid at that moment (RFC 4226 section 5.3 for the truncation)."""
    counter = int(now.timestamp()) // STEP_SECONDS
    digest = hmac.digest(key, counter.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
