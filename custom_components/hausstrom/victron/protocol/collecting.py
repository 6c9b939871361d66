"""When a change is worth showing: at once, at its pace, or when the value has come to rest.

A dead band alone would keep the last noise for ever: "99.93 %", "0.4 W". So what stopped moving
is shown as it is; what begins or ends to have a value, and the ends of a scale (0, and 100 %),
are shown without waiting for anybody's pace.

This is what a busy GX makes run each second, so nobody is looked at in vain: what changed is put
where it waits for its pace, and is decoded when that comes.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from ...common.throttle import Pace
from ...common.value import Value
from .derived import Derived
from .slot import Slot

_NOW: Final = Pace.NOW
_QUICK: Final = Pace.QUICK

REST: Final = 45.0
"""Seconds without a change after which a value has come to rest."""

type Shown = Slot | Derived


class Collector:
    """Keeps what changed until it is due.

    `interval` is the pace of power (s): an end of a scale that comes and goes is shown so often
    at most. A slot is put where it `waits` with each message, and what is worked out from slots
    where that `waits`, so that nobody has to look at what is not due; `turn` and `end` are for
    what cannot wait.
    """

    def __init__(self, interval: float) -> None:
        """Begin with nothing changed."""
        self.interval = interval
        self.prompt: dict[Slot, None] = {}
        """Slots that may be shown at once, or feed what may: not to be replaced, slots wait here."""
        self.hurry = False
        """Whether to collect now, whether or not a slot is in `prompt`."""
        self.look = False
        """Whether it is time to look for what has come to rest."""
        self.whole = False
        """Whether to look at all that changed, not only at what cannot wait."""
        self.unknown_codes: Counter[str] = Counter()
        self._quick: dict[Slot, None] = {}
        self._calm: dict[Slot, None] = {}
        self._stale: dict[Derived, None] = {}
        """What may be due, whatever the pace; those of which only the turn comes are apart."""
        self._stale_quick: dict[Derived, None] = {}
        self._stale_calm: dict[Derived, None] = {}
        self._turns: dict[Shown, None] = {}
        self._ends: dict[Shown, None] = {}

    # --- what changed ---------------------------------------------------------------------

    def adopt(self, slot: Slot) -> None:
        """Decide where a slot waits: as often as the quickest looks that needs it."""
        paces = {one.quantity.pace for one in slot.feeds}
        if slot.point is not None or slot.shapes or not paces:
            paces.add(slot.pace)
        if slot.point is not None and not slot.revealed:
            # Whoever waits for an entity does not wait for its pace.
            paces.add(_QUICK)
        slot.scaled = paces != {_NOW}
        if _NOW in paces:
            slot.waits = self.prompt
        else:
            slot.waits = self._quick if _QUICK in paces else self._calm

    def place(self, derived: Derived) -> None:
        """Decide where a derived value that is shown waits."""
        pace = derived.quantity.pace
        if pace is _NOW:
            derived.waits = self._stale
        else:
            derived.waits = self._stale_quick if pace is _QUICK else self._stale_calm

    def reconsider(self, slots: Iterable[Slot]) -> None:
        """Take slots that may be shown now though they did not change."""
        before = len(self.prompt)
        self.prompt |= dict.fromkeys(slots)
        if len(self.prompt) > before:
            self.whole = True

    def renew(self, derived: Iterable[Derived]) -> None:
        """Take derived values that are to be worked out anew."""
        self._stale |= dict.fromkeys(derived)
        self.whole = self.hurry = True

    def turn(self, slot: Slot) -> None:
        """Take a slot whose value came or went: that waits for nothing."""
        self._turns[slot] = None
        if slot.feeds:
            self._turns |= dict.fromkeys(slot.feeds)
        self.prompt[slot] = None

    def end(self, slot: Slot) -> None:
        """Take a slot whose value reached an end of its scale."""
        self._ends[slot] = None
        if slot.feeds:
            self._ends |= dict.fromkeys(slot.feeds)
        self.prompt[slot] = None

    def forget(self, slots: Iterable[Slot], derived: Iterable[Derived]) -> None:
        """Forget the values of a service."""
        for slot in slots:
            for kept in (self.prompt, self._quick, self._calm, self._turns, self._ends):
                kept.pop(slot, None)
        for one in derived:
            for waiting in (self._stale, self._stale_quick, self._stale_calm):
                waiting.pop(one, None)
            self._turns.pop(one, None)
            self._ends.pop(one, None)

    @property
    def waiting(self) -> bool:
        """Whether something changed that was not shown yet."""
        slots = self.prompt or self._quick or self._calm
        return bool(slots or self._stale or self._stale_quick or self._stale_calm)

    # --- what is due ----------------------------------------------------------------------

    def slots(self, now: float, *, quick: bool, calm: bool) -> list[Slot]:
        """Return the slots to show or to reveal now, their `value` being what to show."""
        due_now = dict(self.prompt)
        self.prompt.clear()
        look, whole = self.look, self.whole
        if quick or calm or look or whole:
            for waiting, open_now in ((self._quick, quick), (self._calm, calm)):
                _take(due_now, waiting, now, everything=open_now or whole, rested=look)
        self.hurry = self.whole = False
        turns, ends = self._turns, self._ends
        found = []
        for slot in due_now:
            rested = look and now - slot.moved_at >= REST
            if slot.feeds:
                self._feed(slot, rested=rested)
            if slot.point is None:
                continue
            pace = slot.pace
            due = (
                pace is _NOW
                or (quick if pace is _QUICK else calm)
                or rested
                or not slot.revealed
                or slot in turns
            )
            if not due and slot not in ends:
                self._later(slot)
                continue
            value = slot.decode(now, self.unknown_codes)
            if slot.guard is not None and slot.guard.waiting:
                self._later(slot)
            rested = rested or now - slot.moved_at >= REST
            if self._shows(slot, value, now, due=due, rested=rested):
                slot.value = value
                found.append(slot)
            elif not slot.revealed:
                found.append(slot)
            elif not _same(value, slot.value):
                self._later(slot)
        return found

    def _later(self, slot: Slot) -> None:
        """Keep a slot until its own pace comes."""
        if slot.pace in (_QUICK, _NOW) or not slot.revealed:
            self._quick[slot] = None
        else:
            self._calm[slot] = None

    def _feed(self, slot: Slot, *, rested: bool) -> None:
        """Have what is worked out from a slot worked out anew, at its pace."""
        shapes, stale = slot.shapes, self._stale
        for one in slot.feeds:
            if shapes:
                one.reshape()
            elif one.dormant:
                continue
            waits = one.waits
            if waits is not stale and (
                rested
                or not one.revealed
                or (shapes and one.shaped)
                or one in self._turns
                or one in self._ends
            ):
                waits = stale
            waits[one] = None

    def derived(self, now: float, *, quick: bool, calm: bool) -> list[Derived]:
        """Return the derived values to show or to reveal now; the last step of collecting."""
        due_now = dict(self._stale)
        self._stale.clear()
        look = self.look
        if quick or calm or look:
            for waiting, open_now in ((self._stale_quick, quick), (self._stale_calm, calm)):
                _take(due_now, waiting, now, everything=open_now, rested=look)
        turns, ends = self._turns, self._ends
        found = []
        for one in due_now:
            pace = one.quantity.pace
            reshaped = one.shaped and one.reshaped
            # What is shown at once has no step below which it would have to rest.
            rested = look and pace is not _NOW and now - one.moved_at >= REST
            due = (
                pace is _NOW
                or (quick if pace is _QUICK else calm)
                or rested
                or reshaped
                or not one.revealed
                or one in turns
            )
            if not due and one not in ends:
                one.waits[one] = None
                continue
            if not one.revealed and one.needless():
                continue
            value = one.compute()
            if reshaped:
                self.place(one)
            if self._shows(one, value, now, due=due, rested=rested):
                one.value = value
                found.append(one)
            elif reshaped if one.revealed else one.value is not None:
                # It may be offered (otherwise) now, though its value is the same.
                found.append(one)
            elif not _same(value, one.value):
                (self._stale_calm if one.waits is self._stale_calm else self._stale_quick)[one] = (
                    None
                )
        if turns:
            turns.clear()
        if ends:
            ends.clear()
        self.look = False
        return found

    def _shows(self, one: Shown, value: Value, now: float, *, due: bool, rested: bool) -> bool:
        """Whether a value takes the place of the one that is shown."""
        known = one.value
        if value is known or _same(value, known):
            return False
        if (
            rested
            or not isinstance(value, (float, int))
            or not isinstance(known, (float, int))
            or isinstance(value, bool)
            or isinstance(known, bool)
        ):
            return True
        quantity = one.quantity
        if due and quantity.is_noticeable(known, value):
            return True
        ends = value == 0 or (value == 100 and quantity.unit == "%")
        if ends and one in self._ends and now - one.end_at >= self.interval:
            one.end_at = now
            return True
        return False


def _take[Waiting: (Slot, Derived)](
    due: dict[Waiting, None],
    waiting: dict[Waiting, None],
    now: float,
    *,
    everything: bool,
    rested: bool,
) -> None:
    """Move to `due` what waits, or of it what has come to rest."""
    if everything:
        due |= waiting
        waiting.clear()
    elif rested and waiting:
        for one in [one for one in waiting if now - one.moved_at >= REST]:
            due[one] = None
            del waiting[one]


def _same(value: Value, known: Value) -> bool:
    """Whether two values are the same: 1 is 1.0, and neither is True."""
    return value == known and isinstance(value, bool) is isinstance(known, bool)
