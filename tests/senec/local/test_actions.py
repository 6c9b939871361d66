"""The actions: objects and log of the device."""

from datetime import date

import probatio as vol
import pytest
from homeassistant.core import ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.const import DOMAIN

from .conftest import Site


async def call(site: Site, action: str, **data: object) -> ServiceResponse:
    return await site.hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )


async def test_objects_are_returned_decoded(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    running.simulator.faults.forbidden.add(("ENERGY", "STAT_STATE"))
    response = await call(
        site, "read_senec", config_entry_id=entry.entry_id, sections=["energy", "BAT1OBJ2"]
    )
    assert response is not None
    sections = response["sections"]
    assert isinstance(sections, dict)
    energy = sections["ENERGY"]
    assert isinstance(energy, dict)
    assert energy["STAT_HOURS_OF_OPERATION"] == 9993
    assert energy["STAT_STATE"] is None
    assert energy["CAPTESTMODULE"] == [0.0, 0.0, 0.0, 0.0]
    assert response["refused"] == [
        {"section": "ENERGY", "variable": "STAT_STATE", "index": None, "reason": "forbidden"}
    ]
    assert response["refused_sections"] == {"BAT1OBJ2": "not_found"}


async def test_without_sections_everything_is_returned_but_credentials(site: Site) -> None:
    entry = await site.add(site.device())
    response = await call(site, "read_senec", config_entry_id=entry.entry_id)
    assert response is not None
    sections = response["sections"]
    assert isinstance(sections, dict)
    assert len(sections) > 30
    log = sections["LOG"]
    assert isinstance(log, dict)
    assert log.keys() == {"LOG_IN_NOK_COUNT", "USER_LEVEL", "LOG_IN_BUTT", "LOG_OUT_BUTT"}


async def test_the_log_of_a_day(site: Site) -> None:
    entry = await site.add(site.device())
    response = await call(
        site, "read_senec_log", config_entry_id=entry.entry_id, date=date(2026, 6, 21)
    )
    assert response is not None
    lines = response["lines"]
    assert isinstance(lines, list)
    assert len(lines) == 5
    with pytest.raises(ServiceValidationError, match="no log for 2020-01-01"):
        await call(site, "read_senec_log", config_entry_id=entry.entry_id, date="2020-01-01")


async def test_trouble_is_told(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    running.simulator.faults.status = 504
    with pytest.raises(HomeAssistantError, match="could not be read"):
        await call(site, "read_senec", config_entry_id=entry.entry_id, sections="ENERGY")
    running.call(running.simulator.stop())
    with pytest.raises(HomeAssistantError, match="could not be read"):
        await call(site, "read_senec_log", config_entry_id=entry.entry_id, date="2026-06-21")


async def test_what_is_asked_for_is_checked(site: Site) -> None:
    entry = await site.add(site.device())
    with pytest.raises(vol.Invalid):
        await call(site, "read_senec", config_entry_id=entry.entry_id, sections=['A":{}'])
    with pytest.raises(ServiceValidationError):
        await call(site, "read_senec", config_entry_id="nobody")
    other = MockConfigEntry(domain=DOMAIN, title="A meter", data={"kind": "evn"})
    other.add_to_hass(site.hass)
    other.mock_state(site.hass, entry.state)
    other.runtime_data = object()
    with pytest.raises(ServiceValidationError, match="A meter is not a SENEC"):
        await call(site, "read_senec", config_entry_id=other.entry_id)
