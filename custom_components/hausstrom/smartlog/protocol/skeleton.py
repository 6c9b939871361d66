"""What a report looks like, without what it says: for dialects that nobody here has seen.

Keys are kept, as far as they are words of a format; values are kinds and lengths. Keys that
are numbers or names of somebody are masked as values are.
"""

import re

from .clothing import rows_of
from .model import ReportError
from .tree import Tree, local_name, parse_text, tree_of

type Skeleton = dict[str, Skeleton] | list[Skeleton] | str

_DEPTH = 12
_MOST_KEYS = 60
_MOST_ITEMS = 3
_LONGEST_TEXT = 200
_WORD = re.compile(r"[A-Za-z_$@#-][A-Za-z0-9_.:$@#\-äöüÄÖÜß]{0,39}")
_DIGITS_IN_A_WORD = 3
_FROM_KEYS = 3
"""So many keys with values of one shape are names of things, not of fields."""


def skeleton_of(body: bytes) -> Skeleton:
    """Return the structure of a body, masked; never raises."""
    try:
        text = parse_text(body)
    except ReportError as error:
        return f"<{len(body)} bytes: {error.reason.value}>"
    try:
        return _masked(tree_of(text), 0)
    except ReportError as error:
        rows = list(_rows(text))
        if rows:
            return {"table": [_masked(dict(rows[0]), 0)], "rows": f"<{len(rows)}>"}
        return {
            "not_read": error.reason.value,
            "length": f"<{len(text)}>",
            "begins": _shape(text[:_LONGEST_TEXT]),
        }


def _rows(text: str) -> list[dict[str, str]]:
    try:
        return list(rows_of(text))
    except ReportError:
        return []


def _masked(node: Tree, depth: int) -> Skeleton:
    if isinstance(node, dict):
        if depth >= _DEPTH:
            return f"<object of {len(node)}>"
        return _masked_object(node, depth)
    if isinstance(node, list):
        if depth >= _DEPTH:
            return f"<list of {len(node)}>"
        shown: list[Skeleton] = []
        for item in node[: _MOST_ITEMS * 20]:
            masked = _masked(item, depth + 1)
            if masked not in shown and len(shown) < _MOST_ITEMS:
                shown.append(masked)
        return [*shown, f"<{len(node)} items>"] if node else []
    return _kind(node)


def _masked_object(node: dict[str, Tree], depth: int) -> Skeleton:
    values = [(key, _masked(value, depth + 1)) for key, value in list(node.items())[:_MOST_KEYS]]
    shapes = [value for _, value in values]
    # {"Mueller": {…}, "Schmidt": {…}}: things by their names, and names are nobody's business.
    by_name = (
        len(values) >= _FROM_KEYS
        and all(isinstance(value, dict) for value in shapes)
        and all(value == shapes[0] for value in shapes)
    )
    shown: dict[str, Skeleton] = {}
    for key, value in values:
        name = _masked_key(key, by_name=by_name)
        if name in shown and by_name:
            continue
        while name in shown:
            name += "'"
        shown[name] = value
    if len(node) > _MOST_KEYS:
        shown["…"] = f"<{len(node)} keys>"
    return shown


def _masked_key(key: str, *, by_name: bool) -> str:
    digits = sum(char.isdigit() for char in key)
    if by_name or digits > _DIGITS_IN_A_WORD or not _WORD.fullmatch(local_name(key[:200])):
        return f"<key of {len(key)}>"
    return key


def _kind(value: Tree) -> str:
    if value is None:
        return "<null>"
    if isinstance(value, bool):
        return "<boolean>"
    if isinstance(value, int):
        return f"<integer of {len(str(abs(value)))}>"
    if isinstance(value, float):
        whole, _, decimals = str(abs(value)).partition(".")
        return f"<number of {len(whole)}.{len(decimals)}>"
    text = str(value).strip()
    if text[1:].replace(".", "", 1).replace(",", "", 1).isdigit():
        return f"<digits of {len(text)}>"
    return f"<text of {len(text)}>"


def _shape(text: str) -> str:
    """Return a text with all letters and digits masked: separators stay."""
    return "".join(
        "9" if char.isdigit() else "a" if char.isalpha() else char if char.isprintable() else "."
        for char in text
    )
