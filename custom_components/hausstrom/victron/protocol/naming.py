"""Which device a service is: the thing, not the place it is plugged into.

An instance changes with the USB port, the VE.Can address, or the GX; a serial number does not. A
device keeps the name under which it was first shown (`battery_512`), wherever it turns up later.
"""

from collections import defaultdict
from collections.abc import Container, Mapping
from typing import Final, NamedTuple

from ...common.slug import slug
from .payload import Json, text
from .topics import ServiceId

MAX_RECORDS: Final = 1000
"""More devices than a home ever had are not remembered."""
SERIAL_PATHS: Final = ("Serial", "Devices/0/SerialNumber", "VIN")
_MAX_SERIAL: Final = 64


class Record(NamedTuple):
    """What is remembered of a device: its type, its serial number, where it was last."""

    service: str
    serial: str | None
    place: str
    """The instance it had last, as it stands in keys."""


def serial_of(values: Mapping[str, Json]) -> str | None:
    """Return the serial number that tells a device from others; None when it says none.

    Empty, 0 and 000000 are what drivers say that know none.
    """
    for path in SERIAL_PATHS:
        said = text(values.get(path))
        if said is not None and said.strip("0- ") and len(said) <= _MAX_SERIAL:
            return said
    return None


class Names:
    """Finds the name of each service, and remembers it.

    A name is the `<type>_<instance>` of a device's keys, in the form it was first seen in.
    """

    def __init__(self) -> None:
        """Begin with nobody known."""
        self.records: dict[str, Record] = {}
        self._at: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._with: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        """The names by type and place, and by type and serial number."""
        self.changed = False
        """Whether there is something new to store."""

    def choose(self, place: ServiceId, serial: str | None, taken: Container[str]) -> str:
        """Return the name for what is at a place and says a serial number (or none).

        `taken` are the names of services that are there now: two at once are two, whatever they
        say. A serial number that several names have tells nothing.
        """
        own = str(place)
        name = self._known(place, serial, taken) or self._fresh(own, serial, taken)
        self._remember(name, Record(place.service, serial, slug(place.instance)))
        return name

    def _known(self, place: ServiceId, serial: str | None, taken: Container[str]) -> str | None:
        here = self._at.get((place.service, slug(place.instance)), {})
        free = [name for name in here if name not in taken]
        if serial is None:
            # The place is all there is; who was here last may have forgotten its serial number.
            own = str(place)
            return own if own in free else next(iter(free), None)
        exact = [name for name in free if self.records[name].serial == serial]
        if exact:
            return exact[0]
        holders = self._with.get((place.service, serial), {})
        if len(holders) == 1 and (holder := next(iter(holders))) not in taken:
            return holder
        # It is here that a device without a serial number stood: it has learnt to say it.
        return next((name for name in free if self.records[name].serial is None), None)

    def _fresh(self, own: str, serial: str | None, taken: Container[str]) -> str:
        record = self.records.get(own)
        if own not in taken and (record is None or record.serial in (None, serial)):
            return own
        number = 2
        while (name := f"{own}_{number}") in self.records or name in taken:
            number += 1
        return name

    def _remember(self, name: str, record: Record) -> None:
        known = self.records.get(name)
        if known is not None and record.serial is None:
            # What says none now may say it again.
            record = Record(record.service, known.serial, record.place)
        if record != known and (known is not None or len(self.records) < MAX_RECORDS):
            self._keep(name, record)
            self.changed = True

    def _keep(self, name: str, record: Record) -> None:
        self._drop(name)
        self.records[name] = record
        self._at[record.service, record.place][name] = None
        if record.serial is not None:
            self._with[record.service, record.serial][name] = None

    def _drop(self, name: str) -> None:
        record = self.records.get(name)
        if record is None:
            return
        for index, value in ((self._at, record.place), (self._with, record.serial)):
            if value is not None:
                index[record.service, value].pop(name, None)

    def adopt(self, name: str, serial: str | None) -> None:
        """Take a device that was shown before names were remembered: its place is its name."""
        service, _, instance = name.partition("_")
        if instance and name not in self.records:
            self._remember(name, Record(service, serial, instance))

    def forget(self, name: str) -> None:
        """Forget a device that the user deleted."""
        if name in self.records:
            self._drop(name)
            del self.records[name]
            self.changed = True

    # --- what is stored -------------------------------------------------------------------

    def as_data(self) -> dict[str, list[str | None]]:
        """Return what `restore` takes: name: type, serial number, place."""
        return {name: [one.service, one.serial, one.place] for name, one in self.records.items()}

    def restore(self, stored: object) -> None:
        """Go on from what was stored; what is not understood is left out."""
        if not isinstance(stored, dict):
            return
        for name, row in stored.items():
            match row:
                case [str(service), (str() | None) as serial, str(place)] if isinstance(name, str):
                    if name == slug(name) and len(self.records) < MAX_RECORDS:
                        self._keep(name, Record(service, serial, place))
                case _:
                    continue
