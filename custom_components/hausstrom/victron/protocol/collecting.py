"""When a change is worth showing: at once, at its pace, or when the value has come to rest.

A dead band alone would keep the last noise for ever: "99.93 %", "0.4 W". So what stopped moving
is shown as it is; what begins or ends to have a value, and the ends of a scale (0, and 100 %),
are shown without waiting for anybody's pace.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from ...common.quantities import Quantity
from ...common.throttle import Pace
from .derived import Derived
from .offer import Value
from .slot import Slot

REST: Final = 45.0
"""Seconds without a change after which a value has come to rest."""

type Shown = Slot | Derived


class Collector:
    """Keeps what changed until it is due.

    `interval` is the pace of power (s): an end of a scale that comes and goes is shown so often
    at most. Slots and derived values are handed in with `dirty`, `turn` and `end`.
    """

    def __init__(self, interval: float) -> None:
        """Begin with nothing changed."""
        self.interval = interval
        self.urgent = False
        self.look = False
        """Whether it is time to look for what has come to rest."""
        self.unknown_codes: Counter[str] = Counter()
        self.whole = False
        """Whether to look at all that changed, not only at what cannot wait."""
        self.dirty: dict[Slot, None] = {}
        self._prompt: dict[Slot, None] = {}
        """Those of `dirty` that cannot wait: all there is to look at between two regular looks."""
        self.stale: dict[Derived, None] = {}
        self._turns: dict[Shown, None] = {}
        self._ends: dict[Shown, None] = {}

    def prompt(self, slot: Slot) -> None:
        """Take a slot that may be shown at once, or feeds what may."""
        self.dirty[slot] = None
        self._prompt[slot] = None
        self.urgent = True

    def reconsider(self, slots: Iterable[Slot]) -> None:
        """Take slots that may be shown now though they did not change."""
        before = len(self.dirty)
        self.dirty |= dict.fromkeys(slots)
        if len(self.dirty) > before:
            self.whole = self.urgent = True

    def turn(self, slot: Slot) -> None:
        """Take a slot whose value came or went: that waits for nothing."""
        self._turns[slot] = None
        self._turns |= dict.fromkeys(slot.feeds)
        self.prompt(slot)

    def end(self, slot: Slot) -> None:
        """Take a slot whose value reached an end of its scale."""
        self._ends[slot] = None
        self._ends |= dict.fromkeys(slot.feeds)
        self.prompt(slot)

    def forget(self, slots: Iterable[Slot], derived: Iterable[Derived]) -> None:
        """Forget the values of a service."""
        for slot in slots:
            for kept in (self.dirty, self._prompt, self._turns, self._ends):
                kept.pop(slot, None)
        for one in derived:
            for waiting in (self.stale, self._turns, self._ends):
                waiting.pop(one, None)

    @property
    def waiting(self) -> bool:
        """Whether something changed that was not shown yet."""
        return bool(self.dirty or self.stale)

    def slots(self, now: float, *, quick: bool, calm: bool) -> list[Slot]:
        """Return the slots to show or to reveal now, their `value` being what to show."""
        if quick or calm or self.look or self.whole:
            dirty, self.dirty = self.dirty, {}
        else:
            dirty = self._prompt
            for slot in dirty:
                self.dirty.pop(slot, None)
        self._prompt = {}
        self.urgent = self.whole = False
        found = []
        for slot in dirty:
            due = (
                not slot.revealed
                or slot in self._turns
                or _due(slot.pace, quick=quick, calm=calm)
                or (self.look and now - slot.moved_at >= REST)
            )
            if not due and slot not in self._ends:
                self.dirty[slot] = None
                continue
            self.stale |= dict.fromkeys(slot.feeds)
            if slot.shapes:
                for one in slot.feeds:
                    one.reshaped = True
            if slot.point is None:
                continue
            value = slot.decode(now, self.unknown_codes)
            rested = now - slot.moved_at >= REST
            if slot.guard is not None and slot.guard.waiting:
                self.dirty[slot] = None
            if self._shows(slot, slot.point.quantity, value, now, due=due, rested=rested):
                slot.value = value
                found.append(slot)
            elif not slot.revealed:
                found.append(slot)
            elif not _same(value, slot.value):
                self.dirty[slot] = None
        return found

    def derived(self, now: float, *, quick: bool, calm: bool) -> list[Derived]:
        """Return the derived values to show or to reveal now."""
        stale, self.stale = self.stale, {}
        found = []
        for one in stale:
            rested = self.look and now - one.moved_at >= REST
            due = (
                not one.revealed
                or one in self._turns
                or _due(one.quantity.pace, quick=quick, calm=calm)
                or rested
            )
            if not due and one not in self._ends:
                self.stale[one] = None
                continue
            value = one.compute()
            if self._shows(one, one.quantity, value, now, due=due, rested=rested):
                one.value = value
                found.append(one)
            elif not one.revealed or (one.shaped and one.reshaped):
                # It may be offered otherwise now, though its value is the same.
                found.append(one)
            elif not _same(value, one.value):
                self.stale[one] = None
        self._turns.clear()
        self._ends.clear()
        self.look = False
        return found

    def _shows(
        self, one: Shown, quantity: Quantity, value: Value, now: float, *, due: bool, rested: bool
    ) -> bool:
        """Whether a value takes the place of the one that is shown."""
        known = one.value
        if _same(value, known):
            return False
        if value is None or known is None or not (_is_number(value) and _is_number(known)):
            return True
        if rested:
            return True
        if due and quantity.is_noticeable(float(known), float(value)):
            return True
        ends = value == 0 or (value == 100 and quantity.unit == "%")
        if one in self._ends and ends and now - one.end_at >= self.interval:
            one.end_at = now
            return True
        return False


def _same(value: Value, known: Value) -> bool:
    return value == known and isinstance(value, bool) is isinstance(known, bool)


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _due(pace: Pace, *, quick: bool, calm: bool) -> bool:
    return pace is Pace.NOW or (quick if pace is Pace.QUICK else calm)
