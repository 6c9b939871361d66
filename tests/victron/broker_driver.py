"""Plays a case at a real broker that the integration connects to itself, in driven time."""

import asyncio
import queue
import time
from typing import Any, override
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from custom_components.hausstrom.mqtt_link.broker import BrokerLink
from custom_components.hausstrom.mqtt_link.link import MqttMessage
from simulators.mosquitto import Mosquitto
from tests.victron.case_driver import Case, Player

_REAL_SLEEP = time.sleep
PATIENCE = 2000
"""Pauses of a few milliseconds after which a broker counts as stuck."""


async def real_pause() -> None:
    """Let real time pass, which the network needs; the clock of the test stands still."""
    await asyncio.get_running_loop().run_in_executor(None, _REAL_SLEEP, 0.002)


class BrokerPlayer(Player):
    """A GX that publishes at a real broker."""

    def __init__(
        self, hass: HomeAssistant, broker: Mosquitto, freezer: FrozenDateTimeFactory, case: Case
    ) -> None:
        super().__init__(hass, None, freezer, case)
        self._broker = broker
        self._asked: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._barrier = 0
        self._reached = 0
        self._heard_barrier = 0
        self._gx = self._connected()
        dispatch = BrokerLink._dispatch

        def dispatched(link: BrokerLink, message: MqttMessage) -> None:
            if "/barrier/" in message.topic:
                self._reached = int(message.payload)
            else:
                dispatch(link, message)

        self._watched = patch.object(BrokerLink, "_dispatch", dispatched)
        self._watched.start()

    def _connected(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"gx-{self.portal}")

        def on_message(_client: Client, _data: object, message: MQTTMessage) -> None:
            if message.topic.endswith("/barrier"):
                self._heard_barrier = int(message.payload)
            else:
                self._asked.put((message.topic, message.payload))

        client.on_message = on_message
        client.connect(self._broker.host, self._broker.port, keepalive=0)
        client.subscribe([(f"R/{self.portal}/#", 0), (f"W/{self.portal}/#", 0)])
        client.loop_start()
        return client

    def close(self) -> None:
        """Go away for good."""
        self._watched.stop()
        self.leave_broker()

    def leave_broker(self) -> None:
        """Close the connection."""
        self._gx.disconnect()
        self._gx.loop_stop()

    async def restart_broker(self) -> None:
        """Have the broker restart, and the GX with it."""
        self.leave_broker()
        await self._broker.stop()
        await self._broker.start()
        self._gx = self._connected()

    @property
    @override
    def entry_data(self) -> dict[str, Any]:
        return {
            "kind": "victron",
            "source": "broker",
            "portal_id": self.portal,
            "topic_prefix": "",
            "broker": {"host": self._broker.host, "port": self._broker.port, "tls": False},
        }

    @override
    async def _start(self) -> None:
        assert self.entry is not None
        setup = self.hass.async_create_task(
            self.hass.config_entries.async_setup(self.entry.entry_id)
        )
        for _ in range(PATIENCE):
            if setup.done():
                break
            await real_pause()
        assert await setup

    @override
    def publish(self, rest: str, payload: bytes, *, retain: bool = False) -> None:
        self._gx.publish(f"N/{self.portal}/{rest}", payload, retain=retain)

    async def leave_behind(self, rest: str, payload: bytes) -> None:
        """Have the broker retain a message, and return when it does.

        Who subscribes before it arrived would hear it as if it were said now.
        """
        message = self._gx.publish(f"N/{self.portal}/{rest}", payload, qos=1, retain=True)
        for _ in range(PATIENCE):
            if message.is_published():
                return
            await real_pause()
        raise AssertionError("the broker retains nothing")

    @override
    def _fresh_calls(self) -> list[tuple[str, bytes]]:
        fresh = []
        while not self._asked.empty():
            fresh.append(self._asked.get())
        return fresh

    def _link(self) -> BrokerLink | None:
        link = getattr(getattr(self.entry, "runtime_data", None), "link", None)
        return link if isinstance(link, BrokerLink) and link.connected else None

    @override
    async def _asked_for(self) -> None:
        """Wait until all that the integration published has reached the GX."""
        await super()._asked_for()
        if (link := self._link()) is None:
            return
        self._barrier += 1
        await link.async_publish(f"R/{self.portal}/barrier", str(self._barrier))
        for _ in range(PATIENCE):
            if self._heard_barrier >= self._barrier or not link.connected:
                return
            await real_pause()
        raise AssertionError("the broker delivers nothing to the GX")

    @override
    async def _delivered(self) -> None:
        """Wait until all that was published has reached the integration."""
        if (link := self._link()) is None:
            return
        self._barrier += 1
        self._gx.publish(f"N/{self.portal}/barrier/0/x", str(self._barrier))
        for _ in range(PATIENCE):
            if self._reached >= self._barrier or not link.connected:
                return
            await real_pause()
        raise AssertionError("the broker delivers nothing")
