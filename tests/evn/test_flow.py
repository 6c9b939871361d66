"""Setting up a smart meter."""

from collections.abc import Callable, Iterator
from copy import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.evn import flow as evn_flow
from custom_components.hausstrom.mqtt_link import broker_flow
from custom_components.hausstrom.mqtt_link.link import Broker
from custom_components.hausstrom.mqtt_link.opening import async_try_broker
from simulators.evn_telegram import KAIFA, SAGEMCOM, TIROL
from simulators.mosquitto import Mosquitto, free_port
from tests.waiting import until

from .conftest import TOPIC, MeterOnTopic

KEY = SAGEMCOM.key.hex().upper()
INPUT = {"source": "homeassistant", "topic": TOPIC, "key": KEY}


@pytest.fixture(autouse=True)
def short_listening() -> Iterator[None]:
    with patch.object(evn_flow, "LISTENING", 0.3):
        yield


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.MENU
    assert "evn" in result["menu_options"]
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": "evn"}
    )


async def submit(
    hass: HomeAssistant,
    result: ConfigFlowResult,
    data: dict[str, Any],
    *says: Callable[[], None],
) -> ConfigFlowResult:
    """Submit a form; while the flow listens, each of `says` is called in turn."""
    task = hass.async_create_task(hass.config_entries.flow.async_configure(result["flow_id"], data))
    for say in says:
        # The flow listens in real time: what it needs is loaded first.
        await until(lambda: task.done() or hass.data["mqtt"].client.subscriptions)
        say()
    return await task


async def test_a_meter_is_heard_and_set_up(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, meter: MeterOnTopic
) -> None:
    result = await begin(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "evn"
    result = await submit(hass, result, INPUT, meter.publish)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Sagemcom …0025"
    assert result["description_placeholders"] == {
        "manufacturer": "Sagemcom",
        "meter_number": "118000000025",
    }
    assert result["result"].unique_id == f"evn_{SAGEMCOM.system_title.hex()}"
    assert result["data"] == {
        "kind": "evn",
        "source": "homeassistant",
        "topic": TOPIC,
        "key": KEY.lower(),
        "system_title": SAGEMCOM.system_title.hex(),
        "meter_number": "118000000025",
    }


@pytest.mark.parametrize(
    "spelling",
    [
        KEY.lower(),
        " ".join(KEY[i : i + 2] for i in range(0, 32, 2)),
        ":".join(KEY[i : i + 2] for i in range(0, 32, 2)),
        ", ".join(f"0x{KEY[i : i + 2]}" for i in range(0, 32, 2)),
        f"  {KEY}\n",
    ],
)
async def test_keys_as_people_have_them(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, meter: MeterOnTopic, spelling: str
) -> None:
    result = await submit(hass, await begin(hass), {**INPUT, "key": spelling}, meter.publish)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["key"] == KEY.lower()


@pytest.mark.parametrize(
    ("key", "length", "hex_digits"),
    [
        ("sixteen-letters!", "16", "4"),
        (KEY.encode().hex(), "64", "64"),
        ("not a key at all", "16", "4"),
        (KEY[:-1], "31", "31"),
        ("", "0", "0"),
    ],
)
async def test_what_is_no_key_is_refused_and_the_mistake_named(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    meter: MeterOnTopic,
    key: str,
    length: str,
    hex_digits: str,
) -> None:
    result = await submit(hass, await begin(hass), {**INPUT, "key": key})
    assert result["errors"] == {"key": "invalid_key"}
    placeholders = result["description_placeholders"] or {}
    assert (placeholders["length"], placeholders["hex_digits"]) == (length, hex_digits)
    result = await submit(hass, result, INPUT, meter.publish)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("topic", ["a/#/b", ""])
async def test_an_impossible_topic(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, meter: MeterOnTopic, topic: str
) -> None:
    result = await submit(hass, await begin(hass), {**INPUT, "topic": topic})
    assert result["errors"] == {"topic": "invalid_topic"}
    result = await submit(hass, result, INPUT, meter.publish)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_wrong_key(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, meter: MeterOnTopic
) -> None:
    result = await submit(hass, await begin(hass), {**INPUT, "key": "00" * 16}, meter.publish)
    assert result["errors"] == {"base": "wrong_key"}
    result = await submit(hass, result, INPUT, meter.publish)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_no_telegram(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, meter: MeterOnTopic
) -> None:
    result = await submit(hass, await begin(hass), INPUT)
    assert result["errors"] == {"base": "no_telegram"}
    assert result["data_schema"] is not None
    suggested = {
        str(field): (field.description or {}).get("suggested_value")
        for field in result["data_schema"].schema
    }
    assert suggested == {**INPUT, "authentication_key": None}, (
        "nobody types a key twice because the meter was silent"
    )
    result = await submit(hass, result, INPUT, meter.publish)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_not_a_telegram(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, meter: MeterOnTopic
) -> None:
    result = await submit(hass, await begin(hass), INPUT, lambda: meter.publish(b"hello"))
    assert result["errors"] == {"base": "not_a_telegram"}
    result = await submit(hass, result, INPUT, meter.publish)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_retained_message_from_the_past_is_no_telegram(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, meter: MeterOnTopic
) -> None:
    old = meter.telegram(when=dt_util.utcnow() - timedelta(hours=1)).hex().encode()
    result = await submit(hass, await begin(hass), INPUT, lambda: meter.publish(old, retain=True))
    assert result["errors"] == {"base": "no_telegram"}


async def test_a_telegram_in_two_messages(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, meter: MeterOnTopic
) -> None:
    text = meter.telegram().hex().encode()
    result = await submit(
        hass,
        await begin(hass),
        INPUT,
        lambda: meter.publish(text[: 263 * 2]),
        lambda: meter.publish(text[263 * 2 :]),
        meter.publish,
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_home_assistants_mqtt_is_not_set_up(hass: HomeAssistant) -> None:
    result = await submit(hass, await begin(hass), INPUT)
    assert result["errors"] == {"base": "mqtt_not_set_up"}


async def test_the_same_meter_twice(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    meter: MeterOnTopic,
    make_entry: Callable[..., MockConfigEntry],
) -> None:
    make_entry()
    result = await submit(hass, await begin(hass), INPUT, meter.publish)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


class TestOwnBroker:
    pytestmark = pytest.mark.usefixtures("socket_enabled")

    async def test_the_broker_is_asked_for_and_tried(
        self, hass: HomeAssistant, meter: MeterOnTopic
    ) -> None:
        async with Mosquitto(username="anna", password="right", tls=True) as broker:
            login = {
                "host": broker.host,
                "port": broker.port,
                "tls": True,
                "username": "anna",
                "password": "right",
            }
            with patch.object(evn_flow, "LISTENING", 5):
                result = await submit(hass, await begin(hass), {**INPUT, "source": "broker"})
                assert result["step_id"] == "broker"
                result = await submit(hass, result, {**login, "password": "wrong"})
                assert result["errors"] == {"base": "invalid_auth"}
                with patch.object(broker_flow, "MQTT_PORT", free_port()):
                    result = await submit(hass, result, {"host": broker.host, "tls": False})
                assert result["errors"] == {"base": "cannot_connect"}
                result = await self.submit_while_sending(hass, result, login, meter, broker)
            assert result["type"] is FlowResultType.CREATE_ENTRY
            data = result["data"]["broker"]
            assert data["host"] == broker.host
            assert data["password"] == "right"
            assert data["certificate"].startswith("-----BEGIN CERTIFICATE-----")
            await hass.config_entries.async_unload(result["result"].entry_id)

    async def test_silence_on_it_leads_back_to_the_meter(
        self, hass: HomeAssistant, meter: MeterOnTopic
    ) -> None:
        async with Mosquitto() as broker:
            result = await submit(hass, await begin(hass), {**INPUT, "source": "broker"})
            login = {"host": broker.host, "port": broker.port, "tls": False}
            result = await submit(hass, result, login)
            assert result["step_id"] == "evn"
            assert result["errors"] == {"base": "no_telegram"}

    async def test_reauth_asks_for_the_login_when_the_broker_refuses(
        self,
        hass: HomeAssistant,
        meter: MeterOnTopic,
        make_entry: Callable[..., MockConfigEntry],
    ) -> None:
        async with Mosquitto(username="anna", password="new") as broker:
            login = {"host": broker.host, "port": broker.port, "tls": False, "username": "anna"}
            entry = make_entry()
            hass.config_entries.async_update_entry(
                entry,
                data={
                    **entry.data,
                    "source": "broker",
                    "broker": {**login, "password": "old", "certificate": None},
                },
            )
            result = await entry.start_reauth_flow(hass)
            assert result["step_id"] == "broker"
            with patch.object(evn_flow, "LISTENING", 5):
                result = await self.submit_while_sending(
                    hass, result, {**login, "password": "new"}, meter, broker
                )
            assert result["reason"] == "reauth_successful"
            assert entry.data["broker"]["password"] == "new"
            await hass.async_block_till_done()
            await hass.config_entries.async_unload(entry.entry_id)

    async def test_reauth_without_a_broker_asks_for_the_key(
        self, hass: HomeAssistant, make_entry: Callable[..., MockConfigEntry]
    ) -> None:
        entry = make_entry()
        broker = {"host": "127.0.0.1", "port": free_port(), "tls": False}
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "source": "broker", "broker": broker}
        )
        result = await entry.start_reauth_flow(hass)
        assert result["step_id"] == "reauth_confirm"
        result = await submit(hass, result, {"key": KEY})
        assert result["errors"] == {"base": "cannot_connect"}

    async def test_a_changed_certificate_is_not_taken_for_the_first(
        self,
        hass: HomeAssistant,
        meter: MeterOnTopic,
        make_entry: Callable[..., MockConfigEntry],
    ) -> None:
        async with Mosquitto(tls=True) as broker:
            pinned = await async_try_broker(
                hass, Broker(host=broker.host, port=broker.port, tls=True)
            )
            await broker.stop()
            broker.renew_certificate()
            await broker.start()
            entry = make_entry()
            hass.config_entries.async_update_entry(
                entry, data={**entry.data, "source": "broker", "broker": pinned.as_data()}
            )
            result = await entry.start_reconfigure_flow(hass)
            result = await submit(hass, result, {**INPUT, "source": "broker"})
            login = {"host": broker.host, "port": broker.port, "tls": True}
            result = await submit(hass, result, {**login, "password": "secret"})
            assert result["errors"] == {"base": "certificate_changed"}
            result = await submit(hass, result, {**login, "host": "localhost"})
            assert result["errors"] == {"base": "no_telegram"}, "another host is a first use"

    @staticmethod
    async def submit_while_sending(
        hass: HomeAssistant,
        result: ConfigFlowResult,
        data: dict[str, Any],
        meter: MeterOnTopic,
        broker: Mosquitto,
    ) -> ConfigFlowResult:
        import aiomqtt

        async with aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            tls_context=None if not broker.tls else _trusting(broker),
        ) as client:
            task = hass.async_create_task(
                hass.config_entries.flow.async_configure(result["flow_id"], data)
            )

            async def heard() -> bool:
                await client.publish(TOPIC, meter.telegram().hex().upper())
                return task.done()

            await until(heard, every=0.05)
            return await task


def _trusting(broker: Mosquitto) -> Any:
    from custom_components.hausstrom.tls import pinned_context

    return pinned_context(broker.certificate.read_text())


class TestSecondVisits:
    async def test_reauth_takes_the_key_that_fits(
        self,
        hass: HomeAssistant,
        mqtt_mock: MqttMockHAClient,
        meter: MeterOnTopic,
        make_entry: Callable[..., MockConfigEntry],
    ) -> None:
        entry = make_entry()
        new = replace(SAGEMCOM, key=bytes(range(16)))
        result = await entry.start_reauth_flow(hass)
        assert result["step_id"] == "reauth_confirm"
        result = await submit(hass, result, {"key": "x"})
        assert result["errors"] == {"key": "invalid_key"}
        meter.model = new
        result = await submit(hass, result, {"key": KEY}, meter.publish)
        assert result["step_id"] == "reauth_confirm"
        assert result["errors"] == {"base": "wrong_key"}
        result = await submit(hass, result, {"key": new.key.hex()}, meter.publish)
        assert result["reason"] == "reauth_successful"
        assert entry.data["key"] == new.key.hex()
        assert entry.data["topic"] == TOPIC

    async def test_reconfigure(
        self,
        hass: HomeAssistant,
        mqtt_mock: MqttMockHAClient,
        meter: MeterOnTopic,
        make_entry: Callable[..., MockConfigEntry],
    ) -> None:
        entry = make_entry()
        result = await entry.start_reconfigure_flow(hass)
        assert result["step_id"] == "reconfigure"
        result = await submit(hass, result, {**INPUT, "topic": "sensors/+"}, meter.publish)
        assert result["reason"] == "reconfigure_successful"
        assert entry.data["topic"] == "sensors/+"

    async def test_reconfigure_to_another_meter_is_refused(
        self,
        hass: HomeAssistant,
        mqtt_mock: MqttMockHAClient,
        meter: MeterOnTopic,
        make_entry: Callable[..., MockConfigEntry],
    ) -> None:
        entry = make_entry(TIROL)
        meter.model = KAIFA
        result = await submit(hass, await entry.start_reconfigure_flow(hass), INPUT, meter.publish)
        assert result["reason"] == "wrong_device"
        assert entry.data["system_title"] == TIROL.system_title.hex()

    async def test_a_broker_that_is_no_longer_used_is_forgotten(
        self,
        hass: HomeAssistant,
        mqtt_mock: MqttMockHAClient,
        meter: MeterOnTopic,
        make_entry: Callable[..., MockConfigEntry],
    ) -> None:
        entry = make_entry()
        broker = {"host": "127.0.0.1", "port": 1883, "tls": False, "password": "secret"}
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "source": "broker", "broker": broker}
        )
        result = await submit(hass, await entry.start_reconfigure_flow(hass), INPUT, meter.publish)
        assert result["reason"] == "reconfigure_successful"
        assert "broker" not in entry.data

    async def test_a_topic_on_which_the_values_are_published(
        self,
        hass: HomeAssistant,
        mqtt_mock: MqttMockHAClient,
        meter: MeterOnTopic,
        make_entry: Callable[..., MockConfigEntry],
    ) -> None:
        entry = make_entry(publish_topic="sensors/smartmeter/values")
        result = await entry.start_reconfigure_flow(hass)
        result = await submit(hass, result, {**INPUT, "topic": "sensors/#"})
        assert result["errors"] == {"topic": "feeds_itself"}
        result = await submit(hass, result, INPUT, meter.publish)
        assert result["reason"] == "reconfigure_successful"


class TestOptions:
    async def test_options_are_kept(
        self,
        hass: HomeAssistant,
        mqtt_mock: MqttMockHAClient,
        make_entry: Callable[..., MockConfigEntry],
    ) -> None:
        entry = make_entry()
        await hass.config_entries.async_setup(entry.entry_id)
        result = await hass.config_entries.options.async_init(entry.entry_id)
        assert result["step_id"] == "init"
        result = await hass.config_entries.options.async_configure(
            result["flow_id"], {"update_interval": 30, "publish_topic": "sensors/smartmeter/values"}
        )
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert dict(entry.options) == {
            "update_interval": 30,
            "publish_topic": "sensors/smartmeter/values",
        }

    @pytest.mark.parametrize(
        ("topic", "error"), [(TOPIC, "feeds_itself"), ("a/#", "invalid_topic")]
    )
    async def test_a_topic_that_cannot_be_is_refused(
        self,
        hass: HomeAssistant,
        mqtt_mock: MqttMockHAClient,
        make_entry: Callable[..., MockConfigEntry],
        topic: str,
        error: str,
    ) -> None:
        entry = make_entry()
        await hass.config_entries.async_setup(entry.entry_id)
        result = await hass.config_entries.options.async_init(entry.entry_id)
        result = await hass.config_entries.options.async_configure(
            result["flow_id"], {"update_interval": 0, "publish_topic": topic}
        )
        assert result["errors"] == {"publish_topic": error}
        result = await hass.config_entries.options.async_configure(
            result["flow_id"], {"update_interval": 0}
        )
        assert result["type"] is FlowResultType.CREATE_ENTRY
