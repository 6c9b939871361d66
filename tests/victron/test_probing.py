"""Who is behind a GX: all of them are heard, whoever else asks at the same time."""

from collections.abc import Callable
from unittest.mock import patch

import orjson
import pytest
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
NAME = f"N/{PORTAL}/settings/0/Settings/SystemSetup/SystemName"
QUESTIONS = (f"R/{PORTAL}/system/0/Serial", f"R{NAME[1:]}")
SERIALS = {"vebus/276": "HQ2233AAAAA", "battery/512": "HQ2233BBBBB"}


class GxAtALink(MqttLink):
    """A GX that answers the nth question as it is told."""

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
        assert topic_filter in (TOPICS.everything, NAME)
        self._listener, self.confirmed = listener, confirmed
        return lambda: setattr(self, "_listener", None)

    async def async_publish(
        self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False
    ) -> None:
        self.asked += 1
        if topic != TOPICS.keepalive:
            assert topic in QUESTIONS
            assert payload == b""
            self._answer(self, self.asked, topic)
            return
        option = orjson.loads(payload)["keepalive-options"][0]
        self._answer(self, self.asked, option["full-publish-completed-echo"])

    def say(self, rest: str, value: object, **more: object) -> None:
        assert self._listener is not None
        payload = orjson.dumps({**more, "value": value})
        self._listener(MqttMessage(f"N/{PORTAL}/{rest}", payload, False))

    def keep(self, rest: str, value: object) -> None:
        """Have the broker hand out what somebody retained."""
        assert self._listener is not None
        self._listener(MqttMessage(f"N/{PORTAL}/{rest}", orjson.dumps({"value": value}), True))

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
        # What we asked for comes after it, as we asked later.
        hass.loop.call_later(0.02, gx.say_all, echo)

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


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
async def test_a_gx_is_heard_though_questions_get_lost(hass: HomeAssistant, lost: int) -> None:
    def answer(gx: GxAtALink, asked: int, _topic: str) -> None:
        if asked > lost:
            gx.say("system/0/Serial", PORTAL)

    gx = GxAtALink(hass, answer)
    with patch.object(probing, "LISTENING", 0.15):
        assert await probing.async_is_heard(gx, TOPICS) is (lost < 3)
    assert gx.asked == min(lost + 1, 3)


async def test_what_a_broker_has_kept_is_no_answer(hass: HomeAssistant) -> None:
    def answer(gx: GxAtALink, _asked: int, _topic: str) -> None:
        gx.keep("system/0/Serial", PORTAL)

    with patch.object(probing, "LISTENING", 0.15):
        assert not await probing.async_is_heard(GxAtALink(hass, answer), TOPICS)


@pytest.mark.parametrize(
    ("lost", "said", "name"),
    [
        (0, "Farmhouse", "Farmhouse"),
        (2, " Farmhouse ", "Farmhouse"),
        (3, "Farmhouse", None),
        (0, "", None),
        (1, None, None),
    ],
)
async def test_the_name_of_a_system_though_questions_get_lost(
    hass: HomeAssistant, lost: int, said: str | None, name: str | None
) -> None:
    def answer(gx: GxAtALink, asked: int, _topic: str) -> None:
        if asked > lost:
            gx.say("settings/0/Settings/SystemSetup/SystemName", said)

    with patch.object(probing, "NAME_TIMEOUT", 0.15):
        assert await probing.async_system_name(GxAtALink(hass, answer), TOPICS) == name
