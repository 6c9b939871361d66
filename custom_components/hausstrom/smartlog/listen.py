"""Waiting for the first report while a SmartLog is being set up."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any, NamedTuple

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..common.text import plain
from ..const import CONF_TOPIC
from ..mqtt_link.link import MqttMessage
from ..mqtt_link.opening import link_from_data
from .const import LISTENING_MQTT, LISTENING_WEBHOOK
from .protocol.gateway import Gateway
from .protocol.mbus import device_type, manufacturer_name
from .protocol.model import Report, ReportError
from .protocol.report import parse_report
from .protocol.topics import complete_from_topic
from .protocol.values import digits
from .webhook import async_listen

_MOST_MESSAGES = 1_000
_MOST_EXAMPLES = 3


class FirstReport(NamedTuple):
    """A first report."""

    gateway_id: str
    body: bytes
    topic: str | None
    meters: int
    summary: str
    """What came, as lines of a list: how many meters of which type and maker."""


class NothingHeardError(Exception):
    """No report came that could be used; `others` are ids of other gateways that reported."""

    def __init__(self, error: str, others: set[str]) -> None:
        """Keep the key of what to tell the user."""
        super().__init__(error)
        self.error = error
        self.others = others


class _Ear:
    """Judges what comes until something fits."""

    def __init__(self, wanted: str, known: set[str]) -> None:
        self.wanted = wanted
        self.known = known
        self.heard: asyncio.Future[FirstReport] = asyncio.get_running_loop().create_future()
        self.others: set[str] = set()
        self.error = "no_report"
        self.messages = 0

    def judge(self, body: bytes, topic: str | None = None) -> None:
        """Take a body; raises ReportError when it is no report."""
        if self.heard.done():
            return
        try:
            report = parse_report(body, int(dt_util.utcnow().timestamp()))
        except ReportError:
            self.error = "not_a_report"
            raise
        if topic is not None:
            others = {unique_id.removeprefix("smartlog_") for unique_id in self.known}
            complete_from_topic(report, topic, self.wanted, others)
        for gateway in report.gateways:
            gateway_id = gateway.id or self.wanted
            if not gateway.meters:
                continue
            if not gateway_id:
                self.error = "no_gateway_id"
            elif self.wanted in {"", gateway_id} and f"smartlog_{gateway_id}" not in self.known:
                summary = summary_of(report, gateway.id)
                self.heard.set_result(
                    FirstReport(gateway_id, body, topic, len(gateway.meters), summary)
                )
                return
            else:
                self.error = "other_smartlog"
                self.others.add(gateway_id)

    async def wait(self, seconds: float) -> FirstReport:
        """Return what fits; raises NothingHeardError when nothing came in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self.heard
        except TimeoutError:
            raise NothingHeardError(self.error, self.others) from None


async def async_first_message(
    hass: HomeAssistant, data: dict[str, Any], wanted: str, known: set[str]
) -> FirstReport:
    """Return the first report on the topic of an entry's data.

    `wanted` is the id of the gateway, empty for any but the `known` ones (unique ids of
    entries). Raises LinkError or NothingHeardError.
    """
    ear = _Ear(wanted, known)

    @callback
    def receive(message: MqttMessage) -> None:
        ear.messages += 1
        if ear.messages > _MOST_MESSAGES:
            return
        with suppress(ReportError):  # remembered in ear.error; others may fit
            ear.judge(message.payload, message.topic)

    link = link_from_data(hass, data)
    try:
        await link.async_start()
        unsubscribe = await link.async_subscribe(data[CONF_TOPIC], receive, qos=1)
        try:
            return await ear.wait(LISTENING_MQTT)
        finally:
            unsubscribe()
    finally:
        await link.async_stop()


async def async_first_post(
    hass: HomeAssistant, data: dict[str, Any], wanted: str, known: set[str]
) -> FirstReport:
    """Return the first report posted to the webhook of an entry's data.

    Raises NothingHeardError; its error is `wrong_login` if only such requests came.
    """
    ear = _Ear(wanted, known)

    async def take(body: bytes) -> None:
        ear.judge(body)

    @callback
    def count_refusal(status: int) -> None:
        if status == 401 and ear.error == "no_report":
            ear.error = "wrong_login"

    end = async_listen(hass, data, "SmartLog", take, count_refusal)
    try:
        return await ear.wait(LISTENING_WEBHOOK)
    finally:
        end()


def summary_of(report: Report, gateway_id: str) -> str:
    """Return how many meters of which type and maker a report has, as a list in Markdown."""
    kinds: Counter[str] = Counter()
    for gateway in report.gateways:
        if gateway.id != gateway_id:
            continue
        for meter in gateway.meters:
            maker = manufacturer_name(meter.manufacturer)
            kind = meter.medium or device_type(meter.medium).value
            kinds[f"{kind} ({maker})" if maker else kind] += 1
    lines = [f"- {plain(kind)}: {count}" for kind, count in kinds.most_common(20)]
    return "\n".join([*lines, "", *_examples(report, gateway_id)]).rstrip()


def _examples(report: Report, gateway_id: str) -> list[str]:
    """Return three values as they were read, to be compared with a meter's display."""
    gateway = Gateway()
    for one in report.gateways:
        if one.id == gateway_id:
            gateway.take(one, int(dt_util.utcnow().timestamp()))
    shown = [
        f"- {plain(meter.name)}: {digits(point.value)} {plain(point.traits.unit or '')}".rstrip()
        for meter in gateway.wanted
        if (point := meter.billed) is not None and isinstance(point.value, int | float)
    ]
    return shown[:_MOST_EXAMPLES]
