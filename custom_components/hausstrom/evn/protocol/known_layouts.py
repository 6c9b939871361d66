"""Which layouts a meter's telegrams have, and when another one is believed.

What is constant in a layout proves a telegram: two flipped bits that compensate in the sum
leave a trace there more often than not. A meter that really changes says so again.
"""

from collections.abc import Iterator
from copy import copy
from typing import Final, Self

from .errors import Reason, TelegramError
from .layout import Layout
from .plausibility import EXCHANGE

type TelegramShape = tuple[bytes, int, int]
"""What two telegrams must have in common to be read alike: link, security control, size."""

_MOST: Final = 8
_MOST_FORMER: Final = 3


class KnownLayouts:
    """The layouts of one meter, by the shape of the telegram."""

    def __init__(self) -> None:
        """Know none."""
        self._known: dict[TelegramShape, Layout] = {}
        self._former: dict[TelegramShape, tuple[Layout, ...]] = {}
        """Those that were believed before the known ones: a meter may change its scalers to and fro."""
        self._unconfirmed: dict[TelegramShape, tuple[Layout, int]] = {}
        self._restless: set[TelegramShape] = set()
        """Shapes of telegrams in which strings without meaning change."""
        self._texts_changed = -1
        """How many telegrams were believed when such a string last changed."""

    def __copy__(self) -> Self:
        """Return one that learns by itself from here on."""
        other = type(self)()
        for name, value in vars(self).items():
            setattr(other, name, copy(value))
        return other

    def __iter__(self) -> Iterator[Layout]:
        """Yield all of them."""
        return iter(self._known.values())

    def get(self, shape: TelegramShape) -> Layout | None:
        """Return the layout of telegrams of a shape."""
        return self._known.get(shape)

    def learn(
        self,
        shape: TelegramShape,
        layout: Layout,
        *,
        accepted: int,
        proven: bool,
        at_once: bool = False,
    ) -> bool:
        """Let telegrams of a new layout (or of a new meter number) pass when repeated.

        `accepted`: how many telegrams were believed so far. `at_once`: enough were held back
        already. Returns whether two telegrams of
        a start look alike: where not, the second is a first one. Raises TelegramError
        (UNCONFIRMED) for what has to be repeated.
        """
        if shape in self._restless:
            layout = layout.without_texts()
        known = self._known.get(shape)
        # What cannot be read in two steps (a float, a text that grows) is a new layout each time.
        same = known is not None and known.same_as(layout)
        if not same and not proven and known is not None and known.differs_in_texts_only(layout):
            same = self._texts_change(accepted)
            if same:
                self._restless.add(shape)
                layout = layout.without_texts()
            elif accepted and not at_once:
                raise TelegramError(Reason.UNCONFIRMED, "a string of this meter looked different")
        same = same or any(map(layout.differs_in_length_only, self._known.values()))
        former = self._former.get(shape, ())
        same = same or any(map(layout.same_as, former))
        if not accepted:
            # The first telegram is as doubtful as any: two that agree look alike.
            alike = same or not self._known
            self._known = {shape: layout}
            return alike
        if not proven and not same:
            self._confirm(shape, layout, at_once=at_once)
        if len(self._known) >= _MOST:
            self._known.clear()
            self._former.clear()
        if known is not None and not known.same_as(layout):
            others = [one for one in former if not one.same_as(layout)]
            self._former[shape] = (known, *others)[:_MOST_FORMER]
        self._known[shape] = layout
        return True

    def _texts_change(self, accepted: int) -> bool:
        """Whether a string that nobody reads changed in two telegrams in a row.

        A flipped bit in a name may be the only trace of another one in a value.
        """
        before, self._texts_changed = self._texts_changed, accepted
        return before == accepted

    def _confirm(self, shape: TelegramShape, layout: Layout, *, at_once: bool) -> None:
        first, times = self._unconfirmed.get(shape, (layout, 0))
        times = times + 1 if first.same_as(layout) else 1
        if len(self._unconfirmed) >= _MOST:
            self._unconfirmed.clear()
        self._unconfirmed[shape] = (layout, times)
        if times < EXCHANGE and not at_once:
            raise TelegramError(Reason.UNCONFIRMED, "telegrams of this meter looked different")
        del self._unconfirmed[shape]
