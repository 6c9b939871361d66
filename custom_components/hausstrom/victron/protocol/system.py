"""One GX and its services: topics in, readings out.

A message costs one look-up of its topic and one parse. What it means (which entity, decoding,
noise, sums) is worked out once per topic, and for a value only when someone collects: a topic
that speaks every second is decoded as often as it is shown, not as often as it speaks.
"""

from collections.abc import Callable, Iterable
from typing import Final, override

from ...common.value import Value
from . import payload as wire
from .catalogue.model import ControlForm
from .derived import Derived
from .identity import DeviceIdentity, identify_gx
from .listening import GX_SERVICE, Listener, service_of
from .naming import Names
from .offer import Offer
from .payload import Json, Limits
from .service import Service
from .slot import Slot
from .topics import ServiceId, Topics
from .writing import PRESSED, PendingWrite, WriteRefusedError, requests

PLATFORM_SERVICE: Final = ServiceId("platform", "0")


class News:
    """What happened since it was last asked for."""

    __slots__ = ("offers", "reshaped", "services")

    def __init__(
        self,
        offers: Iterable[Offer] = (),
        services: Iterable[str] = (),
        reshaped: Iterable[Offer] = (),
    ) -> None:
        """Take what will not change any more."""
        self.offers = tuple(offers)
        """Values that appeared."""
        self.services = tuple(services)
        """Devices whose presence or identity changed."""
        self.reshaped = tuple(reshaped)
        """Values that are offered otherwise now: another name, other limits, another form."""


_NO_NEWS: Final = News()


class GxSystem(Listener):
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
        """Begin with nothing known; see `Listener`."""
        super().__init__(topics, token, services=services, names=names, interval=interval)
        self.readings: dict[str, Value] = {}
        self._by_key: dict[str, Slot | Derived] = {}
        self._offers: list[Offer] = []
        self._offered: dict[str, Offer] = {}
        self._reshaped: list[Offer] = []

    # --- building and collecting ----------------------------------------------------------

    @override
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
        self._collector.reconsider(service.slots.values())
        self._collector.renew(service.derived)

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
                if derived.shaped and derived.reshaped:
                    derived.reshaped = False
                    self._offer_again(derived.offer())
        if self._reshape:
            reshape, self._reshape = self._reshape, {}
            for slot in reshape:
                service = service_of(slot)
                if slot.revealed and service is not None and (new := service.offer(slot)):
                    self._offer_again(new)
        self.readings.update(changes)
        return changes

    def _offer_again(self, offer: Offer) -> None:
        if self._offered.get(offer.key) != offer:
            self._offered[offer.key] = offer
            self._reshaped.append(offer)

    def _reveal(self, slot: Slot) -> bool:
        service = service_of(slot)
        if service is None or not service.settled or not slot.showable:
            return False
        offer = service.offer(slot)
        if offer is None:
            return False
        if isinstance(instead := self._by_key.get(slot.key), Derived):
            # What was worked out in its place, until the GX said it.
            instead.revealed = False
        slot.revealed = True
        slot.pace = service.pace(slot)
        self._collector.adopt(slot)
        self._by_key[slot.key] = slot
        self._offer(offer)
        if slot.point is not None and slot.point.phased:
            # That there is this phase says that the others' zeros are values.
            hidden = [one for one in service.siblings(slot) if not one.revealed]
            self._collector.reconsider(hidden)
        return True

    def _reveal_derived(self, derived: Derived) -> bool:
        service = derived.service
        if not service.settled or derived.value is None or derived.needless():
            return False
        said = self._by_key.get(derived.key)
        if isinstance(said, Slot) and said.revealed:
            return False
        derived.revealed = True
        # It says only now what it is, and so how soon its inputs are looked at.
        place = self.roster.places[service.id]
        for path in derived.inputs:
            if (slot := place.slots.get(path)) is not None:
                self._collector.adopt(slot)
        self._collector.place(derived)
        self._by_key[derived.key] = derived
        self._offer(derived.offer())
        return True

    def _offer(self, offer: Offer) -> None:
        self._offered[offer.key] = offer
        self._offers.append(offer)

    def news(self) -> News:
        """Return what appeared and what moved since the last call."""
        if not (self._offers or self._moved or self._reshaped):
            return _NO_NEWS
        news = News(self._offers, self._moved, self._reshaped)
        self._offers.clear()
        self._moved.clear()
        self._reshaped.clear()
        return news

    def forget(self, label: str) -> None:
        """Forget a device that has gone: should it come back, it is offered anew."""
        known = self.roster.forget(label)
        if known is None:
            return
        for topic in [topic for topic, slot in self._slots.items() if service_of(slot) is known]:
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

    def identity(self, label: str) -> DeviceIdentity:
        """Return who a device says it is."""
        return self.roster.identity(label)

    def gx_identity(self) -> DeviceIdentity:
        """Return who the GX says it is."""
        system = self.roster.places.get(GX_SERVICE)
        platform = self.roster.places.get(PLATFORM_SERVICE)
        return identify_gx(
            {} if system is None else system.values(),
            {} if platform is None else platform.values(),
        )

    def counted(self) -> set[tuple[str, str]]:
        """Return type of service and name of each energy that some device counts itself."""
        return {
            (service.id.service, slot.point.name)
            for service in self.roster.places.values()
            for slot in service.slots.values()
            if slot.alive and slot.point is not None and slot.quantity.counter
        }

    def limits(self, key: str) -> Limits | None:
        """Return between what a number may be set; None for what cannot be set."""
        slot = self._by_key.get(key)
        if slot is None:
            return None
        if isinstance(slot, Derived):
            return slot.limits()
        return None if slot.service is None else slot.service.limits(slot)

    def code(self, key: str) -> float | None:
        """Return the number on the wire of a value that is shown as a word or a time; else None."""
        shown = self._by_key.get(key)
        if isinstance(shown, Derived):
            return shown.code()
        if shown is None or shown.point is None:
            return None
        point = shown.point
        worded = (
            point.codes is not None
            or point.quantity.device_class == "timestamp"
            or (point.control is not None and point.control.form is ControlForm.TIME)
        )
        return wire.number(shown.raw) if worded else None

    def raw_values(self) -> dict[str, Json]:
        """Return everything known, by topic without portal id: for diagnostics."""
        return {
            f"{slot.service.id.service}/{slot.service.id.instance}/{slot.path}": slot.raw
            for slot in self._slots.values()
            if slot.service is not None and slot.alive
        }

    # --- writing --------------------------------------------------------------------------

    def write(self, key: str, value: float | str | bool, done: Callable[[], None]) -> PendingWrite:
        """Begin to set a value: publish what the returned Write holds.

        `done` is called when the GX has confirmed it all by publishing a changed value. A value
        that is so already is confirmed at once, with nothing to publish. Raises WriteRefusedError.
        """
        target = self._by_key.get(key)
        service = None if target is None else target.service
        if target is None or service is None or not self.available(service.label):
            raise WriteRefusedError(key)
        place = self.roster.places[service.id]
        control = target.control if isinstance(target, Derived) else target.match.point.control
        if control is not None and control.repeated and not self.may_drive(place):
            raise WriteRefusedError(key)
        write = PendingWrite(done)
        if control is not None and control.releases:
            self.release(place)
        for path, wanted in requests(target, value):
            topic = self.topics.write(service.id, path)
            if control is not None and control.form in PRESSED:
                write.press(topic, wanted)
                continue
            slot = place.slots.get(path)
            if slot is None or not slot.alive:
                raise WriteRefusedError(key)
            write.add(slot, topic, wanted)
            if control is not None and control.repeated:
                self.repeat(slot, topic, wanted)
        write.begin()
        return write
