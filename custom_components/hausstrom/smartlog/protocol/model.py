"""What a report says, before anything is made of it."""

from enum import StrEnum
from typing import NamedTuple

type Raw = str | int | float


class ReportReason(StrEnum):
    """Why a body is not a report."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNSUPPORTED_FORMAT = "unsupported_format"
    MALFORMED = "malformed"
    FORBIDDEN_XML = "forbidden_xml"
    TOO_COMPLEX = "too_complex"
    NO_METERS = "no_meters"
    FOREIGN = "foreign"


class ReportError(ValueError):
    """A body that is no report; `reason` says why, the message says where."""

    def __init__(self, reason: ReportReason, detail: str = "") -> None:
        """Keep the reason for counters and answers."""
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason


class ReportShape(StrEnum):
    """The forms of a report, as the flow and diagnostics name them."""

    MUC = "muc"
    GATEWAY = "gateway"
    METER = "meter"
    FLAT_METER = "flat_meter"
    MBUS_RECORDS = "mbus_records"


class Signature(NamedTuple):
    """All that tells one data point of a meter from another; texts as sent, stripped."""

    obis: str = ""
    description: str = ""
    unit: str = ""
    scale: str = ""
    label: str = ""
    function: str = ""
    storage: str = ""
    tariff: str = ""
    subunit: str = ""
    point_id: str = ""
    medium: str = ""


class Entry(NamedTuple):
    """One reading: VAL as sent, T_MUC and T in unix seconds, as the point's own."""

    raw: Raw
    time: int
    device_time: int | None = None


class DataPoint(NamedTuple):
    """The newest reading of one data point in a report, and those before it.

    `raw` is VAL as sent (to be multiplied by the signature's scale), `time` the time of the
    reading (T_MUC, unix seconds) by the logger's clock, which may be wrong, `device_time` the
    meter's own T, which may be the date of a historic value. `earlier` are the readings that
    came with it, oldest first: a report holds all since the one before.
    """

    signature: Signature
    raw: Raw
    time: int
    device_time: int | None = None
    earlier: tuple[Entry, ...] = ()


class MeterReport:
    """One meter of a report. `id` is empty when the body does not say it."""

    def __init__(
        self,
        id: str,  # noqa: A002  the field's name
        interface: str = "",
        manufacturer: str = "",
        version: str = "",
        medium: str = "",
        *,
        own_medium: bool = False,
        label: str = "",
    ) -> None:
        """Begin without a data point."""
        self.id = id
        self.interface = interface
        self.manufacturer = manufacturer
        self.version = version
        self.medium = medium
        self.own_medium = own_medium
        self.label = label
        self.points: list[DataPoint] = []
        self.bad_points = 0
        self.unread = False
        """It holds something, but nothing that is known as a data point."""


class GatewayReport:
    """One gateway of a report. `id` is empty when the body does not say it.

    `time` is what the logger's clock showed (unix seconds, as sent), however wrong.
    """

    def __init__(self, id: str, version: str = "", time: int | None = None) -> None:  # noqa: A002
        """Begin without a meter."""
        self.id = id
        self.version = version
        self.time = time
        self.meters: list[MeterReport] = []


class Report:
    """A decoded body: its gateways, its form, and what had to be left out."""

    def __init__(self, shape: ReportShape) -> None:
        """Begin without a gateway."""
        self.shape = shape
        self.gateways: list[GatewayReport] = []
        self.bad_meters = 0

    @property
    def bad_points(self) -> int:
        """How many data points were left out because they could not be read."""
        return sum(meter.bad_points for gateway in self.gateways for meter in gateway.meters)

    @property
    def points(self) -> int:
        """How many readings the body brought."""
        return sum(len(meter.points) for gateway in self.gateways for meter in gateway.meters)

    @property
    def half_read(self) -> bool:
        """Whether the report says more than was understood, meter by meter or as a whole."""
        meters = [meter for gateway in self.gateways for meter in gateway.meters]
        if any(meter.unread for meter in meters):
            return True
        return bool(self.bad_meters) or any(
            meter.bad_points and not meter.points for meter in meters
        )
