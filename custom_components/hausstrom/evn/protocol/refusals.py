"""Why nothing is believed while telegrams come: one cause, found from many reasons."""

from collections import Counter, deque
from enum import StrEnum
from typing import Final

from .errors import Reason, TelegramError

AFTER: Final = 30.0
"""Seconds of nothing but refused telegrams after which somebody should know."""
_LEAST: Final = 2
_WINDOW: Final = 60.0
"""Seconds that the cause is taken from: what was wrong before that may be mended, and another thing wrong now."""
_FEW: Final = 4
"""Telegrams that it is taken from in any case, however slowly they come."""
_MOST: Final = 250


class Cause(StrEnum):
    """What is wrong, as far as somebody can do something about it."""

    DAMAGED = "damaged"
    NOT_ENCRYPTED = "not_encrypted"
    OTHER_PROTOCOL = "other_protocol"
    WRONG_KEY = "wrong_key"
    WRONG_AUTHENTICATION_KEY = "wrong_authentication_key"
    UNKNOWN_LAYOUT = "unknown_layout"
    IMPLAUSIBLE = "implausible"
    REPEATED = "repeated"
    FOREIGN_METER = "foreign_meter"


CAUSES: Final = {
    Reason.EMPTY: Cause.DAMAGED,
    Reason.OVERSIZED: Cause.DAMAGED,
    Reason.NO_FRAME: Cause.DAMAGED,
    Reason.CHECKSUM: Cause.DAMAGED,
    Reason.INCOMPLETE: Cause.DAMAGED,
    Reason.SEGMENT: Cause.DAMAGED,
    Reason.STRUCTURE: Cause.DAMAGED,
    Reason.NOT_HEX: Cause.OTHER_PROTOCOL,
    Reason.JSON: Cause.OTHER_PROTOCOL,
    Reason.OTHER_PROTOCOL: Cause.OTHER_PROTOCOL,
    Reason.AMIS: Cause.OTHER_PROTOCOL,
    Reason.NES: Cause.OTHER_PROTOCOL,
    Reason.SECURITY: Cause.OTHER_PROTOCOL,
    Reason.PLAIN_TEXT: Cause.NOT_ENCRYPTED,
    Reason.NOT_CIPHERED: Cause.NOT_ENCRYPTED,
    Reason.WRONG_KEY: Cause.WRONG_KEY,
    Reason.TAG: Cause.WRONG_AUTHENTICATION_KEY,
    Reason.LAYOUT: Cause.UNKNOWN_LAYOUT,
    Reason.NO_REGISTER: Cause.UNKNOWN_LAYOUT,
    Reason.IMPLAUSIBLE: Cause.IMPLAUSIBLE,
    Reason.REGISTER_FELL: Cause.IMPLAUSIBLE,
    Reason.UNCONFIRMED: Cause.IMPLAUSIBLE,
    Reason.REPLAY: Cause.REPEATED,
    Reason.FOREIGN_METER: Cause.FOREIGN_METER,
}
"""What each reason is a case of; a retained message is none, since it is no telegram of now."""


class Complaint:
    """What should be said while nothing is believed."""

    __slots__ = ("cause", "detail", "heard", "refused")

    def __init__(self, cause: Cause, refused: int, heard: int, detail: str) -> None:
        """`refused` telegrams for this cause, of the last `heard`: those of about a minute.

        `detail`: what the last of them was refused for.
        """
        self.cause, self.refused, self.heard, self.detail = cause, refused, heard, detail


class Refusals:
    """Collects what was refused since a telegram was believed."""

    def __init__(self) -> None:
        """Begin with nothing refused."""
        self._last: deque[tuple[float, Cause]] = deque(maxlen=_MOST)
        self._details: dict[Cause, str] = {}
        self._since: float | None = None

    def believed(self) -> None:
        """Note that a telegram was believed."""
        if self._since is not None:
            self._last.clear()
            self._details.clear()
            self._since = None

    def refused(self, error: TelegramError, now: float) -> Complaint | None:
        """Note a refused telegram at `now` (s); return what should be said of it, if anything."""
        cause = CAUSES.get(error.reason)
        if cause is None:
            return None
        last = self._last
        last.append((now, cause))
        while len(last) > _FEW and now - last[0][0] > _WINDOW:
            last.popleft()
        self._details[cause] = error.detail
        if self._since is None:
            self._since = now
        if now - self._since < AFTER or len(last) < _LEAST:
            return None
        causes = Counter(cause for _, cause in last)
        if 3 * causes[Cause.FOREIGN_METER] < 2 * len(last):
            # A second meter on the topic is no reason why the first is not believed.
            del causes[Cause.FOREIGN_METER]
        # Damage is what is said as long as nothing tells more: of two, the other one counts.
        worst = max(causes, key=lambda one: (causes[one], one is not Cause.DAMAGED))
        return Complaint(worst, causes[worst], len(last), self._details[worst])
