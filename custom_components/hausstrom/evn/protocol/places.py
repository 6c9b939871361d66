"""Bodies without OBIS codes: what a value is, is known by where it stands.

Sources: public telegrams of Wiener Netze (AM550, IM350, E450), Kärnten and Wels (IM350,
AM550) and Netz Burgenland (E450, short form), decoded with their keys; the list of objects
of Stadtwerke Klagenfurt. A row fits exactly, by number, type and length, or not at all.
"""

from enum import Enum, auto
from typing import Final

from .axdr import Node, Tag
from .registers import BY_KEY, Register

_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class ElementRole(Enum):
    """What an element is that is no value."""

    CLOCK = auto()
    NUMBER = auto()
    LOOSE = auto()
    """It changes, and says nothing that is not said elsewhere."""
    CONSTANT = auto()


type _Place = Register | ElementRole


class Arrangement:
    """One layout: the shape of each element, and what it is."""

    __slots__ = ("name", "places", "shapes")

    def __init__(self, name: str, shapes: tuple[str, ...], places: tuple[_Place, ...]) -> None:
        """`places`: a register for what is a number."""
        self.name, self.shapes, self.places = name, shapes, places


def _values(*keys: str) -> tuple[_Place, ...]:
    return tuple([BY_KEY[key] for key in keys])


_ENERGIES: Final = _values(
    "energy_import", "energy_export", "reactive_energy_import", "reactive_energy_export"
)
_EIGHT: Final = (
    *_ENERGIES,
    *_values("power_import", "power_export", "reactive_power_import", "reactive_power_export"),
)
_SIX: Final = (*_ENERGIES, *_values("power_import", "power_export"))
_SHORT: Final = (
    *_values("voltage_l1", "voltage_l2", "voltage_l3", "current_l1", "current_l2", "current_l3"),
    *_values("power_import", "power_export", "energy_import", "energy_export"),
)


def _list(number: int, empty: int) -> Arrangement:
    """Return the layout of Kärnten and Wels: 0-6:25.9.0, number, time, date, six numbers."""
    return Arrangement(
        "list of 8 digits" if number == 8 else "list",
        ("octets6", f"octets{number}", "octets4", "octets5")
        + ("uint32",) * 6
        + ("octets0",) * empty,
        (ElementRole.CONSTANT, ElementRole.NUMBER, ElementRole.LOOSE, ElementRole.LOOSE, *_SIX)
        + (ElementRole.CONSTANT,) * empty,
    )


ROWS: Final = (
    Arrangement("clock and eight", ("octets12",) + ("uint32",) * 8, (ElementRole.CLOCK, *_EIGHT)),
    Arrangement(
        "number, clock and eight",
        ("octets16", "octets12") + ("uint32",) * 8,
        (ElementRole.NUMBER, ElementRole.CLOCK, *_EIGHT),
    ),
    Arrangement(
        "short",
        ("uint16",) * 6 + ("uint32",) * 4 + ("octets8",),
        (*_SHORT, ElementRole.NUMBER),
    ),
    *(_list(number, empty) for number in (13, 8) for empty in (2, 0)),
)
_BY_SHAPES: Final = {row.shapes: row for row in ROWS}


def row_of(nodes: tuple[Node, ...]) -> Arrangement | None:
    """Return the layout of a body's elements; None where they are in no row of the table."""
    row = _BY_SHAPES.get(tuple([node.shape for node in nodes]))
    if row is None:
        return None
    first = nodes[0].octets
    if row.places[0] is ElementRole.NUMBER and (first is None or not set(first[:3]) <= _LETTERS):
        return None
    return row


def object_list(nodes: tuple[Node, ...]) -> list[bytes] | None:
    """Return the OBIS code of each value in a body that begins with a list of objects.

    The list: class, OBIS code, attribute and index of each entry; the first entry is the
    list itself, entry k names value k. None where it is no such body.
    """
    listed = nodes[0].children if nodes and nodes[0].tag is Tag.ARRAY else None
    if listed is None or len(listed) != len(nodes) or len(nodes) < 2:
        return None
    codes: list[bytes] = []
    for entry in listed:
        parts = entry.children
        if parts is None or [part.tag for part in parts] != _OBJECT:
            return None
        code = parts[1].octets
        if code is None or len(code) != 6:
            return None
        codes.append(code)
    return codes[1:]


_OBJECT: Final = [Tag.UINT16, Tag.OCTETS, Tag.INT8, Tag.UINT16]
