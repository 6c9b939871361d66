"""Trouble: what is shown meanwhile, how often the device is asked, how it ends."""

from collections.abc import Callable

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.hausstrom.const import CONF_CERTIFICATE, DOMAIN
from custom_components.hausstrom.senec.local import coordinator as coordinator_module
from custom_components.hausstrom.senec.local.protocol.client import LalaClient, LalaError, LalaFault
from custom_components.hausstrom.tls import fingerprint
from simulators.senec_local import Faults
from tests.senec.failures import recorded_failures

from .conftest import Site
from .test_coordinator import coordinator_of

TROUBLES: list[tuple[str, Callable[[Faults], None]]] = [
    ("504", lambda faults: setattr(faults, "status", 504)),
    ("truncated", lambda faults: setattr(faults, "truncated", True)),
    ("garbage", lambda faults: setattr(faults, "garbage", b"<html>hello</html>")),
    ("dropped", lambda faults: setattr(faults, "dropped", True)),
]


@pytest.mark.parametrize(("name", "begin"), TROUBLES, ids=[name for name, _ in TROUBLES])
async def test_trouble_keeps_values_for_a_moment_and_ends_by_itself(
    site: Site, name: str, begin: Callable[[Faults], None]
) -> None:
    running = site.device()
    simulator = running.simulator
    entry = await site.add(running)
    total = site.state(entry, "house_energy")
    begin(simulator.faults)
    shown = site.state(entry, "house_power")
    await site.wait(10)
    await site.wait(10)
    assert site.state(entry, "house_power") == shown
    await site.wait(10)
    assert site.state(entry, "house_power") == "unavailable"
    assert site.state(entry, "house_energy") == total
    simulator.faults = Faults()
    for _ in range(30):
        await site.wait(10)
        if site.state(entry, "house_power") != "unavailable":
            break
    assert float(site.state(entry, "house_power")) > 0
    assert simulator.most_at_once == 1
    assert entry.state is ConfigEntryState.LOADED


async def test_a_device_that_does_not_answer_in_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await site.add(site.device())

    async def too_late(*_arguments: object) -> tuple[int, bytes]:
        raise LalaError(LalaFault.TIMEOUT)

    with monkeypatch.context() as patched:
        patched.setattr(LalaClient, "_send", too_late)
        for _ in range(3):
            await site.wait(10)
        assert site.state(entry, "house_power") == "unavailable"
        assert "did not respond in time" in str(coordinator_of(entry).last_exception)
    for _ in range(10):
        await site.wait(10)
    assert float(site.state(entry, "house_power")) > 0


@pytest.mark.parametrize("name", ["504", "dropped"])
async def test_few_requests_in_trouble(site: Site, name: str) -> None:
    """At most 6 in a minute, and fewer than one a minute after the first five."""
    running = site.device()
    await site.add(running)
    dict(TROUBLES)[name](running.simulator.faults)
    counts = []
    for _ in range(15):
        start = len(running.simulator.requests)
        for _ in range(6):
            await site.wait(10)
        counts.append(len(running.simulator.requests) - start)
    assert max(counts) <= 6, counts
    assert sum(counts[5:]) <= 10, counts


async def test_a_reboot_is_survived(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    await site.enable(entry, "sys_update_user_reboot_device")
    button = site.entity_id(entry, "sys_update_user_reboot_device")
    await site.hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)
    assert running.simulator.device.is_rebooting
    with pytest.raises(Exception, match="restarted recently"):
        await site.hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)
    for _ in range(12):
        await site.wait(15)
    assert not running.simulator.device.is_rebooting
    assert float(site.state(entry, "house_power")) > 0
    await site.wait(200)
    await site.hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)
    assert running.simulator.device.is_rebooting


async def test_a_changed_certificate_asks_the_user(
    site: Site, hass_client: ClientSessionGenerator
) -> None:
    running = site.device()
    entry = await site.add(running)
    before = entry.data[CONF_CERTIFICATE]
    running.call(running.simulator.change_certificate())
    await site.wait(10)
    await site.wait(10)
    assert site.state(entry, "house_power") == "unavailable"
    issue_id = f"certificate_changed_{entry.entry_id}"
    issue = ir.async_get(site.hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["expected"] == fingerprint(before)
    assert issue.translation_placeholders["shown"] != fingerprint(before)
    await async_setup_component(site.hass, "repairs", {})
    client = await hass_client()
    flow = await (
        await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id})
    ).json()
    assert flow["description_placeholders"]["shown"] == issue.translation_placeholders["shown"]
    await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={})
    await site.settle()
    assert fingerprint(entry.data[CONF_CERTIFICATE]) == issue.translation_placeholders["shown"]
    assert float(site.state(entry, "house_power")) > 0
    assert ir.async_get(site.hass).async_get_issue(DOMAIN, issue_id) is None


async def test_a_changed_certificate_at_start_asks_too(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    await site.hass.config_entries.async_unload(entry.entry_id)
    running.call(running.simulator.change_certificate())
    await site.hass.config_entries.async_setup(entry.entry_id)
    await site.settle()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert ir.async_get(site.hass).async_get_issue(DOMAIN, f"certificate_changed_{entry.entry_id}")


async def test_a_first_failure_passes_no_wait_on(site: Site) -> None:
    """After a power cut a SENEC is back in seconds; Home Assistant's set-up is quicker than our back-off."""
    running = site.device()
    entry = await site.add(running)
    running.simulator.faults = Faults(status=503)
    with recorded_failures(coordinator_module) as failures:
        await site.hass.config_entries.async_reload(entry.entry_id)
    assert [failure.retry_after for failure in failures] == [None]
    assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_a_firmware_that_learns_https_is_pinned(site: Site) -> None:
    running = site.device(application="0811")
    entry = await site.add(running)
    assert CONF_CERTIFICATE not in entry.data
    running.simulator.tls = True
    running.call(running.simulator.change_certificate())
    for _ in range(20):
        await site.wait(10)
    assert coordinator_of(entry).client.scheme == "https"
    assert CONF_CERTIFICATE in entry.data
    assert float(site.state(entry, "house_power")) > 0


async def test_another_device_at_the_address_is_refused(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    running.simulator.device.table["FACTORY"]["DEVICE_ID"] = ("st", "3000000000000000000000003")
    await site.hass.config_entries.async_reload(entry.entry_id)
    await site.settle()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert "A different SENEC" in str(entry.reason)


async def test_forbidden_values_have_no_entity_and_later_ones_are_unknown(site: Site) -> None:
    running = site.device()
    running.simulator.faults.forbidden.add(("TEMPMEASURE", "CASE_TEMP"))
    entry = await site.add(running)
    assert "case_temp" not in coordinator_of(entry).data
    running.simulator.faults.forbidden.add(("ENERGY", "GUI_HOUSE_POW"))
    await site.wait(10)
    assert site.state(entry, "house_power") == "unknown"
    assert site.state(entry, "grid_power") != "unknown"


async def test_slow_values_in_trouble_do_not_harm_the_live_ones(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    running.simulator.faults.most_sections = 5  # the live request names five
    running.simulator.faults.refused_section = "WIZARD"
    before = site.state(entry, "house_power")
    for _ in range(40):
        await site.wait(10)
    assert site.state(entry, "house_power") not in {before, "unavailable"}


async def test_slow_values_that_are_never_answered_again_are_not_shown_for_good(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    running.simulator.faults.refused_section = "WIZARD"
    for _ in range(35):
        await site.wait(10)
    assert site.state(entry, "application_version") == "0826"  # one turn missed
    for _ in range(65):
        await site.wait(10)
    assert site.state(entry, "application_version") == "unknown"
    assert float(site.state(entry, "house_power")) > 0
    running.simulator.faults.refused_section = None
    for _ in range(35):
        await site.wait(10)
    assert site.state(entry, "application_version") == "0826"


async def test_the_certificate_of_a_stranger_is_not_remembered(site: Site) -> None:
    running = site.device(application="0811")
    entry = await site.add(running)
    assert CONF_CERTIFICATE not in entry.data
    running.simulator.device.table["FACTORY"]["DEVICE_ID"] = ("st", "3000000000000000000000003")
    running.simulator.tls = True
    running.call(running.simulator.change_certificate())
    for _ in range(12):
        await site.wait(10)
    assert site.state(entry, "house_power") == "unavailable"
    assert CONF_CERTIFICATE not in entry.data
