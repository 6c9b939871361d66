"""Meters that appear by themselves: how many may, and which have to wait for the user's word."""

from collections.abc import Collection
from typing import Final

from homeassistant.core import HomeAssistant, callback

from ..coordinator import HausstromConfigEntry
from .const import CONF_MOST_METERS
from .issues import async_ask_for_meters, async_withdraw_meters
from .protocol.gateway import MAX_METERS
from .protocol.model import MeterReport

MOST_NEW: Final = 250
"""Meters that may appear by themselves once some are known; a question follows."""


class Newcomers:
    """The bound on one entry's meters.

    Radio carries the meters of neighbours too, and whoever can post can invent numbers. The
    first report is taken as it is, since its summary was shown when the entry was set up.
    """

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Take the limit from the options; without one it follows what is there."""
        self._hass = hass
        self._entry = entry
        self._limit: int | None = entry.options.get(CONF_MOST_METERS)
        self.waiting: set[str] = set()
        """The numbers of the meters that were left out."""

    @callback
    def allowed(self, meters: list[MeterReport], known: Collection[str]) -> list[MeterReport]:
        """Leave out meters beyond the number that may appear by themselves, and ask.

        `known` are the numbers of the meters that are there.
        """
        if not known:
            return meters
        if self._limit is None:
            # Of what was there at first: one by one they would double it again and again.
            self._limit = max(MOST_NEW, 2 * len(known))
        new = sorted({meter.id for meter in meters} - set(known))
        room = self._limit - len(known)
        if len(new) <= room:
            if self.waiting.intersection(new):
                self._have_come(new)
            return meters
        left_out = set(new[max(room, 0) :])
        before = len(self.waiting)
        if before < MAX_METERS:
            self.waiting |= left_out
        if len(self.waiting) != before:
            full = max(self._limit, len(known))
            async_ask_for_meters(self._hass, self._entry, full, sorted(self.waiting))
        return [meter for meter in meters if meter.id not in left_out]

    def _have_come(self, new: list[str]) -> None:
        """Forget those that found room after all: others were removed."""
        self.waiting.difference_update(new)
        if not self.waiting:
            async_withdraw_meters(self._hass, self._entry)
