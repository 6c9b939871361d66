"""Finds the row of the catalogue for a path, and what its placeholders stand for."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from .model import Family, PathRow
from .outputs import SWITCHABLE

_PATTERNS: Final = {
    "phase": "[123]",
    "tracker": "[0-9]",
    "input": "[12]",
    "relay": "[0-9]",
    "schedule": "[0-4]",
    "cell": "[0-9]{1,3}",
    "output": "[^/]{1,64}",
    "unit": "[0-9]{1,2}",
    "acout": "[12]",
    "pack": "[0-9]{1,2}",
    "channel": "[0-9]{1,2}",
    "generator": "[01]",
    "error": "[0-3]",
}
_GROUPS: Final = {name: f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()}
_FROM_ZERO: Final = frozenset({"tracker", "relay", "schedule", "unit", "generator"})
"""Counted from 0 on the bus, from 1 in the GX's menus."""


class Match:
    """A row and what its placeholders stand for on the bus."""

    __slots__ = ("point", "values")

    def __init__(self, point: PathRow, values: Mapping[str, str]) -> None:
        """Say of each placeholder what it stands for."""
        self.point = point
        self.values = values

    @property
    def placeholders(self) -> dict[str, str]:
        """What the placeholders are called where people see them."""
        return {
            name: str(int(value) + 1)
            if name in _FROM_ZERO
            else f"L{value}"
            if name == "phase"
            else value
            for name, value in self.values.items()
        }

    def resolve(self, template: str) -> str:
        """Return another path template with the same placeholders filled in."""
        return template.format_map(self.values)


class PathIndex:
    """The rows of one family: plain paths in a dict, templates as patterns by first segment."""

    __slots__ = ("plain", "templates")

    def __init__(self) -> None:
        """Begin without rows."""
        self.plain: dict[str, PathRow] = {}
        self.templates: dict[str, list[tuple[re.Pattern[str], PathRow]]] = {}

    @classmethod
    def of(cls, family: Family) -> PathIndex:
        """Return the index of a family, with the outputs any service may have."""
        index = cls()
        index.add((*SWITCHABLE, *family.points))
        return index

    def add(self, points: Iterable[PathRow]) -> None:
        """Add rows; a later row of the same path takes the place of an earlier one."""
        for point in points:
            if "{" not in point.path:
                self.plain[point.path] = point
                continue
            pattern = point.path.format_map(_GROUPS)
            first = point.path.split("/", 1)[0]
            self.templates.setdefault(first, []).append((re.compile(pattern), point))

    def match(self, path: str) -> Match | None:
        """Return the row for a path."""
        if (point := self.plain.get(path)) is not None:
            return Match(point, {})
        for pattern, templated in self.templates.get(path.split("/", 1)[0], ()):
            if (found := pattern.fullmatch(path)) is not None:
                return Match(templated, found.groupdict())
        return None
