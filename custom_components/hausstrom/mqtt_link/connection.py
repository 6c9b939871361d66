"""One connection to an MQTT broker: paho's client, driven by the event loop.

paho is asked to do no threads of its own. Connecting blocks (name, TCP, TLS), so it runs in the
executor; from then on the event loop says when the socket can be read and written.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from ssl import SSLContext
from typing import Final

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from .errors import BrokerError
from .link import Broker, MqttMessage

# A GX answers a wrong password after up to 6 seconds, on purpose.
CONNECT_TIMEOUT: Final = 15.0
# A peer that vanished without a word (half-open connection) is noticed in 1.5 of these.
KEEPALIVE: Final = 30
# Of what has arrived, this many packets are handled before the loop gets its turn.
_MOST_PACKETS: Final = 100
_HOUSEKEEPING: Final = 1.0

topic_matches = mqtt.topic_matches_sub


class Connection:
    """A connection that is opened once, and is over when it is lost or closed."""

    def __init__(
        self,
        broker: Broker,
        tls: SSLContext | None,
        on_message: Callable[[MqttMessage], None],
    ) -> None:
        """Prepare to connect; on_message is called in the event loop and must not raise."""
        self._loop = asyncio.get_running_loop()
        self._broker = broker
        self._on_message = on_message
        self._accepted: asyncio.Future[None] = self._loop.create_future()
        # Looked at, also where nobody waits for it any more.
        self._accepted.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._lost: asyncio.Future[BrokerError] = self._loop.create_future()
        self._acknowledged: dict[int, asyncio.Future[ReasonCode]] = {}
        self._housekeeping: asyncio.TimerHandle | None = None
        self._sockets: set[int] = set()
        self._closed = False
        client = self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.connect_timeout = CONNECT_TIMEOUT
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if tls is not None:
            client.tls_set_context(tls)
        client.on_connect = self._connect_answered
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        client.on_subscribe = self._subscribed
        client.on_socket_open = self._socket_open
        client.on_socket_close = self._socket_close
        client.on_socket_register_write = self._socket_register_write
        client.on_socket_unregister_write = self._socket_unregister_write

    async def async_open(self) -> None:
        """Connect and log in. Raises BrokerError or OSError (ssl.SSLError is one)."""
        connecting = self._loop.run_in_executor(
            None, self._client.connect, self._broker.host, self._broker.port, KEEPALIVE
        )
        # The thread goes on when we do not: what it comes to then is closed.
        connecting.add_done_callback(self._connecting_done)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                # Unlike a shield this passes on no error that comes after we have given up.
                await asyncio.wait([connecting])
                connecting.result()
                self._keep_house()
                await self._accepted
        except TimeoutError:
            await self.async_close()
            raise BrokerError("no answer from the broker") from None
        except BaseException:
            await self.async_close()
            raise

    def _connecting_done(self, connecting: asyncio.Future[MQTTErrorCode]) -> None:
        if connecting.cancelled():
            return
        failed = connecting.exception() is not None
        if self._closed and not failed:
            self._say_good_bye()

    async def async_close(self) -> None:
        """Say good-bye, as far as the broker is there, and let go of everything."""
        if self._closed:
            return
        self._closed = True
        self._say_good_bye()
        self._let_go()
        if not self._lost.done():
            self._lost.set_result(BrokerError("closed"))

    def _say_good_bye(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._client.disconnect()
            # What is to be sent still lies with paho, which closes the socket behind it. Once,
            # since nobody is waited for.
            self._client.loop_write()

    async def async_lost(self) -> BrokerError:
        """Wait until the connection is over, and return why."""
        return await asyncio.shield(self._lost)

    async def async_subscribe(self, topic_filter: str, qos: int) -> None:
        """Subscribe; return when the broker has confirmed it. Raises BrokerError."""
        result, mid = self._client.subscribe(topic_filter, qos)
        if result is not MQTTErrorCode.MQTT_ERR_SUCCESS or mid is None:
            raise BrokerError(mqtt.error_string(result))
        answer = self._acknowledged[mid] = self._loop.create_future()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                code = await answer
        except TimeoutError:
            raise BrokerError("the subscription was not confirmed") from None
        finally:
            self._acknowledged.pop(mid, None)
        if code.is_failure:
            detail = f"the broker rejected the subscription: {code}"
            raise BrokerError(detail, code.value)

    def publish(self, topic: str, payload: bytes | str, qos: int, retain: bool) -> None:
        """Hand a message to the connection. Raises BrokerError if it is gone."""
        info = self._client.publish(topic, payload, qos, retain)
        if info.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerError(mqtt.error_string(info.rc))

    # --- what paho tells; the socket's callbacks may come from the executor ---------------

    def _connect_answered(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.ConnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if self._accepted.done():
            return
        if code.is_failure:
            self._accepted.set_exception(BrokerError(str(code), code.value))
        else:
            self._accepted.set_result(None)

    def _disconnected(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.DisconnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._end, BrokerError(str(code)))

    def _end(self, error: BrokerError) -> None:
        self._let_go()
        if not self._accepted.done():
            self._accepted.set_exception(error)
        for answer in self._acknowledged.values():
            if not answer.done():
                answer.set_exception(error)
        if not self._lost.done():
            self._lost.set_result(error)

    def _received(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        self._on_message(MqttMessage(message.topic, message.payload, message.retain))

    def _subscribed(
        self,
        _client: mqtt.Client,
        _userdata: object,
        mid: int,
        codes: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        answer = self._acknowledged.get(mid)
        if answer is not None and not answer.done():
            answer.set_result(codes[0])

    # --- the socket -----------------------------------------------------------------------

    def _socket_open(self, _client: mqtt.Client, _userdata: object, opened: object) -> None:
        self._loop.call_soon_threadsafe(self._read_from, _number(opened))

    def _socket_close(self, _client: mqtt.Client, _userdata: object, closing: object) -> None:
        number = _number(closing)
        if number >= 0:
            # At once where we are in the loop: the number may be somebody else's a moment later.
            try:
                in_loop = asyncio.get_running_loop() is self._loop
            except RuntimeError:
                in_loop = False
            if in_loop:
                self._forget_socket(number)
            else:
                self._loop.call_soon_threadsafe(self._forget_socket, number)

    def _socket_register_write(
        self, client: mqtt.Client, _userdata: object, waiting: object
    ) -> None:
        self._loop.call_soon_threadsafe(self._write_to, _number(waiting), client)

    def _socket_unregister_write(
        self, _client: mqtt.Client, _userdata: object, waiting: object
    ) -> None:
        number = _number(waiting)
        if number >= 0:
            self._loop.call_soon_threadsafe(self._loop.remove_writer, number)

    def _read_from(self, number: int) -> None:
        if number >= 0 and not self._closed:
            self._sockets.add(number)
            self._loop.add_reader(number, self._read)

    def _read(self) -> None:
        self._client.loop_read(_MOST_PACKETS)

    def _write_to(self, number: int, client: mqtt.Client) -> None:
        if number in self._sockets and client.want_write():
            self._loop.add_writer(number, client.loop_write)

    def _forget_socket(self, number: int) -> None:
        if number in self._sockets:
            self._sockets.discard(number)
            self._loop.remove_reader(number)
            self._loop.remove_writer(number)

    def _keep_house(self) -> None:
        """Have paho ping the broker, and notice when it does not answer."""
        if self._closed:
            return
        self._client.loop_misc()
        self._housekeeping = self._loop.call_later(_HOUSEKEEPING, self._keep_house)

    def _let_go(self) -> None:
        if self._housekeeping is not None:
            self._housekeeping.cancel()
            self._housekeeping = None
        for number in list(self._sockets):
            self._forget_socket(number)


def _number(opened: object) -> int:
    """Return the file number of what paho calls a socket; -1 if it is closed."""
    assert isinstance(opened, socket.socket)  # noqa: S101  we use no websockets
    return opened.fileno()
