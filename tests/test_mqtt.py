"""The MQTT link, against a real broker."""

import asyncio
from collections.abc import Iterator
from unittest.mock import Mock, patch

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom import mqtt as mqtt_module
from custom_components.hausstrom.mqtt import (
    Broker,
    BrokerLink,
    HomeAssistantLink,
    LinkError,
    LinkReason,
    MqttMessage,
    async_try_broker,
    link_from_data,
)
from custom_components.hausstrom.tls import async_fetch_certificate, fingerprint
from simulators.mosquitto import Mosquitto, free_port

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(autouse=True)
def quick_retries() -> Iterator[None]:
    with (
        patch.object(mqtt_module, "FIRST_RETRY", 0.05),
        patch.object(mqtt_module, "LONGEST_RETRY", 0.2),
    ):
        yield


async def eventually(condition: object, seconds: float = 10) -> None:
    """Wait until the condition (a callable) holds."""
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def at(broker: Mosquitto, **changes: object) -> Broker:
    data = {
        "host": broker.host,
        "port": broker.port,
        "tls": broker.tls,
        "username": broker.username,
        "password": broker.password,
        **changes,
    }
    return Broker.from_data(data)


async def test_messages_are_bytes_and_reach_their_listeners(hass: HomeAssistant) -> None:
    async with Mosquitto() as broker:
        link = BrokerLink(hass, at(broker))
        await link.async_start()
        exact, below, pattern = Mock(), Mock(), Mock()
        await link.async_subscribe("a/b", exact)
        await link.async_subscribe("a/#", below)
        await link.async_subscribe("+/b", pattern)
        await link.async_publish("a/b", b"\x68\xff")
        await eventually(lambda: exact.called and below.called and pattern.called)
        await link.async_publish("a", "parent")
        await link.async_publish("ab/c", "stranger")
        await link.async_publish("a/c", "last")
        await eventually(lambda: below.call_args.args[0].payload == b"last")
        message = exact.call_args.args[0]
        assert message == MqttMessage("a/b", b"\x68\xff", retain=False)
        topics = {call.args[0].topic for call in below.call_args_list}
        assert topics == {"a", "a/b", "a/c"}
        assert {call.args[0].topic for call in pattern.call_args_list} == {"a/b"}
        await link.async_stop()


async def test_retained_messages_say_so(hass: HomeAssistant) -> None:
    async with Mosquitto() as broker:
        link = BrokerLink(hass, at(broker))
        await link.async_start()
        await link.async_publish("kept", "old", qos=1, retain=True)
        listener = Mock()
        await link.async_subscribe("kept", listener, qos=1)
        await eventually(lambda: listener.called)
        assert listener.call_args.args[0].retain is True
        await link.async_stop()


async def test_two_listeners_share_a_subscription(hass: HomeAssistant) -> None:
    async with Mosquitto() as broker:
        link = BrokerLink(hass, at(broker))
        await link.async_start()
        first, second = Mock(), Mock()
        end_first = await link.async_subscribe("t", first)
        end_second = await link.async_subscribe("t", second)
        await link.async_publish("t", "1")
        await eventually(lambda: first.called and second.called)
        end_first()
        await link.async_publish("t", "2")
        await eventually(lambda: second.call_count == 2)
        assert first.call_count == 1
        end_second()
        await link.async_publish("t", "3")
        await asyncio.sleep(0.1)
        assert second.call_count == 2
        await link.async_stop()


async def test_a_lost_broker_is_found_again_with_all_subscriptions(hass: HomeAssistant) -> None:
    async with Mosquitto() as broker:
        link = BrokerLink(hass, at(broker))
        connection, listener = Mock(), Mock()
        await link.async_start()
        end = link.async_on_connection(connection)
        await link.async_subscribe("t", listener)
        await broker.stop()
        await eventually(lambda: connection.called)
        assert connection.call_args.args == (False,)
        assert not link.connected
        with pytest.raises(LinkError) as error:
            await link.async_publish("t", "1")
        assert error.value.reason is LinkReason.CANNOT_CONNECT

        await asyncio.sleep(0.3)  # a few refused connections on the way
        await broker.start()
        await eventually(lambda: link.connected)
        assert [call.args for call in connection.call_args_list] == [(False,), (True,)]
        await link.async_publish("t", "2")
        await eventually(lambda: listener.called)
        end()
        await link.async_stop()
        assert connection.call_count == 2, "a stop is no news"


async def test_a_listener_that_fails_does_not_end_the_connection(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    async with Mosquitto() as broker:
        link = BrokerLink(hass, at(broker))
        await link.async_start()
        listener = Mock(side_effect=[ValueError, None])
        await link.async_subscribe("t", listener)
        await link.async_publish("t", "1")
        await link.async_publish("t", "2")
        await eventually(lambda: listener.call_count == 2)
        assert "Unexpected error handling a message on t" in caplog.text
        await link.async_stop()


async def test_wrong_password(hass: HomeAssistant) -> None:
    async with Mosquitto(username="anna", password="right") as broker:
        await async_try_broker(hass, at(broker))
        with pytest.raises(LinkError) as error:
            await async_try_broker(hass, at(broker, password="wrong"))
        assert error.value.reason is LinkReason.INVALID_AUTH
        assert "wrong" not in str(error.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "", "a" * 70 + ".invalid"])
async def test_nobody_there(hass: HomeAssistant, host: str) -> None:
    with pytest.raises(LinkError) as error:
        await async_try_broker(hass, Broker(host=host, port=free_port()))
    assert error.value.reason is LinkReason.CANNOT_CONNECT


async def test_a_refusal_later_ends_the_tries(hass: HomeAssistant) -> None:
    port = free_port()
    failure = Mock()
    async with Mosquitto(port=port, username="anna", password="right") as broker:
        link = BrokerLink(hass, at(broker), on_failure=failure)
        await link.async_start()
    async with Mosquitto(port=port, username="anna", password="new"):
        await eventually(lambda: failure.called)
        assert failure.call_args.args[0].reason is LinkReason.INVALID_AUTH
        assert not link.connected
    await link.async_stop()


async def test_a_self_signed_certificate_is_pinned_at_first_use(hass: HomeAssistant) -> None:
    async with Mosquitto(tls=True) as broker:
        pinned = await async_try_broker(hass, at(broker))
        assert pinned.certificate is not None
        shown = await async_fetch_certificate(broker.host, broker.port)
        assert fingerprint(pinned.certificate) == fingerprint(shown)
        assert Broker.from_data(pinned.as_data()) == pinned
        link = BrokerLink(hass, pinned)
        await link.async_start()
        assert link.connected
        await link.async_stop()


async def test_a_changed_certificate_is_refused_before_the_password_is_sent(
    hass: HomeAssistant,
) -> None:
    failure = Mock()
    async with Mosquitto(tls=True, username="anna", password="right") as broker:
        pinned = await async_try_broker(hass, at(broker))
        link = BrokerLink(hass, pinned, on_failure=failure)
        await link.async_start()
        await broker.stop()
        broker.renew_certificate()
        await broker.start()
        await eventually(lambda: failure.called)
        error = failure.call_args.args[0]
        assert error.reason is LinkReason.CERTIFICATE_CHANGED
        assert error.shown_certificate is not None
        assert fingerprint(error.shown_certificate) in str(error)
        assert fingerprint(pinned.certificate or "") in str(error)
        await link.async_stop()
        with pytest.raises(LinkError) as refused:
            await async_try_broker(hass, pinned)
        assert refused.value.reason is LinkReason.CERTIFICATE_CHANGED


async def test_a_certificate_that_cannot_be_fetched_is_no_connection(hass: HomeAssistant) -> None:
    async with Mosquitto(tls=True) as broker:
        with patch.object(mqtt_module, "async_fetch_certificate", side_effect=OSError("gone")):
            with pytest.raises(LinkError) as error:
                await async_try_broker(hass, at(broker))
            assert error.value.reason is LinkReason.CANNOT_CONNECT
        pinned = await async_try_broker(hass, at(broker))
        await broker.stop()
        broker.renew_certificate()
        await broker.start()
        with patch.object(mqtt_module, "async_fetch_certificate", side_effect=OSError("gone")):
            with pytest.raises(LinkError) as error:
                await async_try_broker(hass, pinned)
            assert error.value.reason is LinkReason.CANNOT_CONNECT


async def test_nonsense_for_a_certificate_is_no_connection(hass: HomeAssistant) -> None:
    broker = Broker(host="127.0.0.1", port=free_port(), tls=True, certificate="nonsense")
    with pytest.raises(LinkError):
        await async_try_broker(hass, broker)


async def test_stop_while_connecting(hass: HomeAssistant) -> None:
    async with asyncio.timeout(5):
        server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
        link = BrokerLink(hass, Broker(host="127.0.0.1", port=server.sockets[0].getsockname()[1]))
        start = hass.async_create_task(link.async_start())
        await asyncio.sleep(0.1)
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        server.close()


class TestHomeAssistantEnd:
    @pytest.fixture
    def expected_lingering_timers(self) -> bool:
        return True

    async def test_messages(self, hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
        link = link_from_data(hass, {"source": "homeassistant"})
        assert isinstance(link, HomeAssistantLink)
        await link.async_start()
        assert link.connected
        first, second = Mock(), Mock()
        end = await link.async_subscribe("t/#", first)
        await link.async_subscribe("t/#", second)
        async_fire_mqtt_message(hass, "t/1", b"\x00\xff", retain=True)
        assert first.call_args.args[0] == MqttMessage("t/1", b"\x00\xff", retain=True)
        end()
        end()
        async_fire_mqtt_message(hass, "t/2", b"2")
        assert (first.call_count, second.call_count) == (1, 2)
        await link.async_publish("out", b"\x01", qos=1, retain=True)
        mqtt_mock.async_publish.assert_called_with(
            "out", b"\x01", 1, True, message_expiry_interval=None
        )
        await link.async_stop()
        async_fire_mqtt_message(hass, "t/3", b"3")
        assert second.call_count == 2

    async def test_not_set_up(self, hass: HomeAssistant) -> None:
        link = HomeAssistantLink(hass)
        with pytest.raises(LinkError) as error:
            await link.async_start()
        assert error.value.reason is LinkReason.NOT_SET_UP
        with pytest.raises(LinkError):
            await link.async_publish("t", "1")
