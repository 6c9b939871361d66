"""Why a telegram was refused: one exception with a reason that can be counted."""

from enum import StrEnum


class Reason(StrEnum):
    """What was wrong, in words stable enough to be counted, stored and translated."""

    EMPTY = "empty"
    OVERSIZED = "oversized"
    NOT_HEX = "not_hex"
    JSON = "json"
    OTHER_PROTOCOL = "other_protocol"
    AMIS = "amis"
    NES = "nes"
    PLAIN_TEXT = "plain_text"
    NO_FRAME = "no_frame"
    CHECKSUM = "checksum"
    INCOMPLETE = "incomplete"
    SEGMENT = "segment"
    NOT_CIPHERED = "not_ciphered"
    SECURITY = "security"
    TAG = "tag"
    WRONG_KEY = "wrong_key"
    STRUCTURE = "structure"
    LAYOUT = "layout"
    NO_REGISTER = "no_register"
    IMPLAUSIBLE = "implausible"
    REGISTER_FELL = "register_fell"
    UNCONFIRMED = "unconfirmed"
    REPLAY = "replay"
    RETAINED = "retained"
    FOREIGN_METER = "foreign_meter"


LINE_NOISE = frozenset(
    {
        Reason.NO_FRAME,
        Reason.CHECKSUM,
        Reason.INCOMPLETE,
        Reason.SEGMENT,
        Reason.STRUCTURE,
        Reason.IMPLAUSIBLE,
    }
)
"""Reasons that say that bytes were lost or changed on the way."""

HELD_BACK = frozenset({Reason.UNCONFIRMED, Reason.REGISTER_FELL, Reason.REPLAY})
"""Reasons to wait for another telegram with what is whole and may be right."""


class TelegramError(Exception):
    """A telegram, or a part of one, that is not used.

    `detail` is for people who look into a log: it names what was expected, and never
    holds a key, a value or the telegram's bytes.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep the countable reason and the sentence for people."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
