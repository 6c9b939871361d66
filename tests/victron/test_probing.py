"""Who is behind a GX: all of them are heard, whoever else asks at the same time."""

from collections.abc import Callable
from unittest.mock import patch

import orjson
from homeassistant.core import CALLBACK_TYPE, HomeAssistant

from custom_components.hausstrom.mqtt_link.link import (
    LinkError,
    LinkReason,
    MessageListener,
    MqttLink,
    MqttMessage,
)
from custom_components.hausstrom.victron import probing
from custom_components.hausstrom.victron.protocol.topics import Topics
from tests.victron.gx import PORTAL

TOPICS = Topics(PORTAL)
SERIALS = {"vebus/276": "HQ2233AAAAA", "battery/512": "HQ2233BBBBB"}


class GxAtALink(MqttLink):
    """A GX that answers the nth full keepalive as it is told."""

    def __init__(self, hass: HomeAssistant, answer: Callable[[GxAtALink, int, str], None]) -> None:
        super().__init__(hass)
        self._answer = answer
        self._listener: MessageListener | None = None
        self.asked = 0
        self.confirmed = False

    async def async_start(self) -> None:
        """Nothing to do."""

    async def async_stop(self) -> None:
        """Nothing to do."""

    async def async_subscribe(
        self,
        topic_filter: str,
        listener: MessageListener,
        *,
        qos: int = 0,
        confirmed: bool = False,
    ) -> CALLBACK_TYPE:
        assert topic_filter == TOPICS.everything
        self._listener, self.confirmed = listener, confirmed
        return lambda: setattr(self, "_listener", None)

    async def async_publish(
        self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False
    ) -> None:
        assert topic == TOPICS.keepalive
        self.asked += 1
        option = orjson.loads(payload)["keepalive-options"][0]
        self._answer(self, self.asked, option["full-publish-completed-echo"])

    def say(self, rest: str, value: object, **more: object) -> None:
        assert self._listener is not None
        payload = orjson.dumps({**more, "value": value})
        self._listener(MqttMessage(f"N/{PORTAL}/{rest}", payload, False))

    def say_all(self, echo: str | None) -> None:
        for service, serial in SERIALS.items():
            self.say(f"{service}/Serial", serial)
        self.complete(echo)

    def complete(self, echo: str | None) -> None:
        option = {} if echo is None else {"full-publish-completed-echo": echo}
        self.say("full_publish_completed", 1_795_000_000, **option)


async def test_that_somebody_else_has_heard_everything_ends_nothing(hass: HomeAssistant) -> None:
    def answer(gx: GxAtALink, _asked: int, echo: str) -> None:
        gx.complete("of somebody else")
        gx.say_all(echo)

    gx = GxAtALink(hass, answer)
    assert await probing.async_serials(gx, TOPICS) == set(SERIALS.values())
    assert gx.confirmed


async def test_an_answer_that_is_left_out_is_asked_for_again(hass: HomeAssistant) -> None:
    def answer(gx: GxAtALink, asked: int, echo: str) -> None:
        if asked == 2:
            gx.say_all(echo)

    gx = GxAtALink(hass, answer)
    with patch.object(probing, "SERIALS_TIMEOUT", 0.05):
        assert await probing.async_serials(gx, TOPICS) == set(SERIALS.values())
    assert gx.asked == 2


async def test_venus_os_that_echoes_nothing(hass: HomeAssistant) -> None:
    gx = GxAtALink(hass, lambda gx, _asked, _echo: gx.say_all(None))
    assert await probing.async_serials(gx, TOPICS) == set(SERIALS.values())
    assert gx.asked == 1


async def test_what_is_heard_though_nothing_is_complete(hass: HomeAssistant) -> None:
    def answer(gx: GxAtALink, _asked: int, _echo: str) -> None:
        gx.say("vebus/276/Serial", "HQ2233AAAAA")
        gx.say("system/0/Serial", PORTAL)
        gx.say("vebus/276/State", 3)

    gx = GxAtALink(hass, answer)
    with patch.object(probing, "SERIALS_TIMEOUT", 0.05):
        assert await probing.async_serials(gx, TOPICS) == {"HQ2233AAAAA"}
    assert gx.asked == 3


async def test_a_connection_that_is_lost_meanwhile(hass: HomeAssistant) -> None:
    def answer(_gx: GxAtALink, _asked: int, _echo: str) -> None:
        raise LinkError(LinkReason.CANNOT_CONNECT)

    assert await probing.async_serials(GxAtALink(hass, answer), TOPICS) == set()
