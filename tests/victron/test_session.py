"""Keepalives, full publishes, heartbeat."""

import orjson
import pytest

from custom_components.hausstrom.victron.protocol.session import (
    FULL_PUBLISH_TIMEOUT,
    FULL_PUBLISH_TRIES,
    HEARTBEAT_TIMEOUT,
    KEEPALIVE_INTERVAL,
    SAFETY_NET_INTERVAL,
    SILENCE_TIMEOUT,
    SUPPRESS_REPUBLISH,
    Phase,
    Session,
)
from custom_components.hausstrom.victron.protocol.topics import Publication, Topics

TOPICS = Topics("c0619ab1f00d")


class Talk:
    """A session with a clock, beside a GX that is well."""

    def __init__(self) -> None:
        self.now = 50.0
        self.session = Session(TOPICS, "me")
        self.sent: list[tuple[float, Publication]] = []
        self.beating = True
        self._send(self.session.opened(self.now))

    def _send(self, publications: list[Publication]) -> None:
        for topic, payload in publications:
            assert topic == TOPICS.keepalive
            self.sent.append((self.now, (topic, payload)))

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.now += 1
            if self.beating:
                self.session.heartbeat(self.now)
            self._send(self.session.tick(self.now))

    def completed(self, echo: str | None = "mine") -> bool:
        message: dict[str, object] = {"value": 1}
        if echo == "mine":
            message |= orjson.loads(self.sent[-1][1][1])["keepalive-options"][0]
        elif echo is not None:
            message["full-publish-completed-echo"] = echo
        return self.session.completed(orjson.dumps(message), self.now)


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_a_connection_begins_with_a_full_publish_that_names_us(talk: Talk) -> None:
    (request,) = (payload for _, (_, payload) in talk.sent)
    assert orjson.loads(request) == {"keepalive-options": [{"full-publish-completed-echo": "me-1"}]}
    assert talk.session.phase is Phase.SYNCING
    assert talk.session.syncing


def test_our_echo_makes_it_live(talk: Talk) -> None:
    assert talk.completed()
    assert talk.session.live
    assert not talk.session.syncing
    assert talk.session.full_publishes == 1


def test_the_full_publish_of_another_client_is_not_ours(talk: Talk) -> None:
    assert not talk.completed("somebody-1")
    assert talk.session.phase is Phase.SYNCING


def test_an_old_venus_os_echoes_nothing_and_proves_nothing_gone(talk: Talk) -> None:
    assert not talk.completed(None)
    assert talk.session.live


@pytest.mark.parametrize("payload", [b"", b"nonsense", b"7"])
def test_a_broken_completed_does_no_harm(talk: Talk, payload: bytes) -> None:
    assert not talk.session.completed(payload, talk.now)


def test_a_completed_that_nobody_asked_for_is_ignored(talk: Talk) -> None:
    talk.completed()
    assert not talk.completed(None)
    assert talk.session.full_publishes == 1


def test_keepalives_do_not_ask_for_everything_again(talk: Talk) -> None:
    talk.completed()
    talk.wait(300)
    later = talk.sent[1:]
    assert {payload for _, (_, payload) in later} == {SUPPRESS_REPUBLISH}
    assert [at - 50 for at, _ in later] == [KEEPALIVE_INTERVAL * n for n in range(1, 11)]


def test_everything_is_asked_for_again_now_and_then(talk: Talk) -> None:
    talk.completed()
    talk.wait(SAFETY_NET_INTERVAL)
    assert b"me-2" in talk.sent[-1][1][1]
    assert talk.session.live
    assert talk.completed()


def test_a_full_publish_that_does_not_end_is_asked_for_again_but_not_forever(talk: Talk) -> None:
    talk.wait(FULL_PUBLISH_TIMEOUT * FULL_PUBLISH_TRIES + 1)
    assert len(talk.sent) == FULL_PUBLISH_TRIES
    assert talk.session.live
    assert not talk.session.syncing


def test_a_heart_that_stops_makes_it_silent_and_the_next_beat_syncs_anew(talk: Talk) -> None:
    talk.completed()
    talk.wait(10)
    talk.beating = False
    talk.wait(HEARTBEAT_TIMEOUT)
    assert talk.session.live
    talk.wait(1)
    assert talk.session.phase is Phase.SILENT
    talk.beating = True
    talk.wait(1)
    assert not talk.session.live
    assert b"full-publish-completed-echo" in talk.sent[-1][1][1]
    talk.completed()
    assert talk.session.live


def test_a_silent_gx_is_asked_on(talk: Talk) -> None:
    talk.completed()
    talk.wait(1)
    talk.beating = False
    talk.wait(200)
    asked = [at for at, (_, payload) in talk.sent[1:] if b"echo" in payload]
    assert 5 <= len(asked) <= 8
    assert talk.session.phase is Phase.SILENT


@pytest.mark.parametrize("pause", range(20, 60, 3))
def test_a_gx_that_is_back_is_asked_at_once_whatever_it_was_asked_before(
    talk: Talk, pause: int
) -> None:
    talk.completed()
    talk.wait(3)
    talk.beating = False
    talk.wait(pause)
    assert talk.session.phase is Phase.SILENT
    before = len(talk.sent)
    talk.beating = True
    talk.wait(2)
    assert len(talk.sent) == before + 1
    assert not talk.session.live
    talk.completed()
    talk.wait(5)
    assert talk.session.live
    assert len(talk.sent) == before + 1


def test_a_gx_without_heartbeat_is_silent_when_it_says_nothing_at_all() -> None:
    talk = Talk()
    talk.beating = False
    talk.completed()
    talk.wait(SILENCE_TIMEOUT)
    assert talk.session.live
    talk.wait(1)
    assert talk.session.phase is Phase.SILENT


def test_a_lost_connection_is_offline_and_says_nothing(talk: Talk) -> None:
    talk.completed()
    talk.session.closed()
    count = len(talk.sent)
    talk.wait(100)
    assert talk.session.phase is Phase.OFFLINE
    assert len(talk.sent) == count


def test_a_connection_that_is_back_syncs_anew(talk: Talk) -> None:
    talk.completed()
    talk.session.closed()
    assert len(talk.session.opened(talk.now)) == 1
    assert talk.session.phase is Phase.SYNCING


def test_a_gx_that_says_nothing_is_not_live() -> None:
    session = Session(TOPICS, "me")
    asked = len(session.opened(1000.0))
    for now in range(1001, 1085):
        asked += len(session.tick(float(now)))
        assert not session.live
    assert asked <= 6
    session.heartbeat(1085.0)
    for now in range(1085, 1130):
        session.heartbeat(float(now))
        session.tick(float(now))
    assert session.live
