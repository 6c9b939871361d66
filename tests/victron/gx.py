"""A GX in a test's hands: messages go in by hand, time passes when told."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from custom_components.hausstrom.common.value import Value
from custom_components.hausstrom.victron.protocol.offer import Offer
from custom_components.hausstrom.victron.protocol.system import GxSystem
from custom_components.hausstrom.victron.protocol.topics import Topics

PORTAL = "c0619ab1f00d"
BATTERY = "battery_512"


def samples() -> Path:
    """Return the folder of the Victron samples; skip where it is not."""
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared" / "samples" / "victron"
        if folder.is_dir():
            return folder
    pytest.skip("no samples beside the project")


class Gx:
    """A GxSystem with a clock."""

    def __init__(self, **options: Any) -> None:
        """Connect at once."""
        self.now = 1000.0
        self.topics = Topics(options.pop("portal", PORTAL), options.pop("prefix", ""))
        self.system = GxSystem(self.topics, "test", **options)
        self.sent = self.system.opened(self.now)
        self.offers: dict[str, Offer] = {}
        self.changes: list[dict[str, Value]] = []

    def say(self, path: str, value: object, **limits: float) -> None:
        """Have the GX publish a value: `battery/512/Soc`."""
        self.raw(f"N/{self.topics.portal_id}/{path}", orjson.dumps({**limits, "value": value}))

    def raw(self, topic: str, payload: bytes) -> None:
        """Have any message arrive."""
        self.system.receive(self.topics.base + topic, payload, self.now)

    def go(self, path: str) -> None:
        """Have a topic go."""
        self.raw(f"N/{self.topics.portal_id}/{path}", b"")

    def echo(self) -> None:
        """Have the GX end the full publish we asked for."""
        request = orjson.loads(self.sent[-1][1])["keepalive-options"][0]
        self.raw(
            f"N/{self.topics.portal_id}/full_publish_completed",
            orjson.dumps({**request, "value": 1_795_000_000}),
        )

    def beat(self) -> None:
        """Have the heart beat."""
        self.raw(f"N/{self.topics.portal_id}/heartbeat", b'{"value":1795000000}')

    def wait(self, seconds: float, *, beating: bool = True) -> None:
        """Let time pass, a second at a time."""
        for _ in range(round(seconds)):
            self.now += 1
            if beating:
                self.beat()
            self.sent += self.system.tick(self.now)

    def collect(self, **due: bool) -> dict[str, Value]:
        """Return what changed; keep what was offered."""
        changes = self.system.collect(self.now, **due)
        self.offers |= {offer.key: offer for offer in self.system.news().offers}
        return changes

    def tell(self, service: str, values: Mapping[str, object]) -> dict[str, Value]:
        """Have a service say all its values, completely, and collect."""
        for path, value in values.items():
            self.say(f"{service}/{path}", value)
        self.wait(3)
        return self.collect()
