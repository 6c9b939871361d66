"""Variants of the cases."""

from typing import Any, Final

ALL: Final[list[dict[str, Any]]] = []
