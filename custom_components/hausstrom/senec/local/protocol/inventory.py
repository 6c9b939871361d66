"""Finding out which values a system has: everything is asked for, until everything has answered.

Only an answer says that a system lacks something. What did not answer (a 504, a time-out, half an
answer) keeps what was known of it and is asked again, in smaller and smaller portions.
"""

from collections import deque
from collections.abc import Collection
from itertools import batched
from typing import Final, NamedTuple

from .catalogue import SECTIONS
from .codec import Answer
from .points import Readout, Ref
from .request import inventory_groups, read_body, section_variables, sections_body
from .roster import heard, points_of

_PORTION: Final = 20  # variables at a time of a section that does not answer whole
_PATIENCE: Final = 2  # times a section may fail to answer whole before it is divided
_SILENT_ANSWERS: Final = 3  # answers that do not name the section, after which it counts as none


class Portion(NamedTuple):
    """One request: whole sections, or some variables of a single one."""

    sections: tuple[str, ...]
    variables: tuple[str, ...] = ()

    @property
    def body(self) -> bytes:
        """What is sent."""
        if self.variables:
            return read_body(Ref(self.sections[0], name) for name in self.variables)
        return sections_body(self.sections)


def _parts_of(section: str) -> list[Portion]:
    names = section_variables(section)
    return [Portion((section,), part) for part in batched(names, _PORTION, strict=False)]


class Inventory:
    """What is left to ask for, and what has been answered."""

    __slots__ = (
        "_answer",
        "_failures",
        "_in_a_row",
        "_left",
        "_parts",
        "_parts_answer",
        "_silent",
    )

    def __init__(self) -> None:
        """Begin with nothing left to ask for."""
        self._left: deque[Portion] = deque()
        self._answer = Answer({})
        self._parts: dict[str, Answer] = {}
        """Sections that are answered in parts; they count when the last part is here."""
        self._failures: dict[str, int] = {}
        self._in_a_row = 0
        """Whole sections in a row that did not answer."""
        self._parts_answer = False
        """Whether a part of a section has answered since a whole one last did."""
        self._silent: dict[str, int] = {}

    @property
    def left(self) -> int:
        """How many requests there are still to be sent."""
        return len(self._left)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The sections that are still to be asked for."""
        return tuple(dict.fromkeys(name for portion in self._left for name in portion.sections))

    def begin(self, first: Collection[str] = (), *, one_at_a_time: bool = False) -> None:
        """Ask for everything anew, beginning with the sections named."""
        groups = list(inventory_groups())
        if one_at_a_time:
            groups = [(section,) for section in SECTIONS]
        groups.sort(key=lambda group: not set(first).intersection(group))
        self._left = deque(Portion(group) for group in groups)
        self._answer = Answer({})
        self._parts.clear()
        self._failures.clear()
        self._in_a_row, self._parts_answer = 0, False
        self._silent.clear()

    def body(self) -> bytes:
        """Return the body of the next request. Raises IndexError when nothing is left."""
        return self._left[0].body

    def take(self, answer: Answer) -> None:
        """Take the answer to the request."""
        portion = self._left.popleft()
        if portion.variables:
            self._parts_answer = self._in_a_row >= _PATIENCE
            self._take_part(portion, answer)
            return
        self._in_a_row, self._parts_answer = 0, False
        for section in portion.sections:
            if heard(answer, section):
                self._know(section, answer)
            else:
                self._note_silence(section)

    def _know(self, section: str, answer: Answer) -> None:
        self._answer.sections[section] = answer.sections.get(section, {})

    def _note_silence(self, section: str) -> None:
        """Ask again for a section that an answer left out, a few times; then nothing is known."""
        self._silent[section] = self._silent.get(section, 0) + 1
        if self._silent[section] < _SILENT_ANSWERS:
            self._left.append(Portion((section,)))

    def _take_part(self, portion: Portion, answer: Answer) -> None:
        (section,) = portion.sections
        whole = self._parts.setdefault(section, Answer({section: {}}))
        whole.sections[section].update(answer.sections.get(section, {}))
        if not any(other.sections == portion.sections for other in self._left):
            self._know(section, self._parts.pop(section))

    def give_up(self) -> None:
        """Note that the request was not answered: it comes again, smaller where that is possible."""
        portion = self._left.popleft()
        if len(portion.sections) > 1:
            # A device that is too slow for several sections is so for all groups.
            singles = [Portion((name,)) for one in (portion, *self._left) for name in one.sections]
            whole = dict.fromkeys(singles)
            parts = [one for one in self._left if one.variables]
            named = {one.sections for one in parts}
            self._left = deque([*(one for one in whole if one.sections not in named), *parts])
            return
        if portion.variables:
            self._left.append(portion)
            return
        (section,) = portion.sections
        self._failures[section] = self._failures.get(section, 0) + 1
        self._in_a_row += 1
        if self._parts_answer:
            self._left.appendleft(portion)
            self._divide_all()
            return
        parts = _parts_of(section)
        if not parts or (self._failures[section] < _PATIENCE and self._in_a_row < _PATIENCE):
            self._left.append(portion)
        elif self._in_a_row == _PATIENCE:
            self._left.extendleft(reversed(parts))  # does less of a section answer?
        else:
            self._left.extend(parts)

    def _divide_all(self) -> None:
        """Ask for parts alone: they have answered, and whole sections again and again have not."""
        order = list(SECTIONS)
        self._left = deque(
            part
            for portion in sorted(self._left, key=lambda one: order.index(one.sections[0]))
            for part in ((portion,) if portion.variables else _parts_of(portion.sections[0]))
        )

    def points(self, known: Collection[str]) -> dict[str, Readout]:
        """Return what the system has by what was answered so far; the rest is as it was `known`."""
        return points_of(self._answer, known)

    def end(self) -> None:
        """Forget the answers, once nothing is left."""
        self._answer = Answer({})
