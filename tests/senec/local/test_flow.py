"""Setting up: an address is enough, and who else answers is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.hausstrom.const import CONF_CERTIFICATE, DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.senec.local.connection import cleaned_host
from custom_components.hausstrom.tls import fingerprint
from simulators.mosquitto import free_port
from simulators.senec_local import Model

from .conftest import Site


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    return await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"next_step_id": "senec_local"}
    )


async def enter(hass: HomeAssistant, flow: ConfigFlowResult, host: str) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_configure(flow["flow_id"], {"host": host})


@pytest.mark.parametrize(
    ("model", "application", "title", "pinned"),
    [
        (Model.V3, "0826", "SENEC.Home V3 hybrid", True),
        (Model.V3_LFP, "0827", "SENEC.Home V3 hybrid LFP", True),
        (Model.V2_1, "0819", "SENEC.Home V2.1", False),
    ],
)
async def test_an_address_is_enough(
    site: Site, model: Model, application: str, title: str, pinned: bool
) -> None:
    running = site.device(model, application)
    flow = await begin(site.hass)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "senec_local"
    done = await enter(site.hass, flow, f" https://{running.simulator.host}/ ")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["title"] == title
    assert done["result"].unique_id == "senec_2000000000000000000000001"
    assert done["data"]["host"] == running.simulator.host
    assert (CONF_CERTIFICATE in done["data"]) is pinned
    assert done["description_placeholders"] == {
        "model": title,
        "firmware": application,
        "capacity": "10",
    }
    await site.settle()


async def test_the_same_device_twice(site: Site) -> None:
    running = site.device()
    await site.add(running)
    done = await enter(site.hass, await begin(site.hass), running.simulator.host)
    assert done["type"] is FlowResultType.ABORT
    assert done["reason"] == "already_configured"


@asynccontextmanager
async def web_server(status: int, page: str) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/lala.cgi":
            return web.Response(status=status, text=page)
        return web.Response(text=page)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "page", "error"),
    [
        (404, "a printer", "not_senec"),
        (200, "a printer", "not_senec"),
        (404, "<title>SENEC.Home P4</title>", "no_local_interface"),
        (504, "<title>SENEC</title>", "cannot_connect"),
    ],
)
async def test_who_answers_is_told_apart_and_the_form_comes_again(
    site: Site, status: int, page: str, error: str
) -> None:
    flow = await begin(site.hass)
    async with web_server(status, page) as host:
        again = await enter(site.hass, flow, host)
    assert again["type"] is FlowResultType.FORM
    assert again["errors"] == {"base": error}
    running = site.device()
    done = await enter(site.hass, again, running.simulator.host)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await site.settle()


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "[::1:zz"])
async def test_nobody_answers(site: Site, host: str) -> None:
    again = await enter(site.hass, await begin(site.hass), host.format(port=free_port()))
    assert again["errors"] == {"base": "cannot_connect"}


async def reconfigure(site: Site, entry: HausstromConfigEntry) -> ConfigFlowResult:
    return await site.hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )


async def test_a_new_address(site: Site) -> None:
    before = site.device()
    entry = await site.add(before)
    moved = site.device(certificate_of=before)
    flow = await reconfigure(site, entry)
    assert flow["step_id"] == "reconfigure"
    done = await enter(site.hass, flow, moved.simulator.host)
    assert done["type"] is FlowResultType.ABORT
    assert done["reason"] == "reconfigure_successful"
    await site.settle()
    assert entry.data["host"] == moved.simulator.host
    await site.wait(10)
    assert float(site.state(entry, "house_power")) > 0


@pytest.mark.parametrize("tls", [True, False])
async def test_a_new_address_with_another_certificate_or_none_is_asked_about(
    site: Site, tls: bool
) -> None:
    entry = await site.add(site.device())
    pinned = entry.data[CONF_CERTIFICATE]
    moved = site.device(tls=tls)
    asked = await enter(site.hass, await reconfigure(site, entry), moved.simulator.host)
    assert asked["type"] is FlowResultType.FORM
    assert asked["step_id"] == "senec_trust"
    placeholders = asked["description_placeholders"]
    assert placeholders is not None
    assert placeholders["expected"] == fingerprint(pinned)
    assert (placeholders["shown"] == "-") is not tls
    assert entry.data[CONF_CERTIFICATE] == pinned
    done = await site.hass.config_entries.flow.async_configure(asked["flow_id"], {})
    assert done["reason"] == "reconfigure_successful"
    await site.settle()
    assert (CONF_CERTIFICATE in entry.data) is tls
    assert entry.data.get(CONF_CERTIFICATE) != pinned
    assert float(site.state(entry, "house_power")) > 0


async def test_a_new_address_of_another_device(site: Site) -> None:
    entry = await site.add(site.device())
    other = site.device(device_id="2000000000000000000000009")
    done = await enter(site.hass, await reconfigure(site, entry), other.simulator.host)
    assert done["reason"] == "wrong_device"


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("192.168.1.5", "192.168.1.5"),
        (" http://senec.local:81/vars.html ", "senec.local:81"),
        ("senec/", "senec"),
        ("fd00::5", "fd00::5"),
        ("[fd00::5]:444", "[fd00::5]:444"),
    ],
)
def test_what_is_typed(typed: str, host: str) -> None:
    assert cleaned_host(typed) == host
