"""From the bytes of a report to plain dicts, lists and scalars: JSON and XML alike.

The first character tells the format; headers and declared encodings are not believed
(a real body declared utf-8 and carried ISO-8859-1 bytes).
"""

import json
import re
from typing import NoReturn
from xml.parsers import expat

import orjson

from .clothing import decompressed, form_fields, parts_of
from .model import ReportError, ReportReason

MAX_BYTES = 4 * 1024 * 1024
_MAX_DEPTH = 32
_MAX_ELEMENTS = 400_000
_LONGEST_NUMBER = 40
_BEGINNINGS = frozenset({"{", "[", "<"})
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def local_name(key: str) -> str:
    """Return a name without its namespace: `r:meter` and `{urn:report}meter` are `meter`."""
    if "}" in key:
        key = key.rpartition("}")[2]
    prefix, colon, name = key.rpartition(":")
    return name if colon and name and prefix.replace("_", "").isalnum() else key


type Tree = dict[str, Tree] | list[Tree] | str | int | float | bool | None


def _cp1252(byte: int) -> str:
    try:
        return bytes((byte,)).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


# Bytes that are not UTF-8 come out of "surrogateescape" as U+DC80…U+DCFF.
_FOREIGN_BYTES = {0xDC00 + byte: _cp1252(byte) for byte in range(0x80, 0x100)}


def decode_text(body: bytes) -> str:
    """Return the text of a body: UTF-8, with Windows-1252 for each byte that is not."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = body.decode("utf-16", "replace")
    elif body[1:8:2] == b"\0\0\0\0" and body[0:7:2].isascii() and b"\0" not in body[0:7:2]:
        text = body.decode("utf-16-le", "replace")
    else:
        text = body.decode("utf-8", "surrogateescape")
        if not text.isascii():
            text = text.translate(_FOREIGN_BYTES)
    return text.strip("\ufeff\0 \t\r\n")


def parse_text(body: bytes) -> str:
    """Return the text of a body, unpacked where it is compressed.

    Raises ReportError for an empty or oversized body, and for damaged compression.
    """
    if len(body) > MAX_BYTES:
        raise ReportError(ReportReason.TOO_LARGE, f"{len(body)} bytes")
    text = decode_text(decompressed(body, MAX_BYTES))
    if not text:
        raise ReportError(ReportReason.EMPTY)
    return text


def parse_tree(body: bytes) -> Tree:
    """Return the content of a JSON or XML body as plain objects.

    XML becomes `{root: content}`: attributes and child elements are keys, repeated children
    a list, the text beside attributes is `#text`, an element with text only is that text.
    JSON may come as one object per line, JSON or XML as the field of a form or as a part of
    an upload; several of them become a list.

    Raises ReportError for an empty or oversized body, for any other format (HTML, a table),
    for broken JSON or XML, and for XML with a DOCTYPE, entities or too much nesting.
    """
    return tree_of(parse_text(body))


def tree_of(text: str) -> Tree:
    """Return the content of a text as `parse_tree` does."""
    if text[0] in "{[":
        return _parse_json(text)
    if text[0] == "<":
        return _parse_xml(text)
    if text[0] == '"' and text[-1] == '"':
        # JSON in a text of JSON, as a program writes that encodes twice.
        inner = _parse_json(text)
        if isinstance(inner, str) and inner.strip()[:1] in _BEGINNINGS:
            return tree_of(inner.strip())
    wrapped = [part for part in parts_of(text) if part[:1] in _BEGINNINGS]
    fields = {} if wrapped else form_fields(text)
    wrapped += [text for value in fields.values() if (text := value.strip())[:1] in _BEGINNINGS]
    if wrapped:
        return tree_of(wrapped[0]) if len(wrapped) == 1 else [tree_of(part) for part in wrapped]
    raise ReportError(ReportReason.UNSUPPORTED_FORMAT, f"begins with {text[:64]!r}")


def _parse_json(text: str) -> Tree:
    try:
        tree: Tree = orjson.loads(text)
    except orjson.JSONDecodeError:
        lines = text.splitlines()
        if len(lines) > 1 and lines[0].rstrip().endswith("}") and lines[1].startswith("{"):
            # An object a line, as programs write that hand on meter by meter.
            return [_parse_json(line.strip()) for line in lines if line.strip()]
        return _parse_json_leniently(text)
    return tree


def _parse_json_leniently(text: str) -> Tree:
    """Read what orjson refuses whole because of one number: NaN, Infinity, 10^400."""
    try:
        tree: Tree = json.loads(
            text,
            strict=False,
            parse_float=str,
            parse_int=lambda digits: int(digits) if len(digits) <= _LONGEST_NUMBER else None,
            parse_constant=lambda _: None,
        )
        if _SURROGATE.search(text):
            # Half a character can be stored nowhere: one label would keep all from being saved.
            tree = json.loads(json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))
    except ValueError as error:
        raise ReportError(ReportReason.MALFORMED, str(error)[:200]) from None
    except RecursionError:
        raise ReportError(ReportReason.TOO_COMPLEX) from None
    return tree


class _TreeBuilder:
    """Builds the objects while expat reads; refuses what a report never has."""

    def __init__(self) -> None:
        self.root: Tree = None
        self._open: list[tuple[str, dict[str, Tree], list[str]]] = []
        self._elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            raise ReportError(ReportReason.TOO_COMPLEX)
        if not self._open and name.casefold() == "html":
            raise ReportError(ReportReason.UNSUPPORTED_FORMAT, "HTML")
        own = {
            local_name(key): value
            for key, value in attributes.items()
            if not key.startswith("xmlns")
        }
        self._open.append((local_name(name), dict(own), []))

    def text(self, data: str) -> None:
        self._open[-1][2].append(data)

    def end(self, _name: str) -> None:
        name, content, texts = self._open.pop()
        text = "".join(texts).strip()
        if content and text:
            content["#text"] = text
        node: Tree = content or text
        if not self._open:
            self.root = {name: node}
            return
        parent = self._open[-1][1]
        sibling = parent.get(name)
        if sibling is None:
            parent[name] = node
        elif isinstance(sibling, list):
            sibling.append(node)
        else:
            parent[name] = [sibling, node]

    def refuse(self, *_args: object) -> NoReturn:
        raise ReportError(ReportReason.FORBIDDEN_XML, "DOCTYPE or entity")


def _parse_xml(text: str) -> Tree:
    head = text[:200].casefold()
    if head.startswith(("<!doctype html", "<html")):
        raise ReportError(ReportReason.UNSUPPORTED_FORMAT, "HTML")
    builder = _TreeBuilder()
    # Text instead of bytes makes expat ignore the declared encoding.
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    parser.UnparsedEntityDeclHandler = builder.refuse
    parser.ExternalEntityRefHandler = builder.refuse
    parser.SkippedEntityHandler = builder.refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise ReportError(ReportReason.MALFORMED, str(error)) from None
    return builder.root
