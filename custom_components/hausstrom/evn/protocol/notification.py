"""Data-notification: the plaintext of a telegram, read completely.

Source: DLMS UA Green Book (data-notification, tag 0F). One walk reads what describes itself:
flat (Netz NÖ: OBIS, value, scaler and unit side by side), nested (Tirol, Vorarlberg,
Salzburg: one structure for each register), without scalers (Graz), and the list of objects
(Klagenfurt). What stands without OBIS codes is read by its place: `places`.
What is not understood is left out by itself; the rest is read.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from . import axdr, clock, places
from .axdr import INTEGERS, Node, Tag
from .errors import Reason, TelegramError
from .registers import Register, is_clock, is_meter_number, register_of

DATA_NOTIFICATION: Final = 0x0F
INVOKE: Final = 1
_HEADER: Final = 5
HEADER_CLOCK: Final = 6
BODY: Final = 18
_OBIS_BYTES: Final = 6
_FLOATS: Final = frozenset({Tag.FLOAT32, Tag.FLOAT64})
_WIDEST_SCALER: Final = 9
_MOST_LEFT_OUT: Final = 20
# What stands at fixed places in every notification of every known meter. Three of five
# tell a damaged notification from the noise that a wrong key makes (1 in 1.6 million).
_LANDMARKS: Final = (
    (3, ((0, 0x0F), (5, 0x0C), (HEADER_CLOCK, 0x07), (BODY, 0x02), (BODY + 2, 0x09))),
    # The date of the header with a type before it, and no date at all.
    (4, ((0, 0x0F), (5, 0x09), (6, 0x0C), (7, 0x07), (BODY + 1, 0x02), (BODY + 3, 0x09))),
    (3, ((0, 0x0F), (5, 0x19), (HEADER_CLOCK, 0x07), (BODY, 0x02), (BODY + 2, 0x09))),
    (4, ((0, 0x0F), (5, 0x00), (6, 0x02), (8, 0x09))),
    (5, ((0, 0x0F), (5, 0x09), (6, 0x00), (7, 0x02), (9, 0x09))),
)

type Number = int | float


class Field(NamedTuple):
    """Where a number stands in the plaintext, and what it is worth."""

    start: int
    end: int
    code: str | None
    """Its `struct` code; None for what is no integer."""
    key: str | None
    """None: a register that we have no name for."""
    scaler: int


class Anatomy:
    """Where everything that may change from telegram to telegram stands."""

    __slots__ = ("clocks", "fields", "layout", "left_out", "loose", "meter_number", "texts")

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.fields: list[Field] = []
        self.clocks: list[int] = []
        """Of date-times of 12 bytes; the one in the header, if there is one, is the first."""
        self.loose: list[tuple[int, int]] = []
        """Content that changes and says nothing (times by the piece, values that we leave out)."""
        self.texts: list[tuple[int, int]] = []
        """Strings that we leave out: names, which stay the same as a rule."""
        self.meter_number: str | None = None
        self.layout = "flat"
        """How the body is arranged."""
        self.left_out: list[str] = []
        """What was not understood, without its content: for diagnostics."""


class Notification(NamedTuple):
    """What a telegram says."""

    invoke: int
    meter_time: datetime | None
    clocks_agree: bool
    """Whether the clock in the body shows the same as the one in the header."""
    values: dict[str, Number]
    status: bytes = b""
    """The status byte of each clock: what a clock says of itself."""


def scaled(raw: Number, scaler: int) -> Number:
    """Apply a power of ten exactly: the float whose decimal form is what the meter shows."""
    if scaler >= 0:
        return raw * int(10**scaler)
    return raw / int(10**-scaler)


def looks_like_notification(plaintext: bytes) -> bool:
    """Tell a damaged notification from what a wrong key makes of any telegram."""
    return any(
        sum(plaintext[at : at + 1] == bytes((byte,)) for at, byte in marks) >= least
        for least, marks in _LANDMARKS
    )


def looks_like_text(plaintext: bytes) -> bool:
    """Whether the key fits and the meter speaks DSMR text (Steiermark)."""
    return plaintext[:1] == b"/" and plaintext[:64].replace(b"\r\n", b"").isascii()


def read(plaintext: bytes, *, scalers: bool = True) -> tuple[Notification, Anatomy]:
    """Read a whole data-notification.

    `scalers`: whether a register without scaler and unit is left out, as it is where the
    meter sends them (M-Bus); without, the table of registers says what it is.
    Raises TelegramError: STRUCTURE, LAYOUT, NO_REGISTER.
    """
    if len(plaintext) < 10 or plaintext[0] != DATA_NOTIFICATION:
        raise TelegramError(Reason.STRUCTURE, "no data-notification")
    anatomy = Anatomy()
    header, at = _header(plaintext, anatomy)
    body = axdr.parse(plaintext, at)
    if body.children is None:
        raise TelegramError(Reason.STRUCTURE, "the body is no structure")
    reader = _Body(anatomy, scalers=scalers)
    reader.read(body.children)
    if not reader.values:
        if anatomy.fields or reader.obis:
            raise TelegramError(Reason.NO_REGISTER, f"no register that is known: {body.shape}")
        raise TelegramError(Reason.LAYOUT, f"a layout that is not known yet: {body.shape}")
    shown = [plaintext[one : one + axdr.DATE_TIME_BYTES] for one in anatomy.clocks]
    if header is None and shown:
        header = shown[0]
    agree = all(one[:-1] == shown[0][:-1] for one in shown)
    meter_time = None if header is None else clock.instant(header)
    if meter_time is None and header is not None:
        meter_time = next(filter(None, map(clock.instant, shown)), None)
    invoke = int.from_bytes(plaintext[INVOKE : INVOKE + 4])
    status = b"".join([one[-1:] for one in shown])
    return Notification(invoke, meter_time, agree, reader.values, status), anatomy


def _header(plaintext: bytes, anatomy: Anatomy) -> tuple[bytes | None, int]:
    """Return the date-time of the header, which may be missing or tagged, and its end."""
    size = plaintext[_HEADER]
    at = _HEADER + 1
    if size == 0:
        return None, at
    if size == Tag.OCTETS and plaintext[at] in {0, axdr.DATE_TIME_BYTES}:
        size, at = plaintext[at], at + 1
        if size == 0:
            return None, at
    elif size == Tag.DATE_TIME:
        size = axdr.DATE_TIME_BYTES
    if size != axdr.DATE_TIME_BYTES or at + size > len(plaintext):
        raise TelegramError(Reason.STRUCTURE, "no data-notification with a date")
    anatomy.clocks.append(at)
    return plaintext[at : at + size], at + size


class _Body:
    """Reads the elements of a body into values by key."""

    def __init__(self, anatomy: Anatomy, *, scalers: bool) -> None:
        self._anatomy = anatomy
        self._scalers = scalers
        self._ranks: dict[str, int] = {}
        self._indexes: dict[str, int] = {}
        self.values: dict[str, Number] = {}
        self.obis = 0
        """OBIS codes that stood in the body."""

    def read(self, nodes: tuple[Node, ...]) -> None:
        """Take all elements, by whichever layout they are."""
        if (row := places.row_of(nodes)) is not None:
            self._anatomy.layout = row.name
            self._by_place(nodes, row)
        elif (codes := places.object_list(nodes)) is not None:
            self._anatomy.layout = "objects"
            self.obis += len(codes)
            for code, node in zip(codes, nodes[1:], strict=True):
                self._take(code, node, None, scalers=False)
        else:
            for code, value, scale in self._entries(nodes):
                self.obis += 1
                self._take(code, value, scale, scalers=self._scalers)

    def _by_place(self, nodes: tuple[Node, ...], row: places.Arrangement) -> None:
        for node, place in zip(nodes, row.places, strict=True):
            if isinstance(place, Register):
                self._number(place.key, node, place.scaler, 0)
            elif place is places.ElementRole.CLOCK:
                self._anatomy.clocks.append(node.start)
            elif place is places.ElementRole.NUMBER:
                self._meter_number(node)
            elif place is places.ElementRole.LOOSE:
                self._anatomy.loose.append((node.start, node.end))

    def _entries(self, nodes: tuple[Node, ...]) -> Iterator[tuple[bytes, Node, Node | None]]:
        """Yield (OBIS code, value, scaler and unit) of what describes itself."""
        at, last = 0, len(nodes) - 1
        while at <= last:
            node = nodes[at]
            at += 1
            octets = node.octets
            if node.children is not None:
                if (entry := _nested(node.children)) is None:
                    self._leave_out(f"without OBIS code: {node.shape}", node)
                else:
                    self._anatomy.layout = "nested"
                    yield entry
            elif octets is None:
                self._leave_out(f"without OBIS code: {node.shape}", node)
            elif at == 1 and len(octets) == axdr.DATE_TIME_BYTES:
                self._anatomy.clocks.append(node.start)
            elif len(octets) == _OBIS_BYTES and at <= last:
                value = nodes[at]
                at += 1
                scale = nodes[at] if at <= last and _is_scale(nodes[at]) else None
                at += scale is not None
                yield octets, value, scale
            elif at == last + 1:
                self._meter_number(node)
            else:
                self._leave_out(f"without OBIS code: {node.shape}", node)

    def _take(self, obis: bytes, value: Node, scale: Node | None, *, scalers: bool) -> None:
        if is_clock(obis):
            if value.octets is not None and len(value.octets) == axdr.DATE_TIME_BYTES:
                self._anatomy.clocks.append(value.start)
            else:
                self._leave_out(_name(obis, value), value)
            return
        if is_meter_number(obis):
            self._meter_number(value)
            return
        known = register_of(obis)
        number = value.value
        if isinstance(number, bool) or not isinstance(number, int | float) or value.tag is Tag.ENUM:
            if value.tag in _FLOATS:
                # Not measured now: the next telegram may have a number here.
                self._leave_out(_name(obis, value), value, loose=False)
                self._anatomy.fields.append(_field(value, None, 0))
            elif value.tag is not Tag.NULL:
                self._leave_out(_name(obis, value), value)
            return
        if known is None:
            self._anatomy.fields.append(_field(value, None, 0))
            return
        register, rank = known
        scaler = register.scaler
        if scale is not None and scale.children is not None:
            sent, unit = (child.value for child in scale.children)
            if not isinstance(sent, int) or abs(sent) > _WIDEST_SCALER or unit != register.unit:
                self._leave_out(f"{_name(obis, value)}: unit or scaler", value)
                return
            scaler = sent
        elif scalers:
            self._leave_out(f"{_name(obis, value)}: neither unit nor scaler", value)
            return
        self._number(register.key, value, scaler, rank)

    def _number(self, key: str, node: Node, scaler: int, rank: int) -> None:
        """Take a value; of two with the same key the one with the plainer code counts."""
        number = node.value
        fields = self._anatomy.fields
        if not isinstance(number, int | float):
            self._leave_out(f"{key}: {node.shape}", node)
            return
        if key in self._ranks:
            if rank >= self._ranks[key]:
                fields.append(_field(node, None, 0))
                return
            before = self._indexes[key]
            fields[before] = fields[before]._replace(key=None)
        self._ranks[key], self._indexes[key] = rank, len(fields)
        fields.append(_field(node, key, scaler))
        self.values[key] = scaled(number, scaler)

    def _meter_number(self, node: Node) -> None:
        number = None if node.octets is None else _text(node.octets)
        if number is None:
            self._leave_out(f"meter number: {node.shape}", node, loose=False)
        else:
            self._anatomy.meter_number = self._anatomy.meter_number or number

    def _leave_out(self, what: str, node: Node, *, loose: bool = True) -> None:
        if len(self._anatomy.left_out) < _MOST_LEFT_OUT:
            self._anatomy.left_out.append(what)
        if loose:
            for leaf in _leaves(node):
                spans = self._anatomy.loose if leaf.octets is None else self._anatomy.texts
                spans.append((leaf.start, leaf.end))


def _leaves(node: Node) -> Iterator[Node]:
    """Yield what content stands in a value; types and lengths are no content."""
    if node.children is None:
        yield node
    else:
        for child in node.children:
            yield from _leaves(child)


def _field(node: Node, key: str | None, scaler: int) -> Field:
    return Field(node.start, node.end, INTEGERS.get(node.tag), key, scaler)


def _name(obis: bytes, value: Node) -> str:
    a, b, c, d, e, f = obis
    return f"{a}-{b}:{c}.{d}.{e}.{f} {value.shape}"


def _nested(nodes: tuple[Node, ...]) -> tuple[bytes, Node, Node | None] | None:
    obis = nodes[0].octets if nodes else None
    if obis is None or len(obis) != _OBIS_BYTES or not 2 <= len(nodes) <= 3:
        return None
    scale = nodes[2] if len(nodes) == 3 else None
    if scale is not None and not _is_scale(scale):
        return None
    return obis, nodes[1], scale


def _is_scale(node: Node) -> bool:
    children = node.children
    return (
        children is not None
        and len(children) == 2
        and children[0].tag is Tag.INT8
        and children[1].tag is Tag.ENUM
    )


def _text(octets: bytes) -> str | None:
    """Read a meter number: UTF-8 or Latin-1, printable; None for what is no text."""
    octets = octets.strip(b"\x00 ")
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    return text if text and text.isprintable() else None
