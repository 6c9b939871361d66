"""One GX and its services: topics in, readings out.

A message costs one look-up of its topic and one parse. What it means (which entity, decoding,
noise, sums) is worked out once per topic, and for a value only when someone collects: a topic
that speaks every second is decoded as often as it is shown, not as often as it speaks.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import orjson

from . import payload as wire
from .catalogue import FAMILIES, GX_SERVICES
from .catalogue.index import PathIndex
from .collecting import Collector
from .derived import Derived
from .identity import GX_IDENTITY_PATHS, IDENTITY_PATHS, Identity, identify_gx
from .naming import SERIAL_PATHS, Names
from .offer import Offer, Value
from .payload import Json, Limits, PayloadError, PayloadFault
from .roster import Roster
from .service import Service
from .session import Session
from .slot import Slot
from .topics import Publication, ServiceId, Topics
from .writing import Write, WriteRefusedError, requests

MAX_TOPICS: Final = 20_000
"""More topics than any system has are not remembered."""
SETTLING: Final = 50
"""Services that are built in one go: more would keep the event loop."""
LOOK: Final = 5.0
"""Seconds between two looks at what may have come to rest."""

GX_SERVICE: Final = ServiceId("system", "0")
PLATFORM_SERVICE: Final = ServiceId("platform", "0")
HUB4_SERVICE: Final = ServiceId("hub4", "0")


@dataclass(frozen=True, slots=True)
class News:
    """What happened since it was last asked for."""

    offers: tuple[Offer, ...]
    """Values that appeared."""
    services: tuple[str, ...]
    """Devices whose presence or identity changed."""
    reshaped: tuple[Offer, ...] = ()
    """Values that are offered otherwise now: another name, other limits, another form."""


class GxSystem:
    """Holds what one GX says.

    Feed it with `receive`, call `tick` about once a second and publish what it returns, and
    `collect` the readings when they are to be shown. `now` is any monotonic seconds.
    """

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
        self.session = Session(topics, token)
        self.heard_at = 0.0
        self.messages = 0
        self.faults: Counter[PayloadFault] = Counter()
        self.readings: dict[str, Value] = {}
        self.roster = Roster(names or Names())
        self._collector = Collector(interval)
        wanted = FAMILIES.keys() if services is None else {*services, *GX_SERVICES}
        self._families = {name: family for name, family in FAMILIES.items() if name in wanted}
        self._indexes: dict[str, PathIndex] = {}
        self._slots: dict[str, Slot] = {}
        self._by_key: dict[str, Slot | Derived] = {}
        self._offers: list[Offer] = []
        self._offered: dict[str, Offer] = {}
        self._reshape: dict[Slot, None] = {}
        self._reshaped: list[Offer] = []
        self._moved: dict[str, None] = {}
        self._next_look = 0.0

    @property
    def urgent(self) -> bool:
        """Whether something changed that should not wait for the next regular collecting."""
        return self._collector.urgent

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
        if self.session.syncing and publications:
            self._doubt()
        ready = [one for one in self.roster.unsettled if self.roster.ready(one, now)]
        for service in ready[:SETTLING]:
            self._settle(service)
        if now >= self._next_look and self._collector.waiting:
            self._next_look = now + LOOK
            self._collector.urgent = True
        return publications

    # --- messages -------------------------------------------------------------------------

    def receive(self, topic: str, payload: bytes, now: float) -> None:
        """Take one message. Anything that is no value of this GX is counted or ignored."""
        self.heard_at = now
        self.messages += 1
        slot = self._slots.get(topic)
        if slot is None:
            self._meet(topic, payload, now)
            return
        last = slot.payload
        if payload == last:
            return
        if not last or not payload:
            self._turn(slot, payload, now)
            return
        try:
            raw = orjson.loads(payload)["value"]
        except ValueError, KeyError, TypeError, IndexError:
            self._refuse(payload)
            return
        slot.payload = payload
        before = slot.raw
        slot.raw = raw
        slot.moved_at = now
        self._collector.dirty[slot] = None
        if raw is None or before is None:
            self._collector.turn(slot)
        elif not raw or raw == 100:
            self._collector.end(slot)
        if slot.hook is not None:
            slot.hook(slot, now)

    def _meet(self, topic: str, payload: bytes, now: float) -> None:
        """Take the first message of a topic, or one of the session's own."""
        if topic == self.topics.heartbeat:
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
            return Slot.ignored()
        service = self.roster.places.get(address.service)
        if service is None:
            if not self.roster.has_room(address.service):
                return Slot.ignored()
            index = self._indexes.get(family.service)
            if index is None:
                index = self._indexes[family.service] = PathIndex.of(family)
            service = Service(address.service, family, index, self._has_ess)
        slot = service.bind(address.path, now)
        if slot.service is None:
            return slot
        if address.service not in self.roster.places:
            self.roster.add(service)
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
        if service.supports(slot.path):
            return self._on_support
        if slot.point is None or slot.point.control is not None or slot.prompt or slot.bounded:
            return self._on_prompt
        return None

    def _turn(self, slot: Slot, payload: bytes, now: float) -> None:
        """Take a message with which a topic appears, goes, or is heard again after a doubt."""
        service = slot.service
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
        service = slot.service
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
        service = slot.service
        if service is None:
            return
        self._collector.urgent = True
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
        service = slot.service
        if service is None:
            return
        followers = service.followers.get(slot.path, ())
        self._reshape |= dict.fromkeys(followers)
        if service.settled and service.opens_gates(slot.path):
            self._collector.dirty |= dict.fromkeys(service.hidden())
        self._on_prompt(slot, now)

    def _on_flow(self, slot: Slot, now: float) -> None:
        """Take a power that says, by its sign, whether another value means anything."""
        service = slot.service
        if service is not None and service.flow_turned(slot.path):
            for follower in service.flows[slot.path]:
                self._collector.end(follower)

    def _on_prompt(self, slot: Slot, now: float) -> None:
        if slot.point is not None and slot.point.control is not None:
            self._reshape[slot] = None
        if slot.bounded:
            self._collector.end(slot)
        for hook in list(slot.writes):
            hook(slot, now)
        self._collector.urgent = True

    # --- building and collecting ----------------------------------------------------------

    def _settle(self, service: Service) -> None:
        """Offer the values of a service that has said who it is."""
        former = service.label
        if self.roster.settle(service):
            self._moved[former] = None
            for slot in service.slots.values():
                self.readings.pop(slot.key, None)
        for slot in service.slots.values():
            if slot.point is not None:
                self._by_key[slot.key] = slot
        self._moved |= dict.fromkeys(self.roster.identify(service))
        self._moved[service.label] = None
        self._collector.dirty |= dict.fromkeys(service.slots.values())
        self._collector.stale |= dict.fromkeys(service.derived)
        self._collector.urgent = True

    def collect(self, now: float, *, quick: bool = True, calm: bool = True) -> dict[str, Value]:
        """Return the readings that changed, by key, since they were last collected.

        States always come, and what came, went, reached an end of its scale or came to rest;
        power only with `quick`, everything else only with `calm`.
        """
        changes: dict[str, Value] = {}
        for slot in self._collector.slots(now, quick=quick, calm=calm):
            if slot.revealed or self._reveal(slot):
                changes[slot.key] = slot.value
        for derived in self._collector.derived(now, quick=quick, calm=calm):
            if derived.revealed or self._reveal_derived(derived):
                changes[derived.key] = derived.value
                if derived.shaped:
                    self._offer_again(derived.offer())
        reshape, self._reshape = self._reshape, {}
        for slot in reshape:
            if slot.revealed and slot.service is not None and (new := slot.service.offer(slot)):
                self._offer_again(new)
        self.readings.update(changes)
        return changes

    def _offer_again(self, offer: Offer) -> None:
        if self._offered.get(offer.key) != offer:
            self._offered[offer.key] = offer
            self._reshaped.append(offer)

    def _reveal(self, slot: Slot) -> bool:
        service = slot.service
        if service is None or not service.settled or not slot.showable:
            return False
        offer = service.offer(slot)
        if offer is None:
            return False
        slot.revealed = True
        self._by_key[slot.key] = slot
        self._offer(offer)
        if slot.point is not None and slot.point.phased:
            # That there is this phase says that the others' zeros are values.
            hidden = [one for one in service.siblings(slot) if not one.revealed]
            self._collector.dirty |= dict.fromkeys(hidden)
            self._collector.urgent |= bool(hidden)
        return True

    def _reveal_derived(self, derived: Derived) -> bool:
        service = derived.service
        if not service.settled or derived.value is None or derived.needless():
            return False
        derived.revealed = True
        self._by_key[derived.key] = derived
        self._offer(derived.offer())
        return True

    def _offer(self, offer: Offer) -> None:
        self._offered[offer.key] = offer
        self._offers.append(offer)

    def news(self) -> News:
        """Return what appeared and what moved since the last call."""
        news = News(tuple(self._offers), tuple(self._moved), tuple(self._reshaped))
        self._offers.clear()
        self._moved.clear()
        self._reshaped.clear()
        return news

    def forget(self, label: str) -> None:
        """Forget a device that has gone: should it come back, it is offered anew."""
        known = self.roster.forget(label)
        if known is None:
            return
        for topic in [topic for topic, slot in self._slots.items() if slot.service is known]:
            del self._slots[topic]
        for key in [key for key, one in self._by_key.items() if one.service is known]:
            del self._by_key[key]
            self._offered.pop(key, None)
        self._collector.forget(known.slots.values(), known.derived)

    # --- what others want to know ---------------------------------------------------------

    def present(self, label: str) -> bool:
        """Whether a device is there and says that it is connected."""
        known = self.roster.of(label)
        return known is not None and known.present

    def available(self, label: str) -> bool:
        """Whether the values of a device are what it measures now."""
        return self.session.live and self.present(label)

    def identity(self, label: str) -> Identity:
        """Return who a device says it is."""
        return self.roster.identity(label)

    def gx_identity(self) -> Identity:
        """Return who the GX says it is."""
        system = self.roster.places.get(GX_SERVICE)
        platform = self.roster.places.get(PLATFORM_SERVICE)
        return identify_gx(
            {} if system is None else system.values(),
            {} if platform is None else platform.values(),
        )

    def limits(self, key: str) -> Limits | None:
        """Return between what a number may be set; None for what cannot be set."""
        slot = self._by_key.get(key)
        if slot is None:
            return None
        if isinstance(slot, Derived):
            return slot.limits()
        return None if slot.service is None else slot.service.limits(slot)

    def code(self, key: str) -> float | None:
        """Return the number on the wire of a value that is shown as a word; None for others."""
        slot = self._by_key.get(key)
        if not isinstance(slot, Slot) or slot.point is None or slot.point.codes is None:
            return None
        return wire.number(slot.raw)

    def raw_values(self) -> dict[str, Json]:
        """Return everything known, by topic without portal id: for diagnostics."""
        return {
            f"{slot.service.id.service}/{slot.service.id.instance}/{slot.path}": slot.raw
            for slot in self._slots.values()
            if slot.service is not None and slot.alive
        }

    # --- writing --------------------------------------------------------------------------

    def write(self, key: str, value: float | str | bool, done: Callable[[], None]) -> Write:
        """Begin to set a value: publish what the returned Write holds.

        `done` is called when the GX has confirmed it all by publishing a changed value. A value
        that is so already is confirmed at once, with nothing to publish. Raises WriteRefusedError.
        """
        target = self._by_key.get(key)
        service = None if target is None else target.service
        if target is None or service is None or not self.available(service.label):
            raise WriteRefusedError(key)
        place = self.roster.places[service.id]
        write = Write(done)
        for path, wanted in requests(target, value):
            slot = place.slots.get(path)
            if slot is None or not slot.alive:
                raise WriteRefusedError(key)
            write.add(slot, self.topics.write(service.id, path), wanted)
        write.begin()
        return write
