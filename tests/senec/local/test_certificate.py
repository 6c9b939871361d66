"""An entry remembers the certificate of the very connection that brought its first answer, or there is none."""

from socket import AF_INET
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.aiohttp_client import DATA_RESOLVER, async_get_clientsession

from custom_components.hausstrom.const import CONF_CERTIFICATE, DOMAIN
from custom_components.hausstrom.senec.local import connection

from .cases import Driver, base_table
from .test_cases import drive as drive  # noqa: PLC0414  the fixture

NAME = "senec.local"


class OnlyHomeAssistants(AbstractResolver):
    """Knows names that no other resolver does, as mDNS names in a container."""

    def __init__(self, names: dict[str, list[str]]) -> None:
        self.names = names

    async def resolve(self, host: str, port: int = 0, family: Any = AF_INET) -> list[ResolveResult]:
        if host not in self.names:
            raise OSError(host)
        addresses = self.names[host]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        return


def resolve_with(hass: HomeAssistant, names: dict[str, list[str]]) -> None:
    async_get_clientsession(hass)
    resolver: Any = OnlyHomeAssistants(names)
    hass.data[DATA_RESOLVER] = resolver


async def test_a_name_that_only_home_assistants_resolver_knows(drive: Any) -> None:
    driver: Driver = drive(base_table())
    resolve_with(driver.hass, {NAME: ["127.0.0.1"]})
    await driver.do_set_up(
        {"certificate_cannot_be_fetched": True, "host": f"{NAME}:{driver.device.port}"}
    )
    assert await driver.expect({"result": "pinned"})
    await driver.wait(15)
    assert driver.shows("grid_power", 420)
    await driver.do_scheme({"scheme": "https", "new_certificate": True})
    assert await driver.expect({"issue": True, "within_s": 150})
    assert driver.state("grid_power") is None


async def test_a_certificate_that_is_not_shown_makes_no_entry(
    drive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver: Driver = drive(base_table())
    monkeypatch.setattr(connection.SeeingContext, "certificate", None)
    flow = await driver.hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    flow = await driver.hass.config_entries.flow.async_configure(
        flow["flow_id"], {"next_step_id": "senec_local"}
    )
    flow = await driver.hass.config_entries.flow.async_configure(
        flow["flow_id"], {"host": driver.device.host}
    )
    assert flow["type"] is FlowResultType.FORM
    assert flow["errors"]
    assert not driver.hass.config_entries.async_entries(DOMAIN)


async def test_a_name_that_leads_elsewhere_the_next_time_is_never_trusted_by_its_name(
    drive: Any,
) -> None:
    """The name's second answer is a stranger: what is pinned is of the device that answered first."""
    driver: Driver = drive(base_table())
    resolve_with(driver.hass, {NAME: ["127.0.0.1", "127.0.0.9"]})
    await driver.do_set_up({"host": f"{NAME}:{driver.device.port}"})
    assert await driver.expect({"result": "pinned"})
    await driver.wait(60)
    # Nobody is there, so nothing is shown of it; nor is anything else trusted.
    assert driver.entry is not None
    assert driver.entry.data[CONF_CERTIFICATE] == driver.device.certificate
    resolve_with(driver.hass, {NAME: ["127.0.0.1"]})
    await driver.do_reload({})
    await driver.wait(30)
    assert driver.shows("grid_power", 420)


async def test_reconfigured_to_a_name_it_stays_pinned(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    assert driver.entry is not None
    resolve_with(driver.hass, {NAME: ["127.0.0.1"]})
    flow = await driver.hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": driver.entry.entry_id}
    )
    flow = await driver.hass.config_entries.flow.async_configure(
        flow["flow_id"], {"host": f"{NAME}:{driver.device.port}"}
    )
    assert flow["type"] is FlowResultType.ABORT, flow
    assert flow["reason"] == "reconfigure_successful"
    await driver.settle()
    assert driver.entry.data["host"] == f"{NAME}:{driver.device.port}"
    assert await driver.expect({"result": "pinned"})


async def test_a_question_shows_the_certificate_of_the_connection(drive: Any) -> None:
    """What is agreed to is what was shown, though the name leads elsewhere meanwhile."""
    driver: Driver = drive(base_table())
    resolve_with(driver.hass, {NAME: ["127.0.0.1"]})
    await driver.do_set_up({"host": f"{NAME}:{driver.device.port}"})
    await driver.do_scheme({"scheme": "https", "new_certificate": True})
    assert await driver.expect({"issue": True, "within_s": 150})
    agreed = driver.device.certificate
    await driver.do_prepare_answer({})
    await driver.do_scheme({"scheme": "https", "new_certificate": True})
    await driver.do_give_answer({"aborts": "changed_again"})
    assert driver.entry is not None
    assert driver.entry.data[CONF_CERTIFICATE] not in {agreed, driver.device.certificate}
