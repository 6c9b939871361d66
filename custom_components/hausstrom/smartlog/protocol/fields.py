"""Keys of a report, whatever dialect wrote them."""

from collections.abc import Iterator, Mapping

from .tree import Tree, local_name

type Fields = dict[str, Tree]

_IGNORED_IN_KEYS = str.maketrans("", "", "_- @$.")
_LONGEST_KEY = 64
# How converters from XML call the attributes and the text of an element, before folding.
_ATTRIBUTES = frozenset({"$", "@", "_attributes", "attributes", "-", "$attributes", "@attributes"})
_TEXT = "#text"
_TEXTS = frozenset({"_", "#text", "_text", "text", "$t", "#", "$text", "@text"})

GATEWAY_ID = ("mucid", "smartlogid", "gatewayid", "loggerid")
METER_ID = ("meterid", "smartmeterid", "serial", "id")
SECONDARY_ADDRESS = "secondaryaddress"
MANUFACTURER = ("manufacturer", "man", "mfct")
MEDIUM = ("medium", "type", "media", "devicetype")
LABEL = ("user", "label", "alias")
DESCRIPTION = ("description", "quantity", "name")
UNIT = ("unit", "units")
SCALE = ("scale", "factor", "multiplier")
VALUE = ("val", "value", "v")
TIME = ("tmuc", "timestamp", "time", "ts", "datetime")
OBIS = ("obisid", "obis")
STORAGE = ("storage", "storagenumber", "storagenr")
SUBUNIT = ("subunit", "device")
POINT_ID = ("index", "dataid", "recordid", "pointid")
METERS = ("meter", "meters", "smartmeter", "smartmeters")
POINTS = ("data", "datapoint", "datapoints")
ENTRIES = ("entry", "entries")


class _FoldedKeys(dict[str, str]):
    """A cache from a key as sent to its folded form; lives as long as one report."""

    def __missing__(self, key: str) -> str:
        folded = local_name(key[:_LONGEST_KEY]).casefold().translate(_IGNORED_IN_KEYS)
        if key in _ATTRIBUTES:
            folded = "attributes"
        elif key in _TEXTS:
            folded = _TEXT
        elif key[:5].casefold() == "xmlns":
            # A namespace is no field, and its prefix ("xmlns:v") must not become one.
            folded = "xmlns"
        self[key] = folded
        return folded


class Folder:
    """Makes mappings of any dialect comparable."""

    def __init__(self) -> None:
        """Begin with no key known."""
        self._keys = _FoldedKeys()

    def fold(self, node: Mapping[str, Tree]) -> Fields:
        """Return the mapping with keys lower-case and without `_`, `-`, `@`, `$` and blanks.

        Attributes that an XML converter put into a mapping of their own are laid beside the
        elements; `#text` holds the text of an element with attributes.
        """
        keys = self._keys
        fields = {keys[key]: value for key, value in node.items()}
        if "attributes" in fields:
            inner = fields["attributes"]
            if isinstance(inner, list) and len(inner) == 1:
                inner = inner[0]
            if isinstance(inner, dict):
                del fields["attributes"]
                for name, value in self.fold(inner).items():
                    fields.setdefault(name, value)
        return fields


def first(fields: Fields, names: tuple[str, ...]) -> Tree:
    """Return the first of these fields that says something."""
    for name in names:
        value = fields.get(name)
        if value is not None and value != "":
            return value
    return None


def text_of(value: Tree) -> str:
    """Return a scalar as text; an element with attributes as its text; nothing as ''."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        return text_of(next((value[name] for name in _TEXTS if name in value), None))
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        # xml2js makes a list of each element, even where there is one.
        return text_of(value[0])
    return ""


def mappings(value: Tree) -> Iterator[dict[str, Tree] | None]:
    """Yield the objects of a list, a single object, or None for each entry that is none."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield item if isinstance(item, dict) else None
