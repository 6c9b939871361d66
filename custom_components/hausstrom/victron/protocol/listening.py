"""Topics in: what each message of a GX means for its services. A message costs a look-up.

See `system` for what is made of it.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, cast

from orjson import loads

from . import payload as wire
from .catalogue import FAMILIES, GX_SERVICES
from .catalogue.index import PathIndex
from .collecting import Collector
from .combined import FIX
from .identity import GX_IDENTITY_PATHS, IDENTITY_PATHS
from .naming import SERIAL_PATHS, Names
from .payload import NOTHING, Json, PayloadError, PayloadFault
from .roster import Roster
from .service import Service
from .session import Session
from .slot import IGNORED, Slot
from .topics import Publication, ServiceId, Topics
from .writing import REPEAT, same

MAX_TOPICS: Final = 20_000
"""More topics than any system has are not remembered."""
SETTLING: Final = 50
"""Services that are built in one go: more would keep the event loop."""
LOOK: Final = 10.0
"""Seconds between two looks at what may have come to rest."""

GX_SERVICE: Final = ServiceId("system", "0")
HUB4_SERVICE: Final = ServiceId("hub4", "0")
SETTINGS_SERVICE: Final = ServiceId("settings", "0")
HUB4_MODE: Final = "Settings/CGwacs/Hub4Mode"
EXTERNAL_CONTROL: Final = 3


class Listener:
    """Takes what one GX says; `system.GxSystem` shows it."""

    def __init__(
        self,
        topics: Topics,
        token: str,
        *,
        services: Iterable[str] | None = None,
        names: Names | None = None,
        interval: float = 10.0,
    ) -> None:
        """Begin with nothing known; `services` are the types wanted (None: all we know).

        `names` are the devices of former times, `interval` is the pace of power (s).
        """
        self.topics = topics
        self._heartbeat = topics.heartbeat
        self.session = Session(topics, token)
        self.heard_at = 0.0
        self.messages = 0
        self.faults: Counter[PayloadFault] = Counter()
        self.roster = Roster(names or Names())
        self._collector = Collector(interval)
        wanted = FAMILIES.keys() if services is None else {*services, *GX_SERVICES}
        self._families = {name: family for name, family in FAMILIES.items() if name in wanted}
        self._indexes: dict[str, PathIndex] = {}
        self._slots: dict[str, Slot] = {}
        self._reshape: dict[Slot, None] = {}
        self._moved: dict[str, None] = {}
        self._next_look = 0.0
        self._next_drive = 0.0
        self._driven: dict[Slot, tuple[str, Json]] = {}

    @property
    def urgent(self) -> bool:
        """Whether something changed that should not wait for the next regular collecting."""
        return self._collector.hurry or bool(self._collector.prompt)

    @property
    def unknown_codes(self) -> Counter[str]:
        """How often which code came that is in no table."""
        return self._collector.unknown_codes

    # --- the connection -------------------------------------------------------------------

    def opened(self, now: float) -> list[Publication]:
        """Take the connection as made and subscribed; returns what to publish."""
        self.heard_at = now
        self._doubt()
        return self.session.opened(now)

    def closed(self) -> None:
        """Take the connection as lost."""
        self.session.closed()

    def tick(self, now: float) -> list[Publication]:
        """Return what to publish now; build services that have been told completely."""
        self.session.heard_at = self.heard_at
        publications = self.session.tick(now)
        if publications and self.session.syncing:
            self._doubt()
        if self._driven:
            publications += self._again(now)
        if self.roster.unsettled:
            ready = [one for one in self.roster.unsettled if self.roster.ready(one, now)]
            for service in ready[:SETTLING]:
                self._settle(service)
        if now >= self._next_look and self._collector.waiting:
            self._next_look = now + LOOK
            self._collector.look = self._collector.hurry = True
        return publications

    # --- what is written again and again --------------------------------------------------

    def repeat(self, slot: Slot, topic: str, wanted: Json) -> None:
        """Write a value again and again, until it is set to another or somebody else sets it."""
        self._driven[slot] = (topic, wanted)

    def release(self, service: Service) -> None:
        """Write nothing again to a service."""
        for slot in [slot for slot in self._driven if slot.service is service]:
            del self._driven[slot]

    def may_drive(self, place: Service) -> bool:
        """Return whether a power may be set directly: of a Multi in external control only.

        In every other mode the GX itself drives it, and would undo this within a second.
        """
        if place.id.service != "vebus":
            return True
        settings = self.roster.places.get(SETTINGS_SERVICE)
        return settings is not None and settings.number(HUB4_MODE) == EXTERNAL_CONTROL

    def _again(self, now: float) -> list[Publication]:
        """Return what has to be written again, so that the GX does not take it back."""
        for slot in list(self._driven):
            service = service_of(slot)
            if not slot.alive or service is None or not self.may_drive(service):
                del self._driven[slot]
        if not self.session.live or now < self._next_drive:
            return []
        self._next_drive = now + REPEAT
        publications = []
        for slot, (topic, wanted) in list(self._driven.items()):
            if not slot.writes and not same(slot.raw, wanted) and wire.number(slot.raw) != 0:
                # Somebody else drives it now.
                del self._driven[slot]
            else:
                publications.append((topic, wire.encode(wanted)))
        return publications

    # --- messages -------------------------------------------------------------------------

    def receive(self, topic: str, payload: bytes, now: float) -> None:
        """Take one message. Anything that is no value of this GX is counted or ignored."""
        self.heard_at = now
        self.messages += 1
        try:
            slot = self._slots[topic]
        except KeyError:
            self._meet(topic, payload, now)
            return
        last = slot.payload
        if payload == last:
            return
        if not last or not payload:
            self._turn(slot, payload, now)
            return
        try:
            raw = loads(payload)["value"]
        except ValueError, KeyError, TypeError, IndexError:
            self._refuse(payload)
            return
        slot.payload = payload
        before = slot.raw
        slot.raw = raw
        slot.moved_at = now
        slot.waits[slot] = None
        if not raw or raw == 100.0 or before is None:
            if raw in NOTHING:
                slot.raw = raw = None
            if raw is None or before is None:
                self._collector.turn(slot)
            elif slot.scaled:
                self._collector.end(slot)
        if slot.hook is not None:
            slot.hook(slot, now)

    def _meet(self, topic: str, payload: bytes, now: float) -> None:
        """Take the first message of a topic, or one of the session's own."""
        if topic == self._heartbeat:
            self.session.heartbeat(now)
            return
        if topic == self.topics.full_publish_completed:
            self._completed(payload, now)
            return
        if not payload or len(self._slots) >= MAX_TOPICS:
            return
        slot = self._bind(topic, now)
        self._slots[topic] = slot
        self._turn(slot, payload, now)

    def _bind(self, topic: str, now: float) -> Slot:
        """Return the slot for a topic; an empty one for what nobody wants to know."""
        address = self.topics.parse(topic)
        if address is None or (family := self._families.get(address.service.service)) is None:
            return IGNORED
        service = self.roster.places.get(address.service)
        if service is None:
            if not self.roster.has_room(address.service):
                return IGNORED
            index = self._indexes.get(family.service)
            if index is None:
                index = self._indexes[family.service] = PathIndex.of(family)
            service = Service(address.service, family, index, self._has_ess, self.roster.has_type)
        slot = service.bind(address.path, now)
        if service_of(slot) is None:
            return slot
        if address.service not in self.roster.places:
            self.roster.add(service)
        self._collector.adopt(slot)
        slot.hook = self._hook_for(service, slot)
        return slot

    def _has_ess(self) -> bool:
        hub4 = self.roster.places.get(HUB4_SERVICE)
        system = self.roster.places.get(GX_SERVICE)
        kind = None if system is None else system.said("SystemType")
        return kind in ("ESS", "Hub-4") or (kind is None and hub4 is not None and hub4.alive > 0)

    def _hook_for(self, service: Service, slot: Slot) -> Callable[[Slot, float], None] | None:
        if slot.path in IDENTITY_PATHS or slot.path in GX_IDENTITY_PATHS:
            return self._on_identity
        if service.opens_gates(slot.path):
            return self._on_support
        if slot.path in service.flows:
            return self._on_flow
        if slot.path == FIX:
            return self._on_fix
        if service.supports(slot.path):
            return self._on_support
        if slot.bounded or (slot.point is not None and slot.point.control is not None):
            return self._on_bounds
        return None

    def _turn(self, slot: Slot, payload: bytes, now: float) -> None:
        """Take a message with which a topic appears, goes, or is heard again after a doubt."""
        service = service_of(slot)
        if service is None:
            return
        if not payload:
            self._drop(slot, now)
            return
        try:
            raw = wire.decode(payload)
        except PayloadError as error:
            self.faults[error.fault] += 1
            return
        slot.payload = payload
        known, slot.raw = slot.raw, raw
        if not slot.alive:
            slot.alive = True
            service.alive += 1
            if service.alive == 1 or not service.settled:
                service.touched_at = now
                self.roster.unsettle(service)
        elif known == raw:
            return
        slot.moved_at = now
        self._collector.turn(slot)
        if slot.hook is not None:
            slot.hook(slot, now)

    def _drop(self, slot: Slot, now: float) -> None:
        """Take a topic as gone."""
        slot.payload = b""
        service = service_of(slot)
        if not slot.alive or service is None:
            return
        slot.alive = False
        slot.moved_at = now
        if slot.point is not None:
            # A name outlives its device; a value does not.
            slot.raw = None
        service.alive -= 1
        self._collector.turn(slot)
        if service.alive == 0:
            self._moved[service.label] = None
            self.roster.unsettled.pop(service, None)

    def _refuse(self, payload: bytes) -> None:
        try:
            wire.decode(payload)
        except PayloadError as error:
            self.faults[error.fault] += 1

    def _doubt(self) -> None:
        """Forget which values are fresh: what the GX does not say again now has gone."""
        for slot in self._slots.values():
            if slot.alive:
                slot.payload = None

    def _completed(self, payload: bytes, now: float) -> None:
        if self.session.completed(payload, now):
            for slot in list(self._slots.values()):
                if slot.alive and slot.payload is None:
                    self._drop(slot, now)
        for service in list(self.roster.unsettled)[:SETTLING]:
            self._settle(service)

    # --- hooks ----------------------------------------------------------------------------

    def _on_identity(self, slot: Slot, now: float) -> None:
        service = service_of(slot)
        if service is None:
            return
        self._collector.hurry = True
        if slot.path in SERIAL_PATHS and service.settled and service.id.service not in GX_SERVICES:
            # Another device may stand where this one stood: it has to say who it is.
            service.touched_at = now
            self.roster.unsettle(service)
            self._moved[service.label] = None
        elif service.settled:
            self._moved |= dict.fromkeys(self.roster.identify(service))
        self._on_support(slot, now)

    def _on_support(self, slot: Slot, now: float) -> None:
        """Take a change of what decides on other values: gates, limits, names."""
        service = service_of(slot)
        if service is None:
            return
        followers = service.followers.get(slot.path, ())
        self._reshape |= dict.fromkeys(followers)
        if service.settled and service.opens_gates(slot.path):
            self._collector.reconsider(service.hidden())
        self._on_bounds(slot, now)

    def _on_flow(self, slot: Slot, now: float) -> None:
        """Take a power that says, by its sign, whether another value means anything."""
        raw = slot.raw
        flowing = isinstance(raw, (int, float)) and raw > 0
        if flowing is not slot.flowing:
            slot.flowing = flowing
            service = service_of(slot)
            for follower in () if service is None else service.flows[slot.path]:
                self._collector.end(follower)

    def _on_fix(self, slot: Slot, _now: float) -> None:
        """Take that a receiver lost its position, or found it: both wait for nothing."""
        self._collector.turn(slot)

    def _on_bounds(self, slot: Slot, now: float) -> None:
        """Take a change of what may be bounded otherwise now, or stand for no value."""
        if slot.limits_moved():
            self._reshape[slot] = None
        if slot.bounded and slot.turned(now, self._collector.unknown_codes):
            self._collector.end(slot)
        if self._reshape:
            self._collector.hurry = True

    def _settle(self, service: Service) -> None:
        """Take a service as told completely."""
        raise NotImplementedError


def service_of(slot: Slot) -> Service | None:
    """Return the service that a topic belongs to; None for topics that nobody wants to know."""
    return cast("Service | None", slot.service)
