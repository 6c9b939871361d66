"""What meters put around a ciphered unit where it is not M-Bus: HDLC, blocks, text.

Written independently of the decoder, as `evn_telegram` is: nothing is imported from it.
Sources: IEC 62056-46, DLMS UA Green Book (general-block-transfer), DSMR 5.0.2 P1, EN 13757-3.
"""

from typing import Final

from Crypto.Cipher import AES

ADDRESS: Final = bytes.fromhex("CEFF03")
"""Destination and source of the E450; every meter has its own."""

_FLAG: Final = b"\x7e"
_LLC: Final = b"\xe6\xe7\x00"


def x25(data: bytes) -> int:
    """Return the check sequence of HDLC, bit by bit as the standard has it."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value ^ 0xFFFF


def hdlc_frame(information: bytes, address: bytes = ADDRESS, *, segmented: bool = False) -> bytes:
    """Put information into one frame, with flags and both check sequences."""
    size = 2 + len(address) + 1 + 2 + len(information) + 2
    head = (0xA000 | (0x0800 if segmented else 0) | size).to_bytes(2) + address + b"\x13"
    head += x25(head).to_bytes(2, "little") + information
    return _FLAG + head + x25(head).to_bytes(2, "little") + _FLAG


def blocks(unit: bytes, size: int = 119, address: bytes = ADDRESS) -> list[bytes]:
    """Cut a unit into blocks, one HDLC frame each; the first block is shorter by the LLC."""
    parts = [unit[:size]]
    rest = unit[size:]
    while rest:
        parts.append(rest[: size + 3])
        rest = rest[size + 3 :]
    frames = []
    for number, part in enumerate(parts, 1):
        control = 0x80 if number == len(parts) else 0x04
        length = bytes((len(part),)) if len(part) < 0x80 else bytes((0x81, len(part)))
        block = bytes((0xE0, control)) + number.to_bytes(2) + bytes(2) + length + part
        frames.append(hdlc_frame((_LLC if number == 1 else b"") + block, address))
    return frames


def framed(unit: bytes, address: bytes = ADDRESS) -> bytes:
    """Put a ciphered unit into one HDLC frame, behind the LLC."""
    return hdlc_frame(_LLC + unit, address)


def records(content: bytes, key: bytes, counter: int, maker: bytes = b"\x2d\x4c") -> bytes:
    """Put M-Bus records into a long frame as an AMIS does: AES-CBC, long header, CI 5B."""
    content += b"\x2f" * (-len(content) % 16)
    ident, version, medium, number = bytes(4), b"\x01", b"\x0e", bytes((counter & 0xFF,))
    start = maker + ident + version + medium + number * 8
    sealed = AES.new(key, AES.MODE_CBC, start).encrypt(content)
    header = ident + maker + version + medium + number + b"\x00"
    header += bytes((len(content) & 0xF0, 0x05))
    control = 0x73 if counter & 1 else 0x53
    inside = bytes((control, 0xF0, 0x5B)) + header + sealed
    size = bytes((len(inside),))
    return b"\x68" + size * 2 + b"\x68" + inside + bytes((sum(inside) & 0xFF, 0x16))


def crc16(data: bytes) -> int:
    """Return the CRC of DSMR text, bit by bit."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def bare_text(lines: bytes) -> bytes:
    """Close DSMR text with its CRC."""
    content = lines + b"!"
    return content + f"{crc16(content):04X}\r\n".encode()
