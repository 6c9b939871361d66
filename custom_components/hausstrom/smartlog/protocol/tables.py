"""Reports as tables: a row per reading, columns named as the logger's attributes (CSV)."""

from . import fields as f
from .clothing import form_fields, rows_of
from .fields import Fields, Folder, first, text_of
from .tree import Tree

_ENTRY_KEYS = ("t", *f.TIME, *f.VALUE)
# What says which point of which meter a row is about.
_POINT_KEYS = (
    *f.METER_ID, *f.DESCRIPTION, *f.OBIS, *f.UNIT, *f.SCALE, *f.STORAGE, *f.SUBUNIT, *f.POINT_ID,
    *f.LABEL, *f.MANUFACTURER, *f.MEDIUM, "tariff", "function", "interface",
)  # fmt: skip


def reports_of_rows(text: str) -> Tree:
    """Return a table in text, or a form with a single reading, as reports in objects.

    Rows with a meter, a point and a value become `{MUC_ID, meter: [{METER_ID, data: […]}]}`,
    the rows of one point its entries. Rows that hold a whole meter each (`id;media;total_m3`)
    are returned as they are. None where the text is neither.
    """
    form = form_fields(text)
    rows: list[dict[str, str]] = [form] if form else list(rows_of(text))
    folder = Folder()
    gateways: dict[str, dict[tuple[str, ...], dict[tuple[str, ...], Fields]]] = {}
    whole: list[Tree] = []
    for row in rows:
        fields = folder.fold(dict(row))
        if first(fields, f.METER_ID) is None and first(fields, (f.SECONDARY_ADDRESS,)) is None:
            continue
        if first(fields, f.VALUE) is None:
            whole.append(dict(row))
            continue
        meters = gateways.setdefault(text_of(first(fields, f.GATEWAY_ID)), {})
        meter = (
            text_of(first(fields, (*f.METER_ID[:2], f.SECONDARY_ADDRESS, *f.METER_ID[2:]))),
            text_of(fields.get("interface")),
            text_of(first(fields, f.MANUFACTURER)),
        )
        points = meters.setdefault(meter, {})
        point = tuple(text_of(fields.get(name)) for name in _POINT_KEYS)
        entry: Fields = {name: fields[name] for name in _ENTRY_KEYS if name in fields}
        known = points.get(point)
        if known is None:
            rest = {name: value for name, value in fields.items() if name not in entry}
            points[point] = {**rest, "entry": [entry]}
        elif isinstance(entries := known["entry"], list):
            entries.append(entry)
    reports: list[Tree] = [
        {
            "mucid": gateway,
            "meter": [
                {"meterid": meter[0], "interface": meter[1], "manufacturer": meter[2],
                 "data": list(points.values())}
                for meter, points in meters.items()
            ],
        }
        for gateway, meters in gateways.items()
    ]  # fmt: skip
    return [*reports, *whole] or None
