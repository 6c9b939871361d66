"""What an MQTT topic tells of a report that does not name its gateway or meter."""

import re
from collections.abc import Container

from .model import Report

_METER_ID = re.compile(r"[0-9A-Fa-f]{8}")


def level_of(topic: str, gateway_id: str) -> int | None:
    """Return at which level of a topic the gateway's id stands, None if at none."""
    levels = topic.lower().split("/")
    return levels.index(gateway_id) if gateway_id and gateway_id in levels else None


def complete_from_topic(
    report: Report,
    topic: str,
    gateway_id: str,
    others: Container[str] = (),
    own_level: int | None = None,
) -> None:
    """Fill in the ids that the report leaves out, from the levels of its topic.

    The gateway's id is a level equal to the one that is expected, or to one of the others
    that are known. Once the expected one has been seen at `own_level`, whatever stands there
    is the id of the report's gateway. The meter's id is a level of eight hexadecimal digits;
    a meter that remains without an id is left out and counted.
    """
    levels = topic.split("/")
    lower = [level.lower() for level in levels]
    in_topic = gateway_id if gateway_id in lower else next(filter(others.__contains__, lower), "")
    if not in_topic and own_level is not None and own_level < len(lower):
        in_topic = lower[own_level]
    meter_id = next(
        (
            level
            for place, level in reversed(list(enumerate(levels)))
            if _METER_ID.fullmatch(level) and level.lower() != in_topic and place != own_level
        ),
        "",
    )
    for gateway in report.gateways:
        if not gateway.id:
            gateway.id = in_topic
        for meter in gateway.meters:
            if not meter.id and meter_id.lower() != gateway_id:
                meter.id = meter_id
        named = [meter for meter in gateway.meters if meter.id]
        report.bad_meters += len(gateway.meters) - len(named)
        gateway.meters = named
