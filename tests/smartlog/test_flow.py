"""Setting up a SmartLog, and changing it."""

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest.mock import AsyncMock, patch

import aiohttp
import pytest
from homeassistant import config_entries
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.mqtt_link.link import Broker, LinkError, LinkReason
from custom_components.hausstrom.smartlog import flow as subject
from custom_components.hausstrom.smartlog import listen, webhook
from custom_components.hausstrom.smartlog.handover import FIRST_REPORTS

from .build import GATEWAY, body, data, house, meter, muc
from .conftest import MQTT_DATA, WEBHOOK_DATA, make_entry, set_up

MQTT_INPUT = {"source": "homeassistant", "topic": " smartlog/# "}
WEBHOOK_INPUT = {"username": "smartlog", "password": "geheim", "local_only": False}


@pytest.fixture(autouse=True)
async def _url(hass: HomeAssistant) -> None:
    await async_setup_component(hass, "http", {})
    await hass.config.async_update(
        internal_url="http://192.168.1.5:8123", external_url="https://home.example.org"
    )


@pytest.fixture
def impatient() -> Iterator[None]:
    """Do not listen at all."""
    with (
        patch.object(listen, "LISTENING_MQTT", 0.0),
        patch.object(listen, "LISTENING_WEBHOOK", 0.0),
    ):
        yield


async def begin(hass: HomeAssistant, transport: str) -> ConfigFlowResult:
    flows = hass.config_entries.flow
    menu = await flows.async_init(DOMAIN, context={"source": config_entries.SOURCE_USER})
    assert menu["type"] is FlowResultType.MENU
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": "smartlog"})
    assert form["step_id"] == "smartlog"
    return await flows.async_configure(menu["flow_id"], {"transport": transport})


async def go_on(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any] | None = None
) -> ConfigFlowResult:
    """Enter something; at a progress, wait until it is done."""
    flows = hass.config_entries.flow
    result = await flows.async_configure(result["flow_id"], user_input)
    while result["type"] in {FlowResultType.SHOW_PROGRESS, FlowResultType.SHOW_PROGRESS_DONE}:
        for task in [
            task for task in asyncio.all_tasks() if "_async_listen_smartlog" in repr(task)
        ]:
            await asyncio.wait([task])
        await hass.async_block_till_done()
        result = await flows.async_configure(result["flow_id"])
    return result


async def choose(hass: HomeAssistant, result: ConfigFlowResult, option: str) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": option}
    )


async def listening(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]
) -> ConfigFlowResult:
    """Enter something that leads to listening, and return when it listens."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], user_input)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    for _ in range(5):
        await asyncio.sleep(0)
    return result


async def test_mqtt_adopts_the_first_that_is_heard(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    result = await begin(hass, "mqtt")
    assert result["step_id"] == "smartlog_mqtt"
    result = await listening(hass, result, MQTT_INPUT)
    async_fire_mqtt_message(hass, "smartlog/x", b"nonsense")
    async_fire_mqtt_message(hass, "smartlog/x", body(house()))
    async_fire_mqtt_message(hass, "smartlog/x", body(muc(meter("1"), gateway="late")))
    result = await go_on(hass, result)
    assert result["step_id"] == "smartlog_found"
    assert result["description_placeholders"] == {
        "gateway_id": GATEWAY,
        "meters": "3",
        # Three values as they were read come with it, to be compared with the meters.
        "summary": "- Heat \\(outlet\\): 1\n- Room sensor: 1\n- Electricity: 1\n\n"
        "- Küche \\(46100001\\): 30390 kWh\n- Electricity 00351800: 154.92 kWh",
    }
    result = await go_on(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == f"SmartLog …{GATEWAY[-4:]}"
    entry = result["result"]
    assert entry.unique_id == f"smartlog_{GATEWAY}"
    assert entry.data == MQTT_DATA
    await hass.async_block_till_done()
    state = hass.states.get("sensor.kuche_energy")
    assert state is not None
    assert state.state == "30390"


async def test_a_report_that_leaves_ids_to_the_topic(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    result = await begin(hass, "mqtt")
    result = await listening(hass, result, {**MQTT_INPUT, "smartlog_id": "ABC"})
    raw = body({"data": [data("Volume", 5, "m^3", medium="Water")], "MANUFACTURER": "BMT"})
    async_fire_mqtt_message(hass, "smartlog/abc/00000042", raw)
    result = await go_on(hass, result)
    assert result["description_placeholders"] == {
        "gateway_id": "abc",
        "meters": "1",
        "summary": "- Water \\(BMeters\\): 1\n\n- Water 00000042: 5 m³",
    }
    result = await go_on(hass, result, {})
    await hass.async_block_till_done()
    assert result["result"].unique_id == "smartlog_abc"
    assert result["result"].runtime_data.data["00000042_volume_m3"] == 5


async def test_only_the_gateway_that_is_wanted_is_shown(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    result = await begin(hass, "mqtt")
    result = await listening(hass, result, {**MQTT_INPUT, "smartlog_id": GATEWAY})
    other = muc(meter("1", data("Volume", 1, "m^3", medium="Gas")), gateway="0ff1ce")
    async_fire_mqtt_message(hass, "smartlog/x", body([other, house()]))
    result = await go_on(hass, result)
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert (placeholders["meters"], "Gas" in placeholders["summary"]) == ("3", False)


@pytest.mark.parametrize(
    ("message", "error", "others"),
    [
        (None, "no_report", ""),
        (b"time;value", "not_a_report", ""),
        (body({"meter": [meter("1", data("Energy", 1))]}), "no_gateway_id", ""),
        (body(muc(meter("1"), gateway="known")), "other_smartlog", "known"),
        (body(muc(gateway="empty")), "no_report", ""),
    ],
)
async def test_nothing_usable_is_heard(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, message: bytes | None, error: str, others: str
) -> None:
    MockConfigEntry(domain=DOMAIN, unique_id="smartlog_known").add_to_hass(hass)
    with patch.object(listen, "LISTENING_MQTT", 0.05):
        result = await begin(hass, "mqtt")
        result = await listening(hass, result, MQTT_INPUT)
        if message is not None:
            async_fire_mqtt_message(hass, "smartlog/x", message)
        result = await go_on(hass, result)
    assert result["step_id"] == "smartlog_mqtt"
    assert result["errors"] == {"base": error}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["others"] == others


async def test_a_flood_while_listening_is_bounded(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    with patch.object(listen, "_MOST_MESSAGES", 1), patch.object(listen, "LISTENING_MQTT", 0.05):
        result = await begin(hass, "mqtt")
        result = await listening(hass, result, MQTT_INPUT)
        async_fire_mqtt_message(hass, "smartlog/x", b"a;b")
        async_fire_mqtt_message(hass, "smartlog/x", body(house()))
        result = await go_on(hass, result)
    assert result["errors"] == {"base": "not_a_report"}


@pytest.mark.usefixtures("impatient")
async def test_a_known_id_needs_not_be_heard(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    result = await begin(hass, "mqtt")
    result = await go_on(hass, result, {**MQTT_INPUT, "smartlog_id": " 9872F "})
    assert result["step_id"] == "smartlog_unheard"
    assert result["menu_options"] == ["smartlog_listen", "smartlog_mqtt", "smartlog_finish"]
    again = await choose(hass, result, "smartlog_mqtt")
    assert again["step_id"] == "smartlog_mqtt"
    result = await go_on(hass, again, {**MQTT_INPUT, "smartlog_id": "9872F"})
    result = await choose(hass, result, "smartlog_finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == "smartlog_9872f"


async def test_what_is_there_already_is_refused(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    make_entry(hass, MQTT_DATA)
    result = await begin(hass, "mqtt")
    result = await go_on(hass, result, {**MQTT_INPUT, "smartlog_id": GATEWAY})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_added_meanwhile(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    result = await begin(hass, "mqtt")
    result = await listening(hass, result, MQTT_INPUT)
    async_fire_mqtt_message(hass, "smartlog/x", body(house()))
    result = await go_on(hass, result)
    make_entry(hass, MQTT_DATA)
    result = await go_on(hass, result, {})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert FIRST_REPORTS not in hass.data


async def test_no_mqtt(hass: HomeAssistant) -> None:
    result = await begin(hass, "mqtt")
    result = await go_on(hass, result, MQTT_INPUT)
    assert result["errors"] == {"base": "mqtt_not_set_up"}


async def test_topics_that_are_none(hass: HomeAssistant) -> None:
    result = await begin(hass, "mqtt")
    result = await go_on(hass, result, {**MQTT_INPUT, "topic": "smart#log"})
    assert result["errors"] == {"topic": "invalid_topic"}


BROKER = {"host": "192.168.1.9", "tls": False}


@pytest.mark.parametrize(("tls", "port"), [(False, 1883), (True, 8883)])
async def test_an_own_broker(hass: HomeAssistant, tls: bool, port: int) -> None:
    """The port that is not said is the usual one, with TLS another."""
    result = await begin(hass, "mqtt")
    result = await go_on(hass, result, {**MQTT_INPUT, "source": "broker"})
    assert result["step_id"] == "broker"
    heard = listen.FirstReport(GATEWAY, body(house()), "t", 3, "")
    with (
        patch(
            "custom_components.hausstrom.mqtt_link.broker_flow.async_try_broker",
            side_effect=_accept,
        ),
        patch.object(subject, "async_first_message", return_value=heard) as first,
        patch("custom_components.hausstrom.async_setup_entry", return_value=True),
    ):
        result = await go_on(hass, result, {**BROKER, "tls": tls})
        assert result["step_id"] == "smartlog_found"
        result = await go_on(hass, result, {})
    assert first.call_args.args[1]["broker"]["host"] == "192.168.1.9"
    assert result["result"].data["broker"]["port"] == port


async def _accept(_hass: HomeAssistant, broker: Broker) -> Broker:
    return broker


async def test_a_broker_that_goes_away_while_listening(hass: HomeAssistant) -> None:
    result = await begin(hass, "mqtt")
    result = await go_on(hass, result, {**MQTT_INPUT, "source": "broker"})
    with (
        patch(
            "custom_components.hausstrom.mqtt_link.broker_flow.async_try_broker",
            side_effect=_accept,
        ),
        patch.object(
            subject, "async_first_message", side_effect=LinkError(LinkReason.CANNOT_CONNECT)
        ),
    ):
        result = await go_on(hass, result, BROKER)
    assert (result["step_id"], result["errors"]) == ("smartlog_mqtt", {"base": "cannot_connect"})


async def to_address(hass: HomeAssistant, **more: object) -> ConfigFlowResult:
    result = await begin(hass, "webhook")
    assert result["step_id"] == "smartlog_webhook"
    result = await go_on(hass, result, {**WEBHOOK_INPUT, **more})
    assert result["step_id"] == "smartlog_address"
    return result


async def test_webhook(hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator) -> None:
    result = await to_address(hass)
    assert result["menu_options"] == ["smartlog_listen"]
    shown = result["description_placeholders"]
    assert shown is not None
    assert shown["report_address"] == "home.example.org"
    assert shown["report_port"] == "443"
    assert shown["report_mode"] == "TLS"
    assert shown["report_directory"].startswith("/api/hausstrom/smartlog/")
    assert (shown["username"], shown["password"]) == ("smartlog", "geheim")
    result = await choose(hass, result, "smartlog_listen")
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    assert result["progress_action"] == "smartlog_listen_webhook"
    await asyncio.sleep(0)
    client = await hass_client_no_auth()
    path = shown["report_directory"]
    login = {"Authorization": aiohttp.encode_basic_auth("smartlog", "geheim")}
    assert (await client.post(path, data=body(house()))).status == 401
    assert (await client.post(path, data=b"a;b", headers=login)).status == 400
    assert (await client.post(path, data=body(house()), headers=login)).status == 200
    await client.post(path, data=body(house()), headers=login)
    result = await go_on(hass, result)
    assert result["step_id"] == "smartlog_found"
    result = await go_on(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert result["result"].data["webhook_id"] == path.rpartition("/")[2]
    state = hass.states.get("sensor.kuche_energy")
    assert state is not None
    assert state.state == "30390"
    assert (await client.post(path, data=body(house()), headers=login)).status == 200


async def test_webhook_with_a_wrong_login(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    result = await to_address(hass)
    shown = result["description_placeholders"]
    assert shown is not None
    client = await hass_client_no_auth()
    with patch.object(listen, "LISTENING_WEBHOOK", 0.3):
        result = await choose(hass, result, "smartlog_listen")
        await asyncio.sleep(0)
        assert (await client.post(shown["report_directory"], data=b"")).status == 401
        result = await go_on(hass, result)
    assert (result["step_id"], result["errors"]) == ("smartlog_webhook", {"base": "wrong_login"})
    again = await go_on(hass, result, WEBHOOK_INPUT)
    assert again["description_placeholders"] == shown


async def test_webhook_with_an_id_may_be_finished_at_once(hass: HomeAssistant) -> None:
    result = await to_address(hass, smartlog_id="77", local_only=True)
    shown = result["description_placeholders"]
    assert shown is not None
    assert (shown["report_address"], shown["report_port"]) == ("192.168.1.5", "8123")
    assert shown["report_mode"] == "TCP"
    assert result["menu_options"] == ["smartlog_listen", "smartlog_finish"]
    result = await choose(hass, result, "smartlog_finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == "smartlog_77"


async def test_closing_the_dialog_ends_listening(hass: HomeAssistant) -> None:
    result = await to_address(hass)
    result = await choose(hass, result, "smartlog_listen")
    await asyncio.sleep(0)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    handlers = hass.data["webhook"]
    assert not handlers


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"username": ""}, {"username": "invalid_username"}),
        ({"username": "a:b"}, {"username": "invalid_username"}),
        ({"password": ""}, {"password": "password_empty"}),
    ],
)
async def test_credentials_that_are_none(
    hass: HomeAssistant, change: dict[str, str], errors: dict[str, str]
) -> None:
    result = await begin(hass, "webhook")
    result = await go_on(hass, result, {**WEBHOOK_INPUT, **change})
    assert result["errors"] == errors


async def test_the_password_is_proposed(hass: HomeAssistant) -> None:
    result = await begin(hass, "webhook")
    schema = result["data_schema"]
    assert schema is not None
    (field,) = (field for field in schema.schema if field == "password")
    assert len(field.description["suggested_value"]) == 20


async def test_no_address_is_known(hass: HomeAssistant) -> None:
    with patch.object(webhook, "get_url", side_effect=NoURLAvailableError):
        result = await to_address(hass)
    shown = result["description_placeholders"]
    assert shown is not None
    assert shown["report_address"] == ""
    assert shown["report_directory"].startswith("/api/hausstrom/smartlog/")


CLOUDHOOK = "https://hooks.nabu.casa/abcdef"


class Cloud:
    """Home Assistant Cloud, as far as it is used."""

    def __init__(self, *, subscribed: bool = True) -> None:
        self.async_active_subscription = lambda _hass: subscribed
        self.async_is_connected = lambda _hass: True
        self.async_is_logged_in = lambda _hass: subscribed
        self.async_get_or_create_cloudhook = AsyncMock(return_value=CLOUDHOOK)
        self.async_delete_cloudhook = AsyncMock()


@pytest.fixture
def cloud(hass: HomeAssistant) -> Iterator[Cloud]:
    """Have a subscription."""
    hass.config.components.add("cloud")
    fake = Cloud()
    with (
        patch.dict("sys.modules", {"homeassistant.components.cloud": fake}),
        patch("homeassistant.components.cloud", fake, create=True),
    ):
        yield fake


async def reconfigure(hass: HomeAssistant, entry_id: str) -> ConfigFlowResult:
    context: config_entries.ConfigFlowContext = {
        "source": config_entries.SOURCE_RECONFIGURE,
        "entry_id": entry_id,
    }
    return await hass.config_entries.flow.async_init(DOMAIN, context=context)


async def test_the_address_in_the_cloud(hass: HomeAssistant, cloud: Cloud) -> None:
    result = await to_address(hass, smartlog_id="77")
    shown = result["description_placeholders"]
    assert shown is not None
    assert (shown["report_address"], shown["report_directory"]) == ("hooks.nabu.casa", "/abcdef")
    result = await choose(hass, result, "smartlog_finish")
    entry = result["result"]
    assert entry.data["cloudhook"] == CLOUDHOOK
    await hass.async_block_till_done()

    result = await reconfigure(hass, entry.entry_id)
    result = await go_on(hass, result, {**WEBHOOK_INPUT, "local_only": True})
    assert result["reason"] == "reconfigure_successful"
    cloud.async_delete_cloudhook.assert_awaited_once()
    assert "cloudhook" not in entry.data

    result = await reconfigure(hass, entry.entry_id)
    result = await go_on(hass, result, WEBHOOK_INPUT)
    assert entry.data["cloudhook"] == CLOUDHOOK
    await hass.async_block_till_done()
    await hass.config_entries.async_remove(entry.entry_id)
    assert cloud.async_delete_cloudhook.await_count == 2


async def test_the_address_of_a_dialog_that_is_closed_is_given_back(
    hass: HomeAssistant, cloud: Cloud
) -> None:
    result = await to_address(hass, smartlog_id="77")
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    cloud.async_delete_cloudhook.assert_awaited_once()


async def test_no_subscription(hass: HomeAssistant, cloud: Cloud) -> None:
    cloud.async_active_subscription = lambda _hass: False
    cloud.async_is_logged_in = lambda _hass: False
    result = await to_address(hass)
    shown = result["description_placeholders"]
    assert shown is not None
    assert shown["report_address"] == "home.example.org"
    await webhook.async_delete_cloudhook(hass, "x")
    hass.config.components.remove("cloud")
    await webhook.async_delete_cloudhook(hass, "x")
    cloud.async_delete_cloudhook.assert_not_awaited()


async def test_reconfigure_webhook_shows_the_address_again(hass: HomeAssistant) -> None:
    entry = make_entry(hass, WEBHOOK_DATA)
    await set_up(hass, entry)
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "smartlog_webhook_again"
    shown = result["description_placeholders"]
    assert shown is not None
    assert shown["report_directory"] == "/api/hausstrom/smartlog/c0ffee"
    failed = await go_on(hass, result, {**WEBHOOK_INPUT, "password": ""})
    assert failed["errors"] == {"password": "password_empty"}
    result = await go_on(hass, result, WEBHOOK_INPUT)
    await hass.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    assert (entry.data["password"], entry.data["webhook_id"]) == ("geheim", "c0ffee")


async def test_reconfigure_mqtt(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    entry = make_entry(hass, MQTT_DATA)
    await set_up(hass, entry)
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "smartlog_mqtt_again"
    failed = await go_on(hass, result, {**MQTT_INPUT, "topic": ""})
    assert failed["errors"] == {"topic": "invalid_topic"}
    result = await go_on(hass, result, {**MQTT_INPUT, "topic": "other"})
    await hass.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["topic"] == "other"


async def test_reconfigure_to_an_own_broker_and_its_new_password(hass: HomeAssistant) -> None:
    entry = make_entry(hass, MQTT_DATA)
    with (
        patch(
            "custom_components.hausstrom.mqtt_link.broker_flow.async_try_broker",
            side_effect=_accept,
        ),
        patch("custom_components.hausstrom.async_setup_entry", return_value=True),
    ):
        result = await entry.start_reconfigure_flow(hass)
        result = await go_on(hass, result, {**MQTT_INPUT, "source": "broker"})
        result = await go_on(hass, result, BROKER)
        assert result["reason"] == "reconfigure_successful"
        result = await entry.start_reauth_flow(hass)
        assert result["step_id"] == "broker"
        result = await go_on(hass, result, {**BROKER, "username": "a", "password": "b"})
        assert result["reason"] == "reauth_successful"
        await hass.async_block_till_done()
    assert entry.data["broker"]["password"] == "b"


async def test_options(hass: HomeAssistant) -> None:
    entry = make_entry(hass, WEBHOOK_DATA)
    await set_up(hass, entry)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    schema = result["data_schema"]
    assert schema is not None
    assert [str(field) for field in schema.schema] == [
        "auto_create",
        "stale_after",
        "most_meters",
        "areas_by_label",
    ]
    await hass.config_entries.options.async_configure(
        result["flow_id"], {"auto_create": False, "stale_after": 48}
    )
    await hass.async_block_till_done()
    assert entry.options == {"auto_create": False, "stale_after": 48}


async def test_options_while_not_loaded(hass: HomeAssistant) -> None:
    entry = make_entry(hass, WEBHOOK_DATA)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.FORM
