"""What a GX complains of, as its own list of notifications has it (gui-v2, Notification.qml)."""

from datetime import UTC, datetime
from typing import Final, override

import orjson

from ...common import quantities as q
from ...common.value import Value
from .catalogue.model import EntityForm
from .derived import Derived, DerivedSource

MAX_NOTIFICATIONS: Final = 20
"""Places in the list of a GX; the oldest one makes room for the next."""
NOTIFICATION_TYPES: Final = ("warning", "alarm", "information")
"""What `Type` means, from 0."""

_FOLDER: Final = "Notifications"
_COUNT: Final = f"{_FOLDER}/NumberOfNotifications"
_PARTS: Final = ("DateTime", "Description", "DeviceName", "Type", "Value")


class NewestNotification(Derived):
    """The newest notification, as JSON: see `HausstromEventDescription`."""

    name = "notification"
    form = EntityForm.EVENT
    quantity = q.TEXT

    def __init__(self, service: DerivedSource) -> None:
        """Watch the whole list."""
        paths = {
            f"{_FOLDER}/{place}/{part}" for place in range(MAX_NOTIFICATIONS) for part in _PARTS
        }
        super().__init__(service, _FOLDER, frozenset({_COUNT, *paths}))

    @override
    def compute(self) -> Value:
        newest, at = -1, 0.0
        for place in range(MAX_NOTIFICATIONS):
            when = self.service.number(f"{_FOLDER}/{place}/DateTime")
            if when is not None and at < when < 1e11:
                newest, at = place, when
        if newest < 0:
            return None if self.service.number(_COUNT) is None else ""
        folder = f"{_FOLDER}/{newest}"
        kind = self.service.number(f"{folder}/Type")
        if kind is None or kind not in range(len(NOTIFICATION_TYPES)):
            return self.value if isinstance(self.value, str) else ""
        said = {
            "type": NOTIFICATION_TYPES[int(kind)],
            "time": datetime.fromtimestamp(int(at), UTC).isoformat(),
            "description": self.service.said(f"{folder}/Description"),
            "device": self.service.said(f"{folder}/DeviceName"),
            "value": self.service.said(f"{folder}/Value"),
        }
        return orjson.dumps({name: one for name, one in said.items() if one}).decode()
