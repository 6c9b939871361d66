"""AMIS meters (Siemens TD-351x of Netz OÖ): M-Bus records in AES-CBC, not DLMS.

Source: EN 13757-3 (long header, DIF and VIF, time type I), OMS volume 2 (encryption mode 5);
the records are those of a published telegram with its key. The meter is the master of its
line: it asks, and sends on only as long as somebody acknowledges with E5.
"""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from .ciphering import Envelope
from .clock import VIENNA
from .errors import Reason, TelegramError
from .notification import Notification, Number

ASKS: Final = b"\x10\x40\xf0\x30\x16"
"""What the meter sends to find somebody who reads it (SND_NKE)."""
ACKNOWLEDGE: Final = b"\xe5"

_HEADER: Final = 12  # ident, maker, version, medium, access number, status, configuration
_MODE_5: Final = 0x05
_FILLER: Final = 0x2F
_SIZES: Final = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 4, 6: 6, 7: 8}
_REGISTERS: Final = {
    b"\x04\x03": "energy_import",
    b"\x04\x83\x3c": "energy_export",
    b"\x84\x10\xfb\x82\x73": "reactive_energy_import",
    b"\x84\x10\xfb\x82\xf3\x3c": "reactive_energy_export",
    b"\x04\x2b": "power_import",
    b"\x04\xab\x3c": "power_export",
    b"\x04\xfb\x14": "reactive_power_import",
    b"\x04\xfb\x94\x3c": "reactive_power_export",
}
"""By data and value information: Wh, varh, W and var, 32 bits."""
_TIME: Final = b"\x06\x6d"
_NAMELESS: Final = b"\x04\x83\xff\x04"
"""A record of the maker's own, in every telegram."""
_MEDIUM: Final = 0x0E


_USUAL: Final = frozenset({*_REGISTERS, _TIME, _NAMELESS})


class Records(NamedTuple):
    """What a telegram says, and what of it has no name."""

    said: Notification
    left_out: tuple[str, ...]
    heads: tuple[bytes, ...]
    """Data and value information of all records, in their order."""

    @property
    def all_known(self) -> bool:
        """Whether nothing but the usual records is in it, each once.

        A changed bit destroys a block of 16 bytes, and no 16 bytes are without a head.
        """
        heads = self.heads
        return len(set(heads)) == len(heads) and set(heads) <= _USUAL


def open_unit(data: bytes, last: int | None) -> Envelope:
    """Read the header of a telegram; `last`: the counter of the one before.

    The access number has eight bits: it goes on from the last one. The title is the maker's
    letters, the identification and the version. Raises TelegramError: STRUCTURE, SECURITY.
    """
    if len(data) <= _HEADER:
        raise TelegramError(Reason.STRUCTURE, "nothing but a header in the telegram")
    blocks, mode = data[10] >> 4, data[11] & 0x0F
    if mode != _MODE_5:
        raise TelegramError(Reason.SECURITY, f"encryption mode {mode} is not supported")
    if not blocks or 16 * blocks != len(data) - _HEADER:
        raise TelegramError(Reason.STRUCTURE, "not as many blocks as the header says")
    maker = int.from_bytes(data[4:6], "little")
    letters = bytes(64 + (maker >> shift & 0x1F) for shift in (10, 5, 0))
    before = last or 0
    counter = data[8] if last is None else before + (data[8] - before & 0xFF)
    # The nonce of the block chain is all of it: maker, identification, version, medium.
    return Envelope(letters + data[:4] + data[6:7], counter, mode, data, b"")


def is_usual(envelope: Envelope) -> bool:
    """Whether the medium is that of every AMIS: it is a part of the nonce, and of nothing else."""
    return envelope.ciphertext[7] == _MEDIUM


def decipher(key: bytes, envelope: Envelope) -> bytes:
    """Return the records; what was changed on the way destroys a whole block of 16 bytes."""
    # It takes 24 ms to load, with cffi, and no other meter needs it.
    from Crypto.Cipher import AES  # noqa: PLC0415

    data = envelope.ciphertext
    start = data[4:6] + data[:4] + data[6:8] + data[8:9] * 8
    plaintext: bytes = AES.new(key, AES.MODE_CBC, start).decrypt(data[_HEADER:])
    return plaintext


def read(plaintext: bytes) -> Records:
    """Read the records of a telegram.

    Raises TelegramError: STRUCTURE for what is not well formed to the last byte,
    NO_REGISTER where nothing in it is known.
    """
    if plaintext[:2] != bytes((_FILLER, _FILLER)):
        raise TelegramError(Reason.STRUCTURE, "no records of M-Bus")
    values: dict[str, Number] = {}
    left_out: list[str] = []
    heads: list[bytes] = []
    shown: datetime | None = None
    at = 2
    while at < len(plaintext):
        if plaintext[at] == _FILLER:
            at += 1
            continue
        head, size = _head(plaintext, at)
        content = plaintext[at + len(head) : at + len(head) + size]
        if len(content) < size:
            raise TelegramError(Reason.STRUCTURE, "a record is longer than the telegram")
        at += len(head) + size
        heads.append(head)
        if head == _TIME:
            shown = _instant(content)
        elif (key := _REGISTERS.get(head)) is not None:
            values[key] = int.from_bytes(content, "little", signed=True)
        else:
            left_out.append(f"record {head.hex(' ').upper()}")
    if not values:
        raise TelegramError(Reason.NO_REGISTER, "no register that is known in the records")
    return Records(Notification(0, shown, True, values), tuple(left_out), tuple(heads))


def _head(data: bytes, at: int) -> tuple[bytes, int]:
    """Return data and value information of the record at `at`, and the bytes of its content."""
    size = _SIZES.get(data[at] & 0x0F)
    if size is None:
        raise TelegramError(Reason.STRUCTURE, f"a record of the unknown kind {data[at]:02X}")
    end = at
    for _ in range(2):  # of the data, then of the value
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    if end > len(data):
        raise TelegramError(Reason.STRUCTURE, "a record is longer than the telegram")
    return data[at:end], size


def _instant(octets: bytes) -> datetime | None:
    """Return the instant of a time of type I, which is local; bit 6 marks summer time."""
    second, minute, hour, day, month = octets[:5]
    year = 2000 + (day >> 5 | (month & 0xF0) >> 1)
    if minute & 0x80:
        return None  # the meter says that it does not know
    try:
        local = datetime(
            year,
            month & 0x0F,
            day & 0x1F,
            hour & 0x1F,
            minute & 0x3F,
            second & 0x3F,
            tzinfo=VIENNA,
            fold=not second & 0x40,
        )
    except ValueError:
        return None
    return local.astimezone(UTC)
