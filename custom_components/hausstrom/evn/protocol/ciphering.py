"""General-glo-ciphering: the envelope of a telegram, and what is in it.

Source: DLMS UA Green Book 8.1, security suites 0 and 1 (AES-128 in GCM); IEC 62056-5-3.
Security control 20/21 carries no tag: then GCM is plain counter mode that starts at 2.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .errors import Reason, TelegramError

_TITLE: Final = 8
_TAG: Final = 12
_COUNTER: Final = 4
_SUITE: Final = 0x0F
_AUTHENTICATED: Final = 0x10
_ENCRYPTED: Final = 0x20
_REFUSED: Final = 0xC0  # broadcast key, compression
_OTHER_UNITS: Final = {
    0x0F: (Reason.NOT_CIPHERED, "the telegram is not encrypted"),
    0x2F: (Reason.PLAIN_TEXT, "DSMR text that is not encrypted"),
}
_MANUFACTURERS: Final = {
    "KFM": "Kaifa",
    "SAG": "Sagemcom",
    "ELS": "Elster",
    "HON": "Honeywell",
    "LGZ": "Landis+Gyr",
    "ISK": "Iskraemeco",
    "SIE": "Siemens",
    "SMS": "Siemens",
    "SAM": "Siemens",
    "NES": "NES",
}


@lru_cache(maxsize=32)
def manufacturer(system_title: bytes) -> str | None:
    """Name the maker that the first three letters of a system title (FLAG id) stand for."""
    letters = system_title[:3].decode("latin-1")
    if not (letters.isascii() and letters.isalpha() and letters.isupper()):
        return None
    return _MANUFACTURERS.get(letters, letters)


class Envelope(NamedTuple):
    """What a telegram says without its key."""

    system_title: bytes
    frame_counter: int
    security: int
    ciphertext: bytes
    tag: bytes

    @property
    def manufacturer(self) -> str | None:
        """The maker of the meter; None where the title does not begin with letters."""
        return manufacturer(self.system_title)

    @property
    def authenticated(self) -> bool:
        """Whether a tag is sent along, which only the authentication key can check."""
        return bool(self.security & _AUTHENTICATED)


def open_envelope(unit: bytes) -> Envelope:
    """Read the header of a general-glo-ciphering application data unit.

    Raises TelegramError: NOT_CIPHERED, PLAIN_TEXT, OTHER_PROTOCOL, SECURITY, INCOMPLETE, STRUCTURE.
    """
    if unit[:1] != b"\xdb" and unit:
        reason, detail = _OTHER_UNITS.get(
            unit[0],
            (Reason.OTHER_PROTOCOL, f"a unit of kind {unit[0]:02X}, not ciphered as DLMS is"),
        )
        raise TelegramError(reason, detail)
    if len(unit) < 16:
        raise TelegramError(Reason.INCOMPLETE, "the telegram ends within its header")
    if unit[1] != _TITLE:
        raise TelegramError(Reason.STRUCTURE, f"system title of {unit[1]} bytes, not 8")
    length, at = unit[10], 11
    if length & 0x80:
        width = length & 0x7F
        if not 1 <= width <= 2:
            raise TelegramError(Reason.STRUCTURE, "length field of an unknown form")
        at += width
        length = int.from_bytes(unit[11:at])
    if at + length > len(unit):
        raise TelegramError(
            Reason.INCOMPLETE, f"{len(unit) - at} of {length} bytes: the end is missing"
        )
    if at + length < len(unit):
        raise TelegramError(Reason.STRUCTURE, "more bytes than the telegram announces")
    if length < 5:
        raise TelegramError(Reason.STRUCTURE, "the announced length has no room for a counter")
    security = unit[at]
    if security & _REFUSED or not security & _ENCRYPTED or security & _SUITE > 1:
        raise TelegramError(Reason.SECURITY, f"security control {security:02X} is not supported")
    end = len(unit)
    if security & _AUTHENTICATED:
        end -= _TAG
    if end <= at + 5:
        raise TelegramError(Reason.STRUCTURE, "nothing but a header in the telegram")
    return Envelope(
        unit[2:10], int.from_bytes(unit[at + 1 : at + 5]), security, unit[at + 5 : end], unit[end:]
    )


class UsualEnvelope(NamedTuple):
    """The header of a meter's units, of which nothing but the frame counter changes."""

    size: int
    head: bytes
    """What stands before the frame counter."""
    end: int
    """Where the ciphertext ends."""

    @classmethod
    def of(cls, unit: bytes, envelope: Envelope) -> UsualEnvelope:
        """Learn from a unit and what was read in it."""
        end = len(unit) - len(envelope.tag)
        start = end - len(envelope.ciphertext) - _COUNTER
        return cls(len(unit), unit[:start], end)

    def sealed(self, unit: bytes) -> bytes | None:
        """Return frame counter and ciphertext of a unit with this header; None: it has another."""
        if len(unit) != self.size or not unit.startswith(self.head):
            return None
        return unit[len(self.head) : self.end]


@lru_cache(maxsize=16)
def _counters(blocks: int) -> tuple[bytes, ...]:
    return b"", *(number.to_bytes(4) for number in range(2, 2 + blocks))


class Decipherer:
    """Takes telegrams out of their envelopes; the AES key schedule is made once."""

    def __init__(self, key: bytes, authentication_key: bytes | None = None) -> None:
        """`key`: the 16 bytes of the meter's encryption key (GUEK).

        With `authentication_key` (GAK) the tag of authenticated telegrams is checked.
        """
        if len(key) != 16 or (authentication_key is not None and len(authentication_key) != 16):
            raise ValueError("a key has 16 bytes")
        self._aes = algorithms.AES(key)
        self._authentication_key = authentication_key
        # What OpenSSL sets up (5 ms) waits for the first telegram.
        self._encrypt: Callable[[bytes], bytes] = self._begin

    def _begin(self, blocks: bytes) -> bytes:
        # Block by block with counters of our own: counter mode, the key schedule made once.
        # `cryptography` is part of Home Assistant, and an eighth of pycryptodome's time a call.
        self._encrypt = Cipher(self._aes, modes.ECB()).encryptor().update  # noqa: S305
        return self._encrypt(blocks)

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """There is no state but the keys: whole blocks leave nothing behind."""
        return self

    def decipher(self, envelope: Envelope) -> int:
        """Return the plaintext as one big-endian number, as long as the ciphertext.

        Raises TelegramError (TAG) when a tag was sent that the authentication key refutes.
        """
        if envelope.tag and self._authentication_key is not None:
            self._verify(envelope, self._authentication_key)
        return self.plaintext(envelope)

    def plaintext(self, envelope: Envelope) -> int:
        """Return what decipher does, whatever the tag says: to explain, never to believe."""
        counter = envelope.frame_counter.to_bytes(_COUNTER)
        return self.number(envelope.system_title + counter, envelope.ciphertext)

    def number(self, nonce: bytes, ciphertext: bytes) -> int:
        """Return the plaintext as one number; `nonce`: system title and frame counter."""
        size = len(ciphertext)
        # nonce 00000002 nonce 00000003 …: the counter blocks of GCM, encrypted in one call
        keystream = self._encrypt(nonce.join(_counters((size + 15) >> 4)))
        return int.from_bytes(ciphertext) ^ int.from_bytes(keystream[:size])

    def _verify(self, envelope: Envelope, authentication_key: bytes) -> None:
        nonce = envelope.system_title + envelope.frame_counter.to_bytes(4)
        mode = modes.GCM(nonce, envelope.tag, min_tag_length=_TAG)
        check = Cipher(self._aes, mode).decryptor()
        check.authenticate_additional_data(bytes((envelope.security,)) + authentication_key)
        check.update(envelope.ciphertext)
        try:
            check.finalize()
        except InvalidTag:
            raise TelegramError(
                Reason.TAG, "the tag fits neither key, authentication key nor bytes"
            ) from None
