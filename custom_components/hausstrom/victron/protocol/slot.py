"""What is known about one topic."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from ...common.quantities import Quantity
from ...common.slug import slug
from ...common.throttle import Pace
from ...common.value import Value
from .catalogue.index import Match
from .catalogue.model import ControlForm, Conversion, PathRow
from .counters import CounterGuard
from .decoding import DecodeValue, count_unknown, decoder
from .derived import Derived
from .payload import Json, Limits, limits, number
from .topics import ServiceId

_LIVE: Final = frozenset({"State", "Status", "Dimming", "Auto", "LightControls", "Value"})

_RANGED: Final = frozenset({ControlForm.NUMBER, ControlForm.TIME})

_NONE: Final = Quantity(pace=Pace.NOW)

type Hook = Callable[["Slot", float], None]


class SlotOwner(Protocol):
    """What a topic's value asks the service it belongs to (`service.Service`)."""

    id: ServiceId
    label: str

    @property
    def rating(self) -> float | None:
        """The greatest power (kW) that the device says it has."""

    def limits(self, slot: Slot) -> Limits | None:
        """Return between what a slot may be set."""

    def any_positive(self, paths: Iterable[str]) -> bool:
        """Return whether the first of these paths that has a number has one above 0."""


class Slot:
    """What is known about one topic. Plain attributes: this is what every message touches."""

    __slots__ = (
        "_decode",
        "_doubted",
        "_hooked",
        "_match",
        "alive",
        "bounded",
        "end_at",
        "feeds",
        "flowing",
        "guard",
        "hook",
        "key",
        "moved_at",
        "pace",
        "path",
        "payload",
        "point",
        "quantity",
        "raw",
        "revealed",
        "said_limits",
        "scaled",
        "service",
        "shapes",
        "slug",
        "value",
        "waits",
        "writes",
    )

    def __init__(self, service: SlotOwner | None, path: str, match: Match | None) -> None:
        """Bind a path of a service to a row of the catalogue (None: known, but not shown)."""
        self.service = service
        self.path = path
        self.slug = slug(path)
        self.point: PathRow | None = None if match is None else match.point
        self._match = match
        self.key = "" if service is None else f"{service.label}_{self.slug}"
        self.payload: bytes | None = None
        """The last payload; None when not heard yet or in doubt, empty when gone."""
        self.raw: Json = None
        self.value: Value = None
        """What was shown last."""
        self.moved_at = 0.0
        """When what was said last changed (s)."""
        self.end_at = float("-inf")
        """When an end of the scale was last shown without waiting (s)."""
        self.shapes = False
        """Whether it says what others are offered as: names, types, limits do, values do not."""
        self.said_limits: Limits | None = None
        """The limits that came with the value when this was last looked at."""
        self.alive = False
        self.revealed = False
        self.hook: Hook | None = None
        self._hooked: Hook | None = None
        self.writes: list[Hook] = []
        """Settings on their way, each waiting for this to change (see `listen`)."""
        self.feeds: tuple[Derived, ...] = ()
        """What is worked out from it (see `feed`)."""
        self.quantity = _NONE if self.point is None else self.point.quantity
        self.pace = self.quantity.pace
        self.waits: dict[Slot, None] = {}
        """Where it is put when it changes (see `collecting.Collector`)."""
        self.scaled = True
        """Whether the ends of its scale need care: what is shown at once in any case has none."""
        self.flowing: bool | None = None
        """Whether the power or current was positive when somebody last asked."""
        self.bounded = self._is_bounded()
        """Whether some numbers stand for no value: a change may be one to or from none."""
        self.guard: CounterGuard | None = None
        self.reset()
        self._decode: DecodeValue | None = None
        self._doubted = False

    def reset(self) -> None:
        """Begin anew: what was shown, and what a counter has learnt, belonged to another device."""
        self.revealed = False
        self.value = None
        quantity = None if self.point is None else self.point.quantity
        counts = quantity is not None and (
            quantity.counter
            or (quantity.device_class, quantity.state_class) == ("energy", "total_increasing")
        )
        self.guard = (
            CounterGuard(resets=not quantity.counter) if counts and quantity is not None else None
        )

    def limits_moved(self) -> bool:
        """Return whether other limits came with the value than when this was last asked."""
        control = None if self.point is None else self.point.control
        if control is None or control.form not in _RANGED:
            return False
        said = limits(self.payload) if self.payload else None
        if said == self.said_limits:
            return False
        self.said_limits = said
        return True

    def feed(self, feeds: tuple[Derived, ...]) -> None:
        """Take what is worked out from this."""
        self.feeds = feeds
        live = self.path.rpartition("/")[2] in _LIVE
        self.shapes = not live and any(one.shaped for one in feeds)

    def listen(self, heard: Hook) -> None:
        """Have `heard` called with each change, before anything else, until `ignore`."""
        if not self.writes:
            self._hooked = self.hook
            self.hook = self._answer
        self.writes.append(heard)

    def ignore(self, heard: Hook) -> None:
        """Call `heard` no more."""
        self.writes.remove(heard)
        if not self.writes:
            self.hook = self._hooked

    @staticmethod
    def _answer(slot: Slot, now: float) -> None:
        for heard in list(slot.writes):
            heard(slot, now)
        if slot._hooked is not None:
            slot._hooked(slot, now)

    def _is_bounded(self) -> bool:
        point = self.point
        return point is not None and (
            point.reading in (Conversion.TIME_TO_GO, Conversion.TIMESTAMP)
            or point.quantity.device_class == "temperature"
            or (point.control is not None and point.control.unlimited is not None)
        )

    def turned(self, now: float, unknown_codes: Counter[str]) -> bool:
        """Return whether what was last said is a value and what is shown is none, or the reverse."""
        return (self.decode(now, unknown_codes) is None) is not (self.value is None)

    @property
    def showable(self) -> bool:
        """Whether there is something to show: a value, or something to press."""
        if self.value is not None:
            return True
        if not self.alive or self.point is None:
            return False
        control = self.point.control
        if control is not None and (
            control.form is ControlForm.BUTTON or control.unlimited is not None
        ):
            return True
        # Something is said, but it is no value now.
        return self.point.reading is Conversion.TIME_TO_GO and number(self.raw) is not None

    @property
    def match(self) -> Match:
        """The row of the catalogue and its placeholders."""
        if self._match is None:
            raise LookupError(self.path)
        return self._match

    def decode(self, now: float, unknown_codes: Counter[str]) -> Value:
        """Return the value of what was last said."""
        if self._decode is None:
            if self.point is None or self.service is None:
                return None
            label = f"{self.service.id.service}/{self.point.path}"
            self._decode = decoder(self.point, count_unknown(unknown_codes, label))
            self._doubted = self.guard is not None or bool(self.point.silenced_by)
        value = self._decode(self.raw)
        return self._believed(value, now) if self._doubted else value

    def _believed(self, value: Value, now: float) -> Value:
        """Return a value, unless another says that it means nothing, as its guard lets it pass."""
        point, service = self.point, self.service
        if point is None or service is None or service.any_positive(point.silenced_by):
            return None
        if self.guard is not None and isinstance(value, (int, float)) and self.alive:
            self.guard.rating = service.rating
            return self.guard.accept(value, now)
        return value


IGNORED: Final = Slot(None, "", None)
"""The slot of every topic that nobody wants to know: nothing is ever kept in it.

A broker may hold tens of thousands of them; with a slot each, the collector of garbage would stop
everything for a fifth of a second to look at them.
"""
