"""The one source of every text a person sees, and what is generated from it.

The tables beside this module (``*.tsv``) hold one row per text: its key, the text in four
languages, and a digest of the English that the translations were made from. A row may refer to
another row, or to everything below another key, instead of repeating it (``@words.off``).
Out come ``custom_components/hausstrom/translations/*.json``. README.md beside this module says
how to add a text.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
TABLES: Final = Path(__file__).resolve().parent
TRANSLATIONS: Final = ROOT / "custom_components" / "hausstrom" / "translations"

LANGUAGES: Final = ("en", "de", "it", "ro")
HEADER: Final = ("key", *LANGUAGES, "english")
REFERENCE: Final = "@"
# Rows below these keys exist to be referred to. They are no texts of Home Assistant themselves.
SHARED: Final = ("words", "states")
SECTIONS: Final = (
    "common",
    "config",
    "options",
    "device",
    "entity",
    "exceptions",
    "issues",
    "selector",
    "services",
    "system_health",
)

type Tree = dict[str, str | Tree]


class SourceError(Exception):
    """A table that cannot be used; the message says where, and what to do."""

    def __init__(self, place: str, problem: str) -> None:
        """Take where it is, and what is wrong there."""
        super().__init__(f"{place}: {problem}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: four texts, or a reference to where they are."""

    key: str
    texts: tuple[str, ...]
    english: str = ""  # digest of the English that the translations were made from
    table: str = ""

    @property
    def target(self) -> str | None:
        """The key this row refers to, None where it has texts of its own."""
        first = self.texts[0]
        return first.removeprefix(REFERENCE) if first.startswith(REFERENCE) else None

    @property
    def place(self) -> str:
        """Where to look for this row, for messages."""
        return f"{self.table}: {self.key}"


def digest(english: str) -> str:
    """Return what identifies an English text: the first eight digits of its SHA-256."""
    return hashlib.sha256(english.encode()).hexdigest()[:8]


def read_table(path: Path) -> list[Row]:
    """Return the rows of a table, in the order of the file."""
    header, *lines = path.read_text(encoding="utf-8").split("\n")
    if tuple(header.split("\t")) != HEADER:
        raise SourceError(path.name, f"the first line must be {' '.join(HEADER)}, with tabs")
    return [
        _row(path.name, number, line) for number, line in enumerate(lines, start=2) if line.strip()
    ]


def read_tables(folder: Path = TABLES) -> list[Row]:
    """Return the rows of all tables; a key that two rows have is an error."""
    rows = [row for path in sorted(folder.glob("*.tsv")) for row in read_table(path)]
    seen: dict[str, Row] = {}
    for row in rows:
        if row.key in seen:
            raise SourceError(row.place, f"is also in {seen[row.key].table}")
        seen[row.key] = row
    return rows


def write_table(path: Path, rows: Iterable[Row]) -> None:
    """Write a table in its canonical form: sorted by key, nothing behind the last text."""
    lines = ["\t".join(HEADER)]
    for row in sorted(rows, key=lambda row: row.key.split(".")):
        cells = [row.key, *map(_escape, row.texts)]
        lines.append("\t".join([*cells, row.english] if row.target is None else cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def stale(row: Row) -> bool:
    """Tell whether the English of a row changed since its translations were made."""
    return row.target is None and bool(row.english) and row.english != digest(row.texts[0])


def signed(row: Row) -> Row:
    """Return the row with the digest of its English; a stale row is an error."""
    if row.target is not None:
        return row
    if stale(row):
        raise SourceError(
            row.place,
            "the English changed. Change de, it and ro too, then empty the last column.",
        )
    return replace(row, english=digest(row.texts[0]))


def resolve(rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """Return every text by key, in four languages, with references replaced by what they name.

    A row below a reference adds to what the reference brings, or takes its place.
    """
    texts = {row.key: row.texts for row in rows if row.target is None}
    pending = {row.key: row for row in rows if row.target is not None}
    while pending:
        ready = [row for row in pending.values() if not _waits(row, pending)]
        if not ready:
            raise SourceError(", ".join(sorted(pending)), "refer to each other")
        for row in ready:
            found = dict(_below(row.target or "", texts))
            if not found:
                raise SourceError(row.place, f"there is no {row.target}")
            for suffix, text in found.items():
                texts.setdefault(row.key + suffix, text)
            del pending[row.key]
    return texts


def render(rows: Sequence[Row]) -> dict[str, str]:
    """Return the content of each translations file, by language."""
    texts = resolve(rows)
    published = sorted(
        (
            key.split(".")
            for key in texts
            if not key.startswith(tuple(f"{name}." for name in SHARED))
        ),
        key=_order,
    )
    files = {}
    for index, language in enumerate(LANGUAGES):
        tree: Tree = {}
        for path in published:
            _put(tree, path, texts[".".join(path)][index])
        files[language] = json.dumps(tree, ensure_ascii=False, indent=2) + "\n"
    return files


def copies(rows: Sequence[Row], prefixes: tuple[str, ...]) -> list[tuple[Row, Row]]:
    """Return the pairs of rows below the prefixes that say the same in all four languages."""
    first: dict[tuple[str, ...], Row] = {}
    pairs = []
    for row in rows:
        if row.target is not None or not row.key.startswith(prefixes):
            continue
        if row.texts in first:
            pairs.append((first[row.texts], row))
        else:
            first[row.texts] = row
    return pairs


def state_rows(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that are texts of states, and the words these are made of."""
    return [
        row
        for row in rows
        if row.key.startswith(tuple(f"{name}." for name in SHARED)) or ".state." in row.key
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring tables and translations into line, or tell with --check what is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if it would")
    asked = parser.parse_args(arguments)
    try:
        changed = generate(check=asked.check)
    except SourceError as error:
        print(error, file=sys.stderr)
        return 1
    for path in changed:
        print(("not generated: " if asked.check else "wrote ") + path.name)
    return 1 if asked.check and changed else 0


def generate(*, check: bool = False, tables: Path = TABLES, out: Path = TRANSLATIONS) -> list[Path]:
    """Write what differs from the source and return its paths; with check only return them."""
    rows = [signed(row) for row in read_tables(tables)]
    twins = copies(state_rows(rows), ("",))
    if twins:
        first, second = twins[0]
        raise SourceError(second.place, f"repeats {first.place}, write {REFERENCE}{first.key}")
    changed = []
    for path in sorted(tables.glob("*.tsv")):
        before = path.read_bytes()
        write_table(path, (row for row in rows if row.table == path.name))
        if path.read_bytes() != before:
            changed.append(path)
            if check:
                path.write_bytes(before)
    for language, content in render(rows).items():
        path = out / f"{language}.json"
        if not path.exists() or path.read_bytes() != content.encode():
            changed.append(path)
            if not check:
                path.write_text(content, encoding="utf-8")
    return changed


def _row(table: str, number: int, line: str) -> Row:
    place = f"{table}:{number}"
    key, *cells = line.split("\t")
    texts = [_unescape(cell) for cell in cells]
    if texts and texts[0].startswith(REFERENCE) and not any(texts[1:]):
        return Row(key, (texts[0],), table=table)
    texts += [""] * (len(LANGUAGES) + 1 - len(texts))
    if len(texts) > len(LANGUAGES) + 1:
        raise SourceError(place, f"{key} has {len(cells)} texts, not {len(LANGUAGES)}")
    *spoken, english = texts
    for language, text in zip(LANGUAGES, spoken, strict=True):
        if not text.strip():
            raise SourceError(place, f"{key} has no text in {language}")
    return Row(key, tuple(spoken), english, table)


def _escape(text: str) -> str:
    return text.replace("\n", "\\n")


def _unescape(cell: str) -> str:
    return cell.replace("\\n", "\n")


def _below(key: str, texts: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, text in texts.items():
        if name == key or name.startswith(f"{key}."):
            yield name[len(key) :], text


def _waits(row: Row, pending: Mapping[str, Row]) -> bool:
    """Tell whether something at, below or above the row's target is still a reference."""
    target = f"{row.target}."
    return any(f"{key}.".startswith(target) or target.startswith(f"{key}.") for key in pending)


def _order(path: Sequence[str]) -> tuple[int, Sequence[str]]:
    section = path[0]
    if section not in SECTIONS:
        raise SourceError(".".join(path), f"{section} is no section of a translation")
    return SECTIONS.index(section), path


def _put(tree: Tree, path: Sequence[str], text: str) -> None:
    *parents, last = path
    for name in parents:
        branch = tree.setdefault(name, {})
        if isinstance(branch, str):
            raise SourceError(".".join(path), f"{name} is a text and has texts below it")
        tree = branch
    if last in tree:
        raise SourceError(".".join(path), f"{last} is a text and has texts below it")
    tree[last] = text


if __name__ == "__main__":
    sys.exit(main())
