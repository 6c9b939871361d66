"""The MQTT link, against a real broker."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any
from unittest.mock import Mock, patch

import paho.mqtt.client
import pytest
from homeassistant.components.mqtt import ReceiveMessage
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.ssl import client_context
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.common.backoff import Backoff
from custom_components.hausstrom.mqtt_link import broker as mqtt_module
from custom_components.hausstrom.mqtt_link import connection as connection_module
from custom_components.hausstrom.mqtt_link import opening
from custom_components.hausstrom.mqtt_link.broker import BrokerLink
from custom_components.hausstrom.mqtt_link.connection import Connection
from custom_components.hausstrom.mqtt_link.errors import BrokerError
from custom_components.hausstrom.mqtt_link.home_assistant import HomeAssistantLink
from custom_components.hausstrom.mqtt_link.link import Broker, LinkError, LinkReason, MqttMessage
from custom_components.hausstrom.mqtt_link.opening import async_try_broker, link_from_data
from custom_components.hausstrom.tls import async_fetch_certificate, fingerprint, pinned_context
from simulators.mosquitto import Mosquitto, free_port
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(autouse=True)
def quick_retries() -> Iterator[None]:
    with (
        patch.object(mqtt_module, "FIRST_RETRY", 0.05),
        patch.object(mqtt_module, "LONGEST_RETRY", 0.2),
    ):
        yield


@contextmanager
def counted_tries() -> Iterator[Mock]:
    """Count how often a connection is begun."""
    with patch.object(
        Connection, "async_open", autospec=True, side_effect=Connection.async_open
    ) as tries:
        yield tries


@asynccontextmanager
async def silent_broker() -> AsyncIterator[tuple[int, asyncio.Event, asyncio.Event]]:
    """Listen and never answer; yields the port, and what is set when a client spoke and when it left."""
    spoke, gone = asyncio.Event(), asyncio.Event()

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(100):
            spoke.set()
        gone.set()
        writer.close()

    server = await asyncio.start_server(read, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], spoke, gone
    server.close()


def _parts(message: MqttMessage) -> tuple[str, bytes, bool]:
    return message.topic, message.payload, message.retain


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
        await until(lambda: exact.called and below.called and pattern.called)
        await link.async_publish("a", "parent")
        await link.async_publish("ab/c", "stranger")
        await link.async_publish("a/c", "last")
        await until(lambda: below.call_args.args[0].payload == b"last")
        message = exact.call_args.args[0]
        assert _parts(message) == ("a/b", b"\x68\xff", False)
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
        await until(lambda: listener.called)
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
        await until(lambda: first.called and second.called)
        end_first()
        await link.async_publish("t", "2")
        await until(lambda: second.call_count == 2)
        assert first.call_count == 1
        end_second()
        last = Mock()
        await link.async_subscribe("u", last)
        await link.async_publish("t", "3")
        await link.async_publish("u", "after it")
        await until(lambda: last.called)  # a broker keeps the order
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
        await until(lambda: connection.called)
        assert connection.call_args.args == (False,)
        assert not link.connected
        with pytest.raises(LinkError) as error:
            await link.async_publish("t", "1")
        assert error.value.reason is LinkReason.CANNOT_CONNECT

        with counted_tries() as tries:
            await until(lambda: tries.call_count == 3)  # refused, all of them
        await broker.start()
        await until(lambda: link.connected)
        assert [call.args for call in connection.call_args_list] == [(False,), (True,)]
        await link.async_publish("t", "2")
        await until(lambda: listener.called)
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
        await until(lambda: listener.call_count == 2)
        assert "Unexpected error handling a message" in caplog.text
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
        await until(lambda: failure.called)
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
        await until(lambda: failure.called)
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
        with patch.object(opening, "async_fetch_certificate", side_effect=OSError("gone")):
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
        writers: list[asyncio.StreamWriter] = []  # or they are closed when nobody holds them
        server = await asyncio.start_server(lambda _r, w: writers.append(w), "127.0.0.1", 0)
        link = BrokerLink(hass, Broker(host="127.0.0.1", port=server.sockets[0].getsockname()[1]))
        start = hass.async_create_task(link.async_start())
        await until(lambda: writers)
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        server.close()


@pytest.mark.parametrize("in_thread", [True, False])
async def test_a_stop_while_connecting_leaves_no_connection(
    hass: HomeAssistant, in_thread: bool
) -> None:
    """Whether it comes while the socket is made (in a thread) or while the broker is silent."""
    connect = paho.mqtt.client.Client.connect
    connecting, go_on = threading.Event(), threading.Event()

    def connect_when_told(*arguments: Any) -> Any:
        connecting.set()
        assert not in_thread or go_on.wait(5)
        return connect(*arguments)

    async with silent_broker() as (port, spoke, gone):
        link = BrokerLink(hass, Broker(host="127.0.0.1", port=port))
        with patch.object(paho.mqtt.client.Client, "connect", connect_when_told):
            start = hass.async_create_task(link.async_start())
            await until(connecting.is_set if in_thread else spoke.is_set)
            start.cancel()
            if in_thread:
                asyncio.get_running_loop().call_soon(go_on.set)
            with pytest.raises(asyncio.CancelledError):
                await start
            async with asyncio.timeout(5):
                await gone.wait()


async def test_a_broker_that_never_answers_is_left(hass: HomeAssistant) -> None:
    async with silent_broker() as (port, _spoke, gone):
        with patch.object(connection_module, "CONNECT_TIMEOUT", 0.1), pytest.raises(LinkError):
            await async_try_broker(hass, Broker(host="127.0.0.1", port=port))
        async with asyncio.timeout(5):
            await gone.wait()


async def test_a_stop_ends_the_link_even_if_the_closing_fails(hass: HomeAssistant) -> None:
    leave = Connection.async_close

    async def leave_badly(connection: Connection) -> None:
        await leave(connection)
        raise BrokerError("Operation timed out")

    async with Mosquitto() as broker:
        link = BrokerLink(hass, at(broker))
        with patch.object(Connection, "async_close", leave_badly):
            await link.async_start()
            async with asyncio.timeout(5):
                await link.async_stop()
        assert not [task for task in asyncio.all_tasks() if "hausstrom" in task.get_name()]


async def test_a_certificate_that_comes_back_is_trusted_again(hass: HomeAssistant) -> None:
    failure = Mock()
    async with Mosquitto(tls=True) as broker:
        key = broker.certificate.with_name("key.pem")
        files = {path: path.read_bytes() for path in (broker.certificate, key)}
        link = BrokerLink(hass, await async_try_broker(hass, at(broker)), on_failure=failure)
        await link.async_start()
        await broker.stop()
        broker.renew_certificate()
        await broker.start()
        await until(lambda: failure.called)
        with counted_tries() as tries:
            await until(lambda: tries.call_count == 4)
        assert failure.call_count == 1, "asked once, not at each try"
        await broker.stop()
        for path, content in files.items():
            path.write_bytes(content)
        await broker.start()
        await until(lambda: link.connected)
        await link.async_stop()


async def test_a_certificate_that_no_authority_vouches_for_is_tried_again(
    hass: HomeAssistant,
) -> None:
    async with Mosquitto(tls=True) as broker:
        trusted = broker.certificate.read_text()
        contexts = [pinned_context(trusted), client_context(), client_context()]
        with patch.object(
            mqtt_module,
            "client_context",
            lambda: contexts.pop(0) if contexts else pinned_context(trusted),
        ):
            link = BrokerLink(hass, at(broker))
            await link.async_start()
            await broker.stop()
            await broker.start()
            await until(lambda: not contexts and link.connected)
        await link.async_stop()


@pytest.mark.parametrize(
    ("lasted", "expected"),
    [
        # A broker that lets us in and throws us out is not asked every second.
        ((0.0,) * 9, [1, 2, 4, 8, 16, 32, 64, 120, 120]),
        # A GX that restarts after weeks is found again in seconds, whatever it took the last time.
        # Two minutes less a second are not yet what lasts; two and a second are.
        ((0.0, 0.0, 0.0, 119.0, 121.0, 0.0), [1, 2, 4, 8, 1, 2]),
    ],
)
async def test_after_a_connection_that_lasted_the_tries_begin_anew(
    hass: HomeAssistant, lasted: tuple[float, ...], expected: list[float]
) -> None:
    link = BrokerLink(hass, Broker(host="127.0.0.1", port=1883))
    connections = iter(lasted)
    now = 0.0
    waits: list[float] = []

    async def connection(started: asyncio.Future[None]) -> None:
        nonlocal now
        if not started.done():
            started.set_result(None)
        link._set_connected(True)
        now += next(connections)
        raise BrokerError("lost")

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == len(expected):
            raise asyncio.CancelledError

    started = hass.loop.create_future()
    with (
        patch.object(mqtt_module, "FIRST_RETRY", 1.0),
        patch.object(mqtt_module, "LONGEST_RETRY", 120.0),
        patch.object(mqtt_module, "Backoff", partial(Backoff, jitter=lambda: 0.0)),
        patch.object(mqtt_module, "asyncio", Mock(sleep=sleep)),
        patch.object(link, "hass", Mock(loop=Mock(time=lambda: now))),
        patch.object(link, "_task", Mock()),
        patch.object(link, "_async_connection", connection),
        pytest.raises(asyncio.CancelledError),
    ):
        await link._run(started)
    assert waits == expected


async def test_a_subscription_that_cannot_be_made(hass: HomeAssistant) -> None:
    async with Mosquitto() as broker:
        link = BrokerLink(hass, at(broker))
        await link.async_start()
        with (
            patch.object(Connection, "async_subscribe", side_effect=BrokerError("timed out")),
            pytest.raises(LinkError) as error,
        ):
            await link.async_subscribe("t", Mock())
        assert error.value.reason is LinkReason.CANNOT_CONNECT
        listener = Mock()
        await link.async_subscribe("t", listener)
        await link.async_publish("t", "1")
        await until(lambda: listener.called)
        await link.async_stop()


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
        assert _parts(first.call_args.args[0]) == ("t/1", b"\x00\xff", True)
        end()
        end()
        async_fire_mqtt_message(hass, "t/2", b"2")
        assert (first.call_count, second.call_count) == (1, 2)
        await link.async_publish("out", b"\x01", qos=1, retain=True)
        mqtt_mock.async_publish.assert_called_with(
            "out", b"\x01", 1, True, message_expiry_interval=None
        )
        await link.async_publish("out", "text")
        mqtt_mock.async_publish.assert_called_with(
            "out", b"text", 0, False, message_expiry_interval=None
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

    async def test_nothing_comes_after_the_stop(
        self, hass: HomeAssistant, mqtt_mock: MqttMockHAClient
    ) -> None:
        """A reload of Home Assistant's integration makes subscriptions that none can end."""
        link = HomeAssistantLink(hass)
        await link.async_start()
        first, second = Mock(), Mock()
        with patch(
            "homeassistant.components.mqtt.async_subscribe", return_value=Mock()
        ) as subscribe:
            end = await link.async_subscribe("t", first)
            await link.async_subscribe("t", second)
        end()
        await link.async_stop()
        for call in subscribe.call_args_list:
            call.args[2](ReceiveMessage("t", b"1", 0, False, "t", 0.0))
        assert not first.called
        assert not second.called

    async def test_what_the_integration_refuses_is_a_link_error(
        self, hass: HomeAssistant, mqtt_mock: MqttMockHAClient
    ) -> None:
        link = HomeAssistantLink(hass)
        await link.async_start()
        with (
            patch("homeassistant.components.mqtt.async_publish", side_effect=HomeAssistantError),
            pytest.raises(LinkError) as error,
        ):
            await link.async_publish("t", b"1")
        assert error.value.reason is LinkReason.CANNOT_CONNECT
        with (
            patch("homeassistant.components.mqtt.async_subscribe", side_effect=HomeAssistantError),
            pytest.raises(LinkError) as error,
        ):
            await link.async_subscribe("t", Mock())
        assert error.value.reason is LinkReason.NOT_SET_UP
        await link.async_stop()
