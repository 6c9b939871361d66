"""Setting values. The GX answers no write: a write has worked when the value itself changes."""

from collections.abc import Callable
from dataclasses import dataclass

from .catalogue.model import ControlForm, Form, Point
from .derived import Derived
from .payload import Json, encode, number
from .service import Slot
from .topics import Publication

CONFIRM_TIMEOUT = 10.0
"""Seconds within which a GX (and the device behind it) confirms a write."""

_FLOAT_NOISE = 0.0005
"""What a value may be off through the 32-bit floats of some devices."""


class WriteRefusedError(ValueError):
    """A value that cannot be set, or not to this."""


def requests(target: Slot | Derived, value: float | str | bool) -> list[tuple[str, float]]:
    """Return what to write on which path to set a value as a person sees it.

    Raises WriteRefusedError for what cannot be set, and for a value out of its limits.
    """
    if isinstance(target, Derived):
        try:
            return target.requests(value)
        except KeyError:
            raise WriteRefusedError(target.key) from None
    point, service = target.point, target.service
    if point is None or service is None or point.control is None:
        raise WriteRefusedError(target.key)
    raw = _raw(point, value)
    allowed = service.limits(target)
    if raw is None:
        raise WriteRefusedError(target.key)
    checked = point.control.form in (ControlForm.NUMBER, ControlForm.TIME)
    if checked and allowed is not None and not allowed.minimum <= raw <= allowed.maximum:
        raise WriteRefusedError(target.key)
    return [(target.path, raw)]


def _raw(point: Point, value: float | str | bool) -> float | None:
    if point.control is not None and point.control.form is ControlForm.BUTTON:
        return 1
    if point.form is Form.BINARY:
        return int(bool(value) is not point.inverted) if isinstance(value, bool) else None
    if point.codes is not None:
        try:
            return point.codes.code(str(value))
        except KeyError:
            return None
    return None if isinstance(value, (bool, str)) else value


@dataclass(slots=True)
class _Awaited:
    slot: Slot
    publication: Publication
    hook: Callable[[Slot, float], None] | None
    before: Json


class Write:
    """One setting on its way: publish `publications`, then wait for `done` or `abandon`."""

    def __init__(self, done: Callable[[], None]) -> None:
        """Wait for nothing yet."""
        self._done = done
        self._awaited: dict[Slot, _Awaited] = {}

    def add(self, slot: Slot, topic: str, wanted: float) -> None:
        """Add a value to be written, unless it is so already."""
        known = number(slot.raw)
        if known is None or abs(known - wanted) > _FLOAT_NOISE:
            publication = (topic, encode(wanted))
            self._awaited[slot] = _Awaited(slot, publication, slot.hook, slot.raw)

    @property
    def publications(self) -> list[Publication]:
        """What to publish."""
        return [awaited.publication for awaited in self._awaited.values()]

    @property
    def confirmed(self) -> bool:
        """Whether the GX has confirmed everything."""
        return not self._awaited

    def begin(self) -> None:
        """Listen for the changed values from now on."""
        for slot in self._awaited:
            slot.hook = self._heard
        if self.confirmed:
            self._done()

    def abandon(self) -> None:
        """Stop listening."""
        for slot in list(self._awaited):
            self._release(slot)

    def _release(self, slot: Slot) -> None:
        slot.hook = self._awaited.pop(slot).hook

    def _heard(self, slot: Slot, now: float) -> None:
        """Take a changed value: what the GX made of the write, be it rounded or limited."""
        awaited = self._awaited[slot]
        if slot.raw != awaited.before:  # else only its limits are new
            self._release(slot)
        if awaited.hook is not None:
            awaited.hook(slot, now)
        if self.confirmed:
            self._done()
