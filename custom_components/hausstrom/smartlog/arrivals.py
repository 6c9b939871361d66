"""What arrives for one gateway: read, told from the reports of others, and counted."""

from collections import Counter
from datetime import datetime
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback

from ..const import LOGGER
from ..coordinator import HausstromConfigEntry
from .newcomers import Newcomers
from .protocol.model import GatewayReport, Report, ReportError, ReportReason
from .protocol.report import SignatureTable, parse_report
from .senders import Senders
from .unread import Unread

# A body of this size is decoded in about 2 ms; longer ones are decoded beside the event loop.
LONGEST_INLINE: Final = 32_768


class Arrivals:
    """The reports of one entry's gateway, out of everything that comes."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Begin without having heard anything."""
        self._hass = hass
        self._entry = entry
        self._signatures = SignatureTable()
        self._unread = Unread(hass, entry)
        self._shapes: Counter[str] = Counter()
        self.senders = Senders(hass, entry)
        self.newcomers = Newcomers(hass, entry)
        self.counts: Counter[str] = Counter()

    @callback
    def count(self, name: str) -> int:
        """Count something, and return how often that was."""
        self.counts[name] += 1
        return self.counts[name]

    async def async_read(
        self, body: bytes, received: datetime, topic: str | None
    ) -> list[GatewayReport]:
        """Return what a body says of our gateway: nothing, if it only names nobody.

        Raises ReportError, counted, for what is no report and for the report of another gateway.
        """
        try:
            report = await self._async_parse(body, int(received.timestamp()))
        except ReportError as error:
            self._count_refusal(error)
            await self._unread.async_note(body)
            raise
        if topic is not None:
            self.senders.complete(report, topic)
        ours = [one for one in report.gateways if self.senders.is_ours(one)]
        self.counts["foreign_reports"] += len(report.gateways) - len(ours)
        self._shapes[report.shape.value] += 1
        self.counts["bad_meters"] += report.bad_meters
        self.counts["bad_points"] += report.bad_points
        if report.half_read:
            await self._unread.async_note(body, partly=bool(report.points))
        if not ours and report.gateways:
            raise ReportError(ReportReason.FOREIGN, "of another gateway")
        return ours

    async def _async_parse(self, body: bytes, received: int) -> Report:
        if len(body) <= LONGEST_INLINE:
            return parse_report(body, received, self._signatures)
        return await self._hass.async_add_executor_job(
            parse_report, body, received, self._signatures
        )

    @callback
    def _count_refusal(self, error: ReportError) -> None:
        if self.count(f"refused_{error.reason.value}") == 1:
            LOGGER.warning(
                "%s: a report was refused (%s). More of these are only counted;"
                " see the diagnostics of the device",
                self._entry.title,
                error.reason.value,
            )
        LOGGER.debug("%s: %s", self._entry.title, error)

    def diagnostics(self) -> dict[str, Any]:
        """Return counts and shapes; no ids, no labels."""
        return {
            "counts": dict(self.counts),
            "shapes": dict(self._shapes),
            "not_read": self._unread.forms,
            "foreign_gateways": len(self.senders.foreign),
            "meters_waiting": len(self.newcomers.waiting),
        }
