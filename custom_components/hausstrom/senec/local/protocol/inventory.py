"""Finding out which values a system has: everything is asked for, once per firmware."""

from .codec import Answer
from .points import Point, points_of
from .request import inventory_groups, sections_body


class Inventory:
    """What is left to ask for, and what has been answered.

    A device that is too slow for several sections at once is asked section by section; a section
    that it cannot even answer alone is left out.
    """

    __slots__ = ("_answer", "_left")

    def __init__(self) -> None:
        """Begin with nothing left to ask for."""
        self._left: list[tuple[str, ...]] = []
        self._answer = Answer({})

    @property
    def left(self) -> int:
        """How many requests there are still to be sent."""
        return len(self._left)

    def begin(self) -> None:
        """Ask for everything anew."""
        self._left = list(inventory_groups())
        self._answer = Answer({})

    def body(self) -> bytes:
        """Return the body of the next request. Raises IndexError when nothing is left."""
        return sections_body(self._left[0])

    def take(self, answer: Answer) -> dict[str, Point] | None:
        """Take the answer to the request; return the system's points once all are answered."""
        self._answer.sections.update(answer.sections)
        return self._next()

    def give_up(self) -> dict[str, Point] | None:
        """Note that the request was not answered; return the points if it was the last one."""
        group = self._left[0]
        if len(group) == 1:
            return self._next()
        self._left = [(section,) for portion in self._left for section in portion]
        return None

    def _next(self) -> dict[str, Point] | None:
        self._left.pop(0)
        if self._left:
            return None
        points = points_of(self._answer)
        self._answer = Answer({})
        return points
