"""Long work in pieces, so that the event loop gets its turn in between."""

import asyncio
from time import monotonic
from typing import Final

PIECE: Final = 0.008
"""Seconds of work after which the event loop gets its turn."""


class Pieces:
    """Watches how long a piece of work takes."""

    def __init__(self) -> None:
        """Begin with the first piece."""
        self._began = monotonic()

    @property
    def is_over(self) -> bool:
        """Whether the piece is long enough."""
        return monotonic() - self._began > PIECE

    async def async_rest(self) -> None:
        """Let others work, and begin the next piece."""
        await asyncio.sleep(0)
        self._began = monotonic()

    async def async_between(self) -> None:
        """Let others work where the piece is long enough; called after each step."""
        if self.is_over:
            await self.async_rest()
