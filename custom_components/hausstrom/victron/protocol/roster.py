"""The services of a GX: where each is on the bus, and which device it is."""

from collections import Counter, defaultdict
from collections.abc import Container
from copy import replace
from typing import Final, override

from .catalogue import GX_SERVICES
from .identity import DeviceIdentity, identify
from .naming import Names
from .service import Service
from .topics import ServiceId

MAX_SERVICES: Final = 400
"""More devices than any system has are not looked at: somebody publishes nonsense."""
QUIET_TIME: Final = 2.0
"""Seconds without a new topic after which a service is taken as told completely."""
TWIN_TIME: Final = 10.0
"""Seconds in which the other of two with one serial number may leave: it was replugged."""


class _Taken(Container[str]):
    """The names of the services that are there now, but for one of them."""

    def __init__(self, labels: dict[str, Service], service: Service) -> None:
        """Look at `labels` as they are when somebody asks."""
        self._labels = labels
        self._service = service

    @override
    def __contains__(self, label: object) -> bool:
        other = self._labels.get(label) if isinstance(label, str) else None
        return (
            other is not None
            and other is not self._service
            and other.settled
            and other.alive > 0
            and other.id.service == self._service.id.service
        )


class Roster:
    """Finds services by place and by name. Everything here takes the same time for any number."""

    def __init__(self, names: Names) -> None:
        """Begin with no service."""
        self.names = names
        self.places: dict[ServiceId, Service] = {}
        self._labels: dict[str, Service] = {}
        self._shown: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._identities: dict[str, DeviceIdentity] = {}
        self._types: Counter[str] = Counter()
        self._serials: defaultdict[tuple[str, str], dict[Service, None]] = defaultdict(dict)
        """The services that have settled, by type and serial number."""
        self.unsettled: dict[Service, None] = {}
        self.refused: set[ServiceId] = set()
        """Services beyond the bound."""

    # --- coming, settling, going ----------------------------------------------------------

    def has_room(self, place: ServiceId) -> bool:
        """Return whether one more service is looked at."""
        if len(self.places) < MAX_SERVICES or place.service in GX_SERVICES:
            return True
        if len(self.refused) < MAX_SERVICES:
            self.refused.add(place)
        return False

    def add(self, service: Service) -> None:
        """Take a service of which the first topic was heard."""
        self.places[service.id] = service
        self._types[service.id.service] += 1

    def has_type(self, service: str) -> bool:
        """Return whether a service of a type has been heard."""
        return self._types[service] > 0

    def unsettle(self, service: Service) -> None:
        """Wait anew until a service has said who it is."""
        service.settled = False
        self._without_serial(service)
        self.unsettled[service] = None

    def ready(self, service: Service, now: float) -> bool:
        """Return whether a service has said all it says of itself."""
        quiet = now - service.touched_at
        if quiet < QUIET_TIME:
            return False
        return quiet >= TWIN_TIME or not self._twins(service)

    def _twins(self, service: Service) -> bool:
        serial = service.serial
        return serial is not None and any(
            other is not service and other.alive
            for other in self._serials.get((service.id.service, serial), ())
        )

    def _without_serial(self, service: Service) -> None:
        if service.settled_as is not None:
            self._serials[service.id.service, service.settled_as].pop(service, None)
            service.settled_as = None

    def settle(self, service: Service) -> bool:
        """Decide which device a service is; returns whether it is another one than before."""
        self.unsettled.pop(service, None)
        service.settled = True
        self._without_serial(service)
        if (serial := service.serial) is not None:
            service.settled_as = serial
            self._serials[service.id.service, serial][service] = None
        label = str(service.id)
        if service.id.service not in GX_SERVICES:
            label = self.names.choose(service.id, serial, _Taken(self._labels, service))
        changed = label != service.label
        if changed:
            if self._labels.get(service.label) is service:
                del self._labels[service.label]
            self._unname(service.label)
            service.rename(label)
        self._labels[label] = service
        self.identify(service)
        return changed

    def forget(self, label: str) -> Service | None:
        """Forget a device that has gone; returns the service that it was."""
        service = self._labels.pop(label, None)
        self._unname(label)
        self.names.forget(label)
        if service is not None:
            self._without_serial(service)
            if self.places.pop(service.id, None) is not None:
                self._types[service.id.service] -= 1
            self.unsettled.pop(service, None)
        return service

    # --- asking ---------------------------------------------------------------------------

    def of(self, label: str) -> Service | None:
        """Return the service that is a device now (or was last)."""
        return self._labels.get(label)

    @property
    def labels(self) -> list[str]:
        """The names of all devices that were there."""
        return list(self._labels)

    def identity(self, label: str) -> DeviceIdentity:
        """Return who a device says it is.

        Of several of a type that have the same name (four tanks of one sensor box), each has
        its instance in it.
        """
        service = self._labels.get(label)
        identity = self._identities.get(label)
        if service is None or identity is None:
            return identify({})
        if len(self._shown[service.id.service, identity.name or ""]) < 2 or identity.name is None:
            return identity
        return replace(identity, name=f"{identity.name} {service.instance}")

    def identify(self, service: Service) -> list[str]:
        """Read who a service says it is; returns the devices that are called otherwise now."""
        label = service.label
        before = self._identities.get(label)
        identity = identify(service.values())
        self._identities[label] = identity
        if before is not None and before.name == identity.name:
            return [label]
        changed = {label}
        for name in {None if before is None else before.name, identity.name} - {None}:
            same = self._shown[service.id.service, name or ""]
            crowd = len(same)
            (same.add if name == identity.name else same.discard)(label)
            if (crowd > 1) is not (len(same) > 1):
                # The first of two gets its instance into the name, and the last one loses it.
                changed |= same
        return list(changed)

    def _unname(self, label: str) -> None:
        identity = self._identities.pop(label, None)
        if identity is not None and identity.name is not None:
            self._shown[label.partition("_")[0], identity.name].discard(label)
