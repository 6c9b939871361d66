"""How the words of a device that speaks by itself come: a broker, a port, an address."""

from collections.abc import Mapping
from typing import Protocol


class TransportLost(Protocol):
    """Is told that nothing can come any more: why (a translation key), and what the text names."""

    def __call__(self, translation_key: str, /, **placeholders: str) -> None:
        """Take the reason."""


class Transport(Protocol):
    """What a coordinator holds to be spoken to; what comes is handed to those that made it."""

    @property
    def connected(self) -> bool:
        """Whether something can come now."""

    async def async_start(self) -> None:
        """Begin to listen.

        Raises ConfigEntryNotReady or ConfigEntryAuthFailed, translated, where that cannot be done.
        """

    async def async_stop(self) -> None:
        """Close what was opened, also where the start failed; nothing comes afterwards."""

    def diagnostics(self) -> Mapping[str, object]:
        """Return what helps in a bug report, without secrets."""
