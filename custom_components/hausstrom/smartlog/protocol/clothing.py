"""What a report may be wrapped in: compression, a form, the parts of an upload, lines, a table.

All of it is told by the first bytes. Nothing here knows what a report is: it hands on the
texts that may be one, and tables as rows of named cells.
"""

import csv
import zlib
from collections.abc import Iterator
from urllib.parse import unquote_plus

from .model import ReportError, ReportReason

_GZIP = b"\x1f\x8b"
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_MOST_PARTS = 64
_MOST_ROWS = 100_000
_MOST_COLUMNS = 200
_LONGEST_HEAD = 4_000
_SEPARATORS = ";\t,|"


def decompressed(body: bytes, limit: int) -> bytes:
    """Return the content of a gzip or zlib body, whatever its headers said; others unchanged.

    Raises ReportError when it is damaged, or larger than `limit` bytes.
    """
    if body[:2] != _GZIP and body[:2] not in _ZLIB:
        return body
    # 47: either of both formats, told by its header.
    inflate = zlib.decompressobj(wbits=47)
    try:
        content = inflate.decompress(body, limit + 1)
    except zlib.error as error:
        raise ReportError(ReportReason.MALFORMED, str(error)[:100]) from None
    if len(content) > limit:
        raise ReportError(ReportReason.TOO_LARGE, "compressed")
    if not inflate.eof:
        raise ReportError(ReportReason.MALFORMED, "compressed, and cut off")
    return content


def parts_of(text: str) -> list[str]:
    """Return the contents of the parts of a multipart body, [] for anything else."""
    if not text.startswith("--"):
        return []
    boundary = text[:200].split("\n", 1)[0].rstrip("\r ")
    if len(boundary) < 3 or text.count(boundary) < 2:
        return []
    parts = []
    for part in text.split(boundary)[1 : _MOST_PARTS + 1]:
        head, gap, content = part.lstrip("\r\n").partition("\r\n\r\n")
        if not gap:
            head, gap, content = part.lstrip("\r\n").partition("\n\n")
        if gap and len(head) < _LONGEST_HEAD and "content-disposition" in head.casefold():
            parts.append(content.strip())
    return parts


def form_fields(text: str) -> dict[str, str]:
    """Return the fields of a form-encoded body (`a=1&b=2`), {} for anything else."""
    head = text[:200]
    name, equals, _ = head.partition("=")
    if not equals or not name or any(char in name for char in ' \r\n\t<>{}[]";,'):
        return {}
    fields: dict[str, str] = {}
    for pair in text.split("&", _MOST_COLUMNS)[:_MOST_COLUMNS]:
        key, _, value = pair.partition("=")
        fields[unquote_plus(key)] = unquote_plus(value)
    return fields


def rows_of(text: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table in text (CSV), by the names of its first line.

    The separator is the one that the first line has most of; lines that begin with `#` are
    comments. Yields nothing when the first line names less than two columns.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) < 2 or len(lines) > _MOST_ROWS:
        return
    head = lines[0][:_LONGEST_HEAD]
    separator = max(_SEPARATORS, key=head.count)
    if separator not in head:
        return
    # A cell may be as long as the field size that csv allows; longer ones are no table.
    try:
        reader = csv.reader(lines, delimiter=separator)
        names = [name.strip() for name in next(reader)][:_MOST_COLUMNS]
        if not all(name.isprintable() for name in names):
            return
        for cells in reader:
            yield dict(zip(names, (cell.strip() for cell in cells), strict=False))
    except csv.Error as error:
        raise ReportError(ReportReason.MALFORMED, str(error)[:100]) from None
