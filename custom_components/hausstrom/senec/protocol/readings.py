"""The form in which every way to a SENEC hands its values on."""

from datetime import datetime, time

type Value = bool | int | float | str | datetime | time | None
type Readings = dict[str, Value]
"""Key of the entity → value in the unit of its description; None: known to be missing."""
