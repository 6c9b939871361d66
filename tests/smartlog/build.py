"""Reports in the logger's forms, with numbers of our own."""

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from custom_components.hausstrom.smartlog.protocol.gateway import Changes, Gateway
from custom_components.hausstrom.smartlog.protocol.report import parse_report

NOW = 1_790_000_000
GATEWAY = "a1b2c3"

type Node = dict[str, Any]


def samples() -> Path | None:
    """Return the folder with the reference reports, None where there is none."""
    for folder in Path(__file__).resolve().parents:
        found = folder / "shared" / "samples" / "smartlog"
        if found.is_dir():
            return found
    return None


def data(
    description: str,
    value: object,
    unit: str = "kWh",
    scale: str | None = "1",
    *,
    obis: str = "",
    label: str | None = None,
    medium: str = "Electricity",
    time: object = NOW - 60,
    device_time: object = None,
    **more: object,
) -> Node:
    """Return a data point with one entry."""
    entry: Node = {"T_MUC": time, "VAL": value}
    if device_time is not None:
        entry["T"] = device_time
    node: Node = {"DESCRIPTION": description, "UNIT": unit, "MEDIUM": medium, "OBIS_ID": obis}
    if scale is not None:
        node["SCALE"] = scale
    if label is not None:
        node["USER"] = label
    return {**node, **more, "entry": [entry]}


def meter(meter_id: object, *points: object, interface: str = "02", **more: object) -> Node:
    """Return a meter with these data points."""
    return {"METER_ID": meter_id, "INTERFACE": interface, **more, "data": list(points)}


def muc(*meters: object, gateway: str = GATEWAY, time: int = NOW) -> Node:
    """Return a whole report."""
    return {
        "muc": {"MUC_ID": gateway, "VERSION": "1f6", "TIMESTAMP": str(time), "meter": list(meters)}
    }


def body(tree: object) -> bytes:
    """Return a report as JSON."""
    return json.dumps(tree).encode()


def xml(tree: Node, encoding: str = "utf-8") -> bytes:
    """Return a report as the XML that the logger writes, declared as utf-8 whatever it is."""
    gateway = tree["muc"]
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<interface MESSAGE_TYPE="1">']
    lines.append(_open("muc", gateway))
    for one in gateway["meter"]:
        lines.append(_open("meter", one))
        for point in one["data"]:
            lines.append(_open("data", point))
            for entry in point["entry"]:
                parameters = "".join(
                    f'<param NAME="{name}">{value}</param>' for name, value in entry.items()
                )
                lines.append(f"<entry> {parameters} </entry>")
            lines.append("</data>")
        lines.append("</meter>")
    lines += ["</muc>", "</interface>"]
    return "\n".join(lines).encode(encoding)


def _open(name: str, node: Node) -> str:
    attributes = "".join(
        f" {key}={quoteattr(str(value))}"
        for key, value in node.items()
        if not isinstance(value, list)
    )
    return f"<{name}{attributes}>"


def take(gateway: Gateway, tree: object, received: int = NOW, *, learn: bool = True) -> Changes:
    """Give a report to a gateway."""
    report = parse_report(body(tree), received)
    return gateway.take(report.gateways[0], received, learn=learn)


def readings(tree_or_body: object) -> dict[str, object]:
    """Return the readings of a single report."""
    raw = tree_or_body if isinstance(tree_or_body, bytes) else body(tree_or_body)
    gateway = Gateway()
    for part in parse_report(raw, NOW).gateways:
        gateway.take(part, NOW)
    return dict(gateway.readings())


def house() -> Node:
    """Return a report of some meters, each of another kind."""
    return muc(
        meter(
            "46100001",
            data("Energy", "30390", "kWh", obis="6-0:1.0.0*255", medium="Heat (outlet)"),
            data("Volume", "1736502", "m^3", "0.001", obis="6-0:2.0.0*255", medium="Heat (outlet)"),
            data("Flow temperature", "2391", "Degree C", "0.01", medium="Heat (outlet)"),
            data("Return temperature", "2342", "Degree C", "0.01", medium="Heat (outlet)"),
            data("Temperature difference", "49", "K", "0.01", medium="Heat (outlet)"),
            USER="Küche",
        ),
        meter(
            "00000024",
            data("Relative humidity", "611", "%", "0.1", medium="Room sensor"),
            interface="05",
        ),
        meter(
            "00351800", data("Stand", "309840", "kWh", "0.0005", obis="1-0:1.8.0*0"), interface="01"
        ),
    )
