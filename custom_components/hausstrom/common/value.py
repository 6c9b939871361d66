"""What a reading may be: the one form of values between protocol and entities."""

from datetime import date, datetime, time

type Value = bool | int | float | str | date | datetime | time | None
"""None: known to be missing. A word stands for a state as a slug, as in the translations."""
type Values = dict[str, Value]
"""Readings by key: the key of the entity's description and the end of its unique id."""
