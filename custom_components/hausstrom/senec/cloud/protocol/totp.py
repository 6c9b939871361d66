"""One-time codes for the second factor (RFC 6238 with SHA-1, six digits, thirty seconds)."""

import asyncio
import binascii
import hmac
from base64 import b32decode
from collections.abc import Awaitable, Callable
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


def step_of(now: datetime) -> int:
    """Return the number of the half minute that a moment lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def code(key: bytes, now: datetime) -> str:
    """Return the code that is valid at that moment."""
    return code_of_step(key, step_of(now))


def code_of_step(key: bytes, counter: int) -> str:
    """Return the code of a half minute (RFC 4226 section 5.3 for the truncation)."""
    digest = hmac.digest(key, counter.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


class OneTimeCodes:
    """Gives each code once: SENEC refuses one that it has seen, and counts that as a failure.

    Shared by all sign-ins of this house, so that two systems of one account, which may need to
    sign in at the same moment, do not use the same code.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take the clock, and what waits for the next half minute."""
        self._clock = clock
        self._sleep = sleep
        self._used: dict[bytes, int] = {}
        self._taking = asyncio.Lock()

    async def take(self, key: bytes) -> str:
        """Return a code that has not been given before; waits for it up to half a minute."""
        async with self._taking:
            free = self._used.get(key, -1) + 1
            wait = free * STEP_SECONDS - self._clock().timestamp()
            if wait > 0:
                await self._sleep(wait)
            step = self._used[key] = max(free, step_of(self._clock()))
            return code_of_step(key, step)
