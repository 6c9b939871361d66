"""Topics of a GX: `N/<portal>/<service>/<instance>/<path>` and how to ask and write."""

import re
from typing import Final, NamedTuple, override

from ...common.slug import slug

PORTAL_ID: Final = re.compile(r"[0-9a-f]{12}")
"""A portal id is the GX's MAC address in lower-case hex (D-Bus `/Serial` of `system`)."""

LONGEST_PART: Final = 64
"""Characters of a service or an instance; the longest known are a third of it."""
LONGEST_PATH: Final = 160

type Publication = tuple[str, bytes]
"""A topic and the payload to send to it. Never retained."""


class ServiceId(NamedTuple):
    """One service of the system: its type and its instance (which may be text)."""

    service: str
    instance: str

    @override
    def __str__(self) -> str:
        """Return the form that stands in keys and identifiers: `battery_512`."""
        return f"{self.service}_{slug(self.instance)}"


class ValueTopic:
    """The address of one value."""

    __slots__ = ("path", "service")

    def __init__(self, service: ServiceId, path: str) -> None:
        """Name a path of a service."""
        self.service = service
        self.path = path

    @property
    def key(self) -> str:
        """The key of this value in the readings: `vebus_276_ac_activein_l1_p`."""
        return f"{self.service}_{slug(self.path)}"


class Topics:
    """The topics of one GX, with the prefix that a bridge may have put before them."""

    __slots__ = ("base", "portal_id", "prefix")

    def __init__(self, portal_id: str, prefix: str = "") -> None:
        """Take the prefix as the user wrote it, with or without slashes around it."""
        self.portal_id = portal_id
        self.prefix = prefix
        self.base = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        """What stands before `N/`, `R/` and `W/`: nothing, or the prefix and a slash."""

    @property
    def everything(self) -> str:
        """The filter that catches all this GX says."""
        return f"{self.base}N/{self.portal_id}/#"

    @property
    def heartbeat(self) -> str:
        """Where the GX says every 3 s that it publishes."""
        return f"{self.base}N/{self.portal_id}/heartbeat"

    @property
    def full_publish_completed(self) -> str:
        """Where the GX says that it has published everything once."""
        return f"{self.base}N/{self.portal_id}/full_publish_completed"

    @property
    def keepalive(self) -> str:
        """Where the GX is asked to publish for another minute."""
        return f"{self.base}R/{self.portal_id}/keepalive"

    def value(self, service: ServiceId, path: str) -> str:
        """Return the topic on which the GX publishes a value."""
        return f"{self.base}N/{self.portal_id}/{service.service}/{service.instance}/{path}"

    def read(self, service: ServiceId, path: str) -> str:
        """Return the topic that asks the GX to publish a value once."""
        return f"{self.base}R/{self.portal_id}/{service.service}/{service.instance}/{path}"

    def write(self, service: ServiceId, path: str) -> str:
        """Return the topic that asks the GX to change a value."""
        return f"{self.base}W/{self.portal_id}/{service.service}/{service.instance}/{path}"

    def parse(self, topic: str) -> ValueTopic | None:
        """Return the address a value topic stands for; None for anything else."""
        start = f"{self.base}N/{self.portal_id}/"
        if not topic.startswith(start):
            return None
        parts = topic[len(start) :].split("/", 2)
        if len(parts) != 3 or not all(parts):
            return None
        service, instance, path = parts
        if len(service) > LONGEST_PART or len(instance) > LONGEST_PART or len(path) > LONGEST_PATH:
            return None  # no GX says so; names and unique ids are made of it
        return ValueTopic(ServiceId(service, instance), path)


def serial_filter(prefix: str = "") -> str:
    """Return the filter that finds every GX on a broker: `system/0/Serial` is retained."""
    return f"{Topics('+', prefix).base}N/+/system/0/Serial"


def portal_id_of(topic: str, prefix: str = "") -> str | None:
    """Return the portal id that a topic caught by `serial_filter` (or any N topic) names."""
    start = f"{Topics('+', prefix).base}N/"
    if not topic.startswith(start):
        return None
    portal = topic[len(start) :].split("/", 1)[0]
    return portal if PORTAL_ID.fullmatch(portal) else None
