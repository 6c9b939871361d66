"""The readings of a data point: entries, pairs, columns, parameters or one bare value."""

from collections.abc import Iterator
from typing import Final

from . import fields as f
from .fields import Fields, Folder, first, mappings, text_of
from .model import Entry
from .tree import Tree
from .values import decimal, unix_time, usable

_MOST_ENTRIES: Final = 10_000
_FIRST_PAIR_TIME, _LAST_PAIR_TIME = 946_684_800, 4_102_444_800


class EntryReader:
    """Reads what data points hold, in any of the forms that loggers and converters write."""

    def __init__(self, received: int, folder: Folder) -> None:
        """Take the time of arrival in unix seconds, and what folds the names of fields."""
        self._received = received
        self._folder = folder
        self.sent: int | None = None
        """When the gateway sent the report that is being read, by its own clock."""

    def of(self, fields: Fields) -> list[Entry]:
        """Return the readings of a data point, the newest last (of equal times: the last sent)."""
        entries = first(fields, f.ENTRIES)
        if isinstance(entries, dict) and (columns := self._columns(self._folder.fold(entries))):
            found = columns
        elif entries is None:
            column = self._columns(fields)
            if column is None:
                reading = self._entry(fields)
                return [] if reading is None else [reading]
            found = column
        else:
            found = [
                reading
                for entry in self._entries(entries)
                if (reading := self._entry(entry)) is not None
            ]
        if len(found) > 1:
            found.sort(key=lambda entry: entry.time)
        return found

    def _columns(self, fields: Fields) -> list[Entry] | None:
        """Return the readings of `{T_MUC: […], VAL: […]}`, None where the values are no list."""
        values = first(fields, f.VALUE)
        if not isinstance(values, list):
            return None
        if any(isinstance(value, list) for value in values):
            return [
                reading
                for entry in self._entries(values)
                if (reading := self._entry(entry)) is not None
            ]
        names = [name for name in (*f.TIME, "t") if isinstance(fields.get(name), list)]
        found = []
        for place, value in enumerate(values[:_MOST_ENTRIES]):
            row: Fields = {"val": value}
            for name in names:
                column = fields[name]
                if isinstance(column, list) and place < len(column):
                    row[name] = column[place]
            if (reading := self._entry(row)) is not None:
                found.append(reading)
        return found

    def _entries(self, entries: Tree) -> Iterator[Fields]:
        if not isinstance(entries, dict | list):
            yield {"val": entries}
            return
        items = [entries] if isinstance(entries, dict) or _is_pair(entries) else entries
        for entry in items[:_MOST_ENTRIES]:
            if isinstance(entry, list):
                if _is_pair(entry):
                    yield _pair(entry)
            elif isinstance(entry, dict):
                fields = self._folder.fold(entry)
                parameters = fields.get("param")
                yield fields if parameters is None else self._parameters(parameters)
            elif entry is not None and not isinstance(entry, bool) and decimal(entry) is not None:
                yield {"val": entry}

    def _parameters(self, parameters: Tree) -> Fields:
        """Return `[{NAME: VAL, #text: 217}, …]` as `{val: 217}`."""
        fields: dict[str, Tree] = {}
        for parameter in mappings(parameters):
            if parameter is not None:
                inner = self._folder.fold(parameter)
                value = inner.get("#text")
                fields[text_of(inner.get("name"))] = inner.get("value") if value is None else value
        return self._folder.fold(fields)

    def _entry(self, fields: Fields) -> Entry | None:
        raw = usable(first(fields, f.VALUE))
        if raw is None:
            return None
        device_time = fields.get("t")
        sent = fields.get("tmuc")
        if sent is None:
            sent = first(fields, f.TIME)
        time = unix_time(sent)
        if time is None:
            # A report that is sent twice must not put a value back: its own time, if it has one.
            time = self._received if self.sent is None else self.sent
        return Entry(raw, time, None if device_time is None else unix_time(device_time))


def _is_pair(entry: Tree) -> bool:
    """Return whether this is `[time, value]`: two scalars in a list."""
    return (
        isinstance(entry, list)
        and len(entry) == 2
        and not any(isinstance(item, dict | list) for item in entry)
        and any(_is_time(item) for item in entry)
    )


def _pair(entry: list[Tree]) -> Fields:
    time, value = entry if _is_time(entry[0]) else reversed(entry)
    return {"tmuc": time, "val": value}


def _is_time(value: Tree) -> bool:
    """Return whether this is a time of this century; registers have hardly as many digits."""
    seconds = unix_time(value)
    return seconds is not None and _FIRST_PAIR_TIME <= seconds < _LAST_PAIR_TIME
