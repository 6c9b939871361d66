"""Reports of the logger: `muc → meter[] → data[] → entry[]`, as JSON or XML.

The structure is that of the solvimus MUC.easy family (published POST bodies; JSON keys equal
the XML attributes). Reports of other M-Bus software are read by `foreign`.
"""

from . import fields as f
from .entries import EntryReader
from .fields import Fields, Folder, first, mappings, text_of
from .foreign import is_flat_meter, is_mbus_records, read_flat_meter, read_mbus_records
from .model import (
    DataPoint,
    GatewayReport,
    MeterReport,
    Report,
    ReportError,
    ReportReason,
    ReportShape,
    Signature,
)
from .tables import reports_of_rows
from .tree import Tree, parse_text, tree_of
from .values import clean, decimal, unix_time, usable

MAX_METERS = 2_000
MAX_POINTS_PER_METER = 1_000
SYSTEM = "System"
"""The medium of the logger's own values."""

_MAX_WRAPPERS = 5
_ID_DIGITS = 8
_LONGEST_ID = 32
_LONGEST_FIELD = 120

# The order of these is the order of the fields of Signature.
_SIGNATURE_FIELDS = (
    f.OBIS,
    f.DESCRIPTION,
    f.UNIT,
    f.SCALE,
    f.LABEL,
    ("function",),
    f.STORAGE,
    ("tariff",),
    f.SUBUNIT,
    f.POINT_ID,
    f.MEDIUM,
)
_SIGNATURE_KEYS = tuple(name for names in _SIGNATURE_FIELDS for name in names)


type Meters = dict[tuple[str, str, str, str], MeterReport]
"""Meters by id, manufacturer, interface and type."""


class SignatureTable(dict[tuple[object, ...], Signature]):
    """Each signature once, from report to report: comparing them is then comparing identities."""

    _CAPACITY = 200_000

    def intern(self, raw: tuple[object, ...], signature: Signature) -> Signature:
        """Remember a signature by the fields it was made from."""
        if len(self) >= self._CAPACITY:
            self.clear()
        self[raw] = signature
        return signature


def parse_report(body: bytes, received: int, signatures: SignatureTable | None = None) -> Report:
    """Decode the body of a report, whatever its form.

    `received` is the time of arrival in unix seconds; it stands in for times that the report
    lacks or that are not credible. A meter or data point that cannot be read is left out and
    counted, the others stay.

    Raises ReportError when the body as a whole is no report.
    """
    text = parse_text(body)
    try:
        tree = tree_of(text)
    except ReportError as error:
        if error.reason is not ReportReason.UNSUPPORTED_FORMAT or not (
            rows := reports_of_rows(text)
        ):
            raise
        tree = rows
    reader = _Reader(received, SignatureTable() if signatures is None else signatures)
    report = reader.read(tree)
    if report is None:
        raise ReportError(ReportReason.NO_METERS, "neither muc nor meter in it")
    return report


class _Reader:
    """One report being read."""

    def __init__(self, received: int, signatures: SignatureTable) -> None:
        self._received = received
        self._signatures = signatures
        self._folder = Folder()
        self._report: Report | None = None
        self._meters = 0
        self._entries = EntryReader(received, self._folder)
        self._found: dict[int, Meters] = {}

    def read(self, tree: Tree) -> Report | None:
        self._walk(tree, 0)
        return self._report

    def _begin(self, shape: ReportShape) -> Report:
        if self._report is None:
            self._report = Report(shape)
        return self._report

    def _walk(self, tree: Tree, depth: int) -> None:
        """Find the gateways and meters below any wrappers."""
        if depth > _MAX_WRAPPERS:
            return
        if isinstance(tree, list):
            for item in tree[:MAX_METERS]:
                self._walk(item, depth + 1)
        elif isinstance(tree, dict) and not self._take(tree):
            for key, value in list(tree.items())[:MAX_METERS]:
                if key.casefold() != "system":
                    self._walk(value, depth + 1)
            if not depth and self._report is None:
                fields = self._folder.fold(tree)
                if isinstance(first(fields, f.POINTS), list):
                    # A meter that leaves its id to the MQTT topic.
                    self._lone_meter(self._meter(fields), fields, ReportShape.METER)

    def _take(self, node: dict[str, Tree]) -> bool:
        """Read what this object is, if it is a gateway, a meter or holds gateways."""
        fields = self._folder.fold(node)
        if isinstance(fields.get("muc"), dict | list):
            for muc in mappings(fields["muc"]):
                if muc is None:
                    self._begin(ReportShape.MUC).bad_meters += 1
                else:
                    self._gateway(self._folder.fold(muc), ReportShape.MUC)
            beside = fields.get("system")
            if (
                self._report is not None
                and self._report.gateways
                and isinstance(beside, dict | list)
            ):
                # The logger's own values, beside its meters instead of among them.
                self._take_system(self._report.gateways[-1], beside)
        elif any(isinstance(fields.get(name), dict | list) for name in f.METERS):
            self._gateway(fields, ReportShape.GATEWAY)
        elif is_mbus_records(fields):
            meter = read_mbus_records(fields, self._folder, self._received)
            self._lone_meter(meter, fields, ReportShape.MBUS_RECORDS)
        elif isinstance(first(fields, f.POINTS), dict | list) and self._meter_id(fields):
            self._lone_meter(self._meter(fields), fields, ReportShape.METER)
        elif is_flat_meter(fields):
            meter = read_flat_meter(node, self._folder, self._received)
            self._lone_meter(meter, fields, ReportShape.FLAT_METER)
        else:
            return False
        return True

    def _gateway(self, fields: Fields, shape: ReportShape) -> None:
        report = self._begin(shape)
        gateway = GatewayReport(
            clean(text_of(first(fields, f.GATEWAY_ID)), _LONGEST_ID).lower(),
            clean(text_of(fields.get("version")), _LONGEST_FIELD),
            unix_time(first(fields, f.TIME)),
        )
        self._entries.sent = gateway.time
        report.gateways.append(gateway)
        found = self._found[id(gateway)] = {}
        for node in mappings(first(fields, f.METERS)):
            if node is None:
                report.bad_meters += 1
                continue
            meter = self._meter(self._folder.fold(node))
            if not meter.id:
                report.bad_meters += 1
                continue
            if gateway.id and meter.id.lower() == gateway.id:
                meter.medium, meter.own_medium = SYSTEM, True
            self._add(found, meter)
        gateway.meters = list(found.values())
        system = fields.get("system")
        if isinstance(system, dict | list):
            self._take_system(gateway, system)

    def _take_system(self, gateway: GatewayReport, node: Tree) -> None:
        """Add the logger's own values to its report."""
        found = self._found[id(gateway)]
        for part in mappings(node):
            if part is not None:
                self._add(found, self._system(part))
        gateway.meters = list(found.values())

    def _lone_meter(self, meter: MeterReport, fields: Fields, shape: ReportShape) -> None:
        """Add a meter that came without its gateway around it."""
        report = self._begin(shape)
        gateway_id = clean(text_of(first(fields, f.GATEWAY_ID)), _LONGEST_ID).lower()
        gateway = next((known for known in report.gateways if known.id == gateway_id), None)
        if gateway is None:
            gateway = GatewayReport(gateway_id)
            report.gateways.append(gateway)
        found = self._found.setdefault(id(gateway), {})
        self._add(found, meter)
        gateway.meters = list(found.values())

    def _add(self, found: Meters, meter: MeterReport) -> None:
        """Add a meter; one that the report lists twice is one meter."""
        self._meters += 1
        if self._meters > MAX_METERS:
            raise ReportError(ReportReason.TOO_COMPLEX, f"more than {MAX_METERS} meters")
        own_medium = meter.medium if meter.own_medium else ""
        key = (meter.id, meter.manufacturer, meter.interface, own_medium)
        known = found.setdefault(key, meter)
        if known is meter:
            return
        if _is_reading_again(known, meter):
            # Its readings of two times, one after the other: two reports of one meter.
            number = 2
            while (*key[:3], f"{own_medium} {number}") in found:
                number += 1
            found[(*key[:3], f"{own_medium} {number}")] = meter
            return
        room = MAX_POINTS_PER_METER - len(known.points)
        known.points.extend(meter.points[:room])
        known.bad_points += meter.bad_points + max(0, len(meter.points) - room)

    @staticmethod
    def _meter_id(fields: Fields) -> str:
        """Return the meter's number as text; a number loses its leading zeros, a text keeps them."""
        value = first(fields, f.METER_ID[:2])
        if value is None:
            address = text_of(fields.get(f.SECONDARY_ADDRESS))
            value = address[:_ID_DIGITS] if address else first(fields, f.METER_ID[2:])
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:08d}" if 0 <= value < 10**_LONGEST_ID else ""
        return "" if isinstance(value, float) else clean(text_of(value), _LONGEST_ID)

    def _meter(self, fields: Fields) -> MeterReport:
        medium = clean(text_of(first(fields, f.MEDIUM)), _LONGEST_FIELD)
        meter = MeterReport(
            self._meter_id(fields),
            clean(text_of(fields.get("interface")), _LONGEST_FIELD),
            clean(text_of(first(fields, f.MANUFACTURER)), _LONGEST_FIELD).upper(),
            clean(text_of(fields.get("version")), _LONGEST_FIELD),
            medium,
            own_medium=bool(medium),
            label=clean(text_of(first(fields, f.LABEL)), _LONGEST_FIELD),
        )
        nodes = first(fields, f.POINTS)
        self._read_points(meter, nodes)
        meter.unread = not meter.points and (
            meter.bad_points > 0
            or (nodes is None and any(isinstance(value, dict | list) for value in fields.values()))
        )
        if not medium and meter.points:
            mediums = [point.signature.medium for point in meter.points if point.signature.medium]
            if mediums:
                # Of two that are as frequent the one told first: a set would draw lots each start.
                meter.medium = max(dict.fromkeys(mediums), key=mediums.count)
        return meter

    def _read_points(self, meter: MeterReport, nodes: Tree) -> None:
        points = meter.points
        for node in mappings(nodes):
            if node is None:
                meter.bad_points += 1
                continue
            if len(points) >= MAX_POINTS_PER_METER:
                meter.bad_points += 1
                continue
            fields = self._folder.fold(node)
            signature = self._signature(fields)
            entries = self._entries.of(fields)
            if entries and (signature.description or signature.obis or signature.point_id):
                newest = entries[-1]
                points.append(DataPoint(signature, *newest, tuple(entries[:-1])))
            elif entries or not self._says_nothing(fields):
                meter.bad_points += 1

    def _signature(self, fields: Fields) -> Signature:
        get = fields.get
        raw = tuple([get(key) for key in _SIGNATURE_KEYS])
        try:
            known = self._signatures.get(raw)
        except TypeError:  # a list or object where a text belongs
            raw = tuple([text_of(value) for value in raw])
            known = self._signatures.get(raw)
        if known is not None:
            return known
        signature = Signature(
            *(clean(text_of(first(fields, names)), _LONGEST_FIELD) for names in _SIGNATURE_FIELDS)
        )
        return self._signatures.intern(raw, signature)

    @staticmethod
    def _says_nothing(fields: Fields) -> bool:
        """Return whether a point without a value merely says that there is none now."""
        return first(fields, f.ENTRIES) is not None or any(name in fields for name in f.VALUE)

    def _system(self, node: dict[str, Tree]) -> MeterReport:
        """Read the logger's own values, given as data points or as plain pairs."""
        fields = self._folder.fold(node)
        meter = MeterReport("system", medium=SYSTEM, own_medium=True)
        points = first(fields, f.POINTS)
        if points is not None:
            self._read_points(meter, points)
            return meter
        for name, value in list(node.items())[:MAX_POINTS_PER_METER]:
            raw = usable(value)
            if raw is not None:
                unit = "" if decimal(raw) is None else "None"
                signature = Signature(description=clean(name, _LONGEST_FIELD), unit=unit)
                meter.points.append(DataPoint(signature, raw, self._received))
        return meter


def _is_reading_again(known: MeterReport, meter: MeterReport) -> bool:
    """Return whether a second listing of a meter holds the same points at another time."""
    times = {point.signature: point.time for point in known.points}
    return any(
        times.get(point.signature, point.time) != point.time and not point.signature.obis
        for point in meter.points
    )
