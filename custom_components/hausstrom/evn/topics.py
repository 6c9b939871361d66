"""Which topics of a subscription with wildcards are other programs'.

`SHRDZM/<id>/#` brings the telegrams, and whatever else the module publishes.
"""

from collections import Counter
from typing import Final

from .protocol.errors import Reason
from .protocol.reader import Heard

NO_TELEGRAM: Final = frozenset(
    {Reason.EMPTY, Reason.NOT_HEX, Reason.JSON, Reason.NO_FRAME, Reason.OVERSIZED}
)
_OTHER: Final = 3
"""Messages in a row without anything of a telegram."""
_MOST: Final = 200


def is_of_several(subscription: str) -> bool:
    """Whether a subscription has wildcards."""
    return "#" in subscription or "+" in subscription


class MeterTopics:
    """Learns on which of several topics telegrams come."""

    def __init__(self, subscription: str) -> None:
        """Learn nothing where there is only one."""
        self._several = is_of_several(subscription)
        self._carried: set[str] = set()
        self._nothing: Counter[str] = Counter()

    def is_others(self, topic: str) -> bool:
        """Whether messages on a topic have nothing to do with the meter, as far as is known."""
        return self._several and self._nothing[topic] >= _OTHER

    def may_be_of_others(self, reason: Reason) -> bool:
        """Whether what was refused for this reason says nothing of the meter's rhythm."""
        return self._several and reason in NO_TELEGRAM

    def note(self, topic: str, heard: Heard, *, waiting: bool) -> None:
        """Learn from what a message brought; `waiting`: whether a telegram has begun."""
        if not self._several or topic in self._carried:
            return
        if heard.readings:
            self._carried.add(topic)
            del self._nothing[topic]
            return
        reasons = {rejection.reason for rejection in heard.rejections}
        if reasons <= NO_TELEGRAM and (reasons or not waiting):
            if len(self._nothing) >= _MOST and topic not in self._nothing:
                self._nothing.clear()
            self._nothing[topic] += 1
