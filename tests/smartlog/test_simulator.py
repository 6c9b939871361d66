"""The simulated logger behaves as the real one: forty meters, a backlog, its own encodings."""

from collections import Counter

import aiohttp
import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.hausstrom.smartlog.protocol.gateway import Gateway
from custom_components.hausstrom.smartlog.protocol.report import parse_report
from simulators.smartlog import SmartLog, as_json, as_xml, webhook_sender

from .build import GATEWAY, NOW
from .conftest import PASSWORD, PATH, USERNAME


def taken(raw: bytes) -> Gateway:
    gateway = Gateway()
    report = parse_report(raw, NOW)
    assert (report.bad_meters, report.bad_points) == (0, 0)
    gateway.take(report.gateways[0], NOW)
    return gateway


def test_forty_meters_in_any_form() -> None:
    report = SmartLog().report(NOW)
    forms = [
        as_json(report),
        as_json(report, latin_1=True),
        as_xml(report),
        as_xml(report, latin_1=False),
    ]
    first, *others = [taken(raw) for raw in forms]
    assert len(first.meters) == 40
    assert first.meters["60900003"].label == "Radiator 3 Küche"
    for other in others:
        assert other.readings() == first.readings()
    kinds = Counter(one.type.value for one in first.meters.values())
    assert kinds["electricity"] == 4
    assert kinds["heat"] == kinds["heat_cost_allocator"] == 6
    assert kinds["system"] == 1


def test_some_meters_are_heard_once_a_day() -> None:
    log = SmartLog()
    gateway = Gateway()
    for minutes in (0, 10, 20, 24 * 60):
        report = parse_report(as_json(log.report(NOW + 60 * minutes)), NOW + 60 * minutes)
        gateway.take(report.gateways[0], NOW + 60 * minutes)
    assert gateway.meters["03000006"].rhythm.intervals == [86_400]
    assert gateway.meters["03000001"].rhythm.intervals == [600, 600, 84_960 + 240]


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
async def test_reports_to_home_assistant(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    webhook_entry: MockConfigEntry,
    password: str,
) -> None:
    """After an outage the reports of the time come one after the other; wrong logins never."""
    client = await hass_client_no_auth()
    log = SmartLog(GATEWAY)
    async with aiohttp.ClientSession() as session:
        nowhere = webhook_sender(session, "http://127.0.0.1:9/", USERNAME, password)
        home = webhook_sender(session, str(client.make_url(PATH)), USERNAME, password)
        for minutes in range(3):
            report = as_xml(log.report(NOW + 60 * minutes))
            assert await log.deliver(report, nowhere) == 0
        assert len(log.backlog) == 3
        delivered = await log.deliver(as_json(log.report(NOW + 180)), home)
    await hass.async_block_till_done(wait_background_tasks=True)
    coordinator = webhook_entry.runtime_data
    if password == PASSWORD:
        assert (delivered, len(log.backlog)) == (4, 0)
        assert coordinator.diagnostics()["counts"]["reports"] == 4
        meter = coordinator._gateway.meters["46170001"]
        assert (meter.rhythm.last, meter.rhythm.intervals) == (NOW + 180, [60, 60, 60])
    else:
        assert (delivered, len(log.backlog)) == (0, 4)
        assert coordinator.diagnostics()["counts"] == {"answered_401": 1}
