"""The meter's key in the spellings that people really have."""

from enum import StrEnum
from typing import Final

from ...common.pattern import LatePattern

KEY_BYTES: Final = 16
_SEPARATORS: Final = LatePattern(r"0[xX]|\\[xX]|[\s:,;\-{}.'\"_()\[\]/|]+")
_HEX: Final = LatePattern(r"[0-9A-Fa-f]*")


class KeyMistake(StrEnum):
    """What is wrong with a key that was typed."""

    EMPTY = "empty"
    NOT_HEX = "not_hex"
    SIXTEEN_CHARACTERS = "sixteen_characters"
    SIXTY_FOUR_CHARACTERS = "sixty_four_characters"
    WRONG_LENGTH = "wrong_length"


class InvalidKeyError(ValueError):
    """A text that is no key, and the mistake that it most likely is.

    `suggestion` holds the key as 32 hex digits where the mistake can be undone. It is as
    secret as the key: for the person who typed it, never for a log.
    """

    def __init__(self, reason: KeyMistake, suggestion: str | None = None) -> None:
        """Keep the reason; the message never contains the text that was typed."""
        super().__init__(f"not a key: {reason}")
        self.reason = reason
        self.suggestion = suggestion


def parse_key(text: str) -> bytes:
    """Return the 16 bytes of a key written as 32 hex digits.

    Spaces, colons, dashes, dots, commas, quotes, braces and `0x` are ignored, as is the case, so
    that the letter of the grid operator, a C array and a hex dump are all understood.
    Raises InvalidKeyError with the reason otherwise.
    """
    digits = _SEPARATORS().sub("", text)
    if not digits:
        raise InvalidKeyError(KeyMistake.EMPTY)
    if _HEX().fullmatch(digits):
        if len(digits) == 2 * KEY_BYTES:
            return bytes.fromhex(digits)
        if len(digits) == 4 * KEY_BYTES:
            raise InvalidKeyError(KeyMistake.SIXTY_FOUR_CHARACTERS, _unhexlified_twice(digits))
    stripped = text.strip()
    if len(stripped) == KEY_BYTES and stripped.isascii() and stripped.isprintable():
        raise InvalidKeyError(KeyMistake.SIXTEEN_CHARACTERS, stripped.encode().hex().upper())
    if not _HEX().fullmatch(digits):
        raise InvalidKeyError(KeyMistake.NOT_HEX)
    raise InvalidKeyError(KeyMistake.WRONG_LENGTH)


def _unhexlified_twice(digits: str) -> str | None:
    """Undo a second hexlifying: 64 digits that spell 32 hex digits in ASCII."""
    text = bytes.fromhex(digits).decode("latin-1")
    return text.upper() if _HEX().fullmatch(text) else None
