"""What an MQTT topic tells of a report that does not name its gateway or meter."""

import re
from collections.abc import Container

from .model import Report

_METER_ID = re.compile(r"[0-9A-Fa-f]{8}")


def complete_from_topic(
    report: Report, topic: str, gateway_id: str, others: Container[str] = ()
) -> None:
    """Fill in the ids that the report leaves out, from the levels of its topic.

    The gateway's id is a level equal to the one that is expected, or to one of the others
    that are known; the meter's a level of eight hexadecimal digits. A meter that remains without an id is left out and counted.
    """
    levels = topic.split("/")
    lower = [level.lower() for level in levels]
    in_topic = gateway_id if gateway_id in lower else next(filter(others.__contains__, lower), "")
    meter_id = next((level for level in reversed(levels) if _METER_ID.fullmatch(level)), "")
    for gateway in report.gateways:
        if not gateway.id:
            gateway.id = in_topic
        for meter in gateway.meters:
            if not meter.id and meter_id.lower() != gateway_id:
                meter.id = meter_id
        named = [meter for meter in gateway.meters if meter.id]
        report.bad_meters += len(gateway.meters) - len(named)
        gateway.meters = named
