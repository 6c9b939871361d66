"""The conversation with a GX: keepalives, full publishes, heartbeat (dbus-flashmq, README)."""

from enum import StrEnum
from typing import Final

import orjson

from .topics import Publication, Topics

KEEPALIVE_INTERVAL: Final = 30.0
"""Seconds between keepalives; the GX goes silent 60 s after the last one."""
FULL_PUBLISH_TIMEOUT: Final = 8.0
"""Seconds for a full publish. The GX drops the answer when asked too often by anybody."""
FULL_PUBLISH_TRIES: Final = 3
SAFETY_NET_INTERVAL: Final = 900.0
"""Seconds between full publishes, in case a change was lost on the way."""
HEARTBEAT_TIMEOUT: Final = 15.0
"""Seconds without the heartbeat (sent every 3 s) until the GX counts as silent."""
SILENCE_TIMEOUT: Final = 90.0
"""Seconds without any message until a GX that knows no heartbeat counts as silent."""

SUPPRESS_REPUBLISH: Final = orjson.dumps({"keepalive-options": ["suppress-republish"]})


def full_publish(echo: str) -> bytes:
    """Return the keepalive that asks for everything; `echo` comes back when all is said."""
    return orjson.dumps({"keepalive-options": [{"full-publish-completed-echo": echo}]})


class Phase(StrEnum):
    """How far the conversation is."""

    OFFLINE = "offline"
    SYNCING = "syncing"
    LIVE = "live"
    SILENT = "silent"


class Session:
    """Decides when to send which keepalive, and whether the GX is still there.

    It owns no connection and no clock: `opened` and `closed` tell it what the connection does,
    `tick` (once a second or so) returns what to publish now. `now` is any monotonic seconds.
    """

    def __init__(self, topics: Topics, token: str) -> None:
        """Remember where to publish; `token` tells our own full publishes from others'."""
        self._topics = topics
        self._token = token
        self._requests = 0
        self.phase = Phase.OFFLINE
        self.full_publishes = 0
        self.heard_at = 0.0
        self._heartbeat_at: float | None = None
        self._opened_at = 0.0
        self._asked_at: float | None = None
        self._tries = 0
        self._next_keepalive = 0.0
        self._next_full = 0.0

    @property
    def live(self) -> bool:
        """Whether values that we hold are what the GX would say now."""
        return self.phase is Phase.LIVE

    def opened(self, now: float) -> list[Publication]:
        """Take the connection as subscribed; returns the first full keepalive."""
        self.phase = Phase.SYNCING
        self._opened_at = self.heard_at = now
        self._heartbeat_at = None
        self._tries = 0
        return [self._ask(now)]

    def closed(self) -> None:
        """Take the connection as lost."""
        self.phase = Phase.OFFLINE
        self._asked_at = None

    def heartbeat(self, now: float) -> None:
        """Take the GX's heartbeat."""
        self._heartbeat_at = self.heard_at = now

    def completed(self, payload: bytes, now: float) -> bool:
        """Take a full_publish_completed; returns whether all there is was said since we asked.

        Another client's full publish ends with another echo; it may have begun before we
        subscribed, so it does not end our waiting. A Venus OS older than 3.50 echoes nothing:
        that ends our waiting, but proves nothing.
        """
        self.heard_at = now
        if self._asked_at is None:
            return False
        try:
            message = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return False
        if not isinstance(message, dict):
            return False
        echo = message.get("full-publish-completed-echo")
        if echo is not None and echo != self._echo:
            return False
        self.full_publishes += 1
        self._settle(now)
        return echo is not None

    def tick(self, now: float) -> list[Publication]:
        """Return what to publish now, and notice silence."""
        if self.phase is Phase.OFFLINE:
            return []
        self._watch(now)
        if self._asked_at is not None:
            if now - self._asked_at < FULL_PUBLISH_TIMEOUT:
                return []
            if self._tries < FULL_PUBLISH_TRIES:
                return [self._ask(now)]
            self._settle(now, spoken=self.heard_at > self._opened_at)
            return []
        if self.phase is Phase.SILENT and now >= self._next_keepalive:
            self._tries = FULL_PUBLISH_TRIES - 1
            return [self._ask(now)]
        if now >= self._next_full:
            if self.phase is not Phase.SYNCING:
                self._tries = FULL_PUBLISH_TRIES - 1
            return [self._ask(now)]
        if now >= self._next_keepalive:
            self._next_keepalive = now + KEEPALIVE_INTERVAL
            return [(self._topics.keepalive, SUPPRESS_REPUBLISH)]
        return []

    @property
    def syncing(self) -> bool:
        """Whether a full publish is awaited."""
        return self._asked_at is not None

    @property
    def _echo(self) -> str:
        return f"{self._token}-{self._requests}"

    def _ask(self, now: float) -> Publication:
        self._requests += 1
        self._tries += 1
        self._asked_at = now
        self._next_keepalive = now + KEEPALIVE_INTERVAL
        return (self._topics.keepalive, full_publish(self._echo))

    def _settle(self, now: float, *, spoken: bool = True) -> None:
        self._asked_at = None
        self._tries = 0
        self._watch(now)
        self._next_full = now + SAFETY_NET_INTERVAL
        if self.phase is not Phase.SYNCING:
            return
        if spoken:
            self.phase = Phase.LIVE
        else:
            # A broker without its GX: what we hold is from before. It is asked once at a time.
            self._next_full = now + KEEPALIVE_INTERVAL
            self._tries = FULL_PUBLISH_TRIES - 1

    def _watch(self, now: float) -> None:
        if self._heartbeat_at is not None:
            silent = now - self._heartbeat_at > HEARTBEAT_TIMEOUT
        else:
            silent = now - max(self.heard_at, self._opened_at) > SILENCE_TIMEOUT
        if silent:
            self.phase = Phase.SILENT
        elif self.phase is Phase.SILENT:
            # Values may have changed while the GX was silent: all of them are asked for, now. What
            # was asked for while nobody listened is not waited for.
            self.phase = Phase.SYNCING
            self._opened_at = self._next_full = now
            self._asked_at = None
            self._tries = 0
