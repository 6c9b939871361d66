"""A SmartLog: collects forty meters and reports them by MQTT or HTTP, as the real one does.

`python -m simulators.smartlog --mqtt 127.0.0.1:1883 smartlog/report` or
`python -m simulators.smartlog --webhook http://127.0.0.1:8123/api/webhook/… user:password`
"""

import argparse
import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import aiohttp
import aiomqtt

from simulators.home_assistant_client import AttentiveSteps, FlowSteps
from simulators.house import House, in_background
from simulators.smartlog_meters import SimulatedMeter, forty_meters

GATEWAY: Final = "6891d00000b1"
VERSION: Final = "1f6"
REPORT_INTERVAL: Final = 5.0
# What a logger keeps while nobody takes its reports.
LONGEST_BACKLOG: Final = 500

type Send = Callable[[bytes], Awaitable[bool]]


class SmartLog:
    """The logger: makes reports, and keeps those that could not be delivered."""

    def __init__(
        self, gateway: str = GATEWAY, meters: Iterable[SimulatedMeter] | None = None
    ) -> None:
        """Take the id and the meters; without them, the forty of the house."""
        self.gateway = gateway
        self.meters = tuple(forty_meters() if meters is None else meters)
        self.backlog: deque[bytes] = deque(maxlen=LONGEST_BACKLOG)
        self._heard: dict[str, int] = {}

    def report(self, now: int) -> dict[str, object]:
        """Return the report as of `now`; meters that are heard rarely may have no data in it."""
        nodes = []
        for meter in self.meters:
            node = meter.node(now)
            if meter.period and now - self._heard.get(meter.meter_id, 0) < meter.period:
                node["data"] = []
            else:
                self._heard[meter.meter_id] = now
            nodes.append(node)
        return {
            "muc": {
                "MUC_ID": self.gateway,
                "VERSION": VERSION,
                "TIMESTAMP": str(now),
                "meter": nodes,
            }
        }

    async def deliver(self, body: bytes, send: Send) -> int:
        """Send a report after those that are waiting; return how many were taken."""
        self.backlog.append(body)
        taken = 0
        while self.backlog and await send(self.backlog[0]):
            self.backlog.popleft()
            taken += 1
        return taken

    async def run(
        self, send: Send, *, interval: float = REPORT_INTERVAL, xml: bool = False
    ) -> None:
        """Report for ever."""
        while True:
            report = self.report(int(time.time()))
            await self.deliver(as_xml(report) if xml else as_json(report), send)
            await asyncio.sleep(interval)


def as_json(report: dict[str, object], *, latin_1: bool = False) -> bytes:
    """Return the body in JSON; Latin-1 is what loggers with old firmware write."""
    text = json.dumps(report, ensure_ascii=False)
    return text.encode("iso-8859-1" if latin_1 else "utf-8")


def as_xml(report: dict[str, object], *, latin_1: bool = True) -> bytes:
    """Return the body in XML, declared as utf-8 whatever it is."""
    lines = ['<?xml version="1.0" encoding="utf-8"?> ', '<interface MESSAGE_TYPE="1"> ']
    _write(lines, "muc", report["muc"])
    lines.append("</interface> ")
    return "\n".join(lines).encode("iso-8859-1" if latin_1 else "utf-8")


def _write(lines: list[str], name: str, node: object) -> None:
    """Write an object as an element: scalars as attributes, lists as children."""
    if not isinstance(node, dict):
        return
    if name == "entry":
        lines.append("<entry> ")
        lines += [
            f'<param NAME="{key}">{escape(str(value))}</param> ' for key, value in node.items()
        ]
        lines.append("</entry> ")
        return
    scalars = [(key, value) for key, value in node.items() if not isinstance(value, list)]
    attributes = "".join(f" {key}={quoteattr(str(value))}" for key, value in scalars)
    lines.append(f"<{name}{attributes}> ")
    for key, children in node.items():
        if isinstance(children, list):
            for child in children:
                _write(lines, key, child)
    lines.append(f"</{name}> ")


def webhook_sender(session: aiohttp.ClientSession, url: str, username: str, password: str) -> Send:
    """Return what posts a report as the logger does; it is taken when the answer is 200."""
    authorization = aiohttp.encode_basic_auth(username, password)

    async def send(body: bytes) -> bool:
        try:
            async with session.post(
                url,
                data=body,
                headers={"Authorization": authorization, "Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=20),
            ) as response:
                await response.read()
                return response.status == HTTPStatus.OK
        except aiohttp.ClientError, TimeoutError:
            return False

    return send


def mqtt_sender(client: aiomqtt.Client, topic: str) -> Send:
    """Return what publishes a report."""

    async def send(body: bytes) -> bool:
        try:
            await client.publish(topic, body, qos=1)
        except aiomqtt.MqttError:
            return False
        return True

    return send


async def report_by_mqtt(
    log: SmartLog,
    host: str,
    port: int,
    topic: str,
    *,
    username: str | None = None,
    password: str | None = None,
    interval: float = REPORT_INTERVAL,
    xml: bool = False,
) -> None:
    """Report to a broker for ever; while it is away the reports are kept."""
    while True:
        try:
            async with aiomqtt.Client(host, port, username=username, password=password) as client:
                await log.run(mqtt_sender(client, topic), interval=interval, xml=xml)
        except aiomqtt.MqttError:
            log.backlog.append(as_json(log.report(int(time.time()))))
        await asyncio.sleep(interval)


async def report_by_webhook(
    log: SmartLog,
    url: str,
    username: str,
    password: str,
    *,
    interval: float = REPORT_INTERVAL,
    xml: bool = False,
) -> None:
    """Report to a webhook for ever; what it does not take is kept."""
    async with aiohttp.ClientSession() as session:
        await log.run(webhook_sender(session, url, username, password), interval=interval, xml=xml)


@asynccontextmanager
async def smartlog_by_mqtt(house: House) -> AsyncIterator[FlowSteps]:
    """Run a SmartLog that publishes to the house's broker."""
    log = SmartLog()
    topic = f"smartlog/{log.gateway}"
    async with in_background(report_by_mqtt(log, house.broker.host, house.broker.port, topic)):
        yield {
            "smartlog": {"transport": "mqtt"},
            "smartlog_mqtt": {"source": "homeassistant", "topic": "smartlog/#"},
        }


@asynccontextmanager
async def smartlog_by_webhook(house: House) -> AsyncIterator[FlowSteps]:
    """Run a SmartLog that posts to the address which the config flow shows."""
    file = house.folder / "smartlog_webhook.json"
    address: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    found = asyncio.Event()
    if address:
        found.set()

    def read(shown: Mapping[str, str]) -> None:
        if shown.get("report_directory"):
            address.update(shown)
            file.write_text(json.dumps(address))
            found.set()

    async def report() -> None:
        await found.wait()
        # The address is the one that the home network sees; the simulator is on this machine.
        url = f"http://127.0.0.1:{address['report_port']}{address['report_directory']}"
        log = SmartLog("6891d00000b2")
        await report_by_webhook(log, url, address["username"], address["password"], xml=True)

    async with in_background(report()):
        yield AttentiveSteps(
            {
                "smartlog": {"transport": "webhook"},
                "smartlog_webhook": {
                    "username": "smartlog",
                    "password": secrets.token_urlsafe(12),
                    "local_only": True,
                },
                "smartlog_listen": {},
            },
            read,
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Report until stopped."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--mqtt", nargs=2, metavar=("HOST:PORT", "TOPIC"))
    way.add_argument("--webhook", nargs=2, metavar=("URL", "USER:PASSWORD"))
    parser.add_argument(
        "--interval", type=float, default=REPORT_INTERVAL, help="seconds between reports"
    )
    parser.add_argument(
        "--xml", action="store_true", help="XML with Latin-1 labels instead of JSON"
    )
    options = parser.parse_args(arguments)
    log = SmartLog()
    if options.mqtt:
        host, _, port = options.mqtt[0].partition(":")
        run = report_by_mqtt(
            log,
            host,
            int(port or 1883),
            options.mqtt[1],
            interval=options.interval,
            xml=options.xml,
        )
    else:
        user, _, password = options.webhook[1].partition(":")
        run = report_by_webhook(
            log, options.webhook[0], user, password, interval=options.interval, xml=options.xml
        )
    asyncio.run(run)


if __name__ == "__main__":
    main()
