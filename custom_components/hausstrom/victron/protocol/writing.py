"""Setting values. The GX answers no write: a write has worked when the value itself changes."""

from collections.abc import Callable

from .catalogue.model import ControlForm, EntityForm, PathRow
from .derived import Derived
from .payload import Json, encode, number
from .slot import Slot
from .topics import Publication

PRESSED = frozenset({ControlForm.BUTTON, ControlForm.UPDATE})
"""What is set off rather than set: nothing says that it was heard."""
REPEAT = 20.0
"""Seconds between two writes of what a GX takes back after a minute."""
CONFIRM_TIMEOUT = 10.0
"""Seconds within which a GX (and the device behind it) confirms a write."""

_FLOAT_NOISE = 0.0005
"""What a value may be off through the 32-bit floats of some devices."""


class WriteRefusedError(ValueError):
    """A value that cannot be set, or not to this."""


def requests(target: Slot | Derived, value: float | str | bool) -> list[tuple[str, Json]]:
    """Return what to write on which path to set a value as a person sees it.

    Raises WriteRefusedError for what cannot be set, and for a value out of its limits.
    """
    if isinstance(target, Derived):
        try:
            return target.requests(value)
        except KeyError, ValueError:
            raise WriteRefusedError(target.key) from None
    point, service = target.point, target.service
    if point is None or service is None or point.control is None:
        raise WriteRefusedError(target.key)
    if point.control.unlimited is not None and value == point.control.unlimited:
        return [(target.path, point.control.unlimited)]
    raw = _raw(point, value)
    allowed = service.limits(target)
    if raw is None:
        raise WriteRefusedError(target.key)
    checked = point.control.form in (ControlForm.NUMBER, ControlForm.TIME)
    if checked and allowed is not None and not allowed.minimum <= raw <= allowed.maximum:
        raise WriteRefusedError(target.key)
    return [(point.control.target or target.path, raw)]


def _raw(point: PathRow, value: float | str | bool) -> float | None:
    if point.control is not None and point.control.form in PRESSED:
        return 1
    if point.form is EntityForm.BINARY:
        return int(bool(value) is not point.inverted) if isinstance(value, bool) else None
    if point.codes is not None:
        try:
            return point.codes.code(str(value))
        except KeyError:
            return None
    return None if isinstance(value, (bool, str)) else value


class _Awaited:
    """A value that was written, until the GX says that it changed."""

    __slots__ = ("before", "crowded", "publication", "wanted")

    def __init__(
        self, publication: Publication, wanted: Json, before: Json, *, crowded: bool
    ) -> None:
        """Say whether another write of the same value was on its way when this one began."""
        self.publication = publication
        self.wanted = wanted
        self.before = before
        self.crowded = crowded


class PendingWrite:
    """One setting on its way: publish `publications`, then wait for `done` or `abandon`.

    Several may wait for the same value: each hears every change of it.
    """

    def __init__(self, done: Callable[[], None]) -> None:
        """Wait for nothing yet."""
        self._done = done
        self._awaited: dict[Slot, _Awaited] = {}
        self._pressed: list[Publication] = []

    def add(self, slot: Slot, topic: str, wanted: Json) -> None:
        """Add a value to be written, unless it is so already and nobody is changing it."""
        if slot.writes or not same(slot.raw, wanted):
            publication = (topic, encode(wanted))
            self._awaited[slot] = _Awaited(publication, wanted, slot.raw, crowded=bool(slot.writes))

    def press(self, topic: str, wanted: Json) -> None:
        """Add something to be set off; it is taken as done when it is on its way."""
        self._pressed.append((topic, encode(wanted)))

    @property
    def publications(self) -> list[Publication]:
        """What to publish."""
        return [*self._pressed, *(awaited.publication for awaited in self._awaited.values())]

    @property
    def confirmed(self) -> bool:
        """Whether the GX has confirmed everything."""
        return not self._awaited

    @property
    def fulfilled(self) -> bool:
        """Whether everything is as it was wished, be it that it never was otherwise."""
        return all(same(slot.raw, awaited.wanted) for slot, awaited in self._awaited.items())

    def begin(self) -> None:
        """Listen for the changed values from now on."""
        for slot in self._awaited:
            slot.listen(self._heard)
        if self.confirmed:
            self._done()

    def abandon(self) -> None:
        """Stop listening."""
        for slot in self._awaited:
            slot.ignore(self._heard)
        self._awaited.clear()

    def _heard(self, slot: Slot, _now: float) -> None:
        """Take a changed value: what the GX made of the write, be it rounded or limited."""
        awaited = self._awaited[slot]
        if not same(slot.raw, awaited.wanted):
            if slot.raw == awaited.before:  # only its limits are new
                return
            if awaited.crowded:
                # The answer to a write before ours; what comes next is ours.
                awaited.crowded, awaited.before = False, slot.raw
                return
        del self._awaited[slot]
        slot.ignore(self._heard)
        if self.confirmed:
            self._done()


def same(raw: Json, wanted: Json) -> bool:
    """Return whether a value is what was wished, but for the noise of 32-bit floats."""
    known, wished = number(raw), number(wanted)
    if known is None or wished is None:
        return raw == wanted
    return abs(known - wished) <= _FLOAT_NOISE
