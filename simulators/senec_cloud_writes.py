"""When the simulated cloud does what it was told: at once, some seconds later, or never."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Writes:
    """Every write is answered by 200; what becomes of it is another matter."""

    clock: Callable[[], datetime]
    takes: bool = True
    after_seconds: float = 0.0
    _waiting: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)

    def take(self, change: Callable[[], None]) -> None:
        """Carry a change out, when and if it is."""
        if not self.takes:
            return
        if self.after_seconds:
            due = self.clock() + timedelta(seconds=self.after_seconds)
            self._waiting.append((due, change))
        else:
            change()

    def settle(self) -> None:
        """Carry out what was put off and is due."""
        now = self.clock()
        due = [change for moment, change in self._waiting if moment <= now]
        self._waiting = [item for item in self._waiting if item[0] > now]
        for change in due:
            change()
