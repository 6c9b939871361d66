"""Reports that were not understood: what they look like, for those who can teach us."""

from typing import Final

from homeassistant.core import HomeAssistant

from ..coordinator import HausstromConfigEntry
from .issues import async_report_unread
from .protocol.skeleton import Skeleton, skeleton_of

MOST_FORMS: Final = 5


class Unread:
    """The forms of reports that were refused or half read; each once, masked."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Begin with none."""
        self._hass = hass
        self._entry = entry
        self.forms: list[Skeleton] = []

    async def async_note(self, body: bytes, *, partly: bool = False) -> None:
        """Keep the form of a body, and ask to send it unless it was read in part.

        A logger sends the same form all day: each is kept once.
        """
        if len(self.forms) >= MOST_FORMS:
            return
        form = await self._hass.async_add_executor_job(skeleton_of, body)
        if form in self.forms:
            return
        self.forms.append(form)
        if not partly:
            async_report_unread(self._hass, self._entry)
