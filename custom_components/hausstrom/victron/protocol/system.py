"""One GX and its services: topics in, readings out.

A message costs one look-up of its topic and one parse. What it means (which entity, decoding,
noise, sums) is worked out once per topic, and for a value only when someone collects: a topic
that speaks every second is decoded as often as it is shown, not as often as it speaks.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

import orjson

from ...common.throttle import Pace
from . import payload as wire
from .catalogue import FAMILIES, GX_SERVICES
from .catalogue.index import PathIndex
from .derived import Derived
from .identity import GX_IDENTITY_PATHS, IDENTITY_PATHS, Identity, identify, identify_gx
from .offer import Offer, Value
from .payload import Json, Limits, PayloadError, PayloadFault
from .service import Service, Slot
from .session import Session
from .topics import Publication, ServiceId, Topics
from .writing import Write, WriteRefusedError, requests

QUIET_TIME: Final = 2.0
"""Seconds without a new topic after which a service is taken as told completely."""
MAX_TOPICS: Final = 20_000
"""More topics than any system has are not remembered."""

GX_SERVICE: Final = ServiceId("system", "0")
PLATFORM_SERVICE: Final = ServiceId("platform", "0")


@dataclass(frozen=True, slots=True)
class News:
    """What happened since it was last asked for."""

    offers: tuple[Offer, ...]
    """Values that appeared."""
    services: tuple[ServiceId, ...]
    """Services whose presence or identity changed."""


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
    ) -> None:
        """Begin with nothing known; `services` are the types wanted (None: all we know)."""
        self.topics = topics
        self.session = Session(topics, token)
        self.heard_at = 0.0
        self.messages = 0
        self.faults: Counter[PayloadFault] = Counter()
        self.unknown_codes: Counter[str] = Counter()
        self.services: dict[ServiceId, Service] = {}
        self.readings: dict[str, Value] = {}
        self.urgent = False
        """Whether something changed that should not wait for the next regular collecting."""
        wanted = FAMILIES.keys() if services is None else {*services, *GX_SERVICES}
        self._families = {name: family for name, family in FAMILIES.items() if name in wanted}
        self._indexes: dict[str, PathIndex] = {}
        self._slots: dict[str, Slot] = {}
        self._by_key: dict[str, Slot | Derived] = {}
        self._dirty: dict[Slot, None] = {}
        self._stale: dict[Derived, None] = {}
        self._waiting: dict[Slot, None] = {}
        self._unbuilt: dict[Service, None] = {}
        self._offers: list[Offer] = []
        self._moved: dict[ServiceId, None] = {}

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
        for service in list(self._unbuilt):
            if now - service.touched_at >= QUIET_TIME:
                self._build(service)
        self._dirty |= self._waiting
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
            slot.raw = orjson.loads(payload)["value"]
        except ValueError, KeyError, TypeError, IndexError:
            self._refuse(payload)
            return
        slot.payload = payload
        self._dirty[slot] = None
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
        slot = self._bind(topic)
        self._slots[topic] = slot
        self._turn(slot, payload, now)

    def _bind(self, topic: str) -> Slot:
        """Return the slot for a topic; an empty one for what nobody wants to know."""
        address = self.topics.parse(topic)
        if address is None or (family := self._families.get(address.service.service)) is None:
            return Slot.ignored()
        service = self.services.get(address.service)
        if service is None:
            index = self._indexes.get(family.service)
            if index is None:
                index = self._indexes[family.service] = PathIndex.of(family)
            service = Service(address.service, family, index)
        slot = service.bind(address.path, topic, taken=self._by_key)
        if slot.service is None:
            return slot
        self.services[address.service] = service
        slot.hook = self._hook_for(slot)
        if slot.point is not None:
            self._by_key[slot.key] = slot
        return slot

    def _hook_for(self, slot: Slot) -> Callable[[Slot, float], None] | None:
        if slot.path in IDENTITY_PATHS or slot.path in GX_IDENTITY_PATHS:
            return self._on_identity
        if slot.opens_gates:
            return self._on_gate
        if slot.prompt:
            return self._on_prompt
        return None

    def _turn(self, slot: Slot, payload: bytes, now: float) -> None:
        """Take a message with which a topic appears, goes, or is heard again after a doubt."""
        service = slot.service
        if service is None:
            return
        if not payload:
            self._drop(slot)
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
            service.touched_at = now
            if service.alive == 1:
                self._moved[service.id] = None
            if not service.built:
                self._unbuilt[service] = None
        elif known == raw:
            return
        self._dirty[slot] = None
        if slot.hook is not None:
            slot.hook(slot, now)

    def _drop(self, slot: Slot) -> None:
        """Take a topic as gone."""
        slot.payload = b""
        service = slot.service
        if not slot.alive or service is None:
            return
        slot.alive = False
        if slot.point is not None:
            # A name outlives its device; a value does not.
            slot.raw = None
        service.alive -= 1
        self._dirty[slot] = None
        self.urgent = True
        if service.alive == 0:
            self._moved[service.id] = None

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
                    self._drop(slot)
        for service in list(self._unbuilt):
            self._build(service)

    # --- hooks ----------------------------------------------------------------------------

    def _on_identity(self, slot: Slot, now: float) -> None:
        del now
        if slot.service is not None:
            self._moved[slot.service.id] = None
            self.urgent = True

    def _on_gate(self, slot: Slot, now: float) -> None:
        del now
        if slot.service is not None and slot.service.built:
            self._dirty |= dict.fromkeys(slot.service.hidden())

    def _on_prompt(self, slot: Slot, now: float) -> None:
        del slot, now
        self.urgent = True

    # --- building and collecting ----------------------------------------------------------

    def _build(self, service: Service) -> None:
        """Offer the values of a service that has said who it is."""
        self._unbuilt.pop(service, None)
        service.built = True
        self._moved[service.id] = None
        self._dirty |= dict.fromkeys(service.hidden())
        self._stale |= dict.fromkeys(service.derived)
        self.urgent = True

    def collect(self, now: float, *, quick: bool = True, calm: bool = True) -> dict[str, Value]:
        """Return the readings that changed, by key, since they were last collected.

        States always come; power only with `quick`, everything else only with `calm`. What
        appears or goes always comes too.
        """
        changes: dict[str, Value] = {}
        dirty, self._dirty = self._dirty, {}
        self.urgent = False
        for slot in dirty:
            if slot.revealed and slot.alive and not _due(slot.pace, quick=quick, calm=calm):
                self._dirty[slot] = None
                continue
            self._stale |= dict.fromkeys(slot.feeds)
            if slot.point is None:
                continue
            changed = slot.decode(now, self.unknown_codes)
            if slot.guard is not None:
                self._waiting.pop(slot, None)
                if slot.guard.waiting:
                    self._waiting[slot] = None
            if not slot.revealed:
                if not self._reveal(slot):
                    continue
            elif not changed:
                continue
            changes[slot.key] = slot.value
        stale, self._stale = self._stale, {}
        for derived in stale:
            if not _due(derived.quantity.pace, quick=quick, calm=calm):
                self._stale[derived] = None
            elif (derived.update() or not derived.revealed) and self._reveal_derived(derived):
                changes[derived.key] = derived.value
        self.readings.update(changes)
        return changes

    def _reveal(self, slot: Slot) -> bool:
        service = slot.service
        if service is None or not service.built or not slot.showable:
            return False
        offer = service.offer(slot)
        if offer is None:
            return False
        slot.revealed = True
        self._offers.append(offer)
        return True

    def _reveal_derived(self, derived: Derived) -> bool:
        if derived.revealed:
            return True
        if not derived.service.built or derived.value is None or derived.needless():
            return False
        derived.revealed = True
        self._by_key[derived.key] = derived
        self._offers.append(derived.offer())
        return True

    def news(self) -> News:
        """Return what appeared and what moved since the last call."""
        news = News(tuple(self._offers), tuple(self._moved))
        self._offers.clear()
        self._moved.clear()
        return news

    def forget(self, service: ServiceId) -> None:
        """Forget a service that has gone: should it come back, it is offered anew."""
        known = self.services.pop(service, None)
        if known is None:
            return
        for topic in [topic for topic, slot in self._slots.items() if slot.service is known]:
            del self._slots[topic]
        for key in [key for key, one in self._by_key.items() if one.service is known]:
            del self._by_key[key]
        for slot in known.slots.values():
            self._dirty.pop(slot, None)
            self._waiting.pop(slot, None)
        self._unbuilt.pop(known, None)

    # --- what others want to know ---------------------------------------------------------

    def present(self, service: ServiceId) -> bool:
        """Whether a service is there and says that its device is connected."""
        known = self.services.get(service)
        return known is not None and known.present

    def available(self, service: ServiceId) -> bool:
        """Whether the values of a service are what its device measures now."""
        return self.session.live and self.present(service)

    def identity(self, service: ServiceId) -> Identity:
        """Return who a service says it is.

        Of several of a type that have the same name (four tanks of one sensor box), each has
        its instance in it.
        """
        known = self.services.get(service)
        identity = identify({} if known is None else known.values())
        if identity.name is None or not any(
            other.id != service
            and other.id.service == service.service
            and identify(other.values()).name == identity.name
            for other in self.services.values()
        ):
            return identity
        return replace(identity, name=f"{identity.name} {service.instance}")

    def gx_identity(self) -> Identity:
        """Return who the GX says it is."""
        system = self.services.get(GX_SERVICE)
        platform = self.services.get(PLATFORM_SERVICE)
        return identify_gx(
            {} if system is None else system.values(),
            {} if platform is None else platform.values(),
        )

    def limits(self, key: str) -> Limits | None:
        """Return between what a number may be set; None for what cannot be set."""
        slot = self._by_key.get(key)
        if not isinstance(slot, Slot) or slot.service is None:
            return None
        return slot.service.limits(slot)

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
        if target is None or target.service is None or not self.available(target.service.id):
            raise WriteRefusedError(key)
        write = Write(done)
        slots = self.services[target.service.id].slots
        for path, wanted in requests(target, value):
            slot = slots.get(path)
            if slot is None or not slot.alive:
                raise WriteRefusedError(key)
            write.add(slot, self.topics.write(target.service.id, path), wanted)
        write.begin()
        return write


def _due(pace: Pace, *, quick: bool, calm: bool) -> bool:
    return pace is Pace.NOW or (quick if pace is Pace.QUICK else calm)
