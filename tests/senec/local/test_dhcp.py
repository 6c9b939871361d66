"""A SENEC that gets another address is followed there, if it is that SENEC who answers."""

import pytest
from homeassistant.config_entries import SOURCE_DHCP
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.senec.local import flow as flow_module

from .conftest import Site
from .support import Running

MAC = "020000000001"


async def announced(site: Site, address: str, mac: str = MAC) -> str:
    result = await site.hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_DHCP},
        data=DhcpServiceInfo(ip=address, hostname="senec", macaddress=mac),
    )
    assert result["type"] is FlowResultType.ABORT
    await site.settle()
    return str(result["reason"])


@pytest.fixture
def anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses of the simulators have ports; they count as addresses here."""
    monkeypatch.setattr(flow_module, "_is_address", lambda host: host[0].isdigit())


async def moved(site: Site, **changes: object) -> tuple[HausstromConfigEntry, Running, str]:
    before = site.device()
    entry = await site.add(before)
    after = site.device(certificate_of=before, **changes)  # type: ignore[arg-type]  # of device()
    return entry, after, before.simulator.host


async def test_the_address_is_followed(site: Site, anywhere: None) -> None:
    entry, after, _before = await moved(site)
    assert await announced(site, after.simulator.host) == "already_configured"
    assert entry.data["host"] == after.simulator.host
    assert float(site.state(entry, "house_power")) > 0
    # ... and what is known already changes nothing.
    start = len(after.simulator.requests)
    assert await announced(site, after.simulator.host) == "already_configured"
    assert len(after.simulator.requests) == start


async def test_another_senec_there_is_not_followed(site: Site, anywhere: None) -> None:
    entry, after, before = await moved(site, device_id="3000000000000000000000001")
    assert await announced(site, after.simulator.host) == "wrong_device"
    assert entry.data["host"] == before


async def test_a_stranger_without_the_pinned_certificate_is_not_followed(
    site: Site, anywhere: None
) -> None:
    entry = await site.add(site.device())
    before = entry.data["host"]
    stranger = site.device()
    assert await announced(site, stranger.simulator.host) == "cannot_connect"
    plain = site.device(tls=False)
    assert await announced(site, plain.simulator.host) == "cannot_connect"
    assert entry.data["host"] == before


async def test_a_name_stays_a_name(site: Site) -> None:
    entry, after, before = await moved(site)
    # With a port it is no address: nothing that a router assigns.
    assert await announced(site, after.simulator.host) == "already_configured"
    assert entry.data["host"] == before


async def test_an_unknown_device_is_nothing_to_us(site: Site) -> None:
    await site.add(site.device())
    assert await announced(site, "192.0.2.7", "aabbccddeeff") == "not_senec"
    assert not flow_module._is_address("senec.local")
    assert flow_module._is_address("192.0.2.7")
    assert flow_module._is_address("fd00::5")
