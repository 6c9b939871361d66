"""Setting up a GX."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, patch

import pytest
from aiohttp import web
from cryptography import x509
from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    SOURCE_SSDP,
    SOURCE_USER,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service_info.ssdp import SsdpServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.mqtt_link.link import LinkError, LinkReason
from custom_components.hausstrom.tls import async_fetch_certificate, pinned_context
from custom_components.hausstrom.victron import flow as victron_flow
from custom_components.hausstrom.victron import gx_flow, probing
from custom_components.hausstrom.victron.coordinator import energy_store
from custom_components.hausstrom.victron.protocol.catalogue import SERVICES
from custom_components.hausstrom.victron.protocol.vrm import VICTRON_CA, vrm_host, vrm_password
from simulators.mosquitto import Mosquitto, free_port
from simulators.victron_gx import PORTAL_ID, SimulatedGx
from tests.waiting import until

from .direct import entry_of

PASSWORD = "gx-password"
OTHER = "c0619ab10000"
UNIQUE_ID = f"victron_{PORTAL_ID}"


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with (
        patch.object(probing, "LISTENING", 2.0),
        patch.object(probing, "GATHERING", 0.1),
        patch.object(probing, "NAME_TIMEOUT", 2.0),
    ):
        yield


@pytest.fixture(autouse=True)
def no_setup() -> Iterator[AsyncMock]:
    """Have no entry set up: these tests are about the way to it."""
    with patch("custom_components.hausstrom.async_setup_entry", return_value=True) as setup:
        yield setup


@pytest.fixture
async def gx(socket_enabled: None) -> AsyncIterator[SimulatedGx]:
    async with SimulatedGx(password=PASSWORD) as simulated:
        with (
            patch.object(probing, "MQTT_PORT", simulated.plain_port),
            patch.object(probing, "MQTT_TLS_PORT", simulated.tls_port),
            patch.object(victron_flow, "MQTT_PORT", simulated.plain_port),
            patch.object(victron_flow, "MQTT_TLS_PORT", simulated.tls_port),
        ):
            yield simulated


def login(gx: SimulatedGx, **changes: object) -> dict[str, Any]:
    return {"host": gx.host, "port": gx.tls_port, "password": PASSWORD, **changes}


async def begin(hass: HomeAssistant, source: str) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert "victron" in result["menu_options"]
    result = await configure(hass, result, next_step_id="victron")
    assert result["step_id"] == "victron"
    return await configure(hass, result, source=source)


async def configure(
    hass: HomeAssistant, result: ConfigFlowResult, **data: object
) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_configure(result["flow_id"], data)


def announcement(gx: SimulatedGx, **upnp: str) -> SsdpServiceInfo:
    return SsdpServiceInfo(
        ssdp_usn="mock",
        ssdp_st="mock",
        ssdp_location=f"http://{gx.host}:80/gx.xml",
        upnp={
            "manufacturer": "Victron Energy",
            "friendlyName": "Simulated home",
            "X_VrmPortalId": PORTAL_ID,
            "X_MqttOnLan": "1",
            **upnp,
        },
    )


async def discover(hass: HomeAssistant, info: SsdpServiceInfo) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_SSDP}, data=info
    )


# --- straight to the GX ---------------------------------------------------------------------


async def test_straight_to_the_gx(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await begin(hass, "gx")
    assert result["step_id"] == "victron_gx"
    result = await configure(hass, result, **login(gx))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Simulated home"
    assert result["result"].unique_id == UNIQUE_ID
    assert result["description_placeholders"] == {"portal_id": PORTAL_ID}
    data = result["data"]
    assert data["portal_id"] == PORTAL_ID
    assert data["broker"]["username"] == "remoteconsole"
    assert data["broker"]["certificate"] == await async_fetch_certificate(gx.host, gx.tls_port)


async def test_without_tls(hass: HomeAssistant, gx: SimulatedGx) -> None:
    gx.door.password = None
    result = await begin(hass, "gx")
    result = await configure(hass, result, host=f" {gx.host} ", tls=False, port=gx.tls_port)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["broker"]["port"] == gx.plain_port
    assert result["data"]["broker"]["certificate"] is None
    assert result["data"]["broker"]["username"] is None


async def test_a_system_without_a_name(hass: HomeAssistant, gx: SimulatedGx) -> None:
    del gx.plugin.values["settings", "0", "Settings/SystemSetup/SystemName"]
    result = await configure(hass, await begin(hass, "gx"), **login(gx))
    assert result["title"] == f"GX …{PORTAL_ID[-4:]}"


async def test_passwords_that_do_not_fit(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await begin(hass, "gx")
    result = await configure(hass, result, host=gx.host, port=gx.tls_port)
    assert result["errors"] == {"base": "password_needed"}
    result = await configure(hass, result, **login(gx, password="wrong"))
    assert result["errors"] == {"base": "invalid_auth"}
    result = await configure(hass, result, **login(gx))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("open_ports", "tls", "error"),
    [
        ({"tls"}, False, "tls_only"),
        ({"plain"}, True, "plain_only"),
        (set(), True, "mqtt_off"),
        (None, True, "cannot_connect"),
        ({"plain", "tls"}, True, "cannot_connect"),
    ],
)
async def test_ports_that_are_closed(
    hass: HomeAssistant, socket_enabled: None, open_ports: set[str] | None, tls: bool, error: str
) -> None:
    ports = {"plain": free_port(), "tls": free_port()}

    async def is_open(_host: str, port: int) -> bool | None:
        return None if open_ports is None else port in {ports[name] for name in open_ports}

    with (
        patch.object(probing, "MQTT_PORT", ports["plain"]),
        patch.object(probing, "MQTT_TLS_PORT", ports["tls"]),
        patch.object(victron_flow, "MQTT_PORT", ports["plain"]),
        patch.object(victron_flow, "MQTT_TLS_PORT", ports["tls"]),
        patch.object(probing, "async_is_open", is_open),
    ):
        result = await begin(hass, "gx")
        port = ports["tls" if tls else "plain"]
        result = await configure(hass, result, host="127.0.0.1", tls=tls, port=port)
    assert result["errors"] == {"base": error}


async def test_a_port_of_its_own_is_not_explained(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    result = await begin(hass, "gx")
    result = await configure(hass, result, host="127.0.0.1", port=free_port())
    assert result["errors"] == {"base": "cannot_connect"}


async def test_probing_a_port(socket_enabled: None) -> None:
    async with Mosquitto() as broker:
        assert await probing.async_is_open(broker.host, broker.port) is True
    assert await probing.async_is_open("127.0.0.1", free_port()) is False
    with patch.object(asyncio, "open_connection", side_effect=TimeoutError):
        assert await probing.async_is_open("127.0.0.1", 1) is None


async def test_a_broker_that_is_no_gx(hass: HomeAssistant, socket_enabled: None) -> None:
    async with Mosquitto() as broker:
        result = await begin(hass, "gx")
        result = await configure(hass, result, host=broker.host, port=broker.port, tls=False)
    assert result["errors"] == {"base": "no_portal"}
    assert result["step_id"] == "victron_gx"


async def test_a_connection_that_is_lost_at_once(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await begin(hass, "gx")
    error = LinkError(LinkReason.CANNOT_CONNECT)
    with patch.object(gx_flow, "async_find_portals", side_effect=error):
        result = await configure(hass, result, **login(gx))
    assert result["errors"] == {"base": "cannot_connect"}


async def test_the_same_gx_twice(hass: HomeAssistant, gx: SimulatedGx) -> None:
    (await entry_of(gx)).add_to_hass(hass)
    result = await configure(hass, await begin(hass, "gx"), **login(gx))
    assert result["reason"] == "already_configured"


# --- pairing --------------------------------------------------------------------------------


@asynccontextmanager
async def pairing_page(
    gx: SimulatedGx, status: int = 200, body: str | None = None
) -> AsyncIterator[list[dict[str, str]]]:
    """Run the page of a GX that pairs."""
    requests: list[dict[str, str]] = []

    async def generate_token(request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        requests.append(form)
        answer = {"token_name": f"token/homeassistant/{form['device_id']}", "password": PASSWORD}
        return web.json_response(answer, status=status) if body is None else web.Response(text=body)

    app = web.Application()
    app.router.add_post("/auth/generate-token/", generate_token)
    runner = web.AppRunner(app)
    await runner.setup()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate: Path = gx._certificates.certificate
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    port = free_port()
    await web.TCPSite(runner, gx.host, port, ssl_context=context).start()
    with patch.object(probing, "HTTPS_PORT", port):
        yield requests
    await runner.cleanup()


async def test_pairing(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await begin(hass, "gx")
    result = await configure(hass, result, host=gx.host, port=gx.tls_port, pairing=True)
    assert result["step_id"] == "victron_pairing"
    assert result["description_placeholders"] == {"host": gx.host}
    async with pairing_page(gx) as requests:
        result = await configure(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["broker"]["username"].startswith("token/homeassistant/")
    assert requests[0]["role"] == "homeassistant"
    assert requests[0]["device_id"].isalnum()


@pytest.mark.parametrize(
    ("status", "body"), [(403, None), (200, "nonsense"), (200, "[]"), (200, "{}")]
)
async def test_a_gx_that_does_not_pair(
    hass: HomeAssistant, gx: SimulatedGx, status: int, body: str | None
) -> None:
    result = await begin(hass, "gx")
    result = await configure(hass, result, host=gx.host, port=gx.tls_port, pairing=True)
    async with pairing_page(gx, status, body):
        result = await configure(hass, result)
    assert result["errors"] == {"base": "not_pairing"}


async def test_pairing_with_nobody(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await begin(hass, "gx")
    result = await configure(hass, result, host=gx.host, tls=False, pairing=True)
    with patch.object(probing, "HTTPS_PORT", free_port()):
        result = await configure(hass, result)
    assert result["errors"] == {"base": "cannot_connect"}


async def test_a_token_that_is_refused(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await begin(hass, "gx")
    result = await configure(hass, result, host=gx.host, port=gx.tls_port, pairing=True)
    gx.door.password = "another"
    async with pairing_page(gx):
        result = await configure(hass, result)
    assert result["errors"] == {"base": "invalid_auth"}


async def test_a_paired_gx_that_names_itself_nowhere(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await begin(hass, "gx")
    result = await configure(hass, result, host=gx.host, port=gx.tls_port, pairing=True)
    async with pairing_page(gx):
        with patch.object(gx_flow, "async_find_portals", return_value=[]):
            result = await configure(hass, result)
    assert result["step_id"] == "victron_pairing"
    assert result["errors"] == {"base": "no_portal"}


# --- through Home Assistant's broker --------------------------------------------------------


async def bridge(
    hass: HomeAssistant, result: ConfigFlowResult, prefix: str, *topics: str
) -> ConfigFlowResult:
    """Submit the prefix; meanwhile these topics speak."""
    task = hass.async_create_task(configure(hass, result, topic_prefix=prefix))

    def speak() -> bool:
        for topic in topics:
            async_fire_mqtt_message(hass, topic, '{"value":"Van"}')
        return task.done()

    await until(speak, every=0.05)
    return await task


async def test_through_home_assistants_broker(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    result = await begin(hass, "homeassistant")
    assert result["step_id"] == "victron_bridge"
    serial = f"van/N/{PORTAL_ID}/system/0/Serial"
    name = f"van/N/{PORTAL_ID}/settings/0/Settings/SystemSetup/SystemName"
    other = "van/N/zigbee/system/0/Serial"
    result = await bridge(hass, result, "/van/", other, serial, name)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {
        "kind": "victron",
        "source": "homeassistant",
        "topic_prefix": "van",
        "portal_id": PORTAL_ID,
    }


async def test_a_heartbeat_names_a_gx_too(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    result = await begin(hass, "homeassistant")
    result = await bridge(hass, result, "", f"N/{PORTAL_ID}/heartbeat")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == f"GX …{PORTAL_ID[-4:]}"


async def test_a_name_that_is_none(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    result = await begin(hass, "homeassistant")
    task = hass.async_create_task(configure(hass, result))

    def speak() -> bool:
        async_fire_mqtt_message(hass, f"N/{PORTAL_ID}/system/0/Serial", "1")
        async_fire_mqtt_message(
            hass, f"N/{PORTAL_ID}/settings/0/Settings/SystemSetup/SystemName", "nonsense"
        )
        return task.done()

    await until(speak, every=0.05)
    assert (await task)["title"] == f"GX …{PORTAL_ID[-4:]}"


async def test_several_systems_on_one_broker(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    result = await begin(hass, "homeassistant")
    topics = [f"N/{portal}/system/0/Serial" for portal in (PORTAL_ID, OTHER)]
    result = await bridge(hass, result, "", *topics)
    assert result["step_id"] == "victron_portal"
    result = await configure(hass, result, portal_id=OTHER)
    assert result["result"].unique_id == f"victron_{OTHER}"


async def test_nobody_on_the_broker(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    result = await begin(hass, "homeassistant")
    result = await configure(hass, result, topic_prefix="a/+")
    assert result["errors"] == {"base": "invalid_topic"}
    result = await configure(hass, result)
    assert result["errors"] == {"base": "no_portal"}
    assert result["step_id"] == "victron_bridge"


async def test_no_mqtt_in_home_assistant(hass: HomeAssistant) -> None:
    result = await configure(hass, await begin(hass, "homeassistant"))
    assert result["errors"] == {"base": "mqtt_not_set_up"}


# --- discovery ------------------------------------------------------------------------------


async def test_a_gx_announces_itself(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await discover(hass, announcement(gx))
    assert result["step_id"] == "victron_discovered"
    assert result["description_placeholders"] == {"name": "Simulated home", "host": gx.host}
    result = await configure(hass, result, password="wrong")
    assert result["errors"] == {"base": "invalid_auth"}
    result = await configure(hass, result, password=PASSWORD)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Simulated home"


async def test_an_announced_gx_that_names_itself_nowhere(
    hass: HomeAssistant, gx: SimulatedGx
) -> None:
    result = await discover(hass, announcement(gx, friendlyName=""))
    with patch.object(gx_flow, "async_find_portals", return_value=[]):
        result = await configure(hass, result, password=PASSWORD)
    assert result["step_id"] == "victron_discovered"
    assert result["errors"] == {"base": "no_portal"}
    # The form that was there before, with what it asked for: the next try is the same.
    form = result["data_schema"]
    assert form is not None
    assert [str(field) for field in form.schema] == ["password"]
    result = await configure(hass, result, password=PASSWORD)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_an_announced_gx_that_pairs(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await discover(hass, announcement(gx, X_MqttTokenPairing="1"))
    result = await configure(hass, result)
    assert result["step_id"] == "victron_pairing"
    hass.config_entries.flow.async_abort(result["flow_id"])
    result = await discover(hass, announcement(gx, X_MqttOnLan="0", X_MqttTokenPairing="1"))
    result = await configure(hass, result)
    assert result["step_id"] == "victron_pairing"


async def test_an_announced_gx_without_tls(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await discover(hass, announcement(gx))
    with patch.object(
        victron_flow.VictronFlow, "_async_gx_try", side_effect=["plain_only", "cannot_connect"]
    ) as tried:
        result = await configure(hass, result)
    assert result["errors"] == {"base": "cannot_connect"}
    assert tried.call_args.args[0].port == gx.plain_port
    assert not tried.call_args.args[0].tls


async def test_a_gx_that_moved_is_followed(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx, host="127.0.0.9")
    entry.add_to_hass(hass)
    for _ in range(2):
        result = await discover(hass, announcement(gx))
        assert result["reason"] == "already_configured"
        assert entry.data["broker"]["host"] == gx.host
        assert entry.data["broker"]["password"] == "old"
    await hass.async_block_till_done()


async def test_an_announcement_alone_gets_no_password(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx, host="192.0.2.7")
    entry.add_to_hass(hass)
    unpinned = {**entry.data["broker"], "tls": False, "certificate": None}
    hass.config_entries.async_update_entry(entry, data={**entry.data, "broker": unpinned})
    result = await discover(hass, announcement(gx))
    assert result["reason"] == "already_configured"
    assert entry.data["broker"]["host"] == "192.0.2.7"


async def test_a_gx_that_still_answers_is_not_moved(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx, host="localhost")
    entry.add_to_hass(hass)
    result = await discover(hass, announcement(gx))
    assert result["reason"] == "already_configured"
    assert entry.data["broker"]["host"] == "localhost"


async def test_another_certificate_moves_nothing(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx, host="127.0.0.9")
    entry.add_to_hass(hass)
    await gx.switch_off()
    gx.renew_certificate()
    await gx.switch_on()
    result = await discover(hass, announcement(gx))
    assert result["reason"] == "already_configured"
    assert entry.data["broker"]["host"] == "127.0.0.9"


async def test_reconfigure_keeps_the_pin(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx)
    entry.add_to_hass(hass)
    await gx.switch_off()
    gx.renew_certificate()
    await gx.switch_on()
    result = await configure(hass, await entry.start_reconfigure_flow(hass), **login(gx))
    assert result["errors"] == {"base": "certificate_changed"}


async def test_a_gx_that_is_ignored_stays_so(hass: HomeAssistant, gx: SimulatedGx) -> None:
    MockConfigEntry(domain=DOMAIN, unique_id=UNIQUE_ID, source=SOURCE_IGNORE).add_to_hass(hass)
    result = await discover(hass, announcement(gx))
    assert result["reason"] == "already_configured"


@pytest.mark.parametrize("changes", [{"X_VrmPortalId": ""}, {"X_VrmPortalId": "nonsense"}])
async def test_what_is_no_gx(hass: HomeAssistant, gx: SimulatedGx, changes: dict[str, str]) -> None:
    result = await discover(hass, announcement(gx, **changes))
    assert result["reason"] == "not_a_gx"


# --- second visits --------------------------------------------------------------------------


async def test_reconfigure(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx, host="192.0.2.7")
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "reconfigure"
    result = await configure(hass, result, **login(gx))
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["broker"]["host"] == gx.host
    assert entry.data["broker"]["password"] == PASSWORD
    await hass.async_block_till_done()


async def test_reconfigure_to_another_gx(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, unique_id=f"victron_{OTHER}", data={**entry.data, "portal_id": OTHER}
    )
    result = await configure(hass, await entry.start_reconfigure_flow(hass), **login(gx))
    assert result["step_id"] == "victron_replaced"
    assert result["description_placeholders"] == {
        "expected": OTHER,
        "found": PORTAL_ID,
        "number": "0",
    }
    result = await configure(hass, result, take_over=False)
    assert result["reason"] == "wrong_device"
    assert entry.data["portal_id"] == OTHER


async def test_a_replaced_gx_is_taken_over(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, unique_id=f"victron_{OTHER}", data={**entry.data, "portal_id": OTHER}
    )
    devices, entities = dr.async_get(hass), er.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, f"victron_{OTHER}_vebus_276")},
        serial_number="HQ2233AAAAA",
    )
    entity = entities.async_get_or_create(
        "sensor",
        DOMAIN,
        f"victron_{OTHER}_vebus_276_state",
        config_entry=entry,
        device_id=device.id,
        suggested_object_id="my_multi",
    )
    result = await configure(hass, await entry.start_reconfigure_flow(hass), **login(gx))
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["number"] == "1"
    result = await configure(hass, result, take_over=True)
    assert result["reason"] == "reconfigure_successful"
    assert entry.unique_id == UNIQUE_ID
    assert entry.data["portal_id"] == PORTAL_ID
    assert entry.data["broker"]["password"] == PASSWORD
    kept = entities.async_get(entity.entity_id)
    assert kept is not None
    assert kept.unique_id == f"{UNIQUE_ID}_vebus_276_state"
    assert devices.async_get_device_by_identifier(
        (DOMAIN, f"{UNIQUE_ID}_vebus_276"), entry.entry_id
    )
    await hass.async_block_till_done()
    result = await configure(hass, await begin(hass, "gx"), **login(gx))
    assert result["reason"] == "already_configured"


async def test_a_replaced_gx_that_has_an_entry_is_not_taken_over(
    hass: HomeAssistant, gx: SimulatedGx
) -> None:
    (await entry_of(gx)).add_to_hass(hass)
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=f"victron_{OTHER}",
        data={**(await entry_of(gx)).data, "portal_id": OTHER},
    )
    entry.add_to_hass(hass)
    result = await configure(hass, await entry.start_reconfigure_flow(hass), **login(gx))
    assert result["reason"] == "already_configured"


async def test_reconfigure_a_bridge(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=UNIQUE_ID,
        data={
            "kind": "victron",
            "source": "homeassistant",
            "portal_id": PORTAL_ID,
            "topic_prefix": "",
        },
    )
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    topics = [f"van/N/{portal}/system/0/Serial" for portal in (OTHER, PORTAL_ID)]
    result = await bridge(hass, result, "van", *topics)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["topic_prefix"] == "van"
    await hass.async_block_till_done()


async def test_reauth(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx)
    entry.add_to_hass(hass)
    result = await entry.start_reauth_flow(hass)
    assert result["step_id"] == "reauth_confirm"
    result = await configure(hass, result, password="wrong")
    assert result["errors"] == {"base": "invalid_auth"}
    result = await configure(hass, result, password=PASSWORD)
    assert result["reason"] == "reauth_successful"
    assert entry.data["broker"]["password"] == PASSWORD
    await hass.async_block_till_done()


async def test_reauth_of_a_paired_gx(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx, username="token/homeassistant/abc")
    entry.add_to_hass(hass)
    result = await entry.start_reauth_flow(hass)
    assert result["step_id"] == "victron_pairing"
    async with pairing_page(gx):
        result = await configure(hass, result)
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()


async def test_a_certificate_that_nobody_shows(hass: HomeAssistant, gx: SimulatedGx) -> None:
    result = await begin(hass, "gx")
    error = LinkError(LinkReason.CERTIFICATE)
    with patch.object(gx_flow, "async_try_broker", side_effect=error):
        result = await configure(hass, result, **login(gx))
    assert result["errors"] == {"base": "untrusted_certificate"}


async def test_what_goes_with_an_entry(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx)
    entry.add_to_hass(hass)
    await energy_store(hass, entry.entry_id, lambda: {"a": 1.0}).async_save()
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert await energy_store(hass, entry.entry_id).async_load() is None


async def test_options(hass: HomeAssistant, gx: SimulatedGx) -> None:
    entry = await entry_of(gx)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    schema = result["data_schema"]
    assert schema is not None
    assert schema({}) == {
        "services": list(SERVICES),
        "update_interval": 10,
        "controls": False,
    }
    options = {"services": ["battery"], "update_interval": 5, "controls": True}
    result = await hass.config_entries.options.async_configure(result["flow_id"], options)
    assert result["data"] == options
    await hass.async_block_till_done()


# --- through VRM ------------------------------------------------------------------------------


@asynccontextmanager
async def vrm_at(gx: SimulatedGx) -> AsyncIterator[None]:
    """Have the simulated broker be VRM's, signed by Victron's authority."""
    authority = await async_fetch_certificate(gx.host, gx.tls_port)
    with (
        patch.object(victron_flow, "vrm_host", return_value=gx.host),
        patch.object(victron_flow, "VICTRON_CA", authority),
    ):
        yield


async def test_through_vrm(hass: HomeAssistant, gx: SimulatedGx) -> None:
    form = {"portal_id": PORTAL_ID, "username": "me@example.com"}
    async with vrm_at(gx):
        result = await begin(hass, "vrm")
        assert result["step_id"] == "victron_vrm"
        result = await configure(hass, result, **{**form, "portal_id": "nonsense"}, token="t")
        assert result["errors"] == {"portal_id": "invalid_portal_id"}
        result = await configure(hass, result, **form)
        assert result["errors"] == {"base": "password_needed"}
        result = await configure(hass, result, **form, token="wrong")
        assert result["errors"] == {"base": "invalid_auth"}
        result = await configure(hass, result, **form, password=PASSWORD)
        assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["vrm"] is True
    assert result["data"]["broker"]["authority"] is True
    assert result["data"]["portal_id"] == PORTAL_ID
    assert result["data"]["broker"]["username"] == "me@example.com"
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": result["result"].entry_id}
    )
    assert result["step_id"] == "reconfigure"
    async with vrm_at(gx):
        result = await configure(hass, result, **form, password=PASSWORD)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()


async def test_reauth_at_vrm(hass: HomeAssistant, gx: SimulatedGx) -> None:
    form = {"portal_id": PORTAL_ID, "username": "me@example.com"}
    async with vrm_at(gx):
        result = await configure(hass, await begin(hass, "vrm"), **form, password=PASSWORD)
        entry = result["result"]
        broker = dict(entry.data["broker"])
        result = await hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": SOURCE_REAUTH, "entry_id": entry.entry_id},
            data=dict(entry.data),
        )
        assert result["step_id"] == "reauth_confirm"
        schema = result["data_schema"]
        assert schema is not None
        assert {str(key) for key in schema.schema} >= {*form, "token", "password"}
        result = await configure(hass, result, **form, token="wrong")
        assert result["errors"] == {"base": "invalid_auth"}
        # Another account does not make it another GX.
        other = {"portal_id": PORTAL_ID, "username": "you@example.com"}
        result = await configure(hass, result, **other, password=PASSWORD)
        assert result["reason"] == "reauth_successful"
        await hass.async_block_till_done()
    assert entry.data["broker"] == {**broker, "username": "you@example.com"}
    assert entry.data["vrm"] is True
    assert entry.unique_id == f"victron_{PORTAL_ID}"


async def test_vrm_without_its_gx(hass: HomeAssistant, gx: SimulatedGx) -> None:
    form = {"portal_id": OTHER, "username": "me@example.com", "password": PASSWORD}
    async with vrm_at(gx):
        result = await configure(hass, await begin(hass, "vrm"), **form)
    assert result["errors"] == {"base": "no_portal"}


async def test_a_broker_that_victron_did_not_sign_is_told_no_secret(
    hass: HomeAssistant, gx: SimulatedGx
) -> None:
    form = {"portal_id": PORTAL_ID, "username": "me@example.com", "password": PASSWORD}
    with patch.object(victron_flow, "vrm_host", return_value=gx.host):
        result = await configure(hass, await begin(hass, "vrm"), **form)
    assert result["errors"] == {"base": "untrusted_certificate"}


async def test_a_broker_that_victron_signed_for_another_name_is_told_no_secret(
    hass: HomeAssistant, gx: SimulatedGx
) -> None:
    form = {"portal_id": PORTAL_ID, "username": "me@example.com", "password": PASSWORD}
    elsewhere = ip_address("192.0.2.1")
    await gx.switch_off()
    with patch("simulators.mosquitto.ipaddress.ip_address", return_value=elsewhere):
        gx.renew_certificate()
    await gx.switch_on()
    async with vrm_at(gx):
        result = await configure(hass, await begin(hass, "vrm"), **form)
    assert result["errors"] == {"base": "untrusted_certificate"}
    # With the same certificate pinned as a device's own, its name does not matter.
    result = await configure(hass, await begin(hass, "gx"), **login(gx))
    assert result["type"] is FlowResultType.CREATE_ENTRY


def test_the_authority_is_victrons() -> None:
    authority = x509.load_pem_x509_certificate(VICTRON_CA.encode())
    assert authority.subject == authority.issuer
    assert "Victron Energy B.V." in authority.subject.rfc4514_string()
    assert authority.not_valid_after_utc.year == 2114
    # OpenSSL takes it as what others are checked against.
    context = pinned_context(VICTRON_CA, named=True)
    assert context.get_ca_certs()
    assert context.check_hostname


@pytest.mark.parametrize(
    ("portal", "host"),
    [("c0619ab1f00d", "mqtt81.victronenergy.com"), ("000000000000", "mqtt64.victronenergy.com")],
)
def test_the_broker_of_a_portal(portal: str, host: str) -> None:
    assert vrm_host(portal) == host == f"mqtt{sum(map(ord, portal)) % 128}.victronenergy.com"
    assert vrm_password(" abc ", "x") == "Token abc"
    assert vrm_password("", "x") == "x"
    assert vrm_password(None, None) is None
