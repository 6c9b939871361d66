"""Words as keys: lower-case snake case of ASCII letters and digits."""

import re
import unicodedata
from typing import Final

_NO_WORD: Final = re.compile(r"[^a-z0-9]+")
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def slug(text: str, *, german: bool = False) -> str:
    """Return a text as lower-case snake case; accents are dropped.

    With german, umlauts are spelled out (ü: ue), as in the words of SENEC's cloud. Both forms
    are parts of unique ids, so neither can change.
    """
    text = text.casefold() if not german else text.strip().lower().translate(_UMLAUTS)
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in plain if not unicodedata.combining(char))
    return _NO_WORD.sub("_", text).strip("_")
