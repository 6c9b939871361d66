"""Pacing: many changes, few writes, and never the last change lost."""

from collections.abc import Callable, Iterable

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later


class Pacer:
    """Pass keys on at most once per interval.

    The first change after a quiet time passes at once and opens a window; what changes
    while the window is open passes together when it closes, each key once.
    """

    def __init__(
        self, hass: HomeAssistant, interval: float, write: Callable[[Iterable[str]], None]
    ) -> None:
        """Pace calls of write to one per interval (seconds; 0: every change passes)."""
        self._hass = hass
        self._interval = interval
        self._write = write
        self._waiting: set[str] = set()
        self._window: CALLBACK_TYPE | None = None

    @callback
    def mark(self, keys: Iterable[str]) -> None:
        """Say that the values of these keys changed."""
        if self._window is not None:
            self._waiting.update(keys)
            return
        self._open_window()
        self._write(keys)

    @callback
    def forget(self) -> None:
        """Drop what waits: somebody has written everything."""
        self._waiting.clear()

    @callback
    def stop(self) -> None:
        """Drop what waits and close the window."""
        self._waiting.clear()
        if self._window is not None:
            self._window()
            self._window = None

    @callback
    def _open_window(self) -> None:
        if self._interval > 0:
            self._window = async_call_later(
                self._hass,
                self._interval,
                HassJob(self._close_window, "hausstrom pacing", cancel_on_shutdown=True),
            )

    @callback
    def _close_window(self, _now: object) -> None:
        self._window = None
        if self._waiting:
            waiting, self._waiting = self._waiting, set()
            self._open_window()
            self._write(waiting)
