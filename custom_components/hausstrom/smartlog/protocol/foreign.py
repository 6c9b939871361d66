"""Meter reports of other M-Bus software: wmbusmeters' flat objects, libmbus' data records."""

from decimal import Decimal

from ...common.pattern import LatePattern
from . import fields as f
from .fields import Fields, Folder, first, mappings, text_of
from .model import DataPoint, MeterReport, Signature
from .tree import Tree
from .units import Group, is_known, normalise
from .values import clean, decimal, reading_time, unix_time, usable

_LONGEST_ID = 32
_LONGEST_FIELD = 120
_MAX_POINTS = 1_000

# wmbusmeters ends each field with its unit (its documentation lists them).
_SUFFIX_UNITS = {
    "kwh": "kWh", "mj": "MJ", "gj": "GJ", "kw": "kW", "w": "W", "m3": "m³", "l": "L",
    "m3h": "m³/h", "lh": "L/h", "c": "°C", "k": "K", "f": "°F", "v": "V", "a": "A", "hz": "Hz",
    "kvarh": "kvarh", "kvar": "kvar", "kva": "kVA", "kvah": "kVAh", "bar": "bar", "pa": "Pa",
    "rh": "%RH", "pct": "%", "percent": "%", "hca": "HCA", "kg": "kg", "s": "s", "min": "min",
    "h": "h", "d": "d", "dbm": "dBm", "counter": "", "nr": "", "month": "months", "y": "years",
    "ppm": "ppm", "lux": "lx",
}  # fmt: skip
_FLAT_OWN_FIELDS = frozenset(
    {"id", "name", "meter", "media", "timestamp", "telegram", "driver", "device", "rssidbm_",
     "mucid", "smartlogid", "gatewayid", "loggerid", "field"}
)  # fmt: skip
# What the drivers call a value of a date, a billing period or a month of the past.
_HISTORIC = LatePattern(
    r"(^|_)(target|due|prev|previous|last|yesterday|histor(y|ic|ical)"
    r"|(set|at|due|billing|accounting)_date|end_of_(day|week|month|year))(_|$)"
    r"|_(days?|weeks?|months?|years?)_ago(_|$)"
)


def is_flat_meter(fields: Fields) -> bool:
    """Return whether this is a flat meter object: an id, a medium, and values as scalars."""
    return (
        isinstance(fields.get("id"), str | int)
        and isinstance(fields.get("media"), str)
        and not any(isinstance(value, dict | list) for value in fields.values())
    )


def read_flat_meter(node: dict[str, Tree], folder: Folder, received: int) -> MeterReport:
    """Read `{id, media, <quantity>_<unit>: number, …, timestamp}` (JSON of wmbusmeters)."""
    fields = folder.fold(node)
    meter = MeterReport(
        clean(text_of(fields["id"]), _LONGEST_ID).zfill(8),
        interface="05",
        manufacturer=clean(text_of(first(fields, f.MANUFACTURER)), _LONGEST_FIELD).upper(),
        medium=clean(text_of(fields["media"]), _LONGEST_FIELD),
        own_medium=True,
        label=clean(text_of(fields.get("name")), _LONGEST_FIELD),
    )
    time = reading_time(fields.get("timestamp"), received)
    for sent, value in list(node.items())[:_MAX_POINTS]:
        raw = usable(value)
        key = clean(sent, _LONGEST_FIELD)
        if raw is None or not key or key.replace("_", "").casefold() in _FLAT_OWN_FIELDS:
            continue
        name, _, suffix = key.rpartition("_")
        unit = _SUFFIX_UNITS.get(suffix.casefold()) if name else None
        if unit is None or decimal(raw) is None:
            name, unit = key, ""
        signature = Signature(
            description=name.replace("_", " ")[:_LONGEST_FIELD],
            unit=unit,
            function=_function_of(name),
            storage="1" if _HISTORIC().search(name) else "",
            point_id=key[:_LONGEST_FIELD],
            medium=meter.medium,
        )
        meter.points.append(DataPoint(signature, raw, time))
    return meter


def _function_of(name: str) -> str:
    if name.startswith("max") or "_max" in name:
        return "maximum"
    return "minimum" if name.startswith("min_") or "_min_" in f"{name}_" else ""


# libmbus writes the factor before the unit: "1e-2  m^3", "100 W", "m m^3/h" (milli), "my V".
_PREFIXED_UNIT = LatePattern(
    r"(?:(?P<factor>\d{1,12}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?|my?|u|k)\s+)?(?P<unit>\S.*)"
)
_LETTER_FACTORS = {
    "m": Decimal("0.001"),
    "my": Decimal("0.000001"),
    "u": Decimal("0.000001"),
    "k": Decimal(1000),
}
_WORDLESS = frozenset({Group.UNKNOWN, Group.NONE, Group.BITS, Group.TIME_POINT})
_UNIT_IN_BRACKETS = LatePattern(r"(?P<quantity>[^()]+?)\s*\((?P<unit>[^()]*)\)\s*")
_CALENDAR_UNITS = frozenset({"date", "date & time", "time & date", "date&time"})


def is_mbus_records(fields: Fields) -> bool:
    """Return whether this is libmbus' decoded answer of a meter."""
    return isinstance(fields.get("datarecord"), dict | list) and isinstance(
        fields.get("slaveinformation"), dict
    )


def read_mbus_records(fields: Fields, folder: Folder, received: int) -> MeterReport:
    """Read `SlaveInformation` and `DataRecord`s (XML or JSON of libmbus, plain or normalised)."""
    slave = fields["slaveinformation"]
    about = folder.fold(slave) if isinstance(slave, dict) else {}
    meter = MeterReport(
        clean(text_of(about.get("id")), _LONGEST_ID).zfill(8)
        if about.get("id") not in (None, "")
        else "",
        interface="02",
        manufacturer=clean(text_of(about.get("manufacturer")), _LONGEST_FIELD).upper(),
        version=clean(text_of(about.get("version")), _LONGEST_FIELD),
        medium=clean(text_of(about.get("medium")), _LONGEST_FIELD),
        own_medium=True,
    )
    for node in mappings(fields["datarecord"]):
        if node is None or len(meter.points) >= _MAX_POINTS:
            meter.bad_points += 1
            continue
        record = folder.fold(node)
        raw = usable(first(record, f.VALUE))
        if raw is not None:
            signature = _record_signature(record, meter.medium)
            meter.points.append(DataPoint(signature, raw, _record_time(record, received)))
    return meter


def _record_time(record: Fields, received: int) -> int:
    return reading_time(unix_time(first(record, f.TIME)), received)


def _record_signature(record: Fields, medium: str) -> Signature:
    # Cut before any pattern runs: these are the words of whoever can reach the broker.
    quantity = clean(text_of(first(record, f.DESCRIPTION)), _LONGEST_FIELD)
    unit = clean(text_of(first(record, f.UNIT)), _LONGEST_FIELD)
    scale = ""
    if not quantity:
        # The plain variant has both in one: "Volume (1e-2  m^3)", or nothing but the unit.
        match = _UNIT_IN_BRACKETS().fullmatch(unit)
        if match:
            quantity, (unit, scale) = match["quantity"], _split_factor(match["unit"])
        else:
            quantity, unit, scale = _unit_alone(unit)
    elif first(record, f.SCALE) is not None:
        scale = clean(text_of(first(record, f.SCALE)), _LONGEST_FIELD)
    if unit.casefold() in _CALENDAR_UNITS or quantity.casefold().startswith("time point"):
        unit = "UTC"
    function = clean(text_of(record.get("function")), _LONGEST_FIELD).casefold()
    if function.startswith("instantaneous"):
        function = ""
    storage = clean(text_of(first(record, f.STORAGE)), _LONGEST_FIELD)
    subunit = clean(text_of(first(record, f.SUBUNIT)), _LONGEST_FIELD)
    tariff = clean(text_of(record.get("tariff")), _LONGEST_FIELD)
    return Signature(
        # A block of the manufacturer's own has a function, but neither quantity nor unit.
        description=(quantity or function)[:_LONGEST_FIELD],
        unit=unit[:_LONGEST_FIELD],
        scale=scale,
        function=function[:_LONGEST_FIELD],
        storage="" if storage == "0" else storage,
        tariff="" if tariff == "0" else tariff,
        subunit="" if subunit == "0" else subunit,
        medium=medium,
    )


def _unit_alone(unit: str) -> tuple[str, str, str]:
    """Return quantity, unit and scale of a field that holds nothing but a unit: "1e-1  V".

    Words that are no unit are the quantity: "Fabrication number".
    """
    base, scale = _split_factor(unit)
    group = normalise(base).group
    if group in _WORDLESS:
        return unit, "", ""
    return group.value.replace("_", " ").capitalize(), base, scale


def _split_factor(unit: str) -> tuple[str, str]:
    match = _PREFIXED_UNIT().fullmatch(unit.strip())
    if match is None or match["factor"] is None:
        return unit.strip(), ""
    if not is_known(match["unit"]) and is_known(unit):
        # "m m^3" is a thousandth, but what is a unit as it stands stays one.
        return unit.strip(), ""
    factor = _LETTER_FACTORS.get(match["factor"]) or Decimal(match["factor"])
    return match["unit"], format(factor, "f")
