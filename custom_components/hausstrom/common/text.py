"""Text from devices: cleaned once, at the edge, bounded, and never markup.

What a device or a person calls itself ends up in names, forms, repair issues and logs. It may
hold control characters, be as long as a message, or look like HTML or Markdown.
"""

import re
import unicodedata
from typing import Final

LONGEST_NAME: Final = 64
# Escapes of what Home Assistant's frontend renders in repair issues and descriptions.
_ESCAPES: Final = str.maketrans(
    {char: f"\\{char}" for char in "\\`*_{}[]()#+!|~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)
# Other, but unassigned and private use characters stay: an old font may have them.
_CONTROL: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_GAPS: Final = re.compile(r"\s+")


def clean(text: object, limit: int = LONGEST_NAME) -> str:
    """Return what a device said as one line of at most limit characters, without control characters.

    What is no text gives "". The cut comes first, so that the cost is bounded by the limit.
    """
    if not isinstance(text, str):
        return ""
    cut = text[: 4 * limit]
    if not cut.isprintable():
        cut = "".join(" " if unicodedata.category(char) in _CONTROL else char for char in cut)
    return _GAPS.sub(" ", cut).strip()[:limit].rstrip()


def plain(text: object, limit: int = LONGEST_NAME) -> str:
    """Return a text as the same characters in Markdown, for placeholders of repair issues."""
    return clean(text, limit).translate(_ESCAPES)


def tail(identity: object) -> str:
    """Return how a log names somebody's device: the last four characters of its number."""
    text = clean(identity)
    return f"…{text[-4:]}" if len(text) > 4 else text
