"""A log that is posted in public tells nobody's devices: of an id the last four characters at most.

Every kind lives through a while at debug level, with its device away for a time, a reload and a restart.
"""

import logging
import re
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.const import DOMAIN, LOGGER
from custom_components.hausstrom.log_filter import LogFilter
from simulators.victron_gx import PORTAL_ID
from tests.senec.cloud.conftest import ANNA, Home
from tests.senec.local.conftest import Site
from tests.smartlog.build import GATEWAY
from tests.years.books import Year
from tests.years.fixtures import Ways

_OURS = "custom_components.hausstrom"
_LONG_NUMBER = re.compile(r"(?<![.\d])\d{8,}|[0-9a-f]{12,}")
# What is long and no id: a time, a size, a task's or an entry's own name in Home Assistant.
_NO_ID = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.+]+|0x[0-9a-f]+|01[0-9A-HJKMNP-TV-Z]{24}|\d+\.\d+")


def told(caplog: pytest.LogCaptureFixture) -> str:
    """Return what our loggers wrote."""
    return "\n".join(
        f"{record.getMessage()} {record.exc_text or ''}"
        for record in caplog.records
        if record.name.startswith(_OURS)
    )


async def live(year: Year[Any]) -> None:
    """Let everything happen that is logged."""
    for away in (False, True, True, True, False, False):
        await year.way.live(away=away)
    await year.hass.config_entries.async_reload(year.way.entry_id)
    await year.settle()
    await year.way.live(away=False)
    await year.restart(killed=True)
    await year.way.live(away=False)


def judge(log: str, *ids: str) -> None:
    assert log, "nothing was logged: that is no proof"
    for one in ids:
        assert len(one) > 4
        assert one.casefold() not in log.casefold(), [
            line for line in log.splitlines() if one.casefold() in line.casefold()
        ][:5]


def judge_numbers(log: str) -> None:
    """Whatever looks like an id is one, until somebody says why it is not."""
    found = [
        line for line in log.splitlines() if _LONG_NUMBER.search(_NO_ID.sub("", line).casefold())
    ]
    assert found == []


@pytest.fixture(autouse=True)
def _debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


async def test_a_smart_meter(ways: Ways, caplog: pytest.LogCaptureFixture) -> None:
    year = await ways.meter()
    way = year.way
    await live(year)
    model = way.meter.model
    way.meter.publish(b"00" * 40)
    way.meter.publish(b"no telegram at all")
    await ways.hass.async_block_till_done()
    log = told(caplog)
    judge(log, model.system_title.hex(), model.meter_number, model.key.hex())
    judge_numbers(log)


async def test_a_smartlog(ways: Ways, caplog: pytest.LogCaptureFixture) -> None:
    year = await ways.smartlog()
    await live(year)
    log = told(caplog)
    judge(log, GATEWAY, "11000001", "46100001")
    judge_numbers(log)


async def test_a_system_in_the_cloud(
    ways: Ways, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    year = await ways.cloud(home)
    way = year.way
    await live(year)
    entry = home.hass.config_entries.async_get_entry(way.entry_id)
    assert entry is not None
    log = told(caplog)
    judge(
        log, ANNA.username, ANNA.password, entry.data["system_id"],
        entry.data["control_unit_number"],
    )  # fmt: skip
    judge_numbers(log)


async def test_a_senec_on_the_local_network(
    ways: Ways, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    year = await ways.senec(site)
    await live(year)
    log = told(caplog)
    judge(log, "2000000000000000000000001", "02:00:00:00:00:01", "020000000001")
    judge_numbers(log)


async def test_a_gx(ways: Ways, caplog: pytest.LogCaptureFixture) -> None:
    year = await ways.gx(3600)
    way = year.way
    await live(year)
    serials = [
        str(value)
        for (_service, _number, path), value in way.gx.values.items()
        if path == "Serial" and len(str(value)) > 4
    ]
    assert serials
    log = told(caplog)
    judge(log, PORTAL_ID, *serials)
    judge_numbers(log)


async def test_a_title_or_an_exception_tells_no_id_either(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Titles are made by forms of all releases, and by people; exceptions by anybody."""
    MockConfigEntry(
        domain=DOMAIN,
        title="GX c0619ab1f00d",
        unique_id="victron_c0619ab1f00d",
        data={
            "kind": "victron",
            "portal_id": "c0619ab1f00d",
            "broker": {"password": "geheim-47", "username": "anna@example.org", "host": "gx"},
        },
    ).add_to_hass(hass)
    assert await async_setup_component(hass, DOMAIN, {})
    await async_setup_component(hass, DOMAIN, {})
    assert len([one for one in LOGGER.filters if isinstance(one, LogFilter)]) == 1
    LOGGER.warning("%s is back", "GX C0619AB1F00D")
    try:
        raise ValueError("N/c0619ab1f00d/system with geheim-47 of anna@example.org")  # noqa: TRY301
    except ValueError:
        LOGGER.exception("%d topics of 47110619ab1f00d", 3)
    log = told(caplog)
    assert "GX …f00d is back" in log
    assert "N/…f00d/system with ** of **" in log
    assert "3 topics of 47110619ab1f00d" in log  # not a part of something else
    judge(log, "c0619ab1f00d", "geheim-47", "anna@example.org")
